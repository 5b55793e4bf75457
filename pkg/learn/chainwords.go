package learn

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/learn/privacy"
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

// members finds the classes of which words are known, and which have them from above.
func (x *chain) members(w *writer) {
	x.specs = make(map[*class]map[string]*privacy.Spec)
	kinds := make(map[string]otlp.Kind) // by key
	all := make(map[string]uint64)
classes:
	for c := range w.g.classes() {
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
	total, ok := x.chains.covered(c, func(from *class) bool { return x.specs[from] != nil })
	if !ok {
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
		x.below[c] = x.below[c] && (x.alike(c) || x.few(c))
	}
	for _, c := range x.order {
		visit(c)
	}
}

// few reports whether spans of a class are few of their operation. They have the words of the
// spans above though their own are others: that matters less than what goes together.
func (x *chain) few(c *class) bool {
	all := uint64(0)
	for _, o := range x.order {
		if o.Service == c.Service && o.Name == c.Name && o.Kind == c.Kind {
			all += o.Spans
		}
	}
	return float64(c.Spans) <= float64(mostUnlike*float64(all)) && x.fromAbove(c) != nil
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
		begins := !x.below[c]
		for _, key := range x.keys {
			if s := x.specs[c][key]; s != nil {
				l := &link{value: values[key], first: begins}
				if begins && (first > 1 || x.aboveAny(c)) {
					l.is = s
				}
				begins = false
				x.chains.links[classKey{c, key}] = l
			}
		}
	}
	return x.keys
}

// several reports whether spans of a class have several words, or those above them.
func (x *chain) several(c *class) bool {
	if len(x.fromAbove(c)) > 1 {
		return true
	}
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
