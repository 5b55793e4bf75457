package verify

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"

	"github.com/otelsim/otelsim/pkg/corpus"
	"github.com/otelsim/otelsim/pkg/corpus/ids"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// seeded holds the traces of a segment to what the seed says must be there:
// each iteration of the segment at its time, with its turns and their traces,
// every id the one that it must be. Nothing is judged of a file that is damaged.
func (c *traceChecker) seeded() {
	want := c.f.s.v.o.Seeded
	if want == nil || c.f.broken {
		return
	}
	seg := c.f.segment
	list := c.list[:0]
	for i := range c.known {
		o := c.f.s.key.Origin(c.known[i].id)
		if o.Iteration-seg.FirstIteration >= seg.Iterations {
			continue // which was told
		}
		list = append(list, seededTrace{o, uint32(i)})
		if id := want.TraceID(o); id != c.known[i].id {
			c.complain(ruleTraceID, uint32(i), c.known[i].record, "iteration %d, turn %d, part %d has another id: %x", o.Iteration, o.Turn, o.Part, id)
		}
		if n := c.known[i].roots; n > 1 {
			c.complain(ruleTraceRoot, uint32(i), c.known[i].record, "has %d roots", n)
		}
	}
	c.list = list
	c.requests(list)
	slices.SortFunc(list, func(a, b seededTrace) int {
		return cmp.Or(cmp.Compare(a.Iteration, b.Iteration), cmp.Compare(a.Turn, b.Turn), cmp.Compare(a.Part, b.Part))
	})
	c.ordinals()
	next := seg.FirstIteration // a segment can claim more iterations than can be counted
	for len(list) > 0 {
		i, n := list[0].Iteration, 1
		for n < len(list) && list[n].Iteration == i {
			n++
		}
		c.absent(next, i)
		c.iteration(i, list[:n])
		next, list = i+1, list[n:]
	}
	c.absent(next, seg.FirstIteration+seg.Iterations)
}

// absent tells of the iterations from first to last, which is not one of them,
// that they have no spans.
func (c *traceChecker) absent(first, last uint64) {
	for i := first; i < last; i++ {
		if !c.f.found.take(ruleIterations) {
			c.f.found.more(ruleIterations, last-i-1)
			return
		}
		c.f.found.keep(c.ofIteration(ruleIterations, i, fmt.Sprintf("iteration %d has no spans", i)))
	}
}

// ofIteration returns a finding about an iteration.
func (c *traceChecker) ofIteration(rule string, i uint64, text string) Finding {
	x := c.f.finding(rule, -1, text)
	x.Iteration = int64(i)
	if x.File == "" {
		x.File = corpus.SegmentName(c.f.segment.Segment, otlp.SignalTraces, c.f.s.v.report.Manifest.Options.OTLPFormat())
	}
	return x
}

// seededTrace is a trace with where it comes from.
type seededTrace struct {
	ids.Origin
	trace uint32 // index of known
}

// iteration judges which traces an iteration has, and when it starts.
func (c *traceChecker) iteration(i uint64, traces []seededTrace) {
	complain := func(rule, format string, args ...any) {
		if c.f.found.take(rule) {
			c.f.found.keep(c.ofIteration(rule, i, fmt.Sprintf(format, args...)))
		}
	}
	first := uint64(math.MaxUint64)
	turn := uint32(0)
	for len(traces) > 0 {
		n := 1
		for n < len(traces) && traces[n].Turn == traces[0].Turn {
			n++
		}
		if traces[0].Turn != turn {
			complain(ruleTurn, "iteration %d has turn %d and not turn %d", i, traces[0].Turn, turn)
		}
		turn = traces[0].Turn + 1
		for _, t := range traces[:n] {
			first = min(first, c.start(t.trace))
		}
		traces = traces[n:]
	}
	if want := c.f.s.v.o.Seeded.StartOf(i); first != want {
		complain(ruleStart, "iteration %d starts at %v, want %v", i, corpus.Nanos(first), corpus.Nanos(want))
	}
}

// start returns when the first span of a trace starts.
func (c *traceChecker) start(trace uint32) uint64 {
	first := uint64(math.MaxUint64)
	for k := c.known[trace].begin; k < c.known[trace].end; k++ {
		first = min(first, c.spans[c.byID[k].span].start)
	}
	return first
}

// ordinals checks that the spans of each trace are numbered from 1 on without a
// gap: their ids say which number each has.
func (c *traceChecker) ordinals() {
	for i := range c.known {
		begin, end := c.known[i].begin, c.known[i].end
		key := c.f.s.key.SpanKey(c.known[i].id)
		for n := uint64(1); n <= uint64(end-begin); n++ {
			id := key.SpanID(n)
			if c.find(uint32(i), id) == nil {
				c.complain(ruleSpanID, uint32(i), c.known[i].record, "it has %d spans, and none is number %d, %x", end-begin, n, id)
				break
			}
		}
	}
}

// scopes checks that what a record says of its maker is the revision that the
// manifest names.
func (f *fileVerifier) scopes(n int, strs *otlp.Strings, scopes []otlp.Scope) {
	if f.s.v.o.Seeded == nil {
		return
	}
	want := strconv.Itoa(f.s.v.report.Manifest.Revision)
	for i := range scopes {
		if have := strs.String(scopes[i].Version); have != want {
			f.at(ruleScope, n, "scope %s has version %q, the manifest says revision %s", strs.String(scopes[i].Name), have, want)
		}
	}
}
