package numbers

import (
	"strings"
	"time"
)

// Written returns a length of time as input files have it: in Go's notation, of
// which a single number may have a blank before its unit, as in 300 ms. It returns
// ErrLong for what is a duration, and ErrDuration for what is none.
func Written(s string) (time.Duration, error) {
	s, ok := Joined(s)
	if !ok {
		return 0, ErrDuration
	}
	return parseDuration(s)
}

// Joined returns a number and its unit without the blank that may stand between
// them, and whether all of s is free of other ones.
func Joined(s string) (string, bool) {
	number, unit, spaced := strings.Cut(s, " ")
	if !spaced {
		return s, true
	}
	const digits = "0123456789.+-"
	ok := number != "" && unit != "" && strings.Trim(number, digits) == "" && !strings.ContainsAny(unit, digits+" ")
	return number + unit, ok
}

// parseDuration tells durations that are too long from what is none.
func parseDuration(s string) (time.Duration, error) {
	d, err := time.ParseDuration(s)
	if err == nil {
		return d, nil
	}
	// The same with less of each unit is one.
	var short strings.Builder
	for at := range len(s) {
		digit := s[at] >= '0' && s[at] <= '9'
		switch {
		case !digit:
			short.WriteByte(s[at])
		case at == 0 || s[at-1] < '0' || s[at-1] > '9':
			short.WriteByte('1')
		}
	}
	if _, err := time.ParseDuration(short.String()); err == nil {
		return 0, ErrLong
	}
	return 0, ErrDuration
}
