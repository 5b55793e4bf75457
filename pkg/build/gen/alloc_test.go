package gen_test

import (
	"testing"

	"github.com/otelsim/otelsim/pkg/build/gen"
	"github.com/otelsim/otelsim/pkg/build/plan"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// A generator that has made each scenario once needs no more memory for any.
func TestIterationsAllocateNothing(t *testing.T) {
	p := plans()[0]
	n := uint64(len(p.Scenarios))
	if got := allocations(t, p, n); got > 0 {
		t.Errorf("%d iterations: %v allocations", n, got)
	}
}

// allocations is how many a generator needs for n iterations that it has made
// before.
func allocations(t *testing.T, p *plan.Plan, n uint64) float64 {
	t.Helper()
	g, err := gen.New(p, gen.Config{Seed: 42, Count: n, SegmentIterations: n, Start: 1e18, Interval: 5e8, EachOnce: true})
	if err != nil {
		t.Fatal(err)
	}
	traces := &otlp.Traces{Strings: p.Strings}
	done := func() error {
		traces.Reset()
		return nil
	}
	all := func() {
		for i := range n {
			if err := g.Iteration(i, traces, done); err != nil {
				t.Fatal(err)
			}
		}
	}
	all()
	return testing.AllocsPerRun(3, all)
}
