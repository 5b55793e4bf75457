package gen_test

import (
	"math"
	"testing"
	"time"

	"github.com/otelsim/otelsim/pkg/build/input"
	"github.com/otelsim/otelsim/pkg/build/plan"
	"github.com/otelsim/otelsim/pkg/build/scenario"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// Phases slow services down, let operations fail, and take services away, and touch
// nothing else.
func TestPhasesOfSystems(t *testing.T) {
	in := bundled()
	cfg := *in.Config
	cfg.Phases = []scenario.Phase{
		{Name: "slow", From: 0, To: 1000 * time.Second, Services: []string{"db"}, LatencyFactor: 4},
		{Name: "failing", From: 1000 * time.Second, To: 2000 * time.Second, Operations: []string{"api.Get"}, LatencyFactor: 1, ErrorRate: 0.5, ErrorType: "ABORTED"},
		{Name: "gone", From: 2000 * time.Second, To: 3000 * time.Second, Services: []string{"api"}, LatencyFactor: 1, ErrorRate: 1, ErrorType: "unavailable"},
		{Name: "of agents", From: 0, To: 4000 * time.Second, Tools: []string{"new_claim"}, LatencyFactor: 9, ErrorRate: 1, ErrorType: "unavailable"},
	}
	in.Config = &cfg
	var p input.Problems
	in.Definitions = scenario.Parse([]input.File{{Name: "a.yaml", Data: []byte(`
name: phased
services:
  web: {operations: {GET /: {own: 5, calls: [{call: api.Get, optional: true}, db.SELECT x]}}}
  api: {protocol: grpc, operations: {Get: {own: 10}}}
  db: {protocol: db, operations: {SELECT x: {latency: 10}}}
`)}}, in.Config, scenario.ParseOptions{Prefixes: []string{"vendor"}}, &p)
	compiled := plan.Compile(in, &p)
	if p.Errors() > 0 {
		t.Fatal(p.All())
	}
	const each = 2000 // iterations of a phase, two a second; the last four are of none
	took, failed, answers := [4]float64{}, [4]int{}, [4]int{}
	runSystem(t, compiled, 9, 4*each, func(m *answered) {
		phase := m.iteration / each
		for i := range m.t.Spans {
			x := &m.t.Spans[i]
			switch m.name(i) {
			case "SELECT x":
				took[phase] += float64(x.End-x.Start) / 1e6 / each
			case "api/Get":
				if x.Kind == otlp.SpanKindServer {
					answers[phase]++
				} else if x.Status == otlp.StatusError {
					failed[phase]++
				}
			}
		}
	})
	for phase, want := range [4]float64{41, 11, 11, 11} { // with a millisecond of network
		if math.Abs(took[phase]-want) > sigmas*0.3*want/math.Sqrt(each) {
			t.Errorf("phase %d: the database takes %.2f ms in the mean, want %.0f", phase, took[phase], want)
		}
	}
	for phase, want := range [4]float64{0, 0.5, 1, 0} {
		near(t, "failures in a phase", failed[phase], each, want)
	}
	if answers != [4]int{each, each, 0, each} {
		t.Errorf("%v were answered by phase", answers)
	}
}
