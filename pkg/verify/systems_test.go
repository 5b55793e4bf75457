package verify

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/otelsim/otelsim/pkg/build/registry"
	"github.com/otelsim/otelsim/pkg/corpus"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/otelsim"
)

// impatient is a system whose calls go on when their clients have given up, that
// sends messages and works on when it has answered.
const impatient = `name: impatient
session: [{call: web.GET /, count: 2}]
services:
  web:
    instances: 3
    operations:
      GET /: {calls: [{call: api.Do, timeout: 2, optional: true}, {call: [mail.orders, log.orders]}, {call: api.Do, async: true}, {call: mail.orders, trace: same, batch: 2}]}
  api: {protocol: grpc, operations: {Do: {latency: {distribution: constant, value: 20}, calls: [db.SELECT a]}}}
  db: {protocol: db, operations: {SELECT a: {}}}
  mail: {protocol: messaging, operations: {orders: {}}}
  log: {protocol: messaging, operations: {orders: {destination: orders}}}
`

// smallSystem writes a corpus of it, beside agents.
func smallSystem(t *testing.T) (dir string, in otelsim.Inputs) {
	t.Helper()
	agents, err := os.ReadFile("../../definitions/tool_retry.yaml")
	if err != nil {
		t.Fatal(err)
	}
	in.Definitions = []otelsim.File{{Name: "impatient.yaml", Data: []byte(impatient)}, {Name: "tool_retry.yaml", Data: agents}}
	plan, err := otelsim.New(otelsim.Options{Seed: 3, Count: 40, SegmentIterations: 20, Inputs: in})
	dir = t.TempDir()
	if err == nil {
		_, err = plan.Write(t.Context(), otelsim.WriteOptions{Dir: dir})
	}
	if err != nil {
		t.Fatal(err)
	}
	return dir, in
}

func rulesFound(t *testing.T, dir string, o Options) string {
	t.Helper()
	r, err := Corpus(t.Context(), dir, o)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, g := range r.Groups {
		all = append(all, g.Rule)
	}
	return strings.Join(all, " ")
}

func TestCorporaOfSystems(t *testing.T) {
	dir, in := smallSystem(t)
	for why, o := range map[string]Options{"": {}, "format only": {FormatOnly: true}, "made again": {Inputs: &in}} {
		if got := rulesFound(t, dir, o); got != "" {
			t.Errorf("%s: found %s", why, got)
		}
	}
	outlasting, apart := systemTimes(t, dir)
	if outlasting == 0 || apart == 0 {
		t.Errorf("%d spans end after their parents, %d traces are of consumers: the test is void", outlasting, apart)
	}
}

