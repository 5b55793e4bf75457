package plan

import (
	"fmt"
	"strings"
	"testing"
)

// chain is operations that call the next one, each in a way.
func chain(n int, call string) string {
	var b strings.Builder
	b.WriteString("services:\n  s:\n    protocol: none\n    operations:\n")
	for i := range n {
		fmt.Fprintf(&b, "      op%d: {calls: [%s]}\n", i, strings.ReplaceAll(call, "NEXT", fmt.Sprintf("s.op%d", i+1)))
	}
	fmt.Fprintf(&b, "      op%d: {}\n", n)
	return b.String()
}

// What is beyond a limit does not load, whatever takes it there, and the key to blame
// is named.
func TestWhatIsBeyondEachLimitDoesNotLoad(t *testing.T) {
	const (
		long  = "{latency: {distribution: constant, value: 360000000}}" // 100 hours
		web   = "services:\n  web: {operations: {GET /: {calls: ["
		c     = "  c: {operations: {GET /: " + long + "}}\n"
		think = "conversation: {think_time: {distribution: constant, value: 360000000}}\n"
		days  = " may last over 3650 days; "
	)
	text := func(n int) string { return "attributes: {a: " + strings.Repeat("x", n) + "}" }
	for _, row := range []struct{ why, text, want string }{
		{"depth", chain(500, "NEXT"), `a.yaml:6:7: scenario big: over 500 spans may stand below each other; most is below "s.op0"`},
		{"a consumer's trace", web + "q.in]}}}\n  q: {protocol: messaging, operations: {in: {calls: [{call: c.GET /, count: 6000}]}}}\n" + c,
			`a.yaml:4:54: scenario big: a trace of a consumer may have over 10000 spans; what adds most is count of "c.GET /", which is up to 6000`},
		{"several consumers", web + "{call: [q.in, q.out], count: 7}]}}}\n  q: {protocol: messaging, operations: {in: {destination: x}, out: {destination: x}}}\n",
			`a.yaml:3:38: scenario big: a request may have over 12 traces of consumers beside its own (trace: same puts them into it); what adds most is count of "q.in", which is up to 7`},
		{"backoff", web + "{call: d.GET /, count: 50, retry: {max_attempts: 90, backoff_base_ms: 3e8, backoff_multiplier: 1}}]}}}\n  d: {operations: {GET /: {error: 1}}}\n",
			`a.yaml:3:38: scenario big: a request` + days + `what adds most is retry.max_attempts of "d.GET /", which is up to 90`},
		{"one backoff", web + "{call: d.GET /, retry: {max_attempts: 9, backoff_base_ms: 3e8, backoff_multiplier: 2}}]}}}\n  d: {operations: {GET /: {error: 1}}}\n",
			`a.yaml:3:38: retry: a backoff may be over 100 hours`},
		{"a phase", web + "c.GET /, {span: x, calls: [{span: y, own: 1, attributes: {a: b}}]}]}}}\n" + c + "phases: [{name: a, services: c, latency_factor: 1000}]\n",
			`a.yaml:4:20: scenario big: a request` + days + `what adds most is latency_factor of phases of "c.GET /", which is up to 1000`},
		{"a high load", web + "{call: c.GET /, count: 45}]}}}\n  c: {capacity: 2, operations: {GET /: " + long + "}}\n",
			`a.yaml:3:38: scenario big: a request` + days + `what adds most is count of "c.GET /", which is up to 45`},
		{"a queue", web + "{call: q.in, count: 12, queue: {distribution: constant, value: 360000000}}]}}}\n  q: {protocol: messaging, operations: {in: {calls: [{call: c.GET /, count: 100}]}}}\n" + c,
			`a.yaml:4:54: scenario big: a request` + days + `what adds most is count of "c.GET /", which is up to 100`},
		{"think time", think + "session: [" + strings.Repeat("web.GET /, ", 1000) + "web.GET /]\n" + web + "{call: web.GET /x, count: 2}]}, GET /x: }}\n",
			`a.yaml:1:7: scenario big: a session` + days + `what adds most is conversation.think_time, which is up to 100h0m0s, before 1000 requests`},
		{"bytes", "session: [{call: web.GET /, count: 9000}]\nservices:\n  web: {operations: {GET /: {" + text(130_000) + ", calls: [{call: web.GET /x, count: 2}]}, GET /x: }}\n",
			`a.yaml:2:11: scenario big: the spans of a session may take over 1073741824 bytes; what adds most is count of "web.GET /", which is up to 9000`},
		{"a span", "services:\n  web: {operations: {GET /: {" + text(1_000_000) + "}}}\n", ` bytes, and a record holds 983616: shorten its attributes`},
		{"log records of a span", "services:\n  web: {operations: {GET /: {" + text(9000) + ", logs: [{body: \"" + strings.Repeat("{a}", 200) + "\"}]}}}\n",
			` bytes, and a record holds 983616: shorten its attributes`},
	} {
		_, problems := systems(t, "name: big\n"+row.text)
		found := false
		for _, x := range problems.All() {
			got := fmt.Sprint(x.Pos) + ": " + x.Text
			found = found || got == row.want || strings.HasPrefix(row.want, " ") && strings.HasSuffix(got, row.want)
		}
		if !found || problems.Errors() == 0 {
			t.Errorf("%s: got %v, want %s", row.why, problems.All(), row.want)
		}
	}
}
