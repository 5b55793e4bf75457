package semconv

import (
	"slices"
	"strings"

	"github.com/otelsim/otelsim/pkg/build/input"
	"github.com/otelsim/otelsim/pkg/build/vocab"
)

// vendor is the namespace that files may use in place of their own.
const vendor = "vendor"

// Bare removes the namespace of the conventions, "vendor" or one of the
// prefixes from a name, and reports whether there was one.
func (c *Conventions) Bare(name string, prefixes ...string) (string, bool) {
	first, rest, ok := strings.Cut(name, ".")
	if ok && first != "" && (first == c.Namespace || first == vendor || slices.Contains(prefixes, first)) {
		return rest, true
	}
	return name, false
}

// Rename replaces the namespace of the conventions or "vendor" in a name by
// the runtime prefix. Other names, those of the standards, stay.
func (c *Conventions) Rename(name, prefix string) string {
	if rest, ok := c.Bare(name); ok {
		return prefix + "." + rest
	}
	return name
}

// Type returns what the product knows of a span type without namespace. One that
// only the conventions define is a step of an agent: it fails when a child does.
func (c *Conventions) Type(bare string) vocab.Type {
	if t, ok := vocab.Find(bare); ok {
		return t
	}
	s, ok := c.Span(bare)
	if !ok {
		return vocab.Type{}
	}
	return vocab.Type{Name: bare, Kind: s.Kinds[0], Component: "orchestrator", Bare: s.Name == bare, Role: vocab.RoleTask,
		Latency: addedLatency, Phases: vocab.SlowedAndFailed}
}

// addedLatency is the mean duration of spans of an added type, in milliseconds.
const addedLatency = 100

// Added returns where the span types are defined that only the conventions know,
// by their names without namespace.
func (c *Conventions) Added() map[string]input.Pos {
	out := make(map[string]input.Pos)
	for _, s := range c.Spans {
		if _, ok := vocab.Find(s.Bare); !ok {
			out[s.Bare] = s.Pos
		}
	}
	return out
}

// SpanAttributes returns the definitions for spans of a type, named without
// namespace ("llm.call"): the common ones that apply to it, then those of its
// sections; a later definition replaces an earlier one of the same name, in
// the earlier one's place. The caller may change the slice.
func (c *Conventions) SpanAttributes(spanType string) []Attribute {
	var out []Attribute
	for _, a := range c.Common {
		if len(a.AppliesTo) == 0 || slices.Contains(a.AppliesTo, spanType) {
			out = append(out, a)
		}
	}
	typ := vocab.Of(spanType)
	out = c.merge(out, c.Section(c.sectionOf(spanType)))
	for _, more := range typ.Sections {
		out = c.merge(out, c.Section(more))
	}
	return out
}

// sectionOf is the section that defines what spans of a type carry, there or not.
func (c *Conventions) sectionOf(spanType string) string {
	own := strings.ReplaceAll(spanType, ".", "_") + "_attributes"
	if other := vocab.Of(spanType).Section; other != "" && c.Section(own) == nil {
		return other
	}
	return own
}

// merge adds definitions to a list. Names are compared without namespace.
func (c *Conventions) merge(list, more []Attribute) []Attribute {
	for _, a := range more {
		key := c.key(a.Name)
		at := slices.IndexFunc(list, func(b Attribute) bool { return c.key(b.Name) == key })
		if at < 0 {
			list = append(list, a)
		} else {
			list[at] = a
		}
	}
	return list
}

// key is a name as it is compared: all spellings of the one namespace alike,
// and apart from names without it.
func (c *Conventions) key(name string, prefixes ...string) string {
	if bare, ok := c.Bare(name, prefixes...); ok {
		return "*." + bare
	}
	return name
}
