package dist

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/otelsim/otelsim/pkg/build/rng"
)

func newTestStream(n uint64) rng.Stream { return rng.New(7).For(rng.Latency).Index(n).Stream() }

func mustCompile(t testing.TB, s Spec, scale float64) *Table {
	t.Helper()
	table, err := Compile(s, scale)
	if err != nil {
		t.Fatalf("Compile(%+v, %v): %v", s, scale, err)
	}
	return table
}

// normalCDF is P(Z <= z), by package math.
func normalCDF(z float64) float64 { return math.Erfc(-z/math.Sqrt2) / 2 }

// continuous are distributions with what theory says of them.
var continuous = []struct {
	name         string
	spec         Spec
	mean, stddev float64
	median       float64
	cdf          func(x float64) float64
}{
	{
		"a normal", Spec{Kind: Normal, Mean: 100, Stddev: 15}, 100, 15, 100,
		func(x float64) float64 { return normalCDF((x - 100) / 15) },
	},
	{
		"a normal below zero", Spec{Kind: Normal, Mean: -3, Stddev: 0.5}, -3, 0.5, -3,
		func(x float64) float64 { return normalCDF((x + 3) / 0.5) },
	},
	{
		"a log-normal by median and sigma", Spec{Kind: LogNormal, Median: 80, Sigma: 0.6},
		80 * math.Exp(0.18), 80 * math.Exp(0.18) * math.Sqrt(math.Expm1(0.36)), 80,
		func(x float64) float64 { return normalCDF(math.Log(x/80) / 0.6) },
	},
	{
		"a log-normal by mean and coefficient of variation", Spec{Kind: LogNormal, Mean: 1500, CV: 0.3},
		1500, 450, 1500 / math.Sqrt(1.09),
		func(x float64) float64 {
			return normalCDF(math.Log(x/1500*math.Sqrt(1.09)) / math.Sqrt(math.Log(1.09)))
		},
	},
	{
		"an exponential", Spec{Kind: Exponential, Mean: 40}, 40, 40, 40 * math.Ln2,
		func(x float64) float64 { return -math.Expm1(-x / 40) },
	},
	{
		"a uniform", Spec{Kind: Uniform, Low: 5, High: 25}, 15, 20 / math.Sqrt(12), 15,
		func(x float64) float64 { return (x - 5) / 20 },
	},
	{
		"a pareto", Spec{Kind: Pareto, Value: 30, Alpha: 5}, 37.5, 30 * math.Sqrt(5.0/48), 30 * math.Pow(2, 0.2),
		func(x float64) float64 { return 1 - math.Pow(30/x, 5) },
	},
	{
		// of mean and variance: integrals of x f(x) and x^2 f(x) from 10 to 640,
		// f(x) = a 10^a x^(-a-1) / (1-r) with a = 1.5 and r = 64^-1.5 = 1/512
		"a pareto with an end", Spec{Kind: Pareto, Value: 10, Alpha: 1.5, High: 640}, 30 * 512 / 511.0 * 7 / 8,
		math.Sqrt(300*7*512/511.0 - 26.25*26.25*(512/511.0)*(512/511.0)), 10 / math.Pow(1-511/1024.0, 1/1.5),
		func(x float64) float64 { return (1 - math.Pow(10/x, 1.5)) * 512 / 511 },
	},
	{
		"an empirical", Spec{Kind: Empirical, Quantiles: []float64{-10, 0, 20, 60}}, 15, 35 / math.Sqrt(3), 10,
		func(x float64) float64 {
			switch {
			case x < 0:
				return (x + 10) / 30
			case x < 20:
				return (x/20 + 1) / 3
			}
			return ((x-20)/40 + 2) / 3
		},
	},
}

// The tolerance is 5 standard errors: stddev/sqrt(n) for the mean, half of the
// sample at or below the median within 5*0.5/sqrt(n). A right table fails one
// seed in 1.7 million; the seed is fixed.
func TestDrawsHaveTheMomentsOfTheirSpec(t *testing.T) {
	const n, scale = 400_000, 1e6
	for i, c := range continuous {
		table := mustCompile(t, c.spec, scale)
		s := newTestStream(uint64(i))
		sum, below, logs := 0.0, 0, 0.0
		for range n {
			v := float64(table.Draw(&s)) / scale
			sum += v
			if v <= c.median {
				below++
			}
			if c.spec.Kind == LogNormal {
				d := math.Log(v / c.median)
				logs += d * d
			}
		}
		if got, tolerance := sum/n, 5*c.stddev/math.Sqrt(n); math.Abs(got-c.mean) > tolerance {
			t.Errorf("%s: mean %v, want %v within %v", c.name, got, c.mean, tolerance)
		}
		if got, tolerance := float64(below)/n, 2.5/math.Sqrt(n); math.Abs(got-0.5) > tolerance {
			t.Errorf("%s: %v of the draws at or below the median, want 0.5 within %v", c.name, got, tolerance)
		}
		if c.spec.Kind != LogNormal {
			continue
		}
		// The standard error of a standard deviation is sigma/sqrt(2n).
		want := c.spec.Sigma
		if want == 0 {
			want = math.Sqrt(math.Log1p(c.spec.CV * c.spec.CV))
		}
		if got, tolerance := math.Sqrt(logs/n), 5*want/math.Sqrt(2*n); math.Abs(got-want) > tolerance {
			t.Errorf("%s: sigma %v, want %v within %v", c.name, got, want, tolerance)
		}
	}
}

