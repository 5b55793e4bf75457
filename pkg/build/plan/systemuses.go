package plan

import "slices"

// uses notes of each node which of the values that are drawn for spans its spans have, once
// the trees are complete: what stands below several calls is there once.
func (b *systemBuilder) uses() {
	values := b.out.System.Values
	if !slices.ContainsFunc(values, func(v Value) bool { return v.OfSpan }) {
		return
	}
	seen := make(sharing)
	var note func(n *Node)
	note = func(n *Node) {
		n.Uses = nil
		n.use(values, n.Attrs)
		for i := range n.Events {
			n.use(values, n.Events[i].Attrs)
		}
		if n.Act != nil {
			for i := range n.Act.Lines {
				n.use(values, n.Act.Lines[i].Attrs)
			}
		}
		if _, again := seen.again(n.Children); again {
			return
		}
		for i := range n.Children {
			note(&n.Children[i])
		}
	}
	for p := range b.out.Parts() {
		note(&p.Root)
	}
}

// use notes the values of spans that attributes have, alone or in their texts.
func (n *Node) use(values []Value, list []Attr) {
	one := func(at int) {
		if v := &values[at]; v.OfSpan && !slices.Contains(n.Uses, v.From) {
			n.Uses = append(n.Uses, v.From)
		}
	}
	for i := range list {
		switch a := &list[i]; {
		case a.Op == OpUse:
			one(int(a.Word))
		case a.Form != nil:
			for k := range a.Form.Pieces {
				if p := a.Form.Pieces[k].Value; p > 0 {
					one(p - 1)
				}
			}
		}
	}
}
