package registry

import (
	"regexp"
	"strings"

	"github.com/otelsim/otelsim/pkg/build/input"
)

// Lint holds a registry, which could be read, to what its users will be held to:
// names, namespaces, successors, what is used of what, and what the registries
// beside it define already. What is captured is nobody's choice, and held to nothing. All it
// finds are warnings.
func Lint(r, beside *Registry, p *input.Problems) {
	known := append([]*Registry{beside}, r.dependencies...)
	l := &linter{r: r, beside: beside, both: Layer(append(known, r)...), p: p}
	for _, a := range r.Attributes {
		if !a.Captured {
			l.attribute(a)
		}
	}
	for _, s := range r.Spans {
		l.signal("span", s.Type, s.Stability, s.Deprecated, s.Pos, s.Attributes, s.Entities)
		l.successor("span", s.Type, s.Deprecated, s.Pos, func(name string) bool { _, ok := l.both.Span(name); return ok }, l.both.NearestSpan)
	}
	for _, m := range r.Metrics {
		if m.Captured {
			continue
		}
		l.signal("metric", m.Name, m.Stability, m.Deprecated, m.Pos, m.Attributes, m.Entities)
		l.successor("metric", m.Name, m.Deprecated, m.Pos, func(name string) bool { _, ok := l.both.Metric(name); return ok }, l.both.NearestMetric)
	}
	for _, e := range r.Events {
		l.signal("event", e.Name, e.Stability, e.Deprecated, e.Pos, e.Attributes, e.Entities)
		l.successor("event", e.Name, e.Deprecated, e.Pos, func(name string) bool { _, ok := l.both.Event(name); return ok }, l.both.NearestEvent)
	}
	for _, e := range r.Entities {
		uses := append(e.Identity[:len(e.Identity):len(e.Identity)], e.Description...)
		l.signal("entity", e.Type, e.Stability, e.Deprecated, e.Pos, uses, nil)
		l.successor("entity", e.Type, e.Deprecated, e.Pos, func(name string) bool { _, ok := l.both.Entity(name); return ok }, l.both.NearestEntity)
	}
}

// linter holds one registry to the rules.
type linter struct {
	r, beside, both *Registry
	p               *input.Problems
	searched        budget
}

// wellFormed is the form of names: words of lower-case letters and digits, with
// dots between namespaces and underscores within.
var wellFormed = regexp.MustCompile(`^[a-z][a-z0-9]*([._][a-z0-9]+)*$`)

// nearest asks for the name that was meant.
func (l *linter) nearest(name string, find func(string) (string, bool)) (string, bool) {
	if !l.searched.spend(len(l.both.Attributes)) {
		return "", false
	}
	return find(name)
}

// name holds a name to its form.
func (l *linter) name(what, name string, pos input.Pos) {
	if wellFormed.MatchString(name) {
		return
	}
	near := repaired(name)
	warn(l.p, ruleFormat, pos, "%s %s is not of the form of names: lower case, dots between namespaces, underscores within%s",
		what, input.Quote(name), input.DidYouMean(near, wellFormed.MatchString(near)))
}

// repaired writes a name in lower case, with underscores in place of what no name has.
func repaired(name string) string {
	var b strings.Builder
	for i, c := range name {
		switch {
		case c >= 'A' && c <= 'Z':
			if i > 0 && name[i-1] >= 'a' && name[i-1] <= 'z' {
				b.WriteByte('_')
			}
			b.WriteRune(c + 'a' - 'A')
		case c == '-' || c == ' ' || c == '/':
			b.WriteByte('_')
		default:
			b.WriteRune(c)
		}
	}
	return b.String()
}

