package build

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/otelsim/otelsim/pkg/build/input"
	"github.com/otelsim/otelsim/pkg/build/semconv"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// office is laid over the bundled config: a tool server whose tools call services.
const office = `
extends: bundled
values:
  account: {pattern: "{digits:6}", pool: 100, per: session}
services:
  tools: {instances: 3, version: "1.2.0", port: 8105}
  billing:
    operations:
      GET /accounts/{account}:
        latency: 40
        error: {rate: 20%, types: [500, 404]}
        logs: [{body: "account {url.path}", when: ok}, {severity: error, event: account.lost, when: failed}]
        calls: [ledger.SELECT accounts]
  audit: {protocol: messaging, operations: {written: {calls: [ledger.INSERT audit]}}}
  ledger: {protocol: db, system: mysql, operations: {SELECT accounts: {latency: 3}, INSERT audit: }}
  claims: {protocol: db, operations: {SELECT claims: {latency: 400, error: 5%}, UPDATE claims: {error: {rate: 10%, types: [timeout]}}}}
mcp_servers:
  office:
    mcp_server_uuid: 0c8f6f2e-0f0f-4b7a-9a51-6d1c2b3e4f50
    service: tools
    tools:
      - name: find
        tool_uuid: 7a9e2b1c-11aa-4c3d-8f00-2b3c4d5e6f70
        calls: [claims.SELECT claims, {call: "billing.GET /accounts/{account}", timeout: 60ms, retry: {max_attempts: 2}}, {call: audit.written, after: true}]
      - name: close
        tool_uuid: 7a9e2b1c-11aa-4c3d-8f00-2b3c4d5e6f71
        calls: [claims.UPDATE claims, {call: audit.written, trace: same, batch: 2}, {span: tidy, async: true, own: 900}]
      - {name: list, tool_uuid: 7a9e2b1c-11aa-4c3d-8f00-2b3c4d5e6f72}
phases:
  - {name: the ledger is gone, from: 20s, to: 40s, services: [ledger], error_rate: 0.5}
`

// clerk calls the tools of the office, one of them again when it fails.
const clerk = `
name: clerk
context: {tenant: brackenwell, agent: claims-assistant-01, mcp_server: office}
root:
  type: a2a.orchestrate
  children:
    - {type: llm.call}
    - {type: mcp.tool.execute, attributes: {gen_ai.tool.name: find}, retry: {max_attempts: 3, retryable_errors: [timeout, unavailable, tool_error]}}
    - {type: mcp.tool.execute, attributes: {gen_ai.tool.name: close}}
    - {type: mcp.tool.execute, attributes: {gen_ai.tool.name: list}}
    - {type: llm.call}
    - {type: response.compose}
`

// chance draws which tool it calls.
const chance = `
name: chance
context: {tenant: brackenwell, agent: claims-assistant-01, mcp_server: office}
root:
  type: a2a.orchestrate
  children:
    - type: mcp.tool.execute
      attributes:
        gen_ai.tool.name: {distribution: categorical, values: {find: 1, close: 1, list: 1}}
        vendor.mcp.tool.uuid: 7a9e2b1c-11aa-4c3d-8f00-2b3c4d5e6f70
    - {type: llm.call}
    - {type: response.compose}
`

// ofOffice returns the plan of the clerk alone by some conventions, and those that a
// corpus of it has.
func ofOffice(t testing.TB, conventions func([]byte) []byte, o Options) (*Plan, *semconv.Conventions) {
	t.Helper()
	return officeOf(t, office, conventions, o)
}

func officeOf(t testing.TB, config string, conventions func([]byte) []byte, o Options) (*Plan, *semconv.Conventions) {
	t.Helper()
	in := bundled(t)
	base := in.Config
	in.Config = input.File{Name: "config.yaml", Data: []byte(config), Base: &base}
	in.Semconv.Data = conventions(in.Semconv.Data)
	in.Own = []input.File{{Name: "clerk.yaml", Data: []byte(clerk)}, {Name: "chance.yaml", Data: []byte(chance)}}
	if o.Scenarios == nil {
		o.Scenarios = []string{"clerk"}
	}
	p := compiled(t, in, o)
	c := *p.Conventions
	c.Systems = p.Systems()
	return p, &c
}

func asTheyAre(text []byte) []byte { return text }

// withoutServed takes from conventions the type of what tool servers do.
func withoutServed(text []byte) []byte {
	from := bytes.Index(text, []byte("  vendor.mcp.tool.serve:\n"))
	to := from + bytes.Index(text[from:], []byte("  vendor.response.compose:\n"))
	text = slices.Concat(text[:from], text[to:])
	from = bytes.Index(text, []byte("\nmcp_tool_serve_attributes:\n"))
	rest := text[from+1:]
	to = from + 1 + bytes.Index(rest, []byte("\n\n"))
	return slices.Concat(text[:from], text[to:])
}

