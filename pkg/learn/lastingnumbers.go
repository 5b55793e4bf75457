package learn

import (
	"maps"
	"slices"

	"github.com/otelsim/otelsim/pkg/profile/sketch"
)

// findNumbers finds attributes of spans that last otherwise with other words whose numbers differ
// with these, too, by metrics that they give these numbers to.
func (w *writer) findNumbers() {
	if len(w.lasting) == 0 {
		return
	}
	for _, id := range slices.Sorted(maps.Keys(w.g.p.Metrics)) {
		m := w.g.p.Metrics[id]
		sums := amountsOf(m.Totals, false) // by value those of histograms, too
		if sums.sum <= 0 {
			continue
		}
		for _, x := range w.giversOf(m.Service) {
			value, ok := x.valueOf(m, &sums, nil)
			if !ok || value == "" {
				continue
			}
			for _, c := range w.classesOf(x, m.Service) {
				w.numbersOf(x, c, &sums, value)
			}
		}
	}
}

// numbersOf tells apart the numbers that the parts of a class have of an attribute, where the
// means of these differ.
func (w *writer) numbersOf(x *giver, c *class, sums *amount, value string) {
	parts, of := w.lasting[c], c.Attributes[value]
	if len(parts) < 2 || of == nil || of.Present != c.Spans || of.Numbers == nil || parts[0].numbers[value] != nil {
		return
	}
	if low, _ := of.Numbers.Bounds(); low < 0 {
		return
	}
	for _, key := range slices.Sorted(maps.Keys(parts[0].on.keys)) {
		words := c.Attributes[key]
		if len(sums.by[key]) < 2 || words == nil || !x.has(key, sums.by[key], false) {
			continue
		}
		numbers, least, most := w.meansOf(x, parts, key, words.Values, sums)
		if numbers == nil {
			continue // a word of this key goes with several of the parts
		}
		if most < float64(leastLonger*least) {
			return
		}
		split(of.Numbers, numbers)
		for k := range parts {
			if parts[k].numbers == nil {
				parts[k].numbers = make(map[string]*sketch.Numbers)
			}
			parts[k].numbers[value] = numbers[k].own
		}
		return
	}
}

// meansOf returns the means that the numbers of parts have, by what a metric comes to with each word of
// a key, the least and the largest of them; nil: not all are known by it.
func (w *writer) meansOf(x *giver, parts []lasting, key string, words *sketch.Values, sums *amount) (numbers []lasting, least, most float64) {
	for k := range parts {
		sum, count := 0.0, 0.0
		for _, v := range words.Kept() {
			text, _ := w.policy.Said(key, v)
			if with := parts[k].on.keys[key][text]; len(with) == 1 && parts[k].words[with[0]] {
				sum += sums.by[key][v.Hash()]
				count += x.attributes[key].values[v.Hash()]
			}
		}
		if sum <= 0 || count <= 0 {
			return nil, 0, 0
		}
		mean := sum / count
		if numbers = append(numbers, lasting{share: parts[k].share, mean: mean}); k == 0 || mean < least {
			least = mean
		}
		most = max(most, mean)
	}
	return numbers, least, most
}
