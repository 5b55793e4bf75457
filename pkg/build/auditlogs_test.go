package build

import (
	"slices"
	"strings"
	"testing"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// TestAuditFindsLogsThatAreNotThere drops, doubles and changes one log record at
// a time: all of it follows from the spans.
func TestAuditFindsLogsThatAreNotThere(t *testing.T) {
	in := withMetrics(withDefinition(bundled(t), "every.yaml", every), odd)
	p := compiled(t, in, Options{})
	r := run(60)
	r.SegmentIterations = 60
	for _, row := range []struct {
		name   string
		change func(l *otlp.Logs)
		want   string
	}{
		{"nothing", func(*otlp.Logs) {}, ""},
		{"one less", func(l *otlp.Logs) { l.Records = slices.Delete(l.Records, 0, 1) }, "has no log "},
		{"all of a request less", func(l *otlp.Logs) { l.Records = l.Records[:0] }, "has no log "},
		{"one twice", func(l *otlp.Logs) { l.Records = append(l.Records, l.Records[0]) }, "does not follow from span"},
		{"another time", func(l *otlp.Logs) { l.Records[0].Time-- }, "does not follow from span"},
		{"another severity", func(l *otlp.Logs) { l.Records[0].Severity++ }, "does not follow from span"},
		{"an attribute twice", func(l *otlp.Logs) {
			at := &l.Records[0].Attrs
			list := slices.Clone(l.Attrs[at.Start:at.End])
			at.Start = uint32(len(l.Attrs))
			l.Attrs = append(append(l.Attrs, list...), list[0])
			at.End = uint32(len(l.Attrs))
		}, "is there twice"},
		{"another event", func(l *otlp.Logs) { l.Records[0].EventName = l.Records[1].EventName }, "does not follow from span"},
	} {
		g := generator(t, p, r)
		a := newAudit(conventionsOf(t, in), r.Seed, p.Prefix(), nil)
		requests := 0
		if err := g.segment(0, a.sinks(func(_ *otlp.Traces, _ *otlp.Metrics, l *otlp.Logs) {
			if l != nil {
				if requests++; requests == 20 {
					row.change(l)
				}
			}
		})); err != nil {
			t.Fatal(err)
		}
		a.Finish(a.find)
		switch {
		case row.want == "" && len(a.findings) > 0:
			t.Errorf("%s: found %q", row.name, a.findings[0])
		case row.want != "" && !slices.ContainsFunc(a.findings, func(s string) bool { return strings.Contains(s, row.want) }):
			t.Errorf("%s: found %q, want %q", row.name, a.findings, row.want)
		}
	}
}
