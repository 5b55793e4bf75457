package build

import (
	"math"
	"slices"
	"testing"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// TestTimelines checks the layout of every trace: children inside parents, one
// after another unless they run at the same time, backoffs as gaps, a tenth of
// the slack before the first of them.
func TestTimelines(t *testing.T) {
	g := generator(t, bundledPlan(t), run(300))
	checked, waits, parallel := 0, 0, 0
	for i := range uint64(300) {
		g.Iteration(i, func(r *otlp.Traces) {
			for p, parent := range r.Spans {
				if parent.End < parent.Start {
					t.Fatalf("iteration %d: span %d ends before it starts", i, p)
				}
				at, first, failed, served := uint64(0), uint64(0), false, false
				for _, c := range r.Spans {
					if c.TraceID != parent.TraceID || c.ParentID != parent.SpanID {
						continue
					}
					if c.Start < parent.Start || c.End > parent.End {
						t.Fatalf("iteration %d: child outside of span %d", i, p)
					}
					served = served || r.Strings.String(c.Name) == "vendor.mcp.tool.serve"
					wait, again := attrsOf(r, c.Attrs)["vendor.retry.backoff.ms"].(int64)
					switch {
					case at == 0:
						first = c.Start
					case failed && r.Strings.String(c.Name) == "vendor.llm.call":
						waits++ // of a length that no attribute tells
					case c.Start == first:
						parallel++
					case again && within(c.Start-at, wait):
						waits++
					case again || c.Start != at:
						t.Fatalf("iteration %d: a child of span %d starts %d ns after the one before ended; backoff %d ms", i, p, int64(c.Start-at), wait)
					}
					at, failed = max(at, c.End), c.Status == otlp.StatusError
					checked++
				}
				if at == 0 {
					continue
				}
				slack := parent.End - parent.Start - (at - first)
				before := slack / 10
				if served {
					before = slack / 2 // as long on the way there as on the way back
				}
				if first-parent.Start != before {
					t.Fatalf("iteration %d: %d ns before the first child of span %d, slack %d", i, first-parent.Start, p, slack)
				}
			}
		})
	}
	if checked == 0 || waits == 0 || parallel == 0 {
		t.Fatalf("checked %d children, %d after a wait, %d at the same time as another", checked, waits, parallel)
	}
}

// within reports whether a time in nanoseconds is one in milliseconds, rounded.
func within(nanos uint64, millis int64) bool {
	return (int64(nanos)+500_000)/1_000_000 == millis
}

const sampled = `
name: sampled
context: {tenant: brackenwell, agent: care-assistant-01, mcp_server: phone}
root:
  type: a2a.orchestrate
  latency: 0
  children:
    - {type: planner, latency: {distribution: log_normal, median_ms: 120, sigma: 0.7}}
    - {type: response.compose, latency: 50}
    - {type: rag.retrieve, latency: {distribution: constant, value_ms: 12.5}, probability: 0.3}
    - {type: a2a.call, latency: 0, count: {distribution: poisson, lambda: 2, min: 0}}
`

// durations returns the durations in milliseconds of the spans of a name over
// n iterations, and how many iterations have how many of them.
func durations(t *testing.T, definition, scenario, name string, n int) (ms []float64, counts map[int]int) {
	t.Helper()
	in := withDefinition(bundled(t), "own.yaml", definition)
	g := generator(t, compiled(t, in, Options{Scenarios: []string{scenario}}), run(uint64(n)))
	counts = map[int]int{}
	for i := range uint64(n) {
		found := 0
		g.Iteration(i, func(r *otlp.Traces) {
			for _, s := range r.Spans {
				if r.Strings.String(s.Name) == name {
					ms = append(ms, float64(s.End-s.Start)/1e6)
					found++
				}
			}
		})
		counts[found]++
	}
	slices.Sort(ms)
	return ms, counts
}

// maxErrors is how many standard errors an estimate may be off. At five, an
// honest sample fails less than once in a million.
const maxErrors = 5

// logStats returns the mean and standard deviation of the logarithms, which
// estimate ln(median) and sigma of a log-normal.
func logStats(ms []float64) (mu, sigma float64) {
	for _, v := range ms {
		mu += math.Log(v)
	}
	mu /= float64(len(ms))
	for _, v := range ms {
		sigma += (math.Log(v) - mu) * (math.Log(v) - mu)
	}
	return mu, math.Sqrt(sigma / float64(len(ms)-1))
}

// checkLogNormal compares a sample with a log-normal. The standard error of mu
// is sigma/sqrt(n), that of sigma is sigma/sqrt(2(n-1)).
func checkLogNormal(t *testing.T, ms []float64, median, sigma float64) {
	t.Helper()
	n := float64(len(ms))
	mu, s := logStats(ms)
	if off, limit := math.Abs(mu-math.Log(median)), maxErrors*sigma/math.Sqrt(n); off > limit {
		t.Errorf("median %.3f ms, want %.3f: off by %.5f in the logarithm, limit %.5f for %d samples", math.Exp(mu), median, off, limit, len(ms))
	}
	if off, limit := math.Abs(s-sigma), maxErrors*sigma/math.Sqrt(2*(n-1)); off > limit {
		t.Errorf("sigma %.5f, want %.5f: limit %.5f for %d samples", s, sigma, limit, len(ms))
	}
}

func TestConfiguredDurationsAreRecoveredAtLeaves(t *testing.T) {
	const n = 20_000
	planner, _ := durations(t, sampled, "sampled", "vendor.planner", n)
	checkLogNormal(t, planner, 120, 0.7)
	// A plain number is a mean, with a coefficient of variation of 0.3:
	// sigma^2 = ln(1 + 0.3^2), median = mean / sqrt(1 + 0.3^2).
	compose, _ := durations(t, sampled, "sampled", "vendor.response.compose", n)
	checkLogNormal(t, compose, 50/math.Sqrt(1.09), math.Sqrt(math.Log(1.09)))
	if mean(compose) < 50*(1-maxErrors*0.3/math.Sqrt(n)) || mean(compose) > 50*(1+maxErrors*0.3/math.Sqrt(n)) {
		t.Errorf("mean %.3f ms, want 50", mean(compose))
	}
}

// TestRecoveryNoticesAWrongDistribution plants what the check above must see.
func TestRecoveryNoticesAWrongDistribution(t *testing.T) {
	ms, _ := durations(t, sampled, "sampled", "vendor.planner", 20_000)
	for i, v := range ms {
		ms[i] = v * 1.03
	}
	mu, _ := logStats(ms)
	if math.Abs(mu-math.Log(120)) < maxErrors*0.7/math.Sqrt(20_000) {
		t.Error("durations that are 3 % too long pass for the configured ones")
	}
}

func mean(v []float64) float64 {
	sum := 0.0
	for _, x := range v {
		sum += x
	}
	return sum / float64(len(v))
}

func TestConstantsPresenceAndCounts(t *testing.T) {
	const n = 20_000
	retrievals, counts := durations(t, sampled, "sampled", "rag.retrieve", n)
	if retrievals[0] != 12.5 || retrievals[len(retrievals)-1] != 12.5 {
		t.Errorf("constant 12.5 ms gives %g to %g", retrievals[0], retrievals[len(retrievals)-1])
	}
	// A proportion p of n has the standard error sqrt(p(1-p)/n).
	share := float64(counts[1]) / n
	if off, limit := math.Abs(share-0.3), maxErrors*math.Sqrt(0.3*0.7/n); off > limit {
		t.Errorf("probability 0.3 gives %.4f, off by %.4f, limit %.4f", share, off, limit)
	}
	calls, counts := durations(t, sampled, "sampled", "a2a.call", n)
	if calls[len(calls)-1] != 0 {
		t.Errorf("latency 0 gives %g ms", calls[len(calls)-1])
	}
	average := float64(len(calls)) / n
	if off, limit := math.Abs(average-2), maxErrors*math.Sqrt(2.0/n); off > limit {
		t.Errorf("Poisson count with mean 2 gives %.4f, limit %.4f", average, limit)
	}
	for k := range 6 {
		p := math.Exp(-2) * math.Pow(2, float64(k)) / math.Gamma(float64(k)+1)
		got := float64(counts[k]) / n
		if off, limit := math.Abs(got-p), maxErrors*math.Sqrt(p*(1-p)/n); off > limit {
			t.Errorf("count %d: share %.4f, want %.4f within %.4f", k, got, p, limit)
		}
	}
}

const nothing = `
name: nothing
context: {tenant: brackenwell, agent: care-assistant-01, mcp_server: phone}
root:
  type: a2a.orchestrate
  latency: 0
  children:
    - {type: planner, count: 0}
    - {type: response.compose, probability: 0}
    - {type: rag.retrieve, latency: 0}
`

func TestZeroMeansZero(t *testing.T) {
	for _, name := range []string{"vendor.planner", "vendor.response.compose"} {
		if ms, _ := durations(t, nothing, "nothing", name, 50); len(ms) != 0 {
			t.Errorf("%s: %d spans, want none", name, len(ms))
		}
	}
	ms, _ := durations(t, nothing, "nothing", "rag.retrieve", 50)
	if len(ms) != 50 || ms[49] != 0 {
		t.Errorf("%d retrievals, the longest %g ms; want 50 of 0 ms", len(ms), ms[len(ms)-1])
	}
}

func TestThinkTimeIsBetweenTurns(t *testing.T) {
	g := generator(t, compiled(t, bundled(t), Options{Scenarios: []string{"new_claim_phone_multi_turn"}}), run(2000))
	var gaps []float64
	for i := range uint64(2000) {
		end := uint64(0)
		g.Iteration(i, func(r *otlp.Traces) {
			if end > 0 {
				gaps = append(gaps, float64(r.Spans[0].Start-end)/1e6)
			}
			end = r.Spans[len(r.Spans)-1].End
			for _, s := range r.Spans {
				end = max(end, s.End)
			}
		})
	}
	checkLogNormal(t, gaps, thinkMedian, thinkSigma)
}

// What definitions/new_claim_phone_multi_turn.yaml says.
const (
	thinkMedian = 9000
	thinkSigma  = 0.55
)

func TestNoAllocationInTheSteadyState(t *testing.T) {
	for _, f := range []otlp.Format{otlp.FormatProto, otlp.FormatJSON} {
		p := bundledPlan(t)
		r := run(1 << 20)
		r.Format = f
		g := generator(t, p, r)
		var seg otlp.Segment
		i := uint64(0)
		one := func() {
			seg.Reset()
			if err := g.AppendSegment(&seg, i%64); err != nil {
				t.Fatal(err)
			}
			i++
		}
		for range 64 { // grow the buffers to what these segments need
			one()
		}
		if n := testing.AllocsPerRun(64, one); n != 0 {
			t.Errorf("%s: %.1f allocations a segment, want none", f, n)
		}
	}
}

const uniform = `
name: uniform
context: {tenant: brackenwell, agent: care-assistant-01, mcp_server: phone}
root: {type: a2a.orchestrate, children: [{type: a2a.call, count: {min: 1, max: 4}}]}
`

// TestUniformCountsAreUniform: the ends as likely as the middle.
func TestUniformCountsAreUniform(t *testing.T) {
	const n = 20_000
	_, counts := durations(t, uniform, "uniform", "a2a.call", n)
	for k := 1; k <= 4; k++ {
		if off, limit := math.Abs(float64(counts[k])/n-0.25), maxErrors*math.Sqrt(0.25*0.75/n); off > limit {
			t.Errorf("count %d: share %.4f, want 0.25 within %.4f", k, float64(counts[k])/n, limit)
		}
	}
}
