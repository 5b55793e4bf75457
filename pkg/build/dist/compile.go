package dist

import (
	"fmt"
	"math"
)

// The limits of exact discrete tables. Beyond them a smooth quantile table,
// rounded to whole numbers, stands in; its cumulative probabilities are within
// 1e-4.
const (
	exactPoisson   = 4096     // largest mean
	exactGeometric = 1.0 / 64 // smallest p
)

const (
	maxScale = 1 << 40
	maxKnot  = 0x1p62 // so that the difference of two knots fits in a word
	lastCell = 0x1p-33
)

// Compile turns s into a table that draws in units of 1/scale: with s in
// milliseconds and a scale of 1e6, in nanoseconds. Samples are rounded to the
// nearest unit; those of a Poisson, Geometric or Bernoulli are whole multiples of
// scale. It fails when s is not valid, when scale is not a whole number in
// [1, 2^40], or when values reach 2^62 units.
//
// How good it is: the mean of draws is within 1e-4 standard deviations of the
// distribution's, and every cumulative probability within 1e-4 of its own. A
// Pareto without end and with an Alpha of 2 or less has no standard deviation;
// draws miss the part of its mean that lies in the last 2^-33 of probability.
func Compile(s Spec, scale float64) (*Table, error) {
	return CompileAtLeast(s, scale, math.MinInt64)
}

// CompileAtLeast is Compile for quantities that have a floor: draws below
// least, in units of 1/scale, become least.
func CompileAtLeast(s Spec, scale float64, least int64) (*Table, error) {
	return new(Memory).CompileAtLeast(s, scale, least)
}

// CompileAtLeast is the function of that name, in less time where tables were made
// whose values are as widely spread.
func (m *Memory) CompileAtLeast(s Spec, scale float64, least int64) (*Table, error) {
	if err := s.Validate(); err != nil {
		return nil, err
	}
	if !(scale >= 1 && scale <= maxScale && scale == math.Floor(scale)) {
		return nil, fmt.Errorf("scale must be a whole number in [1, 2^40], got %v", scale)
	}
	if s.Kind != Mixture {
		return m.compile(s, scale, least)
	}
	t := &Table{shape: mixed}
	var weights []float64
	if err := t.mix(m, s.Components, 1, scale, least, &weights); err != nil {
		return nil, err
	}
	c, err := NewChoice(weights)
	if err != nil {
		return nil, fmt.Errorf("mixture: %w", err)
	}
	t.choice = c
	t.min, t.max = t.parts[0].min, t.parts[0].max
	for _, p := range t.parts {
		t.min, t.max = min(t.min, p.min), max(t.max, p.max)
	}
	return t, nil
}

// PickTable returns the exponential table, of mean 1 in units of 2^-32, that
// decides which scenario an iteration runs. Its draws are at least 1, so that
// they can be divided by a weight and compared. It is the same in every
// version.
func PickTable() *Table {
	t, err := CompileAtLeast(Spec{Kind: Exponential, Mean: 1}, 1<<32, 1)
	if err != nil {
		panic("dist: pick table: " + err.Error())
	}
	return t
}

// mix adds components to t, those of inner mixtures with their share of the
// outer weight, so that every draw takes two words however s is nested.
func (t *Table) mix(m *Memory, components []Spec, outer, scale float64, least int64, weights *[]float64) error {
	total := 0.0
	for _, c := range components {
		total += c.Weight
	}
	for i, c := range components {
		weight := float64(outer * (c.Weight / total))
		if weight == 0 {
			continue
		}
		if c.Kind == Mixture {
			if err := t.mix(m, c.Components, weight, scale, least, weights); err != nil {
				return fmt.Errorf("component %d: %w", i+1, err)
			}
			continue
		}
		if len(t.parts) == maxComponents {
			return fmt.Errorf("mixture has more than %d components", maxComponents)
		}
		p, err := m.compile(c, scale, least)
		if err != nil {
			return fmt.Errorf("component %d: %w", i+1, err)
		}
		t.parts = append(t.parts, p)
		*weights = append(*weights, weight)
	}
	return nil
}

// compile builds the table of a valid s that is not a mixture.
func (m *Memory) compile(s Spec, scale float64, least int64) (t *Table, err error) {
	switch s.Kind {
	case Constant:
		t, err = newLinear(s.Value, s.Value, scale)
	case Uniform:
		t, err = newLinear(s.Low, s.High, scale)
	case Empirical:
		t, err = newEmpirical(s.Quantiles, s.At, scale)
	case LogNormal:
		median, sigma := s.logNormal()
		spread := m.spread(sigma)
		t, err = newKnots(func(i int, upper bool) float64 { return float64(median * spread.at(i, upper)) }, scale)
	case Normal, Exponential, Pareto:
		t, err = newQuantile(s.smooth(), scale)
	case Poisson:
		t, err = newPoisson(s.Mean, scale)
	case Geometric:
		t, err = newGeometric(s.P, scale)
	case Zipf:
		t, err = newZipf(s.Value, s.Alpha, scale)
	case Bernoulli:
		t, err = newSteps(0, []float64{1 - s.P, s.P}, int64(scale))
	}
	if err != nil {
		return nil, err
	}
	t.min, t.max = max(t.min, least), max(t.max, least)
	return t, nil
}

