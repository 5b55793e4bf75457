package privacy

import "math"

// How much less is said of numbers than their quantiles at all shares: the line between two that
// are kept may be off by this share, or by what as many numbers can tell, and so may the mean.
const (
	offShare = 0.004
	offMean  = 0.001
	byChance = 0.5 // of one over the square root of how many there are
)

// thin leaves out quantiles that are about on the line between others. Few numbers tell of few: in
// a capture with much that is rare, quantiles are most of what is written.
func thin(at, quantiles []float64, count uint64) (shares, kept []float64) {
	chance := byChance / math.Sqrt(float64(max(count, 1)))
	t := &thinned{at: at, quantiles: quantiles, share: max(offShare, chance), keep: make([]bool, len(at))}
	for i := range at[1:] {
		t.mean += float64(t.area(i, i+1))
	}
	t.sum = float64(max(offMean, chance/10) * math.Abs(t.mean))
	t.keep[0], t.keep[len(at)-1] = true, true
	t.between(0, len(at)-1)
	for i, keep := range t.keep {
		if keep {
			shares, kept = append(shares, at[i]), append(kept, quantiles[i])
		}
	}
	return shares, kept
}

type thinned struct {
	at, quantiles []float64
	keep          []bool
	mean          float64
	share, sum    float64 // how far shares and means may be off
}

// area is what a line between two quantiles adds to the mean.
func (t *thinned) area(i, j int) float64 {
	return (t.at[j] - t.at[i]) * (t.quantiles[i] + t.quantiles[j]) / 2
}

// between keeps what is farthest from the line between two that are kept, while that is too far.
func (t *thinned) between(from, to int) {
	if to-from < 2 {
		return
	}
	width, worst, where := t.quantiles[to]-t.quantiles[from], -1.0, 0
	area := -t.area(from, to)
	for i := from; i < to; i++ {
		area += t.area(i, i+1)
		if i == from {
			continue
		}
		line := t.at[i]
		if width > 0 {
			line = t.at[from] + float64((t.at[to]-t.at[from])*(t.quantiles[i]-t.quantiles[from])/width)
		}
		if off := math.Abs(line - t.at[i]); off > worst {
			worst, where = off, i
		}
	}
	if worst <= t.share && math.Abs(area) <= t.sum {
		return
	}
	t.keep[where] = true
	t.between(from, where)
	t.between(where, to)
}
