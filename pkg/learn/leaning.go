package learn

import (
	"maps"
	"math"
	"slices"
)

// Bounds of what is told apart of what is done with all words of a value, but with some more often:
// in how many parts, how much more often, and how many times what chance would make of it.
const (
	mostLeanings = 4
	leastLeaning = 0.1
	leanChance   = 10
)

// leaning is an alternative as far as it is there with some words of a value; nil: with any.
type leaning struct {
	plan  int
	words map[string]bool
	spans uint64
}

// chooseLeaning returns how plans are chosen of which some are there with some words of a value more
// often than with others, as searches are what one tenant mostly does: they are alternatives with
// each, where that tells more than which words they have alone.
func (w *writer) chooseLeaning(plans []*plan, groups func(*plan) [][]run) (choice, []leaning) {
	n, all := make([]uint64, len(plans)), make([]leaning, len(plans))
	for i, p := range plans {
		n[i], all[i] = p.spans, leaning{plan: i, spans: p.spans}
	}
	out := w.choose(n, func(x *hanging, i int) map[string]bool { return x.ofGroups(groups(plans[i])) })
	if w.level > 0 {
		return out, all
	}
	for _, x := range w.hangings {
		var parts []leaning
		for i, p := range plans {
			parts = append(parts, w.leaningsOf(x, i, p, groups(p))...)
		}
		if len(parts) == len(plans) {
			continue
		}
		n = nil
		for _, part := range parts {
			n = append(n, part.spans)
		}
		if c := w.chooseOn(x, n, func(i int) map[string]bool { return parts[i].words }); c.gain > out.gain {
			out, all = c, parts
		}
	}
	return out, all
}

// leaningsOf splits a plan by the words with which it is there, where some are with it more often than
// elsewhere: those of the class that tells most of that.
func (w *writer) leaningsOf(x *hanging, i int, p *plan, groups [][]run) []leaning {
	whole := []leaning{{i, x.ofGroups(groups), p.spans}}
	if whole[0].words != nil {
		return whole
	}
	var best []leaning
	most := 0.0
	for _, runs := range groups {
		for _, r := range runs {
			for _, key := range slices.Sorted(maps.Keys(x.keys)) {
				if r.share < 1 {
					continue
				}
				if parts, chi := w.leans(x, key, r.class, p); chi > most {
					most, best = chi, parts
				}
			}
		}
	}
	if best == nil {
		return whole
	}
	for k := range best {
		best[k].plan = i
	}
	return best
}

// leans returns how the spans of a plan, which go with those of a class, are of the words of a value
// by one of its keys, and how far that is from what they are elsewhere: chi squared, of which 1 for
// each word would be chance; 0: not far.
func (w *writer) leans(x *hanging, key string, c *class, p *plan) (parts []leaning, chi float64) {
	a := c.Attributes[key]
	if a == nil || !a.Values.All() || len(x.keys[key]) > mostLeanings || float64(a.Present) < float64(leastPresent*float64(c.Spans)) {
		return nil, 0
	}
	seen := make(map[string]uint64)
	for _, v := range a.Values.Kept() {
		if text, ok := w.policy.Said(key, v); ok {
			seen[text] += v.Count
		}
	}
	draws, far := w.drawsOf(c), 0.0
	for _, text := range slices.Sorted(maps.Keys(x.keys[key])) {
		words := make(map[string]bool)
		for _, word := range x.keys[key][text] {
			words[word] = true
		}
		usual, share := x.sum(words), float64(float64(seen[text])/float64(max(a.Present, 1)))
		far = max(far, math.Abs(share-usual))
		chi += float64(float64((share-usual)*(share-usual))/max(usual, 1e-9)) * draws
		if n := uint64(math.Round(float64(share * float64(p.spans)))); n > 0 {
			if float64(share*float64(p.traces)) < float64(w.g.k) {
				return nil, 0
			}
			parts = append(parts, leaning{words: words, spans: n})
		}
	}
	if far < leastLeaning || chi < float64(leanChance*len(x.keys[key])) {
		return nil, 0
	}
	return parts, chi
}
