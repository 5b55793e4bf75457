package privacy

import (
	"math"

	"github.com/otelsim/otelsim/pkg/profile"
	"github.com/otelsim/otelsim/pkg/profile/sketch"
)

// maxPool is the most texts that a pool has in scenario files.
const maxPool = 1_000_000

// fit returns how large a pool the values of an attribute may come from and with which
// Zipf exponent; a pool of 0: they hardly repeat.
func fit(a *profile.Attribute, draws uint64) (pool int64, zipf float64) {
	kept := a.Values.Kept()
	counts := make([]float64, len(kept))
	pairs := Draws(a.Values)
	if draws == 0 || draws >= a.Present || pairs == 0 {
		for i, x := range kept {
			counts[i] = float64(x.Count)
		}
		return Fit(float64(a.Values.Distinct()), float64(a.Present), counts)
	}
	// Where there are fewer than traces, several of them share a draw.
	by := min(1, float64(draws)/float64(pairs))
	for i, x := range kept {
		counts[i] = max(1, math.Round(float64(by*float64(x.Traces))))
	}
	return Fit(float64(a.Values.Distinct()), float64(draws), counts)
}

// Draws returns how many pairs of a value and a trace there are, about: as often were values
// drawn of which a trace has one. It is 0 where there are no traces.
func Draws(v *sketch.Values) uint64 {
	kept := v.Kept()
	all := uint64(0)
	for _, x := range kept {
		all += x.Traces
	}
	if len(kept) == 0 || v.All() {
		return all
	}
	return uint64(math.Round(float64(float64(all) * float64(v.Distinct()) / float64(len(kept)))))
}

// Fit returns the size M of a pool of values, and the exponent s with which the k-th of
// them is drawn in proportion to k to the power of minus s, of which n draws gave so many
// different ones. counts is how often each of some was drawn, which are any of those
// that were drawn at all.
//
// How often the k-th value is drawn is nearly Poisson with the mean n p(k), where p(k) is
// its share. For each s there is one M for which the expected number of different values,
// the sum of 1-exp(-n p(k)), is the one that was seen. A value that was drawn at all was
// drawn c times with the probability of the sum of Poisson(c; n p(k)) over k, divided by
// that number. s is where the product of these probabilities over the counts is greatest.
//
// M is 0 where values repeat less than those of the largest pool would.
func Fit(distinct, n float64, counts []float64) (pool int64, zipf float64) {
	distinct = min(distinct, n)
	if distinct < 2 || len(counts) == 0 {
		return 1, 0
	}
	if float64(distinct) > float64(0.9995*n) {
		return 0, 0
	}
	f := fitter{distinct: distinct, n: n, counts: make(map[float64]float64)}
	for _, c := range counts {
		f.add(c)
	}
	best, most := 0.0, math.Inf(-1)
	try := func(s float64) {
		if l, ok := f.likelihood(s); ok && l > most+1e-9 {
			best, most = s, l
		}
	}
	for s := 0.0; s <= 3; s += 0.5 {
		try(s)
	}
	for step := 0.25; step > 0.005; step /= 2 {
		from := best
		try(max(0, from-step))
		try(from + step)
	}
	if most == math.Inf(-1) {
		return 0, 0
	}
	// An exponent has to be worth its saying: the likelihood of none is e^2 times less.
	if l, ok := f.likelihood(0); ok && l > most-2 {
		best = 0
	}
	best = math.Round(float64(best*100)) / 100
	m, ok := f.size(best)
	if !ok {
		return 0, 0
	}
	return int64(math.Round(m)), best
}

// fitter holds what was seen.
type fitter struct {
	distinct, n float64
	counts      map[float64]float64 // how many values were drawn so often
	order       []float64
}

func (f *fitter) add(c float64) {
	if f.counts[c] == 0 {
		f.order = append(f.order, c)
	}
	f.counts[c]++
}

// rank is values that are next to each other in a pool: how many they are, and how often
// each is drawn on average.
type rank struct{ many, mean float64 }

// ranks returns the values of a pool, the first ones alone, and then in groups of which
// the last is a tenth further than the first, with their mean in the middle.
func (f *fitter) ranks(m, s float64) []rank {
	var out []rank
	total := 0.0
	for k := 1.0; k <= m; {
		end := min(math.Floor(max(k, float64(k*1.1))), math.Floor(m))
		weight := math.Exp(float64(-s * math.Log((k+end)/2)))
		many := end - k + 1
		out = append(out, rank{many, weight})
		total += float64(many * weight)
		k = end + 1
	}
	for i := range out {
		out[i].mean = float64(f.n * out[i].mean / total)
	}
	return out
}

// expected returns how many different values n draws give.
func (f *fitter) expected(m, s float64) (sum float64) {
	for _, r := range f.ranks(m, s) {
		sum -= float64(r.many * math.Expm1(-r.mean))
	}
	return sum
}

// size returns the size of the pool that gives as many different values as there were.
func (f *fitter) size(s float64) (m float64, ok bool) {
	low, high := f.distinct, float64(maxPool)
	if low > high || f.expected(high, s) < float64(0.999*f.distinct) {
		return 0, false
	}
	for range 40 {
		mid := math.Sqrt(float64(low * high))
		if f.expected(mid, s) < f.distinct {
			low = mid
		} else {
			high = mid
		}
		if high-low < 0.5 || high < float64(low*1.0005) {
			break
		}
	}
	return math.Round(high), true
}

// likelihood returns the logarithm of how likely the counts are with an exponent.
func (f *fitter) likelihood(s float64) (sum float64, ok bool) {
	m, ok := f.size(s)
	if !ok {
		return 0, false
	}
	ranks := f.ranks(m, s)
	logs := make([]float64, len(ranks))
	for i, r := range ranks {
		logs[i] = math.Log(r.mean)
	}
	each := make([]float64, len(ranks))
	for _, c := range f.order {
		faculty, _ := math.Lgamma(c + 1)
		most, p := math.Inf(-1), 0.0
		for i, r := range ranks {
			each[i] = float64(c*logs[i]) - r.mean - faculty
			if r.mean > manyDraws {
				each[i] = near(c, r.mean)
			}
			most = max(most, each[i])
		}
		for i, r := range ranks {
			p += float64(r.many * math.Exp(each[i]-most))
		}
		sum += float64(f.counts[c] * (most + math.Log(p/f.distinct)))
	}
	return sum, true
}

// manyDraws is from how many draws on values of a rank are not all drawn as often as its
// middle: by some hundredths more or less, which is more than chance makes of that.
const manyDraws = 50

// near returns the logarithm of how likely a count is where the mean is many draws.
func near(c, mean float64) float64 {
	const apart = 0.03
	variance := mean + float64(float64(apart*mean)*float64(apart*mean))
	return -float64(float64((c-mean)*(c-mean))/float64(2*variance)) - float64(0.5*math.Log(float64(2*math.Pi*variance)))
}
