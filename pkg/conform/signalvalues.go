package conform

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/otelsim/otelsim/pkg/build/semconv"
	"github.com/otelsim/otelsim/pkg/build/vocab"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// signalEvent is what log records of a name tell of.
type signalEvent struct {
	event  string        // without the prefix
	about  string        // what findings begin with
	known  bool          // there is such an event
	values *signalValues // nil: the record says which type of span it is about
}

// signalValues are the attributes of something about spans of a type.
type signalValues struct {
	span     string
	known    bool                 // there is such a type
	defs     []*semconv.Attribute // by number of the name; nil: not looked up; &undefined: none
	required []everyName          // besides those that all log records carry
}

// begin prepares for a record.
func (k *SignalChecker) begin(strs *otlp.Strings, report func(item int, rule, text string)) {
	k.report = report
	if len(k.names.list) > maxAuditNames || len(k.spans) > maxRemembered {
		k.forget()
	}
	k.names.begin(strs)
}

// forget drops all that was looked up.
func (k *SignalChecker) forget() {
	k.names.forget(k.fixed)
	k.events = k.events[:0]
	clear(k.spans)
	for _, m := range k.metrics { // order-free: each by itself
		m.values = nil
	}
	k.result = &signalValues{known: true}
	for _, name := range []string{"gen_ai.evaluation.name", "gen_ai.evaluation.score.value"} {
		k.result.required = append(k.result.required, everyName{name: k.names.number(name)})
	}
}

// event returns what log records of a name tell of.
func (k *SignalChecker) event(id otlp.StringID) *signalEvent {
	n := int(k.names.of(id))
	for n >= len(k.events) {
		k.events = append(k.events, nil)
	}
	if k.events[n] == nil {
		k.events[n] = k.eventCalled(k.names.list[n].name)
	}
	return k.events[n]
}

func (k *SignalChecker) eventCalled(name string) *signalEvent {
	x := &signalEvent{event: strings.TrimPrefix(name, k.prefix+"."), about: "log " + name + ": "}
	if x.event == evaluationEvent {
		x.known, x.values = true, k.result
		return x
	}
	span, ok := events[x.event]
	if !ok {
		span, ok = addedEvent(x.event)
	}
	x.known = ok
	if span != "" {
		x.values = k.valuesOf([]byte(span))
	}
	return x
}

// valuesOf returns the attributes of spans of a type.
func (k *SignalChecker) valuesOf(span []byte) *signalValues {
	v := k.spans[string(span)]
	if v == nil {
		v = &signalValues{span: string(span)}
		_, v.known = vocab.Find(v.span)
		k.spans[v.span] = v
	}
	return v
}

// definition returns the definition of an attribute of the record, nil when there is none.
func (k *SignalChecker) definition(v *signalValues, a *otlp.Attr) *semconv.Attribute {
	n := int(k.names.of(a.Key))
	def := at(v.defs, n)
	if def == nil {
		def = k.define(v, k.names.list[n].name)
		v.defs = put(v.defs, n, def)
	}
	if def == &undefined {
		return nil
	}
	return def
}

func (k *SignalChecker) define(v *signalValues, name string) *semconv.Attribute {
	span := v.span
	if v == k.result {
		if typ, own := evaluationTypes[name]; own {
			return &semconv.Attribute{Name: name, Type: typ}
		}
		span = "a2a.orchestrate"
		if name == "gen_ai.response.id" {
			span = "llm.call"
		}
	}
	if def, ok := k.dict.OnSpan(span, name); ok {
		return &def
	}
	return &undefined
}

// count returns the attributes of a list that are scalars; of several of a name it is the
// last. The list is valid until the next call.
func (k *SignalChecker) count(attrs []otlp.Attr, r otlp.Range) []*otlp.Attr {
	list := k.counted[:0]
next:
	for i := r.Start; i < r.End; i++ {
		a := &attrs[i]
		if !isScalar(a.Kind) {
			continue
		}
		for n := range list {
			if list[n].Key == a.Key {
				list[n] = a
				continue next
			}
		}
		list = append(list, a)
	}
	k.counted = list
	return list
}

