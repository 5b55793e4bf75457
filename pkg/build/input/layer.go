package input

import "slices"

// Bundled is the one name that the key extends may hold: of the file that comes
// with the program.
const Bundled = "bundled"

// Registry names the scenario of everything that a registry has.
const Registry = "registry"

// extendsKey is the key of a file's outermost mapping that lays it over another.
const extendsKey = "extends"

// layered returns the document of f, and where it says so, laid over the base of f.
// It returns nil when there is no usable base.
func layered(f File, root *Node, p *Problems) *Node {
	m := Map{Node: root, p: p}
	if f.Base == nil || root.Kind != Mapping || !m.Has(extendsKey) {
		return root
	}
	own := root.without(extendsKey)
	own.Layered = true
	if n := m.Get(extendsKey); n == nil {
		m.Fail(extendsKey, "empty, want %q", Bundled)
	} else if name, ok := n.Str(p); ok && name != Bundled {
		n.Fail(p, "found %s, want %q: a file is laid over the one that comes with the program, over no other", Quote(name), Bundled)
	}
	base := Load(*f.Base, p)
	if base == nil {
		return nil
	}
	return layer(base, own, p)
}

// LayOver returns the document own, which says what it extends, laid over another as
// files are laid over the bundled ones: see layer. less are keys of the other's
// outermost mapping that it does not take over.
func LayOver(base, own *Node, p *Problems, less ...string) *Node {
	over := own.without(extendsKey)
	over.Layered = true
	return layer(base.without(less...), over, p)
}

// without returns the mapping without some of its entries.
func (n *Node) without(keys ...string) *Node {
	out := *n
	out.entries = nil
	for _, e := range n.entries {
		if !slices.Contains(keys, e.Key) {
			out.entries = append(out.entries, e)
		}
	}
	return &out
}

// layer lays over on top of base: mappings merge key by key, a key without a value
// is taken away, anything else of over replaces what base has. Every node keeps the
// position that it has in its own file. Keys of base come first, in its order.
func layer(base, over *Node, p *Problems) *Node {
	if base.Kind != Mapping || over.Kind != Mapping {
		return over
	}
	if len(over.entries) == 0 && len(base.entries) > 0 && over.parent != nil {
		over.Warn(p, "has no effect: it is empty, and what it is laid over stays; a key without a value takes it away")
	}
	own := make(map[string]Entry, len(over.entries))
	for _, e := range over.entries {
		own[e.Key] = e
	}
	merged := *over
	merged.entries = nil
	names := make([]string, 0, len(base.entries))
	for _, e := range base.entries {
		names = append(names, e.Key)
		o, ok := own[e.Key]
		switch {
		case !ok:
			merged.entries = append(merged.entries, e)
		case o.Value.Kind == Null:
			merged.removed = append(merged.removed, o)
		default:
			o.Value = layer(e.Value, o.Value, p)
			merged.entries = append(merged.entries, o)
		}
		delete(own, e.Key)
	}
	for _, e := range over.entries {
		if _, ok := own[e.Key]; !ok {
			continue
		}
		if e.Value.Kind == Null && len(names) > 0 {
			p.Warnf(e.Pos, "nothing to take away: %s", Unknown("key", e.Key, names))
		}
		merged.entries = append(merged.entries, e) // what it means there, it means here
	}
	return &merged
}
