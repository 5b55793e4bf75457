package build

import (
	"fmt"
	"slices"
	"testing"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// A turn of the bundled scenarios ends with the last of its steps, and its models
// say no more tokens a second than real ones do.
func TestBundledTurnsKeepThePaceOfRealOnes(t *testing.T) {
	p := bundledPlan(t)
	g := generator(t, p, run(600))
	var rates []float64
	turns := 0
	for i := range uint64(600) {
		g.Iteration(i, func(tr *otlp.Traces) {
			ends := make(map[otlp.SpanID]uint64)
			for k := range tr.Spans {
				s := &tr.Spans[k]
				ends[s.ParentID] = max(ends[s.ParentID], s.End)
			}
			for k := range tr.Spans {
				s := &tr.Spans[k]
				a := attrsOf(tr, s.Attrs)
				switch a["vendor.span.class"] {
				case "a2a.orchestrate":
					if turns++; ends[s.SpanID] != s.End {
						t.Errorf("a turn runs on for %d ns", s.End-ends[s.SpanID])
					}
				case "llm.call":
					if s.Status != otlp.StatusError {
						rates = append(rates, float64(a["gen_ai.usage.output_tokens"].(int64))/(float64(s.End-s.Start)/1e9))
					}
				}
			}
		})
	}
	slices.Sort(rates)
	median, most := rates[len(rates)/2], rates[len(rates)-1]
	if turns < 500 || len(rates) < 1000 || median < 50 || median > 120 || most > 300 {
		t.Errorf("%d turns, and %d calls of models with a median of %.0f tokens a second, at most %.0f", turns, len(rates), median, most)
	}
}

// A call that times out was waited for longer than those that are answered.
func TestTimeoutsComeLate(t *testing.T) {
	for _, call := range []string{"type: llm.call", "type: llm.call, model: claude-haiku-4-5", "type: llm.call, latency: {distribution: log_normal, median: 700, sigma: 0.5}"} {
		for _, failure := range []string{"timeout", "unavailable"} {
			var ended, failed []int64
			for _, a := range callsOf(t, bundled(t), who+fmt.Sprintf("root: {children: [{%s, count: 40, error: {rate: 0.3, types: [%s]}}]}\n", call, failure)) {
				if a["failed"] == true {
					failed = append(failed, a["duration"].(int64))
				} else {
					ended = append(ended, a["duration"].(int64))
				}
			}
			slices.Sort(ended)
			if len(ended) < 100 || len(failed) < 40 {
				t.Fatalf("%s: %d calls, and %d that failed", call, len(ended), len(failed))
			}
			least := slices.Min(failed)
			if late := least > ended[len(ended)*95/100]; late != (failure == "timeout") {
				t.Errorf("%s: those with %s last %d ns and more, and 95 of 100 others at most %d", call, failure, least, ended[len(ended)*95/100])
			}
		}
	}
}
