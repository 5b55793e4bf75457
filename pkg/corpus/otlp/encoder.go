package otlp

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// Framing of records in a file:
//
//	FormatProto  +----------------------------+------------+
//	             | length, 4 bytes big-endian | TracesData |
//	             +----------------------------+------------+
//	FormatJSON   one JSON object and '\n'
//
// The first is what the Collector's file exporter writes for its proto format,
// the second the OTLP file specification.
const frameHeader = 4

// ErrTooLong says that a record cannot be held: one span alone is as long as
// MaxRecordBytes when writing, or a frame claims more than MaxFrameBytes when
// reading, which means damage or a file of another kind.
var ErrTooLong = errors.New("record too long")

// Encoder appends framed records to blocks. It reuses its scratch memory, so it
// belongs to one goroutine; the zero value is ready to use.
type Encoder struct {
	Format Format

	split splitter
}

// AppendRecord appends t to b.Data as one framed record and counts it. A record
// that would reach MaxRecordBytes is split: by trace first, and a trace that is
// too long by itself in the order of its spans. A Traces without spans appends
// nothing. When a single span is too long the error wraps ErrTooLong and b is
// as it was.
func (e *Encoder) AppendRecord(b *Block, t *Traces) error {
	if len(t.Spans) == 0 {
		return nil
	}
	before := len(b.Data)
	data := appendFrame(b.Data, t, e.Format)
	records := uint64(1)
	if payloadLen(data[before:], e.Format) >= MaxRecordBytes {
		var err error
		data, records, err = e.split.append(data[:before], t, e.Format)
		if err != nil {
			b.Data = data[:before]
			return err
		}
	}
	b.Data = data
	first, last := t.timeSpan()
	b.count(records, uint64(len(t.Spans)), first, last)
	return nil
}

// appendFrame appends t with its frame.
func appendFrame(dst []byte, t *Traces, f Format) []byte {
	if f == FormatJSON {
		return append(AppendTraces(dst, t, f), '\n')
	}
	start := len(dst)
	dst = AppendTraces(append(dst, 0, 0, 0, 0), t, f)
	binary.BigEndian.PutUint32(dst[start:], uint32(len(dst)-start-frameHeader))
	return dst
}

// payloadLen returns the length of the one record in frame.
func payloadLen(frame []byte, f Format) int {
	if f == FormatJSON {
		return len(frame) - 1
	}
	return len(frame) - frameHeader
}

// timeSpan returns the earliest start and the latest end of the spans of t.
func (t *Traces) timeSpan() (first, last uint64) {
	first = t.Spans[0].Start
	for i := range t.Spans {
		first = min(first, t.Spans[i].Start)
		last = max(last, t.Spans[i].End)
	}
	return first, last
}

// count adds records, which hold items from first to last, to the counts of b.
func (b *Block) count(records, items, first, last uint64) {
	if b.Records == 0 {
		b.First = first
	}
	b.First = min(b.First, first)
	b.Last = max(b.Last, last)
	b.Records += records
	b.Splits += records - 1
	b.Items += items
}

// splitter cuts a Traces that is too long for one record.
type splitter struct {
	part  Traces // shares all but its spans
	spans []Span // of the whole, one trace after the other
	ends  []int  // ends[i] is the end of trace i in spans
}

// append appends the records of t and returns their number. Every record is
// the longest that fits, so the cut depends on nothing but t.
func (s *splitter) append(dst []byte, t *Traces, f Format) ([]byte, uint64, error) {
	s.byTrace(t)
	order := s.part.order
	s.part = *t
	s.part.order = order
	records := uint64(0)
	for start, i := 0, 0; i < len(s.ends); {
		// Traces i to i+n fit into one record; n is 0 when trace i alone does not.
		n := s.longest(len(s.ends)-i, dst, f, func(n int) []Span { return s.spans[start:s.ends[i+n-1]] })
		if n > 0 {
			s.part.Spans = s.spans[start:s.ends[i+n-1]]
			dst = appendFrame(dst, &s.part, f)
			records++
			i += n
			start = s.ends[i-1]
			continue
		}
		for end := s.ends[i]; start < end; records++ {
			n := s.longest(end-start, dst, f, func(n int) []Span { return s.spans[start : start+n] })
			if n == 0 {
				x := &s.spans[start]
				return dst, 0, fmt.Errorf("encode span %x of trace %x: %w: over %d bytes",
					x.SpanID, x.TraceID, ErrTooLong, MaxRecordBytes)
			}
			s.part.Spans = s.spans[start : start+n]
			dst = appendFrame(dst, &s.part, f)
			start += n
		}
		i++
	}
	return dst, records, nil
}

// longest returns the largest n up to limit for which the spans of n units make
// a record below MaxRecordBytes, 0 when one unit does not. It doubles n, then
// bisects, so that nothing much longer than a record is ever encoded; the space
// behind dst is its scratch.
func (s *splitter) longest(limit int, dst []byte, f Format, spans func(n int) []Span) int {
	fits := func(n int) bool {
		s.part.Spans = spans(n)
		frame := appendFrame(dst[len(dst):], &s.part, f)
		return payloadLen(frame, f) < MaxRecordBytes
	}
	good, bad := 0, 1
	for bad <= limit && fits(bad) {
		good, bad = bad, bad*2
	}
	bad = min(bad, limit+1)
	for good+1 < bad {
		if mid := (good + bad) / 2; fits(mid) {
			good = mid
		} else {
			bad = mid
		}
	}
	return good
}

// byTrace fills spans and ends: the spans of t one trace after the other, in
// order of first appearance, each in slice order.
func (s *splitter) byTrace(t *Traces) {
	ordinals := make(map[TraceID]int)
	counts := s.ends[:0]
	for i := range t.Spans {
		id := t.Spans[i].TraceID
		n, ok := ordinals[id]
		if !ok {
			n = len(counts)
			ordinals[id] = n
			counts = append(counts, 0)
		}
		counts[n]++
	}
	at := 0
	for i, n := range counts {
		counts[i], at = at, at+n
	}
	s.spans = append(s.spans[:0], t.Spans...)
	for i := range t.Spans {
		n := ordinals[t.Spans[i].TraceID]
		s.spans[counts[n]] = t.Spans[i]
		counts[n]++
	}
	s.ends = counts
}
