package replay

import (
	"bytes"
	"encoding/hex"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/corpus/wire"
)

// shape is what is read of a payload before it is sent.
type shape struct {
	items uint64
	last  uint64       // latest time, nanoseconds since the Unix epoch
	trace otlp.TraceID // of the first span or log record that has one
}

// scanner reads payloads, without allocating for each.
type scanner struct {
	shape
	found bool
	visit func(wire.Item)
}

// scan walks a payload from end to end, so that a damaged one is found before
// it is sent.
func (s *scanner) scan(sig otlp.Signal, f otlp.Format, payload []byte) (shape, error) {
	if f == otlp.FormatJSON {
		c, err := wire.CountJSON(sig, payload)
		return shape{items: c.Items, last: c.Last, trace: firstTrace(payload)}, err
	}
	if sig == otlp.SignalMetrics {
		c, err := wire.Count(sig, payload)
		return shape{items: c.Items, last: c.Last}, err
	}
	if s.visit == nil {
		s.visit = s.item
	}
	s.shape, s.found = shape{}, false
	err := wire.Items(sig, payload, s.visit)
	return s.shape, err
}

// firstTrace returns the first trace id of a JSON object. The pattern cannot be
// part of a string, where its quotes would be escaped.
func firstTrace(object []byte) (id otlp.TraceID) {
	_, after, ok := bytes.Cut(object, []byte(`"traceId":"`))
	if !ok || len(after) < 2*len(id) {
		return id
	}
	if _, err := hex.Decode(id[:], after[:2*len(id)]); err != nil {
		return otlp.TraceID{}
	}
	return id
}

// item takes one span or log record.
func (s *scanner) item(it wire.Item) {
	s.items++
	s.last = max(s.last, it.Time, it.Start)
	if !s.found && len(it.TraceID) == len(s.trace) {
		s.found = true
		copy(s.trace[:], it.TraceID)
	}
}

// detect finds out the signal of a payload: by the wire shape, or by the key
// in JSON.
func detect(f otlp.Format, payload []byte) (otlp.Signal, error) {
	if f == otlp.FormatProto {
		return wire.Detect(payload)
	}
	return wire.DetectJSON(payload)
}