// sort orders attributes by their names.
func (k *SignalChecker) sort(list []*otlp.Attr) {
	slices.SortFunc(list, func(x, y *otlp.Attr) int {
		return strings.Compare(k.names.table.String(x.Key), k.names.table.String(y.Key))
	})
}

// one returns the attribute of a name, or nil.
func (k *SignalChecker) one(list []*otlp.Attr, name uint32) *otlp.Attr {
	for _, a := range list {
		if k.names.of(a.Key) == name {
			return a
		}
	}
	return nil
}

// carries reports whether a list has a scalar of a name.
func (k *SignalChecker) carries(attrs []otlp.Attr, r otlp.Range, name uint32) bool {
	for i := r.Start; i < r.End; i++ {
		if k.names.of(attrs[i].Key) == name && isScalar(attrs[i].Kind) {
			return true
		}
	}
	return false
}

// value reports what is wrong with an attribute of something about spans of a type.
func (k *SignalChecker) value(v *signalValues, strs *otlp.Strings, text []byte, a *otlp.Attr) {
	def, name := k.definition(v, a), strs.String(a.Key)
	switch rule := k.fault(def, strs, text, a); rule {
	case "":
	case "attribute-unknown":
		k.tell(rule, "attribute %s is not defined", name)
	case "attribute-type":
		k.tell(rule, "attribute %s is not of type %s", name, def.Type)
	default:
		k.tell(rule, "attribute %s has the value %q, allowed are %s", name, k.spell(strs, text, a), strings.Join(def.Allowed, ", "))
	}
}

// fault returns the rule that an attribute breaks, empty when it breaks none.
func (k *SignalChecker) fault(def *semconv.Attribute, strs *otlp.Strings, text []byte, a *otlp.Attr) string {
	switch {
	case def == nil && k.Lenient:
		return ""
	case def == nil:
		return "attribute-unknown"
	case !holdsScalar(def.Type, a.Kind):
		return "attribute-type"
	case len(def.Allowed) == 0:
		return ""
	}
	value := k.spell(strs, text, a)
	for _, allowed := range def.Allowed {
		if string(value) == allowed {
			return ""
		}
	}
	return "attribute-value"
}

// holdsScalar reports whether scalars of the kind are of the type.
func holdsScalar(t semconv.Type, kind otlp.Kind) bool {
	return t == semconv.Any || t != semconv.StringArray && holds(t, kind)
}

// isScalar reports whether values of the kind are single ones.
func isScalar(kind otlp.Kind) bool {
	return isWord(kind) || kind == otlp.KindInt || kind == otlp.KindBool || kind == otlp.KindDouble
}

// isWord reports whether values of the kind are strings.
func isWord(kind otlp.Kind) bool { return kind == otlp.KindString || kind == otlp.KindText }

// word is a string of a record, empty for all that is none. It is valid until the next
// call.
func (k *SignalChecker) word(strs *otlp.Strings, text []byte, a *otlp.Attr) []byte {
	if !isWord(a.Kind) {
		return nil
	}
	return k.spell(strs, text, a)
}

// spell returns a scalar as text, which is valid until the next call.
func (k *SignalChecker) spell(strs *otlp.Strings, text []byte, a *otlp.Attr) []byte {
	b := k.spelt[:0]
	switch a.Kind {
	case otlp.KindText:
		r := otlp.UnpackRange(a.Word)
		return text[r.Start:r.End]
	case otlp.KindString:
		b = append(b, strs.String(otlp.StringID(a.Word))...)
	case otlp.KindInt:
		b = strconv.AppendInt(b, int64(a.Word), 10)
	case otlp.KindBool:
		b = strconv.AppendBool(b, a.Word == 1)
	case otlp.KindDouble:
		b = fmt.Append(b, math.Float64frombits(a.Word))
	}
	k.spelt = b
	return b
}
