package build

import (
	"testing"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// likely compiles a tree of one scenario and returns how long its sessions last
// at most, in this world and in the worst case, and the longest of some.
func likely(t *testing.T, children string) (seconds, worst, seen float64) {
	t.Helper()
	text := statHead + "conversation: {compact_at: 1024}\nroot: {latency: {distribution: constant, value: 0}, children: [" + children + "]}\n"
	p := compiledWithWarnings(t, withDefinition(bundled(t), "own.yaml", text), Options{Scenarios: []string{"own"}})
	s := p.plan.Scenarios[0]
	r := run(50)
	g := generator(t, p, r)
	for i := range r.Count {
		last := uint64(0)
		g.Iteration(i, func(tr *otlp.Traces) {
			for k := range tr.Spans {
				last = max(last, tr.Spans[k].End)
			}
		})
		seen = max(seen, float64(last-uint64(g.gen.StartOf(i)))/1e9)
	}
	return float64(s.Likely) / 1e9, float64(s.MaxDuration) / 1e9, seen
}

// Sums of many durations stay near their mean, and those of few do not.
func TestLongSessionsAreAsLongAsTheirMeansSay(t *testing.T) {
	const span = `latency: {distribution: uniform, low: 0, high: 2000}`
	const retried = `type: llm.call, retry: {max_attempts: 3, backoff_base_ms: 1, backoff_jitter: 0}, ` + span
	for _, row := range []struct {
		what, children string
		least, most    float64 // seconds
	}{
		{"nine hundred spans", `{type: planner, count: 900, ` + span + `}`, 1100, 1300},
		{"as many at most", `{type: planner, count: {min: 0, max: 900}, ` + span + `}`, 1100, 1300},
		{"a place of two", `{count: 900, one_of: [{type: planner, ` + span + `}, {type: planner, latency: {distribution: constant, value: 0}}]}`, 450, 850},
		{"tried again now and then", `{type: task.execute, count: 900, latency: {distribution: constant, value: 0}, children: [{` + retried + `, error: {rate: 0.5, types: [unavailable]}}]}`, 1800, 2800},
		{"waited for in vain now and then", `{type: task.execute, count: 900, latency: {distribution: constant, value: 0}, children: [{` + retried + `, error: {rate: 0.5, types: [timeout]}}]}`, 2700, 4900},
		{"failures that spread", `{type: task.execute, count: 900, latency: {distribution: constant, value: 0}, children: [{` + retried +
			`, error: {rate: 0.01, types: [unavailable], propagation: {cascade_to_siblings: 1}}}]}`, 2700, 3900},
	} {
		got, worst, seen := likely(t, row.children)
		if got < row.least || got > row.most || got > worst {
			t.Errorf("%s: %.0f s, of at worst %.0f, want %.0f to %.0f", row.what, got, worst, row.least, row.most)
		}
		if seen > got {
			t.Errorf("%s: %.0f s are the longest, and a session has lasted %.0f", row.what, got, seen)
		}
	}
	if got, worst, _ := likely(t, `{type: planner, count: 3, latency: {distribution: log_normal, median: 1000, sigma: 1.8}}`); got != worst {
		t.Errorf("three spans of a long tail: %.0f s, and %.0f at worst", got, worst)
	}
}
