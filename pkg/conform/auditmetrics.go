package conform

import (
	"bytes"
	"cmp"
	"math"
	"slices"

	"github.com/otelsim/otelsim/pkg/build/semconv"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// auditValue is a value that a span gives a series: a multiple of 1/per.
type auditValue struct {
	time   uint64
	number int64
	per    float64
	span   spanKey
}

func (v auditValue) float() float64 { return float64(v.number) / v.per }

// auditPoint is a point with its metric.
type auditPoint struct {
	series    string
	metric    otlp.Metric
	point     otlp.Point
	counts    []uint64 // of the positive buckets, for an exponential histogram
	bounds    []float64
	exemplars []otlp.Exemplar
}

// Metrics takes a metrics record of the segment.
func (a *Audit) Metrics(m *otlp.Metrics) {
	for i := range m.Metrics {
		x := m.Metrics[i]
		name := m.Strings.String(x.Name)
		resource := attrMap(m.Strings, m.Attrs, m.Text, m.Resources[x.Resource].Attrs)
		def, origin := a.defs[name], ""
		if a.systems.metrics.owns(a.conv, resource, name) || a.systems.told.tells(resource, name) {
			origin = originOf(resource, m.Strings, m.Scopes[x.Scope])
		} else if def == nil {
			continue // something for a Checker
		}
		for _, p := range m.Points[x.Points.Start:x.Points.End] {
			if x.Temporality == otlp.TemporalityDelta {
				a.begin = min(a.begin, p.Start)
			}
			series := ""
			if attrs := attrMap(m.Strings, m.Attrs, m.Text, p.Attrs); origin != "" {
				series = seriesOf(name, origin, attrs)
			} else {
				series = a.seriesName(def, resource, attrs)
			}
			counts := p.Buckets
			if x.Kind == otlp.MetricExpHistogram {
				counts = p.Positive.Counts
			}
			out := auditPoint{
				series: series, metric: x, point: p,
				counts:    slices.Clone(m.Counts[counts.Start:counts.End]),
				bounds:    slices.Clone(m.Bounds[p.Bounds.Start:p.Bounds.End]),
				exemplars: slices.Clone(m.Exemplars[p.Exemplars.Start:p.Exemplars.End]),
			}
			if origin != "" && a.systems.told.tells(resource, name) {
				a.systems.pulses = append(a.systems.pulses, auditPulse{out, origin})
				continue
			}
			a.points = append(a.points, out)
		}
	}
}

// expect returns the values that the spans give each series, by time.
func (a *Audit) expect() map[string][]auditValue {
	out := make(map[string][]auditValue)
	if slices.ContainsFunc(a.conv.Metrics, func(m semconv.Metric) bool { return m.Counts != "" }) {
		a.done = a.did()
	}
	for _, s := range a.order {
		if a.o.Counted != nil && !a.o.Counted(s.key.trace) {
			continue
		}
		for _, m := range a.bySpan[s.bare] {
			a.take(m, s, func(series string, v auditValue) { out[series] = append(out[series], v) })
		}
	}
	a.systems.expect(a.o.Counted, out)
	for _, values := range out { // order-free: each list is sorted by itself
		slices.SortFunc(values, func(x, y auditValue) int {
			return cmp.Or(cmp.Compare(x.time, y.time), bytes.Compare(x.span.trace[:], y.span.trace[:]),
				bytes.Compare(x.span.span[:], y.span.span[:]))
		})
	}
	return out
}

// take passes on the values that a span gives the series of a metric.
func (a *Audit) take(m *auditMetric, s *auditSpan, value func(series string, v auditValue)) {
	v := auditValue{time: s.end, number: 1, per: 1, span: s.key}
	nanos, isTime := nanosecondsIn(m.def.Unit)
	switch {
	case m.def.ValueAttribute != "":
		token := "input"
		if m.def.ValueAttribute == "gen_ai.usage.output_tokens" {
			token = "output"
		}
		a.number(m, s, m.value, m.integer, token, v, value)
		return
	case m.def.Counts != "":
		v.number = a.done[s][m.def.Counts]
	case slices.Contains(m.dims, splitsTokens):
		a.number(m, s, "gen_ai.usage.input_tokens", true, "input", v, value)
		a.number(m, s, "gen_ai.usage.output_tokens", true, "output", v, value)
		return
	case isTime:
		v.number, v.per = int64(s.end-s.start), float64(nanos)
	}
	a.series(m, s, "", v, value)
}

// maxAbove bounds how far up a span is followed, since a corpus may say anything.
const maxAbove = 1000

// did returns how many spans of each type an agent has below it that are no other
// agent's.
func (a *Audit) did() map[*auditSpan]map[string]int64 {
	out := make(map[*auditSpan]map[string]int64)
	for _, s := range a.order {
		up := a.spans[spanKey{s.key.trace, s.parent}]
		for n := 0; up != nil && n < maxAbove && !oneOf(up.bare, "a2a.orchestrate", "a2a.call"); n++ {
			up = a.spans[spanKey{s.key.trace, up.parent}]
		}
		if up == nil {
			continue
		}
		if out[up] == nil {
			out[up] = make(map[string]int64)
		}
		out[up][s.bare]++
	}
	return out
}

// number is take for the value of an attribute.
func (a *Audit) number(m *auditMetric, s *auditSpan, key string, integer bool, token string, v auditValue, value func(string, auditValue)) {
	switch x := s.attrs[key].(type) {
	case int64:
		v.number = x
		if !integer {
			v.number, v.per = x*fractions, fractions
		}
	case float64:
		if integer || x != x {
			return
		}
		v.number, v.per = nearestFraction(x), fractions
	default:
		return
	}
	if v.number < 0 && m.def.Type != "gauge" && m.def.Type != "updowncounter" {
		return
	}
	a.series(m, s, token, v, value)
}

// series finds the series that a value belongs to, if it has all dimensions.
func (a *Audit) series(m *auditMetric, s *auditSpan, token string, v auditValue, value func(string, auditValue)) {
	attrs := make(map[string]any, len(m.dims))
	for _, d := range m.dims {
		x := a.dimension(d, s)
		if value, ok := m.constants[d]; ok {
			x = value
		}
		if d == splitsTokens && token != "" {
			x = token
		}
		if x != nil {
			attrs[d] = x
		} else if d != "error.type" {
			return
		}
	}
	value(a.seriesName(m, s.resource, attrs), v)
}

// dimension looks up an attribute of a span, its resource or its request.
func (a *Audit) dimension(key string, s *auditSpan) any {
	if x := s.attrs[key]; x != nil || key == "error.type" {
		return x
	}
	if x := s.resource[key]; x != nil {
		return x
	}
	for _, other := range a.requests[a.o.Request(s.key.trace)] {
		if x := other.attrs[key]; x != nil && a.visit(other) == a.visit(s) {
			return x
		}
	}
	return nil
}

// window checks how a point follows the one before it in its series.
func (a *Audit) window(before, p *auditPoint, fail func(rule, format string, args ...any)) {
	if before == nil || p.metric.Kind == otlp.MetricGauge {
		return
	}
	x, y := &before.point, &p.point
	if y.Time <= x.Time {
		fail("audit-point", "series %s: a point at %d follows one at %d", p.series, y.Time, x.Time)
	}
	if p.metric.Temporality == otlp.TemporalityDelta {
		if y.Start != x.Time {
			fail("audit-point", "series %s: a delta point starts at %d, the one before ends at %d", p.series, y.Start, x.Time)
		}
		return
	}
	less := y.Count < x.Count || y.ZeroCount < x.ZeroCount
	if p.metric.Kind == otlp.MetricSum && p.metric.Monotonic {
		less = less || valueOf(y.Value, y.Kind) < valueOf(x.Value, x.Kind)
	}
	if p.metric.Kind == otlp.MetricHistogram {
		less = less || y.Sum < x.Sum
		for i := range min(len(p.counts), len(before.counts)) {
			less = less || p.counts[i] < before.counts[i]
		}
	}
	if y.Start != x.Start || less {
		fail("audit-point", "series %s: a cumulative point decreases or starts anew at %d", p.series, y.Time)
	}
}

// point compares a point with the values that it should be made of.
func (a *Audit) point(p *auditPoint, values []auditValue, fail func(rule, format string, args ...any)) {
	from := 0
	if p.metric.Temporality == otlp.TemporalityDelta {
		// A value at the very start of the segment has no earlier window.
		for from < len(values) && values[from].time <= p.point.Start && p.point.Start > a.begin {
			from++
		}
	}
	to := from
	for to < len(values) && values[to].time <= p.point.Time {
		to++
	}
	made := values[from:to]
	if len(made) == 0 && p.metric.Temporality != otlp.TemporalityDelta {
		fail("audit-point", "series %s has a point at %d, and no span that gives it a value before", p.series, p.point.Time)
		return
	}
	sum, least, most := int64(0), int64(math.MaxInt64), int64(math.MinInt64)
	for _, v := range made {
		sum, least, most = sum+v.number, min(least, v.number), max(most, v.number)
	}
	per := 1.0
	if len(values) > 0 {
		per = values[0].per
	}
	x := &p.point
	wrong := func(what string, got, want any) {
		fail("audit-point", "series %s at %d: %s is %v, the spans say %v", p.series, x.Time, what, got, want)
	}
	switch p.metric.Kind {
	case otlp.MetricGauge:
		if got, want := valueOf(x.Value, x.Kind), made[len(made)-1].float(); got != want {
			wrong("value", got, want)
		}
	case otlp.MetricSum:
		if got, want := valueOf(x.Value, x.Kind), float64(sum)/per; got != want {
			wrong("value", got, want)
		}
	default:
		if x.Count != uint64(len(made)) {
			wrong("count", x.Count, len(made))
		}
		if want := float64(sum) / per; x.Sum != want {
			wrong("sum", x.Sum, want)
		}
		if len(made) > 0 && (x.Min != float64(least)/per || x.Max != float64(most)/per) {
			wrong("minimum and maximum", []float64{x.Min, x.Max}, []float64{float64(least) / per, float64(most) / per})
		}
		a.buckets(p, made, wrong)
	}
	a.exemplars(p, made, fail)
}

// buckets compares the buckets of a histogram with its values.
func (a *Audit) buckets(p *auditPoint, made []auditValue, wrong func(what string, got, want any)) {
	want := make([]uint64, len(p.counts))
	zeros := uint64(0)
	for _, v := range made {
		if p.metric.Kind == otlp.MetricExpHistogram && v.number == 0 {
			zeros++
			continue
		}
		i := p.bucket(v.float())
		if i < 0 || i >= len(want) {
			wrong("bucket range", len(p.counts), v.float())
			return
		}
		want[i]++
	}
	if !slices.Equal(p.counts, want) || p.point.ZeroCount != zeros {
		wrong("buckets", append([]uint64{p.point.ZeroCount}, p.counts...), append([]uint64{zeros}, want...))
	}
}

// bucket returns which of a point's buckets a value belongs to.
func (p *auditPoint) bucket(v float64) int {
	if p.metric.Kind != otlp.MetricExpHistogram {
		i := 0
		for i < len(p.bounds) && v > p.bounds[i] {
			i++
		}
		return i
	}
	if p.point.Scale > finestScale {
		return -1
	}
	// The buckets of a scale are pairs of those of the next finer one.
	return finestBucket(v)>>(finestScale-p.point.Scale) - int(p.point.Positive.Offset)
}

// exemplars checks that each exemplar is one of the values that came in since
// the point before, and that no two are of one bucket.
func (a *Audit) exemplars(p *auditPoint, made []auditValue, fail func(rule, format string, args ...any)) {
	buckets := make(map[int]bool)
	for _, x := range p.exemplars {
		value := valueOf(x.Value, x.Kind)
		ok := slices.ContainsFunc(made, func(v auditValue) bool {
			return v.span == spanKey{x.TraceID, x.SpanID} && v.time == x.Time && v.float() == value
		})
		if !ok {
			fail("audit-exemplar", "series %s at %d: the exemplar of span %x of trace %x is no value of that span", p.series, p.point.Time, x.SpanID, x.TraceID)
		}
		bucket := 0
		switch {
		case p.metric.Kind == otlp.MetricHistogram, p.metric.Kind == otlp.MetricExpHistogram && value != 0:
			bucket = 1 + p.bucket(value)
			if bucket < 1 || bucket > len(p.counts) || p.counts[bucket-1] == 0 {
				fail("audit-exemplar", "series %s at %d: no bucket counts the exemplar %v", p.series, p.point.Time, value)
			}
		}
		if buckets[bucket] {
			fail("audit-exemplar", "series %s at %d: two exemplars of one bucket", p.series, p.point.Time)
		}
		buckets[bucket] = true
	}
}

// valueOf returns the value of a point or exemplar.
func valueOf(word uint64, kind otlp.Kind) float64 {
	if kind == otlp.KindInt {
		return float64(int64(word))
	}
	return math.Float64frombits(word)
}
