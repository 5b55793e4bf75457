package gen_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/otelsim/otelsim/pkg/build/plan"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// spanValues has values of spans: on both sides of a call, in a text, in what follows from one, in
// an event and a log record, below a span that lacks them, and of a message.
const spanValues = `name: spans
values:
  call: {pattern: "call-{hex:12}", per: span}
  tool: {distribution: categorical, values: {find: 3, close: 1}, per: span}
  uuid: {follows: tool, values: {find: u-find, close: u-close}}
session: [{call: desk.GET /, count: 2}]
services:
  desk:
    operations:
      GET /:
        calls:
          - span: execute
            count: 3
            attributes: {call: {use: call}, tool: {use: tool}}
            events: [{name: chosen, count: 2, attributes: {tool: {use: tool}}}]
            logs: [{body: ran, attributes: {uuid: {follows: tool, values: {find: u-find, close: u-close}}}}]
            calls: [{call: tools.run, retry: {max_attempts: 3, backoff_base_ms: 1}, optional: true, attributes: {call: {use: call, present: 50%}, tool: {use: tool}}}]
          - {call: tools.run, retry: {max_attempts: 3, backoff_base_ms: 1}, optional: true}
          - {call: tools.note, attributes: {call: {use: call}}}
          - {call: "tools.GET /calls/{call}"}
          - span: fixed
            attributes: {tool: {use: tool, is: close}, uuid: {use: uuid}}
            calls:
              - {span: same, attributes: {tool: {use: tool}}}
              - span: other
                count: 4
                attributes: {uuid: {use: uuid, is: {u-find: 1, u-close: 1}}}
                calls: [{span: as the other, attributes: {tool: {use: tool}}}]
  tools:
    protocol: grpc
    operations:
      run:
        error: {rate: 50%, types: [UNAVAILABLE]}
        attributes: {call: {use: call}, uuid: {use: uuid}, of: {pattern: "{tool}/{call}/{digits:2}"}}
        calls: [{span: between, calls: [{span: inner, attributes: {call: {use: call}}}]}]
      note: {protocol: messaging, attributes: {call: {use: call}}}
      "GET /calls/{call}": {protocol: http}
`

// TestValuesOfSpans: spans that use one below each other have one value, and others have their own.
func TestValuesOfSpans(t *testing.T) {
	p := system(t, spanValues)
	uuids := map[string]string{"find": "u-find", "close": "u-close"}
	seen := make(map[string]int)
	runSystem(t, p, 3, 200, func(m *answered) {
		chains := make(map[string]bool)
		begins := func(call string) {
			if chains[call] || !strings.HasPrefix(call, "call-") || len(call) != 17 {
				t.Fatalf("%q was there before, or is none", call)
			}
			chains[call] = true
		}
		attempts := ""
		for i := range m.t.Spans {
			call, above := m.attr(i, "call"), m.parents[i]
			switch name := m.name(i); {
			case name == "execute":
				begins(call)
				m.belowExecute(t, i, call, uuids, seen)
			case name == "tools/run" && m.t.Spans[i].Kind == otlp.SpanKindClient && m.name(above) == "GET /":
				for _, k := range m.below(i) {
					if attempts == "" {
						attempts = m.attr(k, "call")
						begins(attempts)
					} else if seen["attempts"]++; m.attr(k, "call") != attempts {
						t.Fatalf("an attempt has %s, the one before it %s", m.attr(k, "call"), attempts)
					}
				}
			case name == "inner", name == "send note", name == "process note":
				begins(call)
				seen[name]++
			case name == "fixed" && (m.attr(i, "tool") != "close" || m.attr(i, "uuid") != "u-close"), name == "same" && m.attr(i, "tool") != "close":
				t.Fatalf("%s is %s of %s", name, m.attr(i, "tool"), m.attr(i, "uuid"))
			case name == "as the other":
				seen["other "+m.attr(i, "tool")]++
				if uuids[m.attr(i, "tool")] != m.attr(above, "uuid") {
					t.Fatalf("below %s is %s", m.attr(above, "uuid"), m.attr(i, "tool"))
				}
			case name == "GET /calls/{call}":
				path := strings.TrimPrefix(m.attr(i, "url.path"), "/calls/")
				begins(path)
				if !strings.HasSuffix(m.attr(above, "url.full"), "/calls/"+path) {
					t.Fatalf("%s was called, and %s answered", m.attr(above, "url.full"), path)
				}
			}
		}
	})
	for _, what := range []string{"find", "close", "attempts", "told", "untold", "inner", "send note", "process note", "other find", "other close"} {
		if seen[what] == 0 {
			t.Errorf("nothing of %s", what)
		}
	}
	if n, of := seen["find"], seen["find"]+seen["close"]; n < of*7/10 || n > of*8/10 {
		t.Errorf("%d of %d are find, want three quarters", n, of)
	}
	if n, of := seen["other find"], seen["other find"]+seen["other close"]; n < of*45/100 || n > of*55/100 {
		t.Errorf("%d of %d others are find, want half", n, of)
	}
}

