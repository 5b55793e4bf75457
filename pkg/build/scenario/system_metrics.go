package scenario

import (
	"slices"
	"strings"

	"github.com/otelsim/otelsim/pkg/build/input"
)

// MetricSource is spans that give a metric of their service's own a value each, when
// they end.
type MetricSource struct {
	Span       string      // their name
	Kind       uint8       // an otlp.SpanKind; 0: any
	Value      string      // the attribute that has the value; empty: how long they last where the unit is one of time, else 1
	Attributes []Attribute // of the points of these values, strings, by key
	Pos        input.Pos
}

// Kept is an attribute of the resources of spans that the resource of a metric has, too.
type Kept struct {
	Key string
	Pos input.Pos
}

func (s MetricSource) same(o MetricSource) bool {
	return s.Span == o.Span && s.Kind == o.Kind && s.Value == o.Value &&
		slices.EqualFunc(s.Attributes, o.Attributes, sameText)
}

// sameText reports whether two attributes, which are strings, say the same.
func sameText(a, b Attribute) bool { return a.Key == b.Key && a.Value.Str == b.Value.Str }

// The bounds of what metrics that follow from spans may say.
const (
	maxSources    = 200
	maxDimensions = 32
	maxBuckets    = 200
)

// Keys returns the keys of all attributes that points of a metric may have, in order.
func (m *OwnMetric) Keys() []string {
	keys := slices.Clone(m.Dimensions)
	add := func(list []Attribute) {
		for i := range list {
			keys = append(keys, list[i].Key)
		}
	}
	add(m.Attributes)
	for i := range m.From {
		add(m.From[i].Attributes)
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

// fromSpans reads which spans give a metric its values.
func (r *members) fromSpans(m input.Map, out *OwnMetric) {
	for _, key := range []string{"base", "per_request", "per_waiting", "per_load", "noise"} {
		if m.Get(key) != nil {
			m.Fail(key, "beside from: its spans say what it shows")
		}
	}
	out.Attributes = r.pointAttributes(m)
	r.noEmptyTexts(out.Attributes)
	out.From = r.sources(m, m.Str("value", ""), out.Attributes)
	values := 0
	for _, s := range out.From {
		if s.Value != "" {
			values++
		}
	}
	switch {
	case len(out.From) > maxSources:
		m.Fail("from", "%d are more than the limit of %d", len(out.From), maxSources)
	case values > 0 && values < len(out.From):
		m.Fail("from", "some of the spans have a value, and others none: want one for all of them, or for none")
	}
	for _, key := range m.Strings("dimensions") {
		switch {
		case key == "session.id":
			m.Fail("dimensions", "session.id is none: every session would be a series of its own")
		case slices.Contains(out.Dimensions, key):
			m.Fail("dimensions", "%s is there twice", key)
		case out.Has(key):
			m.Fail("dimensions", "%s is an attribute of its points by attributes, too", key)
		default:
			out.Dimensions = append(out.Dimensions, key)
		}
	}
	slices.Sort(out.Dimensions)
	if n := len(out.Keys()); n > maxDimensions {
		r.p.Errorf(out.Pos, "metric %s: %d attributes of its points are more than the limit of %d", out.Name, n, maxDimensions)
	}
	out.Resource = r.kept(m)
	out.Buckets = r.buckets(m, out)
}

// kept reads which attributes of resources of its spans that of a metric has, too.
func (r *members) kept(m input.Map) (out []Kept) {
	n := m.Get("resource")
	if n == nil {
		return nil
	}
	items, _ := n.Items(r.p, input.String)
	for _, item := range items {
		key, ok := item.Str(r.p)
		switch {
		case !ok:
		case key == "session.id":
			item.Fail(r.p, "session.id is none: every session would be a resource of its own")
		case slices.ContainsFunc(out, func(x Kept) bool { return x.Key == key }):
			item.Fail(r.p, "%s is there twice", key)
		default:
			out = append(out, Kept{key, item.Pos})
		}
	}
	if len(out) > maxDimensions {
		m.Fail("resource", "%d are more than the limit of %d", len(out), maxDimensions)
	}
	slices.SortFunc(out, func(a, b Kept) int { return strings.Compare(a.Key, b.Key) })
	return out
}

// sources reads the key from: names of spans, mappings, or one. value is that of all
// which say none, all are the attributes of all points.
func (r *members) sources(m input.Map, value string, all []Attribute) (out []MetricSource) {
	n := m.Get("from")
	items, _ := n.Items(r.p, input.String, input.Mapping)
	if len(items) == 0 {
		m.Fail("from", "no spans")
	}
	for _, item := range items {
		if item.Kind == input.String {
			out = append(out, MetricSource{Span: item.Text(), Value: value, Pos: item.Pos})
			continue
		}
		x, ok := item.Map(r.p, metricSourceKeys...)
		if !ok {
			continue
		}
		s := MetricSource{Value: x.Str("value", value), Attributes: r.pointAttributes(x), Pos: item.Pos}
		if x.Get("kind") != nil {
			s.Kind = kindOf(x.OneOf("kind", kindWords[0], kindWords...))
		}
		names := x.Strings("span")
		if len(names) == 0 {
			x.Fail("span", "missing; want the name of a span of the service")
		}
		for _, name := range names {
			s.Span = name
			out = append(out, s)
		}
	}
	for i := range out {
		r.noEmptyTexts(out[i].Attributes)
		for k := range out[i].Attributes {
			if a := &out[i].Attributes[k]; slices.ContainsFunc(all, func(b Attribute) bool { return a.Key == b.Key }) {
				r.p.Errorf(a.Pos, "%s is an attribute of all points of the metric, too", a.Key)
			}
		}
		if slices.ContainsFunc(out[:i], out[i].same) {
			r.p.Errorf(out[i].Pos, "span %s is there twice", input.Quote(out[i].Span))
		}
	}
	return out
}

func (r *members) noEmptyTexts(list []Attribute) {
	for i := range list {
		if a := &list[i]; a.Value.Str == "" {
			r.p.Errorf(a.Pos, "attribute %s: empty text", a.Key)
		}
	}
}

// buckets reads the bounds of a histogram.
func (r *members) buckets(m input.Map, x *OwnMetric) (out []float64) {
	if m.Get("buckets") == nil {
		return nil
	}
	if x.Instrument != "histogram" {
		m.Fail("buckets", "a %s has none", strings.ReplaceAll(x.Instrument, "_", " "))
	}
	items := m.List("buckets")
	if len(items) > maxBuckets {
		m.Fail("buckets", "%d are more than the limit of %d", len(items), maxBuckets)
		return nil
	}
	out = make([]float64, 0, len(items))
	for _, item := range items {
		v, ok := item.Float(r.p)
		switch {
		case !ok:
		case len(out) > 0 && v <= out[len(out)-1]:
			item.Fail(r.p, "%v is not above the bound before it", v)
		default:
			out = append(out, v)
		}
	}
	return out
}
