package plan

import (
	"testing"
	"time"

	"github.com/otelsim/otelsim/pkg/build/input"
	"github.com/otelsim/otelsim/pkg/build/scenario"
)

// Phases of a system do what those of a config do that name it, and nothing to
// another system.
func TestPhasesOfASystemAreLikeThoseOfTheConfig(t *testing.T) {
	const of = `
services:
  web: {operations: {GET /: {calls: [api.Get, {call: db.SELECT x, timeout: 90ms}]}}}
  api: {protocol: grpc, operations: {Get: {own: 10}}}
  db: {protocol: db, operations: {SELECT x: {latency: 10}}}
`
	const own = of + `phases:
  - {name: slow, from: 1m, to: 2m, services: [db], latency_factor: 4}
  - {name: failing, from: 90, operations: [api.Get], error_rate: 0.5, error_type: ABORTED}
`
	digest := func(phases []scenario.Phase, first, second string) string {
		in, _ := bundled()
		cfg := *in.Config
		cfg.Phases = phases
		in.Config = &cfg
		var p input.Problems
		in.Definitions = scenario.Parse([]input.File{{Name: "first.yaml", Data: []byte(first)}, {Name: "second.yaml", Data: []byte(second)}},
			in.Config, scenario.ParseOptions{Prefixes: []string{"vendor"}}, &p)
		out := Compile(in, &p)
		if p.Errors()+p.Warnings() > 0 {
			t.Fatal(p.All())
		}
		return out.Digest
	}
	const minute = time.Minute
	named := []scenario.Phase{
		{Name: "slow", From: minute, To: 2 * minute, Scenarios: []string{"first"}, Services: []string{"db"}, LatencyFactor: 4},
		{Name: "failing", From: 90 * time.Second, To: 1<<63 - 1, Scenarios: []string{"first"}, Operations: []string{"api.Get"}, LatencyFactor: 1, ErrorRate: 0.5, ErrorType: "ABORTED"},
	}
	got, want := digest(nil, own, of), digest(named, of, of)
	if got != want {
		t.Errorf("phases of a scenario: got %s, want %s as by the config", got, want)
	}
	if got == digest(nil, of, of) {
		t.Error("phases of a scenario change nothing")
	}
}
