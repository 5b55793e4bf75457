package profile

import (
	"slices"

	"github.com/cespare/xxhash/v2"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/profile/intake"
)

// operation is what a span is of.
type operation struct {
	id      OperationID
	service string
	name    string
}

// aside is a short text that is part of a class, normalised, with its hash. That of no
// text is 0.
type aside struct {
	text string
	hash uint64
}

// tree is the spans of a trace as a tree; of the trace under way.
type tree struct {
	nodes []node
	kids  []int32 // children of all spans, those of one in a row, by start
	order []int32 // parents before children
	roots []int32
}

type node struct {
	op           *operation
	begins       *operation // nil: of no matter
	reaches      uint64     // the operation of another service that it comes to first, through what it begins with; 0: none
	class        ClassID
	does         uint64 // its Production
	path, above  uint64
	shape        uint64
	first, kids  int32 // of tree.kids: where they begin, and how many they are
	depth        int32
	within       int32 // how many spans of its service are above it, up to where that was entered
	failed       bool  // by status
	failedChild  bool
	target       aside
	outcome      aside
	own, covered uint64
	lead         uint64 // from its start to that of the first child that it waits for
}

func (t *tree) children(i int32) []int32 {
	n := &t.nodes[i]
	return t.kids[n.first : n.first+n.kids]
}

// build reads a trace.
func (t *tree) build(b *Builder, trace *intake.Trace) {
	t.link(trace.Spans)
	for i := range trace.Spans {
		s, n := &trace.Spans[i], &t.nodes[i]
		n.op = b.operation(s)
		if n.failed = s.Status == otlp.StatusError; n.failed {
			n.outcome = b.outcome(s)
			if s.Parent >= 0 {
				t.nodes[s.Parent].failedChild = true
			}
		}
	}
	for k := len(t.order) - 1; k >= 0; k-- {
		t.reach(trace.Spans, t.order[k])
	}
	for _, i := range t.order {
		t.place(b, trace.Spans, i)
	}
	for i := range trace.Spans {
		own(t, trace.Spans, int32(i), b.p)
	}
}

// link finds children and the order in which parents come first.
func (t *tree) link(spans []intake.Span) {
	t.nodes = slices.Grow(t.nodes[:0], len(spans))[:len(spans)]
	clear(t.nodes)
	t.kids = slices.Grow(t.kids[:0], len(spans))[:len(spans)]
	t.order, t.roots = t.order[:0], t.roots[:0]
	for i := range spans {
		if p := spans[i].Parent; p >= 0 {
			t.nodes[p].kids++
		} else {
			t.roots = append(t.roots, int32(i))
		}
	}
	at := int32(0)
	for i := range t.nodes {
		t.nodes[i].first = at
		at += t.nodes[i].kids
		t.nodes[i].kids = 0
	}
	for i := range spans {
		if p := spans[i].Parent; p >= 0 {
			n := &t.nodes[p]
			t.kids[n.first+n.kids] = int32(i)
			n.kids++
		}
	}
	t.order = append(t.order, t.roots...)
	for k := 0; k < len(t.order); k++ {
		i := t.order[k]
		if p := spans[i].Parent; p >= 0 {
			t.nodes[i].depth = t.nodes[p].depth
		}
		t.nodes[i].depth++
		t.order = append(t.order, t.children(i)...)
	}
}

// maxWithin is how many spans of a service above a span tell its class: those of one more stand
// beside each other. Else a trace that comes back to what it does would be of as many classes as
// it is deep, and leave no room for those of all others.
const maxWithin = 100

// place finds the class of a span whose parent has one.
func (t *tree) place(b *Builder, spans []intake.Span, i int32) {
	s, n := &spans[i], &t.nodes[i]
	if p := s.Parent; p >= 0 && s.Kind != otlp.SpanKindServer && s.Kind != otlp.SpanKindConsumer && t.nodes[p].op.service == n.op.service {
		x := &t.nodes[p]
		n.above, n.within = x.path, x.within+1
		if n.within > maxWithin {
			n.above = x.above
		}
	}
	if s.Kind == otlp.SpanKindClient || s.Kind == otlp.SpanKindProducer {
		n.target = t.target(b, s, i)
	}
	n.path = join(join(uint64(n.op.id), n.above), n.target.hash)
	if s.Kind <= otlp.SpanKindInternal && n.kids > 0 {
		n.begins = t.nodes[t.begins(spans, i)].op
		n.path = join(n.path, uint64(n.begins.id))
	}
	if s.Kind != otlp.SpanKindServer && s.Kind != otlp.SpanKindConsumer && n.reaches != 0 {
		n.path = join(n.path, n.reaches)
	}
	n.class = ClassID(join(n.path, n.outcome.hash))
}

