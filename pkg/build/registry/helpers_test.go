package registry

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/otelsim/otelsim/pkg/build/input"
)

// read returns the registry of a file or a folder, with the names of its files
// relative to it.
func read(t testing.TB, path string) Source {
	t.Helper()
	src := Source{Name: path}
	err := filepath.WalkDir(path, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(name) != ".yaml" {
			return err
		}
		data, err := os.ReadFile(name)
		shown, _ := filepath.Rel(path, name)
		src.Files = append(src.Files, input.File{Name: filepath.ToSlash(shown), Data: data})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return src
}

// noProblems fails on any problem.
func noProblems(t testing.TB, p *input.Problems) {
	t.Helper()
	for _, problem := range p.All() {
		t.Error(problem)
	}
}

// dump writes all that a registry says, positions apart.
func dump(r *Registry) string {
	var b strings.Builder
	b.WriteString("schema " + r.SchemaURL + "\n")
	for _, a := range r.Attributes {
		b.WriteString("attribute " + dumpAttribute(a) + "\n")
	}
	for _, s := range append(r.Spans[:len(r.Spans):len(r.Spans)], r.SpanRefinements...) {
		b.WriteString(dumpSpan(s))
	}
	for _, m := range append(r.Metrics[:len(r.Metrics):len(r.Metrics)], r.MetricRefinements...) {
		b.WriteString(dumpMetric(m))
	}
	for _, e := range append(r.Events[:len(r.Events):len(r.Events)], r.EventRefinements...) {
		b.WriteString(dumpEvent(e))
	}
	for _, e := range append(r.Entities[:len(r.Entities):len(r.Entities)], r.EntityRefinements...) {
		b.WriteString(dumpEntity(e))
	}
	return b.String()
}

func dumpAttribute(a *Attribute) string {
	out := a.Key + " " + a.Type.String() + " " + a.Stability.String()
	for _, m := range a.Type.Members {
		out += fmt.Sprintf(" %s=%q/%s%s", m.ID, m.Value, m.Stability, dumpDeprecation(m.Deprecated))
	}
	return out + fmt.Sprintf(" %v", a.Examples) + dumpDeprecation(a.Deprecated)
}

func dumpDeprecation(d *Deprecation) string {
	if d == nil {
		return ""
	}
	return fmt.Sprintf(" !%s>%s(%s)", d.Reason, d.RenamedTo, d.Note)
}

func dumpUses(heading string, uses []Use) (out string) {
	for _, u := range uses {
		out += fmt.Sprintf("  %s %s[%s] %v %s\n", heading, u.Level, u.Condition, u.Sampling, dumpAttribute(u.Attribute))
	}
	return out
}

func dumpSpan(s *Span) string {
	return fmt.Sprintf("span %s id=%s kind=%d name=%q %s %v %s%s\n", s.Type, s.ID, s.Kind, s.Name, s.Level, s.Entities, s.Stability, dumpDeprecation(s.Deprecated)) +
		dumpUses("use", s.Attributes)
}

func dumpMetric(m *Metric) string {
	return fmt.Sprintf("metric %s id=%s %s %s %s %v %s %v %s%s\n", m.Name, m.ID, m.Instrument, m.Unit, m.Level, m.Entities, m.ValueType, m.Buckets,
		m.Stability, dumpDeprecation(m.Deprecated)) + dumpUses("use", m.Attributes)
}

func dumpEvent(e *Event) string {
	return fmt.Sprintf("event %s id=%s %s %v %s%s\n", e.Name, e.ID, e.Level, e.Entities, e.Stability, dumpDeprecation(e.Deprecated)) + dumpUses("use", e.Attributes)
}

func dumpEntity(e *Entity) string {
	return fmt.Sprintf("entity %s id=%s %s%s\n", e.Type, e.ID, e.Stability, dumpDeprecation(e.Deprecated)) +
		dumpUses("identity", e.Identity) + dumpUses("description", e.Description)
}

// differ fails at the first line that two dumps differ in.
func differ(t *testing.T, got, want string) {
	t.Helper()
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range max(len(g), len(w)) {
		switch {
		case i >= len(g):
			t.Fatalf("line %d is missing: %s", i+1, w[i])
		case i >= len(w):
			t.Fatalf("line %d is one too many: %s", i+1, g[i])
		case g[i] != w[i]:
			t.Fatalf("line %d:\ngot  %s\nwant %s", i+1, g[i], w[i])
		}
	}
}
