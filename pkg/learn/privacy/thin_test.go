package privacy

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/profile/sketch"
)

// lineAt is what a line through quantiles is at a share.
func lineAt(at, quantiles []float64, share float64) float64 {
	for i := range at[1:] {
		if share <= at[i+1] {
			return quantiles[i] + (quantiles[i+1]-quantiles[i])*(share-at[i])/(at[i+1]-at[i])
		}
	}
	return quantiles[len(quantiles)-1]
}

// TestThinnedQuantiles: of few numbers few quantiles are said, and what is said is as near to all of
// them as so many numbers can tell, in the mean, too.
func TestThinnedQuantiles(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, row := range []struct {
		name  string
		count int
		most  int // quantiles
		draw  func() float64
	}{
		{"even", 20_000, 6, func() float64 { return r.Float64() }},
		{"one", 20_000, 2, func() float64 { return 7 }},
		{"few", 30, 12, func() float64 { return math.Exp(r.NormFloat64()) }},
		{"some", 400, 18, func() float64 { return math.Exp(r.NormFloat64()) }},
		{"many with a long tail", 50_000, 32, func() float64 { return math.Exp(2 * r.NormFloat64()) }},
		{"two heaps", 5000, 24, func() float64 { return float64(r.IntN(2))*100 + r.Float64() }},
	} {
		var n sketch.Numbers
		for range row.count {
			n.Add(row.draw())
		}
		at, quantiles := Quantiles(&n)
		shares, kept := thin(at, quantiles, n.Count())
		if len(shares) > row.most || len(shares) != len(kept) || shares[0] != 0 || shares[len(shares)-1] != 1 {
			t.Errorf("%s: %d quantiles: %v", row.name, len(shares), shares)
		}
		off := max(offShare, byChance/math.Sqrt(float64(row.count)))
		mean, thinned := 0.0, 0.0
		for i := range at[1:] {
			mean += (at[i+1] - at[i]) * (quantiles[i] + quantiles[i+1]) / 2
		}
		for i := range shares[1:] {
			thinned += (shares[i+1] - shares[i]) * (kept[i] + kept[i+1]) / 2
		}
		if math.Abs(thinned/mean-1) > max(0.02, off) {
			t.Errorf("%s: mean %g, want %g", row.name, thinned, mean)
		}
		for i, share := range at {
			low, high := lineAt(shares, kept, max(share-off-1e-9, 0)), lineAt(shares, kept, min(share+off+1e-9, 1))
			if q := quantiles[i]; q < low-1e-9*math.Abs(q) || q > high+1e-9*math.Abs(q) {
				t.Errorf("%s: at %g: %g, want %g to %g", row.name, share, q, low, high)
			}
		}
	}
}

// TestMedian: it is there though the quantile in the middle is none of those that are said.
func TestMedian(t *testing.T) {
	for _, row := range []struct {
		spec Spec
		want float64
	}{
		{Spec{At: []float64{0, 1}, Quantiles: []float64{10, 21}}, 15.5},
		{Spec{Kind: otlp.KindInt, At: []float64{0, 1}, Quantiles: []float64{10, 21}}, 16},
		{Spec{At: []float64{0, 0.5, 1}, Quantiles: []float64{10, 12, 21}}, 12},
		{Spec{At: []float64{0, 0.25, 1}, Quantiles: []float64{10, 12, 21}}, 15},
	} {
		if got := row.spec.Median(); got != row.want {
			t.Errorf("%+v: got %g", row.spec, got)
		}
	}
}
