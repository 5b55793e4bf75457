package damage

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	common "go.opentelemetry.io/proto/otlp/common/v1"
	logs "go.opentelemetry.io/proto/otlp/logs/v1"
	metrics "go.opentelemetry.io/proto/otlp/metrics/v1"
	resource "go.opentelemetry.io/proto/otlp/resource/v1"
	trace "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// Item is one span, log record or data point that came.
type Item struct {
	Signal   otlp.Signal
	Request  uint64       // that it came in, from 0; one that is sent again is the same
	Position int          // in the request, from 0
	TraceID  otlp.TraceID // as it came
	SpanID   otlp.SpanID
	Name     string // of the span, the event or the metric
}

// String names the item for a person.
func (it *Item) String() string {
	s := fmt.Sprintf("request %d, %v %d %q", it.Request, it.Signal, it.Position, it.Name)
	if it.TraceID != (otlp.TraceID{}) {
		s += fmt.Sprintf(", trace %x, span %x", it.TraceID, it.SpanID)
	}
	return s
}

// above is a resource or a scope with its schema URL; pieces that share one share
// the pointer.
type above struct {
	resource *resource.Resource
	scope    *common.InstrumentationScope
	schema   string
}

func (a *above) equal(b *above) bool {
	return a.schema == b.schema && proto.Equal(a.resource, b.resource) && proto.Equal(a.scope, b.scope)
}

// piece is an item on its way, or a copy of one.
type piece struct {
	item     *Item // nil: nobody sent it
	resource *above
	scope    *above
	metric   *metrics.Metric // without points
	message  proto.Message   // Span, LogRecord or a data point; changed in copies only
	altered  bool            // it is not as it was sent
}

func (p *piece) clone() *piece {
	c := *p
	c.message = proto.Clone(p.message)
	return &c
}

// flatten returns the items of a request in their order.
func flatten(sig otlp.Signal, m proto.Message, request uint64) (pieces []*piece) {
	switch sig {
	case otlp.SignalTraces:
		for _, r := range m.(*trace.TracesData).ResourceSpans {
			res := &above{resource: r.Resource, schema: r.SchemaUrl}
			for _, s := range r.ScopeSpans {
				scope := &above{scope: s.Scope, schema: s.SchemaUrl}
				for _, span := range s.Spans {
					pieces = append(pieces, &piece{resource: res, scope: scope, message: span})
				}
			}
		}
	case otlp.SignalLogs:
		for _, r := range m.(*logs.LogsData).ResourceLogs {
			res := &above{resource: r.Resource, schema: r.SchemaUrl}
			for _, s := range r.ScopeLogs {
				scope := &above{scope: s.Scope, schema: s.SchemaUrl}
				for _, record := range s.LogRecords {
					pieces = append(pieces, &piece{resource: res, scope: scope, message: record})
				}
			}
		}
	default:
		for _, r := range m.(*metrics.MetricsData).ResourceMetrics {
			res := &above{resource: r.Resource, schema: r.SchemaUrl}
			for _, s := range r.ScopeMetrics {
				scope := &above{scope: s.Scope, schema: s.SchemaUrl}
				for _, metric := range s.Metrics {
					for _, point := range takePoints(metric) {
						pieces = append(pieces, &piece{resource: res, scope: scope, metric: metric, message: point})
					}
				}
			}
		}
	}
	for i, p := range pieces {
		p.item = describe(p, sig, request, i)
	}
	return pieces
}

func describe(p *piece, sig otlp.Signal, request uint64, position int) *Item {
	it := &Item{Signal: sig, Request: request, Position: position}
	switch m := p.message.(type) {
	case *trace.Span:
		copy(it.TraceID[:], m.TraceId)
		copy(it.SpanID[:], m.SpanId)
		it.Name = m.Name
	case *logs.LogRecord:
		copy(it.TraceID[:], m.TraceId)
		copy(it.SpanID[:], m.SpanId)
		it.Name = m.EventName
	default:
		it.Name = p.metric.Name
	}
	return it
}

// takePoints removes the points of a metric and returns them.
func takePoints(m *metrics.Metric) (points []proto.Message) {
	switch d := m.Data.(type) {
	case *metrics.Metric_Gauge:
		points = messages(d.Gauge.DataPoints)
		d.Gauge.DataPoints = nil
	case *metrics.Metric_Sum:
		points = messages(d.Sum.DataPoints)
		d.Sum.DataPoints = nil
	case *metrics.Metric_Histogram:
		points = messages(d.Histogram.DataPoints)
		d.Histogram.DataPoints = nil
	case *metrics.Metric_ExponentialHistogram:
		points = messages(d.ExponentialHistogram.DataPoints)
		d.ExponentialHistogram.DataPoints = nil
	case *metrics.Metric_Summary:
		points = messages(d.Summary.DataPoints)
		d.Summary.DataPoints = nil
	}
	return points
}

func messages[T proto.Message](points []T) (all []proto.Message) {
	for _, p := range points {
		all = append(all, p)
	}
	return all
}

