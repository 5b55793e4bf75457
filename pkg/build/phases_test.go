package build

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

const incident = `
phases:
  - name: payments are slow
    from: 10m
    to: 20m
    tools: [pay]
    latency_factor: 4
    error_rate: 0.25
    error_type: timeout
`

// A phase works on the calls that it names, between its ends, and on no other.
func TestPhasesHaveSharpEndsAndTheirFactors(t *testing.T) {
	in := bundled(t)
	in.Config.Data = append(append([]byte(nil), in.Config.Data...), incident...)
	definition := statHead + "data_plane:\n  workflow: buy_insurance\n  steps: {pay: {latency: {distribution: constant, value: 100}}, choose_insurance: {latency: {distribution: constant, value: 100}}}\n"
	const n, interval = 20_000, 100 * time.Millisecond
	in = withDefinition(in, "own.yaml", definition)
	r := run(n)
	r.Interval, r.Deviation = interval, 0
	g := generator(t, compiledWithWarnings(t, in, Options{Scenarios: []string{"own"}}), r)
	var during, failed, outside int
	for i := range uint64(n) {
		info := g.Iteration(i, func(rec *otlp.Traces) {
			since := time.Duration(i) * interval
			inside := since >= 10*time.Minute && since < 20*time.Minute
			for _, s := range rec.Spans {
				a := attrsOf(rec, s.Attrs)
				if a["vendor.span.class"] != "mcp.tool.execute.attempt" {
					continue
				}
				length, concerned := time.Duration(s.End-s.Start), inside && a["gen_ai.tool.name"] != nil
				pays := toolOfAttempt(rec, s) == "pay"
				concerned = inside && pays
				want := 100 * time.Millisecond
				if concerned {
					want = 400 * time.Millisecond
					during++
					if s.Status == otlp.StatusError {
						failed++
						if a["error.type"] != "timeout" {
							t.Fatalf("iteration %d: %v", i, a["error.type"])
						}
					}
				} else {
					outside++
					if s.Status == otlp.StatusError {
						t.Fatalf("iteration %d: a call outside of the phase failed", i)
					}
				}
				if tool := toolOfAttempt(rec, s); tool != "buy_insurance" && length != want {
					t.Fatalf("iteration %d: %s took %v, want %v", i, tool, length, want)
				}
			}
		})
		if want := time.Duration(i) * interval; info.Start.Sub(r.Start) != want {
			t.Fatalf("iteration %d starts %v after the first, want %v", i, info.Start.Sub(r.Start), want)
		}
	}
	if during != 6000 || outside != 3*n-6000 {
		t.Errorf("%d calls in the phase, %d outside", during, outside)
	}
	checkShare(t, "failures in the phase", failed, during, 0.25)
}

func toolOfAttempt(r *otlp.Traces, s otlp.Span) string {
	for _, p := range r.Spans {
		if p.TraceID == s.TraceID && p.SpanID == s.ParentID {
			return fmt.Sprint(attrsOf(r, p.Attrs)["gen_ai.tool.name"])
		}
	}
	return ""
}

func TestPhasesShiftWeights(t *testing.T) {
	in := bundled(t)
	in.Config.Data = append(append([]byte(nil), in.Config.Data...), `
phases:
  - {name: rush, from: 1000s, to: 2000s, weights: {new_claim_phone: 3}}
  - {name: closed, from: 1500s, to: 2500s, weights: {buy_insurance: 0}}
`...)
	const n = 30_000
	r := run(n)
	r.Interval, r.Deviation = 100*time.Millisecond, 0
	p := compiled(t, in, Options{Scenarios: []string{"buy_insurance", "new_claim_phone"}})
	g := generator(t, p, r) // 3 to 5
	var bought, all [6]int
	for i := range uint64(n) {
		k := i * 100 / 500_000 // half a thousand seconds each
		all[k]++
		if g.Iteration(i, func(*otlp.Traces) {}).Scenario == "buy_insurance" {
			bought[k]++
		}
	}
	for k, want := range []float64{3.0 / 8, 3.0 / 8, 3.0 / 18, 0, 0, 3.0 / 8} {
		if want == 0 {
			if bought[k] > 0 {
				t.Errorf("stretch %d: drawn %d times at weight 0", k, bought[k])
			}
			continue
		}
		checkShare(t, fmt.Sprintf("stretch %d", k), bought[k], all[k], want)
	}
}

// What a manifest holds is enough to tell the scenario of an iteration.
func TestDrawIsWhatTheGeneratorPicks(t *testing.T) {
	in := bundled(t)
	in.Config.Data = append(append([]byte(nil), in.Config.Data...), `
phases:
  - {name: rush, from: 10s, to: 40s, weights: {new_claim_phone: 5, pay: 1}}
`...)
	in = withDefinition(in, "own.yaml", "name: pay\ncontext: {tenant: brackenwell, agent: care-assistant-01, mcp_server: phone}\ndata_plane: {workflow: pay}\n")
	p := compiledWithWarnings(t, in, Options{})
	r := run(1000)
	r.Interval, r.Deviation = 50*time.Millisecond, 3*time.Second
	g := generator(t, p, r)
	d := Draw{Seed: r.Seed, Shifts: p.Shifts(), Interval: r.Interval, Deviation: r.Deviation}
	plain := d
	for _, s := range p.Scenarios() {
		d.Names, d.Weights = append(d.Names, s.Name), append(d.Weights, s.WeightMillionths)
	}
	plain.Names, plain.Weights, plain.Shifts = d.Names, d.Weights, nil
	moved := 0
	for i := range r.Count {
		got, want := d.Names[d.Pick(i)], g.gen.Scenario(i).Name
		if got != want {
			t.Fatalf("iteration %d: got %s, want %s", i, got, want)
		}
		if plain.Names[plain.Pick(i)] != want {
			moved++
		}
	}
	if moved == 0 {
		t.Error("the phase has moved nothing")
	}
}

func TestCardinalityIsAsDeclared(t *testing.T) {
	in := bundled(t)
	in.Config.Data = append(append([]byte(nil), in.Config.Data...), "\ncardinality: {users: 40, instances: 3}\n"...)
	r := run(600)
	r.SegmentIterations = 20
	g := generator(t, compiled(t, in, Options{}), r)
	users, instances := map[any]bool{}, map[any]bool{}
	for i := range r.Count {
		g.Iteration(i, func(rec *otlp.Traces) {
			for _, s := range rec.Spans {
				if id := attrsOf(rec, s.Attrs)["enduser.id"]; id != nil {
					users[id] = true
				}
			}
			for _, res := range rec.Resources {
				if id := attrsOf(rec, res.Attrs)["service.instance.id"].(string); strings.HasPrefix(id, "assist-") {
					instances[id] = true // tool servers are not all asked so often
				}
			}
		})
	}
	// That one of 40 users never comes in some 450 sessions has a chance below
	// 40 x (39/40)^450.
	if len(users) != 40 || len(instances) != 2*3*16 {
		t.Errorf("%d users and %d instances of two services, want 40 and 96", len(users), len(instances))
	}
}
