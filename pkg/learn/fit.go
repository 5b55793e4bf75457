package learn

import (
	"math"
	"strconv"

	"github.com/otelsim/otelsim/pkg/profile/sketch"
)

// fitted is a distribution of numbers as files say it.
type fitted struct {
	family    string // constant, log_normal, normal, uniform, empirical
	a, b      float64
	at        []float64 // of empirical: shares
	quantiles []float64
}

// near is how far a family may be from what was seen (Kolmogorov-Smirnov), and far is
// how far the straight lines of an empirical distribution may be.
const (
	near = 0.01
	far  = 0.004
)

// The greatest numbers that files may have; what is beyond them is taken for them.
const (
	mostMillis = 360_000_000 // 100 hours, which is how long a span may last
	mostNumber = 4e12        // of those with fractions
)

// greatestOf is the greatest number in a unit: that of milliseconds is a million nanoseconds.
func greatestOf(unit float64) float64 {
	if unit == 1e6 {
		return mostMillis
	}
	return mostNumber
}

// fit finds the simplest distribution that is near to what was seen, in units of unit.
// Where nothing simple is, it is one by quantiles. What is rarer than one in a thousand
// at either end is taken for the least and the greatest there is.
func fit(s *sketch.Numbers, unit float64) fitted {
	n := s.Count()
	if n == 0 {
		return fitted{family: "constant"}
	}
	most := greatestOf(unit)
	q := func(p float64) float64 { return min(s.Quantile(min(max(p, 0.001), 0.999))/unit, most) }
	low, mid, high := q(0), q(0.5), q(1)
	if high-low <= math.Abs(float64(mid*0.002)) {
		return fitted{family: "constant", a: mid}
	}
	limit := max(near, 0.9/math.Sqrt(float64(n)))
	for _, f := range candidates(s, unit, low, mid, high) {
		if f.apart(s, unit) <= limit && f.tails(q, n) && f.greatest() <= most {
			return f
		}
	}
	return byQuantiles(q, max(far, 0.5/math.Sqrt(float64(n))))
}

// candidates are the families that a few numbers describe, with what fits best.
func candidates(s *sketch.Numbers, unit, low, mid, high float64) (out []fitted) {
	q := func(p float64) float64 { return s.Quantile(p) / unit }
	if mid > 0 && low > 0 {
		sigma := (math.Log(q(0.975)) - math.Log(q(0.025))) / (2 * 1.959964)
		out = append(out, fitted{family: "log_normal", a: mid, b: sigma})
	}
	if low > 0 || s.Quantile(0) < 0 {
		out = append(out, fitted{family: "normal", a: mid, b: (q(0.975) - q(0.025)) / (2 * 1.959964)})
	}
	return append(out, fitted{family: "uniform", a: low, b: high})
}

// below is the share of the distribution below a number.
func (f *fitted) below(x float64) float64 {
	switch f.family {
	case "log_normal":
		if x <= 0 {
			return 0
		}
		return phi(math.Log(x/f.a) / f.b)
	case "normal":
		return phi((x - f.a) / f.b)
	default:
		return min(max((x-f.a)/(f.b-f.a), 0), 1)
	}
}

func phi(z float64) float64 { return float64(0.5 * math.Erfc(-z/math.Sqrt2)) }

// apart is the Kolmogorov-Smirnov distance from what was seen, at the bounds of buckets.
func (f *fitted) apart(s *sketch.Numbers, unit float64) float64 {
	worst, before, n := 0.0, 0.0, float64(s.Count())
	s.Each(func(low, high float64, k uint64) {
		worst = max(worst, math.Abs(f.below(low/unit)-before/n))
		before += float64(k)
		worst = max(worst, math.Abs(f.below(high/unit)-before/n))
	})
	return worst
}

// tails reports whether the 95th and the 99th percentile are near: within 3 %, and as far
// as so many numbers can tell.
func (f *fitted) tails(q func(float64) float64, n uint64) bool {
	for _, p := range []float64{0.95, 0.99} {
		spread := float64(2 * math.Sqrt(float64(p*(1-p))/float64(n)))
		low, high := q(p-spread), q(min(p+spread, 1))
		if x := f.quantile(p); x < float64(min(low, float64(q(p)*0.97))) || x > max(high, float64(q(p)*1.03)) {
			return false
		}
	}
	return true
}

