package input

import (
	"slices"

	"gopkg.in/yaml.v3"
)

// expander turns the library's nodes into ours: aliases expanded, merge keys
// applied, duplicate keys reported, within the limits of depth and number. The
// library checks none of these when it decodes into nodes.
type expander struct {
	p       *Problems
	file    string
	limit   int // of nodes
	nodes   int
	active  []*yaml.Node // anchors whose aliases are being expanded
	outer   *yaml.Node   // the outermost of those aliases
	stopped bool         // a limit was passed
}

func (x *expander) pos(n *yaml.Node) Pos { return Pos{File: x.file, Line: n.Line, Column: n.Column} }

// stop reports the one problem that ends the expansion, at the alias that the
// document itself contains rather than deep inside what it stands for.
func (x *expander) stop(n *yaml.Node, format string, args ...any) {
	if x.stopped {
		return
	}
	if x.outer != nil {
		n = x.outer
	}
	x.p.Errorf(x.pos(n), format, args...)
	x.stopped = true
}

// node converts n. It returns nil after stop.
func (x *expander) node(n *yaml.Node, parent *Node, label string, depth int) *Node {
	if x.stopped {
		return nil
	}
	if n.Kind == yaml.AliasNode {
		return x.alias(n, parent, label, depth)
	}
	if x.nodes++; x.nodes > x.limit {
		x.stop(n, "more than %d values after expanding aliases", x.limit)
		return nil
	}
	out := &Node{Pos: x.pos(n), parent: parent, label: label}
	switch n.Kind {
	case yaml.MappingNode, yaml.SequenceNode:
		if depth++; depth > MaxDepth {
			x.stop(n, "nested deeper than %d levels", MaxDepth)
			return nil
		}
		if n.Tag != "!!map" && n.Tag != "!!seq" {
			x.p.Errorf(out.Pos, "tag %s is not supported", Quote(n.Tag))
		}
		if n.Kind == yaml.SequenceNode {
			x.list(out, n, depth)
		} else {
			x.mapping(out, n, depth)
		}
	default:
		x.scalar(out, n)
	}
	return out
}

func (x *expander) alias(n *yaml.Node, parent *Node, label string, depth int) *Node {
	if slices.Contains(x.active, n.Alias) {
		x.stop(n, "alias *%s stands inside its own anchor", n.Value)
		return nil
	}
	if x.outer == nil {
		x.outer = n
		defer func() { x.outer = nil }()
	}
	x.active = append(x.active, n.Alias)
	out := x.node(n.Alias, parent, label, depth)
	x.active = x.active[:len(x.active)-1]
	return out
}

func (x *expander) scalar(out *Node, n *yaml.Node) {
	out.text = n.Value
	out.plain = n.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle|yaml.LiteralStyle|yaml.FoldedStyle) == 0
	switch n.Tag {
	case "!!null":
		out.Kind = Null
	case "!!bool":
		out.Kind = Bool
	case "!!int":
		out.Kind = Int
	case "!!float":
		out.Kind = Float
	case "!!str", "!!timestamp", "!!merge":
		out.Kind = String
	default:
		out.Kind = String
		x.p.Errorf(out.Pos, "tag %s is not supported", Quote(n.Tag))
	}
}

func (x *expander) list(out *Node, n *yaml.Node, depth int) {
	out.Kind = List
	for i, item := range n.Content {
		child := x.node(item, out, indexLabel(i), depth)
		if x.stopped {
			return
		}
		out.items = append(out.items, child)
	}
}

func (x *expander) mapping(out *Node, n *yaml.Node, depth int) {
	out.Kind = Mapping
	lines := make(map[string]int, len(n.Content)/2)
	var merged []*yaml.Node
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		if key.Tag == "!!merge" {
			merged = append(merged, value)
			continue
		}
		k := x.node(key, nil, "", depth)
		if x.stopped {
			return
		}
		if k.Kind == List || k.Kind == Mapping {
			x.p.Errorf(x.pos(key), "found %s as a key, want a name", k.Describe())
			continue
		}
		child := x.node(value, out, k.text, depth)
		if x.stopped {
			return
		}
		if first, ok := lines[k.text]; ok {
			x.p.Errorf(x.pos(key), "duplicate key %s; the first is in line %d", Quote(k.text), first)
			continue
		}
		lines[k.text] = key.Line
		out.entries = append(out.entries, Entry{Key: k.text, Pos: x.pos(key), Name: k, Value: child})
	}
	for _, value := range merged {
		x.merge(out, value, lines, depth)
	}
}

// merge adds the entries of a merge key's value that out does not have: a
// mapping, or a list of mappings of which the earlier win.
func (x *expander) merge(out *Node, value *yaml.Node, taken map[string]int, depth int) {
	from := x.node(value, out, "<<", depth)
	if x.stopped {
		return
	}
	sources := []*Node{from}
	if from.Kind == List {
		sources = from.items
	}
	for _, source := range sources {
		if source.Kind != Mapping {
			x.p.Errorf(x.pos(value), "merge key << of %s, want a mapping or a list of mappings", source.Describe())
			return
		}
		for _, e := range source.entries {
			if _, ok := taken[e.Key]; ok {
				continue
			}
			taken[e.Key] = e.Pos.Line
			e.Value.parent = out
			out.entries = append(out.entries, e)
		}
	}
}
