package learn

import (
	"maps"
	"slices"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/learn/privacy"
	"github.com/otelsim/otelsim/pkg/profile"
	"github.com/otelsim/otelsim/pkg/profile/sketch"
)

// goesWith returns how words of a key follow from those of another one, wherever spans have
// that; nil: they do not.
func (w *writer) goesWith(source, key string) *follower {
	f := &follower{key: source, words: make(map[string]string)}
	if source == key {
		return nil
	}
	said, of := make(map[string]string), make(map[string]string) // of what is there
	var open []*class                                            // of which several words are as frequent
	n := 0
	for c := range w.g.classes() {
		a, b := c.Attributes[source], c.Attributes[key]
		if a == nil {
			continue
		}
		if b == nil || a.Present != b.Present || !a.Values.All() || !b.Values.All() {
			return nil
		}
		kind, ok := w.says(key, b, said)
		if _, known := w.says(source, a, of); !ok || !known || n > 0 && kind != f.kind {
			return nil
		}
		f.kind = kind
		n++
		before := maps.Clone(f.words)
		if !f.learn(a.Values.Kept(), b.Values.Kept()) {
			f.words, open = before, append(open, c)
		}
	}
	if slices.ContainsFunc(open, func(c *class) bool { return !f.fits(c.Attributes[source], c.Attributes[key]) }) {
		return nil
	}
	different, words := make(map[string]bool), make(map[string]string)
	for _, word := range slices.Sorted(maps.Keys(f.words)) {
		if of[word] == "" || said[f.words[word]] == "" {
			continue
		}
		words[of[word]] = said[f.words[word]]
		different[f.words[word]] = true
	}
	if f.words = words; len(different) < 2 {
		return nil
	}
	return f
}

// fits reports whether words that go together elsewhere may do so on spans of a class: those
// that come to a value are as many as that.
func (f *follower) fits(a, b *profile.Attribute) bool {
	counts := make(map[string]uint64)
	for _, x := range a.Values.Kept() {
		v, ok := f.words[x.Text]
		if !ok {
			return false
		}
		counts[v] += x.Count
	}
	return !slices.ContainsFunc(b.Values.Kept(), func(v *sketch.Value) bool { return counts[v.Text] != v.Count })
}

// says notes how the words of an attribute are said, and returns of which kind they are; false:
// it has no words, or others stand for some.
func (w *writer) says(key string, a *profile.Attribute, said map[string]string) (kind otlp.Kind, ok bool) {
	s := w.policy.Values(key, a, 0)
	if s.How != privacy.Constant && s.How != privacy.Categorical {
		return 0, false
	}
	texts := make(map[string]bool)
	for _, x := range a.Values.Kept() {
		if text, ok := w.policy.Said(key, x); ok {
			said[x.Text], texts[text] = text, true
		}
	}
	for _, v := range s.Values {
		if !texts[v.Text] {
			return 0, false
		}
	}
	return s.Kind, true
}
