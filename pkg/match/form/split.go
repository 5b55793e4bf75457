package form

import (
	"fmt"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// Raw is an item where it stands in a payload. It is valid during the call that it
// is handed to.
type Raw struct {
	Message Message
	Bytes   []byte // of the item; a part of the payload, and may be changed in place
	// Resource, Scope and Metric are the parts, ResourcePart and so on; Metric is nil
	// for all but data points. The Splitter owns them.
	Resource, Scope, Metric []byte
	// ResourceID, ScopeID and MetricID number the parts that the Splitter has met in
	// its life, from 1: the same number is the same part, another may be its equal.
	ResourceID, ScopeID, MetricID uint64

	TraceID     otlp.TraceID // of spans and log records; zero: none, or not of 16 bytes
	SpanID      otlp.SpanID  // likewise, of 8 bytes
	Time        uint64       // ns since the epoch: a span's start, a point's time, a log record's time or else observed time
	End         uint64       // of spans
	Start       uint64       // of points: since when they count
	Temporality otlp.Temporality
}

// Splitter takes payloads apart. The zero value is ready; it keeps its memory from
// call to call, and belongs to one goroutine.
type Splitter struct {
	resource, scope, metric []byte
	raw                     Raw
	visit                   func(*Raw) error
}

// Numbers of the fields that hold what is within: the same in all signals.
const (
	numberGroups = 1 // of a payload: ResourceSpans
	numberInner  = 2 // of a group: ScopeSpans, or spans
	numberPoints = 1 // of a gauge and its like
)

// Split calls visit with every item of a protobuf payload, in its order. Fields of a
// message may stand in any order. A ResourceSpans without spans yields nothing. An
// error of visit ends the walk and is returned as it is; another wraps ErrMalformed,
// and may come after some calls.
func (s *Splitter) Split(sig otlp.Signal, payload []byte, visit func(*Raw) error) error {
	if sig >= otlp.NumSignals {
		return fmt.Errorf("split payload of signal %d: no such signal", sig)
	}
	r := &s.raw
	*r = Raw{ResourceID: r.ResourceID, ScopeID: r.ScopeID, MetricID: r.MetricID}
	s.visit = visit
	defer func() { s.visit = nil }()
	return s.each(payload, numberGroups, func(group []byte) error {
		if err := s.part(&s.resource, group); err != nil {
			return err
		}
		r.Resource, r.ResourceID = s.resource, r.ResourceID+1
		return s.each(group, numberInner, func(group []byte) error { return s.scopes(sig, group) })
	})
}

// scopes yields what a ScopeSpans or its like holds.
func (s *Splitter) scopes(sig otlp.Signal, group []byte) error {
	if err := s.part(&s.scope, group); err != nil {
		return err
	}
	s.raw.Scope, s.raw.ScopeID = s.scope, s.raw.ScopeID+1
	return s.each(group, numberInner, func(b []byte) error {
		switch sig {
		case otlp.SignalMetrics:
			return s.points(b)
		case otlp.SignalLogs:
			return s.item(LogRecord, b)
		}
		return s.item(Span, b)
	})
}

// each calls f with the value of each field of b that has a length and this number.
func (s *Splitter) each(b []byte, number uint64, f func([]byte) error) error {
	for i := 0; i < len(b); {
		tag, value, _, after := read(b, i)
		if after < 0 {
			return fmt.Errorf("split payload: %w", cut(b, i))
		}
		if tag == number<<3|wireBytes {
			if err := f(value); err != nil {
				return err
			}
		}
		i = after
	}
	return nil
}

// part copies a group without what is within it.
func (s *Splitter) part(dst *[]byte, group []byte) error {
	out := (*dst)[:0]
	for i := 0; i < len(group); {
		tag, _, _, after := read(group, i)
		if after < 0 {
			return fmt.Errorf("split payload: %w", cut(group, i))
		}
		if tag != numberInner<<3|wireBytes {
			out = append(out, group[i:after]...)
		}
		i = after
	}
	*dst = out
	return nil
}

// points yields the points of a metric.
func (s *Splitter) points(metric []byte) error {
	metric, err := settle(MetricPart, metric)
	if err != nil {
		return fmt.Errorf("split payload: %w", err)
	}
	out, values, m := s.metric[:0], []byte(nil), Message(0)
	for i := 0; i < len(metric); {
		tag, value, _, after := read(metric, i)
		if after < 0 {
			return fmt.Errorf("split payload: %w", cut(metric, i))
		}
		if point := pointOf(tag); point != 0 {
			m, values = point, value
			if out, err = s.data(out, tag, value); err != nil {
				return err
			}
		} else {
			out = append(out, metric[i:after]...)
		}
		i = after
	}
	s.metric = out
	s.raw.Metric, s.raw.MetricID = out, s.raw.MetricID+1
	return s.each(values, numberPoints, func(b []byte) error { return s.item(m, b) })
}

// pointOf returns what a field of a metric has for points, 0 for any that has none.
func pointOf(tag uint64) Message {
	switch tag {
	case 5<<3 | wireBytes, 7<<3 | wireBytes:
		return NumberPoint
	case 9<<3 | wireBytes:
		return HistogramPoint
	case 10<<3 | wireBytes:
		return ExpHistogramPoint
	case 11<<3 | wireBytes:
		return SummaryPoint
	}
	return 0
}

// data appends a field of a metric without its points.
func (s *Splitter) data(out []byte, tag uint64, value []byte) ([]byte, error) {
	out = append(out, byte(tag))
	out, start := otlp.OpenLength(out, 1)
	s.raw.Temporality = 0
	for i := 0; i < len(value); {
		t, _, word, after := read(value, i)
		if after < 0 {
			return nil, fmt.Errorf("split payload: %w", cut(value, i))
		}
		if t == 2<<3|wireVarint && tag != 5<<3|wireBytes && tag != 11<<3|wireBytes {
			s.raw.Temporality = otlp.Temporality(min(scalar(kindEnum, word), 255))
		}
		if t != numberPoints<<3|wireBytes {
			out = append(out, value[i:after]...)
		}
		i = after
	}
	return otlp.CloseLength(out, start, 1), nil
}

// item yields an item, after a look at its ids and times.
func (s *Splitter) item(m Message, b []byte) error {
	r := &s.raw
	r.Message, r.Bytes = m, b
	r.TraceID, r.SpanID, r.Time, r.End, r.Start = otlp.TraceID{}, otlp.SpanID{}, 0, 0, 0
	if m >= NumberPoint {
		return s.point(b)
	}
	numbers := &spanNumbers
	if m == LogRecord {
		numbers = &logNumbers
	} else {
		r.Temporality = 0
	}
	observed := uint64(0)
	for i := 0; i < len(b); {
		// Most fields are attributes.
		if c := b[i]; c > byte(numbers.span) && c&0x87 == wireBytes && i+1 < len(b) && b[i+1] < 0x80 && i+2+int(b[i+1]) <= len(b) {
			i += 2 + int(b[i+1])
			continue
		}
		tag, value, word, after := read(b, i)
		if after < 0 {
			return fmt.Errorf("split payload: %w", cut(b, i))
		}
		i = after
		switch tag {
		case numbers.trace:
			r.TraceID = otlp.TraceID{}
			if len(value) == len(r.TraceID) {
				r.TraceID = otlp.TraceID(value)
			}
		case numbers.span:
			r.SpanID = otlp.SpanID{}
			if len(value) == len(r.SpanID) {
				r.SpanID = otlp.SpanID(value)
			}
		case numbers.time:
			r.Time = word
		case numbers.other:
			observed = word
		}
	}
	if m == Span {
		r.End = observed
	} else if r.Time == 0 {
		r.Time = observed
	}
	return s.visit(r)
}

// tags of the ids and times of an item; other is the end of a span and the observed
// time of a log record.
type tags struct{ trace, span, time, other uint64 }

var (
	spanNumbers = tags{trace: 1<<3 | wireBytes, span: 2<<3 | wireBytes, time: 7<<3 | wireFixed64, other: 8<<3 | wireFixed64}
	logNumbers  = tags{trace: 9<<3 | wireBytes, span: 10<<3 | wireBytes, time: 1<<3 | wireFixed64, other: 11<<3 | wireFixed64}
)

// point yields a data point. The times of all kinds have the same numbers.
func (s *Splitter) point(b []byte) error {
	r := &s.raw
	for i := 0; i < len(b); {
		tag, _, word, after := read(b, i)
		if after < 0 {
			return fmt.Errorf("split payload: %w", cut(b, i))
		}
		i = after
		switch tag {
		case 2<<3 | wireFixed64:
			r.Start = word
		case 3<<3 | wireFixed64:
			r.Time = word
		}
	}
	return s.visit(r)
}