// target returns whom a call asks: the least of the operations of other services below
// it, or else an address. Its text is there for those alone; see targetText.
func (t *tree) target(b *Builder, s *intake.Span, i int32) aside {
	var least *operation
	for _, k := range t.children(i) {
		if op := t.nodes[k].op; op.service != t.nodes[i].op.service && (least == nil || op.id < least.id) {
			least = op
		}
	}
	if least != nil {
		return aside{hash: uint64(least.id)}
	}
	return b.aside(address(s.Attributes))
}

// reach finds whom a span comes to through what it begins with, where its children have been
// asked before; not whom it asks itself.
func (t *tree) reach(spans []intake.Span, i int32) {
	n := &t.nodes[i]
	if n.kids == 0 {
		return
	}
	first := t.begins(spans, i)
	x := &t.nodes[first]
	if x.op.service != n.op.service {
		return
	}
	if n.reaches = x.reaches; n.reaches != 0 || x.kids == 0 {
		return
	}
	if y := &t.nodes[t.begins(spans, first)]; y.op.service != n.op.service {
		n.reaches = uint64(y.op.id)
	}
}

// begins returns the child that a span begins with; of several that run together, one with
// the least operation.
func (t *tree) begins(spans []intake.Span, i int32) int32 {
	kids := t.children(i)
	least, end := kids[0], spans[kids[0]].End
	for _, k := range kids[1:] {
		if spans[k].Start >= end {
			break
		}
		end = max(end, spans[k].End)
		if t.nodes[k].op.id < t.nodes[least].op.id {
			least = k
		}
	}
	return least
}

// targetText returns the text of a node's target.
func (t *tree) targetText(i int32) string {
	n := &t.nodes[i]
	for _, k := range t.children(i) {
		if op := t.nodes[k].op; n.target.text == "" && uint64(op.id) == n.target.hash {
			return op.service + " " + op.name
		}
	}
	return n.target.text
}

// operation returns that of a span.
func (b *Builder) operation(s *intake.Span) *operation {
	r := b.resource(s.Resource)
	h := join(xxhash.Sum64(s.Name)+uint64(s.Kind), r.service.hash)
	op := b.named.find(h)
	if op != nil {
		return op
	}
	if op = b.operations[h]; op == nil {
		if len(b.operations) >= maxCache {
			clear(b.operations)
		}
		b.room = appendName(b.room[:0], s.Name, false, maxName)
		id := join(join(xxhash.Sum64(b.room), r.service.hash), uint64(s.Kind))
		op = &operation{id: OperationID(id), service: r.service.name, name: string(b.room)}
		b.operations[h] = op
	}
	b.named.put(h, op)
	return op
}

// aside returns a short text as part of a class.
func (b *Builder) aside(text []byte) aside {
	if len(text) == 0 {
		return aside{}
	}
	a, ok := b.asides[string(text)]
	if !ok {
		if len(b.asides) >= maxCache {
			clear(b.asides)
		}
		b.room = appendName(b.room[:0], text, false, maxAside)
		a = aside{string(b.room), xxhash.Sum64(b.room)}
		b.asides[string(text)] = a
	}
	return a
}

// own works out what of a span its children do not cover, and adds up how children run.
func own(t *tree, spans []intake.Span, i int32, p *Profile) {
	s, n := &spans[i], &t.nodes[i]
	n.own = s.End - s.Start
	if n.kids == 0 {
		return
	}
	to, all := s.Start, uint64(0) // up to where it is covered, and any child is under way
	for _, k := range t.children(i) {
		c := &spans[k]
		p.Traces.Busy.Add(c.End - c.Start)
		if c.End > all {
			p.Traces.Covered.Add(c.End - max(c.Start, all))
			all = c.End
		}
		if c.End <= s.End && c.End > to {
			if n.covered == 0 {
				n.lead = max(c.Start, s.Start) - s.Start
			}
			n.covered += c.End - max(c.Start, to)
			to = c.End
		}
	}
	n.own -= n.covered
}
