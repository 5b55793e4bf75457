package registry

import (
	"regexp"
	"strings"
	"testing"

	"github.com/otelsim/otelsim/config"
	"github.com/otelsim/otelsim/pkg/build/input"
)

// acme reads the folder with all traps.
func acme(t testing.TB) *Registry {
	t.Helper()
	var p input.Problems
	r := Load(read(t, "testdata/acme"), []Dependency{{Name: "base", Source: read(t, "testdata/base")}}, &p)
	noProblems(t, &p)
	return r
}

// TestFolderIsItsResolution: v1 and v2 files side by side, with a dependency, come to
// what was resolved by hand.
func TestFolderIsItsResolution(t *testing.T) {
	var p input.Problems
	resolved := Load(read(t, "testdata/acme.resolved.yaml"), nil, &p)
	noProblems(t, &p)
	differ(t, dump(acme(t)), dump(resolved))
}

// TestPackedFolder: packing keeps all that a registry says.
func TestPackedFolder(t *testing.T) {
	r := acme(t)
	again, err := unpack(string(pack(r)))
	if err != nil {
		t.Fatal(err)
	}
	differ(t, dump(again), dump(r))
	if got, want := again.Attributes[0].Pos, r.Attributes[0].Pos; got != want {
		t.Errorf("got position %v, want %v", got, want)
	}
	packed := pack(r)
	for i := range packed { // a file that is cut is refused, and no panic comes out
		if _, err := unpack(string(packed[:i])); err == nil {
			t.Fatalf("%d of %d bytes are read as a registry", i, len(packed))
		}
	}
}

// TestOrderOfFiles: the model does not depend on the order in which files are read.
func TestOrderOfFiles(t *testing.T) {
	src := read(t, "testdata/acme")
	want := dump(acme(t))
	for i := range src.Files {
		src.Files = append(src.Files[1:], src.Files[0])
		var p input.Problems
		r := Load(src, []Dependency{{Name: "base", Source: read(t, "testdata/base")}}, &p)
		noProblems(t, &p)
		if got := dump(r); got != want {
			t.Errorf("order %d gives another model", i)
		}
	}
}

// TestPositions: definitions and uses have the place where they were written.
func TestPositions(t *testing.T) {
	r := acme(t)
	a, _ := r.Attribute("acme.failure")
	s, _ := r.Span("acme.checkout.server")
	u, _ := s.Attribute("acme.order.id")
	inherited, _ := s.Attribute("base.tenant")
	for _, c := range []struct {
		got  input.Pos
		want string
	}{
		{a.Pos, "v1/registry.yaml:13:9"},
		{a.Type.Members[0].Pos, "v1/registry.yaml:16:15"},
		{s.Pos, "v1/signals.yaml:16:5"},
		{u.Pos, "v1/signals.yaml:24:14"},
		{inherited.Pos, "common.yaml:23:14"},
	} {
		if c.got.String() != c.want {
			t.Errorf("got %v, want %s", c.got, c.want)
		}
	}
}

// conditions are those of uses in a dump.
var conditions = regexp.MustCompile(`\[[^]]*\]`)

// TestOfficialExcerpt: what the excerpt in both forms defines is what the facts say.
func TestOfficialExcerpt(t *testing.T) {
	var p input.Problems
	r := Load(read(t, "testdata/official"), nil, &p)
	noProblems(t, &p)
	all, err := unpackAll(config.Registries)
	if err != nil {
		t.Fatal(err)
	}
	facts := all[0]
	both := 0
	for _, a := range r.Attributes {
		if want, ok := facts.Attribute(a.Key); !ok || dumpAttribute(a) != dumpAttribute(want) {
			t.Errorf("got  %s\nwant %s", dumpAttribute(a), dumpAttribute(want))
		}
		both++
	}
	blank := func(s string) string { return conditions.ReplaceAllString(s, "[]") } // the facts have no prose
	for _, s := range r.Spans {
		if want, ok := facts.Span(s.Type); !ok || blank(dumpSpan(s)) != blank(dumpSpan(want)) {
			differ(t, blank(dumpSpan(s)), blank(dumpSpan(want)))
		}
		both++
	}
	for _, m := range r.Metrics {
		if want, ok := facts.Metric(m.Name); !ok || blank(dumpMetric(m)) != blank(dumpMetric(want)) {
			differ(t, blank(dumpMetric(m)), blank(dumpMetric(want)))
		}
		both++
	}
	for _, e := range r.Events {
		if want, ok := facts.Event(e.Name); !ok || blank(dumpEvent(e)) != blank(dumpEvent(want)) {
			differ(t, blank(dumpEvent(e)), blank(dumpEvent(want)))
		}
		both++
	}
	for _, e := range r.Entities {
		if want, ok := facts.Entity(e.Type); !ok || blank(dumpEntity(e)) != blank(dumpEntity(want)) {
			differ(t, blank(dumpEntity(e)), blank(dumpEntity(want)))
		}
		both++
	}
	if both < 60 {
		t.Errorf("%d definitions are compared, want 60 at least", both)
	}
}

