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

// hanging is a value of a request or a session from which it follows what spans do: some
// classes have some of its words only, as calls of a provider have its models.
type hanging struct {
	on    *sharedValue
	key   string                         // whose value it is
	from  []*hanging                     // of a sort of sessions: the values that follow from it
	sorts []combination                  // likewise: their words, by word
	keys  map[string]map[string][]string // of attributes, by word of these: with which words of the value
	hung  bool                           // something hangs on it, be it one word or another
	words []string                       // sorted
	share map[string]float64             // by word
	own   map[*class]map[string]bool     // which words classes have that have some only

	lacking map[*class]bool            // those of them that are known by what they lack, which others of their name do not
	of      map[*class]map[string]bool // with which words classes are there; nil: any
	open    map[*class]bool

	// done is how often what spans do is done, by Production and in the order of words; nil: not counted yet.
	done map[uint64][]profile.Spoken
}

// findHanging finds the values that something hangs on: those with the most words first.
func (w *writer) findHanging() {
	for _, key := range slices.Sorted(maps.Keys(w.shared)) {
		s := w.shared[key]
		if s.spec.How != privacy.Categorical || !s.spec.Same() || s.follows != nil || w.ofFailures(key) {
			continue
		}
		x := newHanging(key, s)
		x.keys[key] = make(map[string][]string)
		for _, word := range x.words {
			x.keys[key][word] = []string{word}
		}
		w.alsoHang(x, key)
		if w.findOwn(x) {
			w.hangings = append(w.hangings, x)
		}
	}
	slices.SortStableFunc(w.hangings, func(a, b *hanging) int { return cmp.Compare(len(b.words), len(a.words)) })
	w.findTogether()
}

// ofFailures reports whether most spans that have a key have failed: it then tells what went
// wrong, on which nothing hangs that is done.
func (w *writer) ofFailures(key string) bool {
	failed, all := uint64(0), uint64(0)
	for _, at := range w.g.order {
		for _, c := range at.classes {
			a := c.Attributes[key]
			if a == nil {
				continue
			}
			if all += a.Present; c.failed() {
				failed += a.Present
			}
		}
	}
	return 2*failed > all
}

// findOwn finds the classes that have some words only of what is hung on, and reports whether
// there are any.
func (w *writer) findOwn(x *hanging) bool {
	for _, at := range w.g.order {
		for _, c := range at.classes {
			if words := w.wordsOf(x, c); words != nil {
				x.own[c] = words
			}
		}
	}
	w.keepChoices(x)
	return len(x.own) > 0
}

// alsoHang has it that classes which have some words only of what follows from a value of a key have
// those of that which it follows from.
func (w *writer) alsoHang(x *hanging, of string) {
	for key, s := range w.followers { // order-free: each alone
		if s.follows.key != of || w.shared[key] != s {
			continue
		}
		x.keys[key] = make(map[string][]string)
		for _, word := range x.words {
			x.keys[key][s.follows.words[word]] = append(x.keys[key][s.follows.words[word]], word)
		}
	}
}

func newHanging(key string, s *sharedValue) *hanging {
	x := &hanging{
		on: s, key: key, keys: make(map[string]map[string][]string), share: make(map[string]float64), own: make(map[*class]map[string]bool),
		lacking: make(map[*class]bool), of: make(map[*class]map[string]bool), open: make(map[*class]bool),
	}
	total := float64(max(s.spec.Weight(), 1))
	for _, v := range s.spec.Values {
		x.share[v.Text] = float64(v.Weight) / total
	}
	x.words = slices.Sorted(maps.Keys(x.share))
	return x
}

// keepChoices forgets the words of spans of whose service, name and kind no others have other
// ones. What a span of a name always says, such as its method, is nothing to choose by, unless names
// are the same but for what spans say besides, as that of the model or the tool. Where the
// others have all of the words, those that have some only have to lack more of them than chance
// would have it; what they say of them they say by themselves.
func (w *writer) keepChoices(x *hanging) {
	type operation struct {
		service, name string
		kind          uint8
	}
	first, choice := make(map[operation]map[string]bool), make(map[operation]bool)
	all := make(map[operation]bool) // have some spans
	of := func(c *class) operation { return operation{c.Service, bareName(c), c.Kind} }
	for c := range w.g.classes() {
		words := x.own[c]
		switch before, ok := first[of(c)]; {
		case words == nil:
			all[of(c)] = true
		case !ok:
			first[of(c)] = words
		case !maps.Equal(before, words):
			choice[of(c)] = true
		}
	}
	maps.DeleteFunc(x.own, func(c *class, _ map[string]bool) bool {
		x.lacking[c] = all[of(c)] && !choice[of(c)]
		return !choice[of(c)] && !x.lacking[c]
	})
}

// bareName is the name of the spans of a class without words that they have as attributes, but for
// the first.
func bareName(c *class) string {
	words := strings.Fields(c.Name)
	for _, a := range c.Attributes { // order-free: each replaces its own word
		if !a.Values.All() || len(a.Values.Kept()) != 1 {
			continue
		}
		if i := slices.Index(words, profile.Name(a.Values.Kept()[0].Text)); i > 0 {
			words[i] = "{}"
		}
	}
	return strings.Join(words, " ")
}

