package dist

import (
	"math"
	"testing"
)

// probability returns the share of words for which t gives at most v.
func probability(t *Table, v int64) float64 {
	// at never decreases with the word, so the words at most v are a prefix.
	var low, high uint64 = 0, math.MaxUint64
	if t.at(low) > v {
		return 0
	}
	for low < high {
		if middle := high - (high-low)/2; t.at(middle) <= v {
			low = middle
		} else {
			high = middle - 1
		}
	}
	return (float64(low) + 1) / 0x1p64
}

// poissonCDF sums the probabilities up to k, each by the logarithm of the gamma
// function.
func poissonCDF(mean float64, k int64) float64 {
	sum := 0.0
	spread := int64(12*math.Sqrt(mean)) + 40
	for i := max(0, int64(mean)-spread); i <= k; i++ {
		g, _ := math.Lgamma(float64(i) + 1)
		sum += math.Exp(float64(i)*math.Log(mean) - mean - g)
	}
	return sum
}

func TestPoissonProbabilities(t *testing.T) {
	for _, c := range []struct {
		name      string
		mean      float64
		tolerance float64
	}{
		{"a rare event", 0.01, 1e-13},
		{"a few", 4, 1e-13},
		{"where the reference turns to a normal", 30.5, 1e-12},
		{"many", 1000, 1e-10}, // Lgamma loses digits with the mean, not the table
		{"the largest exact mean", exactPoisson, 1e-9},
		{"the smallest smooth mean", exactPoisson + 0.5, 1e-4},
		{"a large mean", 1e5, 1e-4},
		{"a million", 1e6, 1e-4},
	} {
		table := mustCompile(t, Spec{Kind: Poisson, Mean: c.mean}, 1)
		for z := -6.0; z <= 6; z += 0.25 {
			k := int64(c.mean + z*math.Sqrt(c.mean))
			if k < 0 {
				continue
			}
			if got, want := probability(table, k), poissonCDF(c.mean, k); math.Abs(got-want) > c.tolerance {
				t.Errorf("%s, mean %v: P(X <= %d) = %v, want %v within %v", c.name, c.mean, k, got, want, c.tolerance)
			}
		}
		if n := len(table.last); n > 2000 {
			t.Errorf("%s: %d steps, want at most 2000", c.name, n)
		}
	}
	if low, high := mustCompile(t, Spec{Kind: Poisson}, 1).Bounds(); low != 0 || high != 0 {
		t.Errorf("mean 0: bounds [%d, %d], want [0, 0]", low, high)
	}
}

func TestGeometricProbabilities(t *testing.T) {
	for _, c := range []struct {
		name      string
		p         float64
		tolerance float64
	}{
		{"certain at once", 1, 0},
		{"nearly certain", 0.999, 1e-13},
		{"a fair coin", 0.5, 1e-13},
		{"the smallest exact p", exactGeometric, 1e-12},
		{"the largest smooth p", exactGeometric - 1e-9, 1e-4},
		{"one in a thousand", 1e-3, 1e-4},
		{"one in ten million, below the bound of the series", 1e-7, 1e-4},
	} {
		table := mustCompile(t, Spec{Kind: Geometric, P: c.p}, 1)
		if low, _ := table.Bounds(); low != 1 {
			t.Errorf("%s: lower bound %d, want 1", c.name, low)
		}
		for x := 0.0; x <= 20; x += 0.125 {
			k := max(1, int64(x/c.p))
			want := -math.Expm1(float64(k) * math.Log1p(-c.p))
			if got := probability(table, k); math.Abs(got-want) > c.tolerance {
				t.Errorf("%s, p %v: P(X <= %d) = %v, want %v within %v", c.name, c.p, k, got, want, c.tolerance)
			}
		}
		if n := len(table.last); n > 4000 {
			t.Errorf("%s: %d steps, want at most 4000", c.name, n)
		}
	}
}

func TestBernoulliProbabilities(t *testing.T) {
	for _, p := range []float64{0, 1e-17, 0.05, 0.5, 1 - 0x1p-53, 1} {
		table := mustCompile(t, Spec{Kind: Bernoulli, P: p}, 1)
		if got, want := probability(table, 0), 1-p; math.Abs(got-want) > 0x1p-52 {
			t.Errorf("p %v: P(0) = %v, want %v", p, got, want)
		}
		low, high := table.Bounds()
		if got, want := low == 1, p == 1; got != want {
			t.Errorf("p %v: always 1 is %v, want %v", p, got, want)
		}
		if got, want := high == 0, p == 0; got != want {
			t.Errorf("p %v: never 1 is %v, want %v", p, got, want)
		}
	}
}

