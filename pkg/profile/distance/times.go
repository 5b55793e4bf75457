package distance

import (
	"math"

	"github.com/otelsim/otelsim/pkg/profile/sketch"
)

func durationKS(_ *comparison, x, y *view) found {
	return byOperation(x, y, func(name string, a, b *Operation) part { return byKS(name, a.Duration, b.Duration) }).mean()
}

func ownTimeKS(_ *comparison, x, y *view) found {
	return byOperation(x, y, func(name string, a, b *Operation) part { return byKS(name, a.own, b.own) }).mean()
}

// tailSpans is how many spans an operation has on both sides for its 99th percentile to be
// compared: two lie beyond it.
const tailSpans = 200

func durationP99(_ *comparison, x, y *view) found {
	var ps parts
	each(x, y, func(name string, a, b *Operation) {
		if a != nil && b != nil && min(a.Spans, b.Spans) >= tailSpans { // of others duration_ks tells
			ps = append(ps, byQuantile(name, a.Duration, b.Duration, 0.99))
		}
	})
	return ps.mean()
}

// byQuantile is a part by what a quantile differs by. Its chance is how far off the quantile
// of a sample may be, as the numbers around it tell.
func byQuantile(what string, x, y *sketch.Numbers, at float64) part {
	a, b := float64(x.Count()), float64(y.Count())
	p := part{what: what, value: relative(x.Quantile(at), y.Quantile(at)), a: a, b: b}
	room := float64(sigmas / 2 * float64(deviation(at)*spread(a, b)))
	for _, s := range []*sketch.Numbers{x, y} {
		p.chance = max(p.chance, relative(s.Quantile(at-room), s.Quantile(min(at+room, 1))))
	}
	return p
}

// durationW1 is the Wasserstein distance of the logarithms of durations: the area between
// the two distributions, where 0.1 is about a tenth longer. No duration counts as less
// than a microsecond.
func durationW1(_ *comparison, x, y *view) found {
	return byOperation(x, y, func(name string, a, b *Operation) part {
		p := part{what: name, value: w1Log(a.Duration, b.Duration), a: float64(a.Spans), b: float64(b.Spans)}
		low, high := a.Duration.Quantile(0.16), a.Duration.Quantile(0.84) // a standard deviation each way
		if low > 0 {
			p.chance = float64(math.Log(high/low) / 2 * float64(sigmas*spread(p.a, p.b)))
		}
		return p
	}).mean()
}

// least is the shortest duration that is told from shorter ones, in ns.
const least = 1e3

// steps are where a distribution rises: the logarithm of the middle of each bucket, and the
// share of numbers up to it.
func steps(s *sketch.Numbers) (at, share []float64) {
	n := 0.0
	s.Each(func(low, high float64, count uint64) {
		n += float64(count)
		at = append(at, math.Log(max((low+high)/2, least)))
		share = append(share, n/float64(s.Count()))
	})
	return at, share
}

func w1Log(x, y *sketch.Numbers) float64 {
	at, p := steps(x)
	to, q := steps(y)
	sum, last, f, g := 0.0, 0.0, 0.0, 0.0
	for i, j := 0, 0; i < len(at) || j < len(to); {
		next := 0.0
		switch {
		case j == len(to) || i < len(at) && at[i] <= to[j]:
			next = at[i]
		default:
			next = to[j]
		}
		if i+j > 0 {
			sum += float64(math.Abs(f-g) * (next - last))
		}
		last = next
		if i < len(at) && at[i] == next {
			f = p[i]
			i++
		} else {
			g = q[j]
			j++
		}
	}
	return sum
}
