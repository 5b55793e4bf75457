package learn

import (
	"math"

	"github.com/otelsim/otelsim/pkg/profile/sketch"
)

// lasts is how long spans last, in ns: their own time, all of it, and what children that
// they wait for cover; the last is empty where there are none.
type lasts struct{ own, duration, covered *sketch.Numbers }

func newLasts() lasts {
	return lasts{new(sketch.Numbers), new(sketch.Numbers), new(sketch.Numbers)}
}

// merge adds those of other spans.
func (l *lasts) merge(o *lasts) {
	l.own.Merge(o.own)
	l.duration.Merge(o.duration)
	l.covered.Merge(o.covered)
}

// said returns the key by which it is said how long spans last, with its numbers: own,
// which is added to what calls take, or latency, where spans last so long all in all and
// longer only when their calls do. Either way one of own time and duration is right whatever
// calls take, and the other one tells which of the two it is.
func (l *lasts) said() (string, *sketch.Numbers) {
	n := l.covered.Count()
	if n == 0 || n != l.duration.Count() || n != l.own.Count() {
		return "own", l.own
	}
	added := sketch.KS(l.duration, together(l.own, l.covered, plus))
	if added <= mostAdded+1/math.Sqrt(float64(n)) {
		return "own", l.own
	}
	latency := without(l.duration, l.covered)
	within := sketch.KS(l.own, together(latency, l.covered, func(all, calls float64) float64 { return max(all-calls, 0) }))
	if within < added/2 {
		return "latency", latency
	}
	return "own", l.own
}

// mostAdded is how far durations may be from the sum of own time and calls (Kolmogorov-
// Smirnov) for them to be said so.
const mostAdded = 0.02

// together returns the distribution of what is made of two numbers that do not depend on
// each other.
func together(a, b *sketch.Numbers, of func(x, y float64) float64) *sketch.Numbers {
	const points = 128
	var ys [points]float64
	for i := range ys {
		ys[i] = b.Quantile((float64(i) + 0.5) / points)
	}
	out := new(sketch.Numbers)
	for i := range points {
		x := a.Quantile((float64(i) + 0.5) / points)
		for _, y := range ys {
			out.Add(of(x, y))
		}
	}
	return out
}

func plus(x, y float64) float64 { return x + y }

// without returns the distribution of a number of which the greater of it and another one
// has the distribution of most: the share of those below any bound is that of most by that
// of the other one.
func without(most, other *sketch.Numbers) *sketch.Numbers {
	type bound struct {
		at    float64
		share float64
	}
	var of, bounds []bound
	read := func(s *sketch.Numbers) (all []bound) {
		before := uint64(0)
		s.Each(func(_, high float64, n uint64) {
			before += n
			all = append(all, bound{high, float64(before) / float64(s.Count())})
		})
		return all
	}
	bounds, of = read(most), read(other)
	k := len(of) - 1
	least := 1.0
	for i := len(bounds) - 1; i >= 0; i-- {
		for k >= 0 && of[k].at > bounds[i].at {
			k--
		}
		if k < 0 {
			least = 0
		} else {
			least = min(least, bounds[i].share/of[k].share)
		}
		bounds[i].share = least
	}
	out := new(sketch.Numbers)
	n, before, low := float64(most.Count()), uint64(0), 0.0
	for i, b := range bounds {
		if i == 0 {
			low, _ = most.Bounds()
		}
		if k := uint64(math.Round(float64(n * b.share))); k > before {
			out.AddN((low+b.at)/2, k-before)
			before = k
		}
		low = b.at
	}
	return out
}