// What tools call, and all that is told of it, is as the conventions have it, in one
// trace and in three, and where tool servers have no spans.
func TestToolsCallServices(t *testing.T) {
	for name, row := range map[string]struct {
		conventions func([]byte) []byte
		o           Options
	}{
		"apart": {asTheyAre, Options{}}, "unified": {asTheyAre, Options{TraceShape: ShapeUnified}},
		"without served": {withoutServed, Options{}},
	} {
		p, c := ofOffice(t, row.conventions, row.o)
		if got := heldIn(t, p, c, func(*otlp.Traces) {}); got != nil {
			t.Errorf("%s: its spans: %v", name, got)
		}
		if got := brokenIn(t, p, c, run(64), func(*otlp.Traces, *otlp.Metrics, *otlp.Logs) {}); got != nil {
			t.Errorf("%s: its signals: %v", name, got)
		}
	}
}

// attempted is an attempt of a tool call of the clerk, with what stands below it.
type attempted struct {
	attempt, server *otlp.Span
	calls           []*otlp.Span
}

// attemptsOf returns the attempts of a record.
func attemptsOf(tr *otlp.Traces) (out []attempted) {
	for i := range tr.Spans {
		if tr.Strings.String(tr.Spans[i].Name) != "vendor.mcp.tool.execute.attempt" {
			continue
		}
		x := attempted{attempt: &tr.Spans[i]}
		for k := range tr.Spans {
			s := &tr.Spans[k]
			if s.TraceID == x.attempt.TraceID && s.ParentID == x.attempt.SpanID {
				x.server = s
			}
		}
		for k := range tr.Spans {
			s := &tr.Spans[k]
			if x.server != nil && s.TraceID == x.server.TraceID && s.ParentID == x.server.SpanID {
				x.calls = append(x.calls, s)
			}
		}
		out = append(out, x)
	}
	return out
}

// An attempt fails as what its server calls does: with the word that tools have for it.
func TestCallsOfToolsDecideHowTheyEnd(t *testing.T) {
	p, _ := ofOffice(t, asTheyAre, Options{})
	words := map[string]int{}
	longest := uint64(0)
	_ = generator(t, p, run(64)).segment(0, sinks{
		metrics: func(*otlp.Metrics) error { return nil }, logs: func(*otlp.Logs) error { return nil },
		traces: func(tr *otlp.Traces) error {
			for _, x := range attemptsOf(tr) {
				word, _ := attrsOf(tr, x.attempt.Attrs)["error.type"].(string)
				last := ""
				for _, s := range x.calls {
					if s.Kind == otlp.SpanKindClient {
						last, _ = attrsOf(tr, s.Attrs)["error.type"].(string)
					}
				}
				if (last != "") != (word != "") {
					t.Fatalf("an attempt failed with %q, and the last call of its server with %q", word, last)
				}
				if last == "timeout" && word != "timeout" || last == "404" && word != "tool_error" {
					t.Errorf("an attempt failed with %q after %q", word, last)
				}
				words[word]++
				longest = max(longest, x.attempt.End-x.attempt.Start)
			}
			return nil
		},
	})
	for _, word := range []string{"", "timeout", "tool_error"} {
		if words[word] == 0 {
			t.Errorf("no attempt ended with %q: %v", word, words)
		}
	}
	if longest < 400e6 {
		t.Errorf("the longest attempt took %d ns, and a call takes 400 ms", longest)
	}
}

