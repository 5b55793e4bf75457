package learn

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/learn/privacy"
	"github.com/otelsim/otelsim/pkg/profile"
)

// What a span says may depend on a value of its session or request, as each tenant has tools of its
// own. It is a value of spans then, of which the span says by the other value which words it is.

// sayings are which words spans of a class have of a key by the words of a value.
type sayings struct {
	on    *hanging
	parts []saying
	rest  map[string]bool // words of the value of which nothing is known
}

// saying is which words they have with some words of the value.
type saying struct {
	words map[string]bool
	share float64 // of those that come to the spans
	spec  *privacy.Spec
}

// Bounds of what is told apart: in how many ways words are said, of how many words, and how much
// a value has to tell of them, from 0 to 1, beside what may be chance.
const (
	mostSayings = 16
	mostSaid    = 64
	leastTold   = 0.02
)

// findSayings finds the words of spans that depend on a value of their session or request: of
// several the one that tells most, were it not that something hangs on another one, by which they
// then go with what is done.
func (w *writer) findSayings() {
	if w.level > 1 {
		return
	}
	keys, specs := w.maySay()
	found, tells := make(map[profile.ClassKey]*sayings), make(map[profile.ClassKey]float64)
	for _, x := range w.mayTell() {
		counts := w.whole.Within(w.sortsFor(x), keys)
		for _, at := range keys {
			s := w.saidBy(at, specs[at], counts[at], len(x.words))
			tell, before := s.tells(), found[at]
			if tell > max(leastTold, float64(tells[at]*(1+leastTold))) && (before == nil || before.on.rank() == x.rank()) {
				if by := s.by(x, w.policy); by != nil {
					found[at], tells[at] = by, tell
				}
			}
		}
	}
	var plain []profile.ClassKey
	for _, at := range keys {
		l := w.chains.links[classKey{w.g.byID[at.Class], at.Key}]
		switch {
		case found[at] == nil:
		case l != nil:
			l.by = found[at]
		default:
			plain = append(plain, at)
		}
	}
	w.saySpans(plain, specs, found)
}

// rank is which values are asked first of what is said: sorts of sessions, which are several values
// at once, then those on which something hangs.
func (x *hanging) rank() int {
	switch {
	case x.sorts != nil:
		return 2
	case x.hung:
		return 1
	}
	return 0
}

// mayTell returns the values on which words may depend: those on which something hangs, and then
// all others of which spans say the words.
func (w *writer) mayTell() []*hanging {
	out, known := slices.Clone(w.hangings), make(map[string]bool)
	for _, x := range w.hangings {
		x.hung, known[x.key] = true, true
	}
	slices.SortStableFunc(out, func(a, b *hanging) int { return cmp.Compare(b.rank(), a.rank()) })
	for _, key := range slices.Sorted(maps.Keys(w.shared)) {
		s := w.shared[key]
		if !known[key] && s.spec.How == privacy.Categorical && s.spec.Same() && s.follows == nil && !w.ofFailures(key) {
			out = append(out, newHanging(key, s))
		}
	}
	return out
}

// maySay returns the keys of classes whose words are drawn for each span, with what may be said of
// them.
func (w *writer) maySay() (keys []profile.ClassKey, specs map[profile.ClassKey]*privacy.Spec) {
	specs = make(map[profile.ClassKey]*privacy.Spec)
	for c := range w.g.classes() {
		for _, key := range slices.Sorted(maps.Keys(c.Attributes)) {
			a := c.Attributes[key]
			if n := a.Values.Distinct(); a.Present != c.Spans || !a.Values.All() || n < 2 || n > mostSaid || !w.drawsOwn(c, key) {
				continue
			}
			s := w.policy.Values(key, a, 0)
			if s.Kind == otlp.KindInt && w.chains.links[classKey{c, key}] == nil {
				continue // how many there are goes by what the trace has done before: spans would be more alike
			}
			if s.How == privacy.Categorical {
				at := profile.ClassKey{Class: c.id, Key: key}
				keys, specs[at] = append(keys, at), &s
			}
		}
	}
	return keys, specs
}

// drawsOwn reports whether spans of a class draw their words of a key.
func (w *writer) drawsOwn(c *class, key string) bool {
	if l := w.chains.links[classKey{c, key}]; l != nil {
		return l.first
	}
	if slices.Contains(ofOutcomes, key) || slices.Contains(ofMessages, key) || key == sessionKey {
		return false
	}
	_, form, ends := ends(c.Attributes[key].Values)
	return w.shared[key] == nil && w.followers[key] == nil && w.repeated[pathKey{c.path, key}] == nil && w.rooted[classKey{c, key}] == nil && !(ends && w.parts[form] != nil)
}

// sortsFor tells apart sessions, or traces, by the words of a value.
func (w *writer) sortsFor(x *hanging) profile.Sorts {
	of := x.from
	if x.sorts == nil {
		of = []*hanging{x}
	}
	out := profile.Sorts{Count: len(x.words), Session: x.on.session}
	var words []map[uint64]int
	for _, o := range of {
		out.Keys = append(out.Keys, o.key)
		words = append(words, w.indexOf(o))
	}
	room := make([]int, len(of))
	out.Of = func(values []uint64) int {
		for i, h := range values {
			at, ok := words[i][h]
			if !ok {
				at = -1
			}
			room[i] = at
		}
		if x.sorts == nil {
			return room[0]
		}
		return slices.IndexFunc(x.sorts, func(s combination) bool { return slices.Equal(s.words, room) })
	}
	return out
}

// saySpans has words that depend on a value, and which spans share with none above or below, be
// values of spans: of each key one.
func (w *writer) saySpans(of []profile.ClassKey, specs map[profile.ClassKey]*privacy.Spec, found map[profile.ClassKey]*sayings) {
	slices.SortStableFunc(of, func(a, b profile.ClassKey) int { return strings.Compare(a.Key, b.Key) })
	var value *sharedValue
	for i, at := range of {
		spec := specs[at]
		if i == 0 || at.Key != of[i-1].Key {
			value = nil
			if name, ok := w.policy.Key(at.Key, w.tracesWith(at.Key)); ok {
				value = &sharedValue{name: w.newValue(name), spec: privacy.Spec{How: privacy.Categorical, Kind: spec.Kind}, span: true}
			}
		}
		if value == nil || value.spec.Kind != spec.Kind {
			continue
		}
		for _, v := range spec.Values {
			k := slices.IndexFunc(value.spec.Values, func(x privacy.Value) bool { return x.Text == v.Text })
			if k < 0 {
				value.spec.Values = append(value.spec.Values, v)
			} else {
				value.spec.Values[k].Weight += v.Weight
			}
		}
		w.chains.links[classKey{w.g.byID[at.Class], at.Key}] = &link{value: value, first: true, is: spec, by: found[at]}
	}
}

// node writes which words they are; is are those of all spans.
func (s *sayings) node(w *writer, is *privacy.Spec) *node {
	out := list()
	add := func(words map[string]bool, spec *privacy.Spec) {
		m := mapping()
		s.on.when(w, m, words)
		out.items = append(out.items, m.set("words", isNode(spec)))
	}
	for _, p := range s.parts {
		add(p.words, p.spec)
	}
	if len(s.rest) > 0 && is != nil {
		add(s.rest, is)
	}
	return out
}
