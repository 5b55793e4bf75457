package gen_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/otelsim/otelsim/pkg/build/gen"
	"github.com/otelsim/otelsim/pkg/build/plan"
	"github.com/otelsim/otelsim/pkg/corpus/ids"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// A child starts when its parent is there, and ends before that does unless nobody
// waits for it.
func TestSystemsKeepToTheirTimes(t *testing.T) {
	late, whole := 0, 0
	eachRandom(t, func(s *plan.Scenario, m *answered) {
		for i := range m.t.Spans {
			x, parent := &m.t.Spans[i], m.parents[i]
			if x.End < x.Start {
				t.Fatalf("%s ends before it starts", m.name(i))
			}
			if parent < 0 {
				continue
			}
			p := &m.t.Spans[parent]
			free := m.nodes[i].Act.Free
			if x.Start < p.Start || !free && x.End > p.End {
				t.Fatalf("%s [%d, %d] is not within %s [%d, %d]", m.name(i), x.Start, x.End, m.name(parent), p.Start, p.End)
			}
			if free && x.End > p.End {
				late++
			} else {
				whole++
			}
		}
	})
	if late == 0 || whole == 0 {
		t.Errorf("%d spans outlast their parents, %d do not: want both", late, whole)
	}
}

// What is called one after the other does not overlap.
func TestSystemsCallInTurn(t *testing.T) {
	seen := 0
	eachRandom(t, func(s *plan.Scenario, m *answered) {
		for i, n := range m.nodes {
			if n.Act.Role != plan.RoleWork || n.Parallel {
				continue
			}
			end := uint64(0)
			for _, c := range m.below(i) {
				if m.nodes[c].Act.Free {
					continue
				}
				if x := &m.t.Spans[c]; x.Start < end {
					t.Fatalf("%s starts before what is called before it has ended", m.name(c))
				} else {
					end = x.End
				}
				seen++
			}
		}
	})
	if seen == 0 {
		t.Error("nothing was called")
	}
}

// Both sides of a call say the same of it, but for a caller who has given up.
func TestSidesOfCallsAgree(t *testing.T) {
	agreed, cut, refused := 0, 0, 0
	eachRandom(t, func(s *plan.Scenario, m *answered) {
		for i, n := range m.nodes {
			if n.Act.Role != plan.RoleCall {
				continue
			}
			answers := m.below(i)
			client := &m.t.Spans[i]
			if len(answers) == 0 {
				refused++
				continue
			}
			if len(answers) != 1 || m.t.Spans[answers[0]].Kind != otlp.SpanKindServer {
				t.Fatalf("%s has %d answers", m.name(i), len(answers))
			}
			server := &m.t.Spans[answers[0]]
			if why := m.attr(i, "error.type"); (why == "timeout" || why == "DEADLINE_EXCEEDED") && server.End+server.Start > client.End+client.Start {
				cut++
				continue
			}
			for _, key := range []string{"http.response.status_code", "rpc.status_code", "error.type"} {
				if a, b := m.attr(i, key), m.attr(answers[0], key); a != b {
					t.Fatalf("%s: the sides have %q and %q", key, a, b)
				}
			}
			if url, path := m.attr(i, "url.full"), m.attr(answers[0], "url.path"); !strings.HasSuffix(url, path) {
				t.Fatalf("%s was called, and %s answered", url, path)
			}
			agreed++
		}
	})
	if agreed == 0 || cut == 0 {
		t.Errorf("%d calls agreed, %d were cut, %d refused", agreed, cut, refused)
	}
}

