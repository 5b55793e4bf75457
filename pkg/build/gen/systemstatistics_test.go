package gen_test

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"testing"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// sigmas is how far a share or a mean may be from what it should be, in standard
// deviations: farther it comes by chance once in some 10^9 times.
const sigmas = 6

// near fails unless a share of n trials is as likely as p.
func near(t *testing.T, what string, hits, n int, p float64) {
	t.Helper()
	if got, tolerance := float64(hits)/float64(n), sigmas*math.Sqrt(p*(1-p)/float64(n)); math.Abs(got-p) > tolerance || n == 0 {
		t.Errorf("%s: %.4f of %d, want %.4f +- %.4f", what, got, n, p, tolerance)
	}
}

const statistical = `
name: statistical
services:
  web:
    operations:
      GET /:
        own: 5
        error: {rate: 0.1, types: [500, 503], type_weights: {500: 3, 503: 1}}
        calls:
          - {one_of: [{call: "web2.GET /a", weight: 3}, {call: "web2.GET /b", weight: 1}]}
          - {call: "slow.GET /slow", timeout: 50, network: 0, optional: true}
          - {call: flaky.Call, retry: {max_attempts: 3}, optional: true, probability: 0.6}
          - {call: q.in, queue: {distribution: exponential, mean: 40}}
          - {call: grpc.Get, optional: true, count: {min: 1, max: 4}}
  web2: {operations: {GET /a: {own: 1}, GET /b: {own: 1}}}
  slow: {operations: {GET /slow: {latency: {distribution: exponential, mean: 50}}}}
  flaky: {protocol: grpc, operations: {Call: {own: 1, error: {rate: 0.3, types: [UNAVAILABLE]}}}}
  grpc: {protocol: grpc, operations: {Get: {own: 1, attributes: {who: {pattern: "u-{hex:12}", pool: 200, zipf: 1.2}}}}}
  q: {protocol: messaging, operations: {in: {own: 1}}}
`

// What a scenario says is what its data says.
func TestSystemsCanBeReadOffTheirData(t *testing.T) {
	const n = 20_000
	p := system(t, statistical)
	counts := map[string]int{}
	queue, squares := 0.0, 0.0
	who := map[string]int{}
	runSystem(t, p, 3, n, func(m *answered) {
		attempts, last := 0, ""
		for i := range m.t.Spans {
			x := &m.t.Spans[i]
			name := m.name(i)
			switch {
			case name == "GET /" && x.Status == otlp.StatusError:
				counts["failed"]++
				counts["failed with "+m.attr(i, "error.type")]++
			case name == "flaky/Call" && x.Kind == otlp.SpanKindClient:
				attempts++
				last = m.attr(i, "rpc.status_code")
			case name == "process in":
				from := &m.t.Spans[0]
				for k := range m.t.Spans {
					if m.t.Spans[k].SpanID == m.t.Links[x.Links.Start].SpanID {
						from = &m.t.Spans[k]
					}
				}
				wait := float64(x.Start-from.End) / 1e6
				queue += wait
				squares += wait * wait
			case name == "GET" && m.attr(i, "url.full") == "http://slow:8080/slow":
				counts["slow"]++
				if m.attr(i, "error.type") == "timeout" {
					counts["cut"]++
				}
			case name == "grpc/Get" && x.Kind == otlp.SpanKindServer:
				who[m.attr(i, "who")]++
				counts["got"]++
			}
			counts[name]++
		}
		if attempts > 0 {
			counts["calls"]++
			counts[fmt.Sprint("attempts ", attempts)]++
			if last == "OK" {
				counts["made good"]++
			}
		}
	})
	near(t, "failures", counts["failed"], n, 0.1)
	near(t, "of them 503", counts["failed with 503"], counts["failed"], 0.25)
	near(t, "first branch", counts["GET /a"], counts["GET /a"]+counts["GET /b"], 0.75)
	near(t, "timeouts", counts["cut"], counts["slow"], math.Exp(-1))
	near(t, "probability", counts["calls"], n, 0.6)
	near(t, "one attempt", counts["attempts 1"], counts["calls"], 0.7)
	near(t, "two attempts", counts["attempts 2"], counts["calls"], 0.3*0.7)
	near(t, "retried with success", counts["made good"], counts["calls"], 1-0.3*0.3*0.3)
	if mean := queue / n; math.Abs(mean-40) > sigmas*40/math.Sqrt(n) {
		t.Errorf("queue: %.2f ms in the mean, want 40", mean)
	}
	if moment := squares / n; math.Abs(moment-3200) > sigmas*3200*math.Sqrt(5)/math.Sqrt(n) { // the fourth moment is 24 x 40^4
		t.Errorf("queue: a second moment of %.0f, want 3200", moment)
	}
	if mean := float64(counts["got"]) / n; math.Abs(mean-2.5) > sigmas*math.Sqrt(1.25/n) {
		t.Errorf("count: %.3f in the mean, want 2.5", mean)
	}
	zipf(t, who, counts["got"], 200, 1.2)
}

// zipf fails unless values were drawn by Zipf's law with the exponent: the one of
// the greatest likelihood is within a tolerance of it.
func zipf(t *testing.T, values map[string]int, n, pool int, exponent float64) {
	t.Helper()
	if len(values) > pool {
		t.Errorf("%d values, want at most %d", len(values), pool)
	}
	// Ranks are by frequency, which is the order of the pool where that is told apart;
	// the mean of ln rank has the expectation that the exponent gives it.
	moments := func(s float64) (mean, variance float64) {
		total, sum, squares := 0.0, 0.0, 0.0
		for k := 1; k <= pool; k++ {
			w, l := math.Pow(float64(k), -s), math.Log(float64(k))
			total, sum, squares = total+w, sum+w*l, squares+w*l*l
		}
		mean = sum / total
		return mean, squares/total - mean*mean
	}
	sorted := slices.Sorted(maps.Values(values))
	slices.Reverse(sorted)
	seen := 0.0
	for i, k := range sorted {
		seen += float64(k) * math.Log(float64(i+1))
	}
	seen /= float64(n)
	mean, variance := moments(exponent)
	// Sorting by frequency moves the mean down a little: by less than a hundredth here.
	if tolerance := sigmas*math.Sqrt(variance/float64(n)) + 0.01; math.Abs(seen-mean) > tolerance {
		t.Errorf("ln rank is %.4f in the mean, want %.4f +- %.4f", seen, mean, tolerance)
	}
	if other, _ := moments(exponent + 0.1); math.Abs(seen-other) < math.Abs(seen-mean) {
		t.Errorf("an exponent of %.1f explains the values better than %.1f", exponent+0.1, exponent)
	}
}
