package profile

import (
	"github.com/otelsim/otelsim/pkg/profile/intake"
	"github.com/otelsim/otelsim/pkg/profile/sketch"
)

func shapeOf(n *node) uint64 { return n.shape }
func classOf(n *node) uint64 { return uint64(n.class) }

// shape counts the shape of the trace in the tree.
func (b *Builder) shape(t *intake.Trace, length uint64) {
	tree := &b.tree
	for k := len(tree.order) - 1; k >= 0; k-- {
		i := tree.order[k]
		n := &tree.nodes[i]
		n.shape = join(uint64(n.op.id), 0)
		if n.kids > 0 {
			b.grouper.group(tree, t.Spans, i, shapeOf)
			n.shape = join(uint64(n.op.id), b.grouper.collapse())
		}
	}
	h := tree.nodes[tree.roots[0]].shape
	if len(tree.roots) > 1 {
		h = join(b.roots(t), 1)
	}
	x, room := b.shapes.find(h)
	if x == nil && !room {
		return
	}
	if x == nil {
		x = b.shapes.put(h, &Shape{Text: b.shapeText(t), Seconds: new(sketch.Numbers)})
	}
	x.Traces++
	x.Spans += uint64(len(t.Spans))
	x.Seconds.Add(float64(length))
}

// roots sets the grouper to the roots of a trace as if they were children of a span, and
// returns their hash.
func (b *Builder) roots(t *intake.Trace) uint64 {
	g, tree := &b.grouper, &b.tree
	// Its end is later than any: all of them are waited for.
	whole := append(t.Spans, intake.Span{End: 1<<64 - 1})
	tree.nodes = append(tree.nodes, node{first: int32(len(tree.kids)), kids: int32(len(tree.roots))})
	tree.kids = append(tree.kids, tree.roots...)
	g.group(tree, whole, int32(len(t.Spans)), shapeOf)
	tree.nodes = tree.nodes[:len(t.Spans)]
	tree.kids = tree.kids[:len(tree.kids)-len(tree.roots)]
	return g.collapse()
}

// shapeText returns a shape as text.
func (b *Builder) shapeText(t *intake.Trace) string {
	tree := &b.tree
	example := make(map[uint64]int32, len(tree.nodes)) // a span of each shape
	for i := range tree.nodes {
		example[tree.nodes[i].shape] = int32(i)
	}
	var text []byte
	if len(tree.roots) == 1 {
		text = b.appendShape(text, t, example, tree.roots[0])
	} else {
		b.roots(t)
		text = b.appendRuns(text, t, example)
	}
	return string(cut(text, 0, maxText))
}

// appendShape appends what a span of a shape is, with its children.
func (b *Builder) appendShape(dst []byte, t *intake.Trace, example map[uint64]int32, i int32) []byte {
	n := &b.tree.nodes[i]
	dst = append(append(append(dst, n.op.service...), ' '), n.op.name...)
	if n.kids == 0 || len(dst) > maxText {
		return dst
	}
	b.grouper.group(&b.tree, t.Spans, i, shapeOf)
	b.grouper.collapse()
	return append(b.appendRuns(append(dst, " ("...), t, example), ')')
}

func (b *Builder) appendRuns(dst []byte, t *intake.Trace, example map[uint64]int32) []byte {
	runs := append([]run(nil), b.grouper.runs...)
	for k, r := range runs {
		switch {
		case len(dst) > maxText:
			return dst
		case k > 0 && r.begins:
			dst = append(dst, ", "...)
		case k > 0:
			dst = append(dst, " & "...)
		}
		dst = b.appendShape(dst, t, example, example[r.id])
	}
	return dst
}