// Who consumes a message links to who sent it, and has its id.
func TestConsumersLinkToProducers(t *testing.T) {
	apart, below := 0, 0
	eachRandom(t, func(s *plan.Scenario, m *answered) {
		sent := map[otlp.SpanID]int{}
		begun := uint64(0)
		for i := range m.t.Spans {
			x := &m.t.Spans[i]
			if x.Kind == otlp.SpanKindProducer {
				sent[x.SpanID] = i
			}
			if x.Kind != otlp.SpanKindConsumer {
				continue
			}
			links := m.t.Links[x.Links.Start:x.Links.End]
			for _, l := range links {
				from, ok := sent[l.SpanID]
				if !ok || m.t.Spans[from].TraceID != l.TraceID || m.t.Spans[from].End > x.Start {
					t.Fatalf("%s links to what did not send it before", m.name(i))
				}
				if len(links) == 1 && m.attr(from, "messaging.message.id") != m.attr(i, "messaging.message.id") {
					t.Fatalf("%s: another message", m.name(i))
				}
			}
			if m.parents[i] < 0 {
				if x.Start < begun {
					t.Fatalf("%s starts before the trace before it", m.name(i))
				}
				begun = x.Start
				apart++
				if len(links) == 0 && i > 0 { // what a session asks for has come from elsewhere
					t.Fatalf("%s links to nothing", m.name(i))
				}
			} else {
				below++
			}
			if n := m.attr(i, "messaging.batch.message_count"); n != "" && n != fmt.Sprint(len(links)) {
				t.Fatalf("%s has %s messages and %d links", m.name(i), n, len(links))
			}
		}
	})
	if apart == 0 || below == 0 {
		t.Errorf("%d consumers in traces of their own, %d below: want both", apart, below)
	}
}

// Worst cases are such.
func TestSystemsStayWithinTheirWorstCase(t *testing.T) {
	eachRandom(t, func(s *plan.Scenario, m *answered) {
		spans := map[otlp.TraceID]int{}
		start, end := m.t.Spans[0].Start, uint64(0)
		for i := range m.t.Spans {
			spans[m.t.Spans[i].TraceID]++
			end = max(end, m.t.Spans[i].End)
		}
		for _, n := range spans {
			if n > s.MaxSpans {
				t.Fatalf("%d spans, at most %d were expected", n, s.MaxSpans)
			}
		}
		if len(spans)-1 > s.System.Apart || s.System.Apart > plan.MaxApart {
			t.Fatalf("%d traces beside that of the request, at most %d were expected", len(spans)-1, s.System.Apart)
		}
		if took := end - start; took > s.MaxDuration || took > s.Likely {
			t.Fatalf("took %d ns, at most %d were expected, and %d are likely", took, s.MaxDuration, s.Likely)
		}
		var block otlp.Block
		if err := (&otlp.Encoder{Format: otlp.FormatJSON}).AppendRecord(&block, m.t); err != nil {
			t.Fatal(err)
		}
		if n := uint64(len(block.Data)); n > s.MaxBytes {
			t.Fatalf("%d bytes, at most %d were expected", n, s.MaxBytes)
		}
	})
}

// An iteration is the same whatever was made before it, and its ids say where it
// comes from.
func TestIterationsOfSystemsStandAlone(t *testing.T) {
	for seed := range uint64(12) {
		p, err := compileSystem(randomSystem(rand.New(rand.NewPCG(seed, 1))))
		if err != nil {
			continue
		}
		const n = 12
		records := func(order []uint64) map[uint64][]byte {
			g, err := gen.New(p, gen.Config{Seed: 7, Count: n, SegmentIterations: n, Start: 1e18, Interval: 5e8})
			if err != nil {
				t.Fatal(err)
			}
			out := map[uint64][]byte{}
			tr := &otlp.Traces{Strings: p.Strings}
			for _, i := range order {
				var block otlp.Block
				var e otlp.Encoder
				if err := g.Iteration(i, tr, func() error {
					for k := range tr.Spans {
						if o, ok := g.Find(tr.Spans[k].TraceID); !ok || o.Iteration != i || o.Part >= ids.MaxParts {
							t.Fatalf("trace of iteration %d is found as %+v, %v", i, o, ok)
						}
					}
					err := e.AppendRecord(&block, tr)
					tr.Reset()
					return err
				}); err != nil {
					t.Fatal(err)
				}
				out[i] = block.Data
			}
			return out
		}
		var order []uint64
		for i := range uint64(n) {
			order = append(order, i)
		}
		forth := records(order)
		slices.Reverse(order)
		back := records(order)
		for i := range uint64(n) {
			if !bytes.Equal(forth[i], back[i]) || len(forth[i]) == 0 {
				t.Fatalf("seed %d: iteration %d differs when made in another order", seed, i)
			}
		}
	}
}