// belowExecute wants what is below a span that begins a chain to have its values.
func (m *answered) belowExecute(t *testing.T, i int, call string, uuids map[string]string, seen map[string]int) {
	t.Helper()
	tool := m.attr(i, "tool")
	seen[tool]++
	values := func(r otlp.Range) (out []string) {
		for _, a := range m.t.Attrs[r.Start:r.End] {
			out = append(out, m.t.Strings.String(otlp.StringID(a.Word)))
		}
		return out
	}
	for _, e := range m.t.Events[m.t.Spans[i].Events.Start:m.t.Spans[i].Events.End] {
		if got := values(e.Attrs); m.t.Strings.String(e.Name) == "chosen" && !slices.Equal(got, []string{tool}) {
			t.Fatalf("an event of %s has %s", tool, got)
		}
	}
	for _, n := range m.t.Notes {
		if got := values(n.Attrs); int(n.Span) == i && !slices.Equal(got, []string{uuids[tool]}) {
			t.Fatalf("a log record of %s has %s", tool, got)
		}
	}
	for _, client := range m.below(i) {
		if got := m.attr(client, "call"); got == "" {
			seen["untold"]++
		} else if seen["told"]++; got != call {
			t.Fatalf("below %s is %s", call, got)
		}
		for _, k := range m.below(client) {
			if m.attr(k, "call") != call || m.attr(k, "uuid") != uuids[tool] || !strings.HasPrefix(m.attr(k, "of"), tool+"/"+call+"/") {
				t.Fatalf("below %s of %s is %s of %s: %s", call, tool, m.attr(k, "call"), m.attr(k, "uuid"), m.attr(k, "of"))
			}
		}
	}
}

// TestSpansBelowHaveTheValueAbove, in systems of all sorts; none of a trace of its own has that of
// another one.
func TestSpansBelowHaveTheValueAbove(t *testing.T) {
	below, apart := 0, 0
	eachRandom(t, func(_ *plan.Scenario, m *answered) {
		first := make(map[string]otlp.TraceID)
		for i := range m.t.Spans {
			step, id := m.attr(i, "step"), m.t.Spans[i].TraceID
			if above := m.parents[i]; step != "" && above >= 0 && m.attr(above, "step") != "" {
				if below++; m.attr(above, "step") != step {
					t.Fatalf("%s has %s below %s", m.name(i), step, m.attr(above, "step"))
				}
			}
			if before, ok := first[step]; ok && step != "" && before != id {
				t.Fatalf("%s is in two traces", step)
			} else if !ok && step != "" {
				first[step] = id
				apart++
			}
		}
	})
	if below == 0 || apart == 0 {
		t.Errorf("%d spans below, %d chains", below, apart)
	}
}

// TestValuesOfSpansAllocateNothing, as all else that is drawn.
func TestValuesOfSpansAllocateNothing(t *testing.T) {
	if got := allocations(t, system(t, spanValues), 50); got > 0 {
		t.Errorf("%v allocations", got)
	}
}

