package signals

import (
	"fmt"
	"strings"
	"testing"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// logged returns the logs of a request, one a line.
func logged(r *Rules, m *model) (lines []string) {
	d := NewDeriver(r, Options{Logs: true})
	d.BeginSegment(0, 0)
	d.Request(r.scenarios[0].scenario, &m.Traces, 0, nil)
	l := d.Logs()
	for _, x := range l.Records {
		lines = append(lines, fmt.Sprintf("%d %s %s on %d: %v", x.Time, l.Strings.String(x.SeverityText),
			strings.TrimPrefix(l.Strings.String(x.EventName), "acme."), x.SpanID[0], scalarOf(l.Strings, l.Text, x.Body)))
	}
	return lines
}

// failed makes a span one that failed.
func failed(s *otlp.Span) *otlp.Span {
	s.Status = otlp.StatusError
	return s
}

func TestVerdicts(t *testing.T) {
	r, _ := rulesOf(t, "")
	flag := func(m *model, i int) { m.Attrs[i].Kind, m.Attrs[i].Word = otlp.KindBool, 1 }
	for _, row := range []struct {
		why, want string
		span      func(m *model)
	}{
		{"allowed", "9 INFO request.allowed on 1: request allowed",
			func(m *model) { m.span("acme.request.validation", 1, 9, nil) }},
		{"flagged", "9 WARN request.flagged on 1: request allowed and flagged for audit",
			func(m *model) {
				m.span("acme.request.validation", 1, 9, map[string]any{"acme.request.audit.flag": 1})
				flag(m, 0)
			}},
		{"blocked", "9 WARN request.blocked on 1: request blocked: rate",
			func(m *model) {
				m.span("acme.request.validation", 1, 9, map[string]any{"acme.request.outcome": "blocked", "acme.block.reason": "text:rate"})
			}},
		{"failed", "9 ERROR response.failed on 1: response failed: timeout",
			func(m *model) {
				failed(m.span("acme.response.validation", 1, 9, map[string]any{"acme.response.outcome": "blocked", "error.type": "text:timeout"}))
			}},
		{"the other flag is not the response's", "9 INFO response.allowed on 1: response allowed",
			func(m *model) {
				m.span("acme.response.validation", 1, 9, map[string]any{"acme.request.audit.flag": 1})
				flag(m, 0)
			}},
		{"a policy that allows", "9 INFO policy.decision on 1: policy engine dlp decided allow",
			func(m *model) {
				m.span("acme.validation.policy", 1, 9, map[string]any{"acme.policy.decision": "allow", "acme.policy.engine": "text:dlp"})
			}},
		{"a policy that does not", "9 WARN policy.decision on 1: policy engine decided blocked",
			func(m *model) {
				m.span("acme.validation.policy", 1, 9, map[string]any{"acme.policy.decision": "blocked"})
			}},
		{"a policy that fails", "9 ERROR policy.decision on 1: policy engine decided",
			func(m *model) { failed(m.span("acme.validation.policy", 1, 9, nil)) }},
		{"a step that is done", "", func(m *model) { m.span("acme.planner", 1, 9, nil) }},
		{"a step that failed", "9 ERROR step.failed on 1: step planner failed: timeout",
			func(m *model) {
				failed(m.span("acme.planner", 1, 9, map[string]any{"acme.span.class": "text:planner", "error.type": "text:timeout"}))
			}},
		{"a model call", "9 INFO llm.call on 1: model call small succeeded",
			func(m *model) {
				m.span("acme.llm.call", 1, 9, map[string]any{"gen_ai.request.model": "text:small"})
			}},
		{"a call of another agent", "9 ERROR a2a.call on 1: call of agent failed:",
			func(m *model) { failed(m.span("a2a.call", 1, 9, nil)) }},
		{"the span around all", "", func(m *model) { failed(m.span("cp.request", 1, 9, nil)) }},
		{"a span of no type", "", func(m *model) { failed(m.span("INFO", 1, 9, nil)) }},
	} {
		m := newModel(r)
		row.span(m)
		checkLines(t, row.why, logged(r, m), row.want)
	}
}

// TestRecordsAreInOrderOfTime, and at equal times in that of what happens: a
// child ends before its parent, an attempt before the next one starts.
func TestRecordsAreInOrderOfTime(t *testing.T) {
	r, _ := rulesOf(t, "")
	m := newModel(r)
	below := func(s *otlp.Span) *otlp.Span {
		s.ParentID = otlp.SpanID{1}
		return s
	}
	call := func(start, end uint64, index int) *otlp.Span {
		s := m.span("acme.mcp.tool.execute.attempt", start, end, map[string]any{"acme.mcp.attempt.index": index})
		s.ParentID = otlp.SpanID{2}
		return s
	}
	m.span("acme.a2a.orchestrate", 10, 50, map[string]any{"acme.a2a.outcome": "partial"})
	failed(below(m.span("acme.mcp.tool.execute", 10, 50, map[string]any{"gen_ai.tool.name": "text:repair", "error.type": "text:timeout"})))
	failed(call(10, 20, 1))
	failed(call(20, 30, 2))
	failed(call(40, 50, 3))
	below(m.span("acme.llm.call", 10, 45, nil))
	checkLines(t, "order", logged(r, m), `
10 INFO turn.start on 1: turn started
20 WARN tool.attempt.failed on 3: tool call attempt 1 failed:
20 WARN tool.retry on 4: tool call tried again, attempt 2
30 WARN tool.attempt.failed on 4: tool call attempt 2 failed:
40 WARN tool.retry on 5: tool call tried again, attempt 3
45 INFO llm.call on 6: model call succeeded
50 ERROR tool.attempt.failed on 5: tool call attempt 3 failed:
50 ERROR tool.call on 2: tool call repair failed: timeout
50 WARN turn.end on 1: turn ended with a part of the answer
`)
}

func TestValidationErrorsHaveTheirTimes(t *testing.T) {
	r, _ := rulesOf(t, "")
	m := newModel(r)
	s := failed(m.span("acme.validation.payload", 10, 50, map[string]any{"acme.session.id": "text:sess"}))
	for i, path := range []string{"text:$.a", "text:$.b"} {
		other := m.span("INFO", 0, 0, map[string]any{"acme.validation.error.path": path, "acme.validation.error.rule": "text:enum"})
		id, _ := m.Strings.Lookup("acme.validation.error")
		m.Events = append(m.Events, otlp.Event{Time: uint64(20 + 30*i), Name: id, Attrs: other.Attrs})
		m.Spans = m.Spans[:1]
	}
	m.Events = append(m.Events, otlp.Event{Time: 50, Name: s.Name})
	m.Spans[0].Events = otlp.Range{Start: 0, End: 3}
	checkLines(t, "times", logged(r, m), `
20 ERROR validation.error on 1: payload violates enum at $.a
50 ERROR validation.error on 1: payload violates enum at $.b
`)
	d := NewDeriver(r, Options{Logs: true})
	d.BeginSegment(0, 0)
	d.Request(r.scenarios[0].scenario, &m.Traces, 0, nil)
	l := d.Logs()
	got := attrMap(l.Strings, l.Attrs, l.Text, l.Records[1].Attrs)
	if got["acme.session.id"] != "sess" || got["acme.validation.error.path"] != "$.b" || l.Records[1].Observed != 50+observedAfter {
		t.Errorf("got attributes %v, observed at %d", got, l.Records[1].Observed)
	}
}

// TestListsAreCopiedWithTheirElements, which stand elsewhere in the new record.
func TestListsAreCopiedWithTheirElements(t *testing.T) {
	r, _ := rulesOf(t, "")
	m := newModel(r)
	reasons, _ := m.Strings.Lookup("gen_ai.response.finish_reasons")
	key, _ := m.Strings.Lookup("gen_ai.request.model")
	m.Text = append(m.Text, "pad stop length"...)
	text := func(from, to uint32) otlp.Attr {
		return otlp.Attr{Kind: otlp.KindText, Word: otlp.PackRange(otlp.Range{Start: from, End: to})}
	}
	m.Attrs = append(m.Attrs, text(4, 8), text(9, 15))
	s := m.span("acme.llm.call", 1, 9, nil)
	m.Attrs = append(m.Attrs, otlp.Attr{Key: reasons, Kind: otlp.KindArray, Word: otlp.PackRange(otlp.Range{Start: 0, End: 2})}, text(0, 3))
	m.Attrs[3].Key = key
	s.Attrs = otlp.Range{Start: 2, End: 4}
	d := NewDeriver(r, Options{Logs: true})
	d.BeginSegment(0, 0)
	for range 2 { // the second request follows the first in one record
		d.logger.end = 0
		d.Request(r.scenarios[0].scenario, &m.Traces, 0, nil)
	}
	l := d.Logs()
	for _, x := range l.Records {
		list := l.Attrs[x.Attrs.Start:x.Attrs.End]
		if len(list) != 2 || list[0].Kind != otlp.KindArray || scalarOf(l.Strings, l.Text, list[1]) != "pad" {
			t.Fatalf("got attributes %v", list)
		}
		e := otlp.UnpackRange(list[0].Word)
		got := []any{scalarOf(l.Strings, l.Text, l.Attrs[e.Start]), scalarOf(l.Strings, l.Text, l.Attrs[e.Start+1])}
		if e.Len() != 2 || got[0] != "stop" || got[1] != "length" {
			t.Errorf("got elements %v", got)
		}
	}
}
