package verify

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"slices"

	"github.com/otelsim/otelsim/pkg/corpus/ids"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/show"
)

// traceChecker checks the traces of one file: ids, parents, times. A trace is
// checked as a whole once all of the file was seen, since a record that was too
// long was split.
type traceChecker struct {
	f       *fileVerifier
	traces  map[otlp.TraceID]uint32
	origins map[[8]byte]otlp.TraceID
	known   []traceState
	spans   []spanState
	byID    []spanID      // by trace, and by id within each
	kinds   []spanOf      // scratch: of the spans of a record
	list    []seededTrace // scratch
	counts  []int         // scratch: spans of each record

	recent [16]uint32 // by the last bits of an id: the index of known of the trace that was asked for last

	continued int // records that continue a trace of the record before
	inRecord  int // the last one that was counted so
}

// traceState is what is known of a trace.
type traceState struct {
	id     otlp.TraceID
	begun  int // the first record that has a span of it
	record int // the last that has a span of it
	first  uint32
	roots  int

	ofSystem bool // its root is of a system

	begin, end uint32 // of its spans in byID
}

// spanID is where a span is, by its id as a number: ids are in the order of their bytes.
type spanID struct {
	id   uint64
	span uint32 // index of spans
}

func numberOf(id otlp.SpanID) uint64 { return binary.BigEndian.Uint64(id[:]) }

// spanOf says of a span whether it is of a system, and may end after its parent.
type spanOf struct{ system, outlasts bool }

// spanState is what is kept of a span.
type spanState struct {
	start, end uint64
	id, parent otlp.SpanID
	trace      uint32 // index of known
	record     uint32
	outlasts   bool // it may end after its parent
}

func (c *traceChecker) reset(f *fileVerifier) {
	if c.traces == nil {
		c.traces = make(map[otlp.TraceID]uint32)
		c.origins = make(map[[8]byte]otlp.TraceID)
	}
	clear(c.traces)
	clear(c.origins)
	*c = traceChecker{
		f: f, traces: c.traces, origins: c.origins, inRecord: -1,
		known: c.known[:0], spans: c.spans[:0], byID: c.byID[:0], kinds: c.kinds[:0],
		list: c.list, counts: c.counts,
	}
}

// record takes the spans of one record.
func (c *traceChecker) record(n int, t *otlp.Traces) {
	c.kinds = slices.Grow(c.kinds[:0], len(t.Spans))[:len(t.Spans)]
	clear(c.kinds)
	if systems := c.f.s.systems; systems != nil {
		systems(t, func(i int, of, outlasts bool) { c.kinds[i] = spanOf{of, outlasts} })
	}
	for i := range t.Spans {
		s := &t.Spans[i]
		trace := c.trace(n, s)
		c.known[trace].record = n
		if s.ParentID == (otlp.SpanID{}) {
			c.known[trace].roots++
			c.known[trace].ofSystem = c.kinds[i].system
		}
		c.spans = append(c.spans, spanState{
			start: s.Start, end: s.End, id: s.SpanID, parent: s.ParentID, trace: trace, record: uint32(n),
			outlasts: c.kinds[i].outlasts,
		})
		complain := func(rule, format string, args ...any) {
			if c.f.found.take(rule) {
				c.f.found.keep(c.f.spanFinding(rule, n, t, i, fmt.Sprintf(format, args...)))
			}
		}
		if s.SpanID == (otlp.SpanID{}) {
			complain(ruleSpanID, "span id is zero")
		}
		if s.Start > s.End {
			complain(ruleSpanTime, "starts %v after its end", show.Duration(s.End, s.Start))
		}
		if s.Kind > otlp.SpanKindConsumer {
			complain(ruleSpanEnum, "kind is %d, which OTLP does not have", s.Kind)
		}
		if s.Status > otlp.StatusError {
			complain(ruleSpanEnum, "status code is %d, which OTLP does not have", s.Status)
		}
	}
}

// index returns the index of a trace, if it is known.
func (c *traceChecker) index(id otlp.TraceID) (uint32, bool) {
	recent := &c.recent[id[len(id)-1]%uint8(len(c.recent))]
	if int(*recent) < len(c.known) && c.known[*recent].id == id {
		return *recent, true
	}
	i, ok := c.traces[id]
	if ok {
		*recent = i
	}
	return i, ok
}

// trace returns the index of the trace of a span.
func (c *traceChecker) trace(n int, s *otlp.Span) uint32 {
	if i, ok := c.index(s.TraceID); ok {
		switch last := c.known[i].record; {
		case last == n:
		case last != n-1:
			c.complain(ruleTraceSplit, i, n, "is in records %d and %d, with others between", last, n)
		case c.f.info.Splits == 0:
			c.complain(ruleTraceSplit, i, n, "is in records %d and %d, and the manifest counts no splits", last, n)
		case c.inRecord != n:
			c.continued, c.inRecord = c.continued+1, n
		}
		return i
	}
	i := uint32(len(c.known))
	c.known = append(c.known, traceState{id: s.TraceID, begun: n, record: n, first: uint32(len(c.spans))})
	c.traces[s.TraceID] = i
	return i
}

