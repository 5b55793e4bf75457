package registry

import (
	"regexp"
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
