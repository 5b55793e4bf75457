package learn

import (
	"math"
	"testing"

	"github.com/otelsim/otelsim/pkg/profile/sketch"
)

// drawn counts n values of a quantile function, evenly over its probabilities.
func drawn(n int, quantile func(p float64) float64) *sketch.Numbers {
	s := &sketch.Numbers{}
	for i := range n {
		s.Add(quantile((float64(i) + 0.5) / float64(n)))
	}
	return s
}

func normal(p float64) float64 { return math.Sqrt2 * math.Erfinv(2*p-1) }

// TestFamiliesAreFound: what was drawn of a family is said by it, with its parameters.
func TestFamiliesAreFound(t *testing.T) {
	for _, c := range []struct {
		name     string
		quantile func(p float64) float64
		family   string
		a, b     float64
	}{
		{"constant", func(float64) float64 { return 7e6 }, "constant", 7, 0},
		{"log-normal", func(p float64) float64 { return 5e6 * math.Exp(0.4*normal(p)) }, "log_normal", 5, 0.4},
		{"normal", func(p float64) float64 { return 100e6 + 30e6*normal(p) }, "normal", 100, 30},
		{"uniform", func(p float64) float64 { return 10e6 + 20e6*p }, "uniform", 10, 30},
	} {
		f := fit(drawn(10_000, c.quantile), 1e6)
		if f.family != c.family || math.Abs(f.a-c.a) > 0.02*c.a || math.Abs(f.b-c.b) > 0.03*c.b {
			t.Errorf("%s: got %+v", c.name, f)
		}
	}
}

// TestOtherDistributionsAreSaidByQuantiles: what is of no family is near all the same, and
// ends where a thousandth of it is left out.
func TestOtherDistributionsAreSaidByQuantiles(t *testing.T) {
	two := func(p float64) float64 { // a hit or a miss
		if p < 0.9 {
			return 1e6 * math.Exp(0.3*normal(p/0.9))
		}
		return 40e6 * math.Exp(0.5*normal((p-0.9)/0.1))
	}
	s := drawn(20_000, two)
	f := fit(s, 1e6)
	if f.family != "empirical" || len(f.at) > 60 {
		t.Fatalf("got %+v", f)
	}
	again := drawn(20_000, func(p float64) float64 {
		for i := 1; i < len(f.at); i++ {
			if p <= f.at[i] {
				return 1e6 * (f.quantiles[i-1] + (f.quantiles[i]-f.quantiles[i-1])*(p-f.at[i-1])/(f.at[i]-f.at[i-1]))
			}
		}
		return 0
	})
	if d := sketch.KS(s, again); d > 0.02 {
		t.Errorf("distance %v", d)
	}
	if p := again.Quantile(0.99) / s.Quantile(0.99); math.Abs(p-1) > 0.03 {
		t.Errorf("99th percentile: %v times", p)
	}
	if _, most := s.Bounds(); f.quantiles[len(f.quantiles)-1] > 0.999*most/1e6 {
		t.Errorf("the greatest there is is said: %v", most)
	}
}

func TestDigits(t *testing.T) {
	for _, c := range []struct {
		v    float64
		n    int
		want string
	}{{0, 3, "0"}, {1234.56, 3, "1230"}, {0.00012345, 2, "0.00012"}, {2, 4, "2"}, {99.999, 3, "100"}, {math.NaN(), 3, "0"}} {
		if got := digits(c.v, c.n); got != c.want {
			t.Errorf("%v with %d digits: got %s, want %s", c.v, c.n, got, c.want)
		}
	}
}

// TestNumbersAreWithinFiles: no number is greater than a file may have, as it is written.
func TestNumbersAreWithinFiles(t *testing.T) {
	for _, c := range []struct {
		unit, most float64
		quantile   func(p float64) float64
	}{
		{1e6, mostMillis, func(float64) float64 { return 1e18 }},
		{1e6, mostMillis, func(p float64) float64 { return 1e14 * math.Exp(2*normal(p)) }}, // its tail
		{1e6, mostMillis, func(p float64) float64 { return 3e14 * (1 + p) }},
		{1, mostNumber, func(p float64) float64 { return 1e300 * (1 + p*p) }},
		{1, mostNumber, func(float64) float64 { return 1e-310 }},
	} {
		f := fit(drawn(2000, c.quantile), c.unit)
		if f.greatest() > c.most || len(f.quantiles) > 0 && number(digits(f.quantiles[len(f.quantiles)-1], 4)) > c.most || len(digits(f.a, 4)) > 20 {
			t.Errorf("up to %v: got %+v", c.most, f)
		}
	}
	x := fitted{family: "empirical", at: []float64{0, 1}, quantiles: []float64{3, 65536}}
	if x.within(65536, 4); digits(x.quantiles[1], 5) != "65536" {
		t.Errorf("got %v", x.quantiles)
	}
}
