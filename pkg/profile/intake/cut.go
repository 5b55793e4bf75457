package intake

// What is too long is cut down while it is loaded. A trace keeps its first items, in the
// order of Trace, and where it was cut is remembered: what comes later and stands behind
// that is left out too, so that the same stay whatever the order in which they come.

// boundOf says which items a bound is for.
type boundOf struct {
	group uint32
	log   bool
}

// bound is the first item that there was no room for.
type bound struct {
	item
	bytes []byte
}

// room returns as many items from the first on as a trace may have, at least one.
func (p *partition) room(list []uint32) []uint32 {
	total := 0
	for i, n := range list {
		total += int(p.items[n].bytes)
		if i > 0 && (i >= p.spans || total > p.limits.bytes) {
			return list[:i]
		}
	}
	return list
}

// cutDown takes from memory what there is no room for.
func (p *partition) cutDown() {
	p.sort()
	if cap(p.keep) < len(p.items) {
		p.keep = make([]bool, len(p.items))
	}
	p.keep = p.keep[:len(p.items)]
	clear(p.keep)
	for n := range p.ids {
		spans, logs, _ := p.trace(n)
		for _, i := range spans {
			p.keep[i] = true
		}
		for _, i := range logs {
			p.keep[i] = true
		}
	}
	for i := range p.items {
		if !p.keep[i] {
			p.bind(&p.items[i])
		}
	}
	kept, end := p.items[:0], 0
	for i := range p.items {
		if it := p.items[i]; p.keep[i] {
			b := p.of(&it)
			it.at = uint32(end)
			end += copy(p.data[end:], b)
			kept = append(kept, it)
		}
	}
	p.items, p.data = kept, p.data[:end]
}

// bind remembers an item that is left out, if it is the first such.
func (p *partition) bind(it *item) {
	if p.bounds == nil {
		p.bounds = make(map[boundOf]bound)
	}
	of, b := boundOf{it.group, it.log}, p.of(it)
	if old, ok := p.bounds[of]; !ok || p.compare(it, &old.item, b, old.bytes) < 0 {
		p.bounds[of] = bound{*it, clone(b)}
	}
}

// within reports whether an item stands before where its trace was cut.
func (p *partition) within(it *item) bool {
	old, ok := p.bounds[boundOf{it.group, it.log}]
	return !ok || p.compare(it, &old.item, p.of(it), old.bytes) < 0
}

// wasCut reports whether a trace was cut down.
func (p *partition) wasCut(group uint32) bool {
	_, spans := p.bounds[boundOf{group, false}]
	_, logs := p.bounds[boundOf{group, true}]
	return spans || logs
}
