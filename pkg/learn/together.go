package learn

import (
	"cmp"
	"maps"
	"slices"
	"strconv"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/learn/privacy"
)

// Bounds of what sorts of sessions are told apart: how many there are, how much two values have to
// depend on each other, from 0 to 1, and how many of the traces the sorts may leave out.
const (
	mostSorts     = 48
	leastTogether = 0.05
	mostUnsorted  = 0.1
)

// findTogether finds values of sessions that depend on each other, and on which something hangs:
// those of each group then follow from one value, a sort of session, and it is that on which it hangs.
func (w *writer) findTogether() {
	all := slices.DeleteFunc(slices.Clone(w.hangings), func(x *hanging) bool { return !x.on.session })
	for len(all) > 1 {
		counts := w.togetherOf(all)
		of := depending(counts, len(all))
		if len(of) < 2 {
			return
		}
		if sorts := w.sortsOf(counts, of); sorts != nil {
			w.hangOn(sorts, all, of)
			for _, i := range slices.Backward(of) {
				all = slices.Delete(all, i, i+1)
			}
			continue
		}
		least := of[len(of)-1] // of the fewest words
		all = slices.Delete(all, least, least+1)
	}
}

// combination is what some sessions have: of each value the word, -1 for none, and so many sessions
// with so many traces, of which so many have each.
type combination struct {
	words            []int
	sessions, traces uint64
	with             []uint64
}

// togetherOf returns what words of some values sessions have.
func (w *writer) togetherOf(all []*hanging) (out []combination) {
	var keys []string
	words := make([]map[uint64]int, len(all))
	for i, x := range all {
		keys, words[i] = append(keys, x.key), w.indexOf(x)
	}
	for _, t := range w.whole.Together(keys) {
		x := combination{sessions: t.Sessions, traces: t.Traces, with: t.With}
		for i, h := range t.Values {
			at, ok := words[i][h]
			if !ok {
				at = -1
			}
			x.words = append(x.words, at)
		}
		out = combined(out, x)
	}
	return out
}

// indexOf returns which of its words a value of a key is.
func (w *writer) indexOf(x *hanging) map[uint64]int {
	out := make(map[uint64]int)
	for _, v := range x.on.values.Kept() {
		text, ok := w.policy.Said(x.key, v)
		if at := slices.Index(x.words, text); ok && at >= 0 {
			out[v.Hash()] = at
		}
	}
	return out
}

// draws is in how many traces the words are seen, which a session has as many of as it has requests
// that come so far.
func (x *combination) draws() (most uint64) {
	for _, n := range x.with {
		most = max(most, n)
	}
	if most == 0 {
		return x.traces
	}
	return most
}

// combined adds what some sessions have to what others have of the same words.
func combined(all []combination, x combination) []combination {
	at := slices.IndexFunc(all, func(o combination) bool { return slices.Equal(o.words, x.words) })
	if at < 0 {
		return append(all, x)
	}
	all[at].sessions += x.sessions
	all[at].traces += x.traces
	for i, n := range x.with {
		all[at].with[i] += n
	}
	return all
}

// depending returns which of some values depend on one another: the first that depends on any, and
// all that depend on one of these.
func depending(counts []combination, n int) (out []int) {
	for first := range n {
		out = []int{first}
		for i := 0; i < len(out); i++ {
			for k := range n {
				if !slices.Contains(out, k) && depend(counts, out[i], k) > leastTogether {
					out = append(out, k)
				}
			}
		}
		if len(out) > 1 {
			slices.Sort(out)
			return out
		}
	}
	return nil
}

// byChance is how many times what is seen on average of values that do not depend on each other,
// of as many sessions, is taken off from what is seen.
const byChance = 3

// depend is how much two values depend on each other, from 0 to 1: the square of Cramer's V, less
// what may be chance.
func depend(counts []combination, i, k int) float64 {
	type pair struct{ a, b int }
	both := make(map[pair]float64)
	a, b := make(map[int]float64), make(map[int]float64)
	sessions := 0.0
	for _, x := range counts {
		if x.words[i] < 0 || x.words[k] < 0 {
			continue
		}
		n := float64(x.sessions)
		both[pair{x.words[i], x.words[k]}] += n
		a[x.words[i]] += n
		b[x.words[k]] += n
		sessions += n
	}
	if min(len(a), len(b)) < 2 {
		return 0
	}
	sum := 0.0
	for _, x := range slices.Sorted(maps.Keys(a)) {
		for _, y := range slices.Sorted(maps.Keys(b)) {
			n := both[pair{x, y}]
			sum += float64(n*n) / float64(a[x]*b[y])
		}
	}
	chance := float64((len(a)-1)*(len(b)-1)) / sessions
	return (sum - 1 - float64(byChance*chance)) / float64(min(len(a), len(b))-1)
}

// sortsOf returns which words of some of the values sessions have together, without what too few
// traces have; nil: there are too many of them, or they leave out too much.
func (w *writer) sortsOf(counts []combination, of []int) (out []combination) {
	all, kept := uint64(0), uint64(0)
	for _, x := range counts {
		own := combination{traces: x.traces}
		for _, i := range of {
			own.words, own.with = append(own.words, x.words[i]), append(own.with, x.with[i])
		}
		all += x.traces
		out = combined(out, own)
	}
	out = slices.DeleteFunc(out, func(x combination) bool { return !w.policy.Enough(x.traces) })
	for _, x := range out {
		kept += x.traces
	}
	if len(out) < 2 || len(out) > mostSorts || float64(all-kept) > float64(mostUnsorted*float64(all)) {
		return nil
	}
	slices.SortStableFunc(out, func(a, b combination) int {
		return cmp.Or(cmp.Compare(b.traces, a.traces), slices.Compare(a.words, b.words))
	})
	return out
}

// hangOn has some values follow from the sort of a session, on which that hangs which has hung on them.
func (w *writer) hangOn(sorts []combination, all []*hanging, of []int) {
	kind := &sharedValue{name: w.newValue("kind"), session: true, spec: privacy.Spec{How: privacy.Categorical, Kind: otlp.KindInt}}
	for i, x := range sorts {
		kind.spec.Values = append(kind.spec.Values, privacy.Value{Text: strconv.Itoa(i + 1), Weight: x.draws()})
	}
	on := newHanging("", kind)
	on.sorts = sorts
	for n, i := range of {
		x := all[i]
		on.from = append(on.from, x)
		f := &follower{of: kind, kind: x.on.spec.Kind, words: make(map[string]string)}
		with := make(map[string][]string) // by word
		for k, sort := range sorts {
			word := x.on.spec.Values[0].Text // of what has none
			if at := sort.words[n]; at >= 0 {
				word = x.words[at]
				with[word] = append(with[word], kind.spec.Values[k].Text)
			}
			f.words[kind.spec.Values[k].Text] = word
		}
		x.on.follows = f
		for key, words := range x.keys { // order-free: each alone
			on.keys[key] = make(map[string][]string)
			for text, list := range words { // order-free: likewise
				for _, word := range list {
					on.keys[key][text] = append(on.keys[key][text], with[word]...)
				}
			}
		}
		w.hangings = slices.DeleteFunc(w.hangings, func(o *hanging) bool { return o == x })
	}
	if w.findOwn(on) {
		slices.SortFunc(on.words, func(a, b string) int { return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b)) })
		w.hangings = append([]*hanging{on}, w.hangings...)
	}
}