// drawsOf is about how often a value of a session is drawn for what the spans of a class are of.
func (w *writer) drawsOf(c *class) float64 {
	traces, sessions := float64(c.Traces), float64(w.g.p.Sessions.Count)
	if requests := float64(w.requests()); sessions > 0 && requests > sessions {
		traces *= sessions / requests
	}
	return traces
}

// lacks reports whether spans of a class have fewer of the words of a key than chance would have
// it, by three standard deviations.
func (w *writer) lacks(x *hanging, key string, c *class) bool {
	own, ok := w.textsOf(key, c)
	draws, mean, variance, lacking := w.drawsOf(c), 0.0, 0.0, 0.0
	for _, text := range slices.Sorted(maps.Keys(x.keys[key])) {
		share := 0.0
		for _, word := range x.keys[key][text] {
			share += x.share[word]
		}
		q := math.Pow(max(1-share, 0), draws)
		mean += q
		variance += float64(q * (1 - q))
		if !slices.Contains(own, text) {
			lacking++
		}
	}
	return ok && lacking-mean > float64(3*math.Sqrt(variance))
}

// wordsOf returns with which words of a value the spans of a class are there, where these are
// some of them; else nil.
func (w *writer) wordsOf(x *hanging, c *class) (words map[string]bool) {
	for _, key := range slices.Sorted(maps.Keys(x.keys)) {
		with := w.wordsWith(x, key, c)
		switch {
		case with == nil || !w.lacks(x, key, c):
		case words == nil:
			words = with
		default:
			maps.DeleteFunc(words, func(word string, _ bool) bool { return !with[word] })
		}
	}
	return x.some(words)
}

// some returns words that are some of the value; nil where they are none or all.
func (x *hanging) some(words map[string]bool) map[string]bool {
	if len(words) == 0 || len(words) == len(x.words) {
		return nil
	}
	return words
}

// wordsWith returns with which words of a value a class has those of a key; nil: with any.
func (w *writer) wordsWith(x *hanging, key string, c *class) map[string]bool {
	own, ok := w.textsOf(key, c)
	if !ok {
		return nil
	}
	words := make(map[string]bool)
	for _, text := range own {
		with := x.keys[key][text]
		if len(with) == 0 {
			return nil
		}
		for _, word := range with {
			words[word] = true
		}
	}
	return x.some(words)
}

// leastPresent is the share of the spans of a class that have to have a key for it to be one of theirs.
const leastPresent = 0.9

// textsOf returns all that is said of a key on the spans of a class, or where these do not have it on
// their resources; false: most do not have it, or not all of it is said.
func (w *writer) textsOf(key string, c *class) (texts []string, ok bool) {
	least := float64(leastPresent * float64(c.Spans))
	if a := c.Attributes[key]; a != nil {
		own := w.policy.Values(key, a, 0)
		for _, v := range own.Values {
			texts = append(texts, v.Text)
		}
		return texts, float64(a.Present) >= least && own.Same()
	}
	on, shared := c.Resource[key], w.shared[key]
	if on == nil || shared == nil || shared.values == nil || !on.All() || float64(on.Count()) < least {
		return nil, false
	}
	for _, v := range on.Kept() {
		known, ok := shared.values.Of(v.Hash()) // which knows how many traces have it
		if !ok {
			return nil, false
		}
		text, ok := w.policy.Said(key, known)
		if !ok {
			return nil, false
		}
		texts = append(texts, text)
	}
	return texts, true
}

// hangs reports whether an attribute of a class is a value that what is done hangs on.
func (w *writer) hangs(key string, a *profile.Attribute) bool {
	for _, x := range w.hangings {
		if x.keys[key] == nil {
			continue
		}
		for c := range x.own { // order-free: whether there is one
			if c.Attributes[key] == a && !x.lacking[c] {
				return true
			}
		}
	}
	return false
}

// below returns with which words of the value a class is there: its own, or those of
// what is below it; nil: any.
func (x *hanging) below(c *class) map[string]bool {
	if own := x.own[c]; own != nil {
		return own
	}
	if words, ok := x.of[c]; ok || x.open[c] {
		return words
	}
	x.open[c] = true
	words := x.ofPlans(c.plans)
	delete(x.open, c)
	x.of[c] = words
	return words
}

// ofVariant returns with which words of the value an operation goes in a way; nil: any.
func (x *hanging) ofVariant(v *variant) map[string]bool {
	if v.on == x {
		return v.words
	}
	if own := x.own[v.class]; own != nil {
		if v.class.path.roots > 0 {
			return own
		}
		return nil // whoever calls it is there with them
	}
	return x.ofPlans(v.plans)
}

// ofPlans returns with which words of the value one of some plans is followed; nil: any.
func (x *hanging) ofPlans(plans []*plan) map[string]bool {
	words := make(map[string]bool)
	for _, p := range plans {
		below := x.ofGroups(p.groups)
		if below == nil {
			return nil
		}
		maps.Copy(words, below)
	}
	return x.some(words)
}

// ofGroups returns with which words of the value some groups are done; nil: any.
func (x *hanging) ofGroups(groups [][]run) (words map[string]bool) {
	for _, runs := range groups {
		for _, r := range runs {
			below := x.below(r.class)
			switch {
			case below == nil || r.share < 1:
			case words == nil:
				words = maps.Clone(below)
			default:
				maps.DeleteFunc(words, func(word string, _ bool) bool { return !below[word] })
			}
		}
	}
	return x.some(words)
}
