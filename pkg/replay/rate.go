package replay

import (
	"errors"
	"fmt"
	"math/bits"
	"strconv"
	"strings"
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

// ParseRate reads a decimal number such as 5000, 0.5 or 1e6, without rounding.
// It must be over 0, at most a billion, and have at most nine decimals.
func ParseRate(s string) (Rate, error) {
	num, den, err := parseDecimal(s)
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

var (
	errNotDecimal  = errors.New("want a decimal number")
	errManyDigits  = errors.New("too many digits")
	errManyDecimal = fmt.Errorf("more than %d decimals", maxDecimals)
)

// parseDecimal returns s as num / den, den a power of ten up to 10^9.
func parseDecimal(s string) (num, den uint64, err error) {
	mantissa, exponent, hasExp := strings.Cut(strings.ToLower(s), "e")
	exp := 0
	if hasExp {
		if exp, err = strconv.Atoi(exponent); err != nil || exp < -30 || exp > 30 {
			return 0, 0, errNotDecimal
		}
	}
	whole, frac, _ := strings.Cut(mantissa, ".")
	digits := whole + frac
	if digits == "" || strings.Trim(digits, "0123456789") != "" {
		return 0, 0, errNotDecimal
	}
	exp -= len(frac)
	for exp < 0 && len(digits) > 1 && strings.HasSuffix(digits, "0") {
		digits, exp = digits[:len(digits)-1], exp+1
	}
	if exp > 0 {
		digits += strings.Repeat("0", exp)
		exp = 0
	}
	if -exp > maxDecimals {
		return 0, 0, errManyDecimal
	}
	digits = strings.TrimLeft(digits, "0")
	if len(digits) > 18 {
		return 0, 0, errManyDigits
	}
	if digits != "" {
		if num, err = strconv.ParseUint(digits, 10, 64); err != nil {
			return 0, 0, errNotDecimal
		}
	}
	den = 1
	for range -exp {
		den *= 10
	}
	return num, den, nil
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
