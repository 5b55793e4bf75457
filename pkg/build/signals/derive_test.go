package signals

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// model builds traces by hand.
type model struct{ otlp.Traces }

func newModel(r *Rules) *model { return &model{otlp.Traces{Strings: r.strs}} }

// span appends a span of a type with attributes: strings, or with a leading
// "text:" ones that stand in the arena, or numbers.
func (m *model) span(name string, start, end uint64, attrs map[string]any) *otlp.Span {
	if len(m.Resources) == 0 {
		m.Resources = append(m.Resources, otlp.Resource{})
		m.Scopes = append(m.Scopes, otlp.Scope{})
	}
	begin := uint32(len(m.Attrs))
	for _, k := range slices.Sorted(maps.Keys(attrs)) {
		key, _ := m.Strings.Lookup(k)
		a := otlp.Attr{Key: key}
		switch v := attrs[k].(type) {
		case int:
			a.Kind, a.Word = otlp.KindInt, uint64(v)
		case int64:
			a.Kind, a.Word = otlp.KindInt, uint64(v)
		case float64:
			a.Kind, a.Word = otlp.KindDouble, math.Float64bits(v)
		case string:
			if text, ok := strings.CutPrefix(v, "text:"); ok {
				from := uint32(len(m.Text))
				m.Text = append(m.Text, text...)
				a.Kind, a.Word = otlp.KindText, otlp.PackRange(otlp.Range{Start: from, End: uint32(len(m.Text))})
				break
			}
			id, ok := m.Strings.Lookup(v)
			if !ok {
				panic("the rules do not know " + v)
			}
			a.Word = uint64(id)
		}
		m.Attrs = append(m.Attrs, a)
	}
	id, _ := m.Strings.Lookup(name)
	n := byte(len(m.Spans) + 1)
	m.Spans = append(m.Spans, otlp.Span{
		Name: id, Start: start, End: end, TraceID: otlp.TraceID{1}, SpanID: otlp.SpanID{n},
		Attrs: otlp.Range{Start: begin, End: uint32(len(m.Attrs))},
	})
	return &m.Spans[n-1]
}

// derived returns the points of a segment from 1000 on with ticks every 100, one a
// line.
func derived(r *Rules, m *model, o Options) (lines []string) {
	o.Metrics, o.Interval = true, 100
	d := NewDeriver(r, o)
	d.BeginSegment(1000, 0)
	d.Request(r.scenarios[0].scenario, &m.Traces, 0, nil)
	_ = d.EndSegment(func(m *otlp.Metrics) error {
		for _, x := range m.Metrics {
			for _, p := range m.Points[x.Points.Start:x.Points.End] {
				line := fmt.Sprintf("%s %d-%d %v", m.Strings.String(x.Name), p.Start, p.Time, attrMap(m.Strings, m.Attrs, m.Text, p.Attrs))
				if x.Kind == otlp.MetricHistogram {
					line += fmt.Sprint(" ", p.Count, " ", p.Sum, " ", p.Min, "-", p.Max)
				} else {
					line += fmt.Sprint(" ", valueOf(p.Value, p.Kind))
				}
				for _, e := range m.Exemplars[p.Exemplars.Start:p.Exemplars.End] {
					line += fmt.Sprintf(" %d:%v", e.SpanID[0], valueOf(e.Value, e.Kind))
				}
				lines = append(lines, line)
			}
		}
		return nil
	})
	return lines
}

func checkLines(t *testing.T, why string, got []string, want string) {
	t.Helper()
	if text := strings.Join(got, "\n"); text != strings.Trim(want, "\n") {
		t.Errorf("%s: got\n%s\nwant\n%s", why, text, strings.Trim(want, "\n"))
	}
}

func TestValuesCountAtTheFirstTickAfterThem(t *testing.T) {
	r, _ := rulesOf(t, `  x.a: {aligns_with_span: planner}`)
	m := newModel(r)
	// At the start, on a tick, just after it, and the last tick at the last end.
	for _, end := range []uint64{1000, 1100, 1101, 1250} {
		m.span("acme.planner", 1000, end, nil)
	}
	checkLines(t, "cumulative", derived(r, m, Options{Temporality: otlp.TemporalityCumulative}), `
acme.a 1000-1100 map[] 2 1:1
acme.a 1000-1200 map[] 3 3:1
acme.a 1000-1250 map[] 4 4:1
`)
	checkLines(t, "delta", derived(r, m, Options{Temporality: otlp.TemporalityDelta}), `
acme.a 1000-1100 map[] 2 1:1
acme.a 1100-1200 map[] 1 3:1
acme.a 1200-1250 map[] 1 4:1
`)
	m = newModel(r)
	m.span("acme.planner", 1000, 1000, nil)
	checkLines(t, "a segment without length", derived(r, m, Options{Temporality: otlp.TemporalityCumulative}), `
acme.a 1000-1000 map[] 1 1:1
`)
}

func TestExemplarsAreTheFirstOfTheirWindow(t *testing.T) {
	r, _ := rulesOf(t, `  x.h: {type: histogram, aligns_with_span: planner, value_attribute: x.size}
  x.g: {type: gauge, aligns_with_span: planner, value_attribute: x.size}`)
	m := newModel(r)
	for _, s := range []struct {
		end  uint64
		size int
	}{{1050, 7}, {1040, 8}, {1040, 9}, {1045, 700}, {1050, 6}, {1150, 3}} {
		m.span("acme.planner", 1000, s.end, map[string]any{"acme.size": s.size})
	}
	// 7, 8, 9 and 6 share a bucket; of 8 and 9, which end together, 8 came
	// first. A gauge shows the last of those that end last.
	checkLines(t, "exemplars", derived(r, m, Options{Temporality: otlp.TemporalityDelta}), `
acme.h 1000-1100 map[] 5 730 6-700 2:8 4:700
acme.g 0-1100 map[] 6 5:6
acme.h 1100-1150 map[] 1 3 3-3 6:3
acme.g 0-1150 map[] 3 6:3
`)
}

