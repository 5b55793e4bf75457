package text

import (
	"strconv"
	"strings"
)

// Integer is what is counted.
type Integer interface {
	~int | ~int64 | ~uint32 | ~uint64
}

// Grouped returns n, which is not negative, with its digits in threes: 12,345.
func Grouped[N Integer](n N) string {
	s := strconv.FormatUint(uint64(n), 10)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// Counted returns n, which is not negative, with what is counted, whose plural
// ends in s: 1 record, 12,345 records.
func Counted[N Integer](n N, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return Grouped(n) + " " + noun + "s"
}

// Decimal returns a measure, which is not negative, with at most three
// decimals: 4,999.6.
func Decimal(v float64) string {
	whole, decimals, _ := strings.Cut(strconv.FormatFloat(v, 'f', 3, 64), ".")
	if n, err := strconv.ParseUint(whole, 10, 64); err == nil {
		whole = Grouped(n)
	}
	return strings.TrimSuffix(whole+"."+strings.TrimRight(decimals, "0"), ".")
}

// Size returns a number of bytes for a glance, with one decimal: 12.3 MB. Units
// are decimal.
func Size(n uint64) string {
	v, unit := scaled(n, 999.95)
	if unit == "B" {
		return strconv.FormatUint(n, 10) + " B"
	}
	return strconv.FormatFloat(v, 'f', 1, 64) + " " + unit
}

// FineSize returns a number of bytes for comparing, with at most three
// decimals: 12.346 MB.
func FineSize(n uint64) string {
	v, unit := scaled(n, 999.9995)
	return Decimal(v) + " " + unit
}

// scaled returns a number of bytes in the unit in which it is less than limit,
// which is what would be rounded to a thousand.
func scaled(n uint64, limit float64) (v float64, unit string) {
	if n < 1000 {
		return float64(n), "B"
	}
	units := []string{"kB", "MB", "GB", "TB", "PB", "EB"}
	v = float64(n) / 1000
	for v >= limit && len(units) > 1 {
		v, units = v/1000, units[1:]
	}
	return v, units[0]
}
