package learn

import (
	"cmp"
	"maps"
	"math"
	"slices"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/profile"
	"github.com/otelsim/otelsim/pkg/profile/sketch"
)

// lasting is how long the spans of a class last with some words of a value on which something
// hangs, as answers of one model take longer than those of another one.
type lasting struct {
	on    *hanging
	words map[string]bool
	share float64 // of the spans
	mean  float64 // ns
	own   *sketch.Numbers

	numbers map[string]*sketch.Numbers // of attributes that differ with the words, too
}

// leastLonger is how many times as long spans last in the mean with one word as with another
// one for the two to be told apart, and mostLasting how many words they may have.
const (
	leastLonger = 1.15
	mostLasting = 8
)

// findLasting finds classes whose spans last otherwise with other words. Metrics of how long they
// last tell the means by attribute, and classes how long all of their spans last.
func (w *writer) findLasting() {
	w.lasting = make(map[*class][]lasting)
	if w.number > 0 || len(w.hangings) == 0 {
		return
	}
	defer w.findNumbers()
	for _, id := range slices.Sorted(maps.Keys(w.g.p.Metrics)) {
		m := w.g.p.Metrics[id]
		nanos := nanosecondsOf[m.Unit]
		if m.Kind == otlp.MetricSum || nanos == 0 || len(m.Totals) == 0 {
			continue
		}
		a := amountsOf(m.Totals, true)
		for _, x := range w.giversOf(m.Service) {
			if value, ok := x.valueOf(m, &a, nil); ok && value == "" {
				w.lastingBy(m, x, &a, nanos)
			}
		}
	}
}

// lastingBy finds those of the spans that give a metric how long they last.
func (w *writer) lastingBy(m *profile.Metric, x *giver, a *amount, nanos float64) {
	for _, on := range w.hangings {
		for _, key := range slices.Sorted(maps.Keys(on.keys)) {
			if len(a.by[key]) < 2 || !x.has(key, a.by[key], true) {
				continue
			}
			means := meansBy(m.Totals, key)
			for _, c := range w.classesOf(x, m.Service) {
				if w.reached[c.path] && w.lasting[c] == nil {
					w.lasting[c] = w.lastingOf(c, on, key, means, nanos)
				}
			}
		}
	}
}

// classesOf returns the classes of spans of a service that give metrics their values.
func (w *writer) classesOf(x *giver, service string) (out []*class) {
	for c := range w.g.classes() {
		if c.Service == service && c.Name == x.was && c.Kind == x.kind {
			out = append(out, c)
		}
	}
	return out
}

// meansBy returns the mean of the values of a histogram by the value of a key, of what has not
// failed.
func meansBy(totals []profile.Total, key string) map[uint64]float64 {
	counts, sums := make(map[uint64]float64), make(map[uint64]float64)
	for _, t := range totals {
		at := slices.IndexFunc(t.Values, func(v profile.TotalValue) bool { return v.Key == key })
		if at < 0 || slices.ContainsFunc(t.Values, func(v profile.TotalValue) bool { return v.Key == "error.type" }) {
			continue
		}
		counts[t.Values[at].Hash] += float64(t.Count)
		sums[t.Values[at].Hash] += t.Sum
	}
	out := make(map[uint64]float64)
	for h, n := range counts { // order-free: each alone
		if n > 0 && sums[h] > 0 {
			out[h] = sums[h] / n
		}
	}
	return out
}

// lastingOf tells how long the spans of a class last with each word, where that differs and they
// do nothing else; nil: it is not known.
func (w *writer) lastingOf(c *class, on *hanging, key string, means map[uint64]float64, nanos float64) (out []lasting) {
	a := c.Attributes[key]
	leaf := !slices.ContainsFunc(c.plans, func(p *plan) bool { return len(p.groups) > 0 })
	if c.failed() || !leaf || a == nil || a.Present != c.Spans || !a.Values.All() {
		return nil
	}
	for _, v := range a.Values.Kept() {
		text, ok := w.policy.Said(key, v)
		words := on.keys[key][text]
		mean := means[v.Hash()]
		if !ok || len(words) != 1 || mean == 0 || !w.policy.Enough(v.Traces) {
			return nil
		}
		out = append(out, lasting{on: on, words: map[string]bool{words[0]: true}, share: float64(v.Count) / float64(a.Present), mean: float64(mean * nanos)})
	}
	slices.SortFunc(out, func(x, y lasting) int { return cmp.Or(cmp.Compare(x.mean, y.mean), cmp.Compare(x.share, y.share)) })
	if len(out) > mostLasting {
		return nil
	}
	if out = joined(out); len(out) < 2 {
		return nil
	}
	split(c.Own, out)
	return out
}

