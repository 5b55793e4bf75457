package privacy

import (
	"math"
	"slices"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// How is how values are said.
type How uint8

// The ways to say values.
const (
	Left        How = iota // not at all: Spec.Reason says why
	Constant               // one value
	Categorical            // values with weights
	Pattern                // texts of a form
	Numbers                // quantiles
)

// Spec is what may be said of the values of an attribute.
type Spec struct {
	How    How
	Kind   otlp.Kind // of all values: string, bool, int or double
	Reason string    // in words: why it is left out, or what became of it; "" of values as they are
	Traces uint64    // that it was seen in

	Values []Value // Constant: one; Categorical: by weight, the greatest first, then by text
	Other  uint64  // of the weight of Values, that of ones which stand for others
	Stands bool    // those that stand for others are the same ones wherever these are

	Text string  // Pattern: parts that are drawn are {hex:N}, {digits:N}, {word:N}, {uuid}
	Pool int64   // Pattern: so many different texts; 0: a new one each time
	Zipf float64 // of the pool: the exponent

	// Numbers: shares at which the quantiles stand, from 0 to 1, and as many of these, ascending;
	// of ints whole numbers. Pattern: of the lengths of texts in bytes, to which what it gives is
	// filled up; nil where all are as long.
	At        []float64
	Quantiles []float64
	// Numbers, of ints: there are about as many different ones as would be drawn by the quantiles.
	Filled bool
}

// Median is that of numbers, of ints a whole one.
func (s *Spec) Median() float64 {
	i, there := slices.BinarySearch(s.At, 0.5)
	if there {
		return s.Quantiles[i]
	}
	part := (0.5 - s.At[i-1]) / (s.At[i] - s.At[i-1])
	out := s.Quantiles[i-1] + float64(part*(s.Quantiles[i]-s.Quantiles[i-1]))
	if s.Kind == otlp.KindInt {
		out = math.Round(out)
	}
	return round(out, 4)
}

// Weight is that of all values that are said one by one.
func (s *Spec) Weight() (sum uint64) {
	for _, v := range s.Values {
		sum += v.Weight
	}
	return sum
}

// Value is a value and its weight.
type Value struct {
	Text   string // bools are true and false, numbers decimal
	Weight uint64
}
