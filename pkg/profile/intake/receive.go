package intake

import (
	"errors"
	"fmt"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/match"
	"github.com/otelsim/otelsim/pkg/match/form"
)

// partitions is how many partitions of traces there are, and how many parts one that is
// too long is divided into: a power of two.
const (
	partitionBits = 9
	partitions    = 1 << partitionBits
)

// blockBudget is how much memory the ends of partitions take while they are written.
const blockBudget = 16 << 20

// receiver is the first pass: it takes messages apart, keeps what is of a trace by
// partition, and hands over the rest.
type receiver struct {
	visitor Visitor
	keep    func(*record) error // of a trace, in its memory during the call
	parts   *parts
	faults  Faults
	counts  [otlp.NumSignals]uint64

	split form.Splitter
	visit func(*form.Raw) error
	proto []byte // of payloads that are JSON

	modern []byte // of such that are of Tempo

	signal                        otlp.Signal
	resourceID, scopeID, metricID uint64 // of the splitter
	record                        record
	resource                      *Resource
	scope                         *Scope

	decoder decoder
	metric  []byte // of the points at hand
	point   Point
	log     Log
}

// newReceiver makes a receiver. Most is how many resources and scopes it keeps; 0: as many
// as usual.
func newReceiver(v Visitor, most int, keep func(*record) error) *receiver {
	r := &receiver{visitor: v, keep: keep, parts: newParts(most)}
	r.visit = r.item
	return r
}

// errFile is an error of what is kept, not of what is read.
type errFile struct{ error }

func (e errFile) Unwrap() error { return e.error }

// message takes a message.
func (r *receiver) message(m *match.Message) (err error) {
	payload := m.Payload
	if m.Format == otlp.FormatJSON {
		if r.proto, err = form.AppendProto(r.proto[:0], m.Signal, payload); err != nil {
			r.modern = appendModern(r.modern[:0], payload)
			var again error
			if r.proto, again = form.AppendProto(r.proto[:0], m.Signal, r.modern); again != nil {
				return located(m, err)
			}
		}
		payload = r.proto
	}
	r.signal = m.Signal
	err = r.split.Split(m.Signal, payload, r.visit)
	var own errFile
	if err == nil || errors.As(err, &own) {
		return err
	}
	return located(m, err)
}

// located says where a message was read that is not what it should be.
func located(m *match.Message, err error) error {
	if m.File == "" {
		return err
	}
	return fmt.Errorf("read %s: message %d: %w", m.File, m.Number, err)
}

// item takes an item of a message.
func (r *receiver) item(raw *form.Raw) error {
	r.counts[r.signal]++
	if raw.ResourceID != r.resourceID {
		r.resourceID = raw.ResourceID
		r.record.resource, r.resource = r.parts.resource(raw.Resource), nil
	}
	if raw.ScopeID != r.scopeID {
		r.scopeID = raw.ScopeID
		r.record.scope, r.scope = r.parts.scope(raw.Scope), nil
	}
	switch {
	case r.signal == otlp.SignalMetrics:
		r.takePoint(raw)
		return nil
	case raw.TraceID == otlp.TraceID{} && r.signal == otlp.SignalLogs:
		r.takeLog(raw)
		return nil
	case raw.TraceID == otlp.TraceID{} || r.signal == otlp.SignalTraces && raw.SpanID == otlp.SpanID{}:
		r.faults.NoIDs++
		return nil
	case r.signal == otlp.SignalTraces && raw.Time == 0:
		r.faults.NoTimes++
		return nil
	}
	rec := &r.record
	rec.log, rec.trace, rec.span, rec.time, rec.end, rec.bytes = r.signal == otlp.SignalLogs, raw.TraceID, raw.SpanID, raw.Time, raw.End, raw.Bytes
	if rec.log {
		rec.end = 0
	}
	rec.resourceBytes, rec.scopeBytes = raw.Resource, raw.Scope
	if err := r.keep(rec); err != nil {
		return errFile{err}
	}
	return nil
}

// owners finds the resource and scope of an item that is handed over at once.
func (r *receiver) owners(raw *form.Raw) {
	if r.resource == nil {
		if n := r.record.resource; n != noPart {
			r.resource = r.parts.resources.list[n]
		} else {
			r.resource, _ = resourceOf(clone(raw.Resource))
		}
	}
	if r.scope == nil {
		if n := r.record.scope; n != noPart {
			r.scope = r.parts.scopes.list[n]
		} else {
			r.scope, _ = scopeOf(clone(raw.Scope))
		}
	}
}

func (r *receiver) takePoint(raw *form.Raw) {
	r.owners(raw)
	p := &r.point
	if raw.MetricID != r.metricID {
		r.metricID = raw.MetricID
		r.metric = append(r.metric[:0], raw.Metric...)
		r.decoder.metric(r.metric, p)
	}
	r.decoder.reset()
	r.decoder.point(raw.Message, raw.Bytes, p)
	p.Temporality, p.Resource, p.Scope = raw.Temporality, r.resource, r.scope
	if r.decoder.damaged {
		r.faults.Damaged++
	}
	r.visitor.Point(p)
}

func (r *receiver) takeLog(raw *form.Raw) {
	r.owners(raw)
	r.decoder.reset()
	r.log = Log{SpanID: raw.SpanID, Span: -1, Resource: r.resource, Scope: r.scope}
	r.decoder.log(raw.Bytes, &r.log)
	if r.decoder.damaged {
		r.faults.Damaged++
	}
	r.visitor.Log(&r.log)
}
