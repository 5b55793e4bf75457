package semconv

import (
	"slices"
	"strings"

	"github.com/otelsim/otelsim/pkg/build/input"
)

// NameTemplate says what spans of a type are called by what they carry: by the
// first of its alternatives of which a span has every attribute.
type NameTemplate struct {
	Pos          input.Pos
	Alternatives []NameAlternative
}

// NameAlternative is a name in pieces.
type NameAlternative []NamePiece

// NamePiece is literal text, or the value of an attribute in the file's spelling.
type NamePiece struct{ Text, Attribute string }

// String returns the alternative as it is written.
func (a NameAlternative) String() string {
	var b strings.Builder
	for _, p := range a {
		if p.Attribute != "" {
			b.WriteString("{" + p.Attribute + "}")
		} else {
			b.WriteString(p.Text)
		}
	}
	return b.String()
}

// String returns the first alternative, which is what spans are usually called.
func (t *NameTemplate) String() string { return t.Alternatives[0].String() }

// template reads the name of a span type: a template, or a list of them.
func (r *parser) template(m input.Map) *NameTemplate {
	n := m.Get("name")
	if n == nil {
		return nil
	}
	items := []*input.Node{n}
	if n.Kind == input.List {
		items, _ = n.List(r.p)
	}
	out := &NameTemplate{Pos: n.Pos}
	for _, item := range items {
		s, ok := item.Str(r.p)
		if !ok {
			continue
		}
		a, problem := namePieces(strings.TrimSpace(s))
		if problem != "" {
			item.Fail(r.p, "%s", problem)
			continue
		}
		if k := len(out.Alternatives); k > 0 && len(out.Alternatives[k-1]) == 1 && out.Alternatives[k-1][0].Attribute == "" {
			item.Fail(r.p, "is never used: the name before it needs no attribute")
			continue
		}
		out.Alternatives = append(out.Alternatives, a)
	}
	if len(out.Alternatives) == 0 {
		if len(items) == 0 {
			n.Fail(r.p, "empty")
		}
		return nil
	}
	return out
}

// namePieces splits a template at its braces.
func namePieces(s string) (out NameAlternative, problem string) {
	if s == "" {
		return nil, "empty"
	}
	for s != "" {
		text, rest, open := strings.Cut(s, "{")
		if strings.Contains(text, "}") {
			return nil, "a } without a { before it"
		}
		if text != "" {
			out = append(out, NamePiece{Text: text})
		}
		if !open {
			break
		}
		name, after, closed := strings.Cut(rest, "}")
		if name = strings.TrimSpace(name); !closed || name == "" || strings.Contains(name, "{") {
			return nil, "a { without an attribute and a } after it"
		}
		out = append(out, NamePiece{Attribute: name})
		s = after
	}
	return out, ""
}

// checkTemplates holds the attributes of templates to those that the spans have.
func (r *parser) checkTemplates() {
	c := r.c
	for i := range c.Spans {
		s := &c.Spans[i]
		if s.Template == nil {
			continue
		}
		var names, keys []string
		for _, a := range c.SpanAttributes(s.Bare) {
			names, keys = append(names, a.Name), append(keys, c.key(a.Name))
		}
		for _, a := range s.Template.Alternatives {
			for _, p := range a {
				if p.Attribute != "" && !slices.Contains(keys, c.key(p.Attribute)) {
					r.p.Errorf(s.Template.Pos, "span_names.%s.name: %s", s.Name, input.Unknown("attribute of "+c.sectionOf(s.Bare)+" or common_attributes", p.Attribute, names))
				}
			}
		}
	}
}
