// Package dist turns distributions into integer tables. A Spec is what the
// user wrote; Compile turns it into a Table once, with our own portable
// mathematics; Draw then uses integers only, so that a sample is the same on
// every machine.
//
//	table, err := dist.Compile(dist.Spec{Kind: dist.Bernoulli, P: 0.1}, 1)
//	v := table.Draw(stream)
package dist

// Kind is a family of distributions.
type Kind uint8

// The families. The values are part of the plan digest: do not change them.
const (
	Constant    Kind = 0 // Value
	Normal      Kind = 1 // Mean, Stddev
	LogNormal   Kind = 2 // Median, Sigma; or, when Median is 0, Mean and CV
	Exponential Kind = 3 // Mean
	Uniform     Kind = 4 // Low, High
	Poisson     Kind = 5 // Mean
	Geometric   Kind = 6 // P: trials up to and including the first success
	Bernoulli   Kind = 7 // P: 1 or 0
	Mixture     Kind = 8 // Components, by their Weight
	Pareto      Kind = 9 // Value: the least; Alpha; High: the most, 0 for no end
	// Empirical is given by Quantiles at equal steps of probability, or at those that
	// At says, from the least value to the greatest, with straight lines between them.
	Empirical Kind = 10
	// Zipf is a rank from 1 to Value, the number of them; that of k is as likely as
	// k to the power -Alpha.
	Zipf Kind = 11
)

// LeastStep is how near the probabilities of two quantiles can be.
const LeastStep = 1e-9

// Spec describes a distribution of numbers. Only the fields that the comment
// of its Kind names are read. (A categorical choice between values that need
// not be numbers is a Choice.)
type Spec struct {
	Kind          Kind
	Value         float64
	Mean, Stddev  float64
	Median, Sigma float64
	CV            float64 // LogNormal without Median: standard deviation / Mean
	Low, High     float64
	P             float64
	Alpha         float64   // P(X > x) falls with x to the power -Alpha
	Quantiles     []float64 // never decreasing
	At            []float64 // as many, from 0 to 1, each LeastStep above the one before; nil: equal steps
	Whole         bool      // Empirical: as values of attributes numbers are whole
	Weight        float64   // within a Mixture
	Components    []Spec
}
