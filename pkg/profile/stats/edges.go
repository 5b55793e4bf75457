package stats

import (
	"cmp"
	"maps"
	"slices"

	"github.com/otelsim/otelsim/internal/text"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/profile"
)

// edges returns who calls whom: services by what their spans do, and what spans of kind
// CLIENT or PRODUCER say they ask where no span of another service is below them.
func edges(p *profile.Profile) []Edge {
	g := &grapher{p: p, asks: make(map[profile.ClassID]bool), by: make(map[Edge]*Edge), services: make(map[string]bool)}
	for _, c := range classes(p) {
		g.services[text.Clean(c.Service)] = true
	}
	for _, id := range slices.Sorted(maps.Keys(p.Classes)) {
		c, unanswered := p.Classes[id], p.Classes[id].Spans
		for _, x := range c.Productions { // order-free: sums
			switch direct, below := g.production(c, x); {
			case direct: // whom spans of a class ask is the same for all of them
				unanswered = 0
			case below:
				unanswered -= min(x.Spans, unanswered)
			}
		}
		if asker(c) && unanswered > 0 {
			to := text.Clean(c.Target)
			e := g.edge(text.Clean(c.Service), to, !g.services[to])
			e.Calls += unanswered
			if c.Outcome != "" {
				e.Errors += unanswered
			}
		}
	}
	for _, c := range classes(p) {
		g.messages(c)
	}
	order := g.order
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

// grapher collects edges.
type grapher struct {
	p        *profile.Profile
	services map[string]bool
	asks     map[profile.ClassID]bool // whether spans of a class, or some below them, ask somebody
	by       map[Edge]*Edge           // by their ends
	order    []*Edge
}

func (g *grapher) edge(from, to string, address bool) *Edge {
	k := Edge{From: from, To: to, Address: address}
	if g.by[k] == nil {
		e := k
		g.by[k] = &e
		g.order = append(g.order, &e)
	}
	return g.by[k]
}

// messages counts what spans of kind CONSUMER that begin traces have received, by the
// destination that they name.
func (g *grapher) messages(c *profile.Class) {
	a := c.Attributes["messaging.destination.name"]
	if c.Kind != otlp.SpanKindConsumer || c.Roots < c.Spans || a == nil {
		return
	}
	for _, v := range a.Values.Kept() {
		k := Edge{From: text.Clean(v.Text), FromAddress: true, To: text.Clean(c.Service)}
		if g.services[k.From] {
			continue
		}
		e := g.by[k]
		if e == nil {
			e = &Edge{From: k.From, FromAddress: true, To: k.To}
			g.by[k] = e
			g.order = append(g.order, e)
		}
		e.Calls += v.Count
		e.Async += v.Count
		if c.Outcome != "" {
			e.Errors += v.Count
		}
	}
}

// asker reports whether spans of a class say whom they ask.
func asker(c *profile.Class) bool {
	return c.Target != "" && (c.Kind == otlp.SpanKindClient || c.Kind == otlp.SpanKindProducer)
}

// production counts the calls of spans that do the same, and reports whether a span of
// another service is a child of theirs, and whether one below them asks.
func (g *grapher) production(c *profile.Class, x *profile.Production) (direct, below bool) {
	for _, group := range x.Groups {
		for _, run := range group {
			child := g.p.Classes[run.Class]
			switch {
			case child == nil:
			case child.Service != c.Service:
				direct = true
				g.edge(text.Clean(c.Service), text.Clean(child.Service), false).add(&run, child.Outcome != "", run.Together || len(group) > 1)
			case g.below(run.Class, child):
				below = true
			}
		}
	}
	return direct, below
}

// below reports whether spans of a class ask somebody, or some below them do.
func (g *grapher) below(id profile.ClassID, c *profile.Class) bool {
	if asks, known := g.asks[id]; known {
		return asks
	}
	g.asks[id] = asker(c)             // classes below each other are never the same
	for _, x := range c.Productions { // order-free: any
		for _, group := range x.Groups {
			for _, run := range group {
				if child := g.p.Classes[run.Class]; child != nil && (child.Service != c.Service || g.below(run.Class, child)) {
					g.asks[id] = true
				}
			}
		}
	}
	return g.asks[id]
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
