package gen_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// drawn is the traces of a request: names, kinds, times in milliseconds since the
// start of the request, and what failed with what.
func drawn(m *answered) string {
	var b strings.Builder
	var draw func(i, depth int)
	draw = func(i, depth int) {
		x := &m.t.Spans[i]
		start := m.t.Spans[0].Start
		fmt.Fprintf(&b, "%s%s %d-%d", strings.Repeat(" ", depth), m.name(i), (x.Start-start)/1e6, (x.End-start)/1e6)
		if x.Status == otlp.StatusError {
			fmt.Fprintf(&b, " %s", m.attr(i, "error.type"))
		}
		for _, e := range m.t.Events[x.Events.Start:x.Events.End] {
			fmt.Fprintf(&b, " !%s", m.t.Strings.String(e.Name))
		}
		if text := m.t.Strings.String(x.Message); text != "" {
			fmt.Fprintf(&b, " %q", text)
		}
		b.WriteString("\n")
		for _, c := range m.below(i) {
			draw(c, depth+1)
		}
	}
	for i := range m.t.Spans {
		if m.parents[i] < 0 {
			draw(i, 0)
		}
	}
	return b.String()
}

// steady are operations whose times are known, of which bad ones always fail.
const steady = `
  x:
    protocol: none
    operations:
      a: {own: {distribution: constant, value: 10}}
      b: {own: {distribution: constant, value: 20}}
      bad: {own: {distribution: constant, value: 10}, error: {rate: 1, types: [Oops]}}
  h:
    operations:
      GET /a: {latency: {distribution: constant, value: 10}}
      GET /503: {latency: {distribution: constant, value: 10}, error: {rate: 1, types: [503]}}
      GET /404: {latency: {distribution: constant, value: 10}, error: {rate: 1, types: [404]}}
      GET /gone: {latency: {distribution: constant, value: 10}, error: {rate: 1, types: [unavailable]}}
  g: {protocol: grpc, operations: {Get: {own: {distribution: constant, value: 10}, calls: [x.bad]}}}
  q: {protocol: messaging, operations: {in: {own: {distribution: constant, value: 10}}}}
`

