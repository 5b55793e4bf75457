package conform

import "github.com/otelsim/otelsim/pkg/corpus/otlp"

// spanIndex has the spans of a segment, in the order in which they came, and finds them by
// their ids. The spans of a trace mostly come one after the other, and are few: then a
// trace is looked up, mostly one that was asked for just before, and they are looked through.
type spanIndex struct {
	order  []*auditSpan
	ids    []otlp.SpanID // of order
	traces map[otlp.TraceID]int32
	ranges []spanRange
	recent [16]int32 // by the last bits of an id: the range of the trace that was asked for last

	whole bool // some trace is in pieces, or long: all is in byID
	byID  map[spanKey]*auditSpan
}

// spanRange is where the spans of a trace are.
type spanRange struct {
	trace      otlp.TraceID
	begin, end int
}

// fewSpans is how many ids are looked at one by one.
const fewSpans = 64

func (x *spanIndex) reset() {
	if x.traces == nil {
		x.traces, x.byID = make(map[otlp.TraceID]int32), make(map[spanKey]*auditSpan)
	}
	clear(x.traces)
	clear(x.byID)
	x.order, x.ids, x.ranges, x.whole = x.order[:0], x.ids[:0], x.ranges[:0], false
}

// add adds a span.
func (x *spanIndex) add(s *auditSpan) {
	n := len(x.ranges)
	if n == 0 || x.ranges[n-1].trace != s.key.trace {
		if _, again := x.traces[s.key.trace]; again {
			x.whole = true
		}
		x.traces[s.key.trace] = int32(n)
		x.ranges = append(x.ranges, spanRange{s.key.trace, len(x.order), len(x.order)})
		n++
	}
	x.order, x.ids = append(x.order, s), append(x.ids, s.key.span)
	last := &x.ranges[n-1]
	last.end++
	x.whole = x.whole || last.end-last.begin > fewSpans
}

// done prepares for find, after the last span.
func (x *spanIndex) done() {
	if !x.whole {
		return
	}
	for _, s := range x.order {
		x.byID[s.key] = s
	}
}

// find returns the span of an id, of several the one that came last; nil: there is none.
func (x *spanIndex) find(key spanKey) *auditSpan {
	if x.whole {
		return x.byID[key]
	}
	recent := &x.recent[key.trace[len(key.trace)-1]%uint8(len(x.recent))]
	if int(*recent) >= len(x.ranges) || x.ranges[*recent].trace != key.trace {
		n, ok := x.traces[key.trace]
		if !ok {
			return nil
		}
		*recent = n
	}
	r := &x.ranges[*recent]
	for i := r.end - 1; i >= r.begin; i-- {
		if x.ids[i] == key.span {
			return x.order[i]
		}
	}
	return nil
}
