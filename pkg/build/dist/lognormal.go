package dist

import "math"

// Memory keeps what tables have in common: log-normal ones of one sigma differ by
// their median alone, and what takes long is the same for all. The zero value knows
// nothing. It is not safe for concurrent use.
type Memory struct {
	spreads map[float64]*spread // by sigma
}

// spread is the quantile function of a log-normal distribution of median 1 at the ends
// of all cells, counted from the lower and from the upper tail.
type spread [2][half + 1]float64

func (s *spread) at(i int, upper bool) float64 {
	if upper {
		return s[1][i]
	}
	return s[0][i]
}

// spread returns the one of a sigma.
func (m *Memory) spread(sigma float64) *spread {
	if s := m.spreads[sigma]; s != nil {
		return s
	}
	s := new(spread)
	for i := range half + 1 {
		p := knotAt(i)
		s[0][i] = exp(float64(sigma * normal(p, false)))
		s[1][i] = exp(float64(sigma * normal(p, true)))
	}
	if m.spreads == nil {
		m.spreads = make(map[float64]*spread)
	}
	m.spreads[sigma] = s
	return s
}

// logNormal returns the median of a log-normal s and the standard deviation of its
// logarithm, which may be given by mean and coefficient of variation.
func (s *Spec) logNormal() (median, sigma float64) {
	if s.Median != 0 {
		return s.Median, s.Sigma
	}
	variance := 1 + float64(s.CV*s.CV)
	return s.Mean / math.Sqrt(variance), math.Sqrt(ln(variance))
}
