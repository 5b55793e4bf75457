package gen_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/otelsim/otelsim/pkg/build/gen"
	"github.com/otelsim/otelsim/pkg/build/input"
	"github.com/otelsim/otelsim/pkg/build/plan"
	"github.com/otelsim/otelsim/pkg/build/scenario"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// system compiles a scenario of services.
func system(t *testing.T, text string) *plan.Plan {
	t.Helper()
	p, err := compileSystem(text)
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return p
}

func compileSystem(text string) (*plan.Plan, error) {
	in := bundled()
	var p input.Problems
	in.Defined = scenario.Parse([]input.File{{Name: "a.yaml", Data: []byte(text)}, {Name: "helper.yaml", Data: []byte(helper)}},
		in.Config, scenario.ParseOptions{Prefixes: []string{"vendor"}}, &p)
	if p.Errors() > 0 {
		return nil, p.Err()
	}
	for i := range in.Defined {
		if in.Defined[i].Name != "helper" {
			in.Definitions = append(in.Definitions, in.Defined[i])
		}
	}
	out := plan.Compile(in, &p)
	return out, p.Err()
}

// helper are agents that systems can call.
const helper = `name: helper
context: {tenant: brackenwell, agent: claims-assistant-01, mcp_server: phone}
root:
  type: a2a.orchestrate
  children:
    - {type: llm.call, latency: 30, error: {rate: 0.2}}
    - {type: mcp.tool.execute, attributes: {gen_ai.tool.name: new_claim}, error: {rate: 0.3}, retry: {max_attempts: 3, backoff_base_ms: 5}}
`

// asking is a system that calls them.
const asking = `name: asking
session: [{call: "s0.GET /", count: {min: 1, max: 3}}]
services:
  s0:
    operations:
      GET /:
        calls:
          - {agent: helper, count: {min: 0, max: 3}, retry: {max_attempts: 2}, optional: true}
          - {all: [{agent: helper, timeout: 40}, {agent: helper, async: true}], parallel: true, optional: true}
          - {call: s1.in, probability: 0.5}
  s1: {protocol: messaging, operations: {in: {calls: [{agent: helper, after: true}]}}}
`

// answered is a request of a system: its spans, in the order in which they were made.
type answered struct {
	iteration uint64
	t         *otlp.Traces
	nodes     []*plan.Node
	parents   []int // -1: none
}

// attr returns the text of an attribute of a span; "" when it lacks it.
func (m *answered) attr(span int, key string) string {
	for _, a := range m.t.Attrs[m.t.Spans[span].Attrs.Start:m.t.Spans[span].Attrs.End] {
		if m.t.Strings.String(a.Key) != key {
			continue
		}
		switch a.Kind {
		case otlp.KindString:
			return m.t.Strings.String(otlp.StringID(a.Word))
		case otlp.KindText:
			r := otlp.UnpackRange(a.Word)
			return string(m.t.Text[r.Start:r.End])
		}
		return fmt.Sprint(int64(a.Word))
	}
	return ""
}

func (m *answered) name(span int) string { return m.t.Strings.String(m.t.Spans[span].Name) }

// below lists the spans below one.
func (m *answered) below(span int) (out []int) {
	for i, p := range m.parents {
		if p == span {
			out = append(out, i)
		}
	}
	return out
}

