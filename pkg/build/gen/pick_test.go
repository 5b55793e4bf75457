package gen

import (
	"fmt"
	"math"
	"math/big"
	"testing"
)

var pickNames = []string{"alpha", "beta", "delta", "gamma"}

func TestSharesFollowWeights(t *testing.T) {
	const n = 200_000
	weights := []uint64{1_000_000, 2_500_000, 0, 500_000}
	p := NewPicker(7, pickNames, weights, false)
	var got [4]float64
	for i := range uint64(n) {
		got[p.Pick(i)]++
	}
	for i, w := range weights {
		share := float64(w) / 4_000_000
		// Five standard errors of a proportion.
		if off, limit := math.Abs(got[i]/n-share), 5*math.Sqrt(share*(1-share)/n); off > limit {
			t.Errorf("%s: share %.4f, want %.4f within %.4f", pickNames[i], got[i]/n, share, limit)
		}
	}
}

func TestEachOnceTakesNamesInTurn(t *testing.T) {
	p := NewPicker(7, pickNames, make([]uint64, 4), true)
	for i := range uint64(8) {
		if got := p.Pick(i); got != int(i%4) {
			t.Errorf("iteration %d: %d", i, got)
		}
	}
}

func TestPickingIgnoresTheOtherNames(t *testing.T) {
	all := NewPicker(7, pickNames, []uint64{1, 2, 3, 4}, false)
	without := NewPicker(7, []string{"alpha", "beta", "gamma"}, []uint64{1, 2, 4}, false)
	back := []int{0, 1, 3}
	for i := range uint64(10_000) {
		a, b := all.Pick(i), back[without.Pick(i)]
		if a != 2 && a != b {
			t.Fatalf("iteration %d moved from %s to %s when another left", i, pickNames[a], pickNames[b])
		}
	}
}

func TestRatiosAreComparedExactly(t *testing.T) {
	values := []uint64{1, 2, 3, 1 << 31, 1<<63 - 1, 1 << 63, math.MaxUint64}
	for _, a := range values {
		for _, wa := range values {
			for _, b := range values {
				for _, wb := range values {
					want := ratio(a, wa).Cmp(ratio(b, wb)) < 0
					if got := less(a, wa, b, wb); got != want {
						t.Fatalf("%d/%d < %d/%d: %v", a, wa, b, wb, got)
					}
				}
			}
		}
	}
}

func ratio(a, b uint64) *big.Rat {
	return new(big.Rat).SetFrac(new(big.Int).SetUint64(a), new(big.Int).SetUint64(b))
}

// TestPickVectors freezes which scenario an iteration runs. Do NOT change the
// values: they are part of the determinism contract.
func TestPickVectors(t *testing.T) {
	for _, row := range []struct {
		seed uint64
		want string
	}{
		{0, "1121110111"},
		{42, "1111011102"},
		{math.MaxUint64, "1011111222"},
	} {
		p := NewPicker(row.seed, pickNames, []uint64{1_000_000, 2_000_000, 500_000, 1}, false)
		got := ""
		for _, i := range []uint64{0, 1, 2, 3, 4, 5, 6, 7, 1 << 20, 1<<44 - 1} {
			got += fmt.Sprint(p.Pick(i))
		}
		if got != row.want {
			t.Errorf("seed %d: %s, want %s", row.seed, got, row.want)
		}
	}
}
