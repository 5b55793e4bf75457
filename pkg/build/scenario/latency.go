package scenario

import (
	"github.com/otelsim/otelsim/pkg/build/dist"
	"github.com/otelsim/otelsim/pkg/build/input"
)

// defaultCV is the relative spread of durations that are given by a mean.
const defaultCV = 0.3

// latency reads a duration in milliseconds, nil when absent or wrong: a mean,
// a mean with its relative spread, or a distribution.
func (l *loader) latency(n *input.Node) *dist.Spec {
	if n == nil {
		return nil
	}
	if n.Kind != input.Mapping {
		mean, ok := n.Within(l.p, durations.low, durations.high)
		if !ok {
			return nil
		}
		return around(mean, defaultCV)
	}
	m, _ := n.Map(l.p)
	if m.Has("distribution") {
		return l.distribution(n, durations)
	}
	before := l.p.Found()
	m, _ = n.Map(l.p, append([]string{"distribution"}, plainLatencyKeys...)...)
	mean := l.number(m, 100, durations.low, durations.high, "mean", "mean_ms")
	cv := l.number(m, defaultCV, 0, maxSigma, "variance")
	spec := around(mean, cv)
	if m.Get("spike_rate") != nil || m.Get("spike_multiplier") != nil {
		spec = spiky(mean, cv, m.Float("spike_rate", 0.05, 0, 1), m.Float("spike_multiplier", 3, 1, 1000))
	}
	if l.p.Found() > before {
		return nil
	}
	return spec
}

// around is the log-normal distribution of a mean and a relative spread.
func around(mean, cv float64) *dist.Spec {
	if mean == 0 || cv == 0 {
		return constant(mean)
	}
	return &dist.Spec{Kind: dist.LogNormal, Mean: mean, CV: cv}
}

// spiky makes a share of the durations longer by a factor. Written for a
// factor that is uniform between 1.5 and the multiplier, it takes the middle
// of the two, which keeps the mean.
func spiky(mean, cv, rate, multiplier float64) *dist.Spec {
	if rate == 0 {
		return around(mean, cv)
	}
	base, spike := around(mean, cv), around(mean*((1.5+multiplier)/2), cv)
	base.Weight, spike.Weight = 1-rate, rate
	return &dist.Spec{Kind: dist.Mixture, Components: []dist.Spec{*base, *spike}}
}
