package stats

import (
	"cmp"
	"slices"

	"github.com/otelsim/otelsim/internal/text"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/profile"
)

// edges returns who calls whom: services by what their spans do, and addresses that
// spans of kind CLIENT or PRODUCER name below which there is none of another service.
func edges(p *profile.Profile) []Edge {
	type pair struct {
		from, to string
		address  bool
	}
	by := make(map[pair]*Edge)
	var order []*Edge
	of := func(from, to string, address bool) *Edge {
		k := pair{text.Clean(from), text.Clean(to), address}
		if by[k] == nil {
			by[k] = &Edge{From: k.from, To: k.to, Address: address}
			order = append(order, by[k])
		}
		return by[k]
	}
	for _, c := range classes(p) {
		answered := false
		for _, x := range c.Productions { // order-free: sums
			for _, g := range x.Groups {
				for _, run := range g {
					child := p.Classes[run.Class]
					if child == nil || child.Service == c.Service {
						continue
					}
					answered = true
					of(c.Service, child.Service, false).add(&run, child.Outcome != "", run.Together || len(g) > 1)
				}
			}
		}
		if asks := c.Kind == otlp.SpanKindClient || c.Kind == otlp.SpanKindProducer; asks && !answered && c.Target != "" {
			e := of(c.Service, c.Target, true)
			e.Calls += c.Spans
			if c.Outcome != "" {
				e.Errors += c.Spans
			}
		}
	}
	all := make([]Edge, 0, len(order))
	for _, e := range order {
		e.ErrorRate = share(e.Errors, e.Calls)
		all = append(all, *e)
	}
	slices.SortStableFunc(all, func(a, b Edge) int {
		return cmp.Or(cmp.Compare(b.Calls, a.Calls), cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To))
	})
	return all
}

// add counts the calls of a run.
func (e *Edge) add(run *profile.Run, failed, together bool) {
	n := whole(run.Counts)
	e.Calls += n
	if failed {
		e.Errors += n
	}
	if run.Async {
		e.Async += n
	} else if together {
		e.Parallel += n
	}
}
