package learn

import (
	"maps"
	"slices"

	"github.com/otelsim/otelsim/pkg/learn/privacy"
	"github.com/otelsim/otelsim/pkg/profile"
)

// hanging is a value of a request or a session from which it follows what spans do: some
// classes have some of its words only, as calls of a provider have its models.
type hanging struct {
	on    *sharedValue // nil: nothing hangs on any
	key   string
	share map[string]float64         // by word
	own   map[*class]map[string]bool // which words classes have that have some only
	of    map[*class]map[string]bool // with which words classes are there; nil: any
	open  map[*class]bool
}

// findHanging finds the value that most hangs on: the one with the most words.
func (w *writer) findHanging() {
	var best hanging
	for _, key := range slices.Sorted(maps.Keys(w.shared)) {
		s := w.shared[key]
		if s.spec.How != privacy.Categorical || s.spec.Other > 0 || best.on != nil && len(s.spec.Values) <= len(best.on.spec.Values) {
			continue
		}
		x := hanging{on: s, key: key, share: make(map[string]float64), own: make(map[*class]map[string]bool), of: make(map[*class]map[string]bool), open: make(map[*class]bool)}
		total := uint64(0)
		for _, v := range s.spec.Values {
			total += v.Weight
		}
		for _, v := range s.spec.Values {
			x.share[v.Text] = float64(v.Weight) / float64(max(total, 1))
		}
		for _, at := range w.g.order {
			for _, c := range at.classes {
				if words := w.wordsOf(&x, c); words != nil {
					x.own[c] = words
				}
			}
		}
		if x.keepChoices(); len(x.own) > 1 {
			best = x
		}
	}
	w.hanging = best
}

// keepChoices forgets the words of spans of whose service, name and kind no others have other
// ones. What a span of a name always says, such as its method, is nothing to choose by.
func (x *hanging) keepChoices() {
	type operation struct {
		service, name string
		kind          uint8
	}
	of := func(c *class) operation { return operation{c.Service, c.Name, c.Kind} }
	first, choice := make(map[operation]map[string]bool), make(map[operation]bool)
	for c, words := range x.own { // order-free: whether two differ
		if before, ok := first[of(c)]; !ok {
			first[of(c)] = words
		} else if !maps.Equal(before, words) {
			choice[of(c)] = true
		}
	}
	maps.DeleteFunc(x.own, func(c *class, _ map[string]bool) bool { return !choice[of(c)] })
}

// wordsOf returns which words of a value the spans of a class have, where these are some of
// them; else nil.
func (w *writer) wordsOf(x *hanging, c *class) map[string]bool {
	a := c.Attributes[x.key]
	if a == nil || float64(a.Present) < float64(0.9*float64(c.Spans)) {
		return nil
	}
	own := w.policy.Values(x.key, a, 0)
	if own.How != privacy.Constant && own.How != privacy.Categorical || own.Other > 0 || len(own.Values) >= len(x.share) {
		return nil
	}
	words := make(map[string]bool)
	for _, v := range own.Values {
		if x.share[v.Text] == 0 {
			return nil
		}
		words[v.Text] = true
	}
	return words
}

// hangs reports whether an attribute of a class is the value that what is done hangs on.
func (w *writer) hangs(key string, a *profile.Attribute) bool {
	if w.hanging.on == nil || key != w.hanging.key {
		return false
	}
	for c := range w.hanging.own { // order-free: whether there is one
		if c.Attributes[key] == a {
			return true
		}
	}
	return false
}

// wordsBelow returns with which words of the value a class is there: its own, or those of
// what is below it; nil: any.
func (w *writer) wordsBelow(c *class) map[string]bool {
	x := &w.hanging
	if own := x.own[c]; own != nil {
		return own
	}
	if words, ok := x.of[c]; ok || x.on == nil || x.open[c] {
		return words
	}
	x.open[c] = true
	words := w.wordsOfPlans(c.plans)
	delete(x.open, c)
	x.of[c] = words
	return words
}

// wordsOfVariant returns with which words of the value an operation goes in a way; nil: any.
func (w *writer) wordsOfVariant(v *variant) map[string]bool {
	if w.hanging.own[v.class] != nil {
		return nil // whoever calls it is there with them
	}
	return w.wordsOfPlans(v.plans)
}

// wordsOfPlans returns with which words of the value one of some plans is followed; nil: any.
func (w *writer) wordsOfPlans(plans []*plan) map[string]bool {
	words := make(map[string]bool)
	for _, p := range plans {
		below := w.wordsWith(p.groups)
		if below == nil {
			return nil
		}
		maps.Copy(words, below)
	}
	if len(words) == 0 || len(words) == len(w.hanging.share) {
		return nil
	}
	return words
}

// wordsWith returns with which words of the value some groups are done; nil: any.
func (w *writer) wordsWith(groups [][]run) (words map[string]bool) {
	for _, runs := range groups {
		for _, r := range runs {
			below := w.wordsBelow(r.class)
			switch {
			case below == nil || r.share < 1:
			case words == nil:
				words = maps.Clone(below)
			default:
				maps.DeleteFunc(words, func(word string, _ bool) bool { return !below[word] })
			}
		}
	}
	if len(words) == 0 || len(words) == len(w.hanging.share) {
		return nil
	}
	return words
}

// when writes with which words something is there; without any it writes nothing. It
// returns by how much rarer it is in all than where it is one of them.
func (w *writer) when(m *node, words map[string]bool) float64 {
	if len(words) == 0 {
		return 1
	}
	sum := 0.0
	values := list()
	for _, word := range slices.Sorted(maps.Keys(words)) {
		sum += w.hanging.share[word]
		values.items = append(values.items, raw(scalarOf(w.hanging.on.spec.Kind, word)))
	}
	w.use(w.hanging.on)
	m.put("when", mapping().set(w.hanging.on.name, values))
	return sum
}
