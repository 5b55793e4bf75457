package intake

import (
	"encoding/binary"
	"testing"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// TestIDsThatAreNumbers: spans are found at once, wherever in their ids the numbers stand
// that tell them apart.
func TestIDsThatAreNumbers(t *testing.T) {
	const n = 30_000
	for shift := range 49 { // the number has 15 bits
		var table spanTable
		table.reset(n)
		spans := make([]Span, 0, n)
		for i := range uint64(n) {
			var id otlp.SpanID
			binary.BigEndian.PutUint64(id[:], (i+1)<<shift)
			if !table.add(spans, id) {
				t.Fatalf("shift %d: %x is there", shift, id)
			}
			spans = append(spans, Span{ID: id})
		}
		row, longest := 0, 0
		for _, x := range table.slots {
			if row++; x == 0 {
				row = 0
			}
			longest = max(longest, row)
		}
		if longest > 200 {
			t.Errorf("shift %d: %d spans in a row of the table", shift, longest)
		}
	}
}
