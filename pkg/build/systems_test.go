package build

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/otelsim/otelsim/pkg/build/input"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// aSystem has one of each thing that a system can say.
const aSystem = `
name: a_system
conversation: {think_time: 300}
values:
  user: {pattern: "u-{hex:4}", pool: 100, zipf: 1.1, per: session}
session:
  - web.GET /
  - {call: web.GET /, count: {min: 0, max: 2}, probability: 0.5}
services:
  web:
    instances: 2
    sticky: true
    operations:
      GET /:
        own: 4
        error: {rate: 0.1, types: [500, 503], type_weights: {500: 3, 503: 1}}
        status: no luck
        attributes: {user: {use: user}}
        events: [{name: seen, when: ok, attributes: {n: 3}}]
        calls:
          - {call: api.Get, timeout: 50, retry: {max_attempts: 2, backoff_base_ms: 7}, network: 2, probability: 0.9}
          - {call: api.Get, if_failed: true, count: 2}
          - {one_of: [{call: api.Get, weight: 3}, {span: inner, own: 2}]}
          - {call: api.Get, optional: true, attributes: {mine: yes}}
          - {call: q.in, batch: 2, queue: 30}
          - {span: late, after: true}
  api: {protocol: grpc, capacity: 3, operations: {Get: {latency: 9, error: 0.2, calls: [db.SELECT x], variants: {usual: {weight: 5}, odd: {status: odd}}}}}
  db: {protocol: db, database: d, address: host, port: 99, operations: {SELECT x: {error: {rate: 0.1, types: ["40001"]}}}}
  q: {protocol: messaging, operations: {in: {group: g}}}
`

// systemOf compiles a system alone.
func systemOf(t *testing.T, text string) *Plan {
	t.Helper()
	in := alone(t, "a.yaml", text)
	return compiledWithWarnings(t, in, Options{})
}

// Whatever changes what a system emits changes its digest, and the way in which it is
// written does not.
func TestDigestsOfSystems(t *testing.T) {
	seen := map[string]string{systemOf(t, aSystem).Digest(): "nothing"}
	for _, edit := range [][2]string{
		{"think_time: 300", "think_time: 301"}, {"think_time: 300", "think_time: 300, session_id: false"}, {"{hex:4}", "{hex:5}"}, {"pool: 100", "pool: 101"}, {"zipf: 1.1", "zipf: 1.2"}, {"zipf: 1.1", "zipf: 1.1, length: 30"}, {"zipf: 1.1", "zipf: 1.1, length: 31"},
		{"per: session", "per: request"}, {"per: session", "per: span"}, {"max: 2", "max: 3"}, {"probability: 0.5", "probability: 0.6"}, {"instances: 2", "instances: 3"},
		{"sticky: true", "sticky: false"}, {"own: 4", "own: 5"}, {"own: 4", "latency: 4"}, {"rate: 0.1, types: [500", "rate: 0.2, types: [500"},
		{"503: 1}", "503: 2}"}, {"no luck", "bad luck"}, {"{use: user}", "someone"}, {"name: seen", "name: been"}, {"when: ok", "when: failed"},
		{"n: 3", "n: 4"}, {"timeout: 50", "timeout: 51"}, {"max_attempts: 2", "max_attempts: 3"}, {"backoff_base_ms: 7", "backoff_base_ms: 8"},
		{"network: 2", "network: 3"}, {"probability: 0.9", "probability: 0.8"}, {"if_failed: true, ", ""}, {"weight: 3", "weight: 4"},
		{"span: inner", "span: outer"}, {"own: 2", "own: 3"}, {"optional: true, ", ""}, {"optional: true", "async: true"}, {"mine: yes", "mine: no"},
		{"n: 3", "n: {value: 3, present: 0.5}"}, {"n: 3", "n: {value: 3, present: 0.4}"}, {"when: ok,", "when: ok, probability: 0.5,"}, {"when: ok,", "when: ok, count: 2,"},
		{"weight: 5", "weight: 6"}, {"status: odd", "status: even"}, {"odd: {", "rare: {"}, {"attributes: {mine", "variant: odd, attributes: {mine"},
		{"batch: 2", "batch: 3"}, {"queue: 30", "queue: 31"}, {"queue: 30", "queue: 30, trace: same"}, {"after: true", "async: true"}, {"after: true", "after: true, delay: 5"},
		{"capacity: 3", "capacity: 4"}, {"latency: 9", "latency: 8"}, {"error: 0.2", "error: 0.3"}, {"database: d", "database: e"},
		{"address: host", "address: other"}, {"port: 99", "port: 98"}, {"40001", "40P01"}, {"group: g", "group: h"}, {"[db.SELECT x]", "[db.SELECT x, db.SELECT x]"},
		{"[db.SELECT x],", "[db.SELECT x, {span: y}], parallel: true,"}, {"backoff_base_ms: 7", "backoff_base_ms: 7, retryable_errors: UNAVAILABLE"},
	} {
		text := strings.Replace(aSystem, edit[0], edit[1], 1)
		digest := systemOf(t, text).Digest()
		if before, ok := seen[digest]; ok || text == aSystem {
			t.Errorf("%s for %s has the digest of %s", edit[1], edit[0], before)
		}
		seen[digest] = edit[1]
	}
	same := strings.Replace(aSystem, "{name: seen, when: ok, attributes: {n: 3}}", "{attributes: {n: 3}, when: ok, name: seen}", 1) + "# as ever\n"
	if len(same) == len(aSystem) || seen[systemOf(t, same).Digest()] != "nothing" {
		t.Error("the order of keys, or a comment, changes the digest")
	}
}

