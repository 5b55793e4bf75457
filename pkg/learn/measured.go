package learn

import (
	"strings"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// marks are the attributes that tell spans of a protocol, with the metric that a kind of
// them gives values to.
var marks = []struct {
	key, protocol, metric string
	kind                  uint8
}{
	{"http.request.method", "http", "http.server.request.duration", otlp.SpanKindServer},
	{"http.request.method", "http", "http.client.request.duration", otlp.SpanKindClient},
	{"rpc.system.name", "grpc", "rpc.server.call.duration", otlp.SpanKindServer},
	{"rpc.system.name", "grpc", "rpc.client.call.duration", otlp.SpanKindClient},
	{"db.system.name", "db", "db.client.operation.duration", otlp.SpanKindClient},
	{"messaging.system", "messaging", "messaging.client.operation.duration", otlp.SpanKindProducer},
	{"messaging.system", "messaging", "messaging.process.duration", otlp.SpanKindConsumer},
}

// measures says by the metrics of which protocol the spans of a class count: where its
// service has the metric, and they what marks it.
func (w *writer) measures(m *node, c *class) {
	for _, x := range marks {
		if x.kind == c.Kind && c.Attributes[x.key] != nil && w.metric(c.Service, x.metric) {
			m.with("measured", x.protocol)
			return
		}
	}
}

// metric reports whether a service has a metric.
func (w *writer) metric(service, name string) bool {
	if w.metrics == nil {
		w.metrics = make(map[string]bool)
		for _, x := range w.g.p.Metrics { // order-free: a set
			w.metrics[x.Service+"\x00"+strings.TrimSpace(x.Name)] = true
		}
	}
	return w.metrics[service+"\x00"+name]
}
