package scenario

import (
	"maps"
	"slices"
	"strings"

	"github.com/otelsim/otelsim/pkg/build/input"
	"github.com/otelsim/otelsim/pkg/build/vocab"
)

// bareType removes a namespace from a span type. Some bare names begin with
// what looks like a namespace (a2a.call), so the whole name is tried first.
func (l *loader) bareType(name string) (string, bool) {
	if l.isType(name) {
		return name, true
	}
	for _, prefix := range l.prefixes {
		if rest, ok := strings.CutPrefix(name, prefix+"."); ok && l.isType(rest) {
			return rest, true
		}
	}
	return "", false
}

func (l *loader) isType(name string) bool {
	t, ok := vocab.Find(name)
	return ok && !t.Made || slices.Contains(l.added, name)
}

// unknownType compares without the namespace, so that a typing mistake in a
// prefixed type finds its neighbour.
func (l *loader) unknownType(s string) string {
	candidates := append(vocab.Names(func(t vocab.Type) bool { return !t.Made }), l.added...)
	for _, prefix := range l.prefixes {
		if strings.HasPrefix(s, prefix+".") {
			for i := range candidates {
				candidates[i] = prefix + "." + candidates[i]
			}
			break
		}
	}
	return input.Unknown("span type", s, candidates)
}

// WarnUnusedTypes warns of the span types that conventions add and no tree has.
func WarnUnusedTypes(added map[string]input.Pos, definitions []Definition, p *input.Problems) {
	used := make(map[string]bool)
	for i := range definitions {
		if root := definitions[i].Root; root != nil {
			root.types(used)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(added)) {
		if !used[name] {
			p.Warnf(added[name], "span type %s has no effect: nothing makes spans of it by itself, and no tree has it", input.Quote(name))
		}
	}
}

// types takes note of the types of a tree.
func (n *Node) types(used map[string]bool) {
	used[n.Type] = true
	for i := range n.Children {
		n.Children[i].types(used)
	}
}
