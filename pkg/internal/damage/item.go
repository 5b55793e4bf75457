package damage

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"iter"

	logs "go.opentelemetry.io/proto/otlp/logs/v1"
	metrics "go.opentelemetry.io/proto/otlp/metrics/v1"
	trace "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

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
	message proto.Message // Resource or InstrumentationScope; nil: there is none
	schema  string
}

func (a *above) equal(b *above) bool {
	return a.schema == b.schema && proto.Equal(a.message, b.message)
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

// The requests of all signals are built alike: of resources, each with scopes, each with
// spans, log records or metrics. These are the numbers of their fields, and that of the
// points of whatever a metric is.
const (
	fieldResources protoreflect.FieldNumber = 1
	fieldAbove     protoreflect.FieldNumber = 1 // the resource or scope itself
	fieldUnder     protoreflect.FieldNumber = 2 // its scopes, or items
	fieldSchema    protoreflect.FieldNumber = 3
	fieldPoints    protoreflect.FieldNumber = 1
)

func field(m protoreflect.Message, n protoreflect.FieldNumber) protoreflect.FieldDescriptor {
	return m.Descriptor().Fields().ByNumber(n)
}

// list returns a repeated field of a message, to read or to append to.
func list(m protoreflect.Message, n protoreflect.FieldNumber) protoreflect.List {
	return m.Mutable(field(m, n)).List()
}

// each returns the messages of a list.
func each(l protoreflect.List) iter.Seq[protoreflect.Message] {
	return func(yield func(protoreflect.Message) bool) {
		for i := range l.Len() {
			if !yield(l.Get(i).Message()) {
				return
			}
		}
	}
}

// aboveOf returns what is above the items of one of the resources or scopes of a request.
func aboveOf(m protoreflect.Message) *above {
	a := &above{schema: m.Get(field(m, fieldSchema)).String()}
	if f := field(m, fieldAbove); m.Has(f) {
		a.message = m.Get(f).Message().Interface()
	}
	return a
}

// appendTo is the way back: it returns the one that has no items yet.
func (a *above) appendTo(l protoreflect.List) protoreflect.Message {
	m := l.AppendMutable().Message()
	m.Set(field(m, fieldSchema), protoreflect.ValueOfString(a.schema))
	if a.message != nil {
		m.Set(field(m, fieldAbove), protoreflect.ValueOfMessage(a.message.ProtoReflect()))
	}
	return m
}

// flatten returns the items of a request in their order.
func flatten(sig otlp.Signal, request proto.Message, number uint64) (pieces []*piece) {
	for r := range each(list(request.ProtoReflect(), fieldResources)) {
		res := aboveOf(r)
		for s := range each(list(r, fieldUnder)) {
			scope := aboveOf(s)
			for m := range each(list(s, fieldUnder)) {
				metric, ok := m.Interface().(*metrics.Metric)
				if !ok {
					pieces = append(pieces, &piece{resource: res, scope: scope, message: m.Interface()})
					continue
				}
				for _, point := range takePoints(metric) {
					pieces = append(pieces, &piece{resource: res, scope: scope, metric: metric, message: point})
				}
			}
		}
	}
	for i, p := range pieces {
		p.item = describe(p, sig, number, i)
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

// points returns the points of a metric, nil when it has no place for any.
func points(m *metrics.Metric) protoreflect.List {
	r := m.ProtoReflect()
	data := r.WhichOneof(r.Descriptor().Oneofs().ByName("data"))
	if data == nil {
		return nil
	}
	return list(r.Mutable(data).Message(), fieldPoints)
}

// takePoints removes the points of a metric and returns them.
func takePoints(m *metrics.Metric) (taken []proto.Message) {
	if l := points(m); l != nil {
		for point := range each(l) {
			taken = append(taken, point.Interface())
		}
		l.Truncate(0)
	}
	return taken
}

// join returns the request that holds the pieces in their order: neighbours under
// one resource, scope and metric share it.
func join(sig otlp.Signal, pieces []*piece) proto.Message {
	request, last := newRequest(sig), new(piece)
	var r, s protoreflect.Message
	var metric *metrics.Metric
	for _, p := range pieces {
		if p.resource != last.resource {
			r = p.resource.appendTo(list(request.ProtoReflect(), fieldResources))
			last = new(piece)
		}
		if p.scope != last.scope {
			s = p.scope.appendTo(list(r, fieldUnder))
			last = new(piece)
		}
		items := list(s, fieldUnder)
		if p.metric != nil {
			if p.metric != last.metric {
				metric = proto.CloneOf(p.metric)
				items.Append(protoreflect.ValueOfMessage(metric.ProtoReflect()))
			}
			items = points(metric)
		}
		items.Append(protoreflect.ValueOfMessage(p.message.ProtoReflect()))
		last = p
	}
	return request
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
	for _, m := range []proto.Message{p.resource.message, p.scope.message, p.metric, p.message} {
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