// origin checks that the id of trace i names a request of this segment. Those of
// systems have parts of their own.
func (c *traceChecker) origin(i uint32) {
	id, n, ofSystem := c.known[i].id, c.known[i].begun, c.known[i].ofSystem
	if id == (otlp.TraceID{}) {
		c.complain(ruleTraceID, i, n, "trace id is zero")
		return
	}
	o := c.f.s.key.Origin(id)
	seg := c.f.segment
	if o.Iteration-seg.FirstIteration >= seg.Iterations {
		c.complain(ruleTraceID, i, n, "its id is of iteration %d: the segment has %d to %d, or the seed is another",
			o.Iteration, seg.FirstIteration, seg.FirstIteration+seg.Iterations-1)
		return
	}
	unified := c.f.s.v.report.Manifest.Options.TraceShape == "unified"
	switch {
	case ofSystem && (o.Part == ids.PartOrchestration || o.Part >= ids.PartConsumer):
	case ofSystem:
		c.complain(ruleTraceID, i, n, "its id is of part %d of a request, which those of systems do not have", o.Part)
	case o.Part > ids.PartUnified || (o.Part == ids.PartUnified) != unified:
		c.complain(ruleTraceID, i, n, "its id is of part %d of a request, which this trace shape does not have", o.Part)
	}
	word := [8]byte(id[:8])
	if other, ok := c.origins[word]; ok {
		c.complain(ruleTraceID, i, n, "trace %x has the same origin: iteration %d, turn %d, part %d", other, o.Iteration, o.Turn, o.Part)
	}
	c.origins[word] = id
}

// complain adds a finding about a trace.
func (c *traceChecker) complain(rule string, trace uint32, record int, format string, args ...any) {
	if c.f.found.take(rule) {
		c.f.found.keep(c.f.traceFinding(rule, record, c.known[trace].id, otlp.SpanID{}, fmt.Sprintf(format, args...)))
	}
}

// finish checks what takes whole traces.
func (c *traceChecker) finish() {
	if splits := c.f.info.Splits; uint64(c.continued) > splits {
		c.f.problem(ruleTraceSplit, "%d records continue a trace, manifest counts %d splits", c.continued, splits)
	}
	for i := range c.known {
		c.origin(uint32(i))
		if c.known[i].roots == 0 && !c.f.broken {
			c.complain(ruleTraceRoot, uint32(i), int(c.spans[c.known[i].first].record), "has no root")
		}
	}
	c.sort()
	for i := range c.known {
		ids := c.byID[c.known[i].begin:c.known[i].end]
		for k := range ids {
			if k > 0 && ids[k].id == ids[k-1].id {
				c.complainSpan(ruleSpanID, ids[k].span, "another span of the trace has this id")
			}
		}
	}
	for i := range c.spans {
		c.parent(uint32(i))
	}
	c.seeded()
}

// sort orders the spans by trace and id. Of equal ids the one that came first stays
// first: it is the original.
func (c *traceChecker) sort() {
	for i := range c.spans {
		c.known[c.spans[i].trace].end++
	}
	begin := uint32(0)
	for i := range c.known {
		t := &c.known[i]
		t.begin, t.end, begin = begin, begin, begin+t.end
	}
	c.byID = slices.Grow(c.byID[:0], len(c.spans))[:len(c.spans)]
	for i := range c.spans {
		t := &c.known[c.spans[i].trace]
		c.byID[t.end] = spanID{numberOf(c.spans[i].id), uint32(i)}
		t.end++
	}
	for i := range c.known {
		slices.SortFunc(c.byID[c.known[i].begin:c.known[i].end], func(a, b spanID) int {
			return cmp.Or(cmp.Compare(a.id, b.id), cmp.Compare(a.span, b.span))
		})
	}
}

// parent checks that span i is inside its parent.
func (c *traceChecker) parent(i uint32) {
	s := &c.spans[i]
	if s.parent == (otlp.SpanID{}) {
		return
	}
	p := c.find(s.trace, s.parent)
	if p == nil {
		if !c.f.broken {
			c.complainSpan(ruleSpanParent, i, "its parent %x is not in the trace", s.parent)
		}
		return
	}
	switch {
	case s.parent == s.id:
		c.complainSpan(ruleSpanParent, i, "it is its own parent")
	case s.start < p.start:
		c.complainSpan(ruleSpanTime, i, "starts %v before its parent %x", show.Duration(s.start, p.start), s.parent)
	case s.end > p.end && !s.outlasts:
		c.complainSpan(ruleSpanTime, i, "ends %v after its parent %x", show.Duration(p.end, s.end), s.parent)
	}
}

// find returns a span of a trace of known, or nil. It is for after finish has
// sorted them.
func (c *traceChecker) find(trace uint32, id otlp.SpanID) *spanState {
	list, want := c.byID[c.known[trace].begin:c.known[trace].end], numberOf(id)
	low, high := 0, len(list)
	for low < high {
		if at := (low + high) / 2; list[at].id < want {
			low = at + 1
		} else {
			high = at
		}
	}
	if low == len(list) || list[low].id != want {
		return nil
	}
	return &c.spans[list[low].span]
}

// span is find for whoever has the id of the trace.
func (c *traceChecker) span(trace otlp.TraceID, id otlp.SpanID) *spanState {
	i, ok := c.index(trace)
	if !ok {
		return nil
	}
	return c.find(i, id)
}

func (c *traceChecker) complainSpan(rule string, i uint32, format string, args ...any) {
	s := &c.spans[i]
	if c.f.found.take(rule) {
		c.f.found.keep(c.f.traceFinding(rule, int(s.record), c.known[s.trace].id, s.id, fmt.Sprintf(format, args...)))
	}
}
