package otlp

import (
	"encoding/binary"
	"errors"
)

// Framing of records in a file:
//
//	FormatProto  +----------------------------+-------------------------------------+
//	             | length, 4 bytes big-endian | TracesData, MetricsData or LogsData |
//	             +----------------------------+-------------------------------------+
//	FormatJSON   one JSON object and '\n'
//
// The first is what the Collector's file exporter writes for its proto format,
// the second the OTLP file specification.
const frameHeader = 4

// ErrTooLong says that a record cannot be held: one item alone is as long as
// MaxRecordBytes when writing, or a frame claims more than MaxFrameBytes when
// reading, which means damage or a file of another kind.
var ErrTooLong = errors.New("record too long")

// Encoder appends framed records to blocks. It reuses its scratch memory, so it
// belongs to one goroutine; the zero value is ready to use.
type Encoder struct {
	Format Format

	spans   spanSplitter
	metrics metricSplitter
	logs    logSplitter
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
		data, records, err = e.spans.append(data[:before], t, e.Format)
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

// AppendMetrics is AppendRecord for metrics. A record that would reach
// MaxRecordBytes is split by metric first, and a metric that is too long by
// itself in the order of its points. A Metrics without points appends nothing.
func (e *Encoder) AppendMetrics(b *Block, m *Metrics) error {
	points, first, last := m.summary()
	if points == 0 {
		return nil
	}
	before := len(b.Data)
	data := appendMetricsFrame(b.Data, m, e.Format)
	records := uint64(1)
	if payloadLen(data[before:], e.Format) >= MaxRecordBytes {
		var err error
		data, records, err = e.metrics.append(data[:before], m, e.Format)
		if err != nil {
			b.Data = data[:before]
			return err
		}
	}
	b.Data = data
	b.count(records, points, first, last)
	return nil
}

// AppendLogs is AppendRecord for logs. A record that would reach MaxRecordBytes
// is split in the order of the log records. A Logs without any appends nothing.
func (e *Encoder) AppendLogs(b *Block, l *Logs) error {
	if len(l.Records) == 0 {
		return nil
	}
	before := len(b.Data)
	data := appendLogsFrame(b.Data, l, e.Format)
	records := uint64(1)
	if payloadLen(data[before:], e.Format) >= MaxRecordBytes {
		var err error
		data, records, err = e.logs.append(data[:before], l, e.Format)
		if err != nil {
			b.Data = data[:before]
			return err
		}
	}
	b.Data = data
	first, last := l.timeSpan()
	b.count(records, uint64(len(l.Records)), first, last)
	return nil
}

// appendFrame appends t with its frame.
func appendFrame(dst []byte, t *Traces, f Format) []byte {
	start := len(dst)
	return closeFrame(AppendTraces(openFrame(dst, f), t, f), start, f)
}

func appendMetricsFrame(dst []byte, m *Metrics, f Format) []byte {
	start := len(dst)
	return closeFrame(AppendMetrics(openFrame(dst, f), m, f), start, f)
}

func appendLogsFrame(dst []byte, l *Logs, f Format) []byte {
	start := len(dst)
	return closeFrame(AppendLogs(openFrame(dst, f), l, f), start, f)
}

// openFrame makes room for what a frame has before its payload.
func openFrame(dst []byte, f Format) []byte {
	if f == FormatJSON {
		return dst
	}
	return append(dst, 0, 0, 0, 0)
}

// closeFrame completes the frame dst[start:].
func closeFrame(dst []byte, start int, f Format) []byte {
	if f == FormatJSON {
		return append(dst, '\n')
	}
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

// summary returns the number of points of m and their earliest and latest
// times. A start says when a series began, not when something happened.
func (m *Metrics) summary() (points, first, last uint64) {
	for i := range m.Metrics {
		x := &m.Metrics[i]
		if x.Kind == MetricNone {
			continue // its points are not written
		}
		points += uint64(x.Points.Len())
		for j := x.Points.Start; j < x.Points.End; j++ {
			first, last = widen(first, last, m.Points[j].Time)
		}
	}
	return points, first, last
}

// timeSpan returns the earliest and the latest time of the records of l, when
// they happened or were observed.
func (l *Logs) timeSpan() (first, last uint64) {
	for i := range l.Records {
		first, last = widen(first, last, l.Records[i].Time)
		first, last = widen(first, last, l.Records[i].Observed)
	}
	return first, last
}

// widen adds a time to a span of time. A time of zero is unset, as is a span
// that begins there.
func widen(first, last, t uint64) (uint64, uint64) {
	if t != 0 && (first == 0 || t < first) {
		first = t
	}
	return first, max(last, t)
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
