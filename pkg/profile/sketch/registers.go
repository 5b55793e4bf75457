package sketch

import (
	"math"
	"math/bits"
)

// registers count different hashes, as HyperLogLog does (Flajolet et al. 2007) with the
// estimator of Ertl (2017), which needs no correction: the standard error is 1.04 by the
// root of their number, which is a power of two.
type registers []uint8

func newRegisters(precision int) registers { return make(registers, 1<<precision) }

func (r registers) precision() int { return bits.Len(uint(len(r))) - 1 }

func (r registers) add(h uint64) {
	p := r.precision()
	if z := uint8(bits.LeadingZeros64(h<<p|1<<(p-1))) + 1; z > r[h>>(64-p)] {
		r[h>>(64-p)] = z
	}
}

// fold returns what fewer registers say of the same hashes.
func (r registers) fold(precision int) registers {
	by := r.precision() - precision
	if by <= 0 {
		return r
	}
	out := newRegisters(precision)
	for i, z := range r {
		if z == 0 {
			continue
		}
		// The bits of the place that are no longer part of it come before the rest.
		if low := i & (1<<by - 1); low != 0 {
			z = uint8(by - bits.Len(uint(low)) + 1)
		} else {
			z += uint8(by)
		}
		out[i>>by] = max(out[i>>by], z)
	}
	return out
}

// merge returns what as many registers as the smaller of two has say of both.
func (r registers) merge(o registers) registers {
	r, o = r.fold(o.precision()), o.fold(r.precision())
	for i, z := range o {
		r[i] = max(r[i], z)
	}
	return r
}

func (r registers) estimate() uint64 {
	q := 64 - r.precision()
	var counts [66]float64
	for _, z := range r {
		counts[z]++
	}
	m := float64(len(r))
	z := float64(m * tau(1-counts[q+1]/m))
	for k := q; k >= 1; k-- {
		z = float64((z + counts[k]) / 2)
	}
	z += float64(m * sigma(counts[0]/m))
	return uint64(math.Round(float64(m*m) / (2 * math.Ln2 * z)))
}

// sigma and tau are the sums that Ertl's estimator is made of.
func sigma(x float64) float64 {
	if x == 1 {
		return math.Inf(1)
	}
	y, z := 1.0, x
	for {
		x = float64(x * x)
		before := z
		z += float64(x * y)
		y += y
		if z == before {
			return z
		}
	}
}

func tau(x float64) float64 {
	if x == 0 || x == 1 {
		return 0
	}
	y, z := 1.0, 1-x
	for {
		x = math.Sqrt(x)
		before := z
		y /= 2
		z -= float64(float64((1-x)*(1-x)) * y)
		if z == before {
			return z / 3
		}
	}
}
