package learn

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"strings"

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
		words := x.inOrder()
		counts := w.whole.Within(w.sortsFor(x), keys)
		for _, at := range keys {
			s := w.saidBy(at, specs[at], counts[at], len(words))
			tell, before := s.tells(), found[at]
			if tell > max(leastTold, float64(tells[at]*(1+leastTold))) && (before == nil || before.on.hung == x.hung) {
				if by := s.by(x, words, w.policy); by != nil {
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

// mayTell returns the values on which words may depend: those on which something hangs, and then
// all others of which spans say the words.
func (w *writer) mayTell() []*hanging {
	out, known := slices.Clone(w.hangings), make(map[string]bool)
	for _, x := range w.hangings {
		x.hung, known[x.key] = true, true
	}
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
			if s := w.policy.Values(key, a, 0); s.How == privacy.Categorical {
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

// inOrder are the words of the value in the order of sortsFor.
func (x *hanging) inOrder() []string {
	if x.sorts == nil {
		return x.words
	}
	var out []string
	for _, v := range x.on.spec.Values {
		out = append(out, v.Text)
	}
	return out
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

// said is how often spans of a class have each word of a key.
type said struct {
	spec *privacy.Spec
	rows [][]profile.Spoken // by word of the value, and of the key in the order of spec
}

// saidBy reads what was counted of a key, by so many words of a value.
func (w *writer) saidBy(at profile.ClassKey, spec *privacy.Spec, counts map[uint64][]profile.Spoken, n int) *said {
	out := &said{spec: spec, rows: make([][]profile.Spoken, n)}
	for i := range out.rows {
		out.rows[i] = make([]profile.Spoken, len(spec.Values))
	}
	for _, v := range w.g.byID[at.Class].Attributes[at.Key].Values.Kept() {
		text, ok := w.policy.Said(at.Key, v)
		k := slices.IndexFunc(spec.Values, func(x privacy.Value) bool { return x.Text == text })
		if !ok || k < 0 {
			continue
		}
		for i, x := range counts[v.Hash()] {
			out.rows[i][k].Add(x)
		}
	}
	return out
}

// byLuck is how many standard deviations of what values tell of each other that have nothing to do
// with each other may be luck.
const byLuck = 4

// tells is how much the value tells of the words, from 0 to 1, less what may be chance: by how much
// less often one is mistaken who guesses words as often as they are there, and knows the value.
func (s *said) tells() float64 {
	all, known := 0.0, 0.0
	rows := 0.0
	words := make([]float64, len(s.spec.Values))
	for _, row := range s.rows {
		sum, square := 0.0, 0.0
		for k, x := range row {
			n := float64(x.Sorted)
			words[k] += n
			sum += n
			square += float64(n * n)
		}
		if sum > 0 {
			rows++
			all += sum
			known += square / sum
		}
	}
	if rows < 2 {
		return 0
	}
	any := 0.0
	for _, n := range words {
		any += float64(n / all * n / all)
	}
	if any >= 1 {
		return 0
	}
	chance := (rows - 1 + float64(byLuck*math.Sqrt(2*(rows-1)))) / all
	return (known/all-any)/(1-any) - chance
}

// by puts the words of the value together with which about the same is said; nil: these are all.
func (s *said) by(x *hanging, words []string, policy *privacy.Policy) *sayings {
	var order, rest []int
	for i, row := range s.rows {
		if policy.Enough(atLeast(row).Traces) {
			order = append(order, i)
		} else {
			rest = append(rest, i)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(sumOf(s.rows[b]).Spans, sumOf(s.rows[a]).Spans) })
	var groups [][]int
	for _, i := range order {
		at, apart := s.nearest(groups, i)
		if at >= 0 && (apart <= mostUnlike || len(groups) == mostSayings) {
			groups[at] = append(groups[at], i)
		} else {
			groups = append(groups, []int{i})
		}
	}
	if len(groups) < 2 {
		return nil
	}
	out := &sayings{on: x, rest: make(map[string]bool)}
	for _, i := range rest {
		if at := x.likest(groups, i); at >= 0 {
			groups[at] = append(groups[at], i)
		} else {
			out.rest[words[i]] = true
		}
	}
	for _, of := range groups {
		part := saying{words: make(map[string]bool), spec: s.of(of, policy)}
		for _, i := range of {
			part.words[words[i]] = true
		}
		if part.spec == nil {
			maps.Copy(out.rest, part.words)
		} else {
			out.parts = append(out.parts, part)
		}
	}
	return out
}

// sumOf is how much there is in a row, were each of its traces of one word.
func sumOf(row []profile.Spoken) (out profile.Spoken) {
	for _, x := range row {
		out.Add(x)
	}
	return out
}

// atLeast is what there is in a row at least.
func atLeast(row []profile.Spoken) (out profile.Spoken) {
	for _, x := range row {
		if x.Traces > out.Traces {
			out = x
		}
	}
	return out
}

// nearest returns the group of words of the value with which what is said is nearest to what is
// said with one, and how far the two are apart, less what may be chance.
func (s *said) nearest(groups [][]int, i int) (at int, apart float64) {
	at = -1
	own, one := make([]float64, len(s.spec.Values)), sumOf(s.rows[i])
	for g, of := range groups {
		clear(own)
		sum := 0.0
		for _, j := range of {
			for k, x := range s.rows[j] {
				own[k] += float64(x.Spans)
				sum += float64(x.Spans)
			}
		}
		d := 0.0
		for k, x := range s.rows[i] {
			p := own[k] / sum
			d += math.Abs(float64(x.Spans)/float64(one.Spans)-p) - math.Sqrt(float64(p*(1-p))/float64(one.Sorted))
		}
		if at < 0 || d/2 < apart {
			at, apart = g, d/2
		}
	}
	return at, apart
}

// of is what is said with some words of the value, of what enough traces have; nil: nothing.
func (s *said) of(words []int, policy *privacy.Policy) *privacy.Spec {
	out := *s.spec
	out.Values = nil
	for k, v := range s.spec.Values {
		var sum profile.Spoken
		for _, i := range words {
			sum.Add(s.rows[i][k])
		}
		if policy.Enough(sum.Traces) {
			out.Values = append(out.Values, privacy.Value{Text: v.Text, Weight: sum.Spans})
		}
	}
	slices.SortStableFunc(out.Values, func(a, b privacy.Value) int {
		return cmp.Or(cmp.Compare(b.Weight, a.Weight), strings.Compare(a.Text, b.Text))
	})
	if len(out.Values) == 0 {
		return nil
	}
	return &out
}

// likest returns the group with a sort of sessions that has most in common with one of which too
// little is known; below 0: none.
func (x *hanging) likest(groups [][]int, i int) int {
	at, most := -1, 0
	for g, of := range groups {
		for _, j := range of {
			n := 0
			for k := range x.from {
				if x.sorts[i].words[k] == x.sorts[j].words[k] {
					n++
				}
			}
			if n > most {
				at, most = g, n
			}
		}
	}
	return at
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
