package replay

import (
	"math"
	"math/bits"
)

// u192 is an unsigned integer of three words, the least significant first.
// The longest product of a schedule, 2 x duration x count x unit, fits.
type u192 [3]uint64

// mul64 returns a x b x c exactly.
func mul64(a, b, c uint64) u192 {
	hi, lo := bits.Mul64(a, b)
	h0, l0 := bits.Mul64(lo, c)
	h1, l1 := bits.Mul64(hi, c)
	mid, carry := bits.Add64(h0, l1, 0)
	return u192{l0, mid, h1 + carry} // h1 <= 2^64-2: no overflow
}

// add returns x + y, which must fit.
func (x u192) add(y u192) (z u192) {
	var carry uint64
	z[0], carry = bits.Add64(x[0], y[0], 0)
	z[1], carry = bits.Add64(x[1], y[1], carry)
	z[2], _ = bits.Add64(x[2], y[2], carry)
	return z
}

// div returns the floor of x / d, d > 0.
func (x u192) div(d uint64) (q u192) {
	var rem uint64
	q[2], rem = x[2]/d, x[2]%d
	q[1], rem = bits.Div64(rem, x[1], d)
	q[0], _ = bits.Div64(rem, x[0], d)
	return q
}

// cmp returns the sign of x - y.
func (x u192) cmp(y u192) int {
	for i := 2; i >= 0; i-- {
		if x[i] != y[i] {
			if x[i] < y[i] {
				return -1
			}
			return 1
		}
	}
	return 0
}

// nanos returns x as a number of nanoseconds, or the largest one when it does
// not fit: a due time some 292 years away, which is never reached.
func (x u192) nanos() int64 {
	if x[2] != 0 || x[1] != 0 || x[0] > math.MaxInt64 {
		return math.MaxInt64
	}
	return int64(x[0])
}

// sqrt returns the floor of the square root of x, which must be below 2^126.
// It is Newton's iteration from above: the estimates fall until they reach the
// floor, and the first that does not fall is one step past it. Every estimate
// is at least the root, so the quotient fits one word.
func (x u192) sqrt() uint64 {
	n := bits.Len64(x[0])
	if x[1] != 0 {
		n = 64 + bits.Len64(x[1])
	}
	if n == 0 {
		return 0
	}
	r := uint64(1) << ((n + 1) / 2)
	for {
		q, _ := bits.Div64(x[1], x[0], r)
		next := (r + q) / 2 // r, q <= 2^63 and not both: no overflow
		if next >= r {
			return r
		}
		r = next
	}
}
