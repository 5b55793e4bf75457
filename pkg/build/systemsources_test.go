package build

import (
	"maps"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/otelsim/otelsim/pkg/build/semconv"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// askers is a system with a service whose metrics of its own follow from its spans: those
// of an operation, of a span within it, and both.
const askers = `
name: askers
services:
  web:
    protocol: none
    instances: 2
    attributes: {deployment.environment.name: test, ask.tenant: {use: tenant}}
    operations:
      answer:
        latency: 40
        attributes: {ask.model: outer}
        calls:
          - span: ask
            kind: client
            count: {min: 1, max: 3}
            latency: {distribution: uniform, low: 1, high: 90}
            error: {rate: 20%, types: [timeout]}
            attributes:
              ask.model: {distribution: categorical, values: {large: 1, small: 2}}
              ask.in: {distribution: uniform, low: 1, high: 500}
              ask.out: {distribution: categorical, values: {7: 1, 9: 1}}
              ask.cost: {value: 0.25, present: 0.5}
    metrics:
      ask.cost: {instrument: updowncounter, unit: USD, from: ask, value: ask.cost}
      ask.count: {instrument: counter, unit: "{call}", from: {span: [ask], kind: client}, dimensions: [ask.model], attributes: {ask.kind: chat}}
      ask.duration: {instrument: histogram, unit: ms, from: ask, dimensions: [ask.model, error.type, deployment.environment.name]}
      ask.latest: {instrument: gauge, unit: s, from: ask, dimensions: [ask.model]}
      ask.spread: {instrument: exponential_histogram, unit: s, from: [ask, answer], dimensions: [ask.tenant]}
      ask.tokens:
        instrument: histogram
        unit: "{token}"
        dimensions: [ask.model]
        buckets: [8, 64, 256]
        from:
          - {span: ask, value: ask.in, attributes: {ask.type: in}}
          - {span: ask, value: ask.out, attributes: {ask.type: out}}
      ask.work: {instrument: counter, from: [ask, answer], dimensions: [ask.model]}
values: {tenant: {distribution: categorical, values: {acme: 1, blue: 1}, per: session}}
`

func ofAskers(t testing.TB, text string) (*Plan, *semconv.Conventions) {
	t.Helper()
	return withCorpus(t, alone(t, "askers.yaml", text))
}

func ofAskersRun() Run {
	r := run(80)
	r.SegmentIterations, r.MetricInterval = 40, 4e9
	return r
}

// TestOwnMetricsFollowFromTheirSpans, in both temporalities, with the series that their
// spans have.
func TestOwnMetricsFollowFromTheirSpans(t *testing.T) {
	p, c := ofAskers(t, askers)
	r := ofAskersRun()
	want := map[string]string{
		"ask.cost": "", "ask.latest": "ask.model=large, ask.model=small", "ask.spread": "ask.tenant=acme, ask.tenant=blue",
		"ask.count": "ask.kind=chat ask.model=large, ask.kind=chat ask.model=small",
		"ask.duration": "ask.model=large deployment.environment.name=test, ask.model=large deployment.environment.name=test error.type=timeout, " +
			"ask.model=small deployment.environment.name=test, ask.model=small deployment.environment.name=test error.type=timeout",
		"ask.tokens": "ask.model=large ask.type=in, ask.model=large ask.type=out, ask.model=small ask.type=in, ask.model=small ask.type=out",
		"ask.work":   "ask.model=large, ask.model=outer, ask.model=small",
	}
	for _, r.Temporality = range []otlp.Temporality{otlp.TemporalityCumulative, otlp.TemporalityDelta} {
		series := make(map[string]map[string]bool)
		kinds := make(map[string]otlp.Kind)
		rules := brokenIn(t, p, c, r, func(_ *otlp.Traces, m *otlp.Metrics, _ *otlp.Logs) {
			if m == nil {
				return
			}
			for i := range m.Metrics {
				x := &m.Metrics[i]
				name := m.Strings.String(x.Name)
				if series[name] == nil {
					series[name] = make(map[string]bool)
				}
				for _, q := range m.Points[x.Points.Start:x.Points.End] {
					series[name][strings.Join(pairsOf(m.Strings, m.Attrs, m.Text, q.Attrs), " ")] = true
					kinds[name] = q.Kind
				}
			}
		})
		if len(rules) > 0 {
			t.Errorf("temporality %d: found %q", r.Temporality, rules)
		}
		for _, name := range slices.Sorted(maps.Keys(want)) {
			if got := strings.Join(slices.Sorted(maps.Keys(series[name])), ", "); got != want[name] {
				t.Errorf("temporality %d: %s has the series %s, want %s", r.Temporality, name, got, want[name])
			}
		}
		if len(series) != len(want) || kinds["ask.count"] != otlp.KindInt || kinds["ask.cost"] != otlp.KindDouble {
			t.Errorf("got %d metrics of kinds %v", len(series), kinds)
		}
	}
}

// TestTheJudgeOfMetricsFromSpansNotices changes what a record says of a metric, or a
// span that gives it a value.
func TestTheJudgeOfMetricsFromSpansNotices(t *testing.T) {
	p, c := ofAskers(t, askers)
	first := func(m *otlp.Metrics, x *otlp.Metric) *otlp.Point { return &m.Points[x.Points.Start] }
	for _, row := range []struct {
		why, metric string
		plant       func(m *otlp.Metrics, x *otlp.Metric)
		want        string
	}{
		{"a call more", "ask.count", func(m *otlp.Metrics, x *otlp.Metric) { first(m, x).Value++ }, "audit-point"},
		{"a call more of a series", "ask.work", func(m *otlp.Metrics, x *otlp.Metric) { first(m, x).Value++ }, "audit-point"},
		{"another sum", "ask.duration", func(m *otlp.Metrics, x *otlp.Metric) { first(m, x).Sum++ }, "audit-point"},
		{"another bucket", "ask.tokens", func(m *otlp.Metrics, x *otlp.Metric) { m.Counts[first(m, x).Buckets.Start]++ }, "audit-point"},
		{"another latest value", "ask.latest", func(m *otlp.Metrics, x *otlp.Metric) {
			first(m, x).Value = math.Float64bits(9)
		}, "audit-point"},
		{"a count", "ask.spread", func(m *otlp.Metrics, x *otlp.Metric) { first(m, x).Count++ }, "audit-point"},
		{"a point less", "ask.work", func(_ *otlp.Metrics, x *otlp.Metric) { x.Points.End-- }, "audit-series"},
		{"another unit", "ask.cost", func(m *otlp.Metrics, x *otlp.Metric) { x.Unit = m.Strings.ID("EUR") }, "metric-unit"},
		{"a counter that falls", "ask.count", func(_ *otlp.Metrics, x *otlp.Metric) { x.Monotonic = false }, "metric-type"},
		{"differences of what goes up and down", "ask.cost", func(_ *otlp.Metrics, x *otlp.Metric) { x.Temporality = otlp.TemporalityDelta }, "metric-type"},
		{"other bounds", "ask.tokens", func(m *otlp.Metrics, x *otlp.Metric) { m.Bounds[first(m, x).Bounds.Start] = 5 }, "metric-buckets"},
		{"a dimension that is none", "ask.duration", func(m *otlp.Metrics, x *otlp.Metric) {
			m.Attrs[first(m, x).Attrs.Start].Key = m.Strings.ID("error.type.of")
		}, "metric-dimension"},
		{"another value of what is fixed", "ask.count", func(m *otlp.Metrics, x *otlp.Metric) {
			m.Attrs[first(m, x).Attrs.Start].Word = uint64(m.Strings.ID("small"))
		}, "metric-dimension"},
		{"a series of nobody", "ask.duration", func(m *otlp.Metrics, x *otlp.Metric) {
			m.Attrs[first(m, x).Attrs.Start].Word = uint64(m.Strings.ID("huge"))
		}, "audit-point"},
	} {
		rules := brokenBy(t, p, c, ofAskersRun(), 4, row.metric, row.plant)
		if !slices.Contains(rules, row.want) {
			t.Errorf("%s of %s: found %q, want %s", row.why, row.metric, rules, row.want)
		}
	}
	if rules := brokenIn(t, p, c, ofAskersRun(), func(tr *otlp.Traces, _ *otlp.Metrics, _ *otlp.Logs) {
		if tr != nil {
			tr.Spans[1].End += 1e6
		}
	}); !slices.Contains(rules, "audit-point") {
		t.Errorf("a span that lasts longer: found %q", rules)
	}
}

// TestMistakesInMetricsFromSpans are told where they stand: spans that there are none of,
// what none of them has, and dimensions with very many values.
func TestMistakesInMetricsFromSpans(t *testing.T) {
	const latest = "ask.latest: {instrument: gauge, unit: s, from: ask, dimensions: [ask.model]}"
	for _, row := range [][3]string{
		{latest, "ask.latest: {instrument: gauge, from: akk}", `askers.yaml:27:45: metric ask.latest: unknown span of the service "akk"; did you mean "ask"? allowed: answer, ask`},
		{latest, "ask.latest: {instrument: gauge, from: {span: ask, kind: server}}", `askers.yaml:27:45: metric ask.latest: no span "ask" of the service is of kind server`},
		{latest, "ask.latest: {instrument: gauge, from: ask, value: ask.on}", `askers.yaml:27:45: metric ask.latest: value: unknown attribute of its spans "ask.on"; did you mean "ask.in"? allowed: ask.cost, ask.in, ask.model, ask.out`},
		{latest, "ask.latest: {instrument: gauge, from: answer, dimensions: [ask.in]}", `askers.yaml:27:7: warning: metric ask.latest: dimensions: no span that it is from has "ask.in", and no resource of these`},
		{"{distribution: categorical, values: {large: 1, small: 2}}", "{pattern: '{hex:2}'}", `askers.yaml:19:15: warning: attribute ask.model: it has 256 values, and ask.count has a series for each`},
	} {
		in := alone(t, "askers.yaml", strings.Replace(askers, row[0], row[1], 1))
		if got := toldOf(in); !strings.Contains(got, row[2]) {
			t.Errorf("%s: got %s", row[1], got)
		}
	}
}

// TestSeriesOfMetricsFromSpansAreBounded: by what the dimensions may be together, where those of
// one shared value are one, in each place that gives values.
func TestSeriesOfMetricsFromSpansAreBounded(t *testing.T) {
	const refused = "metric ask.latest: its dimensions make "
	const own = "ask.in: {distribution: uniform, low: 1, high: 500}"
	for _, row := range []struct{ add, metric, want string }{
		{"b: {pattern: '{uuid}', pool: 500}, c: {pattern: '{uuid}', pool: 50}", "from: ask, dimensions: [b, c, ask.model]", ""},
		{"b: {pattern: '{uuid}', pool: 500}, c: {pattern: '{uuid}', pool: 51}", "from: ask, dimensions: [b, c, ask.model]", refused + "51,000 series: more than the limit of 50,000"},
		{"b: {pattern: '{uuid}', pool: 500}, c: {pattern: '{uuid}', pool: 50}", "from: ask, dimensions: [b, c, ask.model], resource: ask.tenant", refused + "100,000 series"},
		{"b: {pattern: '{uuid}', pool: 500}, c: {pattern: '{uuid}', pool: 50}", "from: [{span: ask, attributes: {d: x}}, {span: ask, attributes: {d: y}}], dimensions: [b, c, ask.model]", refused + "100,000 series"},
		{"b: {pattern: '{digits:4}'}, c: {use: tenant}", "from: ask, dimensions: [b, ask.model, c, ask.tenant]", ""},
		{"b: {pattern: '{digits:4}'}, c: {pattern: '{hex:1}{tenant}'}", "from: ask, dimensions: [b, c, ask.model]", refused + "640,000 series"},
		{"b: {pattern: '{uuid}'}", "from: ask, dimensions: [b]", refused + "any number of series"},
		{"b: {distribution: uniform, low: 0, high: 1}", "from: ask, dimensions: [b]", refused},
	} {
		text := strings.Replace(askers, own, own+"\n              "+strings.ReplaceAll(row.add, "}, c:", "}\n              c:"), 1)
		text = strings.Replace(text, "from: ask, dimensions: [ask.model]}\n      ask.spread", row.metric+"}\n      ask.spread", 1)
		got := ""
		for _, line := range strings.Split(toldOf(alone(t, "askers.yaml", text)), "\n") {
			if !strings.Contains(line, "warning:") {
				got += line
			}
		}
		if (got == "") != (row.want == "") || !strings.Contains(got, row.want) {
			t.Errorf("%s, %s: got %s", row.add, row.metric, got)
		}
	}
}