// kolmogorov returns the greatest distance between cdf and the table, found
// exactly at the evenly spaced words of n draws.
func kolmogorov(n uint64, draw func(w uint64) float64, cdf func(x float64) float64) float64 {
	worst := 0.0
	for i := range n {
		u := (float64(i) + 0.5) / float64(n)
		worst = max(worst, math.Abs(cdf(draw(uint64(u*0x1p64)))-u))
	}
	return worst
}

// A sample of n from the true distribution has D*sqrt(n) > 1.95 with
// probability 0.001; a sample from a table adds the table's own error. Here the
// whole table is walked instead, so D is that error alone. It must stay below
// the 1e-4 that Compile promises, a tenth of what a million draws can show.
func TestTablesFollowTheTrueDistribution(t *testing.T) {
	for _, c := range continuous {
		table := mustCompile(t, c.spec, 1e6)
		draw := func(w uint64) float64 { return float64(table.at(w)) / 1e6 }
		if d := kolmogorov(100_000, draw, c.cdf); !(d <= 1e-4) {
			t.Errorf("%s: distance %.3g from the true distribution, want at most 1e-4", c.name, d)
		}
		sum := 0.0
		const n = 100_000 // what the midpoints miss of a tail is some 1/n
		for i := range n {
			sum += draw(uint64((float64(i) + 0.5) / n * 0x1p64))
		}
		if off := math.Abs(sum/n-c.mean) / c.stddev; !(off <= 1e-4) {
			t.Errorf("%s: mean %v, want %v: off by %.3g stddevs, want at most 1e-4", c.name, sum/n, c.mean, off)
		}
	}
}

func TestSamplesPassKolmogorovSmirnov(t *testing.T) {
	const n = 100_000
	for i, c := range continuous {
		table := mustCompile(t, c.spec, 1e6)
		s := newTestStream(uint64(100 + i))
		// Transformed by the true distribution a sample is uniform; counting
		// in bins finds D to within the width of a bin.
		const bins = 1 << 16
		var count [bins]int
		for range n {
			u := c.cdf(float64(table.Draw(&s)) / 1e6)
			count[min(int(u*bins), bins-1)]++
		}
		d, sum := 0.0, 0
		for b, k := range count {
			sum += k
			d = max(d, math.Abs(float64(sum)/n-float64(b+1)/bins))
		}
		if critical := 1.95/math.Sqrt(n) + 1e-4 + 1.0/bins; d > critical {
			t.Errorf("%s: D = %v over %d draws, critical value %v", c.name, d, n, critical)
		}
	}
}

// Cells shrink with the tail, so even there a quantile is right: within 3e-4 of
// the distance from the median, and within a unit for the rounding.
func TestTailsAreExact(t *testing.T) {
	for _, c := range continuous {
		table := mustCompile(t, c.spec, 1e6)
		for k := 2; k <= 32; k++ {
			for _, part := range []float64{1, 1.01, 1.26, 1.515, 1.75, 1.99} {
				p := math.Ldexp(part, -k)
				if p > 0.5 {
					continue
				}
				w := uint64(p * 0x1p64)
				checkQuantile(t, c.name+", lower", float64(table.at(w))/1e6, trueQuantile(c.spec, p, false), c.median)
				checkQuantile(t, c.name+", upper", float64(table.at(^w))/1e6, trueQuantile(c.spec, p, true), c.median)
			}
		}
	}
}

func checkQuantile(t *testing.T, name string, got, want, median float64) {
	t.Helper()
	if tolerance := 3e-4*math.Abs(want-median) + 1e-4*math.Abs(median) + 1e-6; !(math.Abs(got-want) <= tolerance) {
		t.Errorf("%s: got %v, want %v within %v", name, got, want, tolerance)
	}
}

