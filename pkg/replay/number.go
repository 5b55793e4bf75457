package replay

import (
	"strconv"
	"strings"
)

// Grouped returns n with its digits in threes: 12,345.
func Grouped(n uint64) string {
	s := strconv.FormatUint(n, 10)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// Counted returns n with what is counted, whose plural ends in s: 1 record,
// 12,345 records.
func Counted(n uint64, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return Grouped(n) + " " + what + "s"
}

// number formats a measure, which is not negative, with at most three decimals.
func number(v float64) string {
	whole, decimals, _ := strings.Cut(strconv.FormatFloat(v, 'f', 3, 64), ".")
	if n, err := strconv.ParseUint(whole, 10, 64); err == nil {
		whole = Grouped(n)
	}
	return strings.TrimSuffix(whole+"."+strings.TrimRight(decimals, "0"), ".")
}
