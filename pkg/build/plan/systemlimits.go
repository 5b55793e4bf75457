package plan

import (
	"fmt"

	"github.com/otelsim/otelsim/pkg/build/dist"
	"github.com/otelsim/otelsim/pkg/corpus/ids"
)

// The limits of systems beside those that all scenarios have.
const (
	// MaxSystemDepth is how many spans may stand below each other.
	MaxSystemDepth = 500
	// MaxApart is how many traces a request may have beside its own: of the parts that
	// ids tell apart, agents have the others.
	MaxApart = ids.MaxParts - ids.PartUnified - 1

	// maxWays is how many nodes a tree may have where what is shared counts as often as it
	// is called: of those that calls of tools add to it, and of those that are written out
	// for the digest, which of larger ones has what is shared once.
	maxWays = 40_000

	maxSystemNodes = 100_000 // of all requests, what is shared counted once
)

// systemExtent is the worst case of what a node of a system becomes. Numbers are
// exact up to the limits of what they count, and beyond them above these.
type systemExtent struct {
	nodes uint64
	spans uint64 // of its trace
	other uint64 // of the largest trace beside it
	apart uint64 // traces beside it
	depth uint64
	time  uint64 // nanoseconds until all of it has ended
	bytes uint64 // of all spans
	load  load   // of time
}

// add is what two of them come to, one after the other.
func (x systemExtent) add(y systemExtent) systemExtent {
	return systemExtent{
		nodes: min(x.nodes+y.nodes, maxWays+1), spans: min(x.spans+y.spans, MaxSpansPerTrace+1),
		other: max(x.other, y.other), apart: min(x.apart+y.apart, MaxApart+1), depth: max(x.depth, y.depth),
		time: min(x.time+y.time, maxIteration+1), bytes: min(x.bytes+y.bytes, maxIterationBytes+1), load: x.load.plus(y.load),
	}
}

// either is the worse of two of them, in every respect.
func (x systemExtent) either(y systemExtent) systemExtent {
	out := x.add(y)
	out.spans, out.apart = max(x.spans, y.spans), max(x.apart, y.apart)
	out.time, out.bytes = max(x.time, y.time), max(x.bytes, y.bytes)
	out.load = load{max(x.load.mean, y.load.mean), max(x.load.square, y.load.square), max(x.load.most, y.load.most)}
	return out
}

// times is what so many of one come to.
func (x systemExtent) times(n uint64) systemExtent {
	x.spans, x.apart = times(x.spans, n, MaxSpansPerTrace+1), times(x.apart, n, MaxApart+1)
	x.time, x.bytes = times(x.time, n, maxIteration+1), times(x.bytes, n, maxIterationBytes+1)
	x.load = x.load.times(n)
	return x
}

// systemSizer works out worst cases. What several calls share is looked at once.
type systemSizer struct {
	b     *systemBuilder
	z     *sizer
	below map[*Node]systemExtent // by the first of the children
}

// limit works out the scenario's worst cases and reports whether they are within
// the limits. What is not is told with what adds most to it.
func (b *systemBuilder) limit() bool {
	z := &systemSizer{b: b, z: b.newSizer(), below: make(map[*Node]systemExtent)}
	before := b.problems.Found()
	var all systemExtent
	for i, turns := range b.out.uses() {
		root := &b.out.Flows[i].Parts[0].Root
		x := z.of(root)
		z.check(root, x)
		b.out.MaxSpans = max(b.out.MaxSpans, int(max(x.spans, x.other)))
		b.out.System.Apart = max(b.out.System.Apart, int(x.apart))
		b.out.System.Deep = b.out.System.Deep || x.nodes > maxWays
		all = all.add(x.times(turns))
	}
	var thinks systemExtent
	if t := b.out.ThinkTime; t != nil {
		_, most := t.Bounds()
		thinks = systemExtent{time: min(uint64(max(most, 0)), maxIteration+1), load: alone(t.Mean(), float64(most))}
		thinks = thinks.times(uint64(b.out.Requests() - 1))
		all = all.add(thinks)
	}
	b.out.MaxDuration, b.out.MaxBytes, b.out.Likely = all.time, all.bytes, all.time
	if longest := all.load.bound(); longest < float64(all.time) {
		b.out.Likely = uint64(longest)
	}
	if b.problems.Found() > before {
		return false
	}
	if n := b.different(); n > maxSystemNodes {
		b.problems.Errorf(b.def.Pos, "scenario %s: its requests have %d different spans, calls and alternatives, and at most %d are allowed", b.def.Name, n, maxSystemNodes)
	}
	if all.time > maxIteration {
		z.tellSession(tooLong("a session"), thinks)
	}
	if all.bytes > maxIterationBytes {
		z.tellSession(excess{what: fmt.Sprintf("the spans of a session may take over %d bytes", maxIterationBytes), measure: func(x systemExtent) uint64 { return x.bytes }}, thinks)
	}
	return b.problems.Found() == before
}

