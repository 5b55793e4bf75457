package otlp

// grouping is the order in which the items of a record are written: spans,
// metrics or log records, by resource, within that by scope, each in order of
// first appearance, and within a group in slice order. It is scratch memory of
// the appenders.
type grouping struct {
	resources  []resourceGroup
	scopes     []scopeGroup
	next       []uint32 // next[i] is the item after item i in its group
	ofResource []uint32 // 1 + the index into resources of each resource, or 0

	current         uint32 // the scope group of the last item
	resource, scope uint32 // and what it is of
}

type resourceGroup struct {
	resource    uint32
	first, last uint32 // scope groups
	maxScope    uint32
	items       uint32
}

type scopeGroup struct {
	scope       uint32
	first, last uint32 // items
	items       uint32
	next        uint32 // scope group of the same resource
}

// none ends a chain of the grouping.
const none = ^uint32(0)

// begin empties g for a record of so many items and resources. Then comes add
// for each item, in order, and end.
func (g *grouping) begin(items, resources int) {
	g.resources = g.resources[:0]
	g.scopes = g.scopes[:0]
	g.next = resize(g.next, items)
	g.ofResource = resize(g.ofResource, resources)
	clear(g.ofResource)
	g.current, g.resource, g.scope = none, none, none
}

// add puts item i into its group. It takes constant time for the few scopes
// that a resource has, and for any number of scopes that come in rising order,
// as they do from a Decoder.
func (g *grouping) add(i, resource, scope uint32) {
	g.next[i] = none
	if resource != g.resource || scope != g.scope || g.current == none {
		g.resource, g.scope = resource, scope
		g.current = g.group(resource, scope, i)
	}
	sg := &g.scopes[g.current]
	if sg.items > 0 {
		g.next[sg.last] = i
	}
	sg.last = i
	sg.items++
}

// end counts the items of each resource.
func (g *grouping) end() {
	for i := range g.resources {
		r := &g.resources[i]
		for j := r.first; j != none; j = g.scopes[j].next {
			r.items += g.scopes[j].items
		}
	}
}

// group returns the scope group of (resource, scope), making it for the item
// that is the first of it.
func (g *grouping) group(resource, scope, item uint32) uint32 {
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
	g.scopes = append(g.scopes, scopeGroup{scope: scope, first: item, next: none})
	return added
}

// resize returns s with length n and unspecified content.
func resize(s []uint32, n int) []uint32 {
	if cap(s) < n {
		return make([]uint32, n+n/2)[:n]
	}
	return s[:n]
}
