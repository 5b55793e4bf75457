package sketch

import (
	"encoding/binary"
	"math"
	"math/bits"
)

// Sum adds up numbers of 64 bits exactly, in 128.
type Sum struct{ High, Low uint64 }

// Add adds v.
func (s *Sum) Add(v uint64) { s.add(0, v) }

// AddProduct adds a times b.
func (s *Sum) AddProduct(a, b uint64) { s.add(bits.Mul64(a, b)) }

// Merge adds o.
func (s *Sum) Merge(o Sum) { s.add(o.High, o.Low) }

func (s *Sum) add(high, low uint64) {
	var carry uint64
	s.Low, carry = bits.Add64(s.Low, low, 0)
	s.High, _ = bits.Add64(s.High, high, carry)
}

// Float returns the sum, rounded.
func (s Sum) Float() float64 { return float64(float64(s.High)*(1<<64)) + float64(s.Low) }

// Pairs sums up pairs of numbers, for how they go together.
type Pairs struct {
	N                uint64
	X, Y, XX, YY, XY Sum
}

// Add counts a pair.
func (p *Pairs) Add(x, y uint64) {
	p.N++
	p.X.Add(x)
	p.Y.Add(y)
	p.XX.AddProduct(x, x)
	p.YY.AddProduct(y, y)
	p.XY.AddProduct(x, y)
}

// Merge adds all pairs of o.
func (p *Pairs) Merge(o *Pairs) {
	p.N += o.N
	p.X.Merge(o.X)
	p.Y.Merge(o.Y)
	p.XX.Merge(o.XX)
	p.YY.Merge(o.YY)
	p.XY.Merge(o.XY)
}

// Correlation returns Pearson's coefficient, from -1 to 1; 0 where one of the two does
// not vary.
func (p *Pairs) Correlation() float64 {
	if p.N < 2 {
		return 0
	}
	n := float64(p.N)
	x, y := p.X.Float()/n, p.Y.Float()/n
	xx, yy := p.XX.Float()/n-float64(x*x), p.YY.Float()/n-float64(y*y)
	if xx <= 0 || yy <= 0 {
		return 0
	}
	return max(-1, min(1, (p.XY.Float()/n-float64(x*y))/math.Sqrt(float64(xx*yy))))
}

// Append appends the sum.
func (s Sum) Append(dst []byte) []byte {
	return binary.LittleEndian.AppendUint64(binary.LittleEndian.AppendUint64(dst, s.High), s.Low)
}
