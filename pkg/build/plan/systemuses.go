package plan

import (
	"slices"

	"github.com/otelsim/otelsim/pkg/build/dist"
	"github.com/otelsim/otelsim/pkg/build/input"
)

// uses notes of each node which of the values that are drawn for spans its spans have, once
// the trees are complete: what stands below several calls is there once.
func (b *systemBuilder) uses() {
	values := b.out.System.Values
	if !slices.ContainsFunc(values, func(v Value) bool { return v.OfSpan }) {
		return
	}
	seen := make(sharing)
	for p := range b.out.Parts() {
		seen.nodes(&p.Root, func(n *Node) {
			n.Uses = nil
			b.use(n, n.Attrs)
			for i := range n.Events {
				b.use(n, n.Events[i].Attrs)
			}
			if n.Act != nil {
				for i := range n.Act.Lines {
					b.use(n, n.Act.Lines[i].Attrs)
				}
			}
		})
	}
}

// use notes the values of spans that attributes have, alone or in their texts.
func (b *systemBuilder) use(n *Node, list []Attr) {
	one := func(at int, is *dist.Choice, by *By) {
		v := &b.out.System.Values[at]
		if !v.OfSpan {
			return
		}
		u := n.Use(v.From)
		if u == nil {
			n.Uses = append(n.Uses, Use{Value: v.From})
			u = &n.Uses[len(n.Uses)-1]
		}
		switch {
		case is == nil && by == nil:
		case u.Drawn():
			b.problems.Errorf(n.Pos, "attributes of a span: two of them say what value %s is", input.Quote(b.sys.Values[v.From].Key))
		default:
			u.Is, u.By = is, by
		}
	}
	for i := range list {
		switch a := &list[i]; {
		case a.Op == OpUse:
			one(int(a.Word), a.Choice, a.By)
		case a.Form != nil:
			for k := range a.Form.Pieces {
				if p := a.Form.Pieces[k].Value; p > 0 {
					one(p-1, nil, nil)
				}
			}
		}
	}
}
