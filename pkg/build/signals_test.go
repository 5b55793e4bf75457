package build

import (
	"fmt"
	"testing"
	"time"

	"github.com/otelsim/otelsim/pkg/build/signals"
	"github.com/otelsim/otelsim/pkg/corpus/ids"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// audited returns an audit for telemetry of a seed.
func audited(t testing.TB, seed uint64, prefix string) *signals.Audit {
	key := ids.New(seed)
	return signals.NewAudit(conventions(t.(*testing.T)), prefix, signals.AuditOptions{
		Request: func(id otlp.TraceID) uint64 {
			o := key.Origin(id)
			return o.Iteration<<16 | uint64(o.Turn)
		},
	})
}

// auditing returns sinks that pass all records on to an audit and a checker.
func auditing(a *signals.Audit, c *signals.Checker, fail func(text string)) sinks {
	finding := func(_ int, text string) { fail(text) }
	return sinks{
		traces:  func(t *otlp.Traces) error { a.Traces(t); return nil },
		metrics: func(m *otlp.Metrics) error { a.Metrics(m); c.Metrics(m, finding); return nil },
		logs:    func(l *otlp.Logs) error { a.Logs(l); c.Logs(l, finding); return nil },
	}
}

// TestSignalsAgree recomputes every point of every bundled scenario from the
// spans, and looks up the span of every log record and exemplar.
func TestSignalsAgree(t *testing.T) {
	in := withDefinition(bundled(t), "every.yaml", every)
	for _, row := range []struct {
		name   string
		o      Options
		change func(r *Run)
	}{
		{"cumulative", Options{}, func(*Run) {}},
		{"delta", Options{}, func(r *Run) { r.Temporality = otlp.TemporalityDelta }},
		{"unified", Options{TraceShape: ShapeUnified, Vendor: "acme"}, func(r *Run) { r.MetricInterval = time.Second }},
		{"merged", Options{}, func(r *Run) { r.BatchItems = 100 }},
	} {
		t.Run(row.name, func(t *testing.T) {
			r := run(800)
			r.SegmentIterations = 200
			row.change(&r)
			p := compiled(t, in, row.o)
			g := generator(t, p, r)
			a := audited(t, r.Seed, p.Prefix())
			c := signals.NewChecker(conventions(t), p.Prefix())
			for s := range r.Segments() {
				if err := g.segment(s, auditing(a, c, func(text string) { t.Error(text) })); err != nil {
					t.Fatal(err)
				}
				points, logs := a.Finish(func(text string) { t.Error(text) })
				if points < 1000 || logs < 1000 {
					t.Errorf("segment %d: only %d points and %d log records were compared", s, points, logs)
				}
				if t.Failed() {
					t.FailNow()
				}
			}
		})
	}
}

var _ = fmt.Sprint
