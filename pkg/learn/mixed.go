package learn

import (
	"maps"
	"slices"
)

// worded is runs of a mixture that are there with some words only of what is hung on.
type worded struct {
	on    *hanging
	words map[string]bool
	share float64 // of these words
	runs  []run
}

// aparts returns the runs of a mixture that are there with some words only, by the value of
// which these are. Each run is of one.
func (w *writer) aparts(runs []run) (out [][]worded) {
	for _, x := range w.hangings {
		left := slices.DeleteFunc(slices.Clone(runs), func(r run) bool {
			return slices.ContainsFunc(out, func(all []worded) bool { return has(all, &r) })
		})
		if all := x.apart(left); all != nil {
			out = append(out, all)
		}
	}
	return out
}

// has reports whether a run is one of those that are there with some words only.
func has(all []worded, of *run) bool {
	return slices.ContainsFunc(all, func(x worded) bool {
		return slices.ContainsFunc(x.runs, func(r run) bool { return r.key() == of.key() })
	})
}

// apart returns the runs of a mixture that are there with some words only, by these: each is
// there or not whatever else is, but never beside those of other words, as are failed calls
// of one provider and of another one. It is nil where words are not told apart by that, or where
// nothing is known of some of them.
func (x *hanging) apart(runs []run) (out []worded) {
	covered := 0
	for _, r := range runs {
		words := x.below(r.class)
		if r.share >= 1 || words == nil {
			continue
		}
		at := slices.IndexFunc(out, func(x worded) bool { return maps.Equal(x.words, words) })
		if at < 0 {
			if slices.ContainsFunc(out, func(x worded) bool { return overlap(x.words, words) }) {
				return nil
			}
			at = len(out)
			out = append(out, worded{on: x, words: words, share: x.sum(words)})
			covered += len(words)
		}
		out[at].runs = append(out[at].runs, r)
	}
	if len(out) < 2 || covered < len(x.words) {
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
		x.on.when(w, out, x.words)
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
