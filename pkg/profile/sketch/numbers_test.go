package sketch

import (
	"bytes"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// draw returns numbers over many orders of magnitude, with ties.
func draw(r *rand.Rand, n int) []float64 {
	out := make([]float64, n)
	for i := range out {
		switch r.IntN(10) {
		case 0:
			out[i] = 0
		case 1:
			out[i] = -math.Floor(r.ExpFloat64() * 50)
		case 2:
			out[i] = 1024
		default:
			out[i] = math.Exp(6 + 3*r.NormFloat64())
		}
	}
	return out
}

func numbers(values []float64) *Numbers {
	s := new(Numbers)
	for _, v := range values {
		s.Add(v)
	}
	return s
}

// What is counted does not depend on the order, nor on how it was merged.
func TestNumbersAreOfTheSet(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	for range 50 {
		values := draw(r, r.IntN(400))
		want := numbers(values).Append(nil)
		r.Shuffle(len(values), func(i, j int) { values[i], values[j] = values[j], values[i] })
		cut := r.IntN(len(values) + 1)
		a, b := numbers(values[:cut]), numbers(values[cut:])
		b.Merge(a)
		b.Merge(nil)
		b.Merge(new(Numbers))
		if got := b.Append(nil); !bytes.Equal(got, want) {
			t.Fatalf("merged: %x\nat once: %x", got, want)
		}
		if got := numbers(values).Append(nil); !bytes.Equal(got, want) {
			t.Fatal("another order gives something else")
		}
	}
	if bytes.Equal(numbers([]float64{1, 2}).Append(nil), numbers([]float64{1, 3}).Append(nil)) {
		t.Fatal("Append does not tell numbers apart")
	}
}

// A quantile is within a bucket of the exact one.
func TestQuantilesAreNear(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 1))
	values := draw(r, 5000)
	s := numbers(values)
	slices.Sort(values)
	for _, p := range []float64{0, 0.001, 0.1, 0.25, 0.5, 0.9, 0.99, 1} {
		at := int(p * float64(len(values)-1))
		exact, got := values[at], s.Quantile(p)
		if math.Abs(got-exact) > math.Abs(exact)/(1<<fine)+1e-9 {
			t.Errorf("quantile %v: %v, exactly %v", p, got, exact)
		}
	}
	if low, high := s.Bounds(); low != values[0] || high != values[len(values)-1] {
		t.Errorf("bounds %v, %v", low, high)
	}
	sum := 0.0
	for _, v := range values {
		sum += v
	}
	if mean := sum / float64(len(values)); math.Abs(s.Mean()-mean) > 0.01*mean {
		t.Errorf("mean %v, exactly %v", s.Mean(), mean)
	}
}

// The distance is that of the exact distributions but for what falls into one bucket.
func TestKSIsExactOverBuckets(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 1))
	for range 20 {
		a, b := draw(r, 300), draw(r, 200)
		share := func(values []float64, to int32) float64 {
			n := 0
			for _, v := range values {
				if bucket(v) <= to {
					n++
				}
			}
			return float64(n) / float64(len(values))
		}
		want := 0.0
		for _, v := range slices.Concat(a, b) {
			want = max(want, math.Abs(share(a, bucket(v))-share(b, bucket(v))))
		}
		if got := KS(numbers(a), numbers(b)); math.Abs(got-want) > 1e-12 {
			t.Fatalf("KS %v, want %v", got, want)
		}
	}
	one := numbers([]float64{1})
	if KS(nil, new(Numbers)) != 0 || KS(one, nil) != 1 || KS(one, one) != 0 {
		t.Error("KS of empty ones")
	}
}

func TestOddNumbers(t *testing.T) {
	s := numbers([]float64{math.NaN(), math.Inf(1), math.Inf(-1), math.SmallestNonzeroFloat64, -0.0, math.MaxFloat64, -math.MaxFloat64})
	if s.Count() != 4 || s.Quantile(1) != math.MaxFloat64 || s.Quantile(0) != -math.MaxFloat64 {
		t.Errorf("count %d, from %v to %v", s.Count(), s.Quantile(0), s.Quantile(1))
	}
	last := math.Inf(-1)
	s.Each(func(low, high float64, n uint64) {
		if low > high || low < last || math.IsInf(high, 0) {
			t.Errorf("bucket from %v to %v after %v", low, high, last)
		}
		last = high
	})
}

func TestSumsAreExact(t *testing.T) {
	var s, o Sum
	s.Add(math.MaxUint64)
	s.Add(math.MaxUint64)
	o.AddProduct(math.MaxUint64, math.MaxUint64)
	s.Merge(o) // (2^64-1)^2 + 2(2^64-1) = 2^128 - 1
	if s.High != math.MaxUint64 || s.Low != math.MaxUint64 {
		t.Errorf("%x %x", s.High, s.Low)
	}
	var p, q, none Pairs
	for x := range uint64(10) {
		p.Add(x, 3*x+1)
		q.Add(x, 100-x)
		none.Add(x, 5)
	}
	if p.Correlation() < 0.999999 || q.Correlation() > -0.999999 || none.Correlation() != 0 {
		t.Errorf("correlations %v, %v, %v", p.Correlation(), q.Correlation(), none.Correlation())
	}
}

// Numbers that are as good as 0 are 0, so that quantiles of them ascend.
func TestSmallestNumbers(t *testing.T) {
	s := numbers([]float64{1e-310, 2e-310, -3e-310})
	if low, high := s.Bounds(); low != 0 || high != 0 || s.Quantile(0.1) != 0 || s.Quantile(0.9) != 0 {
		t.Errorf("got %v to %v, quantiles %v and %v", low, high, s.Quantile(0.1), s.Quantile(0.9))
	}
}
