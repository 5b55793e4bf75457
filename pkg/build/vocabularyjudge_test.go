package build

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/otelsim/otelsim/pkg/build/input"
	"github.com/otelsim/otelsim/pkg/build/semconv"
	"github.com/otelsim/otelsim/pkg/conform"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// TestMetricsHaveTheBucketsOfTheirConventions, and the judge sees when they do not,
// or when an agent is said to have called more than it has.
func TestMetricsHaveTheBucketsOfTheirConventions(t *testing.T) {
	for _, row := range []struct {
		why, metric string
		plant       func(m *otlp.Metrics, x *otlp.Metric)
		want        string
	}{
		{"nothing", "gen_ai.client.inference.duration", func(*otlp.Metrics, *otlp.Metric) {}, ""},
		{"other bounds", "gen_ai.client.inference.duration", func(m *otlp.Metrics, x *otlp.Metric) {
			m.Bounds[m.Points[x.Points.Start].Bounds.Start] = 0.001
		}, "metric-buckets"},
		{"other calls", "gen_ai.invoke_agent.tool_calls", func(m *otlp.Metrics, x *otlp.Metric) {
			for i := x.Points.Start; i < x.Points.End; i++ {
				m.Points[i].Sum++
			}
		}, "audit-point"},
		{"another constant", "gen_ai.client.inference.usage.input_tokens", func(m *otlp.Metrics, x *otlp.Metric) {
			for i := m.Points[x.Points.Start].Attrs.Start; i < m.Points[x.Points.Start].Attrs.End; i++ {
				if m.Strings.String(m.Attrs[i].Key) == "gen_ai.token.modality" {
					m.Attrs[i].Word = uint64(m.Strings.ID("text"))
				}
			}
		}, "audit-point audit-series"},
	} {
		var rules []string
		found := func(rule string) {
			if !slices.Contains(rules, rule) {
				rules = append(rules, rule)
			}
		}
		in := words(t, bundled(t), "semconv-genai.yaml")
		var p input.Problems
		plan := Compile(in, Options{Scenarios: []string{"new_claim_phone"}}, &p)
		if err := p.Err(); err != nil {
			t.Fatal(err)
		}
		audit := conform.NewAudit(plan.Conventions, "vendor", conform.AuditOptions{Request: func(otlp.TraceID) uint64 { return 0 }})
		judge := conform.NewSignalChecker(plan.Conventions, "vendor")
		g, err := NewGenerator(plan, Run{Seed: 3, Count: 1, SegmentIterations: 16, Interval: DefaultInterval,
			Start: time.Unix(1_767_225_600, 0).UTC(), MetricInterval: DefaultMetricInterval, Temporality: otlp.TemporalityCumulative})
		if err != nil {
			t.Fatal(err)
		}
		err = g.segment(0, sinks{
			traces: func(tr *otlp.Traces) error { audit.Traces(tr); return nil },
			metrics: func(m *otlp.Metrics) error {
				i := slices.IndexFunc(m.Metrics, func(x otlp.Metric) bool { return m.Strings.String(x.Name) == row.metric })
				if i < 0 {
					t.Fatalf("no metric %s", row.metric)
				}
				m.Bounds = slices.Clone(m.Bounds)
				row.plant(m, &m.Metrics[i])
				judge.Metrics(m, func(_ int, rule, _ string) { found(rule) })
				audit.Metrics(m)
				return nil
			},
			logs: func(l *otlp.Logs) error { audit.Logs(l); return nil },
		})
		if err != nil {
			t.Fatal(err)
		}
		audit.Finish(func(rule, _ string) { found(rule) })
		slices.Sort(rules)
		if got := strings.Join(rules, " "); got != row.want && !(row.want != "" && strings.Contains(got, row.want)) {
			t.Errorf("%s: found %q, want %q", row.why, got, row.want)
		}
	}
}

