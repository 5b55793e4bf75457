package conform

import (
	"strings"

	"github.com/otelsim/otelsim/pkg/build/semconv"
)

// naming knows what spans are called by the conventions in use: after their type,
// or by a template over what they carry.
type naming struct {
	c         *semconv.Conventions
	prefix    string
	templated bool // some type has a template
}

func newNaming(c *semconv.Conventions, prefix string) naming {
	n := naming{c: c, prefix: prefix}
	for i := range c.Spans {
		n.templated = n.templated || c.Spans[i].Template != nil
	}
	return n
}

// full is an attribute that the rules know, as telemetry should spell it: known
// is its name without a namespace.
func (n *naming) full(known string) string {
	if name, ok := n.c.Renamed(known); ok {
		return n.c.Rename(name, n.prefix)
	}
	for _, name := range slotNames {
		if name == known { // a standard's
			return known
		}
	}
	return n.prefix + "." + known
}

// emitted is the name of an attribute of the conventions, as telemetry should
// spell it.
func (n *naming) emitted(name string) string {
	if bare, _ := n.c.Bare(name); bare != name {
		return n.prefix + "." + bare
	}
	return name
}

// plainly reports whether spans of a type are called after it.
func (n *naming) plainly(bare string) bool {
	t, ok := n.c.Span(bare)
	return ok && t.Template == nil
}

// typeOf returns the type, without namespace, of a span that is not called after
// its type: what it says itself, else one of its kind whose template gives it its
// name. value returns a string that the span carries.
func (n *naming) typeOf(name string, kind uint8, class string, value func(attribute string) (string, bool)) (bare string, ok bool) {
	if t, ok := n.c.Span(class); ok {
		return t.Bare, true
	}
	for i := range n.c.Spans {
		t := &n.c.Spans[i]
		if t.Template == nil || !hasKind(t, kind) {
			continue
		}
		if want, ok := n.called(t, value); ok && want == name {
			return t.Bare, true
		}
	}
	return "", false
}

func hasKind(t *semconv.SpanType, kind uint8) bool {
	for _, k := range t.Kinds {
		if k == kind {
			return true
		}
	}
	return false
}

// called is the name that the template of a type gives a span, if it gives it
// one.
func (n *naming) called(t *semconv.SpanType, value func(attribute string) (string, bool)) (string, bool) {
	for _, a := range t.Template.Alternatives {
		if name, ok := n.filled(a, value); ok {
			return name, true
		}
	}
	return "", false
}

func (n *naming) filled(a semconv.NameAlternative, value func(attribute string) (string, bool)) (string, bool) {
	var b strings.Builder
	for i, p := range a {
		text := p.Text
		if p.Attribute != "" {
			v, ok := value(n.emitted(p.Attribute))
			if !ok {
				return "", false
			}
			text = v
		} else if i == 0 {
			text = n.emitted(text)
		}
		b.WriteString(text)
	}
	return b.String(), true
}
