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
	words map[string]string
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
			if key == w.hanging.key || w.followers[key] != nil || slices.Contains(from[:i+1], key) || s != nil && s.session != w.shared[source].session {
				continue
			}
			name, ok := w.policy.Key(key, w.tracesWith(key))
			if !ok {
				continue
			}
			if f := w.followerOf(source, key); f != nil {
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
		if s.spec.How == privacy.Categorical && s.spec.Other == 0 {
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
	several := false
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
			several = several || len(b.Values.Kept()) > 1
		}
	}
	for _, v := range f.of.spec.Values {
		if _, ok := f.words[v.Text]; !ok {
			return nil
		}
	}
	if !several || len(f.words) != len(f.of.spec.Values) || !w.sayable(f, key, with) {
		return nil
	}
	return f
}

// sayable reports whether all values of a key may be said as they are, and takes over what they are.
func (w *writer) sayable(f *follower, key string, with []*profile.Attribute) bool {
	said := make(map[string]bool)
	for i, a := range with {
		own := w.policy.Values(key, a, 0)
		if own.How != privacy.Constant && own.How != privacy.Categorical || own.Other > 0 || i > 0 && own.Kind != f.kind {
			return false
		}
		f.kind = own.Kind
		for _, v := range own.Values {
			said[v.Text] = true
		}
	}
	for _, v := range f.words { // order-free: whether all are
		if !said[v] {
			return false
		}
	}
	return true
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