// smooth returns the quantile function of a continuous s that is not log-normal. Its argument is a
// probability p in [0, 1/2], measured from the upper end when upper is true.
// It is finite at 0 where the distribution ends, and infinite where it does not.
func (s Spec) smooth() func(p float64, upper bool) float64 {
	switch s.Kind {
	case Normal:
		return func(p float64, upper bool) float64 { return s.Mean + float64(s.Stddev*normal(p, upper)) }
	case Pareto:
		return s.pareto()
	default: // Exponential
		return func(p float64, upper bool) float64 { return float64(s.Mean * exponential(p, upper)) }
	}
}

// pareto returns the quantile function of a Pareto distribution. With an end it
// is what is left of one without, when all that is beyond the end is drawn
// again.
func (s Spec) pareto() func(p float64, upper bool) float64 {
	beyond := 0.0
	if s.High > 0 {
		beyond = exp(float64(s.Alpha * ln(s.Value/s.High)))
	}
	within := 1 - beyond
	return func(p float64, upper bool) float64 {
		rest := 1 - float64(p*within)
		if upper {
			rest = float64(p*within) + beyond
		}
		return float64(s.Value * exp(-ln(max(rest, lastCell))/s.Alpha))
	}
}

func normal(p float64, upper bool) float64 {
	p = max(p, lastCell)
	if upper {
		return -lowerNormal(p)
	}
	return lowerNormal(p)
}

func exponential(p float64, upper bool) float64 {
	if upper {
		return -ln(max(p, lastCell))
	}
	return -ln(1 - p) // exact argument: p is a multiple of 2^-38
}

func newLinear(low, high, scale float64) (*Table, error) {
	low, high = float64(low*scale), float64(high*scale)
	t := &Table{shape: linear, unit: 1}
	if err := t.setShift(max(-low, high)); err != nil {
		return nil, err
	}
	t.low = t.fixed(low)
	t.span = uint64(t.fixed(high) - t.low)
	t.min, t.max = t.round(t.low), t.round(t.low+int64(t.span))
	return t, nil
}

// newEmpirical keeps the quantiles as they are, at equal steps of probability or at
// some.
func newEmpirical(quantiles, at []float64, scale float64) (*Table, error) {
	t := &Table{shape: even, unit: 1}
	if at != nil {
		t.shape = uneven
		for _, share := range at[1 : len(at)-1] {
			t.last = append(t.last, uint64(math.Ldexp(share, 64))-1) // exact: a float has 53 bits
		}
		t.last = append(t.last, math.MaxUint64)
	}
	last := len(quantiles) - 1
	if err := t.setShift(float64(scale * max(-quantiles[0], quantiles[last]))); err != nil {
		return nil, err
	}
	t.knots = make([]int64, len(quantiles))
	for i, q := range quantiles {
		t.knots[i] = t.fixed(float64(q * scale))
	}
	t.min, t.max = t.round(t.knots[0]), t.round(t.knots[last])
	return t, nil
}

// newQuantile samples the quantile function q at the ends of all cells.
func newQuantile(q func(p float64, upper bool) float64, scale float64) (*Table, error) {
	return newKnots(func(i int, upper bool) float64 { return q(knotAt(i), upper) }, scale)
}

// newKnots makes a table of the values at the ends of all cells, counted from either
// tail.
func newKnots(at func(i int, upper bool) float64, scale float64) (*Table, error) {
	t := &Table{shape: quantile, unit: 1}
	if err := t.setShift(float64(scale * max(-at(0, false), at(0, true)))); err != nil {
		return nil, err
	}
	t.knots = make([]int64, knotCount)
	for i := range half + 1 {
		t.knots[i] = t.fixed(float64(at(i, false) * scale))
		t.knots[knotCount-1-i] = t.fixed(float64(at(i, true) * scale))
	}
	for i := 1; i < knotCount; i++ { // a last bit may be out of order between cells
		t.knots[i] = max(t.knots[i], t.knots[i-1])
	}
	t.min, t.max = t.round(t.knots[0]), t.round(t.knots[knotCount-1])
	return t, nil
}

// knotAt returns the probability at which cell i begins, counted from the tail:
// the inverse of cell.
func knotAt(i int) float64 {
	if i == 0 {
		return 0
	}
	o, sub := (i-1)/octave, (i-1)%octave
	return math.Ldexp(float64(octave+sub), o-32-cellBits)
}

// setShift chooses the bits below the unit for values up to largest units.
func (t *Table) setShift(largest float64) error {
	if !(largest < maxKnot) {
		return fmt.Errorf("values must stay below 4.6e18 units, got %v", largest)
	}
	for t.shift = fracBits; t.shift > 0 && math.Ldexp(largest, int(t.shift)) >= maxKnot; t.shift-- {
	}
	return nil
}

// fixed returns v units with the bits below the unit of t, rounded.
func (t *Table) fixed(v float64) int64 {
	return int64(math.Floor(math.Ldexp(v, int(t.shift)) + 0.5))
}
