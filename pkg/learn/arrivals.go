package learn

import (
	"math"
	"strconv"

	"github.com/otelsim/otelsim/pkg/profile/sketch"
)

func number(s string) float64 {
	v, _ := strconv.ParseFloat(s, 64)
	return v
}

// pace is how sessions arrive.
type pace struct {
	n        uint64
	seconds  float64
	poisson  bool    // by chance, else at an interval
	interval float64 // mean, ms
	vary     float64 // each start is later by up to twice this, ms
}

// leastInterval is what lies between sessions at the least, in milliseconds: files have no
// greater rates.
const leastInterval = 0.001

// paceOf is pacing, within what files may say.
func paceOf(starts *sketch.Windows, first, last uint64) pace {
	p := pacing(starts, first, last)
	p.interval = min(max(p.interval, leastInterval), mostMillis)
	p.vary = min(p.vary, mostMillis)
	return p
}

// metricInterval is how many seconds lie between the points of a series; 0: as many as usual.
// Where sessions start at long intervals there would be more of them in a segment than there
// may be.
func (w *writer) metricInterval() uint64 {
	const (
		usual    = 10
		points   = 100_000
		segment  = 1024 * 3 // sessions, and as far as chance may stretch them
		sessions = 2 * mostMillis
	)
	seconds := float64((float64(w.pace().interval*segment) + sessions) / 1000 / points)
	if seconds <= usual {
		return 0
	}
	return uint64(math.Ceil(seconds))
}

// pacing finds how sessions arrive: at an interval where counts in windows vary by less
// than half of what chance alone would make of them.
func pacing(starts *sketch.Windows, first, last uint64) pace {
	p := pace{interval: 1000, poisson: true}
	from, to, ok := starts.Range()
	if !ok {
		return p
	}
	for i := from; i <= to; i++ {
		p.n += starts.At(i)
	}
	width := math.Ldexp(1, int(starts.Shift())) / 1e9
	p.seconds = max(float64(float64(to-from+1)*width)-width, width)
	if whole := float64(last-first) / 1e9; last > first && whole > 0 && whole < p.seconds {
		p.seconds = whole
	}
	if p.n > 1 {
		p.interval = float64(p.seconds * 1000 / float64(p.n))
	}
	if to-from < 8 || p.n < 20 {
		return p
	}
	mean, variance, wide := dispersion(starts, from+1, to-1, float64(width*1000))
	if mean == 0 || variance/mean >= 0.5 {
		return p
	}
	p.poisson = false
	p.interval = float64(wide / mean)
	lattice := math.Mod(mean, 1)
	p.vary = float64(1.5 * p.interval * max(0, variance-float64(lattice*(1-lattice))))
	return p
}

// dispersion is the mean and the variance of counts in windows of so many of those that are
// there that each counts four or more, and how wide these are.
func dispersion(w *sketch.Windows, from, to uint64, width float64) (mean, variance, wide float64) {
	total := uint64(0)
	for i := from; i <= to; i++ {
		total += w.At(i)
	}
	if total == 0 {
		return 0, 0, width
	}
	by := max(1, uint64(math.Ceil(4*float64(to-from+1)/float64(total))))
	var counts []float64
	for i := from; i+by-1 <= to; i += by {
		c := 0.0
		for j := i; j < i+by; j++ {
			c += float64(w.At(j))
		}
		counts = append(counts, c)
		mean += c
	}
	if len(counts) < 4 {
		return 0, 0, width
	}
	mean /= float64(len(counts))
	for _, c := range counts {
		variance += float64((c - mean) * (c - mean))
	}
	return mean, variance / float64(len(counts)-1), float64(width * float64(by))
}

// day is how many sessions start in a second, by hour of the day in UTC; nil where the
// windows are too wide to tell. Hours that nothing is known of have the mean.
func (w *writer) day() *node {
	starts, _, _ := w.starts()
	share := w.requested()
	from, to, ok := starts.Range()
	if !ok || starts.Shift() > 41 {
		return nil
	}
	var counts, seconds [24]float64
	width := math.Ldexp(1, int(starts.Shift())) / 1e9
	all, time := 0.0, 0.0
	for i := from; i <= to; i++ {
		hour := (i << starts.Shift()) / 3_600_000_000_000 % 24
		counts[hour] += float64(starts.At(i))
		seconds[hour] += width
		all, time = all+float64(starts.At(i)), time+width
	}
	out := mapping()
	for h := range 24 {
		rate := all / time
		if seconds[h] > 0 {
			rate = counts[h] / seconds[h]
		}
		out.putRaw(strconv.Itoa(h), raw(digits(min(float64(share*rate), 1000/leastInterval), 3)))
	}
	return out
}