// A count stays whole in finer units, and in the smooth approximation.
func TestCountsAreMultiplesOfTheScale(t *testing.T) {
	const scale = 1e6
	for i, spec := range []Spec{
		{Kind: Poisson, Mean: 4},
		{Kind: Poisson, Mean: 1e5},
		{Kind: Geometric, P: 0.3},
		{Kind: Geometric, P: 0.001},
		{Kind: Bernoulli, P: 0.5},
	} {
		table := mustCompile(t, spec, scale)
		single := mustCompile(t, spec, 1)
		got, want := newTestStream(uint64(i)), newTestStream(uint64(i))
		for range 1000 {
			if g, w := table.Draw(&got), single.Draw(&want)*scale; g != w {
				t.Fatalf("%+v: got %d, want %d", spec, g, w)
			}
		}
	}
}

// Whole numbers from a continuous distribution round to the nearest: the
// probability of k is that of (k-1/2, k+1/2).
func TestCoarseUnitsRoundToNearest(t *testing.T) {
	table := mustCompile(t, Spec{Kind: Normal, Mean: 3, Stddev: 1.5}, 1)
	for k := int64(-1); k <= 7; k++ {
		want := normalCDF((float64(k) + 0.5 - 3) / 1.5)
		if got := probability(table, k); math.Abs(got-want) > 1e-4 {
			t.Errorf("P(X <= %d) = %v, want %v", k, got, want)
		}
	}
}

func TestMixtureDrawsItsComponentsByWeight(t *testing.T) {
	inner := Spec{Kind: Mixture, Weight: 6, Components: []Spec{
		{Kind: Constant, Value: 3, Weight: 10},
		{Kind: Constant, Value: 4, Weight: 30},
		{Kind: Constant, Value: 9, Weight: 0},
	}}
	table := mustCompile(t, Spec{Kind: Mixture, Components: []Spec{
		{Kind: Constant, Value: 1, Weight: 1},
		{Kind: Constant, Value: 2, Weight: 3},
		inner,
	}}, 1)
	const n = 200_000
	count := map[int64]int{}
	s := newTestStream(3)
	for range n {
		count[table.Draw(&s)]++
	}
	for v, p := range map[int64]float64{1: 0.1, 2: 0.3, 3: 0.15, 4: 0.45, 9: 0} {
		// 5 standard errors of a binomial share
		got, tolerance := float64(count[v])/n, 5*math.Sqrt(p*(1-p)/n)
		if math.Abs(got-p) > tolerance {
			t.Errorf("value %d has share %v, want %v within %v", v, got, p, tolerance)
		}
	}
	if low, high := table.Bounds(); low != 1 || high != 4 {
		t.Errorf("bounds [%d, %d], want [1, 4]", low, high)
	}
}

func TestZipfProbabilities(t *testing.T) {
	for _, c := range []struct {
		ranks    int
		exponent float64
	}{{1, 1}, {2, 0.5}, {100, 1}, {1000, 1.3}, {50, 10}} {
		table, err := Compile(Spec{Kind: Zipf, Value: float64(c.ranks), Alpha: c.exponent}, 1)
		if err != nil {
			t.Fatal(err)
		}
		total := 0.0
		for k := 1; k <= c.ranks; k++ {
			total += math.Pow(float64(k), -c.exponent)
		}
		sum := 0.0
		for k := 1; k <= c.ranks; k++ {
			sum += math.Pow(float64(k), -c.exponent) / total
			if got := probability(table, int64(k)); math.Abs(got-sum) > 1e-12 {
				t.Fatalf("%d ranks, exponent %v: P(<= %d) is %v, want %v", c.ranks, c.exponent, k, got, sum)
			}
		}
		if least, most := table.Bounds(); least != 1 || most > int64(c.ranks) {
			t.Errorf("%d ranks: draws in [%d, %d]", c.ranks, least, most)
		}
	}
	for _, s := range []Spec{{Kind: Zipf, Value: 0, Alpha: 1}, {Kind: Zipf, Value: 2e6, Alpha: 1}, {Kind: Zipf, Value: 5}, {Kind: Zipf, Value: 5, Alpha: 11}} {
		if s.Validate() == nil {
			t.Errorf("%+v is valid", s)
		}
	}
}
