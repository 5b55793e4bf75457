package replay

import (
	"bytes"
	"encoding/hex"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/corpus/wire"
)

// shape is what is read of a payload before it is sent.
type shape struct {
	items  uint64
	first  uint64       // earliest time, nanoseconds since the Unix epoch
	last   uint64       // latest time, likewise
	trace  otlp.TraceID // of the first span or log record that has one
	stamps [2]int       // where its times stand, as a range of the scanner's index.Places; protobuf only
	bounds wire.Bounds
}

// scanner reads payloads, without allocating for each. The stamps
// of one after the other are gathered until the caller takes them.
type scanner struct {
	index   wire.Index
	capture bool     // the payloads are not of a corpus: nobody has checked their ids
	clocks  []uint64 // of one payload
}

// scan walks a payload from end to end, so that a damaged one is found before
// it is sent. It is the only walk that a payload of a first lap gets.
func (s *scanner) scan(sig otlp.Signal, f otlp.Format, payload []byte) (shape, error) {
	if f == otlp.FormatJSON {
		count := wire.CountJSON
		if s.capture {
			count = wire.ScanJSON
		}
		c, err := count(sig, payload)
		return shape{items: c.Items, first: c.First, last: c.Last, trace: firstTrace(payload)}, err
	}
	start := len(s.index.Places)
	s.index.Together = s.capture
	err := s.index.Read(sig, payload, false)
	x := &s.index
	return shape{items: x.Items, first: x.First, last: x.Last, trace: x.Trace, stamps: [2]int{start, len(x.Places)}, bounds: x.Bounds}, err
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
