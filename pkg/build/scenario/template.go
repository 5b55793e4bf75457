package scenario

import (
	"strings"

	"github.com/otelsim/otelsim/pkg/build/input"
)

// defaultsID is the template that all others of its kind build on.
const defaultsID = "_defaults"

// templates reads one kind of validation template, "_defaults" merged into
// each. outcomeKey is the attribute of the root span that says how the
// validation ends.
func (l *loader) templates(section input.Map, outcomeKey string, keys, rates []string) []Template {
	var out []Template
	base := section.Get(defaultsID)
	taken := make(map[string]input.Pos)
	for _, e := range section.Entries() {
		node := e.Value
		switch {
		case name(e.Key) == defaultsID || base == nil:
		case node.Kind == input.Null:
			node = base
		default:
			node = input.Merge(base, node)
		}
		m, ok := node.Map(l.p, keys...)
		if !ok {
			continue
		}
		own, _ := e.Value.Map(l.p)
		t := l.template(name(e.Key), m, own, outcomeKey, rates)
		t.Pos = e.Pos
		if e.Value.Kind == input.Mapping && t.ID != defaultsID {
			own, _ := e.Value.Map(l.p)
			l.idleParts(own, &t)
		}
		if t.ID != defaultsID && l.unique(taken, "template", t.ID, e.Pos) {
			out = append(out, t)
		}
	}
	return out
}

// template reads a template. own is what it says itself, m that with _defaults.
func (l *loader) template(id string, m, own input.Map, outcomeKey string, rates []string) Template {
	t := Template{ID: id, Outcome: outcomeOfID(id)}
	t.IncludePolicy = m.Bool("include_policy", true)
	t.IncludeAugmentation = m.Bool("include_augmentation", true)
	t.Root = l.part(m, "root")
	t.Payload = l.part(m, "payload", "validation_errors")
	t.Policy = l.part(m, "policy", "exception")
	t.Augmentation = l.part(m, "augmentation", "exception")

	root, _ := m.Map("root")
	if root.Get(outcomeKey) != nil {
		t.Outcome = outcome(root.OneOf(outcomeKey, outcomes[t.Outcome], outcomes...))
	}
	rate, _ := m.Map("error_rate", rates...)
	read := func(key string) float64 { return rate.Float(key, 0, 0, 1) }
	t.Root.ErrorRate = read("root")
	t.Payload.ErrorRate = read("payload")
	t.Policy.ErrorRate = read("policy")
	t.Augmentation.ErrorRate = read("augmentation")
	l.verdicts(&t, m, own, outcomeKey)
	return t
}

// part reads one span of a template: attributes, and the special keys that the
// span has.
func (l *loader) part(m input.Map, key string, special ...string) TemplatePart {
	var part TemplatePart
	section, ok := m.Map(key)
	if ok {
		part.Pos = section.Node.Pos
	}
	for _, e := range section.Entries() {
		if len(special) > 0 && e.Key == special[0] {
			continue
		}
		if e.Value.Kind == input.Null {
			continue
		}
		if v, ok := l.value(e.Value); ok {
			part.Attributes = append(part.Attributes, Attribute{Key: e.Key, Pos: e.Pos, Value: v})
		}
	}
	switch {
	case len(special) == 0:
	case special[0] == "exception":
		part.Exception = l.exception(section, "exception")
	default:
		for _, item := range section.List("validation_errors") {
			if f, ok := item.Map(l.p, findingKeys...); ok {
				part.Errors = append(part.Errors, ValidationError{Path: f.Need("path"), Rule: f.Need("rule"), Code: f.Need("code")})
			}
		}
	}
	return part
}

// exception reads the content of an exception event, nil when absent.
func (l *loader) exception(m input.Map, key string) *Exception {
	e, ok := m.Map(key, exceptionKeys...)
	if !ok {
		return nil
	}
	return &Exception{Type: e.Str("type", ""), Message: e.Str("message", "")}
}

// outcome returns the Outcome of a word that was checked.
func outcome(word string) Outcome {
	for i, o := range outcomes {
		if o == word {
			return Outcome(i)
		}
	}
	return Allowed
}

// outcomeOfID is what the id of a template says when its root does not.
func outcomeOfID(id string) Outcome {
	switch {
	case id == "error" || strings.HasPrefix(id, "error_"):
		return Failed
	case id == "blocked" || strings.HasPrefix(id, "blocked_"):
		return Blocked
	}
	return Allowed
}

// value reads a constant attribute value.
func (l *loader) value(n *input.Node) (Value, bool) {
	switch n.Kind {
	case input.String:
		return Value{Kind: String, Str: n.Text()}, true
	case input.Bool:
		b, ok := n.Bool(l.p)
		return Value{Kind: Bool, Bool: b}, ok
	case input.Int:
		i, ok := n.Int(l.p)
		return Value{Kind: Int, Int: i}, ok
	case input.Float:
		f, ok := n.Float(l.p)
		return Value{Kind: Double, Double: f}, ok
	}
	n.Fail(l.p, "found %s, want a string, a number or a boolean", n.Describe())
	return Value{}, false
}
