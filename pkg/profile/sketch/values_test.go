package sketch

import (
	"slices"
	"testing"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// TestLeastTrace: of the traces that have a value the least is known, in any order and
// from parts.
func TestLeastTrace(t *testing.T) {
	traces := []uint64{9, 4, 0, 7}
	for range 2 {
		whole, part := NewValues(4), NewValues(4)
		for i, trace := range traces {
			[]*Values{whole, part}[i%2].Add(otlp.KindString, []byte("a"), trace)
		}
		whole.Merge(part)
		if x := whole.Kept()[0]; x.Trace != 4 || x.Traces != 3 {
			t.Errorf("got %d as the least of %d", x.Trace, x.Traces)
		}
		slices.Reverse(traces)
	}
}