func TestWhatCallsMean(t *testing.T) {
	network := "network: {distribution: constant, value: 2}"
	for _, c := range []struct{ why, calls, want string }{
		{"in turn", "calls: [x.a, x.b]", "GET / 0-40\n a 1-11\n b 11-31\n"},
		{"together", "parallel: true, calls: [x.a, x.b]", "GET / 0-30\n a 1-11\n b 1-21\n"},
		{"how often", "calls: [{call: x.a, count: 2}]", "GET / 0-30\n a 1-11\n a 11-21\n"},
		{"a group", "calls: [{all: [x.a, x.b], parallel: true}, x.a]", "GET / 0-40\n a 1-11\n b 1-21\n a 21-31\n"},
		{"a failure ends it", "calls: [x.bad, x.a]", "GET / 0-20 500\n bad 1-11 Oops !exception\n"},
		{"but not an optional one", "calls: [{call: x.bad, optional: true}, x.a]", "GET / 0-30\n bad 1-11 Oops !exception\n a 11-21\n"},
		{"made good", "calls: [x.bad, {call: x.b, if_failed: true}, x.a]", "GET / 0-50\n bad 1-11 Oops !exception\n b 11-31\n a 31-41\n"},
		{"made good of what was optional", "calls: [{call: x.bad, optional: true}, {call: x.b, if_failed: true}]", "GET / 0-40\n bad 1-11 Oops !exception\n b 11-31\n"},
		{"not made good", "calls: [x.bad, {call: x.bad, if_failed: true}, x.a]", "GET / 0-30 500\n bad 1-11 Oops !exception\n bad 11-21 Oops !exception\n"},
		{"nothing to make good", "calls: [x.a, {call: x.b, if_failed: true}]", "GET / 0-20\n a 1-11\n"},
		{"a failure in a group", "calls: [{all: [x.bad, x.a]}, x.a]", "GET / 0-20 500\n bad 1-11 Oops !exception\n"},
		{"nobody waits", "calls: [{call: x.b, async: true}, x.a]", "GET / 0-20\n b 1-21\n a 1-11\n"},
		{"nobody minds", "calls: [{call: x.bad, async: true}, x.a]", "GET / 0-20\n bad 1-11 Oops !exception\n a 1-11\n"},
		{"afterwards", "calls: [{call: x.b, after: true}, x.a]", "GET / 0-20\n a 1-11\n b 20-40\n"},
		{"afterwards, in a group", "calls: [{all: [x.a, {call: x.b, after: true}]}, x.a]", "GET / 0-30\n a 1-11\n a 11-21\n b 30-50\n"},
		{"a while afterwards, each", "calls: [{call: x.b, after: true, delay: {distribution: constant, value_ms: 30}, count: 2}, x.a]", "GET / 0-20\n a 1-11\n b 50-70\n b 100-120\n"},
		{"not after a failure", "calls: [x.bad, {call: x.b, after: true}]", "GET / 0-20 500\n bad 1-11 Oops !exception\n"},
		{"within", "calls: [{span: s, own: {distribution: constant, value: 10}, calls: [x.bad]}]", "GET / 0-30 500\n s 1-21 Oops\n  bad 2-12 Oops !exception\n"},
		{"a status", "status: no luck, calls: [x.bad]", "GET / 0-20 500 \"no luck\"\n bad 1-11 Oops !exception\n"},
		{"events", "events: [{name: ok, when: ok}, {name: all}, {name: bad, when: failed}], calls: [x.bad]", "GET / 0-20 500 !all !bad\n bad 1-11 Oops !exception\n"},
		{"across", "calls: [{call: h.GET /a, " + network + "}]", "GET / 0-22\n GET 1-13\n  GET /a 2-12\n"},
		{"passed on", "calls: [{call: h.GET /503, " + network + "}]", "GET / 0-22 503\n GET 1-13 503\n  GET /503 2-12 503 !exception\n"},
		{"who answers has no error", "calls: [{call: h.GET /404, " + network + "}]", "GET / 0-22 500\n GET 1-13 404\n  GET /404 2-12\n"},
		{"nobody there", "calls: [{call: h.GET /gone, " + network + "}]", "GET / 0-12 503\n GET 1-3 unavailable\n"},
		{"given up", "calls: [{call: h.GET /a, timeout: 5, " + network + "}]", "GET / 0-15 504\n GET 1-6 timeout\n  GET /a 2-12\n"},
		{"again", "calls: [{call: h.GET /503, retry: {max_attempts: 2, backoff_base_ms: 5, backoff_jitter: 0}, " + network + "}]",
			"GET / 0-39 503\n GET 1-13 503\n  GET /503 2-12 503 !exception\n GET 18-30 503\n  GET /503 19-29 503 !exception\n"},
		{"not again", "calls: [{call: h.GET /404, retry: {max_attempts: 2}, " + network + "}]", "GET / 0-22 500\n GET 1-13 404\n  GET /404 2-12\n"},
		{"over grpc", "calls: [{call: g.Get, " + network + "}]", "GET / 0-32 500\n g/Get 1-23 INTERNAL\n  g/Get 2-22 INTERNAL\n   bad 3-13 Oops !exception\n"},
		{"a message", "calls: [{call: q.in, queue: {distribution: constant, value: 30}, " + network + "}]", "GET / 0-12\n send in 1-3\nprocess in 33-43\n"},
		{"messages together", "calls: [{call: q.in, batch: 2, trace: same, queue: {distribution: constant, value: 30}, " + network + "}]", "GET / 0-14\n send in 1-3\n send in 3-5\n  process in 35-45\n"},
	} {
		p := system(t, "name: told\nsession: w.GET /\nservices:\n  w: {operations: {GET /: {own: {distribution: constant, value: 10}, "+c.calls+"}}}\n"+steady)
		runSystem(t, p, 1, 1, func(m *answered) {
			if got := drawn(m); got != c.want {
				t.Errorf("%s:\n%swant:\n%s", c.why, got, c.want)
			}
		})
	}
}
