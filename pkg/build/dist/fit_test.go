package dist

import (
	"math"
	"testing"
)

// sample draws n values in the unit of the spec.
func sample(t *testing.T, spec Spec, n int) []float64 {
	t.Helper()
	table := mustCompile(t, spec, 1e6)
	s := newTestStream(55)
	out := make([]float64, n)
	for i := range out {
		out[i] = float64(table.Draw(&s)) / 1e6
	}
	return out
}

// misfitPareto estimates alpha as users of the data would, by maximum
// likelihood: n over the sum of ln(x/scale), whose standard error is
// alpha/sqrt(n). It returns how many of them it is off.
func misfitPareto(xs []float64, scale, alpha float64) float64 {
	sum := 0.0
	for _, x := range xs {
		sum += math.Log(max(x, scale) / scale)
	}
	n := float64(len(xs))
	return math.Abs(n/sum-alpha) / (alpha / math.Sqrt(n))
}

func TestParetoIsRecovered(t *testing.T) {
	const n = 100_000
	for _, alpha := range []float64{1.1, 2, 3.5} {
		right := Spec{Kind: Pareto, Value: 40, Alpha: alpha}
		if off := misfitPareto(sample(t, right, n), 40, alpha); off > 5 {
			t.Errorf("alpha %v: %.1f standard errors off", alpha, off)
		}
	}
	for _, c := range []struct {
		name string
		spec Spec
	}{
		{"an alpha 3% too high", Spec{Kind: Pareto, Value: 40, Alpha: 2.06}},
		{"a scale 3% too high", Spec{Kind: Pareto, Value: 41.2, Alpha: 2}},
		{"an end", Spec{Kind: Pareto, Value: 40, Alpha: 2, High: 400}},
		{"a log-normal of that median", Spec{Kind: LogNormal, Median: 40 * math.Sqrt2, Sigma: 0.5}},
	} {
		if off := misfitPareto(sample(t, c.spec, n), 40, 2); off <= 5 {
			t.Errorf("%s passes for a Pareto of scale 40 and alpha 2, %.1f standard errors off", c.name, off)
		}
	}
}

// misfitQuantiles returns, in standard errors of a binomial share, how far the
// shares of the draws below the quantiles are from where they belong. A draw
// on a quantile is counted half below it.
func misfitQuantiles(xs, quantiles []float64) float64 {
	worst := 0.0
	steps := float64(len(quantiles) - 1)
	for i := 1; i < len(quantiles)-1; i++ {
		below := 0.0
		for _, x := range xs {
			switch {
			case x < quantiles[i]:
				below++
			case x == quantiles[i]:
				below += 0.5
			}
		}
		n, p := float64(len(xs)), float64(i)/steps
		worst = max(worst, math.Abs(below/n-p)/math.Sqrt(p*(1-p)/n))
	}
	return worst
}

// Values of quantiles at shares of one's own have those shares below them.
func TestEmpiricalIsRecoveredAtItsShares(t *testing.T) {
	const n = 1_000_000
	s := Spec{Kind: Empirical, Quantiles: []float64{1, 2, 2, 10, 500, 9000}, At: []float64{0, 0.3, 0.31, 0.9, 0.999, 1}}
	xs := sample(t, s, n)
	for i, q := range s.Quantiles[:len(s.Quantiles)-1] {
		below := 0
		for _, x := range xs {
			if x <= q {
				below++
			}
		}
		p := s.At[i]
		if i == 1 {
			p = s.At[2] // what is at both
		}
		if off := math.Abs(float64(below)/n - p); off > 6*math.Sqrt(p*(1-p)/n)+1e-9 {
			t.Errorf("%v of values are up to %v, want %v", float64(below)/n, q, p)
		}
	}
	even := Spec{Kind: Empirical, Quantiles: []float64{5, 8, 9, 30, 200}}
	same := even
	same.At = []float64{0, 0.25, 0.5, 0.75, 1}
	a, b := sample(t, even, 1000), sample(t, same, 1000)
	for i := range a {
		if math.Abs(a[i]-b[i]) > 1e-5 {
			t.Fatalf("at equal shares %v is drawn for %v", b[i], a[i])
		}
	}
}

func TestEmpiricalIsRecovered(t *testing.T) {
	const n = 100_000
	want := []float64{5, 8, 9, 30, 31, 200}
	if off := misfitQuantiles(sample(t, Spec{Kind: Empirical, Quantiles: want}, n), want); off > 5 {
		t.Errorf("%.1f standard errors off", off)
	}
	for _, c := range []struct {
		name      string
		quantiles []float64
	}{
		{"one quantile moved by 1.5", []float64{5, 8, 10.5, 30, 31, 200}},
		{"one quantile too few", []float64{5, 8, 9, 30, 200}},
		{"the ends alone", []float64{5, 200}},
	} {
		if off := misfitQuantiles(sample(t, Spec{Kind: Empirical, Quantiles: c.quantiles}, n), want); off <= 5 {
			t.Errorf("%s passes for %v, %.1f standard errors off", c.name, want, off)
		}
	}
}
