package conform

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/otelsim/otelsim/pkg/build/semconv"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// values judges the types and values of attributes that are defined.
func (k *Checker) values(t *otlp.Traces, span int, r otlp.Range, rules *spanRules) {
	for i := range t.Attrs[r.Start:r.End] {
		a := &t.Attrs[int(r.Start)+i]
		key := k.key(a.Key)
		if def := k.definition(rules, key); def != nil {
			k.defined(t, span, a, key, def)
		}
	}
}

// attributes judges a list of attributes on or in a span of the rules: names,
// types, values, each once. With slots it notes where those are that other
// rules read.
func (k *Checker) attributes(span int, list otlp.Range, rules *spanRules, slots *[numSlots]int32) {
	r := &k.record
	r.begin(k.numbers)
	for i := list.Start; i < list.End; i++ {
		a := &r.t.Attrs[i]
		key := k.key(a.Key)
		k.spelling(span, "attribute", key)
		if r.note(key.number) {
			k.fail(span, "attribute-twice", "attribute %s is there twice", key.name)
		}
		if slots != nil && key.number < int(numSlots) {
			slots[key.number] = int32(i) + 1
		}
		def := k.definition(rules, key)
		switch {
		case def == nil && key.spelt:
			k.fail(span, "attribute-unknown", "attribute %s is not defined", key.name)
		case def != nil && (key.number != int(slotClass) || rules.class == otherClass):
			k.defined(r.t, span, a, key, def)
		}
	}
}

// required judges whether the latest list of attributes has all of these.
func (k *Checker) required(span int, numbers []int, rule string) {
	r := &k.record
	for _, n := range numbers {
		if n < len(r.seen) && r.seen[n] == r.list {
			continue
		}
		k.fail(span, rule, "attribute %s is required", k.emitted(k.nameOf(n)))
	}
}

// nameOf is the canonical name of a number. It is for findings.
func (k *Checker) nameOf(number int) string {
	if number < int(numSlots) {
		return k.slots[number]
	}
	for name, i := range k.canon { // order-free: one of them has the number
		if i.number == number {
			return name
		}
	}
	return ""
}

// spelling judges the namespace of a name.
func (k *Checker) spelling(span int, what string, key *keyInfo) {
	switch {
	case key.spelt:
	case key.bare:
		k.fail(span, "namespace-missing", "%s %s lacks the namespace %s", what, key.name, k.prefix)
	default:
		k.fail(span, "namespace", "%s %s is not in the namespace %s", what, key.name, k.prefix)
	}
}

// begin starts a list of attributes; note reports whether it had the number
// before.
func (r *recordState) begin(numbers int) {
	r.list++
	if r.list == 0 { // all 2^32 were used: what is noted is of no list any more
		clear(r.seen)
		r.list = 1
	}
	if len(r.seen) < numbers {
		r.seen = append(r.seen, make([]uint32, numbers-len(r.seen))...)
	}
}

func (r *recordState) note(number int) (again bool) {
	if number >= len(r.seen) {
		r.seen = append(r.seen, make([]uint32, number+1-len(r.seen))...)
	}
	again = r.seen[number] == r.list
	r.seen[number] = r.list
	return again
}

// defined judges the type and the value of an attribute.
func (k *Checker) defined(t *otlp.Traces, span int, a *otlp.Attr, key *keyInfo, def *semconv.Attribute) {
	if !holds(def.Type, a.Kind) {
		k.fail(span, "attribute-type", "attribute %s is not of type %s", key.name, def.Type)
		return
	}
	if len(def.Allowed) > 0 {
		k.allowed(t, span, a, key, def)
	}
}

// allowed checks a value, or each element of a list, against the allowed ones.
func (k *Checker) allowed(t *otlp.Traces, span int, a *otlp.Attr, key *keyInfo, def *semconv.Attribute) {
	switch a.Kind {
	case otlp.KindArray:
		r := otlp.UnpackRange(a.Word)
		for i := r.Start; i < r.End; i++ {
			k.allowed(t, span, &t.Attrs[i], key, def)
		}
		return
	case otlp.KindString, otlp.KindText:
		for _, v := range def.Allowed {
			if isText(t, a, v) {
				return
			}
		}
	}
	if text := valueText(t, a); !slices.Contains(def.Allowed, text) {
		k.fail(span, "attribute-value", "attribute %s has the value %q, allowed are %s", key.name, text, strings.Join(def.Allowed, ", "))
	}
}

// holds reports whether values of the kind are of the type.
func holds(t semconv.Type, kind otlp.Kind) bool {
	switch t {
	case semconv.String:
		return kind == otlp.KindString || kind == otlp.KindText
	case semconv.Int:
		return kind == otlp.KindInt
	case semconv.Boolean:
		return kind == otlp.KindBool
	case semconv.Double:
		return kind == otlp.KindDouble
	case semconv.StringArray:
		return kind == otlp.KindArray
	}
	return true
}

// valueText spells a scalar as conventions files do.
func valueText(t *otlp.Traces, a *otlp.Attr) string {
	switch a.Kind {
	case otlp.KindString:
		return t.Strings.String(otlp.StringID(a.Word))
	case otlp.KindText:
		return string(textOf(t, a))
	case otlp.KindInt:
		return strconv.FormatInt(int64(a.Word), 10)
	case otlp.KindBool:
		return strconv.FormatBool(a.Word == 1)
	case otlp.KindDouble:
		return strconv.FormatFloat(math.Float64frombits(a.Word), 'g', -1, 64)
	}
	return ""
}
