package build

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// The share of n trials is compared with a probability at five standard errors
// of a proportion; a model that is off by five points in a hundred is to be
// seen with the same number of trials.
const (
	standardErrors = 5
	offBy          = 0.05
)

func tolerance(p float64, n int) float64 {
	return standardErrors * math.Sqrt(p*(1-p)/float64(n))
}

// checkShare checks a proportion, and that the check would notice another.
func checkShare(t *testing.T, what string, hits, n int, want float64) {
	t.Helper()
	if n == 0 {
		t.Errorf("%s: no trials", what)
		return
	}
	got := float64(hits) / float64(n)
	if math.Abs(got-want) > tolerance(want, n) {
		t.Errorf("%s: share %.4f of %d, want %.4f within %.4f", what, got, n, want, tolerance(want, n))
	}
	for _, wrong := range []float64{want - offBy, want + offBy} {
		if wrong >= 0 && wrong <= 1 && math.Abs(got-wrong) <= tolerance(wrong, n) {
			t.Errorf("%s: %d trials cannot tell %.4f from %.4f", what, n, want, wrong)
		}
	}
}

// spanView is a span of generated telemetry for a test to look at.
type spanView struct {
	otlp.Span
	class  string
	attrs  map[string]any
	parent int // index, -1 for a root
}

// classOf is the type of a span, without the rest of what it says.
func classOf(r *otlp.Traces, s otlp.Span) any {
	for _, a := range r.Attrs[s.Attrs.Start:s.Attrs.End] {
		if r.Strings.String(a.Key) == "vendor.span.class" {
			return valueOf(r, a)
		}
	}
	return nil
}

// eachRequest generates n iterations of a definition and calls visit with each
// request that has an orchestration.
func eachRequest(t *testing.T, in Inputs, definition string, n uint64, visit func(iteration uint64, spans []spanView)) {
	t.Helper()
	in = withDefinition(in, "own.yaml", definition)
	g := generator(t, compiledWithWarnings(t, in, Options{Scenarios: []string{"own"}}), run(n))
	for i := range n {
		g.Iteration(i, func(r *otlp.Traces) {
			if !slices.ContainsFunc(r.Spans, func(s otlp.Span) bool { return classOf(r, s) == "a2a.orchestrate" }) {
				return
			}
			byID := map[otlp.SpanID]int{}
			var spans []spanView
			for k, s := range r.Spans {
				v := spanView{Span: s, attrs: attrsOf(r, s.Attrs), parent: -1}
				v.class = fmt.Sprint(v.attrs["vendor.span.class"])
				if p, ok := byID[s.ParentID]; ok && s.ParentID != (otlp.SpanID{}) {
					v.parent = p
				}
				byID[s.SpanID] = k
				spans = append(spans, v)
			}
			visit(i, spans)
		})
	}
}

const statHead = "name: own\ncontext: {tenant: brackenwell, agent: care-assistant-01, mcp_server: phone}\n"

func TestAttemptsSucceedAtTheRatesOfTheirIndex(t *testing.T) {
	rates := []float64{0.2, 0.5, 0.8}
	tried, passed := make([]int, 3), make([]int, 3)
	requests, failedTools := 0, 0
	eachRequest(t, bundled(t), statHead+`
root:
  type: a2a.orchestrate
  children:
    - type: mcp.tool.execute
      retry: {max_attempts: 3, success_rate_per_attempt: [0.2, 0.5, 0.8], backoff_base_ms: 100, backoff_multiplier: 3, backoff_jitter: 0.1}
    - type: response.compose
`, 20_000, func(_ uint64, spans []spanView) {
		requests++
		for _, s := range spans {
			switch s.class {
			case "mcp.tool.execute.attempt":
				k := s.attrs["vendor.mcp.attempt.index"].(int64) - 1
				tried[k]++
				if s.Status != otlp.StatusError {
					passed[k]++
				}
				if k > 0 {
					wait := float64(s.attrs["vendor.retry.backoff.ms"].(int64))
					usual := 100 * math.Pow(3, float64(k-1))
					if math.Abs(wait-usual) > 0.1*usual+0.5 || s.attrs["vendor.retry.reason"] == nil {
						t.Errorf("attempt %d: waited %v ms, reason %v", k+1, wait, s.attrs["vendor.retry.reason"])
					}
				} else if s.attrs["vendor.retry.backoff.ms"] != nil || s.attrs["vendor.retry.reason"] != nil {
					t.Error("a first attempt says why it is one more")
				}
			case "mcp.tool.execute":
				if s.Status == otlp.StatusError {
					failedTools++
				}
			}
		}
	})
	for k, rate := range rates {
		checkShare(t, fmt.Sprintf("attempt %d", k+1), passed[k], tried[k], rate)
	}
	checkShare(t, "calls that fail for good", failedTools, requests, 0.8*0.5*0.2)
}