// recordOf returns the traces record of a session in OpenTelemetry's words, as a
// receiver has it: with a string table of its own.
func recordOf(t *testing.T) (*otlp.Traces, *semconv.Conventions) {
	t.Helper()
	in := words(t, bundled(t), "semconv-genai.yaml")
	var p input.Problems
	plan := Compile(in, Options{Scenarios: []string{"new_claim_phone"}}, &p)
	if err := p.Err(); err != nil {
		t.Fatal(err)
	}
	g, err := NewGenerator(plan, Run{Seed: 3, Count: 1, SegmentIterations: 16, Interval: DefaultInterval,
		Start: time.Unix(1_767_225_600, 0).UTC(), MetricInterval: DefaultMetricInterval, Temporality: otlp.TemporalityCumulative})
	if err != nil {
		t.Fatal(err)
	}
	var encoded []byte
	err = g.segment(0, sinks{
		traces: func(tr *otlp.Traces) error {
			encoded = otlp.AppendTraces(encoded, tr, otlp.FormatProto)
			return nil
		},
		metrics: func(*otlp.Metrics) error { return nil },
		logs:    func(*otlp.Logs) error { return nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	out := &otlp.Traces{}
	var d otlp.Decoder
	if err := d.Traces(out, encoded, otlp.FormatProto); err != nil {
		t.Fatal(err)
	}
	return out, plan.Conventions
}

// TestTheJudgeKnowsSpansByTheirWords: a name that does not follow from what a span
// carries is found, and what a span is, is known whatever it is called.
func TestTheJudgeKnowsSpansByTheirWords(t *testing.T) {
	named := func(begin string) func(tr *otlp.Traces) *otlp.Span {
		return func(tr *otlp.Traces) *otlp.Span {
			i := slices.IndexFunc(tr.Spans, func(s otlp.Span) bool { return strings.HasPrefix(tr.Strings.String(s.Name), begin) })
			if i < 0 {
				t.Fatalf("no span is called %s...", begin)
			}
			return &tr.Spans[i]
		}
	}
	drop := func(tr *otlp.Traces, s *otlp.Span, key string) {
		for i := s.Attrs.Start; i < s.Attrs.End; i++ {
			if tr.Strings.String(tr.Attrs[i].Key) == key {
				tr.Attrs[i] = tr.Attrs[s.Attrs.End-1]
				s.Attrs.End--
				return
			}
		}
		t.Fatalf("no attribute %s", key)
	}
	for _, row := range []struct {
		why, span string
		plant     func(tr *otlp.Traces, s *otlp.Span)
		want      string // a rule, "" for nothing to find
	}{
		{"nothing", "chat ", func(*otlp.Traces, *otlp.Span) {}, ""},
		{"another model", "chat ", func(tr *otlp.Traces, s *otlp.Span) { s.Name = tr.Strings.ID("chat gpt-2") }, "span-name"},
		{"another type's name", "plan ", func(tr *otlp.Traces, s *otlp.Span) { s.Name = tr.Strings.ID("vendor.planner") }, "span-name"},
		{"a name without the rest", "execute_tool ", func(tr *otlp.Traces, s *otlp.Span) { s.Name = tr.Strings.ID("execute_tool") }, "span-name"},
		{"no name by a template", "vendor.task.execute", func(tr *otlp.Traces, s *otlp.Span) { s.Name = tr.Strings.ID("task") }, "span-name"},
		{"the kind of the vendor's words", "execute_tool ", func(_ *otlp.Traces, s *otlp.Span) { s.Kind = otlp.SpanKindClient }, "span-kind"},
		{"no session", "chat ", func(tr *otlp.Traces, s *otlp.Span) { drop(tr, s, "session.id") }, "attribute-missing"},
		{"no user", "vendor.task.execute", func(tr *otlp.Traces, s *otlp.Span) { drop(tr, s, "user.id") }, "attribute-missing"},
		{"no conversation", "chat ", func(tr *otlp.Traces, s *otlp.Span) { drop(tr, s, "gen_ai.conversation.id") }, "attribute-missing"},
		{"no class: the name tells", "chat ", func(tr *otlp.Traces, s *otlp.Span) { drop(tr, s, "vendor.span.class") }, "attribute-missing"},
	} {
		tr, c := recordOf(t)
		row.plant(tr, named(row.span)(tr))
		var rules []string
		conform.NewChecker(c, "vendor").Traces(tr, func(f conform.Finding) {
			if !slices.Contains(rules, f.Rule) {
				rules = append(rules, f.Rule)
			}
		})
		if got := strings.Join(rules, " "); got != row.want {
			t.Errorf("%s: found %q, want %q", row.why, got, row.want)
		}
	}
}
