package learn

import (
	"slices"
	"strings"

	"github.com/otelsim/otelsim/internal/text"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/profile/sketch"
)

// operationNode writes an operation, with its variants where it has several.
func (w *writer) operationNode(op *operation) *node {
	m := mapping()
	m.beside = w.amount(op.path.spans, tracesOf(op.path.classes))
	m.above = w.tried(op.path)
	switch q := w.queues[op.path]; {
	case q != nil:
		m.with("protocol", "messaging").with("destination", q.destination)
	case op.key != op.name:
		m.put("name", word(op.name))
		fallthrough
	default:
		if op.kind > 1 {
			m.put("kind", word(otlp.SpanKindName(op.kind)))
		}
		w.measures(m, op.path.classes[0])
	}
	w.resources.around = nil
	if len(op.variants) == 1 {
		w.body(m, op.variants[0])
		return m
	}
	bodies, choice := make([]*node, len(op.variants)), w.chooseVariants(op.variants)
	for i, v := range op.variants {
		bodies[i] = mapping()
		bodies[i].beside = w.amount(v.spans, 0)
		choice.put(w, bodies[i], i)
		w.body(bodies[i], v)
	}
	w.common(m, bodies)
	all := m.put("variants", mapping())
	for i, v := range op.variants {
		all.put(v.name, bodies[i])
	}
	return m
}

// common moves the attributes that all variants have alike to the operation.
func (w *writer) common(m *node, bodies []*node) {
	shared := mapping()
	first := attributesOf(bodies[0])
	if first == nil {
		return
	}
	for _, e := range slices.Clone(first.entries) {
		same := !slices.ContainsFunc(bodies, func(b *node) bool {
			a := attributesOf(b)
			return a == nil || !slices.ContainsFunc(a.entries, func(x entry) bool { return x.key == e.key && x.value.alike(e.value) })
		})
		if !same {
			continue
		}
		shared.entries = append(shared.entries, e)
		for _, b := range bodies {
			a := attributesOf(b)
			a.entries = slices.DeleteFunc(a.entries, func(x entry) bool { return x.key == e.key })
		}
	}
	for _, b := range bodies {
		b.entries = slices.DeleteFunc(b.entries, func(x entry) bool { return x.key == "attributes" && len(x.value.entries) == 0 })
	}
	if len(shared.entries) > 0 {
		m.put("attributes", shared)
	}
}

// alike reports whether two values are the same, or are texts of one form that are always
// there: how many there are of these is told best where there are most.
func (n *node) alike(o *node) bool {
	form := func(x *node) string {
		if len(x.entries) == 0 || x.entries[0].key != "pattern" || x.entries[len(x.entries)-1].key == "present" {
			return x.flow()
		}
		return x.entries[0].value.text
	}
	return form(n) == form(o)
}

func attributesOf(n *node) *node {
	for _, e := range n.entries {
		if e.key == "attributes" {
			return e.value
		}
	}
	return nil
}

// amount says from how much something was learnt.
func (w *writer) amount(spans, traces uint64) string {
	if traces == 0 {
		return text.Counted(spans, "span")
	}
	return text.Counted(spans, "span") + " in " + text.Counted(traces, "trace")
}

// tracesOf is how many traces have a class: at least as many as the one that most have.
func tracesOf(classes []*class) (n uint64) {
	for _, c := range classes {
		n = max(n, c.Traces)
	}
	return n
}

// body writes what a span lasts, how it ends, what it says and what it does.
func (w *writer) body(m *node, v *variant) {
	key, numbers := v.lasts.said()
	f := fit(numbers, 1e6)
	m.put(key, f.duration())
	w.fails(m, v)
	if a := w.attributes(v.class, v.numbers); len(a.entries) > 0 {
		m.put("attributes", a)
	}
	if e := w.events(v.class); len(e.items) > 0 {
		m.put("events", e)
	}
	if l := w.logs(v.class); len(l.items) > 0 {
		m.put("logs", l)
	}
	w.within(m, v.class, func() {
		calls, parallel := w.plans(v)
		if parallel {
			m.put("parallel", raw("true"))
		}
		if len(calls) > 0 {
			if share, ok := w.lead(v.class); ok {
				m.put("lead", raw(digits(share, 2)))
			}
			m.put("calls", list(calls...))
		}
	})
}

// fails says that the spans of a variant fail, where they do: by themselves, or where they
// tell of no exception because what they wait for has failed.
func (w *writer) fails(m *node, v *variant) {
	if !v.class.failed() || w.follows(v) {
		return
	}
	e := m.put("error", mapping())
	e.put("rate", raw("1"))
	if name := w.outcome(v.class); !strings.ContainsAny(name, " \t\n") {
		e.put("types", list(word(name)))
	}
	if !v.class.throws() && w.exception(v.class) == nil {
		e.put("exception", raw("false"))
	}
}

// throws reports whether most spans of a class have the event of an exception.
func (c *class) throws() bool {
	e := c.Events["exception"]
	return e != nil && 2*e.Spans > c.Spans
}

