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
// passes before and after it. It returns how long the call takes.
func (g *Generator) answer(self int32) int64 {
	st := &g.part
	s := &st.spans[self]
	n, duration := s.node, s.duration
	for i := range n.Children {
		c := &n.Children[i]
		if !c.Serves || !c.When.Holds(g.req.selected) || s.failure != none && g.it.scenario.Failures[s.failure].Unreached {
			continue
		}
		stream := st.keys[c.Part][rng.Latency].Index(step(s.path, c.Path)).Stream()
		network := min(c.Latency.Draw(&stream), duration/2)
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
