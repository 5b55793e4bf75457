package semconv

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// Checker holds emitted telemetry to the conventions. It remembers what it has
// looked up and is not safe for concurrent use.
type Checker struct {
	c      *Conventions
	dict   *Dictionary
	prefix string
	spans  map[string]*spanRules
}

// maxRemembered bounds what hostile telemetry can make a checker remember.
const maxRemembered = 10_000

// spanRules are what the conventions say of one span name.
type spanRules struct {
	known    bool
	bare     string
	defs     map[string]*Attribute // by emitted name, nil when there is none
	required []string              // emitted names
}

// NewChecker returns a checker for telemetry with the given runtime prefix.
func (c *Conventions) NewChecker(prefix string) *Checker {
	return &Checker{c: c, dict: c.Dictionary(prefix), prefix: prefix, spans: make(map[string]*spanRules)}
}

// Traces reports everything in t that the conventions do not allow: span types
// and attributes that they do not define, values of another type or outside of
// the allowed set, required attributes that are missing. span is an index into
// t.Spans; findings come in order of the spans.
func (k *Checker) Traces(t *otlp.Traces, report func(span int, text string)) {
	for i := range t.Spans {
		k.span(t, &t.Spans[i], true, func(format string, args ...any) {
			report(i, fmt.Sprintf(format, args...))
		})
	}
}

// Values reports only what Traces reports of the values of attributes that the
// conventions define. Telemetry that carries more than they do, or less, is
// its maker's business.
func (k *Checker) Values(t *otlp.Traces, report func(span int, text string)) {
	for i := range t.Spans {
		k.span(t, &t.Spans[i], false, func(format string, args ...any) {
			report(i, fmt.Sprintf(format, args...))
		})
	}
}

func (k *Checker) span(t *otlp.Traces, s *otlp.Span, all bool, fail func(format string, args ...any)) {
	name := t.Strings.String(s.Name)
	rules := k.rules(name)
	if all && !rules.known {
		fail("span type %s is not defined", name)
		return
	}
	k.attributes(t, s.Attrs, rules, all, fail)
	for _, e := range t.Events[s.Events.Start:s.Events.End] {
		k.attributes(t, e.Attrs, rules, all, fail)
	}
	if !all {
		return
	}
	for _, want := range rules.required {
		if !carries(t, s.Attrs, want) {
			fail("attribute %s is required", want)
		}
	}
}

func (k *Checker) attributes(t *otlp.Traces, r otlp.Range, rules *spanRules, all bool, fail func(format string, args ...any)) {
	for i := range t.Attrs[r.Start:r.End] {
		a := &t.Attrs[int(r.Start)+i]
		key := t.Strings.String(a.Key)
		def := k.definition(rules, key)
		if def == nil {
			if all {
				fail("attribute %s is not defined", key)
			}
			continue
		}
		if !def.Type.holds(a.Kind) {
			fail("attribute %s is not of type %s", key, def.Type)
			continue
		}
		if len(def.Allowed) > 0 {
			k.value(t, a, key, def, fail)
		}
	}
}

// value checks a value, or each element of a list, against the allowed ones.
func (k *Checker) value(t *otlp.Traces, a *otlp.Attr, key string, def *Attribute, fail func(format string, args ...any)) {
	if a.Kind == otlp.KindArray {
		r := otlp.UnpackRange(a.Word)
		for i := r.Start; i < r.End; i++ {
			k.value(t, &t.Attrs[i], key, def, fail)
		}
		return
	}
	if text := valueText(t, a); !def.Allows(text) {
		fail("attribute %s has the value %q, allowed are %s", key, text, strings.Join(def.Allowed, ", "))
	}
}

// rules returns what the conventions say of a span name.
func (k *Checker) rules(name string) *spanRules {
	if r, ok := k.spans[name]; ok {
		return r
	}
	bare := strings.TrimPrefix(name, k.prefix+".")
	r := &spanRules{bare: bare, defs: make(map[string]*Attribute)}
	_, r.known = k.c.Span(bare)
	for _, def := range k.c.SpanAttributes(bare) {
		if def.Level == Required {
			r.required = append(r.required, k.c.Rename(def.Name, k.prefix))
		}
	}
	if len(k.spans) < maxRemembered {
		k.spans[name] = r
	}
	return r
}

func (k *Checker) definition(r *spanRules, key string) *Attribute {
	def, ok := r.defs[key]
	if !ok {
		if d, found := k.dict.OnSpan(r.bare, key); found {
			def = &d
		}
		if len(r.defs) < maxRemembered {
			r.defs[key] = def
		}
	}
	return def
}

// holds reports whether values of the kind are of the type.
func (t Type) holds(kind otlp.Kind) bool {
	switch t {
	case String:
		return kind == otlp.KindString || kind == otlp.KindText
	case Int:
		return kind == otlp.KindInt
	case Boolean:
		return kind == otlp.KindBool
	case Double:
		return kind == otlp.KindDouble
	case StringArray:
		return kind == otlp.KindArray
	}
	return true
}

// carries reports whether the range has an attribute of that key.
func carries(t *otlp.Traces, r otlp.Range, key string) bool {
	id, ok := t.Strings.Lookup(key)
	if !ok {
		return false
	}
	for _, a := range t.Attrs[r.Start:r.End] {
		if a.Key == id {
			return true
		}
	}
	return false
}

// valueText spells a scalar as conventions files do.
func valueText(t *otlp.Traces, a *otlp.Attr) string {
	switch a.Kind {
	case otlp.KindString:
		return t.Strings.String(otlp.StringID(a.Word))
	case otlp.KindText:
		r := otlp.UnpackRange(a.Word)
		return string(t.Text[r.Start:r.End])
	case otlp.KindInt:
		return strconv.FormatInt(int64(a.Word), 10)
	case otlp.KindBool:
		return strconv.FormatBool(a.Word == 1)
	case otlp.KindDouble:
		return strconv.FormatFloat(math.Float64frombits(a.Word), 'g', -1, 64)
	}
	return ""
}
