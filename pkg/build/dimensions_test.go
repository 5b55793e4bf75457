package build

import (
	"strings"
	"testing"

	"github.com/otelsim/otelsim/pkg/build/input"
)

// Attributes that make a series of each of their values are told when those are many.
func TestManySeriesAreTold(t *testing.T) {
	const route = "attribute http.route: it has any number of values, and http.server.request.duration has a series for each; a pool of up to 100 keeps them few"
	for _, row := range []struct{ place, text, want string }{
		{"SPAN", `http.route: {pattern: "/{hex:8}"}`, "a.yaml:12:106: warning: " + route},
		{"SPAN", `http.route: {pattern: "/{uuid}"}`, "a.yaml:12:106: warning: " + route},
		{"SPAN", `http.route: {pattern: "/{uuid}", pool: 100}`, ""},
		{"SPAN", `http.route: {pattern: "/{uuid}", pool: 5000}`, strings.Replace("a.yaml:12:106: warning: "+route, "any number of values", "5,000 values", 1)},
		{"SPAN", `http.route: {pattern: "/{digits:2}"}`, ""},
		{"SPAN", `http.route: {pattern: "/{digits:1}/{word:2}"}`, strings.Replace("a.yaml:12:106: warning: "+route, "any number of values", "38,440 values", 1)},
		{"SPAN", "http.route: {use: word}", strings.Replace("a.yaml:12:106: warning: "+route, "any number of values", "65,536 values", 1)},
		{"SPAN", `http.route: {pattern: "/{word}/{digits:1}"}`, strings.Replace("a.yaml:12:106: warning: "+route, "any number of values", "655,360 values", 1)},
		{"SPAN", "http.route: /x, own.id: {pattern: '{uuid}'}, url.path: {pattern: '/{uuid}'}", ""},
		{"EVENT", `http.route: {pattern: "/{hex:8}"}`, ""},
		{"LOG", `http.route: {pattern: "/{hex:8}"}`, ""},
		{"INNER", `http.route: {pattern: "/{hex:8}"}`, ""},
		{"CLIENT", `db.collection.name: {pattern: "t{hex:8}"}`, "a.yaml:16:46: warning: attribute db.collection.name: it has any number of values, and db.client.operation.duration has a series for each; a pool of up to 100 keeps them few"},
		{"DB", `db.collection.name: {pattern: "t{hex:2}"}`, "a.yaml:19:74: warning: attribute db.collection.name: it has 256 values, and db.client.operation.duration has a series for each; a pool of up to 100 keeps them few"},
		{"CLIENT", "server.port: {distribution: uniform, low: 1, high: 60000}", "a.yaml:16:46: warning: attribute server.port: it has 60,000 values, and db.client.operation.duration has a series for each; a pool of up to 100 keeps them few"},
		{"CLIENT", "server.port: {distribution: uniform, low: 1, high: 6}", ""},
	} {
		var got []string
		for _, p := range heldTo(t, row.place, row.text, nil) {
			got = append(got, p.String())
		}
		if strings.Join(got, "\n") != row.want {
			t.Errorf("%s %s: got %q, want %q", row.place, row.text, got, row.want)
		}
	}
	in := alone(t, "a.yaml", "emit_metrics: false\nservices: {web: {operations: {GET /: {attributes: {http.route: {pattern: '/{uuid}'}}}}}}\n")
	var p input.Problems
	if Compile(in, Options{}, &p); len(p.All()) > 0 {
		t.Errorf("without metrics: %v", p.All())
	}
}

// Whatever spans of a service have may be a dimension of its own metrics: what its calls say,
// what databases say for it, what it is called with, and what is of its resource.
func TestManySeriesOfOwnMetricsAreTold(t *testing.T) {
	const system = `values: {id: {pattern: "{hex:2}"}}
services:
  web:
    attributes: {at.id: {use: id}}
    operations:
      GET /: {calls: [{call: api.Do, attributes: {c.id: {use: id}}}, db.SELECT a, {call: db.SELECT a, attributes: {d.id: {use: id}}}]}
    metrics:
      w.a: {instrument: counter, unit: "{x}", from: {span: api/Do, kind: client}, dimensions: [c.id]}
      w.b: {instrument: counter, unit: "{x}", from: SELECT a, dimensions: [d.id, e.id]}
      w.c: {instrument: counter, unit: "{x}", from: GET /, dimensions: [at.id, c.id, d.id]}
  api:
    protocol: grpc
    operations: {Do: {attributes: {f.id: {use: id}}}}
    metrics: {a.a: {instrument: counter, unit: "{x}", from: api/Do, dimensions: [f.id]}}
  db: {protocol: db, operations: {SELECT a: {attributes: {e.id: {use: id}}}}}
`
	in := alone(t, "a.yaml", system)
	got := strings.ReplaceAll(toldOf(in), " has a series for each; a pool of up to 100 keeps them few", "")
	const want = `a.yaml:4:18: warning: attribute at.id: it has 256 values, and w.c
a.yaml:6:51: warning: attribute c.id: it has 256 values, and w.a
a.yaml:6:116: warning: attribute d.id: it has 256 values, and w.b
a.yaml:10:7: warning: metric w.c: dimensions: no span that it is from has "c.id", and no resource of these
a.yaml:10:7: warning: metric w.c: dimensions: no span that it is from has "d.id", and no resource of these
a.yaml:13:36: warning: attribute f.id: it has 256 values, and a.a
a.yaml:15:59: warning: attribute e.id: it has 256 values, and w.b`
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