func TestSeriesAreTheirValues(t *testing.T) {
	r, _ := rulesOf(t, `  x.a: {aligns_with_span: planner, dimensions: [x.tenant.id, error.type]}`)
	m := newModel(r)
	for _, tenant := range []any{"input", "text:input", "text:beta", 5, "text:alpha", "text:beta", 5.0, "output"} {
		m.span("acme.planner", 1000, 1010, map[string]any{"acme.tenant.id": tenant})
	}
	m.span("acme.planner", 1000, 1010, map[string]any{"acme.tenant.id": "input", "error.type": "text:timeout"})
	m.span("acme.planner", 1000, 1010, nil) // has no tenant: it does not count
	checkLines(t, "series", derived(r, m, Options{Temporality: otlp.TemporalityCumulative}), `
acme.a 1000-1010 map[acme.tenant.id:alpha] 1 5:1
acme.a 1000-1010 map[acme.tenant.id:beta] 2 3:1
acme.a 1000-1010 map[acme.tenant.id:input] 2 1:1
acme.a 1000-1010 map[acme.tenant.id:input error.type:timeout] 1 9:1
acme.a 1000-1010 map[acme.tenant.id:output] 1 8:1
acme.a 1000-1010 map[acme.tenant.id:5] 1 4:1
acme.a 1000-1010 map[acme.tenant.id:5] 1 7:1
`)
}

// TestManySeries outgrows the table of series several times over.
func TestManySeries(t *testing.T) {
	r, _ := rulesOf(t, `  x.a: {aligns_with_span: planner, dimensions: [x.tenant.id]}`)
	d := NewDeriver(r, Options{Metrics: true, Interval: 100, Temporality: otlp.TemporalityCumulative})
	for range 2 { // the second time in memory that was used before
		d.BeginSegment(1000, 0)
		m := newModel(r)
		for i := range 3000 {
			m.span("acme.planner", 1000, 1010, map[string]any{"acme.tenant.id": fmt.Sprintf("text:%04d", i%1500)})
		}
		d.Request(r.scenarios[0].scenario, &m.Traces, 0, nil)
		_ = d.EndSegment(func(m *otlp.Metrics) error {
			if len(m.Points) != 1500 {
				t.Errorf("got %d points, want one of each of 1500 series", len(m.Points))
			}
			for i, p := range m.Points {
				if got := attrMap(m.Strings, m.Attrs, m.Text, p.Attrs)["acme.tenant.id"]; p.Value != 2 || got != fmt.Sprintf("%04d", i) {
					t.Fatalf("point %d: value %d of %v", i, p.Value, got)
				}
			}
			return nil
		})
	}
}

func TestValuesThatDoNotFit(t *testing.T) {
	for _, row := range []struct {
		why, metric, want string
		values            []any
	}{
		{"a counter of whole things", "value_attribute: x.size", "acme.a 1000-1010 map[] 8 1:3",
			[]any{3, -1, 2.5, "text:7", 5}},
		{"a counter of fractions", "value_attribute: x.score", "acme.a 1000-1010 map[] 3.75 1:0.5",
			[]any{0.5, -0.25, 3, 0.25, math.NaN(), math.Inf(1), 1e300, int64(1) << 60}},
		{"what goes up and down", "type: updowncounter, value_attribute: x.size", "acme.a 1000-1010 map[] -1 1:3",
			[]any{3, -4}},
		{"a sum of tenths is what it seems", "value_attribute: x.score", "acme.a 1000-1010 map[] 0.3 1:0.1",
			[]any{0.1, 0.1, 0.1}},
	} {
		r, problems := rulesOf(t, "  x.a: {aligns_with_span: planner, "+row.metric+"}")
		if len(problems) > 0 {
			t.Fatal(problems)
		}
		m := newModel(r)
		for _, v := range row.values {
			m.span("acme.planner", 1000, 1010, map[string]any{"acme.size": v, "acme.score": v})
		}
		for i := range m.Attrs { // of the two keys the rules know one
			if m.Attrs[i].Key == 0 {
				m.Attrs[i].Key, _ = m.Strings.Lookup("gen_ai.tool.name")
			}
		}
		checkLines(t, row.why, derived(r, m, Options{Temporality: otlp.TemporalityCumulative}), row.want)
	}
}

// TestDimensionsOfTheRequest come from its server spans, the first one first.
func TestDimensionsOfTheRequest(t *testing.T) {
	r, _ := rulesOf(t, `  x.a: {aligns_with_span: planner, dimensions: [x.tenant.id]}`)
	m := newModel(r)
	m.span("acme.task.execute", 1000, 1010, map[string]any{"acme.tenant.id": "text:not a server"})
	m.span("acme.planner", 1000, 1010, nil)
	m.span("acme.a2a.orchestrate", 1000, 1010, map[string]any{"acme.tenant.id": "text:first"}).Kind = otlp.SpanKindServer
	m.span("acme.response.validation", 1000, 1010, map[string]any{"acme.tenant.id": "text:second"}).Kind = otlp.SpanKindServer
	checkLines(t, "dimension", derived(r, m, Options{Temporality: otlp.TemporalityCumulative}), `
acme.a 1000-1010 map[acme.tenant.id:first] 1 2:1
`)
}
