package intake

import (
	"encoding/binary"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// assembler makes traces of the items of a partition, in memory that is used again.
type assembler struct {
	partition
	decoder
	visitor Visitor
	trace   Trace
	table   spanTable
	walk    []uint8 // of spans, see cycles
	path    []int32
	faults  Faults
	traces  uint64
}

// The states of a span while parents are followed.
const (
	unseen uint8 = iota
	onPath
	settled
)

// visitAll hands over all traces of the partition.
func (a *assembler) visitAll() {
	for n := range a.ids {
		spans, logs, cut := a.partition.trace(n)
		a.assemble(a.ids[n], spans, logs)
		if cut {
			a.trace.Faults.Huge++
		}
		a.faults.Add(a.trace.Faults)
		if len(a.trace.Spans) > 0 {
			a.traces++
			a.visitor.Trace(&a.trace)
			continue
		}
		for i := range a.trace.Logs {
			a.visitor.Log(&a.trace.Logs[i])
		}
	}
}

// assemble makes the trace of items that are in its order.
func (a *assembler) assemble(id otlp.TraceID, spans, logs []uint32) {
	t := &a.trace
	t.ID, t.Spans, t.Logs, t.Faults = id, t.Spans[:0], t.Logs[:0], Faults{}
	a.decoder.reset()
	a.table.reset(len(spans))
	for _, n := range spans {
		a.addSpan(&a.items[n])
	}
	for _, n := range logs {
		a.addLog(&a.items[n])
	}
	a.parents()
	a.cycles()
	for i := range t.Spans {
		if s := &t.Spans[i]; s.Parent >= 0 && s.Start < t.Spans[s.Parent].Start {
			t.Faults.Skewed++
		}
	}
}

func (a *assembler) addSpan(it *item) {
	t := &a.trace
	if !a.table.add(t.Spans, it.span) {
		t.Faults.Duplicates++
		return
	}
	if it.end < it.time {
		t.Faults.Backwards++
	}
	t.Spans = append(t.Spans, Span{Parent: -1, Resource: a.resource(it), Scope: a.scope(it)})
	s := &t.Spans[len(t.Spans)-1]
	a.decoder.span(a.of(it), s)
	s.ID = it.span
	if a.damaged {
		t.Faults.Damaged++
	}
}

func (a *assembler) addLog(it *item) {
	t := &a.trace
	l := Log{TraceID: t.ID, SpanID: it.span, Span: a.table.find(t.Spans, it.span), Resource: a.resource(it), Scope: a.scope(it)}
	a.decoder.log(a.of(it), &l)
	if a.damaged {
		t.Faults.Damaged++
	}
	t.Logs = append(t.Logs, l)
}

// parents finds the parents of spans.
func (a *assembler) parents() {
	t := &a.trace
	for i := range t.Spans {
		s := &t.Spans[i]
		if s.ParentID == (otlp.SpanID{}) {
			continue
		}
		if s.Parent = a.table.find(t.Spans, s.ParentID); s.Parent < 0 {
			s.Orphan = true
			t.Faults.Orphans++
		}
	}
}

// cycles takes its parent from the first span of each cycle.
func (a *assembler) cycles() {
	t := &a.trace
	if cap(a.walk) < len(t.Spans) {
		a.walk = make([]uint8, 2*len(t.Spans))
	}
	a.walk = a.walk[:len(t.Spans)]
	clear(a.walk)
	for i := range t.Spans {
		at := int32(i)
		a.path = a.path[:0]
		for at >= 0 && a.walk[at] == unseen {
			a.walk[at] = onPath
			a.path = append(a.path, at)
			at = t.Spans[at].Parent
		}
		if at >= 0 && a.walk[at] == onPath {
			a.cut(at)
		}
		for _, at := range a.path {
			a.walk[at] = settled
		}
	}
}

// cut takes its parent from the first span of the cycle that a span is on.
func (a *assembler) cut(at int32) {
	t := &a.trace
	first := at
	for next := t.Spans[at].Parent; next != at; next = t.Spans[next].Parent {
		first = min(first, next)
	}
	s := &t.Spans[first]
	s.Parent, s.Orphan = -1, true
	t.Faults.Cycles++
}

// spanTable finds spans of a trace by their ids: open addressing over reused memory.
type spanTable struct {
	slots []int32 // places plus 1; 0 is free
	mask  uint64
}

// reset empties the table and makes room for n spans.
func (t *spanTable) reset(n int) {
	size := 8
	for size < 2*n {
		size *= 2
	}
	if size > cap(t.slots) {
		t.slots = make([]int32, size)
	}
	t.slots, t.mask = t.slots[:size], uint64(size-1)
	clear(t.slots)
}

// slot returns where an id stands, or would.
func (t *spanTable) slot(spans []Span, id otlp.SpanID) uint64 {
	h := binary.LittleEndian.Uint64(id[:]) // which may be a number: all of its bits are to tell
	h = (h ^ h>>33) * 0xff51afd7ed558ccd
	h = (h ^ h>>33) * 0xc4ceb9fe1a85ec53
	i := (h ^ h>>33) & t.mask
	for t.slots[i] != 0 && spans[t.slots[i]-1].ID != id {
		i = (i + 1) & t.mask
	}
	return i
}

// add adds the span that comes next; false: there is one of that id.
func (t *spanTable) add(spans []Span, id otlp.SpanID) bool {
	i := t.slot(spans, id)
	if t.slots[i] != 0 {
		return false
	}
	t.slots[i] = int32(len(spans)) + 1
	return true
}

// find returns the place of a span, -1 for none.
func (t *spanTable) find(spans []Span, id otlp.SpanID) int32 { return t.slots[t.slot(spans, id)] - 1 }
