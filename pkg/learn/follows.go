package learn

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/learn/privacy"
	"github.com/otelsim/otelsim/pkg/profile"
	"github.com/otelsim/otelsim/pkg/profile/sketch"
)

// follower is in what a value follows from another one: what it is for each word of that.
type follower struct {
	of    *sharedValue
	key   string // of that
	kind  otlp.Kind
	words map[string]string // as they are, until they are said
}

// mostFollowed is how many words spans of a class may have of what others follow from: all
// sets of them are looked through.
const mostFollowed = 8

// findFollowers finds the keys whose values follow from one that is shared. What one value
// follows from follows from none.
func (w *writer) findFollowers() {
	keys, from := w.mayFollow()
	for i, source := range from {
		if w.followers[source] != nil {
			continue
		}
		for _, key := range keys {
			s := w.shared[key]
			if w.followers[key] != nil || slices.Contains(from[:i+1], key) || s != nil && s.session != w.shared[source].session {
				continue
			}
			name, ok := w.policy.Key(key, w.tracesWith(key))
			if !ok {
				continue
			}
			if f := w.followerOf(source, key); f != nil && f.comesTo(s) {
				if s == nil {
					s = &sharedValue{name: w.newValue(name)}
				}
				s.follows = f
				w.followers[key] = s
			}
		}
	}
}

// mayFollow returns the keys that may follow from another one, in order, and those from which
// they may: those with the most words first.
func (w *writer) mayFollow() (keys, from []string) {
	all := make(map[string]bool)
	for _, at := range w.g.order {
		for _, c := range at.classes {
			for key := range c.Attributes { // order-free: a set
				all[key] = true
			}
		}
	}
	for _, key := range ofOutcomes {
		delete(all, key)
	}
	for key, s := range w.shared { // order-free: sorted
		if s.spec.How == privacy.Categorical && s.spec.Same() {
			from = append(from, key)
		}
	}
	slices.SortFunc(from, func(a, b string) int {
		return cmp.Or(cmp.Compare(len(w.shared[b].spec.Values), len(w.shared[a].spec.Values)), strings.Compare(a, b))
	})
	return slices.Sorted(maps.Keys(all)), from
}

// followerOf returns how a key follows from another one; nil: it does not. In all classes that
// have both, counts are those that follow.
func (w *writer) followerOf(source, key string) *follower {
	f := &follower{of: w.shared[source], key: source, words: make(map[string]string)}
	var with []*profile.Attribute
	for _, at := range w.g.order {
		for _, c := range at.classes {
			a, b := c.Attributes[source], c.Attributes[key]
			if a == nil || b == nil || a.Present != b.Present {
				continue
			}
			if !a.Values.All() || !b.Values.All() || !f.learn(a.Values.Kept(), b.Values.Kept()) {
				return nil
			}
			with = append(with, b)
		}
	}
	if len(f.words) != len(f.of.spec.Values) || !w.say(f, key, with) {
		return nil
	}
	return f
}

// say has the words and values of a follower be those that are said of them; it reports whether
// all of them may be.
func (w *writer) say(f *follower, key string, with []*profile.Attribute) bool {
	said := make(map[string]string) // by value
	for i, a := range with {
		own := w.policy.Values(key, a, 0)
		if !own.Same() || i > 0 && own.Kind != f.kind {
			return false
		}
		f.kind = own.Kind
		for _, x := range a.Values.Kept() {
			if text, ok := w.policy.Said(key, x); ok && slices.ContainsFunc(own.Values, func(v privacy.Value) bool { return v.Text == text }) {
				said[x.Text] = text
			}
		}
	}
	words := make(map[string]string)
	for _, x := range f.of.values.Kept() {
		value, follows := f.words[x.Text]
		word, ok := w.policy.Said(f.key, x)
		if text, known := said[value]; follows && ok && known {
			words[word] = text
		}
	}
	f.words = words
	several := len(slices.Compact(slices.Sorted(maps.Values(words)))) > 1
	return several && !slices.ContainsFunc(f.of.spec.Values, func(v privacy.Value) bool { return words[v.Text] == "" })
}

// comesTo reports whether all words of a value follow; nil: it has none.
func (f *follower) comesTo(s *sharedValue) bool {
	if s == nil {
		return true
	}
	words := slices.Sorted(maps.Values(f.words))
	return s.spec.How == privacy.Categorical && !slices.ContainsFunc(s.spec.Values, func(v privacy.Value) bool { return !slices.Contains(words, v.Text) })
}

// learn takes over which words go together in a class: those of one set alone come to as many
// spans as a value, and are first seen with it. It reports whether that may be.
func (f *follower) learn(words, values []*sketch.Value) bool {
	if len(words) > mostFollowed || len(values) > len(words) {
		return false
	}
	for _, v := range values {
		found := 0
		for set := 1; set < 1<<len(words); set++ {
			count, first := uint64(0), ^uint64(0)
			for i, x := range words {
				if set>>i&1 == 1 {
					count += x.Count
					first = min(first, x.Trace)
				}
			}
			if count == v.Count && first == v.Trace {
				if found++; found > 1 {
					return false
				}
				for i, x := range words {
					if set>>i&1 == 0 {
						continue
					}
					if before, ok := f.words[x.Text]; ok && before != v.Text {
						return false
					}
					f.words[x.Text] = v.Text
				}
			}
		}
		if found == 0 {
			return false
		}
	}
	return true
}

// followedBy writes that an attribute of a class follows from another one that it has; nil: it
// does not.
func (w *writer) followedBy(c *class, key string, a *profile.Attribute) *node {
	s := w.followers[key]
	if s == nil {
		return nil
	}
	of := c.Attributes[s.follows.key]
	if of == nil || of.Present != a.Present || w.sharedBy(s.follows.key, of) == nil {
		return nil
	}
	return w.use(s)
}

// node writes what a value follows from.
func (f *follower) node() *node {
	values := mapping()
	for _, v := range f.of.spec.Values {
		values.putRaw(scalarOf(f.of.spec.Kind, v.Text), raw(scalarOf(f.kind, f.words[v.Text])))
	}
	return mapping().with("follows", f.of.name).set("values", values)
}
