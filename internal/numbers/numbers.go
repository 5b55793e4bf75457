// Package numbers reads numbers as people write them on a command line. It is
// the one place that does, so that a number means the same at every flag of
// both programs:
//
//	numbers.Whole("10k")      // 10000
//	numbers.Whole("010")      // ErrZero: 8 to some readers, 10 to others
//	numbers.Decimal("2.5", 9) // 25, 10
//
// A number is decimal digits, with _ between digits where it helps the eye,
// perhaps decimals after a point, then perhaps an exponent (1e6) or one of the
// factors k, M and G (thousand, million, billion). There are no signs, no hex
// and no octal digits, no leading zeros, no infinity. Input files refuse leading
// zeros too.
package numbers

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// What is wrong with a number. The texts say what is wanted.
var (
	ErrSyntax   = errors.New("want a number such as 10, 0.5, 10_000, 10k or 1e6")
	ErrWhole    = errors.New("want a whole number such as 10, 10_000, 10k or 1e6")
	ErrZero     = errors.New("want a number without leading zeros, which make it octal to some programs")
	ErrRange    = fmt.Errorf("want a whole number from 0 to %d", uint64(math.MaxUint64))
	ErrDigits   = errors.New("too many digits")
	ErrDuration = errors.New("want a duration such as 500ms, 10s or 1h30m")
	ErrLong     = fmt.Errorf("too long: a duration is at most %v", time.Duration(math.MaxInt64).Truncate(time.Hour))
)

// maxExponent is the greatest exponent that is read, which is more than any
// flag can use, and little enough to write out.
const maxExponent = 30

// Whole returns the whole number that s is: 1.5k and 15e2 are 1500. It returns
// ErrWhole for what is no whole number, ErrZero for one with leading zeros and
// ErrRange for what takes over 64 bits.
func Whole(s string) (uint64, error) {
	digits, exponent, err := split(s)
	switch {
	case err == ErrZero:
		return 0, err
	case err != nil || exponent < 0:
		return 0, ErrWhole
	case digits == "0":
		return 0, nil
	}
	n, err := strconv.ParseUint(digits+strings.Repeat("0", exponent), 10, 64)
	if err != nil {
		return 0, ErrRange
	}
	return n, nil
}

// Decimal returns s as num / den without rounding, den a power of ten with at
// most the given decimals, num of at most 18 digits.
func Decimal(s string, decimals int) (num, den uint64, err error) {
	digits, exponent, err := split(s)
	switch {
	case err != nil:
		return 0, 0, err
	case digits == "0":
		return 0, 1, nil
	case -exponent > decimals:
		return 0, 0, fmt.Errorf("more than %d decimals", decimals)
	}
	digits += strings.Repeat("0", max(exponent, 0))
	if len(digits) > 18 {
		return 0, 0, ErrDigits
	}
	if num, err = strconv.ParseUint(digits, 10, 64); err != nil {
		return 0, 0, ErrSyntax
	}
	den = 1
	for range -exponent {
		den *= 10
	}
	return num, den, nil
}

// Float returns the number next to s.
func Float(s string) (float64, error) {
	digits, exponent, err := split(s)
	if err != nil {
		return 0, err
	}
	return strconv.ParseFloat(digits+"e"+strconv.Itoa(exponent), 64)
}

// Duration returns a length of time in Go's notation, with _ between digits as
// in all numbers. It may be negative. A number without a unit is refused, with
// the hint that it may have been milliseconds.
func Duration(s string) (time.Duration, error) {
	plain, ok := ungrouped(s)
	if !ok {
		return 0, ErrDuration
	}
	if leadingZero(strings.TrimLeft(plain, "-+")) {
		return 0, ErrZero
	}
	d, err := parseDuration(plain)
	if err != ErrDuration {
		return d, err
	}
	if n, err := Whole(s); err == nil {
		return 0, fmt.Errorf("%w: a unit is missing, as in %dms or %ds", ErrDuration, n, n)
	}
	return 0, ErrDuration
}

// split returns the digits of a number without zeros at either end, "0" for
// none, and the power of ten to multiply them with.
func split(s string) (digits string, exponent int, err error) {
	plain, ok := ungrouped(s)
	if !ok || plain == "" {
		return "", 0, ErrSyntax
	}
	mantissa, exponent, ok := factor(plain)
	if !ok {
		return "", 0, ErrSyntax
	}
	whole, decimals, point := strings.Cut(mantissa, ".")
	digits = whole + decimals
	if digits == "" || point && decimals == "" || strings.Trim(digits, "0123456789") != "" {
		return "", 0, ErrSyntax
	}
	if leadingZero(whole) {
		return "", 0, ErrZero
	}
	exponent -= len(decimals)
	digits = strings.TrimLeft(digits, "0")
	if digits == "" {
		return "0", 0, nil
	}
	for exponent < 0 && strings.HasSuffix(digits, "0") {
		digits, exponent = digits[:len(digits)-1], exponent+1
	}
	return digits, exponent, nil
}

// leadingZero reports whether s begins as 010 does.
func leadingZero(s string) bool {
	return len(s) > 1 && s[0] == '0' && s[1] >= '0' && s[1] <= '9'
}

// factor takes the exponent or the letter off the end of a number.
func factor(s string) (mantissa string, exponent int, ok bool) {
	if at := strings.IndexAny(s, "eE"); at >= 0 {
		exponent, err := strconv.Atoi(s[at+1:])
		return s[:at], exponent, err == nil && exponent >= -maxExponent && exponent <= maxExponent
	}
	last := len(s) - 1
	switch s[last] {
	case 'k':
		return s[:last], 3, true
	case 'M':
		return s[:last], 6, true
	case 'G':
		return s[:last], 9, true
	}
	return s, 0, true
}

// ungrouped takes _ out of s, which may stand between two digits only.
func ungrouped(s string) (string, bool) {
	digit := func(at int) bool { return at >= 0 && at < len(s) && s[at] >= '0' && s[at] <= '9' }
	for at := range len(s) {
		if s[at] == '_' && (!digit(at-1) || !digit(at+1)) {
			return "", false
		}
	}
	return strings.ReplaceAll(s, "_", ""), true
}
