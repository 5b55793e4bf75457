package plan

import "math/bits"

// MaxSpansPerTrace bounds the worst case of a trace, so that a record stays
// something a receiver takes.
const MaxSpansPerTrace = 10_000

// bound names the nodes and works out the scenario's worst cases, which must
// stay within what a record and a timestamp can hold.
func (b *builder) bound() {
	for i := range b.out.Parts {
		part := &b.out.Parts[i]
		setPaths(&part.Root, 0)
		setPart(&part.Root, part.ID)
		b.out.MaxSpans = max(b.out.MaxSpans, b.worstCase(&part.Root))
		// Each factor is bounded before it is multiplied: at most 10^4 spans of
		// 10^15 ns.
		b.out.MaxDuration = b.atMost(b.out.MaxDuration, uint64(b.worstCase(&part.Root))*longest(&part.Root))
	}
	if t := b.out.ThinkTime; t != nil {
		_, most := t.Bounds()
		b.out.MaxDuration = b.atMost(b.out.MaxDuration, uint64(most))
	}
	if b.out.MaxDuration > maxIteration {
		b.problems.Errorf(b.def.Pos, "scenario %s: an iteration may last over %d days", b.def.Name, maxIteration/day)
	}
	if b.out.MaxSpans > MaxSpansPerTrace {
		b.problems.Errorf(b.def.Pos, "scenario %s: a trace may have over %d spans", b.def.Name, MaxSpansPerTrace)
	}
}

// atMost adds what every request may take to the worst case of an iteration,
// without leaving 64 bits.
func (b *builder) atMost(sum, request uint64) uint64 {
	hi, lo := bits.Mul64(request, uint64(b.out.Requests()))
	if hi != 0 || lo > maxIteration {
		return maxIteration + 1
	}
	return min(sum+lo, maxIteration+1)
}

// worstCase returns how many spans the node can become, at most
// MaxSpansPerTrace+1.
func (b *builder) worstCase(n *Node) int {
	spans := 1
	for i := range n.Children {
		spans += b.worstCase(&n.Children[i])
	}
	if n.Count != nil {
		_, most := n.Count.Bounds()
		if most > MaxSpansPerTrace {
			return MaxSpansPerTrace + 1
		}
		spans = min(spans, MaxSpansPerTrace+1) * int(most)
	}
	return min(spans, MaxSpansPerTrace+1)
}

const (
	nanosPerMilli = 1e6
	hour          = 3_600_000_000_000
	day           = 24 * hour
	maxLatency    = 100 * hour // of one span, and maxIteration of them all:
	maxIteration  = 3650 * day // so that no sum of times leaves an int64
)

// longest returns the longest latency of a tree.
func longest(n *Node) uint64 {
	most := uint64(0)
	if n.Latency != nil {
		_, m := n.Latency.Bounds()
		most = stretched(uint64(m), n.Effects)
	}
	for i := range n.Children {
		most = max(most, longest(&n.Children[i]))
	}
	return most
}
