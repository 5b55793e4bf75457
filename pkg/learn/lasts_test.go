package learn

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/otelsim/otelsim/pkg/profile/sketch"
)

// TestOwnTimeOrLatency: spans that add their own time to what calls take are said by it, be
// they few too, and those that last so long whatever calls take by how long that is, though
// some calls take longer. What goes with calls otherwise is own time, and so is what may be
// either by chance.
func TestOwnTimeOrLatency(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	drawn := func(ms, sigma float64) float64 { return math.Round(1e6 * ms * math.Exp(sigma*r.NormFloat64())) }
	added := func(own, calls float64) float64 { return own + calls }
	latency := func(all, calls float64) float64 { return max(all, calls) }
	alike := func(own, calls float64) float64 { return own + 3*calls }
	against := func(own, calls float64) float64 { return calls + own*math.Sqrt(5e6/calls) }
	type row struct {
		name              string
		spans             int
		ms, sigma         float64 // of what a span draws
		calls, callsSigma float64 // 0: there are none
		all               func(drawn, calls float64) float64
		want              string
	}
	rows := []row{
		{"own time", 20_000, 30, 0.4, 20, 0.6, added, "own"},
		{"own time beside calls that vary", 20_000, 5, 0.4, 80, 0.9, added, "own"},
		{"own time of few", 30, 30, 0.4, 20, 0.6, added, "own"},
		{"own time that is long where calls are", 20_000, 5, 0.4, 20, 0.6, alike, "own"},
		{"latency", 20_000, 33, 0.3, 20, 0.6, latency, "latency"},
		{"latency that calls pass half of the time", 20_000, 30, 0.3, 30, 0.8, latency, "latency"},
		{"latency that nothing passes", 20_000, 200, 0.2, 20, 0.8, latency, "latency"},
		{"latency without calls", 20_000, 33, 0.3, 0, 0, latency, "own"},
		{"own time that is short where calls are long", 20_000, 30, 0.4, 5, 0.6, against, "own"},
	}
	for range 12 { // more than half of them would be latency if chance had no room
		rows = append(rows, row{"latency of which too few tell", 100, 30, 0.4, 60, 0.6, latency, "own"})
	}
	for _, c := range rows {
		l := newLasts()
		for range c.spans {
			length, calls := drawn(c.ms, c.sigma), 0.0
			if c.calls > 0 {
				calls = drawn(c.calls, c.callsSigma)
				l.covered.Add(calls)
			}
			all := c.all(length, calls)
			l.duration.Add(all)
			l.own.Add(all - calls)
		}
		key, of := l.said()
		if key != c.want {
			t.Errorf("%s: said by %s", c.name, key)
		}
		want := new(sketch.Numbers)
		for range 20_000 {
			want.Add(drawn(c.ms, c.sigma))
		}
		if d := sketch.KS(of, want); key == "latency" && d > 0.03 {
			t.Errorf("%s: %v from what was drawn: %v, %v", c.name, d, of.Quantile(0.5), want.Quantile(0.5))
		}
	}
}
