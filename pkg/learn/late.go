package learn

import (
	"math"
	"strconv"

	"github.com/otelsim/otelsim/pkg/profile/sketch"
)

// Bounds of how starts are told that come at a pace, each somewhat later.
const (
	latePhases   = 8    // places of a window between what is due, of which the mean is taken
	lateWindow   = 4    // starts of a window, at least
	lateWindows  = 50   // in which counts are compared, at least
	mostCounted  = 64   // starts of a window, at most
	lateBeyond   = 1.95 // deviations of counts from those by chance, in what chance makes of them
	lateNearer   = 0.7  // part of how far chance is, beyond which nothing is said
	lateParts    = 0.01 // by how much something nearer is, for each thing more that is said of it
	leastCounted = 1e-7 // probabilities below it count as none
)

// lateness is how sessions arrive at a pace: so many are due at once, and each is late by up to
// so many times the distance between two of them, or a share of them by more.
type lateness struct {
	together  int
	by        float64
	share, up float64 // up to up where it is of the share; 0: none is
}

// level is the part of the windows that have so many starts on average.
type level struct{ mean, share float64 }

// windowed is how many windows have each number of starts, and how many they would have.
type windowed struct {
	below  []float64 // share of windows with up to so many
	levels []level
	n      float64 // windows
}

// late returns at which pace sessions arrive; false: by chance, or at an interval.
func (w *writer) late() (lateness, bool) {
	if w.paced == nil {
		l, ok := w.findLate()
		if !ok {
			l.together = 0
		}
		w.paced = &l
	}
	return *w.paced, w.paced.together > 0
}

// findLate finds a pace, where counts are far from those by chance, and from those at an
// interval if it is that, and those at the pace are not.
func (w *writer) findLate() (best lateness, ok bool) {
	c, ok := w.windowed()
	if !ok || w.requested() < 1 {
		return best, false
	}
	chance := c.far(poisson)
	if p := paceOf(w.starts()); !p.poisson && !w.isChanging() {
		chance = min(chance, c.far(lateness{together: 1, by: float64(2 * p.vary / p.interval)}.counts))
	}
	if chance <= lateBeyond/math.Sqrt(c.n) {
		return best, false
	}
	least := math.Inf(1)
	for _, l := range pacesTried() {
		far := c.far(l.counts)
		score := far
		if l.together > 1 {
			score += lateParts
		}
		if l.share > 0 {
			score += lateParts
		}
		if score < least {
			best, least, ok = l, score, far < min(float64(lateNearer*chance), chance-lateParts)
		}
	}
	return best, ok
}

// pacesTried are all that are tried, simple ones first.
func pacesTried() (all []lateness) {
	for _, share := range []float64{0, 0.05, 0.1, 0.2, 0.35} {
		for _, up := range []float64{10, 20, 50} {
			for together := 1; together <= 4; together++ {
				for _, by := range []float64{0, 0.25, 0.5, 1, 1.5, 2, 3, 4, 6, 8, 12, 16, 24} {
					if by < up && (share > 0 || up == 50) {
						all = append(all, lateness{together, by, share, up})
					}
				}
			}
		}
	}
	for i := range all {
		if all[i].share == 0 {
			all[i].up = 0
		}
	}
	return all
}

// windowed counts starts in windows of several; false: there are too few of them.
func (w *writer) windowed() (c windowed, ok bool) {
	starts, _, _ := w.starts()
	from, to, some := starts.Range()
	if !some || to-from < lateWindows {
		return c, false
	}
	for shift := starts.Shift(); ; shift++ {
		wide := starts.Coarse(shift)
		from, to, _ = wide.Range()
		if to-from < lateWindows {
			return c, false
		}
		all := 0.0
		for i := from + 1; i < to; i++ {
			all += float64(wide.At(i))
		}
		if c.n = float64(to - from - 1); all < float64(lateWindow*c.n) {
			continue
		}
		c.below = sharesOf(wide, from+1, to-1)
		c.levels = []level{{all / c.n, 1}}
		if w.isChanging() {
			c.levels = w.levels(math.Ldexp(1, int(shift)) / 1e9)
		}
		return c, len(c.below) <= mostCounted
	}
}

