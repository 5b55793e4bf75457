package signals

import (
	"math"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// Exponential histograms have eight buckets to the power of two, which is
// scale 3 and an error of 4.5 %, as long as 160 of them hold all values;
// neighbours are merged until they do.
const (
	expScale   = 3
	expBuckets = 160
	expPerTwo  = 1 << expScale

	// Values are from 1 ns in hours up to the largest int64.
	minExponent = -43
	maxExponent = 63
	expLowest   = minExponent*expPerTwo - 1 // index of slot 1; slot 0 is for 0
	expSlots    = (maxExponent-minExponent+1)*expPerTwo + 2
)

// eighths are the powers of 2 to the multiples of 1/8, rounded to the nearest
// float64. They are written out, because math.Exp2 is not the same on every
// machine.
var eighths = [expPerTwo]float64{
	1,
	1.0905077326652576592,
	1.1892071150027210667,
	1.2968395546510096659,
	1.4142135623730950488,
	1.5422108254079408236,
	1.6817928305074290861,
	1.8340080864093424635,
}

// expSlot returns the slot of a value that is not negative.
func expSlot(v int64, per uint64) int {
	if v == 0 {
		return 0
	}
	fraction, exponent := math.Frexp(float64(v) / float64(per))
	mantissa := 2 * fraction // from 1 up to 2
	above := 0
	for _, e := range eighths {
		if mantissa > e {
			above++
		}
	}
	return (exponent-1)*expPerTwo + above - 1 - expLowest + 1
}

// exponential completes a point with the buckets of the slots.
func exponential(m *otlp.Metrics, p *otlp.Point, slots []uint64) {
	p.ZeroCount, p.Scale = slots[0], expScale
	low, high := -1, -1
	for i, n := range slots[1:] {
		if n > 0 {
			if low < 0 {
				low = i
			}
			high = i
		}
	}
	if low < 0 {
		return
	}
	shift := 0
	for (high+expLowest)>>shift-(low+expLowest)>>shift >= expBuckets {
		shift++
	}
	first := (low + expLowest) >> shift
	begin := len(m.Counts)
	for i := low; i <= high; i++ {
		for len(m.Counts)-begin <= (i+expLowest)>>shift-first {
			m.Counts = append(m.Counts, 0)
		}
		m.Counts[begin+(i+expLowest)>>shift-first] += slots[1+i]
	}
	p.Scale = int32(expScale - shift)
	p.Positive = otlp.Buckets{Offset: int32(first), Counts: otlp.Range{Start: uint32(begin), End: uint32(len(m.Counts))}}
}