// follows reports whether the spans of a variant fail because something that they wait for
// has failed, whatever they do.
func (w *writer) follows(v *variant) bool {
	if v.class.throws() {
		return false
	}
	return !slices.ContainsFunc(v.plans, func(p *plan) bool { return p.mixed || !p.lastFails(v.class.Outcome) })
}

// lastFails reports whether the last of what a plan does is waited for, and has failed with
// a word, or what it has several of.
func (x *plan) lastFails(word string) bool {
	if len(x.groups) == 0 || slices.ContainsFunc(x.flat(), func(r run) bool { return r.after }) {
		return false // what comes after the end is not called after a failure
	}
	failed := slices.IndexFunc(x.groups[len(x.groups)-1], func(r run) bool { return r.class.failed() && r.waited() })
	return failed >= 0 && x.groups[len(x.groups)-1][failed].class.Outcome == word
}

func (r *run) waited() bool { return !r.async && !r.after }

// plans writes what the spans of a variant do, as items of calls. Where they do one of
// several things, what these begin and end with stands once.
func (w *writer) plans(v *variant) (items []*node, parallel bool) {
	follows := v.class.failed() && w.follows(v)
	if len(v.plans) == 1 {
		p := v.plans[0]
		if len(p.groups) == 1 && beside(p.groups[0]) {
			return w.group(p.groups[0], follows), true
		}
		return w.groups(p.groups, follows), false
	}
	head, tail := affixes(v.plans)
	first := v.plans[0].groups
	items = w.groups(first[:head], false)
	place, total, none := mapping(), uint64(0), uint64(0)
	between := func(p *plan) [][]run { return p.groups[head : len(p.groups)-tail] }
	failing := fallback(first[:head], v.plans, between)
	var ways []*plan
	var does [][]*node
	for _, p := range v.plans {
		total += p.spans
		if slices.Contains(failing, p) {
			continue
		}
		inner := w.groups(between(p), follows && tail == 0)
		if len(inner) == 0 {
			none += p.spans
			continue
		}
		ways, does = append(ways, p), append(does, inner)
	}
	if failing != nil {
		ways, does = append(ways, oneOf(failing)), append(does, w.groups(between(failing[0])[:1], true))
	}
	if none > 0 {
		place.put("probability", raw(digits(float64(total-none)/float64(total), 4)))
	}
	either := w.either(ways, does, between)
	if n := len(either.items); n == 1 {
		items = append(items, w.only(either.items[0], place))
	} else if n > 1 {
		place.entries = append([]entry{{"one_of", either}}, place.entries...)
		items = append(items, place)
	}
	if failing != nil {
		items = append(items, w.ifFailed(failing, between))
	}
	return append(items, w.groups(first[len(first)-tail:], follows)...), false
}

// either writes several plans as what can stand at a place, with the items that each does there
// and the groups of which these are.
func (w *writer) either(plans []*plan, does [][]*node, groups func(*plan) [][]run) *node {
	out := list()
	choice, all := w.chooseLeaning(plans, groups)
	for i, part := range all {
		p := plans[part.plan]
		x := mapping()
		x.beside = w.amount(part.spans, min(part.spans, p.traces))
		choice.put(w, x, i)
		out.items = append(out.items, alternative(x, does[part.plan]))
	}
	return out
}

// affixes is how many groups all plans begin with, and end with.
func affixes(plans []*plan) (head, tail int) {
	first := plans[0]
	shortest := len(first.groups)
	for _, p := range plans {
		shortest = min(shortest, len(p.groups))
	}
	same := func(at func(p *plan) []run) bool {
		return !slices.ContainsFunc(plans[1:], func(p *plan) bool { return !equalGroups(at(first), at(p)) })
	}
	for head < shortest && same(func(p *plan) []run { return p.groups[head] }) {
		head++
	}
	for tail < shortest-head && same(func(p *plan) []run { return p.groups[len(p.groups)-1-tail] }) {
		tail++
	}
	return head, tail
}

// equalGroups reports whether two groups are of the same classes, each as often.
func equalGroups(a, b []run) bool {
	return slices.EqualFunc(a, b, func(x, y run) bool {
		return x.key() == y.key() && x.share == y.share && sketch.KS(x.counts, y.counts) <= 0.02
	})
}

// alternative writes what can stand at a place, one item or several.
func alternative(out *node, items []*node) *node {
	if len(items) == 1 {
		switch only := items[0]; {
		case only.scalar():
			out.put("call", only)
			return out
		case !slices.ContainsFunc(only.entries, func(e entry) bool { return slices.Contains(placeKeys, e.key) || e.key == "one_of" }):
			out.entries = append(out.entries, only.entries...)
			out.above = only.above
			return out
		}
	}
	out.put("all", list(items...))
	return out
}

// placeKeys are the keys of calls that one of several cannot have.
var placeKeys = []string{"count", "probability", "optional", "async", "after", "delay"}

// only is the one thing that can stand at a place, with what is said of the place.
func (w *writer) only(x, place *node) *node {
	x.entries = slices.DeleteFunc(x.entries[1:], func(e entry) bool { return e.key == "when" }) // without its weight
	x.entries = append(x.entries, place.entries...)
	return x
}
