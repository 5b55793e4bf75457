package learn

import (
	"maps"
	"math"
	"slices"

	"github.com/otelsim/otelsim/pkg/profile"
)

// Bounds of what is told of requests that are slow throughout.
const (
	leastInStep = 0.15 // correlation of own times with those of children, from which on
	fewestStep  = 200  // pairs of both
)

// inStep is the share of spans that are as slow as others of their request; 0: each by itself.
// How slow a span is goes with its children where both are in step, so that the share is the
// root of the correlation.
func (w *writer) inStep() float64 {
	sum, n := 0.0, 0.0
	for _, id := range slices.Sorted(maps.Keys(w.g.p.Classes)) {
		c := w.g.p.Classes[id]
		for _, h := range slices.Sorted(maps.Keys(c.Productions)) {
			if x := c.Productions[h]; x.Traces >= w.g.k {
				sum += float64(float64(x.Step.N) * x.Step.Correlation())
				n += float64(x.Step.N)
			}
		}
	}
	if n < fewestStep || sum < float64(leastInStep*n) {
		return 0
	}
	return math.Sqrt(sum / n)
}

// Bounds of what is told of own time before calls.
const (
	usualLead = 0.1  // the share of it where nothing is said
	leadApart = 0.05 // from that, at least
)

// lead is the share of the own time of the spans of a class that is before what they call;
// false: about as much as where nothing is said. What nobody waits for tells nothing of it: it may
// happen to end before the span.
func (w *writer) lead(c *class) (float64, bool) {
	loose := make(map[profile.ClassID]bool)
	for _, x := range c.Productions { // order-free: a set
		for _, r := range slices.Concat(x.Groups...) {
			loose[r.Class] = loose[r.Class] || r.Async
		}
	}
	sum, n := 0.0, 0.0
	for _, h := range slices.Sorted(maps.Keys(c.Productions)) {
		x := c.Productions[h]
		waits := func(r profile.Run) bool { return loose[r.Class] && !r.Async }
		if x.Traces >= w.g.k && !slices.ContainsFunc(slices.Concat(x.Groups...), waits) {
			sum, n = sum+x.Lead.Float()/1000, n+float64(x.Step.N)
		}
	}
	if n < float64(w.g.k) || math.Abs(sum/n-usualLead) < leadApart {
		return usualLead, false
	}
	return sum / n, true
}
