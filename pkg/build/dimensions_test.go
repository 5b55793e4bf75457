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
	in := bundled(t)
	in.Bundled = false
	in.Definitions = []input.File{{Name: "a.yaml", Data: []byte("emit_metrics: false\nservices: {web: {operations: {GET /: {attributes: {http.route: {pattern: '/{uuid}'}}}}}}\n")}}
	var p input.Problems
	if Compile(in, Options{}, &p); len(p.All()) > 0 {
		t.Errorf("without metrics: %v", p.All())
	}
}
