package profile

import (
	"math/rand/v2"
	"testing"
)

// What was found lately is not found any more once there is no room for it, though it is
// still known.
func TestLowestForgets(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 1))
	asked, plain := newAsked[int](100, nil), newLowest[int](100, nil)
	for range 20_000 {
		h := r.Uint64N(3000) // some have a place in common
		if r.IntN(1000) == 0 {
			o := newLowest[int](1, nil)
			o.bound = 2000 + r.Uint64N(1000)
			asked.join(o)
			plain.join(o)
		}
		got, room := asked.find(h)
		want, roomToo := plain.find(h)
		if got != want || room != roomToo {
			t.Fatalf("%d: %v, %t; without what was found lately %v, %t", h, got, room, want, roomToo)
		}
		if x := new(int); got == nil && room {
			asked.put(h, x)
			plain.put(h, x)
		}
	}
	if asked.bound == 0 {
		t.Error("all had room")
	}
}
