package plan

import (
	"fmt"
	"strings"
	"testing"

	"github.com/otelsim/otelsim/pkg/build/input"
	"github.com/otelsim/otelsim/pkg/build/scenario"
	"github.com/otelsim/otelsim/pkg/build/semconv"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// systems compiles scenarios of services.
func systems(t *testing.T, text string) (*Plan, *input.Problems) {
	t.Helper()
	in, _ := bundled()
	var p input.Problems
	in.Definitions = scenario.Parse([]input.File{{Name: "a.yaml", Data: []byte(text)}}, in.Config, scenario.ParseOptions{Prefixes: []string{"vendor"}}, &p)
	if p.Errors() > 0 {
		t.Fatal(p.All())
	}
	return Compile(in, &p), &p
}

const small = `
name: small
services:
  web:
    operations:
      GET /items/{id}: {calls: [{call: api.Get, timeout: 30}, {call: mail.sent, after: true}]}
  api: {protocol: grpc, instances: 2, sticky: true, operations: {Get: {error: {rate: 0.1, types: [NOT_FOUND, unavailable]}, calls: [db.SELECT items, {span: check, async: true}]}}}
  db: {protocol: db, operations: {SELECT items: {error: {rate: 0.1, types: ["40001"]}}}}
  mail: {protocol: messaging, operations: {sent: {}}}
`

func TestServicesListWhatTheyEmit(t *testing.T) {
	p, problems := systems(t, small)
	if problems.Errors() > 0 {
		t.Fatal(problems.All())
	}
	want := []semconv.System{
		{Service: "api", Sticky: true, Spans: []semconv.SystemSpan{
			{Name: "SELECT items", Kind: otlp.SpanKindClient, Type: "db.postgresql.client"},
			{Name: "api/Get", Kind: otlp.SpanKindServer, Type: "rpc.grpc.call.server", Free: true},
			{Name: "check", Kind: otlp.SpanKindInternal, Free: true},
		}},
		{Service: "mail", Spans: []semconv.SystemSpan{{Name: "process sent", Kind: otlp.SpanKindConsumer, Type: "messaging.process.consumer", Free: true}}},
		{Service: "web", Spans: []semconv.SystemSpan{
			{Name: "GET /items/{id}", Kind: otlp.SpanKindServer, Type: "http.server"},
			{Name: "api/Get", Kind: otlp.SpanKindClient, Type: "rpc.grpc.call.client"},
			{Name: "send sent", Kind: otlp.SpanKindProducer, Type: "messaging.send.producer", Free: true},
		}},
	}
	got := p.Systems()
	for i := range got {
		for k := range want {
			if want[k].Service == got[i].Service {
				if a, b := fmt.Sprint(got[i].Spans), fmt.Sprint(want[k].Spans); a != b {
					t.Errorf("%s: got %s, want %s", got[i].Service, a, b)
				}
				if got[i].Sticky != want[k].Sticky {
					t.Errorf("%s: sticky is %v", got[i].Service, got[i].Sticky)
				}
			}
		}
	}
	if len(got) != len(want) {
		t.Errorf("%d services, want %d", len(got), len(want))
	}
}

// What something fails with is seen by each in its way.
func TestCausesAreToldByProtocol(t *testing.T) {
	type seen struct {
		typ, code string
		http      int64
		quiet     bool
	}
	for _, c := range []struct {
		protocol       scenario.Protocol
		word           string
		server, client seen
		up             [2]string // error.type of callers over http and grpc that need it
	}{
		{scenario.ProtocolHTTP, "404", seen{"404", "", 404, true}, seen{"404", "", 404, true}, [2]string{"500", "INTERNAL"}},
		{scenario.ProtocolHTTP, "500", seen{"500", "", 500, false}, seen{"500", "", 500, false}, [2]string{"500", "INTERNAL"}},
		{scenario.ProtocolHTTP, "503", seen{"503", "", 503, false}, seen{"503", "", 503, false}, [2]string{"503", "UNAVAILABLE"}},
		{scenario.ProtocolHTTP, "CardDeclined", seen{"500", "", 500, false}, seen{"500", "", 500, false}, [2]string{"500", "INTERNAL"}},
		{scenario.ProtocolHTTP, "timeout", seen{"504", "", 504, false}, seen{"504", "", 504, false}, [2]string{"504", "DEADLINE_EXCEEDED"}},
		{scenario.ProtocolHTTP, "unavailable", seen{"503", "", 503, false}, seen{"unavailable", "", 0, false}, [2]string{"503", "UNAVAILABLE"}},
		{scenario.ProtocolGRPC, "NOT_FOUND", seen{"NOT_FOUND", "NOT_FOUND", 0, true}, seen{"NOT_FOUND", "NOT_FOUND", 0, true}, [2]string{"500", "INTERNAL"}},
		{scenario.ProtocolGRPC, "unavailable", seen{"UNAVAILABLE", "UNAVAILABLE", 0, false}, seen{"UNAVAILABLE", "UNAVAILABLE", 0, false}, [2]string{"503", "UNAVAILABLE"}},
		{scenario.ProtocolGRPC, "Oops", seen{"INTERNAL", "INTERNAL", 0, false}, seen{"INTERNAL", "INTERNAL", 0, false}, [2]string{"500", "INTERNAL"}},
		{scenario.ProtocolDB, "40001", seen{"40001", "40001", 0, false}, seen{"40001", "40001", 0, false}, [2]string{"500", "INTERNAL"}},
		{scenario.ProtocolDB, "timeout", seen{"timeout", "", 0, false}, seen{"timeout", "", 0, false}, [2]string{"504", "DEADLINE_EXCEEDED"}},
		{scenario.ProtocolNone, "Oops", seen{"Oops", "", 0, false}, seen{"Oops", "", 0, false}, [2]string{"500", "INTERNAL"}},
	} {
		b := &systemBuilder{builder: &builder{compiler: &compiler{strs: otlp.NewStrings()}, out: &Scenario{System: &System{}}}}
		i := b.cause(c.protocol, c.word)
		look := func(i uint32) seen {
			x := b.out.System.Causes[i]
			return seen{b.strs.String(x.Type), b.strs.String(x.Code), x.HTTP, x.Quiet}
		}
		x := b.out.System.Causes[i]
		if got := look(i); got != c.server {
			t.Errorf("%d %s: who answers has %+v, want %+v", c.protocol, c.word, got, c.server)
		}
		client := x.Caller
		if got := look(client); got != c.client {
			t.Errorf("%d %s: who calls has %+v, want %+v", c.protocol, c.word, got, c.client)
		}
		fails := b.out.System.Causes[client].Fails
		if got := [2]string{look(fails[0]).typ, look(fails[1]).typ}; got != c.up {
			t.Errorf("%d %s: callers fail with %q, want %q", c.protocol, c.word, got, c.up)
		}
		if got := look(fails[scenario.ProtocolNone]).typ; got != c.client.typ {
			t.Errorf("%d %s: spans within fail with %q, want %q", c.protocol, c.word, got, c.client.typ)
		}
	}
}

// What is too much is told with the key that adds most to it, where it stands.
func TestLimitsOfSystemsNameTheKey(t *testing.T) {
	head := "name: big\nservices:\n  web:\n    operations:\n      GET /:\n        calls:\n"
	tail := "  b: {operations: {GET /b: {calls: [{call: \"c.GET /c\", count: 60}]}}}\n  c: {operations: {GET /c: {}}}\n  q: {protocol: messaging, operations: {in: {}}}\n"
	for _, c := range []struct{ calls, want string }{
		{"          - b.GET /b\n          - {call: b.GET /b, count: 200}\n", `a.yaml:8:13: scenario big: a trace may have over 10000 spans; what adds most is count of "b.GET /b", which is up to 200`},
		{"          - {call: b.GET /b, retry: {max_attempts: 100, backoff_multiplier: 1}}\n", `a.yaml:7:13: scenario big: a trace may have over 10000 spans; what adds most is retry.max_attempts of "b.GET /b", which is up to 100`},
		{"          - {call: q.in, batch: 10000}\n", `a.yaml:7:13: scenario big: a trace may have over 10000 spans; what adds most is batch of "q.in", which is up to 10000`},
		{"          - {call: q.in, count: 13}\n", `a.yaml:7:13: scenario big: a request may have over 12 traces of consumers beside its own (trace: same puts them into it); what adds most is count of "q.in", which is up to 13`},
		{"          - {call: c.GET /c, count: 900, network: {distribution: constant, value: 360000000}}\n", `a.yaml:7:13: scenario big: a request may last over 3650 days; what adds most is count of "c.GET /c", which is up to 900`},
	} {
		_, p := systems(t, head+c.calls+tail)
		found := false
		for _, x := range p.All() {
			found = found || fmt.Sprint(x.Pos)+": "+x.Text == c.want
		}
		if !found {
			t.Errorf("got %v, want %s", p.All(), c.want)
		}
	}
}

// What a session is too much of is told at its request.
func TestLimitsOfSessionsNameTheRequest(t *testing.T) {
	for _, c := range []struct{ session, want string }{
		{"  - web.GET /\n  - {call: web.GET /, count: 1100}\n", `a.yaml:4:5: scenario big: a session may last over 3650 days; what adds most is count of "web.GET /", which is up to 1100`},
		{"  - web.GET /\n  - {call: web.GET /, count: 20000}\n", `a.yaml:4:30: session[1].count: 20000 is not between 0 and 10000`},
	} {
		in, _ := bundled()
		var p input.Problems
		text := "name: big\nsession:\n" + c.session + "services:\n  web: {operations: {GET /: {latency: {distribution: constant, value: 300000000}}}}\n"
		in.Definitions = scenario.Parse([]input.File{{Name: "a.yaml", Data: []byte(text)}}, in.Config, scenario.ParseOptions{Prefixes: []string{"vendor"}}, &p)
		if p.Errors() == 0 {
			Compile(in, &p)
		}
		if len(p.All()) != 1 || fmt.Sprint(p.All()[0].Pos)+": "+p.All()[0].Text != c.want {
			t.Errorf("got %v, want %s", p.All(), c.want)
		}
	}
}

// A system whose calls branch is told to be too large without its tree being made.
func TestManyWaysThroughASystemAreCounted(t *testing.T) {
	var b strings.Builder
	b.WriteString("name: wide\nservices:\n  s:\n    protocol: none\n    operations:\n")
	for i := range 60 {
		fmt.Fprintf(&b, "      op%d: {calls: [s.op%d, s.op%d, {span: x, calls: s.op%d}]}\n", i, i+1, i+1, i+1)
	}
	b.WriteString("      op60: {}\n")
	if _, p := systems(t, b.String()); p.Errors() != 1 || !strings.Contains(p.Err().Error(), "over 10000 spans") {
		t.Errorf("got %v", p.All())
	}
}

// A trace may have as many spans as a trace may have.
func TestATraceOfTenThousandSpans(t *testing.T) {
	p, problems := systems(t, "name: full\nservices:\n  s: {protocol: none, operations: {all: {calls: [{call: s.one, count: 9999}]}, one: {}}}\n")
	if problems.Errors() > 0 {
		t.Fatal(problems.All())
	}
	if n := p.Scenarios[0].MaxSpans; n != MaxSpansPerTrace {
		t.Errorf("%d spans, want %d", n, MaxSpansPerTrace)
	}
}

// TestVariantsOfFailedAttemptsHaveNoConditions, and are in the digest.
func TestVariantsOfFailedAttemptsHaveNoConditions(t *testing.T) {
	text := func(when, failed string) string {
		return fmt.Sprintf(`
name: attempts
values: {word: {distribution: categorical, values: {a: 3, b: 1}}}
services:
  web: {operations: {GET /: {attributes: {x: {use: word}}, calls: [{call: x.go, retry: {success_rate_per_attempt: [0.5]%s}}]}}}
  x: {protocol: none, operations: {go: {variants: {fine: {weight: 1%s}, busy: {error: 1}, gone: {error: 1}}}}}
`, failed, when)
	}
	_, problems := systems(t, text(", when: {word: a}", ", failed_variants: busy"))
	if got := fmt.Sprint(problems.All()); !strings.Contains(got, "retry.failed_variants: which of the variants it is follows from a value: they have when") {
		t.Error(got)
	}
	seen := make(map[string]string)
	for _, failed := range []string{"", ", failed_variants: busy", ", failed_variants: gone", ", failed_variants: [busy, gone]"} {
		p, problems := systems(t, text("", failed))
		if problems.Errors() > 0 {
			t.Fatal(problems.All())
		}
		digest := fmt.Sprint(p.Digest)
		if seen[digest] != "" {
			t.Errorf("%q and %q have one digest", failed, seen[digest])
		}
		seen[digest] = failed + "."
	}
}
