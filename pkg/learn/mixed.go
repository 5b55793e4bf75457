package learn

import (
	"maps"
	"slices"
)

// worded is runs of a mixture that are there with some words only of what is hung on.
type worded struct {
	words map[string]bool
	share float64 // of these words
	runs  []run
}

// apart returns the runs of a mixture that are there with some words only, by these: each is
// there or not whatever else is, but never beside those of other words, as are failed calls
// of one provider and of another one. It is nil where words are not told apart by that, or where
// nothing is known of some of them.
func (w *writer) apart(runs []run) (out []worded) {
	covered := 0
	for _, r := range runs {
		words := w.wordsBelow(r.class)
		if r.share >= 1 || words == nil {
			continue
		}
		at := slices.IndexFunc(out, func(x worded) bool { return maps.Equal(x.words, words) })
		if at < 0 {
			if slices.ContainsFunc(out, func(x worded) bool { return overlap(x.words, words) }) {
				return nil
			}
			at = len(out)
			out = append(out, worded{words: words})
			for _, word := range slices.Sorted(maps.Keys(words)) { // sums of fractions have an order
				out[at].share += w.hanging.share[word]
			}
			covered += len(words)
		}
		out[at].runs = append(out[at].runs, r)
	}
	if len(out) < 2 || covered < len(w.hanging.share) {
		return nil
	}
	return out
}

func overlap(a, b map[string]bool) bool {
	for word := range a { // order-free: whether there is one
		if b[word] {
			return true
		}
	}
	return false
}

// eitherOf writes runs of a mixture that are there with some words only: those of one of these.
func (w *writer) eitherOf(all []worded) *node {
	either := list()
	for _, x := range all {
		out := mapping().set("weight", raw(digits(float64(100*x.share), 4)))
		w.when(out, x.words)
		items := list()
		for _, r := range x.runs {
			r.share = min(float64(r.share/x.share), 1)
			items.items = append(items.items, w.run(&r, false))
		}
		either.items = append(either.items, out.set("all", items))
	}
	return mapping().set("one_of", either)
}

// isMixed reports whether groups are what a mixture does, one after the other.
func isMixed(groups [][]run) bool {
	mixed := false
	for _, runs := range groups {
		if beside(runs) {
			return false
		}
		mixed = mixed || runs[0].share < 1
	}
	return mixed
}