// A generator that has made a system once needs no more memory for it.
func TestSystemsAllocateNothing(t *testing.T) {
	for seed := range uint64(8) {
		p, err := compileSystem(randomSystem(rand.New(rand.NewPCG(seed, 1))))
		if err != nil {
			continue
		}
		if got := allocations(t, p, 50); got > 0 {
			t.Errorf("seed %d: %v allocations", seed, got)
		}
	}
}

// What is added to a system moves no draw of what was there: neither calls of another
// name, nor attributes, errors of others, or services.
func TestLocalEditsOfSystemsStayLocal(t *testing.T) {
	base := `
name: edited
session: web.GET /
services:
  web:
    operations:
      GET /:
        parallel: true
        calls:
          - {call: api.Get, count: {min: 1, max: 3}, retry: {max_attempts: 2}}
          - {one_of: [api.Put, db.SELECT x]}
  api:
    protocol: grpc
    operations:
      Get: {own: 3, error: 0.2, attributes: {id: {pattern: "{hex:8}", pool: 9}}}
      Put: {own: 5}
  db: {protocol: db, operations: {SELECT x: {error: 0.1}}}
`
	edits := [][2]string{
		{"        calls:\n", "        calls:\n          - {call: db.SELECT x, count: 2}\n"},
		{"          - {one_of: [api.Put, db.SELECT x]}\n", "          - {one_of: [api.Put, db.SELECT x]}\n          - {call: api.More, after: true}\n          - {span: work, own: 1}\n"},
		{"      Put: {own: 5}\n", "      Put: {own: 5}\n      More: {own: 7, error: 0.5}\n"},
		{"pool: 9}}}", "pool: 9}, more: {distribution: poisson, mean: 4}}, events: [{name: seen}]}"},
		{"  db: {", "  other: {operations: {GET /: {}}}\n  db: {"},
	}
	draws := func(text string) map[string]string {
		out := map[string]string{}
		runSystem(t, system(t, text), 5, 40, func(m *answered) {
			seen := map[string]int{}
			for i := range m.t.Spans {
				name := m.name(i)
				if len(m.below(i)) > 0 || name == "api/More" || name == "work" || m.parents[i] >= 0 && m.name(m.parents[i]) == "GET /" && name == "SELECT x" && strings.Contains(text, "call: db.SELECT x, count: 2") {
					continue
				}
				x := &m.t.Spans[i]
				key := fmt.Sprint(m.iteration, name, x.Kind, seen[name])
				seen[name]++
				out[key] = fmt.Sprint(x.End-x.Start, x.Status, m.attr(i, "id"), m.attr(i, "rpc.status_code"))
			}
		})
		return out
	}
	before := draws(base)
	text := base
	for i := len(edits) - 1; i >= 0; i-- { // operations before their calls
		text = strings.Replace(text, edits[i][0], edits[i][1], 1)
		after := draws(text)
		for key, want := range before {
			if got, ok := after[key]; got != want && !(strings.Contains(key, "SELECT x") && !ok) {
				t.Fatalf("edit %d: %s is %s, and was %s", i, key, got, want)
			}
		}
	}
	if len(before) < 100 {
		t.Errorf("%d spans were compared", len(before))
	}
	if changed := draws(strings.Replace(base, "own: 3", "own: 4", 1)); fmt.Sprint(changed) == fmt.Sprint(before) {
		t.Error("a changed duration changes nothing")
	}
}