func TestForcedFailureComesFirstAndIsTriedAgain(t *testing.T) {
	eachRequest(t, bundled(t), statHead+`
root:
  type: a2a.orchestrate
  children:
    - type: mcp.tool.execute
      retry: {max_attempts: 2, force_initial_failure: true}
    - type: llm.call
      retry: {max_attempts: 4, force_initial_failure: true, success_rate_per_attempt: [1.0, 1.0]}
    - type: response.compose
`, 200, func(i uint64, spans []spanView) {
		var attempts, models []uint8
		for _, s := range spans {
			switch s.class {
			case "mcp.tool.execute.attempt":
				attempts = append(attempts, s.Status)
			case "llm.call":
				models = append(models, s.Status)
			case "mcp.tool.execute", "response.compose", "a2a.orchestrate":
				if s.Status != otlp.StatusUnset {
					t.Errorf("iteration %d: %s failed", i, s.class)
				}
			}
			if s.class == "task.execute" && s.attrs["vendor.task.type"] == "llm_call" && s.attrs["vendor.task.retry.count"] != int64(1) {
				t.Errorf("iteration %d: the task counts %v retries", i, s.attrs["vendor.task.retry.count"])
			}
		}
		want := []uint8{otlp.StatusError, otlp.StatusUnset}
		if fmt.Sprint(attempts) != fmt.Sprint(want) || fmt.Sprint(models) != fmt.Sprint(want) {
			t.Errorf("iteration %d: attempts %v, models %v, want %v each", i, attempts, models, want)
		}
	})
}

func TestErrorsComeAtTheirRateAndOfTheirTypes(t *testing.T) {
	n, failed := 0, 0
	types := map[any]int{}
	eachRequest(t, bundled(t), statHead+`
root:
  type: a2a.orchestrate
  children:
    - type: mcp.tool.execute
      error: {rate: 0.4, types: [timeout, tool_error], type_weights: {timeout: 3, tool_error: 1}}
    - type: response.compose
`, 20_000, func(_ uint64, spans []spanView) {
		for _, s := range spans {
			if s.class == "mcp.tool.execute.attempt" {
				n++
				if s.Status == otlp.StatusError {
					failed++
					types[s.attrs["error.type"]]++
				}
			}
		}
	})
	checkShare(t, "failed calls", failed, n, 0.4)
	checkShare(t, "timeouts among them", types["timeout"], failed, 0.75)
}

func TestFailuresPropagateAtTheirRates(t *testing.T) {
	var own, ownChild, calm, calmChild, first, second, spared, sparedSecond int
	eachRequest(t, bundled(t), statHead+`
root:
  type: a2a.orchestrate
  children:
    - type: task.execute
      error: {rate: 0.4, types: [tool_error]}
      children:
        - type: llm.call
          error: {rate: 0.1, types: [timeout], propagation: {from_parent: 0.6, cascade_to_siblings: 0}}
    - type: context.augment
      error: {rate: 0.5, types: [unavailable], propagation: {from_parent: 0, cascade_to_siblings: 0.7}}
    - type: tools.recommend
      error: {rate: 0, types: [protocol_error]}
    - type: response.compose
`, 20_000, func(_ uint64, spans []spanView) {
		upset := false
		for _, s := range spans {
			failed := s.Status == otlp.StatusError
			switch s.class {
			case "llm.call":
				if spans[s.parent].attrs["error.type"] == "tool_error" {
					own++
					if failed {
						ownChild++
					}
				} else {
					calm++
					if failed {
						calmChild++
					}
				}
			case "context.augment":
				if upset = failed; failed {
					first++
				} else {
					spared++
				}
			case "tools.recommend":
				switch {
				case upset && failed:
					second++
				case failed:
					sparedSecond++
				}
			}
		}
	})
	checkShare(t, "calls below a failed task", ownChild, own, 1-(1-0.1)*(1-0.6))
	checkShare(t, "calls below another", calmChild, calm, 0.1)
	checkShare(t, "steps after a failed one", second, first, 0.7)
	if sparedSecond > 0 || spared == 0 {
		t.Errorf("%d of %d steps failed with nothing to upset them", sparedSecond, spared)
	}
}