// trueQuantile uses nothing of this package.
func trueQuantile(s Spec, p float64, upper bool) float64 {
	z := -math.Sqrt2 * math.Erfinv(1-2*p)
	if p < 0x1p-20 { // where 1-2p has lost digits: Newton steps on the logarithm
		for range 8 {
			tail := math.Erfc(-z/math.Sqrt2) / 2
			density := math.Exp(-z*z/2) / math.Sqrt(2*math.Pi)
			z -= tail * math.Log(tail/p) / density
		}
	}
	e := -math.Log1p(-p)
	u := p
	if upper {
		z, e, u = -z, -math.Log(p), 1-p
	}
	switch s.Kind {
	case Normal:
		return s.Mean + s.Stddev*z
	case LogNormal:
		if s.Median == 0 {
			v := math.Log1p(s.CV * s.CV)
			return s.Mean * math.Exp(math.Sqrt(v)*z-v/2)
		}
		return s.Median * math.Exp(s.Sigma*z)
	case Exponential:
		return s.Mean * e
	case Pareto:
		if s.High > 0 {
			return s.Value * math.Pow(1-u*(1-math.Pow(s.Value/s.High, s.Alpha)), -1/s.Alpha)
		}
		return s.Value * math.Exp(e/s.Alpha)
	case Empirical:
		at, part := math.Modf(u * float64(len(s.Quantiles)-1))
		q := s.Quantiles[int(at):]
		if part == 0 {
			return q[0]
		}
		return q[0] + (q[1]-q[0])*part
	}
	return s.Low + (s.High-s.Low)*u
}

func TestValuesNeverDecreaseWithTheWord(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 1))
	for i := range 300 {
		spec, scale := randomSpec(r), math.Floor(math.Exp(r.Float64()*14))
		table, err := Compile(spec, scale)
		if err != nil {
			t.Fatalf("Compile(%+v, %v): %v", spec, scale, err)
		}
		words := []uint64{0, 1, 1<<32 - 1, 1 << 32, 1<<63 - 1, 1 << 63, math.MaxUint64 - 1, math.MaxUint64}
		for range 200 {
			w := r.Uint64() >> r.IntN(64)
			words = append(words, w, w+1, ^w)
		}
		low, high := table.Bounds()
		for _, w := range words {
			v := table.at(w)
			if v < low || v > high {
				t.Fatalf("spec %d, %+v, scale %v: word %#x gives %d, outside [%d, %d]", i, spec, scale, w, v, low, high)
			}
			if w < math.MaxUint64 && table.at(w+1) < v {
				t.Fatalf("spec %d, %+v, scale %v: word %#x gives %d, the next %d", i, spec, scale, w, v, table.at(w+1))
			}
		}
		if got := table.at(0); got != low {
			t.Fatalf("spec %d, %+v: lowest word gives %d, bounds say %d", i, spec, got, low)
		}
		if got := table.at(math.MaxUint64); got < high-1 { // the end of a line is open
			t.Fatalf("spec %d, %+v: highest word gives %d, bounds say %d", i, spec, got, high)
		}
	}
}

// randomSpec returns a valid spec that is not a mixture.
func randomSpec(r *rand.Rand) Spec {
	kind := Kind(r.IntN(int(Empirical)))
	if kind == Mixture {
		kind = Empirical
	}
	s := Spec{
		Kind: kind, Value: r.NormFloat64() * 1e4,
		Mean: math.Exp(r.Float64() * 12), Stddev: math.Exp(r.Float64()*20 - 5),
		Median: math.Exp(r.Float64() * 12), Sigma: r.Float64() * 2, CV: r.Float64() * 2,
		Low: r.NormFloat64() * 100, P: math.Exp(-r.Float64() * 10),
	}
	s.High = s.Low + r.Float64()*1e5
	if r.IntN(2) == 0 {
		s.Median = 0
	}
	if kind == Pareto {
		s.Value, s.Alpha, s.High = s.Mean, 1.5+r.Float64()*3, 0
		if r.IntN(2) == 0 {
			s.High = s.Value + s.Stddev
		}
	}
	for q := s.Low; kind == Empirical && len(s.Quantiles) < 2+r.IntN(9); q += r.Float64() * s.Mean {
		s.Quantiles = append(s.Quantiles, q)
	}
	if n := len(s.Quantiles); kind == Empirical && n < 2 {
		s.Quantiles = []float64{s.Low, s.High}
	}
	return s
}

func TestKnotsBeginTheirCells(t *testing.T) {
	for i := range half {
		w := uint64(knotAt(i) * 0x1p64)
		if got, f := cell(w); got != i || f != 0 {
			t.Fatalf("cell of knot %d is %d + %#x, want its beginning", i, got, f)
		}
		if end := uint64(knotAt(i+1)*0x1p64) - 1; end>>63 == 0 {
			if got, f := cell(end); got != i || f < math.MaxUint64-1<<37 { // a deep cell is 2^27 words wide
				t.Fatalf("the word before knot %d is in cell %d + %#x, want the end of %d", i+1, got, f, i)
			}
		}
	}
	if got := knotAt(half); got != 0.5 {
		t.Errorf("the last knot of a half is at %v, want 0.5", got)
	}
}
