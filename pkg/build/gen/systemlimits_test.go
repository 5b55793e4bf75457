package gen_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/otelsim/otelsim/pkg/build/plan"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// TestBoundsOfSystemsHold: no session of a system has more spans, more traces or more
// bytes, or lasts longer, than was worked out before; phases, capacities and several
// requests included.
func TestBoundsOfSystemsHold(t *testing.T) {
	nearest := 0.0
	for seed := range uint64(25) {
		text := randomSystem(rand.New(rand.NewPCG(seed, 7)))
		if !strings.Contains(text, "trace: same") { // those have many messages
			text += "session: [{call: GET0, count: {min: 1, max: 3}}]\nconversation: {think_time: 300ms}\n"
		}
		text += "phases:\n  - {name: slow, services: [s0, s1], latency_factor: 7, error_rate: 0.4, error_type: timeout}\n  - {name: gone, services: s2, to: 3s, error_rate: 0.8}\n"
		text = strings.ReplaceAll(text, "GET0", `"s0.GET /op0/{order}"`)
		text = strings.Replace(text, "  s1:\n", "  s1:\n    capacity: 1.5\n", 1)
		p, err := compileSystem(text)
		if err != nil {
			if !strings.Contains(err.Error(), "traces of consumers") {
				t.Fatalf("%v\n%s", err, text)
			}
			continue
		}
		nearest = max(nearest, boundsHold(t, p, seed, text))
	}
	if nearest < 0.5 {
		t.Errorf("no session came nearer to a bound than by %v: the test is void", nearest)
	}
}

// boundsHold compares sessions of a plan with its bounds and returns how near the
// number of spans came.
func boundsHold(t *testing.T, p *plan.Plan, seed uint64, text string) (nearest float64) {
	t.Helper()
	s := p.Scenarios[0]
	var first, last, bytes uint64
	at := ^uint64(0)
	e := otlp.Encoder{}
	runSystem(t, p, seed, 20, func(m *answered) {
		if m.iteration != at {
			at, first, last, bytes = m.iteration, ^uint64(0), 0, 0
		}
		traces := make(map[otlp.TraceID]int)
		for i := range m.t.Spans {
			x := &m.t.Spans[i]
			traces[x.TraceID]++
			first, last = min(first, x.Start), max(last, x.End)
			nearest = max(nearest, float64(traces[x.TraceID])/float64(s.MaxSpans))
		}
		var b otlp.Block
		if err := e.AppendRecord(&b, m.t); err != nil {
			t.Fatal(err)
		}
		bytes += uint64(len(b.Data))
		var over []string
		if nearest > 1 {
			over = append(over, fmt.Sprintf("over %d spans", s.MaxSpans))
		}
		if len(traces) > s.System.Apart+1 {
			over = append(over, fmt.Sprintf("%d traces, and the bound is 1+%d", len(traces), s.System.Apart))
		}
		if last-first > s.MaxDuration {
			over = append(over, fmt.Sprintf("%d ns, and the bound is %d", last-first, s.MaxDuration))
		}
		if bytes > s.MaxBytes {
			over = append(over, fmt.Sprintf("%d bytes, and the bound is %d", bytes, s.MaxBytes))
		}
		if over != nil {
			t.Fatalf("iteration %d: %q\n%s", m.iteration, over, text)
		}
	})
	return nearest
}

// A session in which everything fails that may, with all waits, comes to its bounds.
func TestBoundsOfSystemsAreReached(t *testing.T) {
	p := system(t, `name: reached
session: [{call: web.GET /, count: 2}]
conversation: {think_time: {distribution: constant, value: 1000}}
services:
  web: {operations: {GET /: {own: {distribution: constant, value: 1}, calls: [
    {call: api.GET /x, optional: true, count: 3, network: {distribution: constant, value: 2}, retry: {max_attempts: 4, backoff_base_ms: 100, backoff_multiplier: 2, backoff_jitter: 0}},
    {span: late, own: {distribution: constant, value: 7}, count: 2, after: true, delay: {distribution: constant, value: 400}}]}}}
  api: {operations: {GET /x: {own: {distribution: constant, value: 5}, error: {rate: 1, types: [503]}}}}
`)
	if nearest := boundsHold(t, p, 1, ""); nearest != 1 {
		t.Errorf("traces have up to %v of the spans that they may have", nearest)
	}
	const request = 1 + 3*(700+4*(2+5)) + 2*(400+7)
	if most, want := p.Scenarios[0].MaxDuration, uint64(1000+2*request)*1e6; most < want || most > want+want/100 {
		t.Errorf("a session lasts up to %d ns, want about %d", most, want)
	}
}
