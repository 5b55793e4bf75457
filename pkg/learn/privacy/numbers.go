package privacy

import (
	"math"
	"strconv"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/profile"
	"github.com/otelsim/otelsim/pkg/profile/sketch"
)

// clip is the share of numbers at each end that nothing is said of.
const clip = 0.001

// shares are where quantiles stand.
var shares = []float64{
	0, 0.005, 0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9,
	0.925, 0.95, 0.96, 0.97, 0.975, 0.98, 0.985, 0.99, 0.9925, 0.995, 0.9975, 1,
}

// Quantiles returns what may be said of numbers: quantiles, ascending, rounded to 4
// significant digits, and at which shares of all they stand, from 0 to 1. The first and
// the last are those of 0.1 % and 99.9 %. Of no numbers there are none.
func Quantiles(n *sketch.Numbers) (at, quantiles []float64) {
	if n.Count() == 0 {
		return nil, nil
	}
	for _, share := range shares {
		q := round(n.Quantile(min(max(share, clip), 1-clip)), 4)
		at, quantiles = append(at, share), append(quantiles, q)
	}
	return at, quantiles
}

// round rounds to so many significant digits.
func round(v float64, digits int) float64 {
	out, err := strconv.ParseFloat(strconv.FormatFloat(v, 'e', digits-1, 64), 64)
	if err != nil {
		return v
	}
	return out
}

// numbers says values that are numbers: few integers one by one, others as quantiles.
func (p *Policy) numbers(s *Spec, key string, a *profile.Attribute, draws uint64) {
	if s.Kind == otlp.KindInt && a.Values.All() && a.Values.Distinct() <= fewInts && (!SecretKey(key) || p.Allowed(key)) {
		if p.integers(s, key, a, draws); len(s.Values) > 0 {
			return
		}
	}
	all := a.Numbers
	if all.Count() == 0 {
		all = counted(a.Values)
	}
	if s.At, s.Quantiles = Quantiles(all); s.At == nil {
		s.Reason = "no numbers"
		return
	}
	s.How = Numbers
	if s.Kind == otlp.KindInt {
		for i, q := range s.Quantiles {
			s.Quantiles[i] = math.Round(q)
		}
	}
}

// counted returns values as numbers.
func counted(v *sketch.Values) *sketch.Numbers {
	out := new(sketch.Numbers)
	for _, x := range v.Kept() {
		if f, err := strconv.ParseFloat(x.Text, 64); err == nil {
			out.AddN(f, x.Count)
		}
	}
	return out
}

// integers says integers one by one. Those that too few traces have count as the
// nearest one that is said.
func (p *Policy) integers(s *Spec, key string, a *profile.Attribute, draws uint64) {
	var numbers []float64
	var hidden []*sketch.Value
	for _, x := range a.Values.Kept() {
		n, err := strconv.ParseInt(x.Text, 10, 64)
		switch {
		case err != nil:
		case p.Allowed(key) || p.Enough(x.Traces):
			numbers = append(numbers, float64(n))
			s.Values = append(s.Values, Value{x.Text, weight(x, a, draws)})
		default:
			hidden = append(hidden, x)
		}
	}
	if len(numbers) == 0 {
		return
	}
	for _, x := range hidden {
		n, _ := strconv.ParseInt(x.Text, 10, 64)
		nearest := 0
		for i, m := range numbers {
			if math.Abs(m-float64(n)) < math.Abs(numbers[nearest]-float64(n)) {
				nearest = i
			}
		}
		w := weight(x, a, draws)
		s.Values[nearest].Weight += w
		s.Other += w
	}
	if s.Other > 0 {
		s.Reason = "of " + strconv.Itoa(len(hidden)) + " values in too few traces the nearest"
	}
	s.settle()
}
