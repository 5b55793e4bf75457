package stats

import (
	"cmp"
	"slices"
)

// Row is a line of the tree of services.
type Row struct {
	Name    string
	Address bool // no service, but what spans say they ask
	Depth   int
	Again   bool  // it stands above with what is below it
	Edge    *Edge // from the row that it stands below; nil: nothing calls it, or all that do stand below it
}

// node is a service or an address.
type node struct {
	name    string
	address bool
}

// Tree returns who calls whom as a tree: what nothing calls begins it, most spans
// first, and what is called by several stands where it is met first, with what is
// below it, and after that once for each that calls it.
func (r *Report) Tree() []Row {
	out := make(map[node][]*Edge)
	called := make(map[node]bool)
	for i := range r.Edges {
		e := &r.Edges[i]
		from, to := node{e.From, e.FromAddress}, node{e.To, e.Address}
		out[from] = append(out[from], e)
		if to != from {
			called[to] = true
		}
	}
	var rows []Row
	seen := make(map[node]bool)
	var walk func(n node, by *Edge, depth int)
	walk = func(n node, by *Edge, depth int) {
		again := seen[n] && len(out[n]) > 0
		rows = append(rows, Row{n.name, n.address, depth, again, by})
		if seen[n] {
			return
		}
		seen[n] = true
		for _, e := range out[n] {
			walk(node{e.To, e.Address}, e, depth+1)
		}
	}
	for _, s := range r.begin(called) {
		if n := (node{s.Name, false}); !seen[n] && len(out[n]) > 0 {
			walk(n, nil, 0)
		}
	}
	for i := range r.Edges { // of destinations that nobody is seen to send to
		if n := (node{r.Edges[i].From, r.Edges[i].FromAddress}); !seen[n] {
			walk(n, nil, 0)
		}
	}
	return rows
}

// begin returns the services in the order in which a tree may begin with them: those
// that nothing calls, then, since all of a cycle are called, those that begin traces.
func (r *Report) begin(called map[node]bool) []Service {
	all := slices.Clone(r.Services)
	rank := func(s *Service) int {
		switch {
		case !called[node{s.Name, false}]:
			return 0
		case s.Roots > 0:
			return 1
		}
		return 2
	}
	slices.SortStableFunc(all, func(a, b Service) int { return cmp.Or(cmp.Compare(rank(&a), rank(&b)), cmp.Compare(b.Roots, a.Roots)) })
	return all
}
