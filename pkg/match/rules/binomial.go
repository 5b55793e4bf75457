package rules

import (
	"fmt"
	"math"

	"github.com/otelsim/otelsim/internal/text"
)

// errorProbability is how often a sampler that keeps to its rate is called wrong.
const errorProbability = 1e-6

// shares counts decisions that were left to chance.
type shares struct{ n, kept uint64 }

// fault says what a rate cannot explain, "" when it can.
func (c shares) fault(rate float64, what string) string {
	if rate < 0 || c.n == 0 {
		return ""
	}
	p := min(tail(c.n, c.kept, rate), tail(c.n, c.n-c.kept, 1-rate))
	if p >= errorProbability/2 {
		return ""
	}
	return fmt.Sprintf("%s of %s %s arrived, %.4g %%; at a rate of %g that has a probability below %g",
		text.Grouped(c.kept), text.Grouped(c.n), what, float64(c.kept)/float64(c.n)*100, rate, errorProbability)
}

// tail returns the probability of at most k successes of n at a rate, exactly but for
// rounding. Above the mean it returns 1: that tail is not asked for.
func tail(n, k uint64, rate float64) float64 {
	mean := float64(n) * rate
	if float64(k) >= mean {
		return 1
	}
	if rate >= 1 {
		return 0
	}
	lg := func(x uint64) float64 { v, _ := math.Lgamma(float64(x) + 1); return v }
	term := math.Exp(lg(n) - lg(k) - lg(n-k) + float64(k)*math.Log(rate) + float64(n-k)*math.Log1p(-rate))
	sum := term
	for i := k; i > 0 && term > sum*1e-17; i-- {
		term *= float64(i) / float64(n-i+1) * (1 - rate) / rate
		sum += term
	}
	return sum
}
