package rng

import (
	"math"
	"testing"
)

// A stream is named by all of its steps and by their order.
func TestEveryStepNamesAnotherStream(t *testing.T) {
	root := New(42)
	seen := map[uint64]string{}
	for name, k := range map[string]Key{
		"the root":                            root,
		"another seed":                        New(43),
		"seed 0":                              New(0),
		"the largest seed":                    New(math.MaxUint64),
		"a purpose":                           root.For(IDs),
		"another purpose":                     root.For(Latency),
		"an index equal to a purpose":         root.Index(uint64(IDs)),
		"iteration 0":                         root.For(IDs).Index(0),
		"iteration 1":                         root.For(IDs).Index(1),
		"iteration 1 of another purpose":      root.For(Latency).Index(1),
		"path 2 of iteration 1":               root.For(IDs).Index(1).Index(2),
		"path 1 of iteration 2":               root.For(IDs).Index(2).Index(1),
		"path 0 of iteration 0":               root.For(IDs).Index(0).Index(0),
		"path 3 of nothing, the sum of steps": root.For(IDs).Index(3),
	} {
		w := k.Uint64()
		if other, ok := seen[w]; ok {
			t.Errorf("%s and %s begin alike", name, other)
		}
		seen[w] = name
	}
}

func TestOrderOfStepsMatters(t *testing.T) {
	root := New(1)
	for a := range uint64(200) {
		for b := range a {
			if root.Index(a).Index(b) == root.Index(b).Index(a) {
				t.Fatalf("steps %d, %d and %d, %d name the same stream", a, b, b, a)
			}
		}
	}
}

func TestDrawingMoreMovesNothingElsewhere(t *testing.T) {
	draw := func(extra int) (words [8]uint64) {
		k := New(42)
		busy := k.For(Attributes).Index(5).Stream()
		for range extra {
			busy.Uint64()
		}
		for i, p := range []Purpose{IDs, Latency, Outcome, Content, Start, Pick} {
			s := k.For(p).Index(5).Stream()
			words[i] = s.Uint64()
		}
		words[6] = k.For(Attributes).Index(6).Uint64()
		words[7] = k.For(Attributes).Index(5).Index(1).Uint64()
		return words
	}
	if a, b := draw(0), draw(1000); a != b {
		t.Errorf("1000 more attribute draws change other streams: %x and %x", a, b)
	}
}

func TestAKeyGivesTheSameStreamAgain(t *testing.T) {
	k := New(9).For(Content).Index(3)
	a, b := k.Stream(), k.Stream()
	fork := a
	for i := range 100 {
		x, y, z := a.Uint64(), b.Uint64(), fork.Uint64()
		if x != y || x != z {
			t.Fatalf("word %d: %#x, again %#x, copied %#x", i, x, y, z)
		}
		if i == 0 && x != k.Uint64() {
			t.Errorf("Key.Uint64 gives %#x, the stream begins with %#x", k.Uint64(), x)
		}
	}
}

// Streams of neighbouring keys must look unrelated: on average half of the 64
// bits of their first words differ. Over n pairs the mean number of differing
// bits has standard error 4/sqrt(n); 5 of them are allowed.
func TestNeighbouringKeysAreUnrelated(t *testing.T) {
	const n = 100_000
	for name, key := range map[string]func(i uint64) Key{
		"seeds":      New,
		"iterations": func(i uint64) Key { return New(1).For(Latency).Index(i) },
		"paths":      func(i uint64) Key { return New(1).For(Latency).Index(7).Index(i) },
		"high bits":  func(i uint64) Key { return New(1).For(Latency).Index(i << 40) },
	} {
		sum, last := 0, key(n).Uint64()
		for i := range uint64(n) {
			w := key(i).Uint64()
			for x := w ^ last; x != 0; x &= x - 1 {
				sum++
			}
			last = w
		}
		got, tolerance := float64(sum)/n, 5*4/math.Sqrt(n)
		if math.Abs(got-32) > tolerance {
			t.Errorf("%s: neighbours differ in %v bits, want 32 within %v", name, got, tolerance)
		}
	}
}

// n random words of 64 bits hold a pair of equal ones with probability below
// n^2 / 2^65: 2.7e-8 for a million. So any collision means that keys collide.
func TestKeysDoNotCollide(t *testing.T) {
	const n = 1_000_000
	seen := make(map[uint64]struct{}, n)
	k := New(42).For(Outcome)
	for i := range uint64(n) {
		// Small indices with names under them, as iterations and paths are.
		w := k.Index(i >> 4).Index(i & 15).Uint64()
		if _, ok := seen[w]; ok {
			t.Fatalf("iteration %d, path %d: first word %#x was seen before", i>>4, i&15, w)
		}
		seen[w] = struct{}{}
	}
}

func TestBelowStaysBelow(t *testing.T) {
	s := New(1).Stream()
	for _, n := range []uint64{1, 2, 3, 10, 1<<32 + 1, 1 << 63, math.MaxUint64} {
		for range 1000 {
			if got := s.Below(n); got >= n {
				t.Fatalf("Below(%d) = %d", n, got)
			}
		}
	}
	a, b := New(2).Stream(), New(2).Stream()
	a.Below(1)
	b.Uint64()
	if a != b {
		t.Error("Below(1) does not take one word, though its result is certain")
	}
}

// Pearson's test: with n/cells expected in each cell, the sum of (got-want)^2 /
// want is chi-square with dof = cells-1. Its critical value at 1e-6 is at
// most dof + 4.75*sqrt(2*dof) + 17 (the expansion of Cornish and Fisher, rounded
// up).
func TestBelowIsUniform(t *testing.T) {
	const n = 200_000
	for _, cells := range []uint64{2, 7, 100, 1000} {
		count := make([]int, cells)
		s := New(3).For(Start).Index(cells).Stream()
		for range n {
			count[s.Below(cells)]++
		}
		chi, want := 0.0, n/float64(cells)
		for _, c := range count {
			d := float64(c) - want
			chi += d * d / want
		}
		dof := float64(cells - 1)
		if critical := dof + 4.75*math.Sqrt(2*dof) + 17; chi > critical {
			t.Errorf("%d cells: chi-square %v, critical value %v", cells, chi, critical)
		}
	}
}

func TestHashTellsNamesApart(t *testing.T) {
	seen := map[uint64]string{}
	for _, name := range []string{"", "a", "b", "ab", "ba", "aa", "llm.call", "llm.call.", "mcp.tool.execute", "\x00", "\x00\x00"} {
		h := Hash(name)
		if other, ok := seen[h]; ok {
			t.Errorf("%q and %q have the same hash", name, other)
		}
		seen[h] = name
	}
}

func TestStreamsDoNotAllocate(t *testing.T) {
	k, sink := New(1), uint64(0)
	if n := testing.AllocsPerRun(1000, func() {
		s := k.For(Latency).Index(3).Stream()
		sink += s.Uint64() + s.Below(10)
	}); n != 0 {
		t.Errorf("a stream allocates %v times, want 0", n)
	}
	_ = sink
}

func BenchmarkStream(b *testing.B) {
	k := New(1).For(Latency)
	b.ReportAllocs()
	for i := uint64(0); b.Loop(); i++ {
		s := k.Index(i).Stream()
		s.Uint64()
	}
}
