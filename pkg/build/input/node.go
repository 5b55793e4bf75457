package input

import (
	"fmt"
	"strconv"
	"strings"
)

// Kind is what a Node holds.
type Kind uint8

// The kinds of nodes.
const (
	Null Kind = iota
	Bool
	Int
	Float
	String
	List
	Mapping
)

// Node is one value of a document, with its position. Aliases and merge keys
// are resolved: a Node that stands behind an alias has the position of its
// anchor and the path of its use.
type Node struct {
	Kind    Kind
	Pos     Pos
	Layered bool // the document is laid over the base of its file

	text    string // of a scalar, as written
	plain   bool   // written without quotes
	entries []Entry
	removed []Entry // of what the mapping is laid over
	items   []*Node

	parent *Node
	label  string // key or [index] within parent
}

// Entry is one entry of a mapping.
type Entry struct {
	Key   string
	Pos   Pos   // of the key
	Name  *Node // the key, with the type it was written as
	Value *Node
}

// Text returns a scalar as it was written, without quotes; "" for others.
func (n *Node) Text() string { return n.text }

// Path returns where the node stands in its document: "root.children[1].type".
func (n *Node) Path() string {
	if n.parent == nil {
		return ""
	}
	path, label := n.parent.Path(), n.label
	if len(label) > maxQuoted { // a path is made for each message: long keys would make it costly
		label = strings.ToValidUTF8(label[:maxQuoted], "") + "..."
	}
	if path == "" || n.parent.Kind == List {
		return path + label
	}
	return path + "." + label
}

// Describe says what the node is, for messages: `string "x"`, "a list".
func (n *Node) Describe() string {
	switch n.Kind {
	case Bool:
		return "boolean " + n.text
	case Int:
		return "integer " + n.text
	case Float:
		return "number " + n.text
	case String:
		return "string " + Quote(n.text)
	case List:
		return "a list"
	case Mapping:
		return "a mapping"
	default:
		return "nothing"
	}
}

// Fail adds an error at the node, headed by its path.
func (n *Node) Fail(p *Problems, format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	if path := n.Path(); path != "" {
		text = path + ": " + text
	}
	p.Errorf(n.Pos, "%s", text)
}

// Warn adds a warning at the node, headed by its path.
func (n *Node) Warn(p *Problems, format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	if path := n.Path(); path != "" {
		text = path + ": " + text
	}
	p.Warnf(n.Pos, "%s", text)
}

// mismatch reports a value of the wrong type.
func (n *Node) mismatch(p *Problems, want string) {
	n.Fail(p, "found %s, want %s", n.Describe(), want)
}

// Merge lays over on top of base: mappings merge key by key, anything else of
// over replaces what base has. Neither argument is changed.
func Merge(base, over *Node) *Node {
	if base == nil || base.Kind != Mapping || over.Kind != Mapping {
		return over
	}
	merged := *over
	merged.entries = nil
	taken := make(map[string]*Node, len(over.entries))
	for _, e := range over.entries {
		taken[e.Key] = e.Value
	}
	for _, e := range base.entries {
		if value, ok := taken[e.Key]; ok {
			e.Value = Merge(e.Value, value)
			delete(taken, e.Key)
		}
		merged.entries = append(merged.entries, e)
	}
	for _, e := range over.entries {
		if _, ok := taken[e.Key]; ok {
			merged.entries = append(merged.entries, e)
		}
	}
	return &merged
}

func indexLabel(i int) string { return "[" + strconv.Itoa(i) + "]" }
