package privacy

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/profile"
	"github.com/otelsim/otelsim/pkg/profile/sketch"
)

// drawPool draws n times from a pool, and returns how often each was drawn that was.
func drawPool(r *rand.Rand, pool int, s float64, n int) []float64 {
	sums := make([]float64, pool)
	total := 0.0
	for k := range sums {
		total += math.Pow(float64(k+1), -s)
		sums[k] = total
	}
	counts := make([]float64, pool)
	for range n {
		k, _ := slices.BinarySearch(sums, r.Float64()*total)
		counts[min(k, pool-1)]++
	}
	return slices.DeleteFunc(counts, func(c float64) bool { return c == 0 })
}

// TestFitRecovers: draws from what was fitted give as many different values, within 10 %,
// and repeat them as often, by the share of those that were drawn once, of the sampled. Where
// there are more than a hundred of each it is the exponent that they were drawn with.
func TestFitRecovers(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	const sample = 128
	for _, test := range []struct {
		pool int
		s    float64
		n    int
	}{
		{50, 0, 1000}, {500, 0, 1000}, {500, 1.1, 5000}, {5000, 0, 20000}, {5000, 1.1, 20000}, {50000, 1.1, 20000}, {50000, 0.6, 20000}, {200000, 0, 20000}, {1000, 2, 20000}, {300, 0.9, 300}, {250, 0.7, 57000}, {250, 0, 57000}, {60, 1.5, 400000},
	} {
		counts := drawPool(r, test.pool, test.s, test.n)
		r.Shuffle(len(counts), func(i, k int) { counts[i], counts[k] = counts[k], counts[i] })
		seen := counts[:min(sample, len(counts))]
		pool, s := Fit(float64(len(counts)), float64(test.n), seen)
		if pool < 2 {
			t.Errorf("%v: pool of %d", test, pool)
			continue
		}
		if test.n > 100*test.pool && math.Abs(s-test.s) > 0.05 {
			t.Errorf("%v: exponent %.2f", test, s) // there is enough to tell
		}
		again := drawPool(r, int(pool), s, test.n)
		if off := math.Abs(float64(len(again))/float64(len(counts)) - 1); off > 0.1 {
			t.Errorf("%v: pool %d, exponent %.2f gives %d different ones of %d, %.0f %% off", test, pool, s, len(again), len(counts), 100*off)
		}
		// The sample's share has a standard error of sqrt(p(1-p)/m); five of them.
		p := once(counts)
		if got, most := once(again), 0.02+5*math.Sqrt(max(p*(1-p), 0.01)/float64(len(seen))); math.Abs(got-p) > most {
			t.Errorf("%v: pool %d, exponent %.2f: %.3f were drawn once of %.3f", test, pool, s, got, p)
		}
		t.Logf("%v: pool %d exponent %.2f, %d of %d, once %.3f of %.3f", test, pool, s, len(again), len(counts), once(again), p)
	}
}

func once(counts []float64) float64 {
	n := 0.0
	for _, c := range counts {
		if c == 1 {
			n++
		}
	}
	return n / float64(len(counts))
}

// TestFitOfTheRest: what is no pool, and pools of one.
func TestFitOfTheRest(t *testing.T) {
	if pool, _ := Fit(1000, 1000, []float64{1, 1, 1}); pool != 0 {
		t.Errorf("values that never repeat: pool of %d", pool)
	}
	if pool, _ := Fit(1, 1000, []float64{1000}); pool != 1 {
		t.Errorf("one value: pool of %d", pool)
	}
	if pool, _ := Fit(0, 0, nil); pool != 1 {
		t.Errorf("no value: pool of %d", pool)
	}
}

func BenchmarkFit(b *testing.B) {
	counts := drawPool(rand.New(rand.NewPCG(1, 2)), 50000, 1.1, 20000)
	for b.Loop() {
		Fit(float64(len(counts)), 20000, counts[:128])
	}
}

// TestDrawsOfATrace: the exponent of values that all spans of a trace have alike is found,
// however many spans that are, and of samples of the values too.
func TestDrawsOfATrace(t *testing.T) {
	p := policy(t, Options{})
	for _, most := range []int{1000, 128} {
		r := rand.New(rand.NewPCG(21, 22))
		counts := drawPool(r, 300, 0.7, 9000)
		a := &profile.Attribute{Values: sketch.NewValues(most), Traces: 3000} // as one class of several has them
		trace := uint64(0)
		for i, n := range counts {
			for range int(n) {
				trace++
				for range 1 + trace%4 {
					a.Values.Add(otlp.KindText, fmt.Appendf(nil, "u-%08x", (uint64(i)+1)*2654435761%(1<<32)), trace)
					a.Present++
					a.Kinds[otlp.KindText]++
				}
			}
		}
		if got := Draws(a.Values); math.Abs(float64(got)/9000-1) > map[int]float64{1000: 0, 128: 0.25}[most] {
			t.Errorf("%d values kept: %d draws", most, got)
		}
		s := p.Values("shop.user", a, Draws(a.Values))
		if s.Zipf < 0.6 || s.Zipf > 0.8 || math.Abs(float64(s.Pool)/300-1) > 0.1 {
			t.Errorf("%d values kept: got a pool of %d, exponent %.2f", most, s.Pool, s.Zipf)
		}
	}
}
