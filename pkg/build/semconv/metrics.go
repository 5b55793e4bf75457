package semconv

import (
	"slices"

	"github.com/otelsim/otelsim/pkg/build/input"
)

// metric reads a canonical metric.
func (r *parser) metric(e input.Entry) Metric {
	m, _ := e.Value.Map(r.p)
	out := Metric{
		Buckets:        r.buckets(m),
		Name:           e.Key,
		Type:           m.OneOf("type", "counter", metricTypes...),
		Unit:           m.Str("unit", "1"),
		Description:    m.Str("description", ""),
		Dimensions:     m.Strings("dimensions"),
		EmittedBy:      m.OneOf("emitted_by", "data-plane", planes...),
		Span:           r.bare(m.Str("aligns_with_span", "")),
		ValueAttribute: m.Str("value_attribute", ""),
		Counts:         r.bare(m.Str("counts", "")),
		Pos:            e.Pos,
	}
	r.constants(m, &out)
	if out.Counts != "" && out.ValueAttribute != "" {
		m.Fail("counts", "value_attribute says already what the values are")
	}
	if _, ok := r.c.Span(out.Counts); out.Counts != "" && !ok {
		m.Fail("counts", "%s", input.Unknown("span type", out.Counts, r.spanTypes()))
	}
	return out
}

func (r *parser) spanTypes() (names []string) {
	for _, s := range r.c.Spans {
		names = append(names, s.Bare)
	}
	return names
}

// constants reads the dimensions of which every point has the same value.
func (r *parser) constants(m input.Map, out *Metric) {
	list, _ := m.Map("constants")
	for _, e := range list.Entries() {
		value, ok := e.Value.Str(r.p)
		if !slices.Contains(out.Dimensions, e.Key) {
			e.Name.Fail(r.p, "%s", input.Unknown("dimension of the metric", e.Key, out.Dimensions))
		} else if ok {
			out.Constants = append(out.Constants, Constant{e.Key, value})
		}
	}
}

// buckets reads the bounds of a histogram.
func (r *parser) buckets(m input.Map) []float64 {
	var out []float64
	for _, item := range m.List("buckets") {
		v, ok := item.Float(r.p)
		if ok && len(out) > 0 && v <= out[len(out)-1] {
			item.Fail(r.p, "%v is not above the bound before it", v)
			continue
		}
		if ok {
			out = append(out, v)
		}
	}
	if kind := m.Str("type", "counter"); len(out) > 0 && kind != "histogram" {
		m.Fail("buckets", "a %s has none", kind)
	}
	return out
}
