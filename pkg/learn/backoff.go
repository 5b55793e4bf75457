package learn

import (
	"cmp"
	"math"
	"slices"

	"github.com/otelsim/otelsim/pkg/profile/sketch"
)

// backoff is the wait before a further attempt, in nanoseconds, as retries of scenarios have it.
type backoff struct{ base, multiplier, jitter float64 }

// usualBackoff is what a retry has which does not say anything else.
var usualBackoff = backoff{multiplier: 2, jitter: 0.2}

// waited is a plan with further attempts of one call alone, with how long is lasted without.
type waited struct {
	plan  *plan
	usual usual
	again []float64
}

// usual is how long spans last, as it is said: by their own time, or all in all.
type usual struct {
	key     string
	numbers *sketch.Numbers
}

func (x *plan) usual() usual {
	key, numbers := x.lasts.said()
	return usual{key, numbers}
}

// apart is how far spans of a plan are from lasting as long as usual and some waits.
func (u usual) apart(x *plan, waits *sketch.Numbers) float64 {
	if u.key == "own" {
		return sketch.KS(x.lasts.own, together(u.numbers, waits, plus))
	}
	return sketch.KS(x.lasts.duration, together(u.numbers, together(x.lasts.covered, waits, plus), math.Max))
}

// backoffOf finds how long is waited before calls of a path are made again: as much longer
// spans last with further attempts, as nothing tells of the gaps.
func backoffOf(all []*waying, to *path) backoff {
	var pairs []waited
	most, hidden := 0, false
	for _, x := range all {
		if x.direct == nil {
			continue
		}
		as := x.direct.usual()
		for n, p := range x.plans {
			if a := x.only(n); a != nil && a.to == to {
				pairs, most = append(pairs, waited{p, as, a.again}), max(most, len(a.again)-1)
				hidden = hidden || as.key != "own"
			}
		}
	}
	best, least := usualBackoff, math.Inf(1)
	if len(pairs) == 0 {
		return best
	}
	multipliers := []float64{2, 1, 1.5, 3}
	if most < 2 { // one wait tells nothing of others
		multipliers = multipliers[:1]
	}
	jitters := []float64{usualBackoff.jitter, 0, 0.1, 0.3, 0.5, 1}
	if hidden {
		jitters = jitters[:1]
	}
	for _, m := range multipliers {
		bases := hiddenWaits
		if !hidden {
			bases = []float64{meanWait(pairs, m), medianWait(pairs)}
		}
		for _, base := range bases {
			for _, jitter := range jitters {
				b := backoff{base, m, jitter}
				if apart := b.apart(pairs); apart < least-leastNearer {
					best, least = b, apart
				}
			}
		}
	}
	return best
}

// hiddenWaits are tried where spans last so long all in all that their own time does not tell how
// long they wait: the least one of which nothing is seen stands for any below.
var hiddenWaits = []float64{1e6, 2e6, 5e6, 1e7, 2e7, 5e7, 1e8, 2e8, 5e8, 1e9, 2e9, 5e9}

// leastNearer is how much nearer distributions have to be (Kolmogorov-Smirnov) for something
// less usual to be said.
const leastNearer = 0.01

// only returns the attempts of the only place of a plan where there are further ones.
func (x *waying) only(n int) (out *attempts) {
	for i := range x.places[n] {
		a := &x.places[n][i]
		if a.share() == 0 {
			continue
		}
		if out != nil {
			return nil
		}
		out = a
	}
	return out
}

// meanWait is the first wait that comes to how much longer spans last.
func meanWait(pairs []waited, multiplier float64) float64 {
	longer, waits := 0.0, 0.0
	for _, x := range pairs {
		n := float64(x.plan.spans)
		longer += float64(n * (x.plan.lasts.own.Mean() - x.usual.numbers.Mean()))
		wait, sum := 1.0, 0.0
		for j, share := range x.again {
			if j > 0 {
				sum += wait
				wait = float64(wait * multiplier)
			}
			waits += float64(float64(n*share) * sum)
		}
	}
	return max(longer/max(waits, 1e-9), 0)
}

// medianWait is the first wait of the most spans, were there one: few that wait for something else
// do not change it.
func medianWait(pairs []waited) float64 {
	most := slices.MaxFunc(pairs, func(a, b waited) int { return cmp.Compare(a.plan.spans, b.plan.spans) })
	return max(most.plan.lasts.own.Quantile(0.5)-most.usual.numbers.Quantile(0.5), 0)
}

// apart is how far it is from how long spans last that wait so.
func (b backoff) apart(pairs []waited) float64 {
	sum, n := 0.0, 0.0
	for _, x := range pairs {
		spans := float64(x.plan.spans)
		sum += float64(spans * x.usual.apart(x.plan, b.waits(x.again)))
		n += spans
	}
	return sum / n
}

// waits returns the distribution of all waits of a call, by how many further attempts it has.
func (b backoff) waits(again []float64) *sketch.Numbers {
	const points, parts = 64, 1000
	roots := []float64{math.Sqrt2, math.Sqrt(3), math.Sqrt(5), math.Sqrt(7), math.Sqrt(11)}
	out := new(sketch.Numbers)
	for j, share := range again {
		n := uint64(math.Round(float64(share * parts)))
		for q := range points {
			sum, wait := 0.0, b.base
			for i := range j {
				_, u := math.Modf(float64((float64(q) + 0.5) * roots[i%len(roots)]))
				sum += float64(wait * (1 + float64(b.jitter*(float64(2*u)-1))))
				wait = float64(wait * b.multiplier)
			}
			out.AddN(sum, n)
		}
	}
	return out
}

// lastsAs reports whether spans with further attempts last as long as those without and the waits.
func (x *waying) lastsAs(direct *plan, waits map[*path]backoff) bool {
	as := direct.usual()
	if as.numbers.Count() == 0 || !slices.Contains(x.plans, direct) && as.key != "own" {
		return false
	}
	for n, p := range x.plans {
		if p == direct {
			continue
		}
		all := new(sketch.Numbers)
		all.Add(0)
		for i := range x.places[n] {
			if a := &x.places[n][i]; a.share() > 0 {
				all = together(all, waits[a.to].waits(a.again), plus)
			}
		}
		if apart := as.apart(p, all); apart > mostApart/2 && !mayBeAlike(apart, p.lasts.own, direct.lasts.own) {
			return false
		}
	}
	return true
}

// write writes the waits of a call that is made so often at most.
func (b backoff) write(m *node, most int) {
	m.put("backoff_base_ms", raw(digits(b.base/1e6, 3)))
	if b.multiplier != usualBackoff.multiplier && most > 2 {
		m.put("backoff_multiplier", raw(digits(b.multiplier, 3)))
	}
	if b.jitter != usualBackoff.jitter && b.base > 0 {
		m.put("backoff_jitter", raw(digits(b.jitter, 3)))
	}
}

// thinned returns a distribution of so many numbers.
func thinned(s *sketch.Numbers, n uint64) *sketch.Numbers {
	points := min(n, 512)
	out := new(sketch.Numbers)
	for i := range points {
		out.AddN(s.Quantile((float64(i)+0.5)/float64(points)), (i+1)*n/points-i*n/points)
	}
	return out
}
