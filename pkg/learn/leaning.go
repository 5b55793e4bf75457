package learn

import (
	"maps"
	"math"

	"github.com/otelsim/otelsim/pkg/profile"
)

// Bounds of what is told apart of what is done with some words of a value more often than with others:
// how far the words have to be from those of all that is done at a place, in total variation and in
// standard deviations of chance, of how many spans at least, and how many times as often as these come
// words that are taken together; and how near they come to their shares, in standard deviations.
const (
	leastLeaning = 0.05
	leanChance   = 4
	leastLeant   = 100
	seldom       = 0.7
	often        = 1.4
	nearChance   = 3
)

// leaning is an alternative as far as it is there with some words of a value; nil: with any.
type leaning struct {
	plan  int
	words map[string]bool
	spans uint64
}

// chooseLeaning returns how plans are chosen of which some are done with some words of a value more
// often than with others, as searches are what one tenant mostly does: they are alternatives with
// each, where that tells more than which words they have alone.
func (w *writer) chooseLeaning(plans []*plan, groups func(*plan) [][]run) (choice, []leaning) {
	n, all := make([]uint64, len(plans)), make([]leaning, len(plans))
	for i, p := range plans {
		n[i], all[i] = p.spans, leaning{plan: i, spans: p.spans}
	}
	out := w.choose(n, func(x *hanging, i int) map[string]bool { return x.ofGroups(groups(plans[i])) })
	if w.level > 0 { // what is too large says less
		return out, all
	}
	for _, x := range w.hangings {
		parts, seen := w.leaningsAt(x, plans, groups)
		if parts == nil {
			continue
		}
		n = nil
		for _, part := range parts {
			n = append(n, part.spans)
		}
		if c := x.choose(n, func(i int) map[string]bool { return parts[i].words }, nearChance/math.Sqrt(seen)); c.gain > float64(out.gain*(1+leastGain)) {
			out, all = c, parts
		}
	}
	return out, all
}

// leaningsAt returns the plans that are done at a place by the words with which they are, and of how many
// spans that is known; nil: of too few.
func (w *writer) leaningsAt(x *hanging, plans []*plan, groups func(*plan) [][]run) (parts []leaning, seen float64) {
	counts, all := make([][]profile.Spoken, len(plans)), make([]float64, len(x.words))
	for i, p := range plans {
		counts[i] = w.doneWith(x, p)
		for k, c := range counts[i] {
			all[k] += float64(c.Spans)
			seen += float64(c.Spans)
		}
	}
	if seen < leastLeant {
		return nil, 0
	}
	usual := make([]float64, len(x.words))
	for k, n := range all {
		usual[k] = n / seen
	}
	for i, p := range plans {
		for _, part := range w.leans(x, usual, counts[i], p, x.ofGroups(groups(p))) {
			part.plan = i
			parts = append(parts, part)
		}
	}
	for k, word := range x.words {
		if all[k] > 0 {
			continue
		}
		like := x.words[x.like(k, all)]
		for i := range parts {
			if words := maps.Clone(parts[i].words); words[like] {
				words[word] = true
				parts[i].words = words
			}
		}
	}
	return parts, seen
}

// like is which word that is seen is most like one that is not: of sorts of sessions the one with the
// most of its values, else that which is seen most.
func (x *hanging) like(k int, seen []float64) (best int) {
	most := -1
	for i, n := range seen {
		if n == 0 {
			continue
		}
		if alike := x.inCommon(k, i); alike > most || alike == most && n > seen[best] {
			best, most = i, alike
		}
	}
	return best
}

// doneWith returns how often a plan is seen with each word of a value, in the order of these.
func (w *writer) doneWith(x *hanging, p *plan) []profile.Spoken {
	if x.done == nil {
		x.done = make(map[uint64][]profile.Spoken)
		var of []profile.ClassKey
		for c := range w.g.classes() {
			if len(c.plans) > 1 {
				of = append(of, profile.ClassKey{Class: c.id})
			}
		}
		for _, counts := range w.whole.Within(w.sortsFor(x), of) { // order-free: each Production is of one class
			for h, n := range counts {
				x.done[h] = n
			}
		}
	}
	out := make([]profile.Spoken, len(x.words))
	for _, h := range p.productions {
		for k, n := range x.done[h] {
			out[k].Add(n)
		}
	}
	return out
}

// leans splits a plan by the words with which it is done, of those that may be, where they are others
// than at the place in all: what is seldom done with some, often with others, or about as often as
// they come.
func (w *writer) leans(x *hanging, all []float64, counts []profile.Spoken, p *plan, may map[string]bool) []leaning {
	whole := []leaning{{words: may, spans: p.spans}}
	spans, sorted := 0.0, 0.0
	for _, c := range counts {
		spans += float64(c.Spans)
		sorted += float64(c.Sorted)
	}
	if spans == 0 {
		return whole
	}
	chi, far, words := 0.0, 0.0, -1.0
	var parts [3]leaning
	var traces [3]uint64
	var shares [3]float64
	for k, word := range x.words {
		usual, share := all[k], float64(float64(counts[k].Spans)/spans)
		if usual == 0 || may != nil && !may[word] {
			continue
		}
		chi += float64(float64(float64((share-usual)*(share-usual))/usual) * sorted)
		far += math.Abs(share-usual) / 2
		words++
		at := 1
		switch {
		case share < float64(seldom*usual):
			at = 0
		case share > float64(often*usual):
			at = 2
		}
		if parts[at].words == nil {
			parts[at].words = make(map[string]bool)
		}
		parts[at].words[word] = true
		traces[at] += counts[k].Traces
		shares[at] += share
	}
	if far < leastLeaning || chi < words+float64(leanChance*math.Sqrt(2*max(words, 1))) {
		return whole
	}
	kept := 0.0
	for at := range parts {
		if traces[at] >= w.g.k {
			kept += shares[at]
		}
	}
	var out []leaning
	for at, part := range parts {
		if part.spans = uint64(math.Round(float64(shares[at] * float64(p.spans) / max(kept, 1e-9)))); traces[at] >= w.g.k && part.spans > 0 {
			out = append(out, part)
		}
	}
	if len(out) == 0 {
		return whole
	}
	return out
}
