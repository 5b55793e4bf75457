package profile

import (
	"encoding/binary"
	"math"
	"slices"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/profile/intake"
)

// Buckets are those of the histograms of a metric.
type Buckets struct {
	Bounds  []float64 // that all points have; nil: none is known
	Differs bool      // they have different ones, or more than are kept
}

// mostBounds is how many bounds are kept.
const mostBounds = 1000

// meet takes the bounds of a point.
func (b *Buckets) meet(p *intake.Point) {
	switch n := len(p.Bounds) / 8; {
	case p.Kind != otlp.MetricHistogram || b.Differs:
	case n > mostBounds:
		*b = Buckets{Differs: true}
	case b.Bounds == nil:
		b.Bounds = make([]float64, n)
		for i := range b.Bounds {
			b.Bounds[i] = bound(p.Bounds, i)
		}
	case len(b.Bounds) != n:
		*b = Buckets{Differs: true}
	default:
		for i, v := range b.Bounds {
			if !sameBits(v, bound(p.Bounds, i)) {
				*b = Buckets{Differs: true}
				return
			}
		}
	}
}

func bound(packed []byte, i int) float64 {
	return math.Float64frombits(binary.LittleEndian.Uint64(packed[8*i:]))
}

// sameBits reports whether bounds are the same ones, be they no numbers.
func sameBits(v, w float64) bool { return math.Float64bits(v) == math.Float64bits(w) }

// merge takes those of the same metric elsewhere.
func (b *Buckets) merge(o *Buckets) {
	switch {
	case b.Differs || o.Differs:
		*b = Buckets{Differs: true}
	case b.Bounds == nil:
		b.Bounds = o.Bounds
	case o.Bounds != nil && !slices.EqualFunc(b.Bounds, o.Bounds, sameBits):
		*b = Buckets{Differs: true}
	}
}
