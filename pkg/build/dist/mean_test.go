package dist

import (
	"math"
	"testing"
)

// The mean that is worked out is that of the distribution, or up to four percent
// more of those without an end.
func TestMeansAreThoseOfTheDistributions(t *testing.T) {
	for _, row := range []struct {
		what string
		spec Spec
		want float64
	}{
		{"a constant", Spec{Kind: Constant, Value: 7000}, 7000},
		{"a straight line", Spec{Kind: Uniform, Low: 1000, High: 5000}, 3000},
		{"a log-normal one", Spec{Kind: LogNormal, Median: 8000, Sigma: 0.8}, 8000 * math.Exp(0.32)},
		{"a long tail", Spec{Kind: LogNormal, Median: 8000, Sigma: 1.6}, 8000 * math.Exp(1.28)},
		{"counts", Spec{Kind: Poisson, Mean: 400}, 400},
		{"one of two", Spec{Kind: Mixture, Components: []Spec{
			{Kind: Constant, Value: 1000, Weight: 3}, {Kind: Uniform, Low: 8000, High: 10000, Weight: 1}}}, 3000},
	} {
		table, err := Compile(row.spec, 1)
		if err != nil {
			t.Fatal(err)
		}
		if got := table.Mean(); got < 0.999*row.want || got > 1.04*row.want {
			t.Errorf("%s: got %g, want %g", row.what, got, row.want)
		}
	}
}

func TestSharesAreThoseOfTheWeights(t *testing.T) {
	c, err := NewChoice([]float64{0, 1, 0, 3, 0})
	if err != nil {
		t.Fatal(err)
	}
	want := []float64{0, 0.25, 0, 0.75}
	got := c.Shares()
	if len(got) != len(want) {
		t.Fatalf("got %v, want %v", got, want)
	}
	for i := range want {
		if math.Abs(got[i]-want[i]) > 1e-9 {
			t.Errorf("got %v, want %v", got, want)
		}
	}
	for _, p := range []float64{0, 0.25, 1} {
		if coin, err := NewProbability(p); err != nil || math.Abs(coin.Float()-p) > 1e-9 {
			t.Errorf("probability %v: got %v, %v", p, coin.Float(), err)
		}
	}
}