// A segment of systems is the same whoever makes it, and after whatever.
func TestSegmentsOfSystemsStandAlone(t *testing.T) {
	p := systemOf(t, aSystem)
	r := run(64)
	segments := func(order []uint64) [][]byte {
		g := generator(t, p, r)
		out := make([][]byte, len(order))
		for _, i := range order {
			var seg otlp.Segment
			if err := g.AppendSegment(&seg, i); err != nil {
				t.Fatal(err)
			}
			out[i] = seg.Blocks[otlp.SignalTraces].Data
		}
		return out
	}
	forth, back := segments([]uint64{0, 1, 2, 3}), segments([]uint64{3, 2, 1, 0})
	for i := range forth {
		if len(forth[i]) == 0 || !bytes.Equal(forth[i], back[i]) {
			t.Errorf("segment %d differs", i)
		}
	}
}

// A system that joins a mix takes iterations, and changes none that it does not take;
// an edit of it changes only its own.
func TestSystemsMoveNothingOfOthers(t *testing.T) {
	in := bundled(t)
	in.Bundled = false
	in.Definitions = in.Definitions[:6]
	alone := generator(t, compiled(t, in, Options{}), run(200))
	with := func(text string) *Generator {
		in := in
		in.Definitions = append(slices.Clone(in.Definitions), input.File{Name: "a.yaml", Data: []byte(text)})
		return generator(t, compiled(t, in, Options{}), run(200))
	}
	mixed, edited := with(aSystem), with(strings.Replace(aSystem, "own: 4", "own: 6", 1))
	kept, taken := 0, 0
	for i := range uint64(200) {
		scenario := mixed.gen.Scenario(i).Name
		before, after := iterationBytes(alone, i), iterationBytes(mixed, i)
		changed := iterationBytes(edited, i)
		switch {
		case scenario == "a_system":
			taken++
			if bytes.Equal(after, changed) {
				t.Errorf("iteration %d of the system does not change with it", i)
			}
		case !bytes.Equal(before, after) || !bytes.Equal(after, changed):
			t.Errorf("iteration %d of %s changes with a system beside it", i, scenario)
		default:
			kept++
		}
	}
	if kept < 100 || taken < 5 {
		t.Errorf("%d iterations are of others, %d of the system", kept, taken)
	}
}

