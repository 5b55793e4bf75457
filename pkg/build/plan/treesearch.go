package plan

import (
	"slices"

	"github.com/otelsim/otelsim/pkg/build/vocab"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// find returns the first node of a class, or nil.
func find(n *Node, class string) *Node {
	if n.Class == class {
		return n
	}
	for i := range n.Children {
		if at := find(&n.Children[i], class); at != nil {
			return at
		}
	}
	return nil
}

// toolCalls lists the tool calls of a tree, in order; there must be one.
func (b *builder) toolCalls(root *Node) []*Node {
	out := calls(root)
	if len(out) == 0 {
		b.problems.Errorf(b.def.Pos, "scenario %s: there is no tool call that could fail", b.def.Name)
	}
	return out
}

// calls lists the tool calls of a tree, in order.
func calls(root *Node) (out []*Node) {
	var walk func(n *Node)
	walk = func(n *Node) {
		if n.Class == vocab.Tool {
			out = append(out, n)
		}
		for i := range n.Children {
			walk(&n.Children[i])
		}
	}
	walk(root)
	return out
}

// callPlaces lists the places of a tree where tools are called, in order, each
// with its calls: several where one of several nodes stands.
func callPlaces(root *Node) (out [][]*Node) {
	if root.Class == vocab.Tool {
		out = append(out, []*Node{root})
	}
	for i := range root.Children {
		out = append(out, callPlaces(&root.Children[i])...)
	}
	if root.OneOf != nil && len(out) > 1 {
		return [][]*Node{slices.Concat(out...)}
	}
	return out
}

// toolNameOf is the name of the tool that a call names, or "".
func (b *builder) toolNameOf(n *Node) string { return b.constantOf(n, toolName) }

// constantOf is the constant text of an attribute of a node, or "".
func (b *builder) constantOf(n *Node, key string) string {
	id := b.strs.ID(key)
	for _, a := range n.Attrs {
		if a.Key == id && a.Op == OpConst && a.Kind == otlp.KindString {
			return b.strs.String(otlp.StringID(a.Word))
		}
	}
	return ""
}