// quantile is the inverse of below.
func (f *fitted) quantile(p float64) float64 {
	z := float64(math.Sqrt2 * math.Erfinv(float64(2*p)-1))
	switch f.family {
	case "log_normal":
		return float64(f.a * math.Exp(float64(f.b*z)))
	case "normal":
		return f.a + float64(f.b*z)
	default:
		return f.a + float64((f.b-f.a)*p)
	}
}

// greatest is more than any number that is ever drawn.
func (f *fitted) greatest() float64 {
	const sigmas = 10
	switch f.family {
	case "log_normal":
		return float64(f.a * math.Exp(float64(sigmas*f.b)))
	case "normal":
		return f.a + float64(sigmas*f.b)
	default:
		return f.b
	}
}

// always are the shares that an empirical distribution has a quantile at.
var always = []float64{0, 0.01, 0.05, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.995, 0.999, 1}

// byQuantiles says a distribution by quantiles: at the shares that always stand there, and
// in between where straight lines would be too far off.
func byQuantiles(q func(float64) float64, off float64) fitted {
	f := fitted{family: "empirical"}
	for i, p := range always {
		if i > 0 {
			f.between(q, always[i-1], p, off)
		}
		f.at, f.quantiles = append(f.at, p), append(f.quantiles, q(p))
	}
	return f
}

// between adds the hundredth between two shares where the line between their quantiles is
// farthest off, as long as one is too far, and goes on to either side of it.
func (f *fitted) between(q func(float64) float64, from, to, off float64) {
	low, high := q(from), q(to)
	first, last := int(math.Round(float64(from*100)))+1, int(math.Ceil(float64(to*100)))-1
	worst, at := 0.0, 0
	for k := first; k <= last; k++ {
		p := float64(k) / 100
		line := p
		if x := q(p); high > low {
			line = from + float64((to-from)*(x-low)/(high-low))
		}
		if d := math.Abs(line - p); d > worst {
			worst, at = d, k
		}
	}
	if worst <= off {
		return
	}
	p := float64(at) / 100
	f.between(q, from, p, off)
	f.at, f.quantiles = append(f.at, p), append(f.quantiles, q(p))
	f.between(q, p, to, off)
}

// least is below which a number is written as 0: scenarios know a millionth of what they draw.
const least = 1e-15

// digits returns a number with so many significant digits, without an exponent.
func digits(v float64, n int) string {
	if math.Abs(v) < least || math.IsNaN(v) || math.IsInf(v, 0) {
		return "0"
	}
	rounded, _ := strconv.ParseFloat(strconv.FormatFloat(v, 'g', n, 64), 64)
	return strconv.FormatFloat(rounded, 'f', -1, 64)
}

// duration says a distribution of milliseconds.
func (f *fitted) duration() *node {
	f.within(mostMillis, 4)
	if f.family == "constant" {
		return mapping().with("distribution", "constant").number("value_ms", f.a, 4)
	}
	return f.said("_ms", 4)
}

// numbers says a distribution of numbers.
func (f *fitted) numbers() *node {
	f.within(mostNumber, 6)
	if f.family == "constant" {
		return raw(digits(f.a, 6))
	}
	return f.said("", 6)
}

// within takes numbers that are too great for the greatest that there may be, as they would be
// written with so many digits.
func (f *fitted) within(most float64, n int) {
	bound := func(v float64) float64 {
		if math.Abs(number(digits(v, n))) > most {
			return math.Copysign(most, v)
		}
		return v
	}
	f.a, f.b = bound(f.a), bound(f.b)
	for i, q := range f.quantiles {
		f.quantiles[i] = bound(q)
	}
}

func (f *fitted) said(suffix string, n int) *node {
	m := mapping().with("distribution", f.family)
	switch f.family {
	case "log_normal":
		return m.number("median"+suffix, f.a, n).number("sigma", f.b, 3)
	case "normal":
		return m.number("mean"+suffix, f.a, n).number("stddev"+suffix, f.b, n)
	case "uniform":
		return m.number("low", f.a, n).number("high", f.b, n)
	}
	at, quantiles := list(), list()
	for i, p := range f.at {
		at.items = append(at.items, raw(digits(p, 4)))
		quantiles.items = append(quantiles.items, raw(digits(f.quantiles[i], n)))
	}
	m.put("quantiles", quantiles)
	m.put("at", at)
	return m
}

// with adds a key with a word.
func (n *node) with(key, value string) *node {
	n.put(key, word(value))
	return n
}

// number adds a key with a number.
func (n *node) number(key string, v float64, places int) *node {
	n.put(key, raw(digits(v, places)))
	return n
}