// TestValuesOfSpansByOthers: which words a value of spans is follows from one of the session: the
// first item that holds says it, and where none does it is any; below it is what it is above.
func TestValuesOfSpansByOthers(t *testing.T) {
	p := system(t, `
name: by
values:
  tenant: {distribution: categorical, values: {acme: 1, blue: 1, cyan: 1}, per: session}
  name: {follows: tenant, values: {acme: A, blue: B, cyan: C}}
  tool: {distribution: categorical, values: {find: 2, close: 1, pay: 1}, per: span}
  uuid: {follows: tool, values: {find: u-find, close: u-close, pay: u-pay}}
session: [{call: desk.GET /, count: 2}]
services:
  desk:
    operations:
      GET /:
        attributes: {tenant: {use: tenant}}
        calls:
          - span: execute
            count: 4
            attributes:
              tool: {use: tool, is: [{when: {name: A}, words: close}, {when: {name: [A, B]}, words: {find: 3, pay: 1}}]}
            calls: [{span: attempt, attributes: {uuid: {use: uuid}}}]
`)
	seen := make(map[string]int)
	runSystem(t, p, 5, 300, func(m *answered) {
		for i := range m.t.Spans {
			if m.name(i) != "attempt" {
				continue
			}
			above := m.parents[i]
			tool := m.attr(above, "tool")
			if m.attr(i, "uuid") != "u-"+tool {
				t.Fatalf("below %s is %s", tool, m.attr(i, "uuid"))
			}
			seen[m.attr(m.parents[above], "tenant")+" "+tool]++
		}
	})
	for what, most := range map[string][2]int{"acme close": {100, 100}, "blue find": {70, 80}, "blue pay": {20, 30}, "cyan find": {45, 55}, "cyan close": {20, 30}, "cyan pay": {20, 30}} {
		tenant, _, _ := strings.Cut(what, " ")
		all := seen[tenant+" find"] + seen[tenant+" close"] + seen[tenant+" pay"]
		if n := 100 * seen[what] / max(all, 1); n < most[0] || n > most[1] {
			t.Errorf("%s: %d of 100, want %v", what, n, most)
		}
	}
}

// TestValuesOfSpansOfAnswers: a call and what answers it are drawn for by one name, and so are its
// attempts, but each has the words that it says, and what follows from those goes with them.
func TestValuesOfSpansOfAnswers(t *testing.T) {
	p := system(t, `
name: answers
values:
  tool: {distribution: categorical, values: {find: 2, close: 1, pay: 1}, per: span}
  uuid: {follows: tool, values: {find: u-find, close: u-close, pay: u-pay}}
session: [{call: desk.GET /}]
services:
  desk:
    operations:
      GET /:
        calls:
          - call: tools.Run
            retry: {max_attempts: 3, success_rate_per_attempt: [0.3], failed_variants: busy}
            attributes: {tool: {use: tool}}
  tools:
    protocol: grpc
    operations:
      Run:
        variants:
          fine: {attributes: {tool: {use: tool, is: find}, uuid: {use: uuid}}}
          busy: {error: {rate: 1, types: [UNAVAILABLE]}, attributes: {tool: {use: tool, is: close}, uuid: {use: uuid}}}
`)
	seen := make(map[string]int)
	runSystem(t, p, 5, 300, func(m *answered) {
		called := ""
		for i := range m.t.Spans {
			tool, uuid := m.attr(i, "tool"), m.attr(i, "uuid")
			switch {
			case uuid != "":
				want := "find"
				if m.t.Spans[i].Status == otlp.StatusError {
					want = "close"
				}
				if tool != want || uuid != "u-"+tool {
					t.Fatalf("%s with %s, want %s", tool, uuid, want)
				}
				seen["answered "+tool]++
			case tool != "":
				if called != "" && tool != called {
					t.Fatalf("attempts have %s and %s", called, tool)
				}
				called = tool
				seen["called "+tool]++
			}
		}
	})
	for _, what := range []string{"answered find", "answered close", "called find", "called close", "called pay"} {
		if seen[what] < 50 {
			t.Errorf("%s: %d spans", what, seen[what])
		}
	}
}

// TestValuesOfSpansOfAnswersAreDrawn: what answers a call and says which words it is has not the
// one of the call more often than by chance.
func TestValuesOfSpansOfAnswersAreDrawn(t *testing.T) {
	p := system(t, `
name: drawn
values:
  tool: {distribution: categorical, values: {find: 2, close: 1, pay: 1}, per: span}
session: [{call: desk.GET /}]
services:
  desk: {operations: {GET /: {calls: [{call: tools.Run, attributes: {tool: {use: tool}}}]}}}
  tools: {protocol: grpc, operations: {Run: {attributes: {tool: {use: tool, is: {find: 2, close: 1, pay: 1}}}}}}
`)
	same, all := 0, 0
	runSystem(t, p, 5, 400, func(m *answered) {
		for i := range m.t.Spans {
			if above := m.parents[i]; above >= 0 && m.attr(above, "tool") != "" {
				all++
				if m.attr(i, "tool") == m.attr(above, "tool") {
					same++
				}
			}
		}
	})
	if all != 400 || same < 110 || same > 190 { // 150 of them, and 4 deviations
		t.Errorf("%d of %d have the word of the call", same, all)
	}
}