// addPoint is the way back.
func addPoint(m *metrics.Metric, point proto.Message) {
	switch d := m.Data.(type) {
	case *metrics.Metric_Gauge:
		d.Gauge.DataPoints = append(d.Gauge.DataPoints, point.(*metrics.NumberDataPoint))
	case *metrics.Metric_Sum:
		d.Sum.DataPoints = append(d.Sum.DataPoints, point.(*metrics.NumberDataPoint))
	case *metrics.Metric_Histogram:
		d.Histogram.DataPoints = append(d.Histogram.DataPoints, point.(*metrics.HistogramDataPoint))
	case *metrics.Metric_ExponentialHistogram:
		d.ExponentialHistogram.DataPoints = append(d.ExponentialHistogram.DataPoints, point.(*metrics.ExponentialHistogramDataPoint))
	case *metrics.Metric_Summary:
		d.Summary.DataPoints = append(d.Summary.DataPoints, point.(*metrics.SummaryDataPoint))
	}
}

// join returns the request that holds the pieces in their order: neighbours under
// one resource, scope and metric share it.
func join(sig otlp.Signal, pieces []*piece) proto.Message {
	switch sig {
	case otlp.SignalTraces:
		return joinTraces(pieces)
	case otlp.SignalLogs:
		return joinLogs(pieces)
	}
	return joinMetrics(pieces)
}

func joinTraces(pieces []*piece) proto.Message {
	out, last := new(trace.TracesData), new(piece)
	for _, p := range pieces {
		if p.resource != last.resource {
			out.ResourceSpans = append(out.ResourceSpans, &trace.ResourceSpans{Resource: p.resource.resource, SchemaUrl: p.resource.schema})
			last = new(piece)
		}
		r := out.ResourceSpans[len(out.ResourceSpans)-1]
		if p.scope != last.scope {
			r.ScopeSpans = append(r.ScopeSpans, &trace.ScopeSpans{Scope: p.scope.scope, SchemaUrl: p.scope.schema})
		}
		s := r.ScopeSpans[len(r.ScopeSpans)-1]
		s.Spans = append(s.Spans, p.message.(*trace.Span))
		last = p
	}
	return out
}

func joinLogs(pieces []*piece) proto.Message {
	out, last := new(logs.LogsData), new(piece)
	for _, p := range pieces {
		if p.resource != last.resource {
			out.ResourceLogs = append(out.ResourceLogs, &logs.ResourceLogs{Resource: p.resource.resource, SchemaUrl: p.resource.schema})
			last = new(piece)
		}
		r := out.ResourceLogs[len(out.ResourceLogs)-1]
		if p.scope != last.scope {
			r.ScopeLogs = append(r.ScopeLogs, &logs.ScopeLogs{Scope: p.scope.scope, SchemaUrl: p.scope.schema})
		}
		s := r.ScopeLogs[len(r.ScopeLogs)-1]
		s.LogRecords = append(s.LogRecords, p.message.(*logs.LogRecord))
		last = p
	}
	return out
}

func joinMetrics(pieces []*piece) proto.Message {
	out, last := new(metrics.MetricsData), new(piece)
	for _, p := range pieces {
		if p.resource != last.resource {
			out.ResourceMetrics = append(out.ResourceMetrics, &metrics.ResourceMetrics{Resource: p.resource.resource, SchemaUrl: p.resource.schema})
			last = new(piece)
		}
		r := out.ResourceMetrics[len(out.ResourceMetrics)-1]
		if p.scope != last.scope {
			r.ScopeMetrics = append(r.ScopeMetrics, &metrics.ScopeMetrics{Scope: p.scope.scope, SchemaUrl: p.scope.schema})
			last = new(piece)
		}
		s := r.ScopeMetrics[len(r.ScopeMetrics)-1]
		if p.metric != last.metric {
			s.Metrics = append(s.Metrics, proto.CloneOf(p.metric))
		}
		addPoint(s.Metrics[len(s.Metrics)-1], p.message)
		last = p
	}
	return out
}

// Digests returns for each item of a payload a number that items have in common when
// nothing tells them apart: neither they nor what is around them.
func Digests(sig otlp.Signal, f otlp.Format, payload []byte) (all []string, err error) {
	m, err := decode(sig, f, payload)
	if err != nil {
		return nil, err
	}
	for _, p := range flatten(sig, m, 0) {
		all = append(all, p.digest())
	}
	return all, nil
}

func (p *piece) digest() string {
	h := sha256.New()
	for _, m := range []proto.Message{p.resource.resource, p.scope.scope, p.metric, p.message} {
		b, _ := proto.MarshalOptions{Deterministic: true}.Marshal(m) // what was decoded encodes
		fmt.Fprintf(h, "%d:%s", len(b), b)
	}
	return hex.EncodeToString(h.Sum(nil)[:8])
}

// series is digest without the exemplars of a data point, whose ids are those of a lap.
func (p *piece) series() string {
	c := p.clone()
	switch m := c.message.(type) {
	case *metrics.NumberDataPoint:
		m.Exemplars = nil
	case *metrics.HistogramDataPoint:
		m.Exemplars = nil
	}
	return c.digest()
}
