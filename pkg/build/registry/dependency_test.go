package registry

import (
	"slices"
	"strings"
	"testing"

	"github.com/otelsim/otelsim/pkg/build/input"
)

// manifest is that of a registry x that depends on base.
const manifest = "schema_url: https://x.example/schemas/x/1.0.0\ndependencies: [{schema_url: https://acme.example/schemas/base/2.1.0}]\n"

// loadText reads a registry of two files, and returns what is told of it.
func loadText(dependencies []Dependency, manifest, definitions string) (*Registry, string) {
	var p input.Problems
	r := Load(Source{Name: "x", Files: []input.File{{Name: "manifest.yaml", Data: []byte(manifest)}, {Name: "a.yaml", Data: []byte(definitions)}}}, dependencies, &p)
	return r, told(&p)
}

// told returns problems as lines.
func told(p *input.Problems) string {
	var lines []string
	for _, problem := range p.All() {
		lines = append(lines, problem.String())
	}
	return strings.Join(lines, "\n")
}

// TestDependencies: what dependents see, and what they are told.
func TestDependencies(t *testing.T) {
	base := []Dependency{{Name: "base", Source: read(t, "testdata/base")}, {Name: "acme", Source: read(t, "testdata/acme")}}
	load := func(manifest, definitions string) string {
		_, told := loadText(base, manifest, definitions)
		return told
	}
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
		{"a group that the dependency keeps to itself", "schema_url: https://x.example/schemas/x/1.0.0\ndependencies: [{name: acme}]\n",
			"file_format: definition/2\nevents: [{name: x.e, brief: E., stability: stable, attributes: [{ref_group: acme.v2.common}]}]\n",
			`a.yaml:2:77: event "x.e": ref_group: nothing has the id "acme.v2.common"; in the registry that this one depends on it is internal`},
		{"what has moved to the registry of GenAI", "schema_url: https://x.example/schemas/x/1.0.0\ndependencies: [{schema_url: https://opentelemetry.io/schemas/1.40.0}]\n",
			"file_format: definition/2\nimports: {spans: [mcp.client]}\nevents: [{name: x.e, brief: E., stability: stable, attributes: [{ref: gen_ai.request.model}]}]\n",
			"a.yaml:2:19: span \"mcp.client\" is excluded for registries that depend on its own\n" +
				`a.yaml:3:71: event "x.e": no attribute "gen_ai.request.model" here; a registry of OpenTelemetry has it: name that in manifest.yaml, as in dependencies: [{schema_url: https://opentelemetry.io/schemas/gen-ai/1.42.0-unreleased}]`},
		{"the registry of GenAI", "schema_url: https://x.example/schemas/x/1.0.0\ndependencies: [{schema_url: https://opentelemetry.io/schemas/gen-ai/1.42.0}]\n",
			"file_format: definition/2\nimports: {spans: [mcp.client]}\nevents: [{name: x.e, brief: E., stability: stable, attributes: [{ref: gen_ai.request.model}, {ref_group: span.gen_ai.plan.internal}]}]\n", ""},
		{"another version", "schema_url: https://x.example/schemas/x/1.0.0\ndependencies: [{schema_url: https://acme.example/schemas/base/2.2.0}]\n", "groups: []\n",
			"manifest.yaml:2:16: warning: it depends on https://acme.example/schemas/base/2.2.0, and testdata/base is https://acme.example/schemas/base/2.1.0"},
		{"a group of the bundled registry", "schema_url: https://x.example/schemas/x/1.0.0\ndependencies: [{schema_url: https://opentelemetry.io/schemas/1.40.0}]\n",
			"file_format: definition/2\nevents: [{name: x.e, brief: E., stability: stable, attributes: [{ref_group: attributes.http.common}]}]\n",
			`a.yaml:2:77: event "x.e": ref_group: nothing has the id "attributes.http.common"; the bundled facts of OpenTelemetry's registry have no groups: give it with --registry NAME=PATH`},
		{"the bundled registry", "schema_url: https://x.example/schemas/x/1.0.0\ndependencies: [{schema_url: https://opentelemetry.io/schemas/1.40.0}]\n",
			"file_format: definition/2\nimports: {spans: [http.*], metrics: [http.server.request.duration]}\n" +
				"spans: [{type: x.y, kind: client, name: {note: x}, brief: X., stability: stable, attributes: [{ref: http.request.method}, {ref_group: span.db.client}]}]\n",
			""},
	} {
		if got := load(c.manifest, c.definitions); got != c.want {
			t.Errorf("%s:\ngot  %s\nwant %s", c.name, got, c.want)
		}
	}
}