// sharesOf returns the shares of windows that have up to 0, 1 and so on.
func sharesOf(w *sketch.Windows, from, to uint64) (below []float64) {
	for i := from; i <= to; i++ {
		for uint64(len(below)) <= w.At(i) {
			below = append(below, 0)
		}
		below[w.At(i)] += 1 / float64(to-from+1)
	}
	for i := 1; i < len(below); i++ {
		below[i] += below[i-1]
	}
	return below
}

// levels returns how many start in windows of a width where the load changes.
func (w *writer) levels(seconds float64) (all []level) {
	l, _ := loadOf(w.starts())
	whole := 0.0
	for _, s := range l.stretches(w.g.k) {
		all = append(all, level{float64(s.rate * seconds), s.seconds})
		whole += s.seconds
	}
	for i := range all {
		all[i].share /= whole
	}
	return all
}

// far returns by how much the shares of windows are apart from what is expected of them.
func (c *windowed) far(counts func(mean float64) []float64) (most float64) {
	expected := make([]float64, mostCounted+1)
	for _, l := range c.levels {
		for n, p := range counts(l.mean) {
			expected[n] += float64(l.share * p)
		}
	}
	sum := 0.0
	for n, p := range expected {
		sum += p
		have := 1.0
		if n < len(c.below) {
			have = c.below[n]
		}
		most = max(most, math.Abs(sum-have))
	}
	return most
}

// poisson returns how likely each number of starts is in a window, of those by chance.
func poisson(mean float64) []float64 {
	out := make([]float64, mostCounted+1)
	p := math.Exp(-mean)
	for n := range out {
		out[n] = p
		p = p * mean / float64(n+1)
	}
	return out
}

// counts returns the same of those at a pace, in windows that begin anywhere.
func (l lateness) counts(mean float64) []float64 {
	out := make([]float64, mostCounted+1)
	latest := max(l.by, l.up)
	for phase := range latePhases {
		begin := (float64(phase) + 0.5) * float64(l.together) / latePhases
		one := make([]float64, mostCounted+1)
		one[0] = 1
		earliest := math.Floor((begin-latest)/float64(l.together)) * float64(l.together)
		for due := earliest; due < begin+mean; due += float64(l.together) {
			p := l.until(begin+mean-due) - l.until(begin-due)
			for range l.together {
				another(one, p)
			}
		}
		for n, p := range one {
			out[n] += p / latePhases
		}
	}
	return out
}

// until returns the share of sessions that are late by less than a time.
func (l lateness) until(late float64) float64 {
	return float64((1-l.share)*part(late, l.by)) + float64(l.share*part(late, l.up))
}

// part returns the share of what is anywhere from 0 to whole that is below at.
func part(at, whole float64) float64 {
	switch {
	case at <= 0:
		return 0
	case at >= whole:
		return 1
	}
	return at / whole
}

// another adds one that is there with a probability to how likely each number of them is.
func another(counts []float64, p float64) {
	if p < leastCounted {
		return
	}
	for n := len(counts) - 1; n > 0; n-- {
		counts[n] = float64(counts[n]*(1-p)) + float64(counts[n-1]*p)
	}
	counts[0] *= 1 - p
}

// put writes it.
func (l lateness) put(m *node) {
	times := raw(digits(l.by, 3))
	times.beside = "times the distance between two of them, at most"
	if l.share > 0 {
		times = mapping()
		times.putRaw(digits(l.by, 3), raw(digits(100*(1-l.share), 3)))
		times.putRaw(digits(l.up, 3), raw(digits(100*l.share, 3)))
	}
	m.put("late", times)
	if l.together > 1 {
		m.put("together", raw(strconv.Itoa(l.together)))
	}
}
