package signals

import (
	"github.com/otelsim/otelsim/pkg/build/plan"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// record fills the emitter's record with a point of every live series, as of
// a time.
func (d *Deriver) record(previous, at uint64) {
	e := &d.emitter
	out := &e.out
	out.Reset()
	out.Text = append(out.Text, d.text...)
	e.used = e.used[:0]
	for range int(d.origins.first) + len(d.origins.list) {
		e.used = append(e.used, -1)
	}
	e.bounds = e.bounds[:0]
	current, last := -1, uint32(0)
	for _, i := range e.sorted {
		s := &d.series[i]
		if !s.live {
			continue
		}
		if current < 0 || d.series[last].metric != s.metric || d.series[last].resource != s.resource {
			current = d.metric(s)
		}
		last = i
		out.Points = append(out.Points, d.point(s, previous, at))
		out.Metrics[current].Points.End = uint32(len(out.Points))
	}
}

// metric appends the metric of a series without points and returns its index.
func (d *Deriver) metric(s *series) int {
	out, m := &d.emitter.out, &d.rules.metrics[s.metric]
	n := uint32(len(out.Points))
	x := otlp.Metric{
		Name: m.name, Unit: m.unit, Description: m.description,
		Points:   otlp.Range{Start: n, End: n},
		Resource: d.resource(s.resource), Scope: d.scope(d.scopeOf(m, s.resource)),
		Kind: m.kind, Monotonic: m.monotonic,
	}
	switch {
	case m.kind == otlp.MetricGauge:
	case d.delta(m):
		x.Temporality = otlp.TemporalityDelta
	default:
		x.Temporality = otlp.TemporalityCumulative
	}
	out.Metrics = append(out.Metrics, x)
	return len(out.Metrics) - 1
}

// resource returns the index of a resource of an instance in the record, adding
// it at its first use.
func (d *Deriver) resource(i uint32) uint32 {
	e := &d.emitter
	if at := e.used[i]; at >= 0 {
		return uint32(at)
	}
	of := d.origins.of(i)
	out, r := &e.out, &d.rules.resources[int(of.writer)/d.rules.instances]
	at := uint32(len(out.Resources))
	e.used[i] = int32(at)
	begin := uint32(len(out.Attrs))
	out.Attrs = append(out.Attrs, r.attrs...)
	slot := plan.Slot(d.segment, int(of.writer)%d.rules.instances, d.rules.instances)
	if r.ofSystem {
		slot = plan.Slot(d.segment, 0, 1)
	}
	out.Attrs[begin+uint32(r.instance)].Word = uint64(r.instances[slot])
	out.Attrs = append(out.Attrs, d.dims[of.attrs.Start:of.attrs.End]...)
	out.Resources = append(out.Resources, otlp.Resource{
		Attrs: otlp.Range{Start: begin, End: uint32(len(out.Attrs))}, SchemaURL: r.schemaURL,
	})
	return at
}

// scopeOf returns the scope of a metric of a resource of an instance.
func (d *Deriver) scopeOf(m *metric, i uint32) otlp.Scope {
	if r := &d.rules.resources[int(d.origins.of(i).writer)/d.rules.instances]; r.ofSystem {
		return r.scope
	}
	return m.scope
}

// scope returns the index of a scope in the record; there are few of them.
func (d *Deriver) scope(s otlp.Scope) uint32 {
	out := &d.emitter.out
	for i := range out.Scopes {
		if out.Scopes[i] == s {
			return uint32(i)
		}
	}
	out.Scopes = append(out.Scopes, s)
	return uint32(len(out.Scopes) - 1)
}

// point returns the point of a series.
func (d *Deriver) point(s *series, previous, at uint64) otlp.Point {
	e := &d.emitter
	out, m := &e.out, &d.rules.metrics[s.metric]
	p := otlp.Point{Start: d.start, Time: at, Attrs: d.pointAttrs(s), Exemplars: d.exemplars(s, m)}
	if d.delta(m) {
		p.Start = previous
	}
	switch m.kind {
	case otlp.MetricGauge:
		p.Start = 0
		p.Value, p.Kind = m.number(s.sum)
		return p
	case otlp.MetricSum:
		p.Value, p.Kind = m.number(s.sum)
		return p
	}
	p.Count, p.Sum, p.Has = s.count, m.float(s.sum), otlp.HasSum
	if s.count > 0 {
		p.Min, p.Max, p.Has = m.float(s.min), m.float(s.max), otlp.HasSum|otlp.HasMin|otlp.HasMax
	}
	slots := e.counts[s.counts : int(s.counts)+m.slots]
	if m.kind == otlp.MetricExpHistogram {
		exponential(out, &p, slots)
		return p
	}
	begin := uint32(len(out.Counts))
	out.Counts = append(out.Counts, slots...)
	p.Buckets = otlp.Range{Start: begin, End: uint32(len(out.Counts))}
	p.Bounds = d.boundsOf(m)
	return p
}

func (d *Deriver) pointAttrs(s *series) otlp.Range {
	out := &d.emitter.out
	begin := uint32(len(out.Attrs))
	for _, a := range d.dims[s.dims.Start:s.dims.End] {
		if a.Kind != otlp.KindEmpty {
			out.Attrs = append(out.Attrs, a)
		}
	}
	return otlp.Range{Start: begin, End: uint32(len(out.Attrs))}
}

// boundsOf returns where the record has the bounds of a histogram, which
// histograms of one unit share.
func (d *Deriver) boundsOf(m *metric) otlp.Range {
	e := &d.emitter
	for len(e.bounds) <= m.boundsID {
		e.bounds = append(e.bounds, otlp.Range{})
	}
	if r := e.bounds[m.boundsID]; r.Len() > 0 {
		return r
	}
	begin := uint32(len(e.out.Bounds))
	e.out.Bounds = append(e.out.Bounds, m.bounds...)
	r := otlp.Range{Start: begin, End: uint32(len(e.out.Bounds))}
	e.bounds[m.boundsID] = r
	return r
}

// exemplars appends the exemplars of a point.
func (d *Deriver) exemplars(s *series, m *metric) otlp.Range {
	e := &d.emitter
	begin := uint32(len(e.out.Exemplars))
	for _, first := range e.firsts[s.counts : int(s.counts)+m.slots] {
		if first == 0 {
			continue
		}
		v := &d.values[first-1]
		x := otlp.Exemplar{Time: v.time, TraceID: v.trace, SpanID: v.span}
		x.Value, x.Kind = m.number(v.number)
		e.out.Exemplars = append(e.out.Exemplars, x)
	}
	return otlp.Range{Start: begin, End: uint32(len(e.out.Exemplars))}
}
