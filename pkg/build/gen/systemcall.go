package gen

import (
	"github.com/otelsim/otelsim/pkg/build/dist"
	"github.com/otelsim/otelsim/pkg/build/plan"
	"github.com/otelsim/otelsim/pkg/build/rng"
)

// call expands one call, with all its attempts, as a child of a span from an offset
// in it on. It returns how long who calls waits for it, and what it failed with,
// or none.
func (g *Generator) call(c *plan.Node, path uint64, self int32, offset int64) (d int64, failure int32) {
	switch {
	case c.OneOf != nil && c.Retry == nil:
		x, at := g.stands(c, path, nil)
		return g.call(x, at, self, offset)
	case c.Act.Role == plan.RoleGroup:
		return g.calls(c, path, self, offset)
	case c.Retry == nil:
		return g.tried(c, attempt{path: path, pair: path, parent: self, offset: offset})
	}
	r := c.Retry
	keys := &g.part.keys[c.Part]
	x := attempt{pair: path, parent: self}
	for k := int64(0); k < r.Max; k++ {
		x.path = path
		if k > 0 {
			x.path = step(path, uint64(k))
			d += g.backoff(r, k, keys, x.path)
		}
		var this *plan.Node
		x.ways = g.goes(r, k, keys, x.path)
		this, x.path = g.stands(c, x.path, x.ways)
		w, at := g.answerer(this, x.path, x.ways)
		if w == this {
			at = step(at, w.Path)
		}
		x.verdict = g.decide(r, w, k, at)
		x.number, x.offset = int32(k), offset+d
		var took int64
		took, failure = g.tried(this, x)
		d += took
		if failure == none || !again(c.Act, failure) {
			break
		}
	}
	return d, failure
}

// goes returns the ways in which an attempt of a call may go of which those that fail have
// ways of their own; nil: all.
func (g *Generator) goes(r *plan.Retry, k int64, keys *[rng.NumPurposes]rng.Key, path uint64) *dist.Choice {
	if r.Failing == nil {
		return nil
	}
	s := keys[rng.Outcome].Index(step(path, hashWays)).Stream()
	if r.Success[min(int(k), len(r.Success)-1)].Draw(&s) && !(k == 0 && r.Forced) {
		return r.Succeeding
	}
	return r.Failing
}

// stands returns which call stands at a place, and what names it: c, or the one of
// several that is drawn, of some ways if there are any.
func (g *Generator) stands(c *plan.Node, path uint64, ways *dist.Choice) (*plan.Node, uint64) {
	if c.OneOf == nil {
		return c, path
	}
	s := g.part.keys[c.Part][rng.Outcome].Index(step(path, hashOneOf)).Stream()
	choice := c.OneOf
	if ways != nil {
		choice = ways
	} else if c.By != nil {
		if by := c.By.Of(g.sharedValue(c.By.Value)); by != nil {
			choice = by
		}
	}
	x := &c.Children[choice.Draw(&s)]
	return x, step(path, x.Path)
}

// decide decides whether who answers an attempt fails by itself.
func (g *Generator) decide(r *plan.Retry, w *plan.Node, k int64, path uint64) verdict {
	s := g.part.keys[w.Part][rng.Outcome].Index(path).Index(hashRetry).Stream()
	succeeds, kind := s.Uint64(), g.kind(r.Kinds, r.Choice, &s)
	switch f := w.Fail; {
	case r.Failing != nil || f != nil && f.Probability.Always() || len(r.Success) == 0 && !(k == 0 && r.Forced):
		return verdict{true, g.failsByItself(w, path, place{})}
	case k == 0 && r.Forced || !r.Success[min(int(k), len(r.Success)-1)].Below(succeeds):
		return verdict{true, kind}
	}
	return verdict{true, g.failsInPhase(w, path)}
}

// again reports whether a call is made again after a failure.
func again(a *plan.Act, failure int32) bool {
	for _, k := range a.Again {
		if int32(k) == failure {
			return true
		}
	}
	return false
}

// answerer is the node that decides how an attempt of a call ends, in the way in which
// it goes this time, and its path: the call itself of what has no spans, and of messages.
func (g *Generator) answerer(c *plan.Node, path uint64, ways *dist.Choice) (*plan.Node, uint64) {
	if c.Act.Role == plan.RolePeer || c.Act.Role == plan.RoleSend {
		return c, path
	}
	w := &c.Children[0]
	return g.stands(w, step(path, w.Path), ways)
}

