package plan

import (
	"math/bits"
	"slices"
)

// MaxSpansPerTrace bounds the worst case of a trace, so that a record stays
// something a receiver takes.
const MaxSpansPerTrace = 10_000

const (
	nanosPerMilli = 1e6
	hour          = 3_600_000_000_000
	day           = 24 * hour
	maxLatency    = 100 * hour // of one span, and maxIteration of them all:
	maxIteration  = 3650 * day // so that no sum of times leaves an int64
)

// limit works out the scenario's worst cases, which must stay within what a
// record and a timestamp can hold.
func (b *builder) limit(z *sizer) {
	for part := range b.out.Parts() {
		x := worstCase(&part.Root)
		b.out.MaxSpans = max(b.out.MaxSpans, x.spans, x.other)
		at, longest := z.longest(&part.Root)
		if longest > maxSpanBytes {
			b.problems.Errorf(b.def.Pos, "scenario %s: a span %s may take %d bytes, and a record holds %d: shorten what is said or its attributes",
				b.def.Name, at.Class, longest, maxSpanBytes)
		}
	}
	b.measure(z)
	b.limitApart()
	if t := b.out.ThinkTime; t != nil {
		_, most := t.Bounds()
		b.out.MaxDuration = min(b.out.MaxDuration+times(uint64(max(most, 0)), uint64(b.out.Requests()-1), maxIteration+1), maxIteration+1)
	}
	b.out.Likely = b.likely()
	if b.out.MaxDuration > maxIteration {
		b.tooMuch(maxIteration, tooLong("an iteration"))
	}
	if b.out.MaxSpans > MaxSpansPerTrace {
		spans := tooManySpans
		spans.measure = func(x systemExtent) uint64 { return max(x.spans, x.other) }
		b.tooMuch(MaxSpansPerTrace, spans)
	}
}

// limitApart works out how many traces of consumers requests may have.
func (b *builder) limitApart() {
	if b.out.System == nil {
		return
	}
	for i := range b.out.Flows {
		apart := uint64(0)
		for k := range b.out.Flows[i].Parts {
			apart += worstCase(&b.out.Flows[i].Parts[k].Root).apart
		}
		b.out.System.Apart = max(b.out.System.Apart, int(min(apart, MaxApart+1)))
	}
	if b.out.System.Apart > MaxApart {
		b.tooMuch(MaxApart, tooManyConsumers)
	}
}

// measure works out how long the turns of an iteration can last, and how long
// their spans can be.
func (b *builder) measure(z *sizer) {
	for i, turns := range b.out.uses() {
		for k := range b.out.Flows[i].Parts {
			root := &b.out.Flows[i].Parts[k].Root
			b.out.MaxDuration = min(b.out.MaxDuration+times(worstCase(root).time, turns, maxIteration+1), maxIteration+1)
			if b.out.MaxSpans <= MaxSpansPerTrace {
				b.out.MaxBytes = min(b.out.MaxBytes+times(z.all(root), turns, maxIterationBytes+1), maxIterationBytes+1)
			}
		}
	}
	if b.out.MaxBytes > maxIterationBytes {
		b.problems.Errorf(b.def.Pos, "scenario %s: the spans of an iteration may take over %d bytes", b.def.Name, maxIterationBytes)
	}
}

// extent is the worst case of what a node becomes: a number of spans, at most
// one more than a trace may have, and the nanoseconds that all of it takes, at
// most one more than an iteration may last. apart is the number of traces beside it,
// and other the spans of the largest of these.
type extent struct {
	spans int
	time  uint64
	apart uint64
	other int
}

// worstCase is the extent of all repetitions of a node, one after the other.
func worstCase(n *Node) extent {
	x := once(n)
	if most := repetitions(n); most != 1 {
		x.spans = int(times(uint64(x.spans), most, MaxSpansPerTrace+1))
		x.time = times(x.time, most, maxIteration+1)
		x.apart = times(x.apart, most, MaxApart+1)
	}
	return x
}

// repetitions is how often a node can stand beside itself.
func repetitions(n *Node) uint64 {
	if n.Count == nil {
		return 1
	}
	_, most := n.Count.Bounds()
	return uint64(max(most, 0))
}

// once is the extent of one repetition of a node: all its attempts, with the
// waits between them.
func once(n *Node) extent {
	if n.OneOf != nil {
		return largest(n)
	}
	x := attempt(n)
	if n.Retry == nil {
		return x
	}
	tries := uint64(max(n.Retry.Max, 1))
	x.spans = int(times(uint64(x.spans), tries, MaxSpansPerTrace+1))
	x.time = times(x.time, tries, maxIteration+1)
	x.apart = times(x.apart, tries, MaxApart+1)
	for _, wait := range n.Retry.Backoff {
		x.time = min(x.time+longestWait(wait, n.Retry), maxIteration+1)
	}
	return x
}

// largest is the extent of whichever of the children stands in the place of n.
func largest(n *Node) extent {
	var x extent
	for i := range n.Children {
		c := once(&n.Children[i])
		x.spans, x.time = max(x.spans, c.spans), max(x.time, c.time)
		x.apart, x.other = max(x.apart, c.apart), max(x.other, c.other)
	}
	return x
}

// longestWait is the most that a wait before an attempt can become.
func longestWait(wait int64, r *Retry) uint64 {
	if r.Jitter == nil {
		return uint64(wait)
	}
	_, most := r.Jitter.Bounds()
	return stretched(uint64(wait), []Effect{{Factor: uint64(million + most)}})
}

// attempt is the extent of a span and what is below it.
func attempt(n *Node) extent {
	x := extent{spans: 1}
	if isServed(n) {
		x.spans++ // within the time of n
	}
	for i := range n.Children {
		if n.Children[i].Serves || n.Children[i].Act != nil {
			continue
		}
		c := worstCase(&n.Children[i])
		x.spans = min(x.spans+c.spans, MaxSpansPerTrace+1)
		x.apart, x.other = min(x.apart+c.apart, MaxApart+1), max(x.other, c.other)
		if n.Parallel {
			x.time = max(x.time, once(&n.Children[i]).time)
		} else {
			x.time = min(x.time+c.time, maxIteration+1)
		}
	}
	if n.Latency != nil {
		_, most := n.Latency.Bounds()
		x.time = max(x.time, min(stretched(uint64(max(most, 0)), n.Effects), maxIteration+1))
	} else {
		x.time = max(x.time, min(stretched(n.longest, n.Effects), maxIteration+1))
	}
	if n.called != nil {
		x.spans = min(x.spans+int(n.called.spans), MaxSpansPerTrace+1)
		x.time = min(x.time+n.called.time, maxIteration+1)
		x.apart, x.other = min(x.apart+n.called.apart, MaxApart+1), max(x.other, int(n.called.other))
	}
	return x
}

// isServed reports whether a node may have another side: one of them at most has it
// in any request.
func isServed(n *Node) bool {
	return slices.ContainsFunc(n.Children, func(c Node) bool { return c.Serves })
}

// times is a product, at most limit.
func times(a, b, limit uint64) uint64 {
	hi, lo := bits.Mul64(a, b)
	if hi != 0 {
		return limit
	}
	return min(lo, limit)
}
