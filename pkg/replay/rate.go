package replay

import (
	"fmt"
	"math/bits"
	"strconv"

	"github.com/otelsim/otelsim/internal/numbers"
)

// Rate is an exact positive rational number, in lowest terms: so many per
// second, or a factor of speed. Two equal rates compare equal. The zero value
// is not a rate: use ParseRate or PerSecond.
type Rate struct{ num, den uint64 }

// Bounds of a rate. They keep every product of a schedule within 192 bits.
const (
	maxRate     = 1_000_000_000
	maxDecimals = 9
)

// PerSecond returns the rate n, from 1 to a billion.
func PerSecond(n uint64) Rate { return Rate{n, 1} }

// ParseRate reads a number such as 5000, 0.5, 10k or 1e6, without rounding.
// It must be over 0, at most a billion, and have at most nine decimals.
func ParseRate(s string) (Rate, error) {
	num, den, err := numbers.Decimal(s, maxDecimals)
	if err != nil {
		return Rate{}, fmt.Errorf("parse rate %q: %w", s, err)
	}
	if num == 0 {
		return Rate{}, fmt.Errorf("parse rate %q: must be over 0", s)
	}
	if hi, lo := bits.Mul64(maxRate, den); hi == 0 && num > lo {
		return Rate{}, fmt.Errorf("parse rate %q: must be at most %d", s, maxRate)
	}
	g := gcd(num, den)
	return Rate{num / g, den / g}, nil
}

func gcd(a, b uint64) uint64 {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

// Float returns the rate as the nearest float64, for printing and comparing
// with what was measured.
func (r Rate) Float() float64 { return float64(r.num) / float64(r.den) }

// String returns the rate as a decimal number: 5000, 0.5. It is exact, since
// the denominator divides a power of ten.
func (r Rate) String() string {
	if r.den == 0 {
		return "0"
	}
	whole, rem := r.num/r.den, r.num%r.den
	if rem == 0 {
		return strconv.FormatUint(whole, 10)
	}
	var frac []byte
	for rem != 0 {
		rem *= 10 // rem < den <= 10^9
		frac = append(frac, byte('0'+rem/r.den))
		rem %= r.den
	}
	return strconv.FormatUint(whole, 10) + "." + string(frac)
}
