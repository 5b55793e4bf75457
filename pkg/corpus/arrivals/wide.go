package arrivals

import "math/bits"

// wide is an integer of 128 bits. Sums and products here stay below: see New.
type wide struct{ hi, lo uint64 }

func product(a, b uint64) wide {
	hi, lo := bits.Mul64(a, b)
	return wide{hi, lo}
}

func (a wide) plus(b wide) wide {
	lo, carry := bits.Add64(a.lo, b.lo, 0)
	hi, _ := bits.Add64(a.hi, b.hi, carry)
	return wide{hi, lo}
}

func (a wide) minus(b wide) wide {
	lo, borrow := bits.Sub64(a.lo, b.lo, 0)
	hi, _ := bits.Sub64(a.hi, b.hi, borrow)
	return wide{hi, lo}
}

// times is for products that fit.
func (a wide) times(b uint64) wide {
	hi, lo := bits.Mul64(a.lo, b)
	return wide{a.hi*b + hi, lo}
}

func (a wide) less(b wide) bool { return a.hi < b.hi || a.hi == b.hi && a.lo < b.lo }

// over divides, and returns what remains too.
func (a wide) over(d uint64) (q wide, rest uint64) {
	q.hi, rest = a.hi/d, a.hi%d
	q.lo, rest = bits.Div64(rest, a.lo, d)
	return q, rest
}

// ceil is over, rounded up.
func (a wide) ceil(d uint64) wide {
	q, rest := a.over(d)
	if rest > 0 {
		q = q.plus(wide{0, 1})
	}
	return q
}

// productOver returns a x b / d, rounded up, for quotients that fit: the product
// need not.
func (a wide) productOver(b, d uint64) wide {
	h1, low := bits.Mul64(a.lo, b)
	high, h2 := bits.Mul64(a.hi, b)
	mid, carry := bits.Add64(h1, h2, 0)
	high += carry
	q := wide{}
	rest := high % d
	q.hi, rest = bits.Div64(rest, mid, d)
	q.lo, rest = bits.Div64(rest, low, d)
	if rest > 0 {
		q = q.plus(wide{0, 1})
	}
	return q
}
