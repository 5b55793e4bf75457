package otlp

// grouping is the order in which the spans of a Traces are written: by
// resource, within that by scope, each in order of first appearance, and
// within a group in slice order. It is scratch memory of the appenders.
type grouping struct {
	resources  []resourceGroup
	scopes     []scopeGroup
	next       []uint32 // next[i] is the span after span i in its group
	ofResource []uint32 // 1 + the index into resources of each resource, or 0
}

type resourceGroup struct {
	resource    uint32
	first, last uint32 // scope groups
	maxScope    uint32
	spans       uint32
}

type scopeGroup struct {
	scope       uint32
	first, last uint32 // spans
	spans       uint32
	next        uint32 // scope group of the same resource
}

// none ends a chain of the grouping.
const none = ^uint32(0)

// build groups the spans of t. It is linear in them for the few scopes that a
// resource has, and for any number of scopes that come in rising order, as
// they do from a Decoder.
func (g *grouping) build(t *Traces) {
	g.resources = g.resources[:0]
	g.scopes = g.scopes[:0]
	g.next = resize(g.next, len(t.Spans))
	g.ofResource = resize(g.ofResource, len(t.Resources))
	clear(g.ofResource)
	current, resource, scope := none, none, none
	for i := range t.Spans {
		s := &t.Spans[i]
		g.next[i] = none
		if s.Resource != resource || s.Scope != scope || current == none {
			resource, scope = s.Resource, s.Scope
			current = g.group(resource, scope, uint32(i))
		}
		sg := &g.scopes[current]
		if sg.spans > 0 {
			g.next[sg.last] = uint32(i)
		}
		sg.last = uint32(i)
		sg.spans++
	}
	for i := range g.resources {
		r := &g.resources[i]
		for j := r.first; j != none; j = g.scopes[j].next {
			r.spans += g.scopes[j].spans
		}
	}
}

// group returns the scope group of (resource, scope), making it for the span
// that is the first of it.
func (g *grouping) group(resource, scope, span uint32) uint32 {
	added := uint32(len(g.scopes))
	at := g.ofResource[resource]
	if at == 0 {
		g.resources = append(g.resources, resourceGroup{resource: resource, first: added, last: added, maxScope: scope})
		g.ofResource[resource] = uint32(len(g.resources))
	} else {
		r := &g.resources[at-1]
		if scope <= r.maxScope {
			for j := r.first; j != none; j = g.scopes[j].next {
				if g.scopes[j].scope == scope {
					return j
				}
			}
		}
		r.maxScope = max(r.maxScope, scope)
		g.scopes[r.last].next = added
		r.last = added
	}
	g.scopes = append(g.scopes, scopeGroup{scope: scope, first: span, next: none})
	return added
}

// resize returns s with length n and unspecified content.
func resize(s []uint32, n int) []uint32 {
	if cap(s) < n {
		return make([]uint32, n+n/2)[:n]
	}
	return s[:n]
}
