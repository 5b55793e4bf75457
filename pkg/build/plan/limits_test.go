package plan

import (
	"math"
	"testing"
)

func TestProductsStopAtTheirLimit(t *testing.T) {
	for _, row := range []struct{ a, b, limit, want uint64 }{
		{3, 4, 100, 12}, {3, 40, 100, 100}, {math.MaxUint64, 2, 100, 100}, {1 << 40, 1 << 40, math.MaxUint64, math.MaxUint64}, {0, 5, 100, 0},
	} {
		if got := times(row.a, row.b, row.limit); got != row.want {
			t.Errorf("%d times %d, at most %d: got %d, want %d", row.a, row.b, row.limit, got, row.want)
		}
	}
}

// What is around a node takes at least as much as the node.
func TestWorstCasesGrowUpwards(t *testing.T) {
	eachNode(t, func(_ *Plan, s *Scenario, n *Node) {
		x := attempt(n)
		for i := range n.Children {
			if c := worstCase(&n.Children[i]); c.spans >= x.spans && x.spans <= MaxSpansPerTrace || once(&n.Children[i]).time > x.time {
				t.Errorf("%s: %s: %d spans and %d ns, and its child %s %d and %d", s.Name, n.Class, x.spans, x.time, n.Children[i].Class, c.spans, c.time)
			}
		}
	})
}

func TestScenariosStayWithinTheLimits(t *testing.T) {
	for _, unified := range []bool{false, true} {
		for _, s := range compiled(t, unified).Scenarios {
			if s.MaxSpans < 1 || s.MaxSpans > MaxSpansPerTrace || s.MaxDuration == 0 || s.MaxDuration > maxIteration || s.MaxBytes == 0 || s.MaxBytes > maxIterationBytes {
				t.Errorf("%s: %d spans, %d ns, %d bytes", s.Name, s.MaxSpans, s.MaxDuration, s.MaxBytes)
			}
		}
	}
}
