package build

import (
	"bytes"
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
          - {one_of: [{agent: request_error_policy_runtime, retry: {max_attempts: 2, retryable_errors: ["500"]}}, {agent: request_blocked_invalid_context}], optional: true}
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
	// What spans of a request say that others of it count by, which differs between agents.
	in.Semconv.Data = bytes.Replace(in.Semconv.Data, []byte("dimensions: [vendor.tenant.id, gen_ai.provider.name, gen_ai.request.model, vendor.step.outcome]"),
		[]byte("dimensions: [vendor.tenant.id, vendor.a2a.agent.target.id]"), 1)
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
	if p.plan.Scenarios[0].OneShape() {
		t.Error("it does not depend on what spans may hold of conversations")
	}
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

// What agents do that a system calls is part of the system, and of its digest.
func TestDigestsOfSystemsThatCallAgents(t *testing.T) {
	own := "name: own_agent\nroot: {type: a2a.orchestrate, children: [{type: llm.call, latency: 300}]}\n"
	digest := func(text, agent string) string {
		in := bundled(t)
		in.Own = []input.File{{Name: "helpdesk.yaml", Data: []byte(text)}, {Name: "own.yaml", Data: []byte(agent)}}
		return compiledWithWarnings(t, in, Options{Scenarios: []string{"helpdesk"}}).Digest()
	}
	text := strings.Replace(helpdesk, "agent: tool_retry", "agent: own_agent", 1)
	seen := map[string]string{digest(helpdesk, own): "nothing"}
	if other := strings.Replace(own, "300", "301", 1); seen[digest(helpdesk, other)] == "" {
		t.Error("a scenario that nobody calls changes the digest")
	}
	for _, row := range [][2]string{
		{text, own}, {text, strings.Replace(own, "300", "301", 1)},
		{strings.Replace(helpdesk, "timeout: 1500", "timeout: 1600", 1), own},
		{strings.Replace(helpdesk, "max_attempts: 2", "max_attempts: 3", 1), own},
		{strings.Replace(helpdesk, "agent: model_retry, after: true", "agent: model_retry, async: true", 1), own},
		{strings.Replace(helpdesk, "agent: model_retry", "agent: sub_agent", 1), own},
	} {
		d := digest(row[0], row[1])
		if before, ok := seen[d]; ok {
			t.Errorf("%s%s has the digest of %s", row[0], row[1], before)
		}
		seen[d] = row[0] + row[1]
	}
}

// Segments in which services call agents stand alone, and take no memory for each span.
func TestSegmentsWithAgentsStandAlone(t *testing.T) {
	p, _ := ofHelpdesk(t, helpdesk)
	r := run(48)
	var first, again otlp.Segment
	g := generator(t, p, r)
	for _, i := range []uint64{2, 0, 1} {
		again.Reset()
		if err := g.AppendSegment(&again, i); err != nil {
			t.Fatal(err)
		}
	}
	if err := generator(t, p, r).AppendSegment(&first, 1); err != nil {
		t.Fatal(err)
	}
	for i := range first.Blocks {
		if len(first.Blocks[i].Data) == 0 || !bytes.Equal(first.Blocks[i].Data, again.Blocks[i].Data) {
			t.Errorf("signal %d of the segment is another after others", i)
		}
	}
	got := testing.AllocsPerRun(3, func() {
		again.Reset()
		if err := g.AppendSegment(&again, 1); err != nil {
			t.Fatal(err)
		}
	})
	if spans := again.Blocks[otlp.SignalTraces].Items; got > 20 || spans < 2000 {
		t.Errorf("%v allocations for a segment of %d spans, want a few for the segment", got, spans)
	}
}