// attempt is one attempt of a call.
type attempt struct {
	path, pair uint64
	parent     int32
	number     int32 // from 0
	offset     int64
	verdict    verdict
	ways       *dist.Choice // in which it may go; nil: all
}

// tried expands one attempt of a call. It returns how long who calls waits for it
// and what it failed with, or none.
func (g *Generator) tried(c *plan.Node, x attempt) (d int64, failure int32) {
	switch c.Act.Role {
	case plan.RoleDirect:
		w, path := g.answerer(c, x.path, x.ways)
		i := g.work(w, path, x.pair, x.parent, x.verdict)
		s := &g.part.spans[i]
		s.offset = x.offset
		return s.duration, g.seen(s.failure)
	case plan.RoleSend:
		return g.sends(c, x), none
	}
	st := &g.part
	self := int32(len(st.spans))
	st.spans = append(st.spans, span{node: c, path: x.path, pair: x.pair, parent: x.parent, before: none, attempt: x.number, offset: x.offset})
	w, path := g.answerer(c, x.path, x.ways)
	if !x.verdict.decided {
		x.verdict = verdict{true, g.failsByItself(w, path, place{})}
	}
	network := g.optional(c.Act.Network, c.Part, x.path, hashNetwork)
	limit := int64(-1)
	if c.Act.Timeout != nil {
		limit = g.optional(c.Act.Timeout, c.Part, x.path, hashTimeout)
	}
	d, failure = network, g.seen(x.verdict.failure)
	switch own := x.verdict.failure; {
	case own != none && g.it.scenario.System.Causes[own].Unreached:
	case w == c:
		length := g.lasts(c, path)
		if own != none && g.it.scenario.System.Causes[own].Late {
			length = waited(length, c.Deadline())
		}
		d += length
	default:
		var i int32
		i, failure = g.answers(w, path, x.pair, self, x.verdict)
		s := &st.spans[i]
		s.offset = network / 2
		if limit >= 0 {
			s.offset = min(s.offset, limit)
		}
		d += s.duration
	}
	if limit >= 0 && d > limit {
		d, failure = limit, int32(c.Act.Cut)
	}
	s := &st.spans[self]
	s.duration, s.failure = d, failure
	s.outcome = g.outcomeOf(c, failure)
	return d, failure
}

// answers expands who answers a call, and returns the index of the span and what it
// failed with, as who calls sees it.
func (g *Generator) answers(w *plan.Node, path, pair uint64, parent int32, v verdict) (i, failure int32) {
	if w.Act.Role != plan.RoleAgent {
		i = g.work(w, path, pair, parent, v)
		return i, g.seen(g.part.spans[i].failure)
	}
	i, failure = g.agent(w, path, parent), none
	if g.part.spans[i].outcome == plan.Failed {
		failure = g.seen(int32(w.Act.Fault))
	}
	return i, failure
}

// seen is a failure as who has called sees it.
func (g *Generator) seen(failure int32) int32 {
	if failure == none {
		return none
	}
	return int32(g.it.scenario.System.Causes[failure].Caller)
}

// optional draws a time that a call may have; without any it takes none.
func (g *Generator) optional(t *dist.Table, part uint32, path, name uint64) int64 {
	if t == nil {
		return 0
	}
	s := g.part.keys[part][rng.Latency].Index(step(path, name)).Stream()
	return t.Draw(&s)
}

// sends expands messages that are sent one after the other, and consumed together
// by each of those who get them. It returns how long sending takes.
func (g *Generator) sends(c *plan.Node, x attempt) (d int64) {
	st := &g.part
	first := int32(len(st.spans))
	for k := range c.Act.Batch {
		path := x.path
		if k > 0 {
			path = step(path, hashMessage+uint64(k))
		}
		took := g.optional(c.Act.Network, c.Part, path, hashNetwork)
		st.spans = append(st.spans, span{
			node: c, path: path, pair: path, parent: x.parent, before: none, failure: none,
			offset: x.offset + d, duration: took,
		})
		d += took
	}
	count := int32(c.Act.Batch)
	last := first + count - 1
	for i := range c.Children {
		w, path := g.stands(&c.Children[i], step(x.path, c.Children[i].Path), nil)
		queue := g.optional(c.Act.Queue, c.Part, path, hashQueue)
		if c.Act.Apart {
			g.sys.waiting = append(g.sys.waiting, sent{node: w, path: path, pair: x.path, queue: queue, first: first, count: count})
			continue
		}
		self := g.work(w, path, x.path, last, verdict{})
		s := &st.spans[self]
		s.offset = st.spans[last].duration + queue
		s.from, s.links = first, count
	}
	return d
}