// A service logs what its scenario says, beside the span that it is of.
func TestLogsOfSystems(t *testing.T) {
	text := `
name: logs
services:
  shop:
    operations:
      POST /orders:
        own: 5
        error: 0.5
        attributes: {order: {pattern: "ord-{digits:10}"}}
        logs:
          - {body: "order {order} begins", at: start, severity: debug}
          - {body: "{order}: placed {order}", when: ok, attributes: {n: {distribution: poisson, mean: 3}}}
          - {severity: error, event: order.failed, when: failed}
        calls: [q.in]
  q: {protocol: messaging, operations: {in: {logs: [{body: got it, severity: warn}]}}}
`
	for _, quiet := range []bool{false, true} {
		if quiet {
			text = strings.Replace(text, "name: logs", "name: logs\nemit_logs: false", 1)
		}
		g := generator(t, systemOf(t, text), run(200))
		seen := map[string]int{}
		for i := range uint64(200) {
			g.IterationLogs(i, func(tr *otlp.Traces, l *otlp.Logs) {
				last := uint64(0)
				for k := range l.Records {
					r := &l.Records[k]
					at := slices.IndexFunc(tr.Spans, func(s otlp.Span) bool { return s.SpanID == r.SpanID && s.TraceID == r.TraceID })
					if at < 0 || r.Time < last {
						t.Fatalf("iteration %d: record %d is of no span, or not in order", i, k)
					}
					last = r.Time
					s := &tr.Spans[at]
					body := ""
					if r.Body.Kind == otlp.KindText {
						x := otlp.UnpackRange(r.Body.Word)
						body = string(l.Text[x.Start:x.End])
					}
					order := texts(attrsOf(tr, s.Attrs)["order"])
					what := strings.ReplaceAll(body, order, "ID") + l.Strings.String(r.EventName) + " " + l.Strings.String(r.SeverityText)
					seen[what]++
					want := map[string]uint64{"order ID begins DEBUG": s.Start, "ID: placed ID INFO": s.End, "order.failed ERROR": s.End, "got it WARN": s.End}
					outcome, told := map[string]uint8{"order.failed ERROR": otlp.StatusError, "ID: placed ID INFO": otlp.StatusUnset}[what]
					if r.Time != want[what] || told && s.Status != outcome {
						t.Fatalf("iteration %d: %s at %d, its span [%d, %d]", i, what, r.Time, s.Start, s.End)
					}
					name := func(strs *otlp.Strings, list []otlp.Attr) string {
						return strs.String(otlp.StringID(list[0].Word))
					}
					from, to := tr.Resources[s.Resource].Attrs, l.Resources[r.Resource].Attrs
					if a, b := name(tr.Strings, tr.Attrs[from.Start:]), name(l.Strings, l.Attrs[to.Start:]); a != b {
						t.Fatalf("iteration %d: %s of %s, and its span of %s", i, what, b, a)
					}
				}
			})
		}
		placed, failed := seen["ID: placed ID INFO"], seen["order.failed ERROR"]
		switch {
		case quiet && len(seen) > 0:
			t.Errorf("a scenario without logs has %v", seen)
		case !quiet && (seen["order ID begins DEBUG"] != 200 || seen["got it WARN"] != 200 || placed+failed != 200 || placed < 50 || failed < 50):
			t.Errorf("%v", seen)
		}
	}
}

// A service that scenarios share has one number of instances, and what these tell of
// themselves has one scope.
func TestSharedServices(t *testing.T) {
	file := func(name, more string) input.File {
		return input.File{Name: name + ".yaml", Data: []byte("name: " + name + "\nservices:\n  web: {" + more + "operations: {GET /: }}\n")}
	}
	const own = "metrics: {shop.x: {instrument: gauge, base: 1}}, "
	for _, c := range []struct{ a, b, want string }{
		{"instances: 2, ", "instances: 2, ", ""},
		{"instances: 2, ", "", "services.web.instances: 1, and 2 at a.yaml:3:3: a service has as many in all scenarios that run together"},
		{"", "scope: other, ", ""},
		{"runtime: go, ", "scope: other, runtime: go, ", `services.web.scope: "other", and "otelsim/web" at a.yaml:3:3: a service with runtime or metrics has the same in all scenarios that run together`},
		{own + "scope: a, ", own, `services.web.scope: "otelsim/web", and "a" at a.yaml:3:3: `},
	} {
		in := bundled(t)
		in.Bundled = false
		in.Definitions = []input.File{file("a", c.a), file("b", c.b)}
		var p input.Problems
		Compile(in, Options{}, &p)
		if err := p.Err(); c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), "b.yaml:3:3: "+c.want)) {
			t.Errorf("%s, and %s: got %v, want %s", c.a, c.b, err, c.want)
		}
		p = input.Problems{}
		if Compile(in, Options{Scenarios: []string{"b"}}, &p) == nil {
			t.Errorf("alone: %v", p.Err())
		}
	}
}
