package conform

import (
	"math"
	"slices"
	"strings"

	"github.com/otelsim/otelsim/pkg/build/semconv"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// sourcedMetrics are the metrics of services' own that follow from their spans, by
// service and name.
type sourcedMetrics map[string]serviceMetrics

// serviceMetrics are those of a service, by name.
type serviceMetrics map[string]*sourcedMetric

// sourcedMetric is such a metric, and what its values are multiples of.
type sourcedMetric struct {
	*semconv.OwnMetric
	per float64 // values are whole numbers of 1/per
}

// sourcedBy returns those of all services of systems.
func sourcedBy(c *semconv.Conventions) sourcedMetrics {
	out := make(sourcedMetrics)
	for i := range c.Systems {
		s := &c.Systems[i]
		for k := range s.Metrics {
			m := &sourcedMetric{OwnMetric: &s.Metrics[k], per: 1}
			if len(m.From) == 0 {
				continue
			}
			nanos, time := nanosecondsIn(m.Unit)
			switch {
			case m.From[0].Value != "" && !m.whole():
				m.per = fractions
			case m.From[0].Value == "" && time:
				m.per = float64(nanos)
			}
			if out[s.Service] == nil {
				out[s.Service] = make(serviceMetrics)
			}
			out[s.Service][m.Name] = m
		}
	}
	return out
}

// of returns the metrics of the service of a resource.
func (x sourcedMetrics) of(resource map[string]any) serviceMetrics {
	service, _ := resource["service.name"].(string)
	return x[service]
}

// whole reports whether values of attributes are rounded to whole numbers.
func (m *sourcedMetric) whole() bool { return wholeUnit(m.Unit) }

// give gives the values that a span has for the metrics.
func (x serviceMetrics) give(s *auditSpan, give func(series string, v auditValue)) {
	for _, name := range sortedKeys(x) {
		m := x[name]
		for i := range m.From {
			from := &m.From[i]
			if from.Span != s.name || from.Kind != 0 && from.Kind != s.kind {
				continue
			}
			if v, ok := m.valueOf(from, s); ok {
				give(seriesOf(name, m.tellerOf(s), m.attributesOf(from, s)), v)
			}
		}
	}
}

// tellerOf names who tells the metric of a span.
func (m *sourcedMetric) tellerOf(s *auditSpan) string {
	if len(m.Resource) == 0 || s.member == s.origin {
		return s.member
	}
	return s.teller(commonOf(s.resource, m.Resource))
}

// valueOf returns the value that a span gives, and whether it gives one.
func (m *sourcedMetric) valueOf(from *semconv.MetricSource, s *auditSpan) (auditValue, bool) {
	v := auditValue{time: s.end, number: 1, per: m.per, span: s.key}
	if _, time := nanosecondsIn(m.Unit); from.Value == "" && time {
		v.number = int64(s.end - s.start)
	} else if from.Value != "" {
		switch x := s.attrs[from.Value].(type) {
		case int64:
			if !m.whole() && (x >= mostOf/fractions || x <= -mostOf/fractions) {
				return v, false
			}
			v.number = x
			if !m.whole() {
				v.number *= fractions
			}
		case float64:
			switch {
			case m.whole() && math.Abs(x) <= mostOf:
				v.number = int64(math.Round(x))
			case !m.whole() && math.Abs(x) <= mostOf/fractions:
				v.number = nearestFraction(x)
			default: // what is not a number, too
				return v, false
			}
		default:
			return v, false
		}
	}
	low := int64(-mostOf)
	if m.Instrument == "counter" || strings.HasSuffix(m.Instrument, "histogram") {
		low = 0
	}
	return v, v.number <= mostOf && v.number >= low
}

// attributesOf are those of the point of a value.
func (m *sourcedMetric) attributesOf(from *semconv.MetricSource, s *auditSpan) map[string]any {
	out := make(map[string]any)
	for _, key := range m.Dimensions {
		if v := s.attrs[key]; v != nil {
			out[key] = v
		} else if v := s.resource.attrs[key]; v != nil {
			out[key] = v
		}
	}
	for _, list := range [][]semconv.OwnAttribute{from.Attributes, m.Attributes} {
		for _, a := range list {
			out[a.Name] = a.Value
		}
	}
	return out
}

// sourcedMetric judges what a metric is.
func (k *SignalChecker) sourcedMetric(m *otlp.Metrics, x *otlp.Metric, def *sourcedMetric, resource map[string]any) {
	k.instrument(m, x, def.Unit, def.Instrument, resource)
	for _, p := range m.Points[x.Points.Start:x.Points.End] {
		if have := m.Bounds[p.Bounds.Start:p.Bounds.End]; def.Buckets != nil && !slices.Equal(have, def.Buckets) {
			k.fail("metric-buckets", "the bounds of its buckets are %v, want %v", have, def.Buckets)
		}
		attrs := attrMap(m.Strings, m.Attrs, m.Text, p.Attrs)
		if len(attrs) != p.Attrs.Len() {
			k.fail("metric-dimension", "a dimension is there twice, or is no single value")
		}
		for _, name := range sortedKeys(attrs) {
			if !def.has(name, attrs[name]) {
				k.fail("metric-dimension", "%s is not one of its dimensions", name)
			}
		}
	}
}

// has reports whether a point may have an attribute: a dimension, or one that is fixed to
// that value.
func (m *sourcedMetric) has(key string, value any) bool {
	is := func(a semconv.OwnAttribute) bool { return a.Name == key && value == a.Value }
	return slices.Contains(m.Dimensions, key) || slices.ContainsFunc(m.Attributes, is) ||
		slices.ContainsFunc(m.From, func(s semconv.MetricSource) bool { return slices.ContainsFunc(s.Attributes, is) })
}
