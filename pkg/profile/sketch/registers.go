package sketch

import (
	"math"
	"math/bits"
)

// registers count different hashes, as HyperLogLog does (Flajolet et al. 2007) with the
// estimator of Ertl (2017), which needs no correction: the standard error is 1.6 %.
type registers [1 << precision]uint8

const precision = 12

func (r *registers) add(h uint64) {
	i := h >> (64 - precision)
	if z := uint8(bits.LeadingZeros64(h<<precision|1<<(precision-1))) + 1; z > r[i] {
		r[i] = z
	}
}

func (r *registers) merge(o *registers) {
	for i, z := range o {
		r[i] = max(r[i], z)
	}
}

func (r *registers) estimate() uint64 {
	const q = 64 - precision
	var counts [q + 2]float64
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
