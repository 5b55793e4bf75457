package conform

import (
	"bytes"
	"slices"
	"strconv"

	"github.com/otelsim/otelsim/pkg/build/registry"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// systemResource judges the resource of a service of a system.
func (k *Checker) systemResource(i int) {
	r := &k.record
	res := &r.resources[i]
	span := int(res.span)
	if span < 0 {
		return
	}
	list := r.t.Resources[i].Attrs
	r.begin(k.numbers)
	for n := list.Start; n < list.End; n++ {
		key := k.registered(span, "resource attribute", n)
		if key.number < int(numSlots) {
			res.slots[key.number] = int32(n) + 1
		}
		if key.fact == factSession {
			k.fail(span, "resource-session", "the resource of a service names a session")
		}
	}
	switch told := res.slots[slotInstance] > 0; {
	case res.service.def.Anonymous && told:
		k.fail(span, "resource-instance", "attribute service.instance.id is there, of a service that does not tell it")
	case !res.service.def.Anonymous && !told:
		k.fail(span, "resource-missing", "attribute service.instance.id is required")
	}
}

// registered judges an attribute of a list by the registry: that its name is one
// of today, stands there once and has a value of its type.
func (k *Checker) registered(i int, what string, at uint32) *keyInfo {
	key := k.key(k.record.t.Attrs[at].Key)
	if k.record.note(key.number) {
		k.fail(i, "attribute-twice", "%s %s is there twice", what, key.name)
	}
	if !key.looked {
		k.lookUp(key)
	}
	if key.rule != "" {
		k.fail(i, key.rule, "%s %s", what, key.problem)
	}
	if key.defined != nil {
		k.ofType(i, what, at, key)
	}
	return key
}

// lookUp asks the registry about a name.
func (k *Checker) lookUp(key *keyInfo) {
	key.looked = true
	r := k.inRegistry
	a, ok := r.Attribute(key.name)
	switch {
	case r.Deprecated(key.name) != nil:
		key.rule, key.problem = "attribute-deprecated", key.name+" is deprecated"
		if successor, ok := r.Successor(key.name); ok {
			key.problem += "; use " + successor
		}
	case ok:
		key.defined = a
	case r.InNamespace(key.name) && !k.inConventions(key.name) && !k.Lenient:
		key.rule, key.problem = "attribute-unknown", key.name+" is not in the registry"
		if len(key.name) > maxText { // it would take long to find what is near
			break
		}
		if near, ok := r.NearestAttribute(key.name); ok {
			key.problem += "; did you mean " + near + "?"
		}
	}
}

// inConventions reports whether the conventions define an attribute: then it is
// neither unknown nor deprecated.
func (k *Checker) inConventions(name string) bool {
	_, ok := k.dict.Lookup(k.c.Rename(name, k.prefix))
	return ok
}

// ofType judges a value by the registry's type of its attribute. Enumerations of one
// member are lists of nothing: they say what stands for all others.
func (k *Checker) ofType(i int, what string, at uint32, key *keyInfo) {
	t, typ := k.record.t, &key.defined.Type
	if !fitsType(t, typ, &t.Attrs[at]) {
		k.fail(i, "attribute-type", "%s %s is not of type %s", what, key.name, typ)
		return
	}
	if len(typ.Members) < 2 {
		return
	}
	list := otlp.Range{Start: at, End: at + 1}
	if typ.Array {
		list = otlp.UnpackRange(t.Attrs[at].Word)
	}
	values := t.Attrs[list.Start:list.End]
	for n := range values {
		if v := &values[n]; !slices.ContainsFunc(typ.Members, func(m registry.Member) bool { return isMember(t, v, m.Value) }) {
			k.fail(i, "attribute-value", "%s %s has the value %s, which is none of the registry's", what, key.name, quoted(t, v))
		}
	}
}

// isMember reports whether a value is one of an enumeration.
func isMember(t *otlp.Traces, a *otlp.Attr, member string) bool {
	if a.Kind == otlp.KindInt {
		return valueText(t, a) == member
	}
	return isText(t, a, member)
}

// fitsType reports whether a value is of a type of the registry.
func fitsType(t *otlp.Traces, typ *registry.Type, a *otlp.Attr) bool {
	if !typ.Array {
		return typ.Base == registry.Any || isBase(typ.Base, a.Kind)
	}
	if a.Kind != otlp.KindArray {
		return false
	}
	list := otlp.UnpackRange(a.Word)
	for _, v := range t.Attrs[list.Start:list.End] {
		if typ.Base != registry.Any && !isBase(typ.Base, v.Kind) {
			return false
		}
	}
	return true
}

func isBase(base registry.Base, kind otlp.Kind) bool {
	switch base {
	case registry.String:
		return kind == otlp.KindString || kind == otlp.KindText
	case registry.Int:
		return kind == otlp.KindInt
	case registry.Double:
		return kind == otlp.KindDouble
	case registry.Boolean:
		return kind == otlp.KindBool
	}
	return false
}

// systemSpan judges what a single span of a system shows.
func (k *Checker) systemSpan(i int) {
	r := &k.record
	s, x := &r.t.Spans[i], r.system(i)
	r.begin(k.numbers)
	for n := s.Attrs.Start; n < s.Attrs.End; n++ {
		if key := k.registered(i, "attribute", n); key.fact != noFact {
			x.facts[key.fact] = int32(n) + 1
		}
	}
	k.constant(i, r.fact(x, factSession), &r.traces[r.spans[i].trace].named, "session", "session.id")
	if x.span = k.emittedBy(i, x); x.span != nil {
		k.required(i, x.span.required, "attribute-missing")
	}
	k.systemEvents(i, x)
	k.ended(i, x)
}

// emittedBy returns which span of its service a span is: of several of one name and
// kind one whose protocol it speaks.
func (k *Checker) emittedBy(i int, x *systemSpan) *emitted {
	r := &k.record
	s := &r.t.Spans[i]
	name := k.strings.String(s.Name)
	list := x.service.spans[name]
	if len(list) == 0 {
		k.fail(i, "system-span", "service %s emits no span %s", x.service.def.Service, name)
		return nil
	}
	var found *emitted
	for _, e := range list {
		if e.def.Kind == s.Kind && (found == nil || r.fact(x, marks[e.protocol]) != nil && r.fact(x, marks[found.protocol]) == nil) {
			found = e
		}
	}
	if found == nil {
		k.fail(i, "span-kind", "kind is %s, want %s", kindName(s.Kind), kindName(list[0].def.Kind))
	}
	return found
}

// systemEvents judges the events of a span of a system.
func (k *Checker) systemEvents(i int, x *systemSpan) {
	r := &k.record
	s := &r.t.Spans[i]
	for n := s.Events.Start; n < s.Events.End; n++ {
		e := &r.t.Events[n]
		named := false
		r.begin(k.numbers)
		for at := e.Attrs.Start; at < e.Attrs.End; at++ {
			key := k.registered(i, "attribute", at)
			named = named || key.name == "exception.type" || key.name == "exception.message"
		}
		name := k.strings.String(e.Name)
		if e.Time < s.Start || e.Time > s.End {
			k.fail(i, "event-time", "event %s is outside of the span", name)
		}
		if name != "exception" {
			continue
		}
		x.raised = true
		if !named {
			k.fail(i, "event-missing", "event exception lacks exception.type and exception.message")
		}
	}
}

// ended judges how a span of a system says that it ended: its status, its error
// and the code of its protocol must agree.
func (k *Checker) ended(i int, x *systemSpan) {
	r := &k.record
	s, failed := &r.t.Spans[i], r.spans[i].failed
	if s.Status == otlp.StatusOK {
		k.fail(i, "status-ok", "status is OK, and success is UNSET")
	}
	if s.Message != 0 && !failed && k.strings.String(s.Message) != "" {
		k.fail(i, "status-message", "the status has a message, and is %s", statusName(s.Status))
	}
	word := r.fact(x, factErrorType)
	switch {
	case failed && word == nil:
		k.fail(i, "error-type", "a failed span without error.type")
	case !failed && word != nil:
		k.fail(i, "error-type", "error.type is %s on a span that did not fail", quoted(r.t, word))
	}
	switch {
	case x.raised && !failed:
		k.fail(i, "exception", "an exception event on a span that did not fail")
	case x.raised && x.asks(s.Kind):
		k.fail(i, "exception", "an exception event on a span that asks another one")
	}
	if x.span == nil {
		return
	}
	code, bad := k.code(i, x)
	switch {
	case code == nil:
	case bad != failed:
		k.fail(i, "status-code", "the status is %s with code %s", statusName(s.Status), quoted(r.t, code))
	case bad && word != nil && !sayAlike(r.t, word, code):
		k.fail(i, "status-code", "error.type is %s with code %s", quoted(r.t, word), quoted(r.t, code))
	}
}

// asks reports whether a span of a kind is that of who asks for something, by a
// protocol.
func (x *systemSpan) asks(kind uint8) bool {
	return x.span != nil && x.span.protocol != noProtocol && (kind == otlp.SpanKindClient || kind == otlp.SpanKindProducer)
}

// sayAlike reports whether two values are the same, as text: numbers in decimal.
func sayAlike(t *otlp.Traces, a, b *otlp.Attr) bool {
	switch {
	case a.Kind == otlp.KindInt && b.Kind == otlp.KindInt:
		return a.Word == b.Word
	case a.Kind == otlp.KindInt:
		a, b = b, a
		fallthrough
	case b.Kind == otlp.KindInt:
		var digits [20]byte
		number := strconv.AppendInt(digits[:0], int64(b.Word), 10)
		if a.Kind == otlp.KindText {
			return bytes.Equal(textOf(t, a), number)
		}
		return a.Kind == otlp.KindString && t.Strings.String(otlp.StringID(a.Word)) == string(number)
	}
	return same(t, a, b)
}

// serverFaults are the codes of gRPC that are errors of who answers, as the
// conventions have them; the others are the fault of who asked.
var serverFaults = []string{"UNKNOWN", "DEADLINE_EXCEEDED", "UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS"}

// code returns the code with which a call ended, nil when it says none, and
// whether it makes an error of the span.
func (k *Checker) code(i int, x *systemSpan) (code *otlp.Attr, bad bool) {
	r := &k.record
	client := r.t.Spans[i].Kind == otlp.SpanKindClient
	switch x.span.protocol {
	case overHTTP:
		code = r.fact(x, factStatusCode)
		if n, ok := r.number(x, factStatusCode); ok {
			if n < 100 || n > 599 {
				k.fail(i, "attribute-value", "attribute %s is %d, which no answer has", facts[factStatusCode], n)
			}
			return code, n >= 500 || client && n >= 400
		}
	case overRPC:
		if code = r.fact(x, factRPCCode); code != nil {
			if client {
				return code, !isText(r.t, code, "OK")
			}
			return code, slices.ContainsFunc(serverFaults, func(word string) bool { return isText(r.t, code, word) })
		}
	case overDB:
		return r.fact(x, factDBCode), true
	}
	return nil, false
}