// TestOfDependency: anything of a dependency can be built on: what is refined, what is
// extended and what is imported.
func TestOfDependency(t *testing.T) {
	dependencies := []Dependency{{Name: "shop", Source: read(t, "testdata/acme")}, {Name: "base", Source: read(t, "testdata/base")}}
	r, problems := loadText(dependencies, "schema_url: https://x.example/schemas/x/1.0.0\ndependencies: [{schema_url: https://acme.example/schemas/shop/1.2.0}]\n",
		`file_format: definition/2
span_refinements: [{id: x.pack, ref: acme.pack.internal, attributes: [{ref: acme.channel}]}]
metric_refinements: [{id: x.duration, ref: acme.pack.duration}]
event_refinements: [{id: x.packed, ref: acme.packed, attributes: [{ref_group: acme.v2.public}]}]
entity_refinements: [{id: x.store, ref: acme.store, description: [{ref: acme.ratio, requirement_level: required}]}]
imports:
  spans: ["acme.{checkout,express}.server"]
  metrics: ["acme.[!p]*"]
  events: [event.acme.refund]
  entities: ["acme.d?sk"]
  attribute_groups: [acme.v2.*]
`)
	if problems != "" {
		t.Fatal(problems)
	}
	want := acme(t)
	for _, c := range []struct{ got, want string }{
		{dumpSpan(r.Spans[0]), dumpSpan(want.Spans[0])},
		{dumpSpan(r.Spans[1]), dumpSpan(want.Spans[1])},
		{dumpMetric(r.Metrics[0]), dumpMetric(want.Metrics[0])},
		{dumpEvent(r.Events[0]), dumpEvent(want.Events[1])},
		{dumpEntity(r.Entities[0]), dumpEntity(want.Entities[0])},
		{strings.Replace(dumpMetric(r.MetricRefinements[0]), "id=x.duration", "id=", 1), dumpMetric(want.Metrics[1])},
	} {
		if c.got != c.want {
			t.Errorf("got\n%swant\n%s", c.got, c.want)
		}
	}
	if len(r.Spans) != 2 || len(r.Metrics) != 1 || len(r.Events) != 1 || len(r.Entities) != 1 {
		t.Errorf("%d, %d, %d and %d are imported", len(r.Spans), len(r.Metrics), len(r.Events), len(r.Entities))
	}
	pack := r.SpanRefinements[0]
	if u, ok := pack.Attribute("acme.channel"); pack.Type != "acme.pack.internal" || pack.Name != "pack {acme.size}" || !ok || u.Level != Recommended || len(pack.Attributes) != 5 {
		t.Errorf("got %s", dumpSpan(pack))
	}
	if e := r.EventRefinements[0]; len(e.Attributes) != 1 || e.Attributes[0].Condition != "when large" {
		t.Errorf("got %s", dumpEvent(e))
	}
	store := r.EntityRefinements[0]
	levels := []Level{store.Description[0].Level, store.Description[1].Level}
	if len(store.Identity) != 1 || !slices.Equal(levels, []Level{Recommended, Required}) {
		t.Errorf("got %s", dumpEntity(store))
	}
}

