package registry

import (
	"slices"
	"strings"

	"github.com/otelsim/otelsim/pkg/build/input"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// reader reads what all formats write alike.
type reader struct {
	p     *input.Problems
	lax   bool // a tool wrote the file: keys that later versions add are passed over
	prose bool // people wrote it: conditions are in words
}

// fail adds an error at a node, headed by its path.
func (r *reader) fail(n *input.Node, ru rule, format string, args ...any) {
	fail(r.p, ru, n.Pos, at(n)+format, args...)
}

// warn adds a warning at a node, headed by its path.
func (r *reader) warn(n *input.Node, ru rule, format string, args ...any) {
	warn(r.p, ru, n.Pos, at(n)+format, args...)
}

// at returns the path of a node as the head of a format.
func at(n *input.Node) string {
	if path := n.Path(); path != "" {
		return strings.ReplaceAll(path, "%", "%%") + ": "
	}
	return ""
}

// missing adds an error about a key that a mapping must have; more follows the word.
func missing(p *input.Problems, pos input.Pos, n *input.Node, key, more string) {
	if path := n.Path(); path != "" {
		key = path + "." + key
	}
	fail(p, ruleMissing, pos, "%s: missing%s", key, more)
}

// wants warns of keys without which Weaver does not read a definition.
func (r *reader) wants(m input.Map, keys ...string) {
	for _, key := range keys {
		if !m.Has(key) {
			r.warn(m.Node, ruleMissing, "%s is missing, without which Weaver does not read it", key)
		}
	}
}

// mapping reads a mapping with the given keys; of what a tool wrote, with any.
func (r *reader) mapping(n *input.Node, keys ...string) (input.Map, bool) {
	if r.lax {
		keys = nil
	}
	return n.Map(r.p, keys...)
}

// need reads a name that must be there.
func (r *reader) need(m input.Map, key string) string {
	n := m.Get(key)
	if n == nil {
		missing(r.p, m.At(key), m.Node, key, "")
		return ""
	}
	s, ok := n.Str(r.p)
	if s = strings.TrimSpace(s); ok && s == "" {
		r.fail(n, ruleMissing, "empty")
	}
	return s
}

// oneOf reads one of the names that a constant goes by, into the index of it.
func (r *reader) oneOf(n *input.Node, what string, names []string) (int, bool) {
	s, ok := n.Str(r.p)
	if !ok {
		return 0, false
	}
	i := slices.Index(names, strings.TrimSpace(s))
	if i < 0 || s == "" {
		r.fail(n, ruleForm, "%s", input.Unknown(what, s, slices.DeleteFunc(slices.Clone(names), func(s string) bool { return s == "" })))
		return 0, false
	}
	return i, true
}

// stability reads a stability; files of old say experimental for development.
func (r *reader) stability(n *input.Node) Stability {
	if n == nil {
		return Unstated
	}
	if s := strings.TrimSpace(n.Text()); n.Kind == input.String && s == "experimental" {
		return Development
	}
	if n.Kind == input.String && strings.TrimSpace(n.Text()) == "deprecated" {
		r.fail(n, ruleForm, "deprecated is no stability: write a key deprecated with a reason beside it")
		return Unstated
	}
	i, _ := r.oneOf(n, "stability", stabilityNames)
	return Stability(i)
}

// level reads a requirement level: a name, or a name with a condition.
func (r *reader) level(n *input.Node) (level Level, condition string, ok bool) {
	if n.Kind != input.Mapping {
		i, ok := r.oneOf(n, "requirement level", levelNames)
		if ok && r.prose && Level(i) == ConditionallyRequired {
			r.warn(n, ruleForm, "conditionally_required without its condition: write {conditionally_required: WHEN}")
		}
		return Level(i), "", ok
	}
	m, _ := n.Map(r.p)
	entries := m.Entries()
	if len(entries) != 1 {
		r.fail(n, ruleForm, "%d keys, want one: {conditionally_required: WHEN}, {recommended: WHEN} or {opt_in: WHEN}", len(entries))
		return 0, "", false
	}
	e := entries[0]
	i := slices.Index(levelNames, e.Key)
	if i < 0 || Level(i) == Required {
		fail(r.p, ruleForm, e.Pos, "%s%s", at(n), input.Unknown("requirement level with a condition", e.Key, levelNames[:3]))
		return 0, "", false
	}
	if e.Value.Kind != input.Null {
		condition, _ = e.Value.Str(r.p)
	}
	return Level(i), strings.Join(strings.Fields(condition), " "), true
}

// deprecated reads a deprecation; in files of old it is a text.
func (r *reader) deprecated(n *input.Node) *Deprecation {
	if n == nil {
		return nil
	}
	if n.Kind == input.String {
		return &Deprecation{Note: strings.Join(strings.Fields(n.Text()), " ")}
	}
	m, ok := r.mapping(n, "reason", "renamed_to", "note")
	if !ok {
		return nil
	}
	d := &Deprecation{RenamedTo: m.Str("renamed_to", ""), Note: strings.Join(strings.Fields(m.Str("note", "")), " ")}
	switch reason := m.Get("reason"); {
	case reason == nil:
		missing(r.p, n.Pos, n, "reason", "; want one of "+strings.Join(reasonNames, ", "))
		return d
	default:
		i, ok := r.oneOf(reason, "reason", reasonNames)
		if !ok {
			return d
		}
		d.Reason = Reason(i)
	}
	switch {
	case d.Reason == Renamed && d.RenamedTo == "":
		missing(r.p, n.Pos, n, "renamed_to", ": what is renamed has another name")
	case d.Reason != Renamed && d.RenamedTo != "":
		r.fail(m.Get("renamed_to"), ruleForm, "the reason is %s; write renamed when only the name is another, and say it in the note otherwise", d.Reason)
		d.RenamedTo = ""
	}
	return d
}

// associations reads which entities telemetry is about.
func (r *reader) associations(list []*input.Node) (out []Association) {
	for _, n := range list {
		if n.Kind == input.String {
			out = append(out, Association{Entity: strings.TrimSpace(n.Text())})
			continue
		}
		m, ok := r.mapping(n, "type", "ref", "one_of", "all_of", "provenance")
		if !ok {
			continue
		}
		var a Association
		said := 0
		for _, key := range []string{"type", "ref"} {
			if m.Has(key) {
				a.Entity, said = m.Str(key, ""), said+1
			}
		}
		if m.Has("one_of") {
			a.OneOf, said = r.associations(m.List("one_of")), said+1
		}
		if m.Has("all_of") {
			a.AllOf, said = r.associations(m.List("all_of")), said+1
		}
		if said != 1 {
			r.fail(n, ruleForm, "want the type of an entity, one_of or all_of, and one of them alone")
			continue
		}
		out = append(out, a)
	}
	return out
}

// notes are what annotations say that matters here.
type notes struct {
	excluded  bool // registries that depend on this one do not see it
	captured  bool // it says what telemetry has
	valueType Base // of a metric
	buckets   []float64
}

// annotations reads what matters of annotations, which may say anything.
func (r *reader) annotations(n *input.Node) notes {
	out := notes{valueType: Any}
	if n == nil {
		return out
	}
	m, _ := n.Map(r.p)
	if d, ok := inner(m, "dependency_resolution"); ok {
		if e := d.Get("exclude"); e != nil && e.Kind == input.Bool {
			out.excluded = e.Text() == "true"
		}
	}
	if c := m.Get("captured"); c != nil && c.Kind == input.Bool {
		out.captured = c.Text() == "true"
	}
	if c, ok := inner(m, "code_generation"); ok {
		switch t := c.Get("metric_value_type"); {
		case t == nil:
		case t.Text() == "int":
			out.valueType = Int
		case t.Text() == "double":
			out.valueType = Double
		}
	}
	if f, ok := inner(m, "facts"); ok {
		for _, b := range f.List("buckets") {
			if v, ok := b.Float(r.p); ok {
				out.buckets = append(out.buckets, v)
			}
		}
	}
	return out
}

// inner returns the mapping under a key, where there is one.
func inner(m input.Map, key string) (input.Map, bool) {
	if n := m.Get(key); n == nil || n.Kind != input.Mapping {
		return input.Map{}, false
	}
	return m.Map(key)
}

// kinds are the kinds of spans as files write them.
var kinds = map[string]uint8{
	"internal": otlp.SpanKindInternal, "server": otlp.SpanKindServer, "client": otlp.SpanKindClient,
	"producer": otlp.SpanKindProducer, "consumer": otlp.SpanKindConsumer,
}

// kind reads the kind of a span.
func (r *reader) kind(m input.Map, key string) uint8 {
	name := r.need(m, key)
	kind, ok := kinds[name]
	if !ok && name != "" {
		r.fail(m.Get(key), ruleForm, "%s", input.Unknown("kind of span", name, []string{"client", "consumer", "internal", "producer", "server"}))
	}
	return kind
}

// signalLevel reads whether instrumentations should make a signal.
func (r *reader) signalLevel(n *input.Node) Level {
	if n == nil {
		return Recommended
	}
	level, _, _ := r.level(n)
	return level
}
