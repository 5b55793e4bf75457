package conform

import (
	"maps"
	"slices"

	"github.com/otelsim/otelsim/pkg/build/registry"
	"github.com/otelsim/otelsim/pkg/build/semconv"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// spanMetric is a metric of OpenTelemetry's conventions that follows from spans of
// systems.
type spanMetric struct {
	protocol protocol
	kind     uint8
	counts   bool      // it counts messages; the others are durations, in seconds
	buckets  []float64 // the bounds that the conventions advise, nil where it counts
	dims     []*registry.Attribute
	unit     string
}

// spanMetrics are those metrics by name, without what the registry says of them.
var spanMetrics = map[string]spanMetric{
	"http.server.request.duration":        {protocol: overHTTP, kind: otlp.SpanKindServer, buckets: usualBuckets},
	"http.client.request.duration":        {protocol: overHTTP, kind: otlp.SpanKindClient, buckets: usualBuckets},
	"rpc.server.call.duration":            {protocol: overRPC, kind: otlp.SpanKindServer, buckets: usualBuckets},
	"rpc.client.call.duration":            {protocol: overRPC, kind: otlp.SpanKindClient, buckets: usualBuckets},
	"db.client.operation.duration":        {protocol: overDB, kind: otlp.SpanKindClient, buckets: []float64{0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10}},
	"messaging.client.operation.duration": {protocol: byMessage, kind: otlp.SpanKindProducer, buckets: usualBuckets},
	"messaging.client.sent.messages":      {protocol: byMessage, kind: otlp.SpanKindProducer, counts: true},
	"messaging.client.consumed.messages":  {protocol: byMessage, kind: otlp.SpanKindConsumer, counts: true},
	"messaging.process.duration":          {protocol: byMessage, kind: otlp.SpanKindConsumer, buckets: usualBuckets},
}

var usualBuckets = []float64{0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10}

// noDimension reports whether the values of an attribute are too many for one: the
// peers of a socket, and the partitions of a topic.
func noDimension(key string) bool {
	return oneOf(key, "network.peer.address", "network.peer.port", "messaging.destination.partition.id")
}

// metricsOfSystems are the metrics that follow from spans of systems, by name.
type metricsOfSystems map[string]*spanMetric

// metricsOfSpans returns all of them, nil where the conventions know of no systems.
func metricsOfSpans(c *semconv.Conventions) metricsOfSystems {
	if len(c.Systems) == 0 {
		return nil
	}
	out := make(metricsOfSystems, len(spanMetrics))
	for _, name := range sortedKeys(spanMetrics) {
		m := spanMetrics[name]
		if def, ok := registry.Bundled().Metric(name); ok {
			m.unit = def.Unit
			for _, use := range def.Attributes {
				if use.Level >= registry.Recommended && !noDimension(use.Attribute.Key) {
					m.dims = append(m.dims, use.Attribute)
				}
			}
		}
		out[name] = &m
	}
	return out
}

// systemsAudit is what an audit knows of systems.
type systemsAudit struct {
	metrics metricsOfSystems
	sourced sourcedMetrics
	spans   map[string]map[string][]*semconv.SystemSpan // by service and name
	seen    []*auditSpan
	logs    []systemLog

	told   toldMetrics
	pulses []auditPulse // the points of what instances tell
}

func newSystemsAudit(c *semconv.Conventions) systemsAudit {
	x := systemsAudit{metrics: metricsOfSpans(c), sourced: sourcedBy(c), told: toldBy(c), spans: make(map[string]map[string][]*semconv.SystemSpan)}
	for i := range c.Systems {
		byName := make(map[string][]*semconv.SystemSpan)
		for k := range c.Systems[i].Spans {
			s := &c.Systems[i].Spans[k]
			byName[s.Name] = append(byName[s.Name], s)
		}
		x.spans[c.Systems[i].Service] = byName
	}
	return x
}

// emits reports whether a span of a service by a name is one of a system: of a tool
// server others are spans of agents.
func (x *systemsAudit) emits(s *semconv.System, name string) bool {
	return !s.Agents || x.spans[s.Service][name] != nil
}

// owns reports whether a metric of a service of a system, if it is one, is one of it: those of a tool
// server that do not follow from spans of systems are of agents.
func (x metricsOfSystems) owns(s *semconv.System, metric string) bool {
	return s != nil && (!s.Agents || x[metric] != nil)
}

// of returns what a span is: of several of its name and kind the first one whose
// protocol it speaks. nil: its service emits no such span.
func (x *systemsAudit) of(s *auditSpan, kind uint8) (found *semconv.SystemSpan) {
	service, _ := s.resource.attrs["service.name"].(string)
	for _, def := range x.spans[service][s.name] {
		if def.Kind != kind {
			continue
		}
		if s.speaks(protocolOf(def)) {
			return def
		}
		if found == nil {
			found = def
		}
	}
	return found
}

// speaks reports whether a span has what those of a protocol carry.
func (s *auditSpan) speaks(p protocol) bool {
	return p != noProtocol && marks[p] != noFact && s.attrs[facts[marks[p]]] != nil
}

// expect adds the values that the spans of systems give each series.
func (x *systemsAudit) expect(counted func(otlp.TraceID) bool, give func(series string, v auditValue)) {
	names := sortedKeys(x.metrics)
	for _, s := range x.seen {
		if s.system == nil || counted != nil && !counted(s.key.trace) {
			continue
		}
		for _, name := range names {
			m := x.metrics[name]
			if m.protocol != measuredBy(s.system) || m.kind != s.system.Kind {
				continue
			}
			v := auditValue{time: s.end, number: int64(s.end - s.start), per: 1e9, span: s.key}
			if m.counts {
				v.number, v.per = 1, 1
				if n, ok := s.attrs[facts[factBatch]].(int64); ok && m.kind == otlp.SpanKindConsumer {
					v.number = n
				}
			}
			if v.number < 0 || v.number > mostOf {
				continue
			}
			attrs := make(map[string]any, len(m.dims))
			for _, d := range m.dims {
				if value := s.attrs[d.Key]; value != nil {
					attrs[d.Key] = value
				}
			}
			give(seriesOf(name, s.member, attrs), v)
		}
		x.sourced.of(s.resource.attrs).give(s, give)
	}
}

// mostOf is the largest value that is a value: beyond it fractions have gaps.
const mostOf = 1 << 53

// originOf names a resource and a scope: all that they say.
func originOf(resource map[string]any, strs *otlp.Strings, scope otlp.Scope) string {
	return string(appendSorted([]byte(scopeOf(strs, scope)), resource))
}

// scopeOf is how the name of an origin begins.
func scopeOf(strs *otlp.Strings, scope otlp.Scope) string {
	return " of " + strs.String(scope.Name) + " " + strs.String(scope.Version)
}

// teller names the origin of metrics of a span that have a resource.
func (s *auditSpan) teller(resource map[string]any) string {
	return string(appendSorted([]byte(s.scope), resource))
}

// commonOf is what all resources of an instance of a service say, and of that in which
// they differ what is kept.
func commonOf(x *auditResource, kept []string) map[string]any {
	if x.system == nil || len(x.system.Differs) == 0 {
		return x.attrs
	}
	out := maps.Clone(x.attrs)
	for _, key := range x.system.Differs {
		if !slices.Contains(kept, key) {
			delete(out, key)
		}
	}
	return out
}

// seriesOf names a series of a system.
func seriesOf(metric, origin string, attrs map[string]any) string {
	b := make([]byte, 0, 256)
	b = append(append(b, metric...), origin...)
	return string(appendSorted(append(b, ':'), attrs))
}

// appendSorted appends attributes in order of their keys.
func appendSorted(b []byte, attrs map[string]any) []byte {
	for _, k := range sortedKeys(attrs) {
		b = append(append(append(b, ' '), k...), '=')
		b = appendScalar(b, attrs[k])
	}
	return b
}

// systemMetric judges a metric of a service of a system.
func (k *SignalChecker) systemMetric(m *otlp.Metrics, x *otlp.Metric, resource map[string]any) {
	def := k.ofSpans[m.Strings.String(x.Name)]
	if own := k.sourced.of(resource)[m.Strings.String(x.Name)]; own != nil {
		k.sourcedMetric(m, x, own, resource)
		return
	}
	if def == nil && k.toldMetric(m, x, resource) {
		return
	}
	if def == nil {
		if !k.Lenient {
			k.fail("metric-unknown", "is not defined")
		}
		return
	}
	if unit := m.Strings.String(x.Unit); unit != def.unit {
		k.fail("metric-unit", "unit is %q, want %q", unit, def.unit)
	}
	switch {
	case !def.counts && x.Kind != otlp.MetricHistogram:
		k.fail("metric-type", "its data is not that of a histogram")
	case def.counts && (x.Kind != otlp.MetricSum || !x.Monotonic):
		k.fail("metric-type", "its data is not that of a counter")
	}
	if x.Temporality == otlp.TemporalityUnspecified {
		k.fail("metric-type", "temporality is %d", x.Temporality)
	}
	if resource["session.id"] != nil {
		k.fail("metric-resource", "its resource has a session.id")
	}
	for _, p := range m.Points[x.Points.Start:x.Points.End] {
		if have := m.Bounds[p.Bounds.Start:p.Bounds.End]; !slices.Equal(have, def.buckets) {
			k.fail("metric-buckets", "the bounds of its buckets are %v, want %v", have, def.buckets)
		}
		attrs := attrMap(m.Strings, m.Attrs, m.Text, p.Attrs)
		if len(attrs) != p.Attrs.Len() {
			k.fail("metric-dimension", "a dimension is there twice, or is no single value")
		}
		for _, name := range sortedKeys(attrs) {
			at := slices.IndexFunc(def.dims, func(a *registry.Attribute) bool { return a.Key == name })
			if at < 0 {
				k.fail("metric-dimension", "%s is not one of its dimensions", name)
			} else if !isBaseOf(def.dims[at].Type.Base, attrs[name]) {
				k.fail("attribute-type", "attribute %s is not of type %s", name, &def.dims[at].Type)
			}
		}
	}
}

// isBaseOf reports whether a value is of a type of the registry.
func isBaseOf(base registry.Base, v any) bool {
	switch v.(type) {
	case string:
		return base == registry.String || base == registry.Any
	case int64:
		return base == registry.Int || base == registry.Any
	case float64:
		return base == registry.Double || base == registry.Any
	case bool:
		return base == registry.Boolean || base == registry.Any
	}
	return false
}
