package learn

// edge is a call of one path by another one.
type edge struct{ from, to uint64 }

// findEdges counts the traces in which spans of a path call what enters a service. Of what
// stands within a service its class says where that is, and enough traces have it.
func (g *grammar) findEdges() {
	g.edges = make(map[edge]uint64)
	for _, c := range g.p.Classes { // order-free: sums
		for _, p := range c.Productions { // order-free: sums
			once := make(map[edge]bool)
			for _, group := range p.Groups {
				for _, r := range group {
					if child := g.p.Classes[r.Class]; child != nil && child.Above == 0 {
						once[edge{c.Path, child.Path}] = true
					}
				}
			}
			for e := range once { // order-free: sums
				g.edges[e] += p.Traces
			}
		}
	}
}
