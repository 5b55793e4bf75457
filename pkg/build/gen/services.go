package gen

import (
	"github.com/otelsim/otelsim/pkg/build/plan"
	"github.com/otelsim/otelsim/pkg/build/rng"
)

// placeBelow names the place of a child, which usually is at.
func placeBelow(n, c *plan.Node, path, at uint64) uint64 {
	switch {
	case n.Around:
		return path // that of what it is around
	case c.Part != n.Part:
		return c.Path // as when it is the root of a trace
	}
	return at
}

// answer appends the other side of a call, if there is one and the call has come
// to it. It ended as the call did, which it is within: what the network has taken
// passes before and after it. It is there already, at an index, when it has called
// services. It returns how long the call takes.
func (g *Generator) answer(self, served int32) int64 {
	st := &g.part
	s := &st.spans[self]
	n, duration := s.node, s.duration
	if served != none {
		g.served(self, served)
		return duration
	}
	for i := range n.Children {
		c := &n.Children[i]
		if !c.Serves || !c.When.Holds(g.req.selected) || s.failure != none && g.it.scenario.Failures[s.failure].Unreached {
			continue
		}
		network := g.network(c, s.path, duration)
		st.spans = append(st.spans, span{
			node: c, parent: self, before: none, failure: s.failure, outcome: s.outcome,
			path:     s.path, // what both sides draw is the same
			offset:   network/2 - s.lead,
			duration: duration - network,
		})
		break
	}
	return duration
}

// network draws what the network takes of a call that lasts so long: at most half.
func (g *Generator) network(c *plan.Node, path uint64, duration int64) int64 {
	stream := g.part.keys[c.Part][rng.Latency].Index(step(path, c.Path)).Stream()
	return min(c.Latency.Draw(&stream), duration/2)
}