// joined makes one of those that last about as long.
func joined(all []lasting) (out []lasting) {
	for _, x := range all {
		if n := len(out); n > 0 && x.mean < float64(leastLonger*out[n-1].mean) {
			last := &out[n-1]
			maps.Copy(last.words, x.words)
			last.mean = (float64(last.mean*last.share) + float64(x.mean*x.share)) / (last.share + x.share)
			last.share += x.share
			continue
		}
		out = append(out, x)
	}
	return out
}

// roundsOfSplits is how often the shares of parts of a distribution are put right.
const roundsOfSplits = 50

// blend is a distribution as one of parts: of each number so much is of a part as a log-normal
// distribution has there with its mean, and with such a width that all parts are as wide as the whole.
type blend struct {
	parts     []lasting
	at, count []float64 // logarithms of numbers, and how many there are
	total     float64
	width     float64   // the variance of the logarithms of a part
	prior     []float64 // how much there is of each part
}

func newBlend(own *sketch.Numbers, parts []lasting) *blend {
	b := &blend{parts: parts}
	mean, of := 0.0, 0.0
	for _, p := range parts {
		of += float64(p.share * p.mean)
	}
	for k := range parts { // the means are those of all spans of a name
		parts[k].mean *= own.Mean() / of
	}
	own.Each(func(low, high float64, n uint64) {
		x := math.Log(max((low+high)/2, 1))
		b.at, b.count = append(b.at, x), append(b.count, float64(n))
		b.total += float64(n)
		mean += float64(x * float64(n))
	})
	mean /= b.total
	all, between, center := 0.0, 0.0, 0.0
	for i, x := range b.at {
		all += float64(float64((x-mean)*(x-mean)) * b.count[i] / b.total)
	}
	for _, p := range parts {
		center += float64(p.share * math.Log(p.mean))
		b.prior = append(b.prior, p.share)
	}
	for _, p := range parts {
		d := math.Log(p.mean) - center
		between += float64(p.share * float64(d*d))
	}
	b.width = max(all-between, float64(0.1*all), 1e-6)
	return b
}

// of tells how much of a number is of each part.
func (b *blend) of(i int, to []float64) {
	sum := 0.0
	for k := range b.parts {
		d := b.at[i] - math.Log(b.parts[k].mean) + b.width/2
		to[k] = float64(b.prior[k] * math.Exp(max(float64(-d*d)/(2*b.width), -600)))
		sum += to[k]
	}
	for k := range to {
		to[k] /= sum
	}
}

// even has it that parts come to their shares.
func (b *blend) even() {
	now, got := make([]float64, len(b.parts)), make([]float64, len(b.parts))
	for range roundsOfSplits {
		clear(got)
		for i := range b.at {
			b.of(i, now)
			for k := range now {
				got[k] += float64(now[k] * b.count[i] / b.total)
			}
		}
		for k := range b.prior {
			b.prior[k] = float64(b.prior[k]*b.parts[k].share) / max(got[k], 1e-9)
		}
	}
}

// split tells apart what of a distribution is of each part, which together are all of it.
func split(own *sketch.Numbers, parts []lasting) {
	b := newBlend(own, parts)
	b.even()
	now, rest, i := make([]float64, len(parts)), make([]float64, len(parts)), 0
	for k := range parts {
		parts[k].own = new(sketch.Numbers)
	}
	own.Each(func(low, high float64, _ uint64) {
		b.of(i, now)
		for k := range now {
			rest[k] += float64(now[k] * b.count[i])
			n := math.Floor(rest[k])
			rest[k] -= n
			parts[k].own.AddN((low+high)/2, uint64(n))
		}
		i++
	})
}

// variantsOf are the ways in which spans of a class go, those that last otherwise with other
// words of a value apart.
func (w *writer) variantsOf(c *class) []*variant {
	all := variantsOf(c)
	parts := w.lasting[c]
	if len(all) != 1 || len(parts) == 0 {
		return all
	}
	was := all[0]
	all = nil
	for _, p := range parts {
		if p.own.Count() == 0 {
			return []*variant{was}
		}
		v := &variant{class: c, plans: was.plans, numbers: p.numbers, spans: uint64(math.Round(float64(p.share * float64(was.spans)))), on: p.on, words: p.words, lasts: newLasts()}
		v.lasts.own.Merge(p.own)
		v.lasts.duration.Merge(p.own)
		all = append(all, v)
	}
	return all
}
