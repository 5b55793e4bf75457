package privacy

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

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
func Quantiles(n *sketch.Numbers) (at, quantiles []float64) { return rounded(n, 4) }

// rounded is Quantiles with so many significant digits.
func rounded(n *sketch.Numbers, places int) (at, quantiles []float64) {
	if n.Count() == 0 {
		return nil, nil
	}
	for _, share := range shares {
		q := round(n.Quantile(min(max(share, clip), 1-clip)), places)
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

// From longInt on integers are not said one by one, such as numbers of phones, of cards and of
// people, but for sizes, which are whole millions or MiB; from longest on no sizes either.
const (
	longInt = 1e8
	longest = 1e11
)

// haveLong reports whether one of some integers is not to be said as it is.
func haveLong(v *sketch.Values) bool {
	return slices.ContainsFunc(v.Kept(), func(x *sketch.Value) bool {
		n, err := strconv.ParseInt(x.Text, 10, 64)
		size := math.Abs(float64(n))
		return err != nil || size >= longest || size >= longInt && n%1e6 != 0 && n%(1<<20) != 0
	})
}

// numbers says values that are numbers: few integers one by one, others as quantiles. Where they
// are ids by their key, other numbers stand for few of them, and of many three digits are said.
func (p *Policy) numbers(s *Spec, key string, a *profile.Attribute, draws uint64) {
	all := a.Numbers
	if all.Count() == 0 {
		all = counted(a.Values)
	}
	low, high := all.Bounds()
	secret, places := p.hidesNumbers(key), 4
	switch {
	case secret && a.Values.All() && a.Values.Distinct() < manyAlike:
		p.otherNumbers(s, a, draws)
		return
	case secret:
		places = 3
	case clock(low, all.Quantile(0.5), high) && !p.Allowed(key):
		places = 2 // which are some years
	case s.Kind == otlp.KindInt && a.Values.All() && a.Values.Distinct() <= fewInts && (p.Allowed(key) || !haveLong(a.Values)):
		if p.integers(s, key, a, draws); len(s.Values) > 0 {
			return
		}
	}
	if s.At, s.Quantiles = rounded(all, places); s.At == nil {
		s.Reason = "no numbers"
		return
	}
	s.How = Numbers
	if s.Kind == otlp.KindInt {
		for i, q := range s.Quantiles {
			s.Quantiles[i] = math.Round(q)
		}
		if s.Filled = fills(s, a); !s.Filled {
			return // what lies between quantiles is none of them
		}
	}
	less := *s
	if less.At, less.Quantiles = thin(s.At, s.Quantiles, all.Count()); s.Kind != otlp.KindInt || fills(&less, a) {
		s.At, s.Quantiles = less.At, less.Quantiles
	}
}

// hidesNumbers reports whether numbers are ids by their key, which are not said.
func (p *Policy) hidesNumbers(key string) bool { return SecretKey(key) && !p.Allowed(key) }

// clock reports whether numbers are taken for times of the clock: the greater half are instants
// from 2001 to 2100 within ten years, in a unit from seconds to nanoseconds, and the rest may be
// of none. One number of seconds alone may be a size.
func clock(low, middle, high float64) bool {
	const first, last, years = 1e9, 4.11e9, 3.2e8
	for _, unit := range []float64{1, 1e3, 1e6, 1e9} {
		if middle >= float64(first*unit) && high <= float64(last*unit) && high-middle <= float64(years*unit) {
			return unit > 1 || high > low
		}
	}
	return false
}

// mostDrawn is how many times as many different integers may be drawn as there were.
const mostDrawn = 1.5

// fills reports whether integers that are drawn between quantiles are about as many different
// ones as those that were seen: sizes and counts of tokens, and not a few prices.
func fills(s *Spec, a *profile.Attribute) bool {
	drawn := 1.0
	for i, q := range s.Quantiles[1:] {
		if width := q - s.Quantiles[i]; width > 0 {
			n := float64(a.Present) * (s.At[i+1] - s.At[i])
			drawn -= float64(width * math.Expm1(-n/width))
		}
	}
	return drawn <= float64(mostDrawn*float64(a.Values.Distinct()))
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

// otherNumbers says few numbers that are ids, each by another one. What too few traces have is
// left out.
func (p *Policy) otherNumbers(s *Spec, a *profile.Attribute, draws uint64) {
	for _, x := range a.Values.Kept() {
		if p.Enough(x.Traces) {
			n := weight(x, a, draws)
			s.Values = append(s.Values, Value{p.otherNumber(x), n})
			s.Other += n
		}
	}
	s.Reason, s.Stands = "numbers that may not be said: others", len(s.Values) > 0
	s.settle()
}

// otherNumber returns the number that stands for one, wherever that is. It has a digit more, so
// that it is none of those that are numbered one after the other.
func (p *Policy) otherNumber(x *sketch.Value) string {
	n := p.standsAt(x)
	p.stands[x.Hash()] = n
	whole, _, _ := strings.Cut(strings.TrimPrefix(x.Text, "-"), ".")
	d := drawer{state: sketch.Mix(n + 1)}
	out := []byte{d.of(digits[1:])}
	for range min(max(len(whole)+1, leastDigits), mostDigits) - 1 - lastDigits {
		out = append(out, d.of(digits))
	}
	// The last ones tell apart all that there are.
	return string(fmt.Appendf(out, "%0*d", lastDigits, n%10_000))
}

// How many digits numbers have that stand for others: at least, at most, and those of their own
// number.
const (
	leastDigits = 6
	mostDigits  = 18
	lastDigits  = 4
)
