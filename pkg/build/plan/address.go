package plan

import (
	"strconv"

	"github.com/otelsim/otelsim/pkg/build/rng"
)

// Everything drawn for a span comes from streams at one address:
//
//	seed, purpose, iteration, turn   of the request, and with the turn its flow
//	part                             Node.Part: the trace that the span is of, or would be
//	path                             Node.Path of the nodes from the root of the part down,
//	                                 each but the root's with the number of its repetition,
//	                                 and of the attempt when it is not the first
//	attribute                        Attr.Path, for values
//
// Parts and paths are decided here and in attrSet.finish, and nowhere else. They
// are part of the determinism contract: whoever changes them changes all data.

// address gives the nodes of all parts their addresses.
func (b *builder) address() {
	paths, parts := make(sharing), make(sharing)
	for part := range b.out.Parts() {
		paths.setPaths(&part.Root, 0)
		parts.setPart(&part.Root, part.ID)
	}
}

// setPaths names the nodes for the streams: by class and occurrence among the
// siblings of that class, so that adding a sibling of another class moves
// nothing.
func (s sharing) setPaths(n *Node, occurrence int) {
	n.Path = rng.Hash(within(n).Class + "#" + strconv.Itoa(occurrence))
	if _, again := s.again(n.Children); again {
		return
	}
	seen := map[string]int{}
	for i := range n.Children {
		c := &n.Children[i]
		class := within(c).Class
		s.setPaths(c, seen[class])
		seen[class]++
	}
}

// within is the node that others stand around: they share its address.
func within(n *Node) *Node {
	for n.Around {
		n = &n.Children[0]
	}
	return n
}

// setPart names the part of a node and of everything below it that has none
// yet.
func (s sharing) setPart(n *Node, part uint32) {
	if !n.parted {
		n.Part, n.parted = part, true
	}
	if _, again := s.again(n.Children); again {
		return
	}
	for i := range n.Children {
		s.setPart(&n.Children[i], part)
	}
}
