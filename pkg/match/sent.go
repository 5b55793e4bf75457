package match

import (
	"fmt"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/match/form"
)

// maker fills a side with what a segment holds. Each worker has one.
type maker struct {
	from    Segments
	reader  SegmentReader
	framed  []byte // of JSON
	split   form.Splitter
	visit   func(*form.Raw) error
	ids     [3]uint64 // of the last parts, with the Splitter
	numbers [3]uint32 // of the same, in the side

	side     *side
	counts   [otlp.NumSignals][]uint32 // items by record of the segment
	signal   otlp.Signal
	record   uint64
	payload  []byte // of the record
	start    int    // of it, in the side's bytes
	next     int    // where in it the next item is looked for
	position uint32
}

func newMaker(from Segments) (*maker, error) {
	r, err := from.NewReader()
	if err != nil {
		return nil, err
	}
	m := &maker{from: from, reader: r}
	m.visit = m.item
	return m, nil
}

// begin goes to another segment.
func (m *maker) begin() {
	for s := range m.counts {
		m.counts[s] = m.counts[s][:0]
	}
}

// read appends the items of one signal of a segment to s.
func (m *maker) read(s *side, segment uint64, sig otlp.Signal) (err error) {
	m.side, m.signal, m.record, m.ids = s, sig, 0, [3]uint64{}
	json := m.from.Format() == otlp.FormatJSON
	framed := &s.data
	if json {
		m.framed = m.framed[:0]
		framed = &m.framed
	}
	at := len(*framed)
	if err := m.fetch(framed, segment, sig); err != nil {
		return err
	}
	for end := len(*framed); at < end; m.record++ {
		payload, rest, err := otlp.NextFrame((*framed)[at:end], m.from.Format())
		if err != nil {
			return fmt.Errorf("segment %d of the corpus, %s: %w", segment, sig, err)
		}
		at = end - len(rest)
		m.start = at - len(payload)
		if json {
			m.start = len(s.data)
			payload, err = protoOf(&s.data, sig, otlp.FormatJSON, payload)
		}
		m.payload, m.next, m.position = payload, 0, 0
		first := len(s.items)
		if err == nil {
			err = m.split.Split(sig, payload, m.visit)
		}
		if err != nil {
			return fmt.Errorf("segment %d of the corpus, %s, record %d: %w", segment, sig, m.record, err)
		}
		m.counts[sig] = append(m.counts[sig], uint32(len(s.items)-first))
	}
	return nil
}

// fetch appends the records of a signal to b. What they are read into has its exact
// length, but the memory behind that is still there for the next.
func (m *maker) fetch(b *[]byte, segment uint64, sig otlp.Signal) error {
	out, err := m.reader.AppendSegment(*b, segment, sig)
	if err != nil {
		return err
	}
	if n := len(out); n > 0 && cap(*b) >= n && &(*b)[:1][0] == &out[0] {
		out = (*b)[:n]
	}
	*b = out
	return nil
}

// locate returns where an item stands in the payload: soon after the one before, unless
// what a metric has twice was put together elsewhere.
func (m *maker) locate(b []byte) (at int, ok bool) {
	if len(b) == 0 {
		return 0, false
	}
	for at := m.next; at < len(m.payload); at++ {
		if &m.payload[at] == &b[0] {
			m.next = at + len(b)
			return at, true
		}
	}
	return 0, false
}

func (m *maker) item(raw *form.Raw) error {
	s := m.side
	it := item{
		bytes: uint32(len(raw.Bytes)), position: m.position, record: m.record, time: raw.Time, start: raw.Start,
		trace: raw.TraceID, wire: raw.TraceID, span: raw.SpanID, signal: m.signal, message: raw.Message,
		parts: [3]uint32{noPart, noPart, noPart},
	}
	if at, ok := m.locate(raw.Bytes); ok {
		it.at = m.start + at
	} else {
		it.at = -1 - len(s.more)
		s.more = append(s.more, raw.Bytes...)
	}
	m.position++
	m.part(&it, 0, raw.ResourceID, raw.Resource)
	m.part(&it, 1, raw.ScopeID, raw.Scope)
	if m.signal == otlp.SignalMetrics {
		m.part(&it, 2, raw.MetricID, raw.Metric)
	}
	s.items = append(s.items, it)
	return nil
}

// part sets a part of an item.
func (m *maker) part(it *item, kind uint8, id uint64, b []byte) {
	if id != m.ids[kind] {
		m.ids[kind], m.numbers[kind] = id, m.side.part(kind, b)
	}
	it.parts[kind] = m.numbers[kind]
}
