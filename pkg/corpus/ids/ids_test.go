package ids

import (
	"encoding/binary"
	"math"
	"math/bits"
	"math/rand/v2"
	"testing"
)

var seeds = []uint64{0, 1, 42, 1 << 63, math.MaxUint64}

// limits are the values of a field of the given width at which packing goes
// wrong first.
func limits(width int) []uint64 {
	return []uint64{0, 1, 1<<(width-1) - 1, 1 << (width - 1), 1<<width - 2, 1<<width - 1}
}

func TestTraceIDInverts(t *testing.T) {
	check := func(k Key, o Origin, random uint64) {
		t.Helper()
		if got := k.Origin(k.TraceID(o, random)); got != o {
			t.Fatalf("got origin %+v, want %+v", got, o)
		}
	}
	r := rand.New(rand.NewPCG(1, 1))
	for _, seed := range seeds {
		k := New(seed)
		for _, iteration := range limits(IterationBits) {
			for _, turn := range limits(TurnBits) {
				for _, part := range limits(PartBits) {
					check(k, Origin{iteration, uint32(turn), uint32(part)}, r.Uint64())
				}
			}
		}
		for range 20000 {
			check(k, Origin{r.Uint64N(MaxIterations), uint32(r.Uint64N(MaxTurns)), uint32(r.Uint64N(MaxParts))}, r.Uint64())
		}
	}
}

// One past each width must show, or the test above would prove nothing about
// the widths.
func TestFieldsBeyondTheirWidthDoNotInvert(t *testing.T) {
	k := New(42)
	for _, o := range []Origin{{MaxIterations, 0, 0}, {0, MaxTurns, 0}, {0, 0, MaxParts}} {
		if got := k.Origin(k.TraceID(o, 1)); got == o {
			t.Errorf("%+v inverts, so a field is wider than the format says", o)
		}
	}
}

func TestForwardIsABijection(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 2))
	for range 100000 {
		x, k0, k1, k2 := r.Uint64(), r.Uint64(), r.Uint64(), r.Uint64()
		if got := backward(forward(x, k0, k1, k2), k0, k1, k2); got != x {
			t.Fatalf("got %#x, want %#x for keys %#x %#x %#x", got, x, k0, k1, k2)
		}
	}
	for _, m := range []uint64{mul1, mul4} {
		if got := inverse(m) * m; got != 1 {
			t.Errorf("%#x times its inverse is %#x, want 1", m, got)
		}
	}
}

func TestTraceIDKeepsItsRandomHalf(t *testing.T) {
	k := New(7)
	for random, want := range map[uint64]uint64{0: 1, 1: 1, 1 << 56: 1 << 56, math.MaxUint64: math.MaxUint64} {
		id := k.TraceID(Origin{Iteration: 5}, random)
		if got := binary.BigEndian.Uint64(id[8:]); got != want {
			t.Errorf("random word %#x: got low half %#x, want %#x", random, got, want)
		}
	}
}

func TestSeedsDisagreeOnOrigins(t *testing.T) {
	// Of 1,000 ids another seed should invert none: the chance is 1,000/2^64.
	a, b := New(1), New(2)
	for i := range uint64(1000) {
		o := Origin{Iteration: i}
		if b.Origin(a.TraceID(o, 1)) == o {
			t.Errorf("iteration %d has the same id half under two seeds", i)
		}
	}
}

func TestSpanIDsOfATraceAreUniqueAndNotZero(t *testing.T) {
	for _, seed := range seeds {
		k := New(seed)
		s := k.SpanKey(k.TraceID(Origin{Iteration: seed % MaxIterations, Turn: 3, Part: 1}, seed*3))
		seen := make(map[[8]byte]uint64)
		for ordinal := uint64(1); ordinal <= 20000; ordinal++ {
			id := s.SpanID(ordinal)
			if id == ([8]byte{}) {
				t.Fatalf("ordinal %d has the zero id", ordinal)
			}
			if other, ok := seen[id]; ok {
				t.Fatalf("ordinals %d and %d have one id", other, ordinal)
			}
			seen[id] = ordinal
			if got := s.Ordinal(id); got != ordinal {
				t.Fatalf("the id of ordinal %d inverts to %d", ordinal, got)
			}
		}
	}
}

// Every trace has one ordinal whose image is zero. It is far beyond any real
// one, so it is planted.
func TestOrdinalOfTheZeroImage(t *testing.T) {
	for _, seed := range seeds {
		k := New(seed)
		s := k.SpanKey(k.TraceID(Origin{}, 9))
		planted := backward(0, s.k0, s.k1, s.k2)
		if planted == 0 {
			t.Fatal("the ordinal is 0, which SpanID does not take")
		}
		if w := forward(planted, s.k0, s.k1, s.k2); w != 0 {
			t.Fatalf("the planted ordinal %d has the image %#x", planted, w)
		}
		id := s.SpanID(planted)
		if got, want := binary.BigEndian.Uint64(id[:]), forward(0, s.k0, s.k1, s.k2); got == 0 || got != want {
			t.Errorf("got %#x, want the image of 0, %#x", got, want)
		}
	}
}

// Bits of neighbouring ids should look independent: of 64 bits on average 32
// differ. The mean over n pairs has a standard deviation of 4/sqrt(n), so 0.25
// is six of them for n = 10,000.
func TestNeighboursDifferInHalfTheirBits(t *testing.T) {
	const n = 10000
	k := New(42)
	traces, spans := 0, 0
	s := k.SpanKey(k.TraceID(Origin{}, 1))
	for i := range uint64(n) {
		a, b := k.TraceID(Origin{Iteration: i}, 1), k.TraceID(Origin{Iteration: i + 1}, 1)
		traces += bits.OnesCount64(binary.BigEndian.Uint64(a[:]) ^ binary.BigEndian.Uint64(b[:]))
		c, d := s.SpanID(i+1), s.SpanID(i+2)
		spans += bits.OnesCount64(binary.BigEndian.Uint64(c[:]) ^ binary.BigEndian.Uint64(d[:]))
	}
	for name, sum := range map[string]int{"trace": traces, "span": spans} {
		if mean := float64(sum) / n; mean < 31.75 || mean > 32.25 {
			t.Errorf("%s ids of neighbours differ in %.2f bits on average, want 32", name, mean)
		}
	}
}

func BenchmarkSpanID(b *testing.B) {
	s := New(1).SpanKey([16]byte{1, 2, 3})
	n := uint64(0)
	b.ReportAllocs()
	for b.Loop() {
		n++
		_ = s.SpanID(n)
	}
}
