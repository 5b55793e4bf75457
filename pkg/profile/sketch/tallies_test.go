package sketch

import (
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
)

// Tallies are what a map of the same would be, wherever the buckets are and however often
// the run was chosen anew, and take no more memory than they may.
func TestTalliesAreAMap(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 1))
	runs := 0
	for range 200 {
		var a, b tallies
		want := make(map[int32]uint64)
		center, width := r.Int32N(2000)-1000, 1+r.Int32N(300)
		for range r.IntN(600) {
			i := center + r.Int32N(width) - r.Int32N(width)
			switch r.IntN(40) {
			case 0:
				i = r.Int32N(100_000) - 50_000
			case 1:
				center += r.Int32N(200)
			}
			to, n := &a, 1+r.Uint64N(3)
			if r.IntN(3) == 0 {
				to = &b
			}
			to.put(i, n)
			want[i] += n
		}
		a.merge(&b)
		last := int32(-1 << 31)
		for c := a.begin(); c.next(); last = c.bucket {
			if c.bucket <= last || c.n != want[c.bucket] {
				t.Fatalf("%d of bucket %d after %d, want %d", c.n, c.bucket, last, want[c.bucket])
			}
			delete(want, c.bucket)
		}
		if len(want) > 0 {
			t.Fatalf("buckets are missing: %v", slices.Sorted(maps.Keys(want)))
		}
		if has := len(a.run) - count(a.run, 0); len(a.run) > sparse*has {
			t.Errorf("a run of %d has %d", len(a.run), has)
		}
		if len(a.run) > 0 {
			runs++
		}
	}
	if runs < 100 {
		t.Errorf("%d runs", runs)
	}
}

func count(list []uint64, x uint64) (n int) {
	for _, y := range list {
		if y == x {
			n++
		}
	}
	return n
}