// systemTimes counts spans that end after their parents, and roots that are
// consumers.
func systemTimes(t *testing.T, dir string) (outlasting, apart int) {
	t.Helper()
	c, err := corpus.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	data, err := c.ReadSegment(0, otlp.SignalTraces)
	var d otlp.Decoder
	for err == nil && len(data) > 0 {
		var payload []byte
		var r otlp.Traces
		if payload, data, err = otlp.NextFrame(data, otlp.FormatProto); err == nil {
			err = d.Traces(&r, payload, otlp.FormatProto)
		}
		ends := make(map[otlp.SpanID]uint64)
		for i := range r.Spans {
			ends[r.Spans[i].SpanID] = r.Spans[i].End
		}
		for i := range r.Spans {
			s := &r.Spans[i]
			if s.Kind == otlp.SpanKindConsumer && s.ParentID == (otlp.SpanID{}) {
				apart++
			} else if end := ends[s.ParentID]; end > 0 && s.End > end {
				outlasting++
			}
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	return outlasting, apart
}

// Findings carry the ids that users of Weaver know, where there are any.
func TestFindingsHaveIDsOfWeaver(t *testing.T) {
	dir, _ := smallSystem(t)
	edit(t, filepath.Join(dir, "traces", "000000.pb"), "rpc.status_code", "rpc.status_nope")
	_, e, _ := reported(t, dir, Options{})
	ids := make(map[string]string)
	for _, f := range e.Findings {
		ids[f.Rule] = f.WeaverID
	}
	if ids["attribute-missing"] != "required_attribute_not_present" || ids["content-digest"] != "" {
		t.Errorf("got %v", ids)
	}
}

// What the conventions of a corpus say of its systems is what its spans are held to.
func TestCorporaOfSystemsAreHeldToWhatTheySay(t *testing.T) {
	for _, row := range []struct{ rule, file, from, to string }{
		{"instance", "traces/000000.pb", "web-0-2", "web-0-5"}, // of three
		{"instance", "traces/000000.pb", "mail-0", "mail-7"},
		{"instance", corpus.ConventionsFile, "instances: 3", "instances: 2"},
		{"system-span", corpus.ConventionsFile, `"SELECT a"`, `"SELECT b"`},
		{"span-kind", corpus.ConventionsFile, "kind: CONSUMER", "kind: SERVER"},
		{"span-time", corpus.ConventionsFile, "type: \"rpc.grpc.call.client\", free: true", "type: \"rpc.grpc.call.client\""},
		{"time-parent", corpus.ConventionsFile, "type: \"rpc.grpc.call.client\", free: true", "type: \"rpc.grpc.call.client\""},
		{"trace-id", corpus.ConventionsFile, `"log": {`, `"logs": {`}, // spans of no system, in parts that agents do not have
	} {
		dir, _ := smallSystem(t)
		edit(t, filepath.Join(dir, filepath.FromSlash(row.file)), row.from, row.to)
		if got := rulesFound(t, dir, Options{}); !strings.Contains(" "+got+" ", " "+row.rule+" ") {
			t.Errorf("%s for %s: found %s, want %s", row.to, row.from, got, row.rule)
		}
	}
}

// TestCoverage: what was seen is the same whoever has seen it, and changes nothing else.
func TestCoverage(t *testing.T) {
	dir, _ := smallSystem(t)
	without, _, cases := reported(t, dir, Options{})
	if without.Coverage != nil {
		t.Error("coverage, and nobody asked")
	}
	var first string
	for _, workers := range []int{1, 4} {
		r, _, more := reported(t, dir, Options{Workers: workers, Coverage: registry.Bundled()})
		var b strings.Builder
		if err := r.WriteJSON(&b); err != nil || r.Coverage == nil {
			t.Fatal(err)
		}
		if first == "" {
			first = b.String()
		}
		c := r.Coverage
		if b.String() != first || r.Count != 0 || len(more) != len(cases) {
			t.Errorf("%d workers: %d findings, %d tests of %d, or another report", workers, r.Count, len(more), len(cases))
		}
		if slices.Contains(c.Spans.Unseen, "rpc.grpc.call.client") || !slices.Contains(c.Spans.Unseen, "http.client") || len(c.Levels.Required.Unseen) > 0 ||
			slices.Contains(c.Metrics.Unseen, "http.server.request.duration") || slices.Contains(c.Entities.Unseen, "service") {
			t.Errorf("got %+v", c)
		}
	}
}

// learnt is a system of what is not said by hand so often: operations in several ways,
// and spans of no protocol that look as if they were of one.
const learnt = `name: learnt
conversation: {session_id: false}
session: [{call: web.GET /, count: 2}, {call: web.GET /, variant: broken, linked: true}, {call: web.GET /, continues: true, linked: true}]
values: {part: {pattern: "p-{hex:4}", pool: 20}, tier: [free, paid]}
services:
  web:
    operations:
      GET /:
        attributes: {way: usual, some: {pattern: "{hex:4}", present: 0.5}, few: {value: 1, present: 0.1}}
        events: [{name: told, probability: 0.5, count: {min: 0, max: 3}, attributes: {of: {distribution: poisson, mean: 3, present: 0.5}}}]
        logs: [{body: "{way} {some}", probability: 0.5}]
        calls: [{call: api.Do, retry: {max_attempts: 2}, optional: true}, {call: api.Do, variant: slow, timeout: 9, optional: true}, {call: [mail.orders, log.orders], batch: 2}, {call: mail.orders, trace: same}, db.SELECT a, own.step]
        variants:
          usual: {weight: 3}
          broken: {error: {rate: 1, types: [503]}, calls: [], attributes: {way: none}, logs: [{severity: error, event: broken, body: "{error.type}", when: failed}, {body: "{way}", attributes: {all: 1, some: {pattern: "{hex:4}", present: 0.4}}}]}
  api:
    protocol: grpc
    operations:
      Do: {calls: [{call: db.SELECT a, variant: none, retry: {max_attempts: 2}}], variants: {slow: {latency: 20}, refused: {error: {rate: 0.5, types: [NOT_FOUND, UNAVAILABLE]}, calls: [db.SELECT a]}}}
  db: {protocol: db, operations: {SELECT a: {variants: {many: {attributes: {db.response.returned_rows: 9}}, none: {error: {rate: 0.5, types: ["40001"]}, events: [{name: again, when: failed}]}}}}}
  mail: {protocol: messaging, operations: {orders: {variants: {a: , b: {error: 0.5, calls: [db.SELECT a]}}}}}
  log: {protocol: messaging, operations: {orders: {destination: orders}}}
  own:
    protocol: none
    operations:
      step: {variants: {a: {attributes: {n: 1}, calls: [own.get, own.client, own.send]}, b: {error: 0.3, calls: [{span: in}]}}}
      get:
        name: GET /x
        kind: server
        attributes: {http.request.method: GET, http.route: /x, url.path: /x, url.scheme: http}
        latency: {distribution: empirical, quantiles: [1, 2, 30], at: [0, 0.9, 1]}
        variants:
          fine: {weight: 3, attributes: {http.response.status_code: 200}, logs: [{body: fine, attributes: {all: 1, some: {value: 2, present: 0.5}, of: {pattern: "{part}/{digits:3}"}, to: {pattern: "{tier}/{part}"}}}]}
          bad: {attributes: {http.response.status_code: 502}, error: {rate: 1, types: ["502"]}}
      client: {name: GET /x, kind: client, attributes: {rpc.system.name: grpc, rpc.status_code: NOT_FOUND}, calls: [{span: GET /x, kind: server}]}
      send: {name: send q, kind: producer, attributes: {messaging.system: kafka}, calls: [{span: process q, kind: consumer, attributes: {messaging.message.id: one, db.response.status_code: "40001"}}]}
`

func TestCorporaOfWhatIsLearnt(t *testing.T) {
	in := otelsim.Inputs{Definitions: []otelsim.File{{Name: "learnt.yaml", Data: []byte(learnt)}}}
	valid, err := otelsim.Validate(in, "", true)
	if err != nil || len(valid.Warnings) > 0 {
		t.Fatal(valid, err)
	}
	plan, err := otelsim.New(otelsim.Options{Seed: 3, Count: 80, SegmentIterations: 40, Inputs: in})
	dir := t.TempDir()
	if err == nil {
		_, err = plan.Write(t.Context(), otelsim.WriteOptions{Dir: dir})
	}
	if err != nil {
		t.Fatal(err)
	}
	for why, o := range map[string]Options{"": {}, "made again": {Inputs: &in}} {
		if got := rulesFound(t, dir, o); got != "" {
			t.Errorf("%s: found %s", why, got)
		}
	}
}

// TestServicesWithoutInstances: services that do not say which instance does something are found
// to be right, several of them that differ by their host, and one that nothing tells apart.
func TestServicesWithoutInstances(t *testing.T) {
	in := otelsim.Inputs{Definitions: []otelsim.File{{Name: "plain.yaml", Data: []byte(`name: plain
values: {tenant: {pattern: "{hex:8}", pool: 3}}
services:
  web:
    protocol: none
    instances: 3
    instance_id: false
    attributes: {host.name: {pattern: "web-{hex:8}"}}
    operations: {work: {kind: server, calls: [api.do, {span: rest, async: true}], logs: [{body: hello}]}}
  api: {protocol: none, instances: 2, instance_id: false, attributes: {shop.tenant: {use: tenant}}, operations: {do: {error: 10%}}}
`)}}}
	plan, err := otelsim.New(otelsim.Options{Seed: 3, Count: 200, SegmentIterations: 20, Inputs: in})
	dir := t.TempDir()
	if err == nil {
		_, err = plan.Write(t.Context(), otelsim.WriteOptions{Dir: dir})
	}
	if err != nil {
		t.Fatal(err)
	}
	if found := rulesFound(t, dir, Options{}); found != "" {
		t.Error(found)
	}
	text, err := os.ReadFile(filepath.Join(dir, corpus.ConventionsFile))
	if err != nil || strings.Count(string(text), "anonymous: true") != 2 {
		t.Errorf("%v:\n%s", err, text)
	}
}
