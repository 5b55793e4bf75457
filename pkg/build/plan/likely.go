package plan

import (
	"math"

	"github.com/otelsim/otelsim/pkg/build/dist"
)

// A trace of many spans lasts about as long as the means of their durations add up
// to, and never in this world as long as all of them at their longest. So beside
// the worst case there is a duration that a session passes with a probability
// below 2^-40. It follows from Bernstein's inequality: for independent times
// between 0 and M with the sum of means m, and of second moments at most v, the
// sum passes m + d with a probability of at most exp(-d^2 / 2(v + M d / 3)).

// never is 40 times the logarithm of 2.
const never = 27.7

// load is what is known of the sum of independent times, in nanoseconds.
type load struct {
	mean   float64
	square float64 // at least the sum of second moments
	most   float64 // of one of them
}

// alone is the load of a single time.
func alone(mean, most float64) load { return load{mean, float64(mean * most), most} }

func (l load) plus(o load) load {
	return load{l.mean + o.mean, l.square + o.square, max(l.most, o.most)}
}

func (l load) times(n uint64) load {
	k := float64(n)
	return load{float64(k * l.mean), float64(k * l.square), l.most}
}

// bound is what the sum never passes.
func (l load) bound() float64 {
	d := float64(l.most*never) / 3
	return l.mean + d + math.Sqrt(float64(d*d)+float64(2*never*l.square))
}

// likely is the longest that an iteration is ever seen to take, at most its worst
// case, which is known.
func (b *builder) likely() uint64 {
	var all load
	for i, turns := range b.out.uses() {
		var request load
		for k := range b.out.Flows[i].Parts {
			root := &b.out.Flows[i].Parts[k].Root
			request = request.plus(loads{b.out.Failures, spreads(root)}.of(root))
		}
		all = all.plus(request.times(turns))
	}
	if t := b.out.ThinkTime; t != nil {
		_, most := t.Bounds()
		all = all.plus(alone(t.Mean(), float64(most)).times(uint64(b.out.Requests() - 1)))
	}
	longest := all.bound()
	if !(longest < float64(b.out.MaxDuration)) {
		return b.out.MaxDuration
	}
	return uint64(longest)
}

// spreads reports whether a failure below a node makes others likely: then they
// are not independent.
func spreads(n *Node) bool {
	if n.Fail != nil && (!n.Fail.FromParent.Never() || !n.Fail.Siblings.Never()) {
		return true
	}
	for i := range n.Children {
		if spreads(&n.Children[i]) {
			return true
		}
	}
	return false
}

// loads works out the load of nodes with such failures. together says that they
// depend on each other.
type loads struct {
	failures []Failure
	together bool
}

// of is the load of all repetitions of a node, one after the other.
func (l loads) of(n *Node) load {
	k := repetitions(n)
	if n.OneOf == nil {
		x := l.once(n)
		if n.Retry != nil {
			x = alone(x.mean, float64(once(n).time)) // its parts depend on each other
		}
		return x.times(k)
	}
	// Whichever node stands there, its load is at most this; or it is one time, whose
	// mean is that of all of them, which says more where each is short.
	var each load
	mean := 0.0
	for i, share := range n.OneOf.Shares() {
		x := l.of(&n.Children[i])
		each = load{max(each.mean, x.mean), max(each.square, x.square), max(each.most, x.most)}
		mean += float64(share * x.mean)
	}
	each = each.times(k)
	if one := alone(mean, float64(once(n).time)).times(k); one.bound() < each.bound() {
		return one
	}
	return each
}

// once is the load of one repetition of a node.
func (l loads) once(n *Node) load {
	most := n.longest
	if n.Latency != nil {
		most = mostOf(n.Latency)
	}
	x := alone(l.usually(n), float64(stretched(most, n.Effects)))
	for i := range n.Children {
		if n.Children[i].Act == nil {
			x = x.plus(l.of(&n.Children[i]))
		}
	}
	if n.called != nil {
		x = x.plus(n.called.load)
	}
	if n.Retry != nil {
		x.mean = float64(x.mean * l.tries(n))
		for _, wait := range n.Retry.Backoff {
			x.mean += float64(longestWait(wait, n.Retry))
		}
	}
	return x
}

// usually is the mean of what the span of a node lasts by itself, at most.
func (l loads) usually(n *Node) float64 {
	mean := n.typical
	if n.Latency != nil {
		mean = n.Latency.Mean()
	}
	for _, e := range n.Effects {
		if e.Factor > million {
			mean = float64(mean*float64(e.Factor)) / million
		}
	}
	return mean + float64(l.late(n)*float64(n.Deadline()))
}

// late is the probability that an attempt is waited for in vain, at most.
func (l loads) late(n *Node) float64 {
	p := 0.0
	if f := n.Fail; f != nil {
		p = float64(l.fails(f) * l.lateOf(f.Kinds, f.Choice))
	}
	for _, e := range n.Effects {
		if e.Fail != nil {
			p += float64(l.fails(e.Fail) * l.lateOf(e.Fail.Kinds, e.Fail.Choice))
		}
	}
	if r := n.Retry; r != nil && (r.Forced || len(r.Success) > 0) {
		p += l.lateOf(r.Kinds, r.Choice)
	}
	return min(p, 1)
}

// fails is the probability of a failure by itself, at most.
func (l loads) fails(f *Fail) float64 {
	if l.together {
		return 1
	}
	return f.Probability.Float()
}

// lateOf is the share of those among failures that were waited for.
func (l loads) lateOf(kinds []uint32, choice *dist.Choice) (share float64) {
	if choice == nil {
		for _, k := range kinds {
			if l.failures[k].Late {
				share += 1 / float64(len(kinds))
			}
		}
		return share
	}
	for i, x := range choice.Shares() {
		if l.failures[kinds[i]].Late {
			share += x
		}
	}
	return share
}

// tries is the mean number of attempts, at most.
func (l loads) tries(n *Node) float64 {
	r, p := n.Retry, 0.0
	if n.Fail != nil {
		p = n.Fail.Probability.Float()
	}
	for _, e := range n.Effects {
		if e.Fail != nil {
			p += e.Fail.Probability.Float()
		}
	}
	if l.together || r.Forced || len(r.Success) > 0 || len(n.Children) > 0 || p >= 1 {
		return float64(max(r.Max, 1))
	}
	return min(1/(1-p), float64(max(r.Max, 1)))
}

// Deadline is how long a node is waited for at least before it fails as late, in
// nanoseconds: nearly all that succeed take less.
func (n *Node) Deadline() int64 {
	if n.Latency != nil {
		return n.Latency.Late()
	}
	return n.late
}