// check compares the worst case of a request with the limits.
func (z *systemSizer) check(root *Node, x systemExtent) {
	tell := func(measure func(systemExtent) uint64, what string, limit int) {
		z.tell(root, excess{what: fmt.Sprintf(what, limit), measure: measure})
	}
	switch {
	case x.spans > MaxSpansPerTrace:
		z.tell(root, tooManySpans)
	case x.other > MaxSpansPerTrace:
		tell(func(x systemExtent) uint64 { return max(x.spans, x.other) }, "a trace of a consumer may have over %d spans", MaxSpansPerTrace)
	case x.apart > MaxApart:
		z.tell(root, tooManyConsumers)
	case x.depth > MaxSystemDepth:
		tell(func(x systemExtent) uint64 { return x.depth }, "over %d spans may stand below each other", MaxSystemDepth)
	case x.time > maxIteration:
		z.tell(root, tooLong("a request"))
	}
}

// of is the extent of all repetitions of a node.
func (z *systemSizer) of(n *Node) systemExtent {
	x := z.once(n)
	if d := n.Act.Delay; d != nil {
		x = x.add(systemExtent{time: z.longest(d), load: z.loadOf(d)})
	}
	return x.times(repetitions(n))
}

// once is the extent of one repetition of a node: all its attempts.
func (z *systemSizer) once(n *Node) systemExtent {
	x := z.attempt(n)
	if n.Retry == nil {
		return x
	}
	x = x.times(uint64(max(n.Retry.Max, 1)))
	for _, wait := range n.Retry.Backoff {
		x.time = min(x.time+longestWait(wait, n.Retry), maxIteration+1)
		x.load.mean += float64(longestWait(wait, n.Retry))
	}
	if len(n.Children) > 0 && n.Children[0].Act.Role == RoleAgent {
		return x // attempts depend on those before in whether they are made, not in how long they take
	}
	x.load = alone(float64(x.time), float64(x.time)) // its parts depend on each other
	return x
}

func (z *systemSizer) attempt(n *Node) systemExtent {
	switch n.Act.Role {
	case RoleGroup, RoleWays:
		return z.children(n)
	case RoleDirect:
		return z.of(&n.Children[0])
	case RoleWork:
		x := z.children(n)
		x.depth++
		return x.add(z.self(n, n.Latency))
	case RoleSend:
		return z.sends(n)
	case RoleAgent:
		return z.agent(n)
	}
	x := z.self(n, n.Latency).add(systemExtent{time: z.longest(n.Act.Network), load: z.loadOf(n.Act.Network)})
	for i := range n.Children {
		x = x.add(z.of(&n.Children[i]))
	}
	x.depth++
	return x
}

// sends is the extent of messages and of who consumes them.
func (z *systemSizer) sends(n *Node) systemExtent {
	x := z.self(n, n.Act.Network).times(uint64(n.Act.Batch))
	for i := range n.Children {
		c := z.of(&n.Children[i]).add(systemExtent{time: z.longest(n.Act.Queue), load: z.loadOf(n.Act.Queue)})
		if n.Act.Apart {
			c.other, c.spans, c.apart = max(c.other, c.spans), 0, min(c.apart+1, MaxApart+1)
			c.depth = 0
		}
		x = x.add(c)
	}
	x.depth++
	return x
}

// self is the extent of the span of a node alone, which takes a time.
func (z *systemSizer) self(n *Node, t *dist.Table) systemExtent {
	bytes := uint64(z.z.span(n))
	if bytes > maxSpanBytes {
		z.b.problems.Errorf(n.Pos, "scenario %s: a span of %s may take %d bytes, and a record holds %d: shorten its attributes",
			z.b.def.Name, n.Class, bytes, maxSpanBytes)
	}
	x := systemExtent{nodes: 1, spans: 1, bytes: bytes, time: z.longest(t), load: z.loadOf(t)}
	x.time = min(stretched(x.time, n.Effects), maxIteration+1)
	if n.Act.Capacity > 0 {
		x.time = times(x.time, MaxSlowdown, maxIteration+1)
		x.load.mean = float64(x.load.mean * MaxSlowdown)
	}
	for _, e := range n.Effects {
		if e.Factor > million {
			x.load.mean = float64(x.load.mean*float64(e.Factor)) / million
		}
	}
	if n.Latency != nil && z.late(n) {
		x.load.mean += float64(n.Deadline())
	}
	x.load = alone(x.load.mean, float64(x.time))
	return x
}

// late reports whether a span may be waited for in vain.
func (z *systemSizer) late(n *Node) bool {
	for _, c := range z.b.out.System.Causes {
		if c.Late {
			return n.Fail != nil || n.Retry != nil || len(n.Effects) > 0 || n.Act.Role == RoleWork
		}
	}
	return false
}

func (z *systemSizer) longest(t *dist.Table) uint64 {
	if t == nil {
		return 0
	}
	return min(mostOf(t), maxIteration+1)
}

func (z *systemSizer) loadOf(t *dist.Table) load {
	if t == nil {
		return load{}
	}
	return alone(t.Mean(), float64(mostOf(t)))
}

// children is the extent of what is below a node, all of it or one.
func (z *systemSizer) children(n *Node) (out systemExtent) {
	if len(n.Children) == 0 {
		return out
	}
	key := &n.Children[0]
	if out, ok := z.below[key]; ok {
		return out
	}
	for i := range n.Children {
		if x := z.of(&n.Children[i]); n.OneOf != nil {
			out = out.either(x)
		} else {
			out = out.add(x)
		}
	}
	z.below[key] = out
	return out
}
