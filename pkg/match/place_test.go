package match

import (
	"testing"

	"github.com/otelsim/otelsim/pkg/corpus/ids"
)

// A trace of any part of a request is of the segment of its iteration, those of who
// consumes messages among them.
func TestEveryPartOfARequestIsOfItsSegment(t *testing.T) {
	p := places{key: ids.New(7), segments: 2, iterations: 20, each: 10}
	for part := range uint32(ids.MaxParts) {
		for iteration, want := range map[uint64]uint64{3: 0, 13: 1, 20: p.strangers()} {
			id := p.key.TraceID(ids.Origin{Iteration: iteration, Turn: 1, Part: part}, 99)
			if got := p.ofTrace(id); got != want {
				t.Errorf("part %d of iteration %d is of segment %d, want %d", part, iteration, got, want)
			}
		}
	}
}
