package conform

import (
	"slices"
	"strings"

	"github.com/otelsim/otelsim/pkg/build/semconv"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// span judges what a single span shows.
func (k *Checker) span(i int) {
	r := &k.record
	s, x := &r.t.Spans[i], &r.spans[i]
	rules := x.rules
	switch {
	case !rules.spelt:
		k.fail(i, "namespace", "span name %s: want %s", rules.name, k.nameFor(rules))
	case !rules.known:
		k.fail(i, "span-unknown", "span type %s is not defined", rules.name)
	}
	if rules.known && !slices.Contains(rules.typ.Kinds, s.Kind) {
		k.fail(i, "span-kind", "kind is %s, want %s", kindName(s.Kind), kindName(rules.typ.Kinds[0]))
	}
	k.named(i)
	k.attributes(i, s.Attrs, rules, &x.slots)
	if rules.known || rules.class != otherClass {
		k.required(i, rules.required, "attribute-missing")
	}
	k.events(i)
	if c := r.attr(i, slotClass); c != nil && rules.class != otherClass && !isText(r.t, c, rules.bare) {
		k.fail(i, "span-class", "span.class is %s on a span of type %s", quoted(r.t, c), rules.bare)
	}
	k.status(i)
	k.content(i)
	k.counts(i)
	k.identity(i)
	k.toolNamed(i)
	switch rules.class {
	case classLLM:
		k.model(i)
	case classPolicy, classPayload:
		k.decision(i)
	}
}

// nameFor is how a span name should be spelt.
func (k *Checker) nameFor(rules *spanRules) string {
	if rules.class != otherClass && rules.spec.bare {
		return rules.bare
	}
	return k.prefix + "." + rules.bare
}

// kindNames are the kinds of spans, by otlp.SpanKind less one.
var kindNames = []string{"INTERNAL", "SERVER", "CLIENT", "PRODUCER", "CONSUMER"}

func kindName(kind uint8) string {
	if kind == 0 || int(kind) > len(kindNames) {
		return "none"
	}
	return kindNames[kind-1]
}

// status judges how a span says that it ended: its status, its outcome, its
// error and the exception must agree.
func (k *Checker) status(i int) {
	r := &k.record
	s, x := &r.t.Spans[i], &r.spans[i]
	if s.Status == otlp.StatusOK {
		k.fail(i, "status-ok", "status is OK, and success is UNSET")
	}
	class := x.rules.class
	if outcome := x.rules.spec.outcome; outcome != noSlot && r.has(i, outcome) {
		if word := r.word(i, outcome); oneOf(word, "fail", "error") != x.failed {
			k.fail(i, "status-outcome", "%s is %q and the status %s", k.emitted(k.slots[outcome]), word, statusName(s.Status))
		}
	}
	kind := r.attr(i, slotErrorType)
	switch {
	case x.failed && kind == nil:
		k.fail(i, "error-type", "a failed span without error.type")
	case !x.failed && kind != nil:
		k.fail(i, "error-type", "error.type is %s on a span that did not fail", quoted(r.t, kind))
	case kind != nil && !k.listed(x.rules, kind) && !oneOf(r.word(i, slotErrorType), errorTypes...):
		k.fail(i, "error-type-value", "error.type is %s, allowed are %s", quoted(r.t, kind), strings.Join(errorTypes, ", "))
	}
	if c := r.attr(i, slotErrorCategory); c != nil && !x.failed {
		k.fail(i, "error-category", "error.category is %s on a span that did not fail", quoted(r.t, c))
	}
	switch {
	case x.failed && !x.exception && !(class == classPayload && x.invalid):
		k.fail(i, "exception", "a failed span without an exception event")
	case !x.failed && x.exception:
		k.fail(i, "exception", "an exception event on a span that did not fail")
	}
}

// errorTypes are what spans fail with where the conventions do not say.
var errorTypes = []string{"timeout", "unavailable", "invalid_arguments", "tool_error", "protocol_error"}

// listed reports whether the conventions list the error types of a span, which
// are then judged like all values.
func (k *Checker) listed(rules *spanRules, a *otlp.Attr) bool {
	def := k.definition(rules, k.key(a.Key))
	return def != nil && len(def.Allowed) > 0
}

func statusName(code uint8) string {
	switch code {
	case otlp.StatusUnset:
		return "UNSET"
	case otlp.StatusOK:
		return "OK"
	}
	return "ERROR"
}

// decision judges what a step of a validation has found.
func (k *Checker) decision(i int) {
	r := &k.record
	step := r.word(i, slotStep)
	if step == "" {
		return
	}
	if r.spans[i].rules.class == classPayload {
		if result := r.word(i, slotResult); result != "" && (result == "invalid") == (step == "pass") {
			k.fail(i, "validation-result", "validation.result is %q and step.outcome %q", result, step)
		}
		return
	}
	switch decision := r.word(i, slotDecision); {
	case decision == "":
	case step == "pass" && decision == "block", step == "block" && decision != "block":
		k.fail(i, "policy-decision", "policy.decision is %q and step.outcome %q", decision, step)
	}
}

// identity judges who a span says that it works for.
func (k *Checker) identity(i int) {
	r := &k.record
	trace := &r.traces[r.spans[i].trace]
	session := r.attr(i, slotSession)
	k.constant(i, session, &trace.session, "session", "session.id")
	k.constant(i, r.attr(i, slotTenant), &trace.tenant, "tenant", "tenant.id")
	k.constant(i, r.attr(i, slotRequest), &trace.asked, "request-id", "request.id")
	k.constant(i, r.attr(i, slotUser), &trace.user, "user", "enduser.id")
	k.constant(i, r.attr(i, slotPseudo), &trace.user, "user", "enduser.pseudo.id")
	if c := r.attr(i, slotConversation); c != nil && trace.session != nil && !same(r.t, c, trace.session) {
		k.fail(i, "conversation", "gen_ai.conversation.id is %s in session %s", quoted(r.t, c), quoted(r.t, trace.session))
	}
	res := int(r.t.Spans[i].Resource)
	if res >= len(r.resources) {
		return
	}
	if k.own.session {
		k.fromResource(i, res, slotSession, session, "session")
	}
	k.fromResource(i, res, slotTenant, r.attr(i, slotTenant), "tenant")
	k.plane(i, res)
}

// constant judges a value that all spans of a trace share.
func (k *Checker) constant(i int, a *otlp.Attr, first **otlp.Attr, rule, name string) {
	switch {
	case a == nil:
	case *first == nil:
		*first = a
	case !same(k.record.t, a, *first):
		k.fail(i, rule, "%s is %s, and was %s", name, quoted(k.record.t, a), quoted(k.record.t, *first))
	}
}

// fromResource judges a value that a span shares with its resource.
func (k *Checker) fromResource(i, res int, s slot, a *otlp.Attr, rule string) {
	r := &k.record
	at := r.resources[res].slots[s]
	if a == nil || at == 0 || same(r.t, a, &r.t.Attrs[at-1]) {
		return
	}
	k.fail(i, rule, "%s is %s, and %s on the resource", k.emitted(k.slots[s]), quoted(r.t, a), quoted(r.t, &r.t.Attrs[at-1]))
}

// plane judges whether a span has the resource of its half of the system.
func (k *Checker) plane(i, res int) {
	r := &k.record
	rules := r.spans[i].rules
	if rules.class == otherClass {
		return
	}
	want := "data-plane"
	if rules.spec.control {
		want = "control-plane"
	}
	if at := r.resources[res].slots[slotModule]; at > 0 {
		a := &r.t.Attrs[at-1]
		if !isText(r.t, a, want) && (isText(r.t, a, "data-plane") || isText(r.t, a, "control-plane")) {
			k.fail(i, "resource-module", "module of the resource is %s, want %q", quoted(r.t, a), want)
			return
		}
	}
	at, component := r.resources[res].slots[slotComponent], rules.spec.component
	if at > 0 && component != "" && !isText(r.t, &r.t.Attrs[at-1], component) {
		k.fail(i, "resource-component", "component of the resource is %s, want %q", quoted(r.t, &r.t.Attrs[at-1]), component)
	}
}

// resource judges a resource. Its findings are about the first of its spans.
func (k *Checker) resource(i int) {
	r := &k.record
	res := &r.resources[i]
	span := int(res.span)
	if span < 0 {
		return
	}
	list := r.t.Resources[i].Attrs
	r.begin(k.numbers)
	for n := list.Start; n < list.End; n++ {
		a := &r.t.Attrs[n]
		key := k.key(a.Key)
		k.spelling(span, "resource attribute", key)
		if r.note(key.number) {
			k.fail(span, "attribute-twice", "resource attribute %s is there twice", key.name)
		}
		if key.number < int(numSlots) {
			res.slots[key.number] = int32(n) + 1
		}
		def := k.onResource(key)
		switch {
		case def != nil:
			k.defined(r.t, span, a, key, def)
		case key.spelt:
			k.fail(span, "attribute-unknown", "resource attribute %s is not defined", key.name)
		}
	}
	k.required(span, k.own.required, "resource-missing")
	if at := res.slots[slotSession]; at > 0 && !k.own.session {
		k.fail(span, "resource-session", "the resource names session %s, and the conventions list none", quoted(r.t, &r.t.Attrs[at-1]))
	}
}

// onResource returns the definition of an attribute of resources, or nil.
func (k *Checker) onResource(key *keyInfo) *semconv.Attribute {
	def := at(k.own.defs, key.number)
	if def == nil {
		def = &undefined
		canonical := k.keyOf(key.name, k.prefix)
		if key.bare {
			canonical = "*." + key.name
		}
		for n := range k.c.Resource {
			if k.keyOf(k.c.Resource[n].Name) == canonical {
				def = &k.c.Resource[n]
			}
		}
		if d, ok := k.dict.Lookup(k.emitted(canonical)); ok && def == &undefined {
			def = &d
		}
		if key.number < maxRemembered {
			k.own.defs = put(k.own.defs, key.number, def)
		}
	}
	if def == &undefined {
		return nil
	}
	return def
}
