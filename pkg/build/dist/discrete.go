package dist

import (
	"fmt"
	"math"
	"slices"
)

// newSteps returns the table of the values first, first+1 ... with the given
// weights, of which one is above 0, in multiples of unit. Cumulative
// probabilities are summed from the nearer end, so that both tails are as exact
// as a word can say.
func newSteps(first int64, weights []float64, unit int64) (*Table, error) {
	total := 0.0
	for _, w := range weights {
		total += w
	}
	last := make([]uint64, len(weights))
	above := 0.0
	for i := len(weights) - 1; i >= 0; i-- {
		last[i] = ^fraction(above / total)
		above += weights[i]
	}
	below, skip := 0.0, 0 // steps that own no word
	for i, w := range weights {
		if below += w; below > total/2 {
			break
		}
		if f := fraction(below / total); f > 0 {
			last[i] = f - 1
		} else {
			skip = i + 1
		}
	}
	end, _ := slices.BinarySearch(last, math.MaxUint64) // what follows owns none either
	first += int64(skip)
	t := &Table{shape: steps, unit: unit, first: first, last: last[skip : end+1]}
	return t, t.setBounds(first, first+int64(end-skip))
}

// setBounds sets the bounds of a table whose values are whole multiples of its
// unit.
func (t *Table) setBounds(low, high int64) error {
	if f := float64(high) * float64(t.unit); !(f < maxKnot) {
		return fmt.Errorf("values must stay below 4.6e18 units, got %v", f)
	}
	t.min, t.max = low*t.unit, high*t.unit
	return nil
}

// newPoisson returns the number of events when mean are expected. The
// probabilities follow from each other, up and down from the most likely
// number, so that no exponential is needed.
func newPoisson(mean, scale float64) (*Table, error) {
	if mean > exactPoisson {
		return newPoissonSmooth(mean, scale)
	}
	mode := math.Floor(mean)
	var down, up []float64
	for k, p := mode, 1.0; k > 0; k-- {
		if p = float64(p * (k / mean)); p < 0x1p-70 {
			break
		}
		down = append(down, p)
	}
	for k, p := mode+1, 1.0; ; k++ {
		if p = float64(p * (mean / k)); p < 0x1p-70 {
			break
		}
		up = append(up, p)
	}
	weights := make([]float64, 0, len(down)+1+len(up))
	for i := len(down) - 1; i >= 0; i-- {
		weights = append(weights, down[i])
	}
	weights = append(append(weights, 1), up...)
	return newSteps(int64(mode)-int64(len(down)), weights, int64(scale))
}

// newPoissonSmooth is the expansion of Cornish and Fisher with the skewness of a
// Poisson distribution. What it leaves out is below 1/20 of a count in the
// farthest cell of a table.
func newPoissonSmooth(mean, scale float64) (*Table, error) {
	root := math.Sqrt(mean)
	return newRounded(func(p float64, upper bool) float64 {
		z := normal(p, upper)
		return mean + float64(root*z) + (float64(z*z)-1)/6
	}, scale)
}

// newGeometric returns the number of trials up to and including the first
// success.
func newGeometric(p, scale float64) (*Table, error) {
	if p < exactGeometric {
		// The whole part of an exponential time is geometric. Rounding adds
		// the half that takes the whole part of it plus 1.
		rate := -ln(1 - p)
		if p < 0x1p-20 {
			rate = p + float64(float64(p*p)*0.5) // 1 - p would lose the digits of p
		}
		return newRounded(func(q float64, upper bool) float64 { return 0.5 + exponential(q, upper)/rate }, scale)
	}
	var weights []float64
	for w := p; w >= float64(p*0x1p-70); w = float64(w * (1 - p)) {
		weights = append(weights, w)
	}
	return newSteps(1, weights, int64(scale))
}

// newRounded returns the table of quantile function q rounded to whole numbers,
// in multiples of scale.
func newRounded(q func(p float64, upper bool) float64, scale float64) (*Table, error) {
	t, err := newQuantile(q, 1)
	if err != nil {
		return nil, err
	}
	t.unit = int64(scale)
	return t, t.setBounds(t.min, t.max)
}

// newZipf returns ranks from 1 to n that are as likely as their powers say.
func newZipf(n, exponent, scale float64) (*Table, error) {
	weights := make([]float64, int(n))
	for i := range weights {
		weights[i] = exp(-float64(exponent * ln(float64(i+1))))
	}
	return newSteps(1, weights, int64(scale))
}
