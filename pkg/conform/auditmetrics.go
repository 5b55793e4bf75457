package conform

import (
	"bytes"
	"cmp"
	"math"
	"slices"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// auditValue is a value that a span gives a series: a multiple of 1/per.
type auditValue struct {
	time   uint64
	number int64
	per    float64
	span   spanKey
	finest int  // its bucket at the finest scale
	placed bool // finest is set
}

func (v auditValue) float() float64 { return float64(v.number) / v.per }

// auditPoint is a point with its metric.
type auditPoint struct {
	series    *auditSeries
	metric    otlp.Metric
	point     otlp.Point
	counts    []uint64 // of the positive buckets, for an exponential histogram
	bounds    []float64
	exemplars []otlp.Exemplar
}

// Metrics takes a metrics record of the segment.
func (a *Audit) Metrics(m *otlp.Metrics) {
	base := a.take(m.Strings, m.Attrs, m.Text, m.Resources)
	for i := range m.Metrics {
		x := &m.Metrics[i]
		name := m.Strings.String(x.Name)
		resource := a.of[x.Resource]
		def, origin := a.defs[name], ""
		if a.systems.metrics.owns(resource.system, name) || a.systems.told.tells(resource.attrs, name) || a.systems.sourced.of(resource.attrs)[name] != nil {
			origin = originOf(resource.attrs, m.Strings, m.Scopes[x.Scope])
		} else if def == nil {
			continue // something for a Checker
		}
		for k := x.Points.Start; k < x.Points.End; k++ {
			p := &m.Points[k]
			if x.Temporality == otlp.TemporalityDelta {
				a.begin = min(a.begin, p.Start)
			}
			var series *auditSeries
			if origin != "" {
				series = a.series.of([]byte(seriesOf(name, origin, attrMap(m.Strings, m.Attrs, m.Text, p.Attrs))))
			} else {
				series = a.pointSeries(def, resource, a.keep(m.Strings, m.Attrs, p.Attrs, base))
			}
			out := a.pointOf(m, x, p)
			out.series = series
			if origin != "" && a.systems.told.tells(resource.attrs, name) {
				a.systems.pulses = append(a.systems.pulses, auditPulse{out, origin})
				continue
			}
			a.points = append(a.points, out)
		}
	}
}

// pointOf copies a point.
func (a *Audit) pointOf(m *otlp.Metrics, x *otlp.Metric, p *otlp.Point) auditPoint {
	counts := p.Buckets
	if x.Kind == otlp.MetricExpHistogram {
		counts = p.Positive.Counts
	}
	return auditPoint{
		metric: *x, point: *p,
		counts:    a.numbers.copied(m.Counts[counts.Start:counts.End]),
		bounds:    a.bounds.copied(m.Bounds[p.Bounds.Start:p.Bounds.End]),
		exemplars: a.examples.copied(m.Exemplars[p.Exemplars.Start:p.Exemplars.End]),
	}
}

// expect finds the values that the spans give each series, by time.
func (a *Audit) expect() {
	if a.counts {
		a.did()
	}
	for i := range a.later {
		l := &a.later[i]
		if l.metric.def.Counts != "" {
			l.value.number = l.span.did(l.metric.def.Counts)
		}
		a.gives(l.metric, l.span, l.token, l.value, true)
	}
	a.systems.expect(a.o.Counted, func(series string, v auditValue) {
		s := a.series.of([]byte(series))
		s.values = append(s.values, v)
	})
	for _, s := range a.series.used {
		slices.SortFunc(s.values, compareValues)
	}
}

// compareValues orders values by time. Few are of one.
func compareValues(x, y auditValue) int {
	if x.time != y.time {
		return cmp.Compare(x.time, y.time)
	}
	return cmp.Or(bytes.Compare(x.span.trace[:], y.span.trace[:]), bytes.Compare(x.span.span[:], y.span.span[:]))
}

// laterValue is a value of a span that is given when all spans of the segment are known.
type laterValue struct {
	metric *auditMetric
	span   *auditSpan
	token  string
	value  auditValue
}

// told gives the series of the metrics of a span its values, while what it says is at hand,
// those apart that other spans have a part in.
func (a *Audit) told(s *auditSpan) {
	if len(s.typ.metrics) == 0 || a.o.Counted != nil && !a.o.Counted(s.key.trace) {
		return
	}
	for _, m := range s.typ.metrics {
		a.values(m, s)
	}
}

// values gives the series of a metric the values that a span has for them.
func (a *Audit) values(m *auditMetric, s *auditSpan) {
	v := auditValue{time: s.end, number: 1, per: 1, span: s.key}
	switch {
	case m.def.ValueAttribute != "":
		a.number(m, s, m.value, m.integer, m.token, v)
		return
	case m.def.Counts != "":
		a.later = append(a.later, laterValue{m, s, "", v})
		return
	case m.splits:
		a.number(m, s, a.known.input, true, "input", v)
		a.number(m, s, a.known.output, true, "output", v)
		return
	case m.per > 0:
		v.number, v.per = int64(s.end-s.start), float64(m.per)
	}
	a.gives(m, s, "", v, false)
}

// maxAbove bounds how far up a span is followed, since a corpus may say anything.
const maxAbove = 1000

// did counts the spans of each type that an agent has below it and that are no other
// agent's.
func (a *Audit) did() {
	for _, s := range a.spans.order {
		up := a.spans.find(spanKey{s.key.trace, s.parent})
		for n := 0; up != nil && n < maxAbove && !oneOf(up.typ.bare, "a2a.orchestrate", "a2a.call"); n++ {
			up = a.spans.find(spanKey{s.key.trace, up.parent})
		}
		if up == nil {
			continue
		}
		i := slices.IndexFunc(up.done, func(d spansDone) bool { return d.typ == s.typ })
		if i < 0 {
			i = len(up.done)
			up.done = append(up.done, spansDone{typ: s.typ})
		}
		up.done[i].n++
	}
}

// did is how many spans of a type an agent has below it.
func (s *auditSpan) did(bare string) int64 {
	for _, d := range s.done {
		if d.typ.bare == bare {
			return d.n
		}
	}
	return 0
}

// number is values for the value of an attribute.
func (a *Audit) number(m *auditMetric, s *auditSpan, name uint32, integer bool, token string, v auditValue) {
	x := attrOf(s.said, name)
	switch {
	case x == nil:
		return
	case x.kind == otlp.KindInt:
		v.number = int64(x.word)
		if !integer {
			v.number, v.per = v.number*fractions, fractions
		}
	case x.kind == otlp.KindDouble:
		f := math.Float64frombits(x.word)
		if integer || f != f {
			return
		}
		v.number, v.per = nearestFraction(f), fractions
	default:
		return
	}
	if v.number < 0 && m.def.Type != "gauge" && m.def.Type != "updowncounter" {
		return
	}
	a.gives(m, s, token, v, false)
}

// gives adds a value to the series that it belongs to, if the span has all dimensions: by
// itself, or else by its request, which is looked at when all spans are known.
func (a *Audit) gives(m *auditMetric, s *auditSpan, token string, v auditValue, all bool) {
	b := a.appendSeries(a.spelt[:0], m, s.resource)
	for _, i := range m.sorted {
		d := &m.dims[i]
		switch {
		case d.tokens && token != "":
			b = a.appendWord(b, d.name, token)
			continue
		case d.fixed:
			b = a.appendWord(b, d.name, d.constant)
			continue
		}
		x := d.of(s)
		if x == nil && !d.optional && all {
			x = a.ofRequest(d, s)
		}
		if x != nil {
			b = a.appendAttr(b, d.name, x)
		} else if !d.optional {
			if !all {
				a.later = append(a.later, laterValue{m, s, token, v})
			}
			a.spelt = b
			return
		}
	}
	a.spelt = b
	series := a.series.of(b)
	series.values = append(series.values, v)
}

// appendWord is appendAttr for a text.
func (a *Audit) appendWord(b []byte, name uint32, text string) []byte {
	return append(append(append(append(b, ' '), a.names.list[name].name...), '='), text...)
}

// of looks up an attribute of a span or its resource.
func (d *auditDimension) of(s *auditSpan) *auditAttr {
	if x := attrOf(s.said, d.name); x != nil || d.optional {
		return x
	}
	return attrOf(s.resource.said, d.name)
}

// ofRequest looks up an attribute of the request of a span.
func (a *Audit) ofRequest(d *auditDimension, s *auditSpan) *auditAttr {
	n, ok := a.requests[a.o.Request(s.key.trace)]
	if !ok {
		return nil
	}
	for _, other := range a.servers[n] {
		if x := attrOf(other.said, d.name); x != nil && a.visit(other) == a.visit(s) {
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
		fail("audit-point", "series %s: a point at %d follows one at %d", p.series.name, y.Time, x.Time)
	}
	if p.metric.Temporality == otlp.TemporalityDelta {
		if y.Start != x.Time {
			fail("audit-point", "series %s: a delta point starts at %d, the one before ends at %d", p.series.name, y.Start, x.Time)
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
		fail("audit-point", "series %s: a cumulative point decreases or starts anew at %d", p.series.name, y.Time)
	}
}