// TestCircleOfRegistries: registries that depend on each other are told.
func TestCircleOfRegistries(t *testing.T) {
	one := func(name, on string) Dependency {
		return Dependency{Name: name, Source: Source{Name: name, Files: []input.File{
			{Name: name + "/manifest.yaml", Data: []byte("schema_url: https://x.example/schemas/" + name + "/1.0.0\ndependencies: [{schema_url: https://x.example/schemas/" + on + "/1.0.0}]\n")},
			{Name: name + "/a.yaml", Data: []byte("groups: []\n")},
		}}}
	}
	dependencies := []Dependency{one("a", "b"), one("b", "a")}
	_, got := loadText(dependencies, "schema_url: https://x.example/schemas/x/1.0.0\ndependencies: [{schema_url: https://x.example/schemas/a/1.0.0}]\n", "groups: []\n")
	if want := `b/manifest.yaml:2:16: registry "a" depends on itself: a, then b, then a`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// TestLoadAll: a dependency that nobody names is a mistake, one that a dependency
// names is none.
func TestLoadAll(t *testing.T) {
	var p input.Problems
	base := Dependency{Name: "base", Source: read(t, "testdata/base")}
	other := Dependency{Name: "other", Source: Source{Name: "../other"}}
	all := LoadAll([]Source{read(t, "testdata/acme"), read(t, "testdata/official")}, []Dependency{base, other}, &p)
	if want := `../other: no manifest names a dependency "other": the name is the last part of its schema_url before the version`; told(&p) != want || len(all) != 2 {
		t.Errorf("got %s, %d registries", told(&p), len(all))
	}
	r := Layer(append([]*Registry{Bundled()}, all...)...)
	if s, ok := r.NearestSpan("acme.pack.intrenal"); !ok || s != "acme.pack.internal" {
		t.Errorf("got %q", s)
	}
	if m, ok := r.NearestMetric("http.server.request.durations"); !ok || m != "http.server.request.duration" {
		t.Errorf("got %q", m)
	}
	if e, ok := r.NearestEvent("acme.refnud"); !ok || e != "acme.refund" {
		t.Errorf("got %q", e)
	}
	m, _ := r.Metric("http.server.request.duration")
	if u, ok := m.Attribute("error.type"); !ok || u.Level != ConditionallyRequired {
		t.Errorf("got %+v", u)
	}
	e, _ := r.Event("session.start")
	if u, ok := e.Attribute("session.id"); !ok || u.Level != Required || len(e.Required()) != 1 {
		t.Errorf("got %+v", u)
	}
}

// TestPublished: a folder as Weaver publishes one, a resolved file with its manifest.
func TestPublished(t *testing.T) {
	src := read(t, "testdata/acme.resolved.yaml")
	src.Files = append(src.Files, input.File{Name: "x/manifest.yaml", Data: []byte("file_format: manifest/2.0\nschema_url: https://x.example/schemas/x/1.0.0\n")})
	var p input.Problems
	r := Load(src, nil, &p)
	noProblems(t, &p)
	differ(t, dump(r), dump(acme(t)))
	src.Files = append(src.Files, input.File{Name: "x/more.yaml", Data: []byte("groups: []\n")})
	Load(src, nil, &p)
	if !strings.HasSuffix(told(&p), "a resolved registry beside other files: it is one by itself; name the file alone") {
		t.Errorf("got %s", told(&p))
	}
}

// TestManifest: mistakes in manifests.
func TestManifest(t *testing.T) {
	for _, c := range []struct{ manifest, want string }{
		{"description: X\n", "manifest.yaml:1:1: schema_url: missing: the name of the registry, with its version at the end"},
		{"schema_url: https://x.example/x/1\nstability: stabel\n", `manifest.yaml:2:12: stability: unknown stability "stabel"; did you mean "stable"? allowed: alpha, beta, development, release_candidate, stable`},
		{"schema_url: https://x.example/x/1\ndependencies: [{registry_path: ../x}]\n", "manifest.yaml:2:16: dependencies[0].schema_url: missing"},
		{"name: x\nsemconv_version: 1.0.0\nschema_base_url: https://x.example/x\n", ""},
	} {
		r, got := loadText(nil, c.manifest, "groups: []\n")
		if got != c.want {
			t.Errorf("got %s, want %s", got, c.want)
		}
		if c.want == "" && r.SchemaURL != "https://x.example/x/1.0.0" {
			t.Errorf("got %q", r.SchemaURL)
		}
	}
}