// runSystem makes iterations of a plan and visits each request.
func runSystem(t *testing.T, p *plan.Plan, seed, count uint64, visit func(m *answered)) {
	t.Helper()
	g, err := gen.New(p, gen.Config{Seed: seed, Count: count, SegmentIterations: count, Start: 1e18, Interval: 5e8})
	if err != nil {
		t.Fatal(err)
	}
	m := &answered{t: &otlp.Traces{Strings: p.Strings}}
	g.Watch = func(n *plan.Node) { m.nodes = append(m.nodes, n) }
	for i := range count {
		m.iteration = i
		err := g.Iteration(i, m.t, func() error {
			type key struct {
				t otlp.TraceID
				s otlp.SpanID
			}
			at := map[key]int{}
			m.parents = m.parents[:0]
			for k := range m.t.Spans {
				s := &m.t.Spans[k]
				at[key{s.TraceID, s.SpanID}] = k
				parent, ok := at[key{s.TraceID, s.ParentID}]
				if !ok {
					parent = -1
				}
				m.parents = append(m.parents, parent)
			}
			visit(m)
			m.t.Reset()
			m.nodes = m.nodes[:0]
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// randomSystem draws a system of services that call those after them.
func randomSystem(r *rand.Rand) string {
	var b strings.Builder
	services := 3 + r.IntN(4)
	b.WriteString("name: random\nvalues:\n  order: {pattern: \"o-{hex:6}\", pool: 50, zipf: 1}\n  step: {pattern: \"s-{hex:9}\", per: span}\nservices:\n")
	protocols := []string{"http", "grpc", "none", "messaging", "db"}
	of := make([]string, services)
	name := func(s, o int) string {
		word := fmt.Sprintf("op%d", o)
		if of[s] == "http" {
			word = fmt.Sprintf("GET /op%d/{order}", o)
		}
		return word
	}
	for s := range of {
		if of[s] = protocols[r.IntN(len(protocols))]; s == 0 {
			of[s] = "http"
		}
	}
	messages := 0
	varied := make([]bool, services) // whether the first operation goes in several ways
	for s := range varied {
		varied[s] = r.IntN(3) == 0
	}
	for s := range of {
		fmt.Fprintf(&b, "  s%d:\n    protocol: %s\n    instances: %d\n    operations:\n", s, of[s], 1+r.IntN(3))
		for o := range 1 + r.IntN(2) {
			fmt.Fprintf(&b, "      %s:\n        %s: %d\n        error: %.2f\n", name(s, o), []string{"own", "latency"}[r.IntN(2)], 1+r.IntN(30), r.Float64()*0.3)
			fmt.Fprintf(&b, "        attributes: {order: {use: order}, step: {use: step}, n: {distribution: poisson, mean: 3, present: 0.6}}\n")
			if of[s] == "none" {
				fmt.Fprintf(&b, "        name: none\n        kind: %s\n", []string{"internal", "server", "client", "producer", "consumer"}[r.IntN(5)])
			}
			if o == 0 && varied[s] {
				b.WriteString("        variants:\n          usual: {weight: 3}\n          slow: {latency: 40, weight: 0.5}\n")
				if of[s] != "db" {
					b.WriteString("          bad: {error: 0.8, status: bad luck, attributes: {n: 99}, events: [{name: odd, when: failed}], calls: [{span: mend, own: 2}], parallel: true}\n")
				} else {
					b.WriteString("          bad: {error: {rate: 1, types: [\"40001\", timeout]}, attributes: {m: 1}}\n")
				}
			}
			if of[s] != "db" {
				b.WriteString("        logs: [{body: \"{order} has ended\", when: ok, severity: debug}, {event: failed, when: failed, attributes: {order: {use: order}}}]\n")
			}
			if of[s] == "db" || s == services-1 {
				continue
			}
			fmt.Fprintf(&b, "        parallel: %v\n        calls:\n          - {span: work, kind: client, attributes: {step: {use: step}}, own: {distribution: empirical, quantiles: [0, 1, 1, 9], at: [0, 0.1, 0.99, 1]}, error: 0.1, events: [{name: done, when: ok, probability: 0.7, count: {min: 0, max: 3}, attributes: {x: {pattern: \"{hex:4}\", present: 0.5}}}]}\n", r.IntN(4) == 0)
			for range 1 + r.IntN(3) {
				to := s + 1 + r.IntN(services-s-1)
				call := fmt.Sprintf("{call: \"s%d.%s\"", to, name(to, 0))
				if varied[to] && r.IntN(3) == 0 {
					call += ", variant: bad"
				}
				switch of[to] {
				case "messaging":
					if messages++; messages > 3 {
						call += ", trace: same"
					}
					call += fmt.Sprintf(", batch: %d", 1+r.IntN(3))
				case "none":
					call += []string{"", ", async: true", ", retry: {max_attempts: 2}"}[r.IntN(3)]
				default:
					call += []string{"", ", timeout: 15", ", async: true", ", retry: {max_attempts: 3, backoff_base_ms: 5}, timeout: 20", ", optional: true"}[r.IntN(5)]
				}
				fmt.Fprintf(&b, "          - %s, probability: %.1f}\n", call, 0.5+r.Float64()/2)
			}
		}
	}
	return b.String()
}

// eachRandom visits requests of systems that are drawn by a seed.
func eachRandom(t *testing.T, visit func(s *plan.Scenario, m *answered)) {
	t.Helper()
	compiled := 0
	for seed := range uint64(60) {
		p, err := compileSystem(randomSystem(rand.New(rand.NewPCG(seed, 1))))
		if err != nil {
			if !strings.Contains(err.Error(), "traces of consumers") {
				t.Fatal(err)
			}
			continue
		}
		compiled++
		runSystem(t, p, seed, 20, func(m *answered) { visit(p.Scenarios[0], m) })
	}
	if compiled < 40 {
		t.Errorf("%d of 60 systems were compiled", compiled)
	}
}