// What is changed in what tools call is found, each change by the rules that it breaks.
func TestTheJudgeOfCallsOfToolsNotices(t *testing.T) {
	p, c := ofOffice(t, asTheyAre, Options{})
	for _, row := range []struct {
		what   string
		change func(x *attempted)
		want   string
	}{
		{"a call of the attempt", func(x *attempted) { x.calls[0].ParentID = x.attempt.SpanID }, "system-parent"},
		{"a call of the call of a tool", func(x *attempted) { x.calls[0].ParentID = x.attempt.ParentID }, "system-parent"},
		{"a call that is answered by the tool server", func(x *attempted) { x.calls[0].Kind = otlp.SpanKindServer }, "span-kind"},
		{"a call of another process", func(x *attempted) { x.calls[0].Resource = x.attempt.Resource }, "span-unknown"},
		{"a call that goes on", func(x *attempted) { x.calls[0].End = x.server.End + 1 }, "time-parent"},
		{"a call that no service makes", func(x *attempted) { x.calls[0].Name = x.attempt.Name }, "span-parent"},
		{"a call that failed in silence", func(x *attempted) { x.calls[0].Status = otlp.StatusError }, "error-type"},
		{"a server of another service", func(x *attempted) { x.server.Resource = x.attempt.Resource }, "system-parent server-resource"},
		{"a server that failed alone", func(x *attempted) { x.server.Status = otlp.StatusError }, "server-outcome"},
	} {
		done := false
		got := heldIn(t, p, c, func(tr *otlp.Traces) {
			for _, x := range attemptsOf(tr) {
				if !done && len(x.calls) > 1 && x.attempt.Status != otlp.StatusError && x.calls[0].Status != otlp.StatusError {
					row.change(&x)
					done = true
				}
			}
		})
		for _, want := range strings.Fields(row.want) {
			if !done || !slices.Contains(got, want) {
				t.Errorf("%s: got %v, want %s among them", row.what, got, want)
			}
		}
	}
}

// A service whose tools call others emits spans of agents, too, and metrics and logs of
// both kinds; what is missing of either is noticed.
func TestSignalsOfToolsThatCallServices(t *testing.T) {
	p, c := ofOffice(t, asTheyAre, Options{})
	at := slices.IndexFunc(c.Systems, func(s semconv.System) bool { return s.Service == "tools" })
	if at < 0 || !c.Systems[at].Agents || c.Systems[at].Instances != 3 || len(c.Systems[at].Spans) == 0 {
		t.Errorf("the tool server is %+v", c.Systems)
	}
	for name, want := range map[string]string{"db.client.operation.duration": "audit-series", "http.server.request.duration": "audit-series"} {
		got := brokenIn(t, p, c, run(64), func(_ *otlp.Traces, m *otlp.Metrics, _ *otlp.Logs) {
			if m != nil {
				m.Metrics = slices.DeleteFunc(m.Metrics, func(x otlp.Metric) bool { return m.Strings.String(x.Name) == name })
			}
		})
		if !slices.Contains(got, want) {
			t.Errorf("without %s: got %v, want %s among them", name, got, want)
		}
	}
	for event, want := range map[string]string{"account.lost": "audit-log-missing", "vendor.tool.call": "audit-log-missing"} {
		got := brokenIn(t, p, c, run(64), func(_ *otlp.Traces, _ *otlp.Metrics, l *otlp.Logs) {
			if l != nil {
				l.Records = slices.DeleteFunc(l.Records, func(r otlp.LogRecord) bool { return l.Strings.String(r.EventName) == event })
			}
		})
		if !slices.Contains(got, want) {
			t.Errorf("without %s: got %v, want %s among them", event, got, want)
		}
	}
}

// Any iteration made alone is the one of the run, and what has nothing to do with
// services stays as it is when a config has some.
func TestIterationsOfToolsThatCallServicesStandAlone(t *testing.T) {
	p, _ := ofOffice(t, asTheyAre, Options{TraceShape: ShapeUnified})
	g := generator(t, p, run(40))
	alone := make([][]byte, 40)
	for i := len(alone) - 1; i >= 0; i-- {
		alone[i] = bytes.Clone(iterationBytes(g, uint64(i)))
	}
	for i := range alone {
		if !bytes.Equal(alone[i], iterationBytes(generator(t, p, run(400)), uint64(i))) {
			t.Fatalf("iteration %d differs by what was made before it", i)
		}
	}
	with, _ := ofOffice(t, asTheyAre, Options{Scenarios: []string{"tool_retry"}})
	if without := compiled(t, bundled(t), Options{Scenarios: []string{"tool_retry"}}); with.Digest() != without.Digest() {
		t.Error("services in a config change a scenario that calls none")
	}
}

// Whatever changes what tools call changes the digest.
func TestDigestsOfToolsThatCallServices(t *testing.T) {
	seen := map[string]string{}
	for _, edit := range [][2]string{
		{"", ""}, {"digits:6", "digits:7"}, {"pool: 100", "pool: 101"}, {"per: session", "per: request"}, {"instances: 3", "instances: 4"},
		{`"1.2.0"`, `"1.2.1"`}, {"latency: 40", "latency: 41"}, {"rate: 20%", "rate: 21%"}, {"account.lost", "account.gone"},
		{"timeout: 60ms", "timeout: 61ms"}, {"max_attempts: 2", "max_attempts: 3"}, {", after: true", ""}, {"batch: 2", "batch: 3"},
		{"own: 900", "own: 901"}, {"error_rate: 0.5", "error_rate: 0.6"}, {"[claims.UPDATE claims, ", "[{call: claims.UPDATE claims, optional: true}, "},
	} {
		p, _ := officeOf(t, strings.Replace(office, edit[0], edit[1], 1), asTheyAre, Options{})
		if other, ok := seen[p.Digest()]; ok {
			t.Errorf("%q instead of %q has the digest of %q", edit[1], edit[0], other)
		}
		seen[p.Digest()] = edit[1]
	}
}

