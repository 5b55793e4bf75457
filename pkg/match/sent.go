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
	framed  []byte
	proto   []byte
	split   form.Splitter
	visit   func(*form.Raw) error
	ids     [3]uint64 // of the last parts, with the Splitter
	numbers [3]uint32 // of the same, in the side

	side     *side
	counts   [otlp.NumSignals][]uint32 // items by record of the segment
	signal   otlp.Signal
	record   uint64
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
	if m.framed, err = m.reader.AppendSegment(m.framed[:0], segment, sig); err != nil {
		return err
	}
	m.side, m.signal, m.record, m.ids = s, sig, 0, [3]uint64{}
	s.data = grown(s.data, len(m.framed))[:len(s.data)]
	for rest := m.framed; len(rest) > 0; m.record++ {
		var payload []byte
		if payload, rest, err = otlp.NextFrame(rest, m.from.Format()); err != nil {
			return fmt.Errorf("segment %d of the corpus, %s: %w", segment, sig, err)
		}
		if m.from.Format() == otlp.FormatJSON {
			if m.proto, err = form.AppendProto(m.proto[:0], sig, payload); err == nil {
				payload = m.proto
			}
		}
		first := len(s.items)
		m.position = 0
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

func (m *maker) item(raw *form.Raw) error {
	s := m.side
	it := item{
		at: len(s.data), bytes: uint32(len(raw.Bytes)), position: m.position, record: m.record, time: raw.Time, start: raw.Start,
		trace: raw.TraceID, wire: raw.TraceID, span: raw.SpanID, signal: m.signal, message: raw.Message,
		parts: [3]uint32{noPart, noPart, noPart},
	}
	s.data = append(s.data, raw.Bytes...)
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
