package plan

// sharing numbers what stands below nodes, by the first of it: an operation is compiled once
// and stands below each of its calls, so that there are far more ways through a system than
// nodes, and what goes each of them may never end.
type sharing map[*Node]uint64

// again reports whether what is below a node has been come to before, and at which number.
func (s sharing) again(children []Node) (number uint64, again bool) {
	if len(children) == 0 {
		return 0, false
	}
	if number, again = s[&children[0]]; !again {
		s[&children[0]] = uint64(len(s))
	}
	return number, again
}

// nodes calls f with a node and with what is below it, once each.
func (s sharing) nodes(n *Node, f func(*Node)) {
	f(n)
	if _, again := s.again(n.Children); again {
		return
	}
	for i := range n.Children {
		s.nodes(&n.Children[i], f)
	}
}

// different is how many nodes all requests have, those below several calls counted once.
func (b *systemBuilder) different() (n int) {
	seen := make(sharing)
	for p := range b.out.Parts() {
		seen.nodes(&p.Root, func(*Node) { n++ })
	}
	return n
}
