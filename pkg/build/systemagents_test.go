package build

import (
	"slices"
	"strings"
	"testing"

	"github.com/otelsim/otelsim/pkg/build/input"
	"github.com/otelsim/otelsim/pkg/build/semconv"
	"github.com/otelsim/otelsim/pkg/conform"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// helpdesk asks agents in all ways.
const helpdesk = `
name: helpdesk
in_mix: false
session:
  - {call: desk.POST /tickets, count: 2}
services:
  desk:
    instances: 2
    operations:
      POST /tickets:
        logs: [{body: done}]
        calls:
          - {agent: tool_retry, timeout: 1500, optional: true}
          - {agent: ungrounded_response, probability: 50%, optional: true}
          - {call: mails.send}
          - {one_of: [{agent: request_error_policy_runtime, retry: {max_attempts: 2, retryable_errors: ["500"]}}, {agent: request_blocked_by_policy}], optional: true}
          - {all: [{agent: new_claim_phone, count: 2}, {agent: sub_agent, async: true}], parallel: true}
          - {agent: model_retry, after: true}
  mails: {protocol: messaging, operations: {send: {calls: [{agent: sub_agent}]}}}
`

// ofHelpdesk returns the plan of the help desk alone, and the conventions that a corpus
// of it has.
func ofHelpdesk(t testing.TB, text string) (*Plan, *semconv.Conventions) {
	t.Helper()
	in := bundled(t)
	in.Own = []input.File{{Name: "helpdesk.yaml", Data: []byte(text)}}
	p := compiled(t, in, Options{Scenarios: []string{"helpdesk"}})
	c := *p.Conventions
	c.Systems = p.Systems()
	return p, &c
}

// heldIn returns the rules that the spans of a segment of the help desk break after a
// change to them.
func heldIn(t *testing.T, p *Plan, c *semconv.Conventions, change func(*otlp.Traces)) (rules []string) {
	t.Helper()
	r := run(8)
	g := generator(t, p, r)
	k := conform.NewChecker(c, p.Prefix())
	k.Origin = func(id otlp.TraceID) (session, request uint64) {
		o, _ := g.Find(id)
		return o.Iteration, uint64(o.Turn)
	}
	session := k.Session()
	none := sinks{metrics: func(*otlp.Metrics) error { return nil }, logs: func(*otlp.Logs) error { return nil }}
	none.traces = func(tr *otlp.Traces) error {
		change(tr)
		session.Traces(tr, func(f conform.Finding) {
			if !slices.Contains(rules, f.Rule) {
				rules = append(rules, f.Rule)
			}
		})
		return nil
	}
	if err := generator(t, p, r).segment(0, none); err != nil {
		t.Fatal(err)
	}
	slices.Sort(rules)
	return rules
}

// What services get from agents, and all that is told of it, is as the conventions have
// it.
func TestServicesAskAgents(t *testing.T) {
	p, c := ofHelpdesk(t, helpdesk)
	if got := heldIn(t, p, c, func(*otlp.Traces) {}); got != nil {
		t.Errorf("its spans: %v", got)
	}
	if got := brokenIn(t, p, c, run(24), func(*otlp.Traces, *otlp.Metrics, *otlp.Logs) {}); got != nil {
		t.Errorf("its signals: %v", got)
	}
}

// gateways returns the spans with which gateways answer services that wait for them,
// those that failed or the others, and who has asked.
func gateways(tr *otlp.Traces, failed bool) (out, asked []*otlp.Span) {
	for i := range tr.Spans {
		s := &tr.Spans[i]
		if tr.Strings.String(s.Name) != "cp.request" || (s.Status == otlp.StatusError) != failed {
			continue
		}
		for k := range tr.Spans {
			if tr.Spans[k].TraceID == s.TraceID && tr.Spans[k].SpanID == s.ParentID && tr.Spans[k].End > s.End {
				out, asked = append(out, s), append(asked, &tr.Spans[k])
			}
		}
	}
	return out, asked
}

// What is changed in what agents answer is found, each change by the rules that it
// breaks.
func TestTheJudgeOfCallsOfAgentsNotices(t *testing.T) {
	p, c := ofHelpdesk(t, helpdesk)
	for _, row := range []struct {
		what   string
		failed bool // of gateways that failed
		change func(s, asked []*otlp.Span)
		want   string
	}{
		{"a gateway below what does not ask", false, func(s, asked []*otlp.Span) { s[0].ParentID = asked[0].ParentID }, "peer span-parent"},
		{"two gateways below one client", false, func(s, asked []*otlp.Span) { s[0].ParentID = s[1].ParentID }, "server-twice"},
		{"a gateway that is no server", false, func(s, _ []*otlp.Span) { s[0].Kind = otlp.SpanKindInternal }, "span-parent"},
		{"a gateway that is the service", false, func(s, asked []*otlp.Span) { s[0].Resource = asked[0].Resource }, "system-span"},
		{"a gateway that did not fail", true, func(s, _ []*otlp.Span) { s[0].Status = otlp.StatusUnset }, "server-outcome"},
		{"a gateway that failed", false, func(s, _ []*otlp.Span) { s[0].Status = otlp.StatusError }, "server-outcome"},
		{"a gateway that goes on", false, func(s, asked []*otlp.Span) { s[0].End = asked[0].End + 1 }, "time-parent"},
	} {
		done := false
		got := heldIn(t, p, c, func(tr *otlp.Traces) {
			if s, asked := gateways(tr, row.failed); !done && len(s) > 1 && s[0].TraceID == s[1].TraceID {
				row.change(s, asked)
				done = true
			}
		})
		for _, want := range strings.Fields(row.want) {
			if !done || !slices.Contains(got, want) {
				t.Errorf("%s: got %v, want %s among them", row.what, got, want)
			}
		}
	}
}
