package semconv

import (
	"strconv"
	"strings"

	"github.com/otelsim/otelsim/pkg/build/input"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// SystemRuntime is what the instances of a service tell of how they are.
type SystemRuntime struct {
	Kind        string // process, go, jvm or nodejs
	Cores       int64
	Memory      int64 // bytes
	Connections int64 // that a pool of a database keeps open
}

// OwnMetric is a metric of a service's own: what it shows is Base, and for each
// request under work, each message that waits, and of the load so much more; of a
// counter, what it rises by in a second, and with each request.
type OwnMetric struct {
	Name, Instrument, Unit                       string
	Base, PerRequest, PerWaiting, PerLoad, Noise float64
	Attributes                                   []OwnAttribute // of its points, by name

	From       []MetricSource // spans that give it values; none: what it shows is as above
	Dimensions []string       // attributes of the spans, or of their resource, that points have
	Resource   []string       // attributes that differ within the service and that its resource has as its spans have them
	Buckets    []float64      // bounds of a histogram; nil: those that its unit has
}

// MetricSource is spans that give an OwnMetric a value each: that of an attribute, or
// without one how long they last, in a unit of time, or else 1.
type MetricSource struct {
	Span       string
	Kind       uint8 // an otlp.SpanKind; 0: any
	Value      string
	Attributes []OwnAttribute // of the points of these values, by name
}

// OwnAttribute is an attribute of all points of an OwnMetric.
type OwnAttribute struct{ Name, Value string }

// The bounds of what the section may say.
const (
	maxRuntime    = 1 << 50
	maxOwn        = 1e15
	maxOwnMetrics = 1000
)

// systemRuntime reads how the instances of a service are.
func (r *parser) systemRuntime(service input.Map) *SystemRuntime {
	m, ok := service.Map("runtime", "kind", "cores", "memory", "connections")
	if !ok {
		return nil
	}
	return &SystemRuntime{
		Kind:  m.OneOf("kind", "process", "process", "go", "jvm", "nodejs"),
		Cores: m.Int("cores", 1, 1, maxRuntime), Memory: m.Int("memory", 1, 1, maxRuntime), Connections: m.Int("connections", 0, 0, maxRuntime),
	}
}

// ownMetrics reads the metrics of a service's own.
func (r *parser) ownMetrics(service input.Map) (out []OwnMetric) {
	items := service.List("metrics")
	if len(items) > maxOwnMetrics {
		service.Fail("metrics", "%d are more than the limit of %d", len(items), maxOwnMetrics)
		return nil
	}
	for _, item := range items {
		m, ok := item.Map(r.p, "name", "instrument", "unit", "base", "per_request", "per_waiting", "per_load", "noise", "attributes",
			"from", "dimensions", "resource", "buckets")
		if !ok {
			continue
		}
		x := OwnMetric{
			Name: m.Need("name"), Unit: r.exactly(m, "unit"),
			Instrument: m.OneOf("instrument", "gauge", "counter", "updowncounter", "gauge", "histogram", "exponential_histogram"),
			Base:       m.Float("base", 0, -maxOwn, maxOwn), PerRequest: m.Float("per_request", 0, -maxOwn, maxOwn),
			PerWaiting: m.Float("per_waiting", 0, -maxOwn, maxOwn), PerLoad: m.Float("per_load", 0, -maxOwn, maxOwn),
			Noise: m.Float("noise", 0, 0, 1),
		}
		x.Attributes = r.ownAttributes(m)
		for _, item := range m.List("from") {
			x.From = append(x.From, r.metricSource(item))
		}
		x.Dimensions, x.Resource = m.Strings("dimensions"), m.Strings("resource")
		if m.Has("buckets") {
			items := m.List("buckets")
			x.Buckets = make([]float64, 0, len(items))
			for _, item := range items {
				v, _ := item.Float(r.p)
				x.Buckets = append(x.Buckets, v)
			}
		}
		out = append(out, x)
	}
	return out
}

func (r *parser) ownAttributes(m input.Map) (out []OwnAttribute) {
	attributes, _ := m.Map("attributes")
	for _, e := range attributes.Entries() {
		value, _ := e.Value.Str(r.p)
		out = append(out, OwnAttribute{e.Key, value})
	}
	return out
}

// metricSource reads spans that give a metric its values.
func (r *parser) metricSource(item *input.Node) (out MetricSource) {
	m, ok := item.Map(r.p, "span", "kind", "value", "attributes")
	if !ok {
		return out
	}
	out.Span, out.Value, out.Attributes = r.exactly(m, "span"), r.exactly(m, "value"), r.ownAttributes(m)
	if n := m.Get("kind"); n != nil {
		out.Kind, _ = r.kind(n)
	}
	return out
}

// runtimeText is what stands between the braces of a service for what its instances
// tell, with a comma at the end.
func (s *System) runtimeText() string {
	text := ""
	if r := s.Runtime; r != nil {
		text += "runtime: {kind: " + r.Kind
		for _, x := range []struct {
			key   string
			value int64
		}{{"cores", r.Cores}, {"memory", r.Memory}, {"connections", r.Connections}} {
			text += ", " + x.key + ": " + strconv.FormatInt(x.value, 10)
		}
		text += "}, "
	}
	if len(s.Metrics) > 0 {
		items := make([]string, len(s.Metrics))
		for i := range s.Metrics {
			items[i] = s.Metrics[i].text()
		}
		text += "metrics: [" + strings.Join(items, ", ") + "], "
	}
	return text
}

// text is a metric in braces.
func (m *OwnMetric) text() string {
	parts := []string{"name: " + strconv.Quote(m.Name), "instrument: " + m.Instrument, "unit: " + strconv.Quote(m.Unit)}
	for _, x := range []struct {
		key   string
		value float64
	}{{"base", m.Base}, {"per_request", m.PerRequest}, {"per_waiting", m.PerWaiting}, {"per_load", m.PerLoad}, {"noise", m.Noise}} {
		if x.value != 0 {
			parts = append(parts, x.key+": "+strconv.FormatFloat(x.value, 'f', -1, 64))
		}
	}
	parts = appendAttributes(parts, m.Attributes)
	if len(m.From) > 0 {
		items := make([]string, len(m.From))
		for i := range m.From {
			items[i] = m.From[i].text()
		}
		parts = append(parts, "from: ["+strings.Join(items, ", ")+"]")
	}
	if len(m.Dimensions) > 0 {
		parts = append(parts, "dimensions: "+textsText(m.Dimensions))
	}
	if len(m.Resource) > 0 {
		parts = append(parts, "resource: "+textsText(m.Resource))
	}
	if m.Buckets != nil {
		items := make([]string, len(m.Buckets))
		for i, v := range m.Buckets {
			items[i] = strconv.FormatFloat(v, 'f', -1, 64)
		}
		parts = append(parts, "buckets: ["+strings.Join(items, ", ")+"]")
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

// text is spans that give a metric values, in braces.
func (s *MetricSource) text() string {
	parts := []string{"span: " + strconv.Quote(s.Span)}
	if s.Kind != 0 {
		parts = append(parts, "kind: "+kindNames[s.Kind-otlp.SpanKindInternal])
	}
	if s.Value != "" {
		parts = append(parts, "value: "+strconv.Quote(s.Value))
	}
	return "{" + strings.Join(appendAttributes(parts, s.Attributes), ", ") + "}"
}

// appendAttributes appends attributes of points where there are any.
func appendAttributes(parts []string, attributes []OwnAttribute) []string {
	if len(attributes) == 0 {
		return parts
	}
	pairs := make([]string, len(attributes))
	for i, a := range attributes {
		pairs[i] = strconv.Quote(a.Name) + ": " + strconv.Quote(a.Value)
	}
	return append(parts, "attributes: {"+strings.Join(pairs, ", ")+"}")
}
