package dist

import (
	"fmt"
	"math"
)

// maxQuantiles is how many values an empirical distribution can be given by.
const maxQuantiles = 10_000

// The limits on ranks: a table has a step for each.
const (
	maxRanks    = 1_000_000
	maxExponent = 10
)

// The limits on mixtures. Each component is a table of its own.
const (
	maxComponents = 256 // of a mixture, after components that are mixtures themselves are resolved
	maxDepth      = 16  // of mixtures within mixtures
)

// Validate returns an error that names the first parameter out of its range,
// and nil when s can be compiled at some scale.
func (s Spec) Validate() error {
	count := 0
	return s.validate(0, &count)
}

func (s Spec) validate(depth int, count *int) error {
	if *count++; *count > 2*maxComponents {
		return fmt.Errorf("mixture has more than %d components", maxComponents)
	}
	switch s.Kind {
	case Constant:
		return finite("constant value", s.Value)
	case Normal:
		return firstError(finite("normal mean", s.Mean), atLeast("normal stddev", s.Stddev, 0))
	case LogNormal:
		return s.validateLogNormal()
	case Exponential:
		return above("exponential mean", s.Mean, 0)
	case Uniform:
		if err := firstError(finite("uniform low", s.Low), finite("uniform high", s.High)); err != nil {
			return err
		}
		return atLeast("uniform high", s.High, s.Low)
	case Poisson:
		return atLeast("poisson mean", s.Mean, 0)
	case Geometric:
		return firstError(above("geometric p", s.P, 0), atMost("geometric p", s.P, 1))
	case Bernoulli:
		return firstError(atLeast("bernoulli p", s.P, 0), atMost("bernoulli p", s.P, 1))
	case Mixture:
		return s.validateMixture(depth, count)
	case Pareto:
		return s.validatePareto()
	case Empirical:
		return s.validateEmpirical()
	case Zipf:
		return firstError(atLeast("zipf ranks", s.Value, 1), atMost("zipf ranks", s.Value, maxRanks),
			above("zipf exponent", s.Alpha, 0), atMost("zipf exponent", s.Alpha, maxExponent))
	}
	return fmt.Errorf("unknown kind of distribution %d", s.Kind)
}

func (s Spec) validateLogNormal() error {
	if s.Median == 0 {
		return firstError(above("log-normal mean", s.Mean, 0), atLeast("log-normal cv", s.CV, 0))
	}
	return firstError(above("log-normal median", s.Median, 0), atLeast("log-normal sigma", s.Sigma, 0))
}

// validatePareto demands a mean: at an Alpha of 1 and below, rare values would
// outweigh all others together.
func (s Spec) validatePareto() error {
	if err := firstError(above("pareto scale", s.Value, 0), above("pareto alpha", s.Alpha, 1)); err != nil || s.High == 0 {
		return err
	}
	return above("pareto max", s.High, s.Value)
}

func (s Spec) validateEmpirical() error {
	if n := len(s.Quantiles); n < 2 || n > maxQuantiles {
		return fmt.Errorf("empirical quantiles must be 2 to %d, got %d", maxQuantiles, n)
	}
	least := math.Inf(-1)
	for i, q := range s.Quantiles {
		if err := atLeast(fmt.Sprintf("empirical quantile %d", i+1), q, least); err != nil {
			return err
		}
		least = q
	}
	return s.validateShares()
}

// validateShares wants probabilities for all quantiles or for none.
func (s Spec) validateShares() error {
	if s.At == nil {
		return nil
	}
	last := len(s.Quantiles) - 1
	if len(s.At) != last+1 {
		return fmt.Errorf("empirical has %d quantiles, and probabilities for %d", last+1, len(s.At))
	}
	if s.At[0] != 0 || s.At[last] != 1 {
		return fmt.Errorf("empirical probabilities must be from 0 to 1, got %v to %v", s.At[0], s.At[last])
	}
	for i := range last {
		if !(s.At[i+1] >= s.At[i]+LeastStep) {
			return fmt.Errorf("empirical probability %d must be at least %v above %v, got %v", i+2, LeastStep, s.At[i], s.At[i+1])
		}
	}
	return nil
}

func (s Spec) validateMixture(depth int, count *int) error {
	if depth >= maxDepth {
		return fmt.Errorf("mixtures are nested more than %d deep", maxDepth)
	}
	if len(s.Components) == 0 {
		return fmt.Errorf("mixture has no components")
	}
	positive := false
	for i, c := range s.Components {
		if err := atLeast("weight", c.Weight, 0); err != nil {
			return fmt.Errorf("component %d: %w", i+1, err)
		}
		if err := c.validate(depth+1, count); err != nil {
			return fmt.Errorf("component %d: %w", i+1, err)
		}
		positive = positive || c.Weight > 0
	}
	if !positive {
		return fmt.Errorf("mixture has no component with a weight above 0")
	}
	return nil
}

func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func finite(name string, v float64) error {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return fmt.Errorf("%s must be a finite number, got %v", name, v)
	}
	return nil
}

func atLeast(name string, v, low float64) error {
	if v < low {
		return fmt.Errorf("%s must be at least %v, got %v", name, low, v)
	}
	return finite(name, v)
}

func atMost(name string, v, high float64) error {
	if v > high {
		return fmt.Errorf("%s must be at most %v, got %v", name, high, v)
	}
	return finite(name, v)
}

func above(name string, v, low float64) error {
	if v <= low {
		return fmt.Errorf("%s must be above %v, got %v", name, low, v)
	}
	return finite(name, v)
}
