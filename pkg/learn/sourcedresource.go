package learn

import (
	"maps"
	"math"
	"slices"
	"strconv"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/profile"
	"github.com/otelsim/otelsim/pkg/profile/sketch"
)

// keeps writes which of the attributes that differ within a service the resource of a
// metric has as those of its spans have them.
func (w *writer) keeps(from *source, m *profile.Metric) *node {
	out := list()
	if w.g.p.Services[m.Service] == nil {
		return out
	}
	s := w.serviceOf(m.Service)
	r := w.resource(s)
	for _, key := range slices.Sorted(maps.Keys(m.Resource)) {
		told := w.g.p.Services[m.Service].Attributes[key]
		if key == sessionKey || told == nil || m.Resource[key].Present < m.Points/2 {
			continue
		}
		name, ok := w.policy.Key(key, told.Traces)
		switch shared := r.shared[key]; {
		case !ok:
		case shared != nil && shared.texts() > mostValues: // which is a warning
		case shared != nil && slices.Contains(from.dimensions, key) && !w.usedBy(from.of, m.Service, key, shared): // points would say another one
		case shared != nil && !slices.Contains(from.dimensions, key) && from.series*shared.texts() > mostSeries:
		case shared != nil, slices.Contains(r.parts, key) && w.partsWritten(s, key) && w.sameParts(from.of, m, key):
			out.items = append(out.items, word(name))
			if shared != nil && !slices.Contains(from.dimensions, key) {
				from.series *= shared.texts()
			}
		}
	}
	return out
}

// usedBy reports whether all spans of a service that give a metric values are written with
// a value that they share for an attribute, where they have it.
func (w *writer) usedBy(of *giver, service, key string, shared *sharedValue) bool {
	if shared != w.shared[key] {
		return false
	}
	for _, at := range w.g.order {
		for _, c := range at.classes {
			if a := c.Attributes[key]; a != nil && c.Service == service && of.is(c.Class) && w.sharedBy(key, a) == nil {
				return false
			}
		}
	}
	return true
}

// partsWritten reports whether resources of spans of a service that are written differ in
// an attribute, by what the spans are of.
func (w *writer) partsWritten(s *service, key string) bool {
	values := make(map[string]bool)
	for _, at := range w.g.order {
		for _, c := range at.classes {
			if c.Service != s.was || !w.reached[at] || c.Resource[key] == nil {
				continue
			}
			text, _ := mostOf(c, key)
			if _, value := w.part(s, key, text); value != "" {
				values[value] = true
			}
		}
	}
	return len(values) > 1
}

// sameParts reports whether the resources of a metric have the values of an attribute that
// those of the spans have which it follows from: others are of who tells the metric.
func (w *writer) sameParts(of *giver, m *profile.Metric, key string) bool {
	spans := make(map[uint64]bool)
	for _, c := range w.whole.Classes { // order-free: a set
		if v := c.Resource[key]; v != nil && c.Service == m.Service && of.is(c) {
			if !v.All() {
				return false
			}
			for _, x := range v.Kept() {
				spans[x.Hash()] = true
			}
		}
	}
	told := m.Resource[key].Values
	if !told.All() || len(told.Kept()) != len(spans) {
		return false
	}
	return !slices.ContainsFunc(told.Kept(), func(x *sketch.Value) bool { return !spans[x.Hash()] })
}

// bucketsOf writes the bounds that all histograms of a metric have; nil: it has different
// ones, or some that cannot be said.
func bucketsOf(m *profile.Metric) *node {
	if m.Kind != otlp.MetricHistogram || m.Buckets.Bounds == nil || len(m.Buckets.Bounds) > mostBuckets {
		return nil
	}
	out := list()
	for i, v := range m.Buckets.Bounds {
		if math.IsNaN(v) || math.IsInf(v, 0) || i > 0 && v <= m.Buckets.Bounds[i-1] {
			return nil
		}
		out.items = append(out.items, raw(strconv.FormatFloat(v, 'f', -1, 64)))
	}
	return out
}

// mostBuckets is how many bounds a histogram may have in a scenario.
const mostBuckets = 200
