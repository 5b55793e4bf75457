package sketch

import (
	"encoding/binary"
	"math"
)

// Numbers counts numbers in buckets that are 1/64 of a power of two wide, so that what
// it says of a number is less than 1.6 % off. The least and the greatest are exact.
type Numbers struct {
	n         uint64
	low, high float64
	tallies   // by bucket
}

// fine is how many bits of the fraction a bucket's number has.
const fine = 6

// bucket returns the bucket of a number: 0 of 0 and of what is smaller than any normal
// one, else the exponent and the first bits of the fraction, with the sign.
func bucket(v float64) int32 {
	i := int32(math.Float64bits(math.Abs(v)) >> (52 - fine))
	if i < 1<<fine {
		return 0
	}
	if v < 0 {
		return -i
	}
	return i
}

// bounds returns between what the numbers of a bucket lie.
func bounds(i int32) (low, high float64) {
	switch {
	case i == 0:
		return 0, 0
	case i < 0:
		high, low = bounds(-i)
		return -low, -high
	}
	return math.Float64frombits(uint64(i) << (52 - fine)), math.Float64frombits(uint64(i+1) << (52 - fine))
}

// Add counts a number. What is no number is left out.
func (s *Numbers) Add(v float64) { s.AddN(v, 1) }

// AddN counts a number n times.
func (s *Numbers) AddN(v float64, n uint64) {
	if n == 0 || math.IsNaN(v) || math.IsInf(v, 0) {
		return
	}
	if bucket(v) == 0 {
		v = 0 // what its bucket is taken for
	}
	if s.n == 0 || v < s.low {
		s.low = v
	}
	if s.n == 0 || v > s.high {
		s.high = v
	}
	s.n += n
	s.put(bucket(v), n)
}

// Merge adds all that o counts.
func (s *Numbers) Merge(o *Numbers) {
	if o == nil || o.n == 0 {
		return
	}
	if s.n == 0 || o.low < s.low {
		s.low = o.low
	}
	if s.n == 0 || o.high > s.high {
		s.high = o.high
	}
	s.n += o.n
	s.merge(&o.tallies)
}

// Append appends all that it counts in one form: that of two is the same if and only if
// they count the same. So it is with the other sketches.
func (s *Numbers) Append(dst []byte) []byte {
	if s.Count() == 0 {
		return append(dst, 0)
	}
	dst = binary.AppendUvarint(dst, s.n)
	dst = binary.LittleEndian.AppendUint64(dst, math.Float64bits(s.low))
	dst = binary.LittleEndian.AppendUint64(dst, math.Float64bits(s.high))
	for c := s.begin(); c.next(); {
		dst = binary.AppendVarint(dst, int64(c.bucket))
		dst = binary.AppendUvarint(dst, c.n)
	}
	return dst
}

// Count returns how many numbers there are. It is 0 of nil.
func (s *Numbers) Count() uint64 {
	if s == nil {
		return 0
	}
	return s.n
}

// Bounds returns the least and the greatest; 0, 0 where there is none.
func (s *Numbers) Bounds() (low, high float64) {
	if s == nil {
		return 0, 0
	}
	return s.low, s.high
}

// Each calls visit with each bucket, ascending: between what its numbers lie, and how
// many there are. The first begins at the least number, the last ends at the greatest.
func (s *Numbers) Each(visit func(low, high float64, n uint64)) {
	if s == nil {
		return
	}
	for c := s.begin(); c.next(); {
		low, high := bounds(c.bucket)
		visit(max(low, s.low), min(high, s.high), c.n)
	}
}

// Quantile returns the number below which a share p of all lies, straight between the
// bounds of its bucket; 0 where there is none.
func (s *Numbers) Quantile(p float64) float64 {
	if s.Count() == 0 {
		return 0
	}
	rank := float64(min(max(p, 0), 1) * float64(s.n))
	before := 0.0
	out := s.high
	done := false
	s.Each(func(low, high float64, n uint64) {
		if done {
			return
		}
		if c := float64(n); before+c >= rank {
			out, done = low+float64((high-low)*max((rank-before)/c, 0)), true
		} else {
			before += c
		}
	})
	return out
}

// Mean returns the mean, of the middles of the buckets; 0 where there is none.
func (s *Numbers) Mean() float64 {
	if s.Count() == 0 {
		return 0
	}
	sum := 0.0
	s.Each(func(low, high float64, n uint64) { sum += float64((low + high) / 2 * float64(n)) })
	return sum / float64(s.n)
}

// KS returns the Kolmogorov-Smirnov distance of two: the greatest difference of the
// shares below a number. It is 0 where both are empty and 1 where one is.
func KS(a, b *Numbers) float64 {
	if a.Count() == 0 || b.Count() == 0 {
		if a.Count() == b.Count() {
			return 0
		}
		return 1
	}
	most, x, y := 0.0, uint64(0), uint64(0)
	eachOfTwo(&a.tallies, &b.tallies, func(_ int32, m, n uint64) {
		x, y = x+m, y+n
		most = max(most, math.Abs(float64(x)/float64(a.n)-float64(y)/float64(b.n)))
	})
	return most
}
