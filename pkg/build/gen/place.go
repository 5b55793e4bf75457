package gen

import (
	"math/bits"

	"github.com/otelsim/otelsim/pkg/build/plan"
	"github.com/otelsim/otelsim/pkg/build/rng"
)

// standsAt returns the node whose span stands at a place: n, or the one of its
// children that is drawn.
func (g *Generator) standsAt(n *plan.Node, path uint64) *plan.Node {
	if n.OneOf == nil {
		return n
	}
	s := g.part.keys[n.Part][rng.Outcome].Index(step(path, hashOneOf)).Stream()
	return &n.Children[n.OneOf.Draw(&s)]
}

// repeats returns how often a node occurs. Presence takes the first word of a
// stream that is named by the node, count the following, so neither moves the
// other.
func (g *Generator) repeats(n *plan.Node, path uint64) uint64 {
	if n.Count == nil && n.Presence.Always() {
		return 1
	}
	s := g.part.keys[n.Part][rng.Outcome].Index(path).Stream()
	if !n.Presence.Draw(&s) {
		return 0
	}
	if n.Count == nil {
		return 1
	}
	return uint64(n.Count.Draw(&s))
}

// several reports whether more than one thing is there below a node.
func (g *Generator) several(n *plan.Node, path uint64) bool {
	count := uint64(0)
	for i := range n.Children {
		count += g.repeats(&n.Children[i], step(path, n.Children[i].Path))
	}
	return count > 1
}

// step names a place below a place.
func step(path, v uint64) uint64 {
	return (bits.RotateLeft64(path, 27) ^ v + 0x632be59bd9b4e019) * 0x9e3779b97f4a7c15
}
