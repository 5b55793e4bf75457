package learn

import (
	"maps"
	"slices"
	"strconv"

	"github.com/otelsim/otelsim/pkg/learn/privacy"
	"github.com/otelsim/otelsim/pkg/profile"
)

// Chains of spans below each other have values that are theirs: the id of a tool call is that of
// the span that makes it, of its attempts and of the side that answers, and another one in the
// next call of the trace. They are values of spans, which the first of a chain draws.

// link is that spans of a class have a value of spans.
type link struct {
	value *sharedValue
	first bool          // the spans draw it
	is    *privacy.Spec // which words it is then; nil: any
	by    *sayings      // and by another value; nil: whatever that is
}

// caller is a class that calls another one, and how often it does.
type caller struct {
	class *class
	calls float64
}

// classKey is a key of attributes of spans of a class.
type classKey struct {
	class *class
	key   string
}

// chains are the links of classes.
type chains struct {
	callers map[*class][]caller
	links   map[classKey]*link
}

// findChains finds the keys whose values spans have alike with those above them.
func (w *writer) findChains() {
	w.chains = chains{w.callers, make(map[classKey]*link)}
	taken := make(map[string]bool)
	keys := w.mayChain()
	for _, key := range keys {
		if taken[key] || !w.goesDown(key) || w.chainOfForm(key) {
			continue
		}
		x := w.chainOfWords(key, slices.DeleteFunc(slices.Clone(keys), func(k string) bool { return taken[k] }))
		for _, key := range x.write(w) {
			taken[key] = true
		}
	}
}

// callersOf returns what calls classes.
func (w *writer) callersOf() map[*class][]caller {
	out := make(map[*class][]caller)
	for c := range w.g.classes() {
		for _, p := range c.plans {
			for _, r := range p.flat() {
				n := float64(float64(p.spans) * r.share)
				if r.counts.Count() > 0 {
					n = float64(n * r.counts.Mean())
				}
				out[r.class] = append(out[r.class], caller{c, n})
			}
		}
	}
	return out
}

// mayChain returns the keys whose values nothing else is known to follow from, in order.
func (w *writer) mayChain() []string {
	keys := make(map[string]bool)
	for c := range w.g.classes() {
		for key := range c.Attributes { // order-free: a set
			keys[key] = true
		}
	}
	maps.DeleteFunc(keys, func(key string, _ bool) bool {
		_, named := w.policy.Key(key, w.tracesWith(key))
		return !named || w.shared[key] != nil || w.followers[key] != nil || key == sessionKey ||
			slices.Contains(ofOutcomes, key) || slices.Contains(ofMessages, key)
	})
	return slices.Sorted(maps.Keys(keys))
}

// goesDown reports whether spans of some class have several values of a key, and nearly always
// that of the span above.
func (w *writer) goesDown(key string) bool {
	for c := range w.g.classes() {
		if a := c.Attributes[key]; a != nil && fromAbove(a) && a.Values.Distinct() > 1 {
			return true
		}
	}
	return false
}

// fromAbove reports whether nearly all values of an attribute are those of the spans above.
func fromAbove(a *profile.Attribute) bool {
	return a.Above > 0 && mostAlike(a.Above, a.Present) && mostAlike(a.AboveAlike, a.Above)
}

// needed returns the classes whose values have to be those of the spans above, as they are
// several, with all from which they have them. below are those that have them from above.
func (x *chains) needed(order []*class, below map[*class]bool, several func(*class) bool) map[*class]bool {
	out := make(map[*class]bool)
	var need func(c *class)
	need = func(c *class) {
		if out[c] {
			return
		}
		out[c] = true
		if below[c] {
			for _, from := range x.callers[c] {
				need(from.class)
			}
		}
	}
	for _, c := range order {
		if below[c] && several(c) {
			need(c)
		}
	}
	return out
}

// covered reports whether nearly all calls of a class come from some classes, and returns how
// many calls there are.
func (x *chains) covered(c *class, by func(*class) bool) (all float64, ok bool) {
	some := 0.0
	for _, from := range x.callers[c] {
		all += from.calls
		if by(from.class) {
			some += from.calls
		}
	}
	return all, all > 0 && float64(some/all) >= 1-mostDiffer
}

