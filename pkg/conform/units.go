package conform

import (
	"math"
	"math/big"
)

// What is here is also known to whoever derives metrics from spans. It is
// written a second time on purpose, and in another way where there is one: what
// both took from one place could be wrong in both, and nobody would see it.

// splitsTokens is the dimension that tells input tokens from output tokens.
const splitsTokens = "gen_ai.token.type"

// fractions is how many parts of a whole are told apart.
const fractions = 1_000_000

// nanosecondsIn returns the length of a unit of time, and whether it is one.
func nanosecondsIn(unit string) (int64, bool) {
	switch unit {
	case "h":
		return 3_600_000_000_000, true
	case "min":
		return 60_000_000_000, true
	case "s":
		return 1_000_000_000, true
	case "ms":
		return 1_000_000, true
	case "us":
		return 1_000, true
	case "ns":
		return 1, true
	}
	return 0, false
}

// nearestFraction returns the number of fractions that is nearest to x; of two
// the one that is farther from 0.
func nearestFraction(x float64) int64 {
	scaled := float64(x * fractions) // rounded: it must not be fused with what follows
	whole, rest := math.Modf(scaled)
	n := int64(whole)
	switch {
	case rest >= 0.5:
		n++
	case rest <= -0.5:
		n--
	}
	return n
}

// finestScale is the scale of exponential histograms before any buckets are
// merged: it has 1<<finestScale of them to the power of two.
const finestScale = 3

// finestBucket returns the bucket of a positive value at the finest scale:
// bucket i holds what is above 2^(i/8), up to and with 2^((i+1)/8).
func finestBucket(v float64) int {
	exponent := math.Ilogb(v)
	mantissa := math.Ldexp(v, -exponent) // from 1 up to 2
	i := exponent << finestScale
	for _, root := range roots {
		if mantissa > root {
			i++
		}
	}
	return i - 1
}

// roots are, for each k below 8, the largest float64 that is not above 2^(k/8).
var roots = func() (list [1 << finestScale]float64) {
	for k := range list {
		limit := new(big.Float).SetMantExp(big.NewFloat(1), k) // its eighth power
		x := math.Exp2(float64(k) / (1 << finestScale))        // near it, on some machines
		for eighthPower(x).Cmp(limit) > 0 {
			x = math.Nextafter(x, 0)
		}
		for eighthPower(math.Nextafter(x, 2)).Cmp(limit) <= 0 {
			x = math.Nextafter(x, 2)
		}
		list[k] = x
	}
	return list
}()

// eighthPower is exact.
func eighthPower(x float64) *big.Float {
	p := new(big.Float).SetPrec(8 * 53).SetFloat64(x)
	for range finestScale {
		p.Mul(p, p)
	}
	return p
}
