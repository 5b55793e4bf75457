package arrivals

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// drawn returns where the iterations of a block are, in millionths of one.
func drawn(t *testing.T, m Model) []uint64 {
	t.Helper()
	c, err := New(&m, Run{Place: seededPlace})
	if err != nil {
		t.Fatal(err)
	}
	at := make([]uint64, BlockIterations)
	c.Draw(at, rand.New(rand.NewPCG(7, 8)).Uint64N)
	for i := range at {
		if at[i] >= BlockUnits || i > 0 && at[i] < at[i-1] {
			t.Fatalf("%d is at %d, out of order or of the block", i, at[i])
		}
		at[i] /= unitsPerIteration / Million
	}
	return at
}

// TestPace: iterations are due one after the other, and by no more than it says later.
func TestPace(t *testing.T) {
	for i, at := range drawn(t, Model{Rate: 1, Late: []Late{{By: 0, Weight: 1}}}) {
		if at != uint64(i)*Million {
			t.Errorf("%d is at %d without being late", i, at)
		}
	}
	for i, at := range drawn(t, Model{Rate: 1, Late: []Late{{By: Million / 2, Weight: 1}}}) {
		if late := at - uint64(i)*Million; late > Million/2 {
			t.Errorf("%d is late by %d", i, late)
		}
	}
	for i, at := range drawn(t, Model{Rate: 1, Late: []Late{{By: Million, Weight: 1}}, Together: 3}) {
		if late := at - uint64(i-i%3)*Million; late > Million {
			t.Errorf("%d of three is late by %d", i, late)
		}
	}
}

// TestSomeAreLate: as many are late by more as their weight says, and those that would be later
// than the block are at its beginning.
func TestSomeAreLate(t *testing.T) {
	after := 0
	for _, at := range drawn(t, Model{Rate: 1, Late: []Late{{By: 0, Weight: 3}, {By: 1000 * Million, Weight: 1}}}) {
		if at%Million != 0 {
			after++
		}
	}
	if after < 200 || after > 312 {
		t.Errorf("%d of 1,024 are late, want a quarter", after)
	}
}

// TestTogetherByChance: so many begin at once, anywhere.
func TestTogetherByChance(t *testing.T) {
	at := drawn(t, Model{Rate: 1, Together: 4})
	if n := len(slices.Compact(slices.Clone(at))); n != BlockIterations/4 {
		t.Errorf("at %d times, want 256", n)
	}
	if at[0] != at[3] || at[3] == at[4] {
		t.Errorf("at %v, want four at once", at[:8])
	}
}
