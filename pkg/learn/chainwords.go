package learn

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/learn/privacy"
	"github.com/otelsim/otelsim/pkg/profile"
	"github.com/otelsim/otelsim/pkg/profile/sketch"
)

// chain is a key whose words go down chains of spans, and keys that follow from it.
type chain struct {
	chains *chains
	key    string
	with   map[string]*follower // by key
	keys   []string             // all of them, in order
	order  []*class             // that have one of them
	specs  map[*class]map[string]*privacy.Spec
	below  map[*class]bool   // that have it from above
	all    []privacy.Value   // the words of the key, of all spans
	words  map[*class]shares // worked out already
	open   map[*class]bool
}

// shares are words with how likely they are.
type shares map[string]float64

// chainOfWords returns the chain of a key, or where that follows from another one, of which
// there are more words, the chain of that. What it is made of are some keys.
func (w *writer) chainOfWords(key string, keys []string) *chain {
	x := &chain{
		chains: &w.chains, key: key, with: make(map[string]*follower), below: make(map[*class]bool),
		words: make(map[*class]shares), open: make(map[*class]bool),
	}
	most := 0
	for _, k := range keys {
		if f := w.goesWith(k, key); f != nil && len(f.words) > most {
			x.key, most = k, len(f.words)
		}
	}
	for _, k := range keys {
		if k != x.key && (k == key || w.goesDown(k)) {
			if f := w.goesWith(x.key, k); f != nil {
				x.with[k] = f
			}
		}
	}
	x.keys = slices.Sorted(maps.Keys(x.with))
	x.keys = append([]string{x.key}, x.keys...)
	x.members(w)
	x.split()
	return x
}

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
	for _, at := range w.g.order {
		for _, c := range at.classes {
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

// members finds the classes of which words are known, and which have them from above.
func (x *chain) members(w *writer) {
	x.specs = make(map[*class]map[string]*privacy.Spec)
	kinds := make(map[string]otlp.Kind) // by key
	all := make(map[string]uint64)
	for _, at := range w.g.order {
	classes:
		for _, c := range at.classes {
			own := make(map[string]*privacy.Spec)
			above := false
			for _, key := range x.keys {
				a := c.Attributes[key]
				if a == nil {
					continue
				}
				s := w.policy.Values(key, a, 0)
				if s.How != privacy.Constant && s.How != privacy.Categorical {
					continue classes
				}
				if kind, ok := kinds[key]; ok && kind != s.Kind {
					continue classes
				}
				kinds[key] = s.Kind
				own[key], above = &s, above || fromAbove(a)
			}
			if len(own) == 0 {
				continue
			}
			x.order, x.specs[c], x.below[c] = append(x.order, c), own, above
			if s := own[x.key]; s != nil {
				for _, v := range s.Values {
					all[v.Text] += v.Weight
				}
			}
		}
	}
	for _, word := range slices.Sorted(maps.Keys(all)) {
		x.all = append(x.all, privacy.Value{Text: word, Weight: all[word]})
	}
}

// wordsOf returns the words of the key that spans of a class have, or would have; nil where
// that cannot be told.
func (x *chain) wordsOf(c *class) shares {
	if out, ok := x.words[c]; ok {
		return out
	}
	if x.open[c] {
		return nil
	}
	x.open[c] = true
	out := make(shares)
	switch own := x.specs[c]; {
	case own == nil:
		out = nil
	case own[x.key] != nil:
		out.add(own[x.key].Values, 1)
	case x.below[c]:
		out = x.fromAbove(c)
	default:
		for _, key := range x.keys[1:] {
			if own[key] != nil {
				out = x.spread(key, own[key].Values)
				break
			}
		}
	}
	delete(x.open, c)
	x.words[c] = out
	return out
}

// add adds words by their weight, which come to a share together.
func (s shares) add(values []privacy.Value, share float64) {
	sum := uint64(0)
	for _, v := range values {
		sum += v.Weight
	}
	for _, v := range values {
		s[v.Text] += float64(share * float64(v.Weight) / float64(max(sum, 1)))
	}
}

// spread returns the words from which those of a key follow, as likely among themselves as of
// all spans.
func (x *chain) spread(key string, values []privacy.Value) shares {
	out, total := make(shares), make(shares)
	total.add(values, 1)
	for _, v := range values {
		var of []privacy.Value
		for _, word := range x.all {
			if x.with[key].words[word.Text] == v.Text {
				of = append(of, word)
			}
		}
		out.add(of, total[v.Text])
	}
	return out
}

// fromAbove returns the words that spans of a class would have from those above; nil where
// these are not of the chain, some of them.
func (x *chain) fromAbove(c *class) shares {
	members := make(map[*class]bool, len(x.specs))
	total := 0.0
	for _, from := range x.chains.callers[c] {
		members[from.class] = x.specs[from.class] != nil
		total += from.calls
	}
	if x.chains.covered(c, members) < 1-mostDiffer {
		return nil
	}
	out := make(shares)
	for _, from := range x.chains.callers[c] {
		words := x.wordsOf(from.class)
		for _, word := range slices.Sorted(maps.Keys(words)) {
			out[word] += float64(words[word] * from.calls / total)
		}
	}
	return out
}

// split finds classes that have other words than those above, as what is done follows from
// these: they draw their own. What calls a class is looked at before it.
func (x *chain) split() {
	seen := make(map[*class]bool)
	var visit func(c *class)
	visit = func(c *class) {
		if seen[c] {
			return
		}
		seen[c] = true
		for _, from := range x.chains.callers[c] {
			visit(from.class)
		}
		x.below[c] = x.below[c] && x.alike(c)
	}
	for _, c := range x.order {
		visit(c)
	}
}

// alike reports whether spans of a class have the words that they would have from above.
func (x *chain) alike(c *class) bool {
	words := x.fromAbove(c)
	for _, key := range x.keys {
		own := x.specs[c][key]
		if own == nil || words == nil {
			continue
		}
		would, is := words, make(shares)
		if key != x.key {
			would = make(shares)
			for _, word := range slices.Sorted(maps.Keys(words)) {
				would[x.with[key].words[word]] += words[word]
			}
		}
		if is.add(own.Values, 1); apart(would, is) > float64(mostUnlike+math.Sqrt(1/float64(c.Spans))) {
			return false
		}
	}
	return words != nil
}

// apart is the total variation distance of two.
func apart(a, b shares) float64 {
	sum := 0.0
	for _, word := range slices.Sorted(maps.Keys(a)) {
		sum += math.Abs(a[word] - b[word])
	}
	for _, word := range slices.Sorted(maps.Keys(b)) {
		if _, ok := a[word]; !ok {
			sum += b[word]
		}
	}
	return float64(sum / 2)
}

// write notes the links of what needs them, and returns the keys that have some.
func (x *chain) write(w *writer) []string {
	needed := x.chains.needed(x.order, x.below, x.several)
	maps.DeleteFunc(needed, func(c *class, _ bool) bool { return x.specs[c] == nil })
	value, first := x.value(needed)
	if value == nil {
		return nil
	}
	values := map[string]*sharedValue{x.key: value}
	for _, key := range x.keys {
		name, _ := w.policy.Key(key, w.tracesWith(key))
		if f := x.with[key]; f != nil {
			f.of = value
			values[key] = &sharedValue{follows: f}
		}
		values[key].name = w.newValue(name)
	}
	for _, c := range x.order {
		if !needed[c] {
			continue
		}
		begins := !x.below[c] && (first > 1 || x.aboveAny(c))
		for _, key := range x.keys {
			if s := x.specs[c][key]; s != nil {
				l := &link{value: values[key]}
				if begins {
					l.is, begins = s, false
				}
				x.chains.link(c, key, l)
			}
		}
	}
	return x.keys
}

// several reports whether spans of a class have several words.
func (x *chain) several(c *class) bool {
	for _, s := range x.specs[c] { // order-free: whether there is one
		if s.How != privacy.Constant {
			return true
		}
	}
	return false
}

// value returns the value of the key, with the words with which chains of some classes begin,
// and how many of these do; nil: they have not several.
func (x *chain) value(of map[*class]bool) (value *sharedValue, first int) {
	weights := make(shares)
	value = &sharedValue{span: true, spec: privacy.Spec{How: privacy.Categorical}}
	for _, c := range x.order {
		if s := x.specs[c][x.key]; s != nil {
			value.spec.Kind = s.Kind
		}
		if !of[c] || x.below[c] {
			continue
		}
		first++
		for word, share := range x.wordsOf(c) { // order-free: a sum for each word, in the order of classes
			weights[word] += float64(share * float64(c.Spans))
		}
	}
	if len(weights) < 2 {
		return nil, first
	}
	for _, word := range slices.Sorted(maps.Keys(weights)) {
		value.spec.Values = append(value.spec.Values, privacy.Value{Text: word, Weight: uint64(math.Round(max(weights[word], 1)))})
	}
	slices.SortStableFunc(value.spec.Values, func(a, b privacy.Value) int {
		return cmp.Or(cmp.Compare(b.Weight, a.Weight), strings.Compare(a.Text, b.Text))
	})
	return value, first
}

// aboveAny reports whether spans above those of a class have some of the keys.
func (x *chain) aboveAny(c *class) bool {
	return slices.ContainsFunc(x.chains.callers[c], func(from caller) bool { return x.specs[from.class] != nil })
}