// TestDependencies: what dependents see, and what they are told.
func TestDependencies(t *testing.T) {
	base := Dependency{Name: "base", Source: read(t, "testdata/base")}
	load := func(manifest, definitions string) string {
		var p input.Problems
		Load(Source{Name: "x", Files: []input.File{{Name: "manifest.yaml", Data: []byte(manifest)}, {Name: "a.yaml", Data: []byte(definitions)}}},
			[]Dependency{base}, &p)
		var out strings.Builder
		for _, problem := range p.All() {
			out.WriteString(problem.String() + "\n")
		}
		return out.String()
	}
	const manifest = "schema_url: https://x.example/schemas/x/1.0.0\ndependencies: [{schema_url: https://acme.example/schemas/base/2.1.0}]\n"
	for _, c := range []struct{ name, manifest, definitions, want string }{
		{"an attribute that the dependency excludes", manifest,
			"file_format: definition/2\nevents: [{name: x.e, brief: E., stability: stable, attributes: [{ref: acme.order.id}]}]\n",
			`a.yaml:2:71: event "x.e": no attribute "acme.order.id" for registries that depend on its own: that one excludes it`},
		{"an import of what is excluded", manifest,
			"file_format: definition/2\nimports: {metrics: [base.requests.old]}\n",
			`a.yaml:2:21: metric "base.requests.old" is excluded for registries that depend on its own`},
		{"a pattern that matches nothing", manifest,
			"file_format: definition/2\nimports: {metrics: [base.request, 'base.x*']}\n",
			"a.yaml:2:21: no metric of a dependency matches \"base.request\"; did you mean \"base.requests\"?\n" +
				`a.yaml:2:35: no metric of a dependency matches "base.x*"`},
		{"a broken pattern", manifest,
			"file_format: definition/2\nimports: {metrics: ['base.{x', 'base.[x']}\n",
			"a.yaml:2:21: broken pattern \"base.{x\": want names with *, ?, [abc] or {a,b}\n" +
				`a.yaml:2:32: broken pattern "base.[x": want names with *, ?, [abc] or {a,b}`},
		{"imports of nothing", "schema_url: https://x.example/schemas/x/1.0.0\n",
			"file_format: definition/2\nimports: {metrics: [base.request]}\n",
			`a.yaml:2:21: nothing to import metric "base.request" from: manifest.yaml names no dependency that is there`},
		{"a dependency that nobody gave", "schema_url: https://x.example/schemas/x/1.0.0\ndependencies: [{schema_url: https://y.example/schemas/other/3.0.0, registry_path: ../other}]\n",
			"file_format: definition/2\nattributes: []\n",
			`manifest.yaml:2:16: it depends on registry "other" (https://y.example/schemas/other/3.0.0), and nothing is fetched: give it with --registry other=PATH; the manifest has it at "../other"`},
		{"the bundled registry", "schema_url: https://x.example/schemas/x/1.0.0\ndependencies: [{schema_url: https://opentelemetry.io/schemas/1.40.0}]\n",
			"file_format: definition/2\nimports: {spans: [http.*], metrics: [http.server.request.duration]}\n" +
				"spans: [{type: x.y, kind: client, name: {note: x}, brief: X., stability: stable, attributes: [{ref: http.request.method}, {ref_group: span.db.client}]}]\n",
			""},
	} {
		if got := strings.TrimSuffix(load(c.manifest, c.definitions), "\n"); got != c.want {
			t.Errorf("%s:\ngot  %s\nwant %s", c.name, got, c.want)
		}
	}
}