// formOf is what values of a key are alike in that go down as they are: ids of a form, numbers of
// a kind; false: they are neither.
func formOf(s *privacy.Spec) (form string, ok bool) {
	switch {
	case s.How == privacy.Pattern && s.At == nil:
		return s.Text, true
	case s.How == privacy.Numbers:
		return "number " + strconv.Itoa(int(s.Kind)), true
	}
	return "", false
}

// chainOfForm finds where a key has ids of one form, or numbers, that go down, and reports whether
// it does.
func (w *writer) chainOfForm(key string) bool {
	forms := make(map[*class]string)
	form, most := "", uint64(0)
	var order []*class
	for c := range w.g.classes() {
		a := c.Attributes[key]
		if a == nil || w.endsShared(a) {
			continue
		}
		s := w.policy.Values(key, a, 0)
		if x, ok := formOf(&s); ok {
			forms[c], order = x, append(order, c)
			if fromAbove(a) && a.Present > most {
				form, most = x, a.Present
			}
		}
	}
	members, below := make(map[*class]bool), make(map[*class]bool)
	for _, c := range order {
		a := c.Attributes[key]
		if forms[c] == form && (fromAbove(a) || float64(a.Above) <= float64(mostDiffer*float64(a.Present))) {
			members[c], below[c] = true, fromAbove(a)
		}
	}
	for _, c := range order {
		_, covered := w.chains.covered(c, func(from *class) bool { return members[from] })
		below[c] = below[c] && covered
	}
	needed := w.chains.needed(order, below, func(*class) bool { return true })
	maps.DeleteFunc(needed, func(c *class, _ bool) bool { return !members[c] })
	if len(needed) == 0 {
		return false
	}
	first := &profile.Attribute{}
	for _, c := range order {
		if needed[c] && !below[c] {
			first.Merge(c.Attributes[key])
		}
	}
	spec := w.policy.Values(key, first, 0)
	if x, ok := formOf(&spec); !ok || x != form {
		return false
	}
	name, _ := w.policy.Key(key, w.tracesWith(key))
	for _, c := range order {
		if needed[c] && spec.How == privacy.Numbers && !alike(c.Attributes[key].Numbers, first.Numbers) {
			return false // there are others in different places
		}
	}
	value := &sharedValue{name: w.newValue(name), spec: spec, span: true}
	for _, c := range order {
		if needed[c] {
			w.chains.links[classKey{c, key}] = &link{value: value}
		}
	}
	return true
}

// endsShared reports whether texts end with what others of a trace, or of a session, end with.
func (w *writer) endsShared(a *profile.Attribute) bool {
	before, form, ok := ends(a.Values)
	return ok && before != "" && w.parts[form] != nil
}

// chainedBy writes that an attribute of a class is a value of spans; nil: it is not.
func (w *writer) chainedBy(c *class, key string) *node {
	l := w.chains.links[classKey{c, key}]
	if l == nil {
		return nil
	}
	out := w.use(l.value)
	switch {
	case l.by != nil:
		out.put("is", l.by.node(w, l.is))
	case l.is != nil:
		out.put("is", isNode(l.is))
	}
	return out
}

// isNode writes which words of a value of spans something is.
func isNode(s *privacy.Spec) *node {
	if len(s.Values) == 1 {
		return raw(scalarOf(s.Kind, s.Values[0].Text))
	}
	return weightsNode(s)
}

// chainedWith writes that an attribute of what spans of a class tell is their value of spans;
// nil: it has other values.
func (w *writer) chainedWith(c *class, key string, a *profile.Attribute) *node {
	l := w.chains.links[classKey{c, key}]
	if l == nil {
		return nil
	}
	if form, ok := formOf(&l.value.spec); ok {
		own := w.policy.Values(key, a, 0)
		if x, _ := formOf(&own); x != form || own.How == privacy.Numbers && !alike(a.Numbers, c.Attributes[key].Numbers) {
			return nil
		}
	} else if unlike(a.Values, c.Attributes[key].Values) {
		return nil
	}
	return w.use(l.value)
}