// What a scenario may come to is never passed, and what passes the limits is told at the
// key that adds most to it.
func TestBoundsOfToolsThatCallServices(t *testing.T) {
	p, _ := ofOffice(t, asTheyAre, Options{TraceShape: ShapeUnified})
	s := p.plan.Scenarios[0]
	most, apart := 0, 0
	_ = generator(t, p, run(64)).segment(0, sinks{
		metrics: func(*otlp.Metrics) error { return nil }, logs: func(*otlp.Logs) error { return nil },
		traces: func(tr *otlp.Traces) error {
			spans, beside := map[otlp.TraceID]int{}, map[uint64]int{}
			request := requestsOf(run(64).Seed)
			for i := range tr.Spans {
				x := &tr.Spans[i]
				spans[x.TraceID]++
				if x.ParentID == (otlp.SpanID{}) && x.Kind == otlp.SpanKindConsumer {
					beside[request(x.TraceID)]++
				}
				if x.End-x.Start > s.MaxDuration {
					t.Fatalf("a span of %d ns, and an iteration may last %d", x.End-x.Start, s.MaxDuration)
				}
			}
			for _, n := range spans {
				most = max(most, n)
			}
			for _, n := range beside {
				apart = max(apart, n)
			}
			return nil
		},
	})
	if most > s.MaxSpans || most < s.MaxSpans/3 || apart == 0 || apart > s.System.Apart {
		t.Errorf("traces of up to %d spans, and %d beside them; they may have %d, and %d", most, apart, s.MaxSpans, s.System.Apart)
	}
	for edit, want := range map[string]string{
		"batch: 9999":                     "scenario clerk: a trace may have over 10000 spans; what adds most is batch of \"audit.written\", which is up to 9999",
		"batch: 2, count: 13, trace: own": "a request may have over 12 traces of consumers beside its own (trace: same puts them into it); what adds most is count of \"audit.written\", which is up to 13",
	} {
		in := bundled(t)
		base := in.Config
		text := strings.Replace(office, "trace: same, batch: 2", edit, 1)
		in.Config = input.File{Name: "config.yaml", Data: []byte(text), Base: &base}
		in.Own = []input.File{{Name: "clerk.yaml", Data: []byte(clerk)}}
		var found input.Problems
		Compile(in, Options{Scenarios: []string{"clerk"}}, &found)
		if err := found.Err(); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "config.yaml:") {
			t.Errorf("%s: got %v, want %s", edit, err, want)
		}
	}
}

// Of a tool whose name is drawn that is called which the one of that name calls.
func TestToolsThatAreDrawnCallTheirServices(t *testing.T) {
	for name, conventions := range map[string]func([]byte) []byte{"served": asTheyAre, "without served": withoutServed} {
		p, c := ofOffice(t, conventions, Options{Scenarios: []string{"chance"}})
		if got := brokenIn(t, p, c, run(64), func(*otlp.Traces, *otlp.Metrics, *otlp.Logs) {}); got != nil {
			t.Errorf("%s: its signals: %v", name, got)
		}
		seen := map[string]int{}
		_ = generator(t, p, run(64)).segment(0, sinks{
			metrics: func(*otlp.Metrics) error { return nil }, logs: func(*otlp.Logs) error { return nil },
			traces: func(tr *otlp.Traces) error {
				first := map[otlp.TraceID]string{}
				for i := range tr.Spans {
					s := &tr.Spans[i]
					if word := tr.Strings.String(s.Name); word == "SELECT claims" || word == "UPDATE claims" {
						first[s.TraceID] = word
					}
				}
				for i := range tr.Spans {
					s := &tr.Spans[i]
					if tr.Strings.String(s.Name) != "vendor.mcp.tool.execute" {
						continue
					}
					tool := attrsOf(tr, s.Attrs)["gen_ai.tool.name"].(string)
					want := map[string]string{"find": "SELECT claims", "close": "UPDATE claims"}[tool]
					if got := first[s.TraceID]; got != want {
						t.Fatalf("%s: tool %s calls %q, want %q", name, tool, got, want)
					}
					seen[tool]++
				}
				return nil
			},
		})
		if len(seen) != 3 {
			t.Errorf("%s: it called %v", name, seen)
		}
	}
}
