package otlp

import "fmt"

// longest returns the largest n up to limit for which fits, 0 when one does not
// fit. It doubles n, then bisects, so that nothing much longer than a record is
// ever encoded.
func longest(limit int, fits func(n int) bool) int {
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

// fits reports whether the one record in frame is short enough.
func fits(frame []byte, f Format) bool { return payloadLen(frame, f) < MaxRecordBytes }

// spanSplitter cuts a Traces that is too long for one record.
type spanSplitter struct {
	part  Traces // shares all but its spans
	spans []Span // of the whole, one trace after the other
	ends  []int  // ends[i] is the end of trace i in spans
}

// append appends the records of t and returns their number. Every record is
// the longest that fits, so the cut depends on nothing but t.
func (s *spanSplitter) append(dst []byte, t *Traces, f Format) ([]byte, uint64, error) {
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
// a record below MaxRecordBytes, 0 when one unit does not. The space behind dst
// is its scratch.
func (s *spanSplitter) longest(limit int, dst []byte, f Format, spans func(n int) []Span) int {
	return longest(limit, func(n int) bool {
		s.part.Spans = spans(n)
		return fits(appendFrame(dst[len(dst):], &s.part, f), f)
	})
}

// byTrace fills spans and ends: the spans of t one trace after the other, in
// order of first appearance, each in slice order.
func (s *spanSplitter) byTrace(t *Traces) {
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

// metricSplitter cuts a Metrics that is too long for one record.
type metricSplitter struct {
	part Metrics // shares all but its metrics
	one  [1]Metric
}

// append appends the records of m and returns their number, each as long as
// fits.
func (s *metricSplitter) append(dst []byte, m *Metrics, f Format) ([]byte, uint64, error) {
	order := s.part.order
	s.part = *m
	s.part.order = order
	records := uint64(0)
	for i := 0; i < len(m.Metrics); {
		n := longest(len(m.Metrics)-i, func(n int) bool {
			s.part.Metrics = m.Metrics[i : i+n]
			return fits(appendMetricsFrame(dst[len(dst):], &s.part, f), f)
		})
		if n > 0 {
			s.part.Metrics = m.Metrics[i : i+n]
			dst = appendMetricsFrame(dst, &s.part, f)
			records++
			i += n
			continue
		}
		var err error
		var more uint64
		if dst, more, err = s.byPoint(dst, m.Metrics[i], f); err != nil {
			return dst, 0, err
		}
		records += more
		i++
	}
	return dst, records, nil
}

// byPoint appends the records of one metric, which is too long for one.
func (s *metricSplitter) byPoint(dst []byte, x Metric, f Format) ([]byte, uint64, error) {
	s.part.Metrics = s.one[:]
	s.one[0] = x
	records := uint64(0)
	// A metric without points that is too long has nothing to cut.
	for at := x.Points.Start; at < x.Points.End || records == 0; records++ {
		n := longest(int(x.Points.End-at), func(n int) bool {
			s.one[0].Points = Range{at, at + uint32(n)}
			return fits(appendMetricsFrame(dst[len(dst):], &s.part, f), f)
		})
		if n == 0 {
			return dst, 0, fmt.Errorf("encode point %d of metric %q: %w: over %d bytes",
				at-x.Points.Start, s.part.Strings.String(x.Name), ErrTooLong, MaxRecordBytes)
		}
		s.one[0].Points = Range{at, at + uint32(n)}
		dst = appendMetricsFrame(dst, &s.part, f)
		at += uint32(n)
	}
	return dst, records, nil
}

// logSplitter cuts a Logs that is too long for one record.
type logSplitter struct {
	part Logs // shares all but its records
}

// append appends the records of l and returns their number, each as long as
// fits.
func (s *logSplitter) append(dst []byte, l *Logs, f Format) ([]byte, uint64, error) {
	order := s.part.order
	s.part = *l
	s.part.order = order
	records := uint64(0)
	for i := 0; i < len(l.Records); records++ {
		n := longest(len(l.Records)-i, func(n int) bool {
			s.part.Records = l.Records[i : i+n]
			return fits(appendLogsFrame(dst[len(dst):], &s.part, f), f)
		})
		if n == 0 {
			r := &l.Records[i]
			return dst, 0, fmt.Errorf("encode log record %d of span %x of trace %x: %w: over %d bytes",
				i, r.SpanID, r.TraceID, ErrTooLong, MaxRecordBytes)
		}
		s.part.Records = l.Records[i : i+n]
		dst = appendLogsFrame(dst, &s.part, f)
		i += n
	}
	return dst, records, nil
}