func TestOutcomesFollowFromBelow(t *testing.T) {
	seen := map[string]int{}
	eachRequest(t, bundled(t), statHead+`
root:
  type: a2a.orchestrate
  children:
    - {type: planner, error: 0.2}
    - {type: llm.call, error: 0.2}
    - {type: mcp.tool.execute, error: 0.2}
    - {type: response.compose, error: 0.2}
`, 2_000, func(i uint64, spans []spanView) {
		var composed, planned, called, asked, outcome, response any
		var root, end uint8
		for _, s := range spans {
			switch s.class {
			case "planner":
				planned = s.attrs["vendor.step.outcome"]
			case "llm.call":
				asked = s.attrs["vendor.step.outcome"]
			case "mcp.tool.execute":
				called = s.attrs["vendor.step.outcome"]
			case "response.compose":
				composed = s.attrs["vendor.step.outcome"]
			case "a2a.orchestrate":
				outcome, root = s.attrs["vendor.a2a.outcome"], s.Status
			case "response.validation":
				response, end = s.attrs["vendor.response.outcome"], s.Status
			}
		}
		want, wantResponse, status := "success", "allowed", otlp.StatusUnset
		switch {
		case composed == "fail":
			want, wantResponse, status = "error", "error", otlp.StatusError
		case planned == "fail" || called == "fail":
			want = "partial"
		}
		if asked == "fail" && composed != "fail" {
			t.Errorf("iteration %d: a response was composed though no model has answered", i)
		}
		if outcome != want || root != status || response != wantResponse || end != status {
			t.Errorf("iteration %d: planner %v, call %v, compose %v: outcome %v with status %d, response %v with %d",
				i, planned, called, composed, outcome, root, response, end)
		}
		seen[want]++
	})
	if len(seen) != 3 {
		t.Errorf("seen %v, want all three outcomes", seen)
	}
}

func TestCountsMixturesAndPresenceAreRecovered(t *testing.T) {
	const n, lambda = 20_000, 2.5
	var retrievals, calls, short, present int
	eachRequest(t, bundled(t), statHead+`
root:
  type: a2a.orchestrate
  children:
    - type: rag.retrieve
      count: {distribution: poisson, lambda: 2.5}
    - type: planner
      probability: 0.35
    - type: llm.call
      latency:
        distribution: mixture
        components:
          - {weight: 3, distribution: uniform, low: 10, high: 20}
          - {weight: 1, distribution: uniform, low: 500, high: 600}
    - type: response.compose
`, n, func(_ uint64, spans []spanView) {
		for _, s := range spans {
			switch ms := (s.End - s.Start) / 1e6; s.class {
			case "rag.retrieve":
				retrievals++
			case "planner":
				present++
			case "llm.call":
				if calls++; ms <= 20 {
					short++
				} else if ms < 500 || ms > 600 {
					t.Fatalf("a call of %d ms is of neither kind", ms)
				}
			}
		}
	})
	// The mean of n Poisson counts has the standard error sqrt(lambda/n).
	mean, limit := float64(retrievals)/n, standardErrors*math.Sqrt(lambda/n)
	if math.Abs(mean-lambda) > limit {
		t.Errorf("%.4f retrievals a request, want %.4f within %.4f", mean, lambda, limit)
	}
	for _, wrong := range []float64{0.95 * lambda, 1.05 * lambda} {
		if math.Abs(mean-wrong) <= limit {
			t.Errorf("%d counts cannot tell a mean of %.3f from %.3f", n, lambda, wrong)
		}
	}
	checkShare(t, "short calls", short, calls, 0.75)
	checkShare(t, "optional planners", present, n, 0.35)
}
