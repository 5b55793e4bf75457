package sketch

import (
	"bytes"
	"math/rand/v2"
	"testing"
)

// Windows are as narrow as the cap allows for the first and last time, whatever the
// order, and merged ones are those of all.
func TestWindowsAreOfTheSet(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 3))
	for range 200 {
		times := make([]uint64, 1+r.IntN(60))
		base, spread := r.Uint64N(1<<62), uint64(1)<<r.IntN(50)
		for i := range times {
			times[i] = base + r.Uint64N(spread)
		}
		most := 1 + r.IntN(50)
		add := func(times []uint64) *Windows {
			w := NewWindows(most, 10)
			for _, t := range times {
				w.Add(t, t%7)
			}
			return w
		}
		w := add(times)
		want := w.Append(nil)
		r.Shuffle(len(times), func(i, j int) { times[i], times[j] = times[j], times[i] })
		cut := r.IntN(len(times) + 1)
		a, b := add(times[:cut]), add(times[cut:])
		a.Merge(b)
		if !bytes.Equal(a.Append(nil), want) || !bytes.Equal(add(times).Append(nil), want) {
			t.Fatalf("another order or merging gives something else (%d windows at most)", most)
		}
		check(t, w, times, most)
	}
}

func check(t *testing.T, w *Windows, times []uint64, most int) {
	t.Helper()
	first, last, ok := w.Range()
	low, high := times[0], times[0]
	for _, at := range times {
		low, high = min(low, at), max(high, at)
	}
	if !ok || first != low>>w.Shift() || last != high>>w.Shift() || last-first >= uint64(most) {
		t.Fatalf("windows %d to %d of 1<<%d ns", first, last, w.Shift())
	}
	if s := w.Shift() - 1; s >= 10 && high>>s-low>>s < uint64(most) {
		t.Fatal("windows are wider than they have to be")
	}
	want, got := uint64(0), uint64(0)
	for _, at := range times {
		want += at % 7
	}
	for i := first; i <= last; i++ {
		got += w.At(i)
	}
	if got != want || w.At(last+1) != 0 || w.At(first-1) != 0 {
		t.Fatalf("%d counted, want %d", got, want)
	}
	coarse := w.Coarse(w.Shift() + 3)
	if f, _, _ := coarse.Range(); f != first>>3 || coarse.Shift() != w.Shift()+3 {
		t.Fatal("coarse windows are elsewhere")
	}
}
