package gen

import (
	"github.com/otelsim/otelsim/pkg/build/plan"
	"github.com/otelsim/otelsim/pkg/build/rng"
)

// serve expands what the server of a tool calls for an attempt, before it is known how
// that ends: below the other side of the attempt, which it appends, or below the
// attempt where the conventions have no such span. own is what the attempt fails with
// by itself, length how long it takes, and total what is below it so far.
//
// It returns the span that calls, none when nothing is called, and what has become of
// own, length and total for it.
func (g *Generator) serve(self, own int32, length, total int64) (by, failure int32, longer, all int64) {
	st := &g.part
	c := g.calling(self)
	if c == nil || own != none && g.it.scenario.Failures[own].Unreached {
		return none, own, length, total
	}
	by = self
	network := int64(0)
	if c.Serves {
		by = int32(len(st.spans))
		path := st.spans[self].path // what both sides draw is the same
		network = g.network(c, path, length)
		st.spans = append(st.spans, span{node: c, parent: self, before: none, path: path, offset: network})
	}
	below, path := g.callsOf(by)
	took, failed := g.calls(below, path, by, 0)
	if own == none && failed != none {
		own = int32(g.it.scenario.System.Causes[failed].Tool)
	}
	if by == self {
		return by, own, max(length, took), max(total, took)
	}
	st.spans[by].lead = took // see served
	return by, own, max(length, took+network), total
}

// calling returns the node below that of an attempt which calls services in the
// request, nil when there is none.
func (g *Generator) calling(self int32) *plan.Node {
	n := g.part.spans[self].node
	for i := range n.Children {
		c := &n.Children[i]
		if (c.Act != nil || c.Serves && len(c.Children) > 0) && c.When.Holds(g.req.selected) {
			return c
		}
	}
	return nil
}

// callsOf returns what a span calls that runs a tool, and what names it.
func (g *Generator) callsOf(by int32) (*plan.Node, uint64) {
	s := &g.part.spans[by]
	attempt, c, path := s, s.node, s.path
	if s.node.Serves {
		attempt = &g.part.spans[s.parent]
		path, c = step(s.path, c.Path), &c.Children[0]
	} else {
		c = g.calling(by)
	}
	path = step(path, c.Path)
	if c.OneOf == nil {
		return c, path
	}
	if c.Act.OfCall {
		attempt = &g.part.spans[attempt.parent]
	}
	draw := g.part.keys[attempt.node.Part][rng.Attributes].Index(step(attempt.path, c.Act.Drawn)).Stream()
	x := &c.Children[c.OneOf.Draw(&draw)]
	return x, step(path, x.Path)
}

// served completes what serve has begun, now that it is known how the attempt ended.
func (g *Generator) served(self, by int32) {
	s, x := &g.part.spans[self], &g.part.spans[by]
	if by != self {
		network, took := x.offset, x.lead
		x.failure, x.outcome = s.failure, s.outcome
		x.duration = s.duration - network
		x.offset = network/2 - s.lead
		x.lead = (x.duration - took) / 10
	}
	if s.failure == none {
		below, path := g.callsOf(by)
		g.afterwards(below, path, by)
	}
}
