package conform

import (
	"cmp"
	"slices"
	"strings"

	"github.com/otelsim/otelsim/pkg/build/registry"
	"github.com/otelsim/otelsim/pkg/build/semconv"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// keyInfo is what is known of an attribute's name.
type keyInfo struct {
	name   string
	number int  // of the canonical name: its slot, or at least numSlots
	spelt  bool // in the one namespace, or rightly without
	bare   bool // not spelt because it lacks the namespace
	fact   fact

	looked  bool                // the registry was asked
	defined *registry.Attribute // by the registry; nil: it is not
	rule    string              // that the name itself breaks; may be empty
	problem string              // and how
}

// spanRules are what the conventions say of one span name.
type spanRules struct {
	name     string
	bare     string // without namespace
	class    class
	spec     *spanClass // of class
	known    bool
	spelt    bool // with the namespace, or rightly without
	typ      semconv.SpanType
	kept     bool                 // remembered: definitions are worth keeping, too
	defs     []*semconv.Attribute // by number of the name; nil: not looked up; &undefined: none
	required []int                // numbers of the names
	defined  [numSlots]bool       // by the conventions, for spans of the type
}

// resourceRules are what the conventions say of resources.
type resourceRules struct {
	defs     []*semconv.Attribute
	required []int
	session  bool // they list the session
}

var undefined semconv.Attribute

// forget drops all that was looked up by number.
func (k *Checker) forget() {
	k.canon = make(map[string]*keyInfo)
	k.numbers = int(numSlots)
	clear(k.spans)
	clear(k.types)
	clear(k.names)
	clear(k.keys)
	k.own, k.services = resourceRules{}, nil
	for _, a := range k.c.Resource {
		if a.Level == semconv.Required {
			k.own.required = append(k.own.required, k.number(k.keyOf(a.Name)))
		}
	}
	k.own.required = appendNew(k.own.required, int(slotTenant))
	k.own.session = slices.ContainsFunc(k.c.Resource, func(a semconv.Attribute) bool {
		return k.number(k.keyOf(a.Name)) == int(slotSession)
	})
	if k.own.session {
		k.own.required = appendNew(k.own.required, int(slotSession))
	}
}

// number returns the number of a canonical name.
func (k *Checker) number(canonical string) int {
	return k.canonical(canonical).number
}

func (k *Checker) canonical(canonical string) *keyInfo {
	if i, ok := k.canon[canonical]; ok {
		return i
	}
	i := &keyInfo{name: canonical}
	if s := slices.Index(k.slots[:], canonical); s > 0 {
		i.number = s
	} else {
		i.number = k.numbers
		k.numbers++
	}
	k.canon[canonical] = i
	return i
}

// keyOf is a name as it is compared: an asterisk stands for the one namespace,
// whatever its spelling.
func (k *Checker) keyOf(name string, prefixes ...string) string {
	if bare, ok := k.c.Bare(name, prefixes...); ok {
		return "*." + bare
	}
	return name
}

// emitted is a canonical name as telemetry should spell it.
func (k *Checker) emitted(canonical string) string {
	if rest, ok := strings.CutPrefix(canonical, "*."); ok {
		return k.prefix + "." + rest
	}
	return canonical
}

// key returns what is known of a name of the record's table.
func (k *Checker) key(id otlp.StringID) *keyInfo {
	if i := k.keys[id]; i != nil {
		return i
	}
	name := k.strings.String(id)
	canonical := k.keyOf(name, k.prefix)
	i := &keyInfo{name: name, spelt: true, fact: factOf(name)}
	if canonical != name {
		i.spelt = strings.HasPrefix(name, k.prefix+".")
	} else if k.lacksNamespace(name) {
		canonical, i.spelt, i.bare = "*."+name, false, true
	}
	i.number = k.number(canonical)
	k.keys[id] = i
	return i
}

// lacksNamespace reports whether a name is defined with the namespace only.
func (k *Checker) lacksNamespace(name string) bool {
	if _, ok := k.dict.Lookup(name); ok || slices.Contains(k.slots[:], name) {
		return false
	}
	_, ok := k.dict.Lookup(k.prefix + "." + name)
	return ok
}

// nameRules returns what the conventions say of a span name.
func (k *Checker) nameRules(id otlp.StringID) *spanRules {
	if r := k.names[id]; r != nil {
		return r
	}
	name := k.strings.String(id)
	r, ok := k.spans[name]
	if !ok {
		r = k.rules(name)
		if len(k.spans) < maxRemembered {
			r.kept = true
			k.spans[name] = r
		}
	}
	k.names[id] = r
	return r
}

// rulesFor returns what the conventions say of a span of the record: by its name,
// or, where names are made of what spans carry, by its type.
func (k *Checker) rulesFor(t *otlp.Traces, s *otlp.Span) *spanRules {
	r := k.nameRules(s.Name)
	if !k.naming.templated || r.known && r.typ.Template == nil {
		return r
	}
	class := ""
	for i := s.Attrs.Start; i < s.Attrs.End; i++ {
		if a := &t.Attrs[i]; k.key(a.Key).number == int(slotClass) && (a.Kind == otlp.KindString || a.Kind == otlp.KindText) {
			class = k.string(t, a)
			break
		}
	}
	bare, ok := k.naming.typeOf(r.name, s.Kind, class, func(name string) (string, bool) { return textAttr(t, s.Attrs, name) })
	if !ok {
		return r
	}
	of, ok := k.types[bare]
	if !ok {
		def, _ := k.c.Span(bare)
		of = k.rules(k.naming.emitted(def.Name))
		of.kept = true
		k.types[bare] = of
	}
	return of
}

// textAttr returns the string that a list of attributes has under a name.
func textAttr(t *otlp.Traces, list otlp.Range, name string) (string, bool) {
	for i := list.Start; i < list.End; i++ {
		a := &t.Attrs[i]
		if (a.Kind == otlp.KindString || a.Kind == otlp.KindText) && t.Strings.String(a.Key) == name {
			return valueText(t, a), true
		}
	}
	return "", false
}

// named judges what a span is called, where a template says it.
func (k *Checker) named(i int) {
	t := k.record.t
	s, rules := &t.Spans[i], k.record.spans[i].rules
	if rules.typ.Template == nil {
		if name := t.Strings.String(s.Name); name != rules.name {
			k.fail(i, "span-name", "a span of type %s is called %q, want %q", rules.bare, name, rules.name)
		}
		return
	}
	want, ok := k.naming.called(&rules.typ, func(name string) (string, bool) { return textAttr(t, s.Attrs, name) })
	if name := t.Strings.String(s.Name); !ok || want != name {
		k.fail(i, "span-name", "a span of type %s is called %q, want %q", rules.bare, name, cmp.Or(want, rules.typ.Template.String()))
	}
}

// spanClassKey is the attribute that names the type of a span.
const spanClassKey = "*.span.class"

func (k *Checker) rules(name string) *spanRules {
	bare := name
	if classOf(name) == otherClass {
		bare, _ = k.c.Bare(name, k.prefix)
	}
	r := &spanRules{name: name, bare: bare, class: classOf(bare)}
	r.spec = specOf(r.class, bare)
	r.typ, r.known = k.c.Span(bare)
	if !r.known && r.class == otherClass && bare != name {
		if t, ok := k.c.Span(name); ok { // one that the conventions name without namespace
			r.typ, r.known, r.bare, bare = t, true, name, name
		}
	}
	r.spelt = k.nameIsSpelt(r)
	k.requires(r)
	return r
}

// requires fills in what spans of a type must carry.
func (k *Checker) requires(r *spanRules) {
	bare := r.bare
	for _, def := range k.c.SpanAttributes(bare) {
		n := k.number(k.keyOf(def.Name))
		if n < int(numSlots) {
			r.defined[n] = true
		}
		if def.Level == semconv.Required {
			r.required = appendNew(r.required, n)
		}
	}
	if r.class == otherClass {
		return
	}
	for _, canonical := range append([]string{spanClassKey}, r.spec.required...) {
		if k.c.LeavesOut(bare, strings.TrimPrefix(canonical, "*.")) {
			continue
		}
		canonical = k.called(canonical)
		if def, ok := k.dict.Lookup(k.emitted(canonical)); canonical == spanClassKey && ok && r.spec.bare && !def.Allows(r.bare) {
			continue // a list that is closed to the bare types: they leave it out
		} else if ok || !k.Lenient {
			r.required = appendNew(r.required, k.number(canonical))
		}
	}
}

// nameIsSpelt reports whether a span name has the one namespace, or, for the
// types that stay bare and those that the conventions write so, none.
func (k *Checker) nameIsSpelt(r *spanRules) bool {
	if r.class != otherClass && r.spec.bare {
		return r.name == r.bare
	}
	prefixed := r.name == k.prefix+"."+r.bare
	if r.class == otherClass {
		return prefixed || r.name == r.bare
	}
	return prefixed
}

func appendNew(list []int, more ...int) []int {
	for _, n := range more {
		if !slices.Contains(list, n) {
			list = append(list, n)
		}
	}
	return list
}

// definition returns the definition of an attribute for a span, or nil.
func (k *Checker) definition(r *spanRules, key *keyInfo) *semconv.Attribute {
	def := at(r.defs, key.number)
	if def == nil {
		def = &undefined
		if d, ok := k.dict.OnSpan(r.bare, k.emitted(k.keyOf(key.name, k.prefix))); ok {
			def = &d
		} else if key.bare {
			if d, ok := k.dict.OnSpan(r.bare, k.prefix+"."+key.name); ok {
				def = &d
			}
		}
		if r.kept && key.number < maxRemembered {
			r.defs = put(r.defs, key.number, def)
		}
	}
	if def == &undefined {
		return nil
	}
	return def
}

func at(list []*semconv.Attribute, i int) *semconv.Attribute {
	if i < len(list) {
		return list[i]
	}
	return nil
}

func put(list []*semconv.Attribute, i int, a *semconv.Attribute) []*semconv.Attribute {
	if i >= len(list) {
		list = append(list, make([]*semconv.Attribute, i+1-len(list))...)
	}
	list[i] = a
	return list
}
