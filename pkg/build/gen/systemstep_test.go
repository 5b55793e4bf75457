package gen_test

import (
	"fmt"
	"slices"
	"testing"
)

const stepping = `
name: stepping
in_step: %v
services:
  web: {operations: {GET /: {own: {distribution: exponential, mean: 20}, calls: [{call: db.SELECT a, network: 0}, {call: db.SELECT b, network: 0}]}}}
  db: {protocol: db, operations: {SELECT a: {own: {distribution: exponential, mean: 5}}, SELECT b: {own: {distribution: uniform, min: 1, max: 9}}}}
`

// TestSpansInStep: of spans that are in step each lasts as long, of what it may, as the others
// of its request, and all of them as long as they did.
func TestSpansInStep(t *testing.T) {
	const n = 10_000
	for _, share := range []float64{0, 0.6, 1} {
		p := system(t, fmt.Sprintf(stepping, share))
		var a, b []float64
		long, most := 0, 0
		runSystem(t, p, 5, n, func(m *answered) {
			for i := range m.t.Spans {
				d := float64(m.t.Spans[i].End-m.t.Spans[i].Start) / 1e6
				switch m.name(i) {
				case "SELECT a":
					a = append(a, d)
				case "SELECT b":
					b = append(b, d)
				}
			}
		})
		for i := range a { // medians are 5 ln 2 and 5
			x, y := a[i] > 3.4657, b[i] > 5
			if x {
				most++
			}
			if x == y {
				long++
			}
		}
		near(t, fmt.Sprintf("%v: above the median", share), most, n, 0.5)
		near(t, fmt.Sprintf("%v: both on one side of it", share), long, n, (1+share*share)/2)
		slices.Sort(b)
		if b[0] < 1 || b[n-1] > 9.1 {
			t.Errorf("%v: from %v to %v ms, want 1 to 9", share, b[0], b[n-1])
		}
	}
}

const leading = `
name: leading
services:
  web:
    operations:
      GET /:
        own: {distribution: constant, value: 10}
        calls:
          - {span: usual, own: {distribution: constant, value: 10}, calls: [{span: first, own: {distribution: constant, value: 2}}]}
        lead: 75%
`

// TestLead: so much of its own time is before the calls of a span, a tenth where it says nothing.
func TestLead(t *testing.T) {
	runSystem(t, system(t, leading), 5, 3, func(m *answered) {
		starts := map[string]uint64{}
		for i := range m.t.Spans {
			starts[m.name(i)] = m.t.Spans[i].Start
		}
		if got := starts["usual"] - starts["GET /"]; got != 7_500_000 {
			t.Errorf("%d ns before the first call, want 7.5 ms", got)
		}
		if got := starts["first"] - starts["usual"]; got != 1_000_000 {
			t.Errorf("%d ns before the call of what says nothing, want 1 ms", got)
		}
	})
}