// attribute holds the definition of an attribute to the rules.
func (l *linter) attribute(a *Attribute) {
	quoted := input.Quote(a.Key)
	l.name("attribute", a.Key, a.Pos)
	l.successor("attribute", a.Key, a.Deprecated, a.Pos, func(key string) bool { _, ok := l.both.Attribute(key); return ok }, l.both.NearestAttribute)
	if !strings.Contains(a.Key, ".") && !a.Type.Template {
		warn(l.p, ruleNamespace, a.Pos, "attribute %s has no namespace: others may mean something else by it", quoted)
	}
	for prefix := a.Key; a.Deprecated == nil; {
		dot := strings.LastIndexByte(prefix, '.')
		if dot < 0 {
			break
		}
		prefix = prefix[:dot]
		if other, ok := l.both.index.attributes[prefix]; ok && other.Deprecated == nil && !other.Type.Template {
			warn(l.p, ruleCollision, a.Pos, "attribute %s is in a namespace that is an attribute too, %s at %v: stores of trees cannot hold both", quoted, input.Quote(prefix), other.Pos)
		}
	}
	if len(a.Type.Members) == 1 && len(a.Examples) == 0 && a.Deprecated == nil {
		warn(l.p, ruleExample, a.Pos, "attribute %s has one member and no examples: made telemetry has no other value", quoted)
	}
	l.foreign(a)
}

// foreign holds an attribute to what the registries beside this one say of its name.
func (l *linter) foreign(a *Attribute) {
	if strings.HasPrefix(l.r.SchemaURL, official) {
		return
	}
	known, ok := l.beside.Attribute(a.Key)
	space, _, _ := strings.Cut(a.Key, ".")
	switch {
	case ok && known.Type.Template && known.Key != a.Key:
	case ok && known.Type.String() != a.Type.String():
		warn(l.p, ruleType, a.Pos, "attribute %s is of type %s here and %s in OpenTelemetry's registry", input.Quote(a.Key), a.Type, known.Type)
	case !ok && l.beside.InNamespace(a.Key):
		warn(l.p, ruleExtends, a.Pos, "attribute %s is in OpenTelemetry's namespace %s, which may define it otherwise: names of one's own begin with a name of one's own",
			input.Quote(a.Key), input.Quote(space))
	}
}

// successor asks whether what something was renamed to is there.
func (l *linter) successor(what, name string, d *Deprecation, pos input.Pos, known func(string) bool, nearest func(string) (string, bool)) {
	if d == nil || d.Reason != Renamed || known(d.RenamedTo) {
		return
	}
	warn(l.p, ruleReference, pos, "%s %s is renamed to %s, which nothing defines%s",
		what, input.Quote(name), input.Quote(d.RenamedTo), input.DidYouMean(l.nearest(d.RenamedTo, nearest)))
}

// signal holds a span, a metric, an event or an entity to the rules.
func (l *linter) signal(what, name string, s Stability, d *Deprecation, pos input.Pos, uses []Use, entities []Association) {
	l.name(what, name, pos)
	l.associated(what, name, pos, entities)
	if d != nil {
		return
	}
	for _, u := range uses {
		a := u.Attribute
		if a.Deprecated != nil {
			hint := ""
			if next, ok := l.both.Successor(a.Key); ok {
				hint = "; use " + input.Quote(next)
			}
			warn(l.p, ruleDeprecated, u.Pos, "%s %s uses attribute %s, which is deprecated%s", what, input.Quote(name), input.Quote(a.Key), hint)
		}
		if s == Stable && a.Stability != Stable && a.Stability != Unstated && u.Level != OptIn {
			warn(l.p, ruleStability, u.Pos, "%s %s is stable and has attribute %s, %s, which is %s: only what is opt_in may be less settled",
				what, input.Quote(name), input.Quote(a.Key), u.Level, a.Stability)
		}
	}
}

// associated asks whether the entities that a signal is about are there.
func (l *linter) associated(what, name string, pos input.Pos, entities []Association) {
	for _, a := range entities {
		l.associated(what, name, pos, a.OneOf)
		l.associated(what, name, pos, a.AllOf)
		if _, ok := l.both.Entity(a.Entity); ok || a.Entity == "" {
			continue
		}
		warn(l.p, ruleReference, pos, "%s %s is about entity %s, which nothing defines%s",
			what, input.Quote(name), input.Quote(a.Entity), input.DidYouMean(l.nearest(a.Entity, l.both.NearestEntity)))
	}
}
