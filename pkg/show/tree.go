package show

import (
	"cmp"
	"slices"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// tree is one trace of a request as it is printed.
type tree struct {
	id          otlp.TraceID
	spans, logs int
	start, end  uint64   // of the spans, or of the logs where there are none
	resources   []uint32 // of the spans, in the order of the record
	rows        []row
}

// row is a line of a tree: a span or a log record, after the row it is below.
type row struct {
	index  uint32 // in Traces.Spans or Logs.Records
	depth  int    // 0 at the top
	log    bool
	last   bool // the row above it has no later one below
	parent bool // there are rows below
	note   note
	aside  string // of a span: see asidesOf
}

// note is what is odd about a row.
type note uint8

const (
	noteNone     note = iota
	noteOrphan        // its parent, or a log's span, is not here
	noteAncestor      // it is its own ancestor
)

// treesOf arranges the spans and logs of a request: trees by their start, in
// each the children of a span by theirs, with its logs between them as time has
// it. Records whose span is not there follow the spans of their trace.
func treesOf(t *otlp.Traces, l *otlp.Logs) []tree {
	var order []otlp.TraceID
	spans, logs := map[otlp.TraceID][]uint32{}, map[otlp.TraceID][]uint32{}
	for i := range t.Spans {
		id := t.Spans[i].TraceID
		if spans[id] == nil {
			order = append(order, id)
		}
		spans[id] = append(spans[id], uint32(i))
	}
	for i := range l.Records {
		id := l.Records[i].TraceID
		if spans[id] == nil && logs[id] == nil {
			order = append(order, id)
		}
		logs[id] = append(logs[id], uint32(i))
	}
	trees := make([]tree, 0, len(order))
	asides := asidesOf(t)
	for _, id := range order {
		b := planter{t: t, l: l, asides: asides, out: tree{id: id, spans: len(spans[id]), logs: len(logs[id])}}
		b.plant(spans[id], logs[id])
		trees = append(trees, b.out)
	}
	slices.SortStableFunc(trees, func(a, b tree) int { return cmp.Compare(a.start, b.start) })
	return trees
}

// planter makes one tree.
type planter struct {
	t        *otlp.Traces
	l        *otlp.Logs
	asides   map[uint32]string
	out      tree
	here     map[otlp.SpanID]bool
	children map[otlp.SpanID][]uint32
	records  map[otlp.SpanID][]uint32
	seen     map[uint32]bool
}

func (b *planter) plant(spans, logs []uint32) {
	b.measure(spans, logs)
	b.records = make(map[otlp.SpanID][]uint32)
	slices.SortStableFunc(logs, func(x, y uint32) int { return cmp.Compare(b.l.Records[x].Time, b.l.Records[y].Time) })
	for _, i := range logs {
		id := b.l.Records[i].SpanID
		b.records[id] = append(b.records[id], i)
	}
	slices.SortStableFunc(spans, func(x, y uint32) int { return cmp.Compare(b.t.Spans[x].Start, b.t.Spans[y].Start) })
	var roots []uint32
	b.children, b.seen = make(map[otlp.SpanID][]uint32, len(spans)), make(map[uint32]bool, len(spans))
	for _, i := range spans {
		parent := b.t.Spans[i].ParentID
		if parent == (otlp.SpanID{}) || !b.here[parent] {
			roots = append(roots, i)
		} else {
			b.children[parent] = append(b.children[parent], i)
		}
	}
	for _, i := range roots {
		n := noteNone
		if b.t.Spans[i].ParentID != (otlp.SpanID{}) {
			n = noteOrphan
		}
		b.span(i, 0, n)
	}
	for _, i := range spans {
		if !b.seen[i] {
			b.span(i, 0, noteAncestor)
		}
	}
	for _, i := range logs {
		if !b.here[b.l.Records[i].SpanID] {
			b.out.rows = append(b.out.rows, row{index: i, log: true, last: true, note: noteOrphan})
		}
	}
}

// measure finds when the trace begins and ends, and what is in it.
func (b *planter) measure(spans, logs []uint32) {
	out := &b.out
	out.start = ^uint64(0)
	b.here = make(map[otlp.SpanID]bool, len(spans))
	for _, i := range spans {
		s := &b.t.Spans[i]
		out.start, out.end = min(out.start, s.Start), max(out.end, s.End)
		b.here[s.SpanID] = true
		if !slices.Contains(out.resources, s.Resource) {
			out.resources = append(out.resources, s.Resource)
		}
	}
	if len(spans) == 0 {
		for _, i := range logs {
			at := b.l.Records[i].Time
			out.start, out.end = min(out.start, at), max(out.end, at)
		}
	}
}

// span adds span i and what is below it.
func (b *planter) span(i uint32, depth int, n note) {
	b.seen[i] = true
	at := len(b.out.rows)
	b.out.rows = append(b.out.rows, row{index: i, depth: depth, last: depth == 0, note: n, aside: b.asides[i]})
	id := b.t.Spans[i].SpanID
	children, logs := b.children[id], b.records[id]
	// Of spans with one id only the first has the children.
	delete(b.children, id)
	delete(b.records, id)
	lastBelow := -1
	for len(children)+len(logs) > 0 {
		// What is told when a span starts comes first: it announces that span.
		if len(logs) > 0 && (len(children) == 0 || b.l.Records[logs[0]].Time <= b.t.Spans[children[0]].Start) {
			lastBelow = len(b.out.rows)
			b.out.rows = append(b.out.rows, row{index: logs[0], depth: depth + 1, log: true})
			logs = logs[1:]
			continue
		}
		if !b.seen[children[0]] {
			lastBelow = len(b.out.rows)
			b.span(children[0], depth+1, noteNone)
		}
		children = children[1:]
	}
	if lastBelow >= 0 {
		b.out.rows[at].parent, b.out.rows[lastBelow].last = true, true
	}
}
