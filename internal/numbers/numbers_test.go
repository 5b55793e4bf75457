package numbers

import (
	"errors"
	"math"
	"strings"
	"testing"
	"time"
)

// TestWhole says how a whole number is written, at any flag of either program.
func TestWhole(t *testing.T) {
	for _, c := range []struct {
		why, in string
		want    uint64
	}{
		{"digits", "42", 42},
		{"nothing", "0", 0},
		{"a thousand", "10k", 10_000},
		{"a million", "3M", 3_000_000},
		{"a billion", "2G", 2_000_000_000},
		{"an exponent", "1e6", 1_000_000},
		{"in upper case, with a sign", "1E+6", 1_000_000},
		{"groups", "10_000", 10_000},
		{"decimals that the factor makes whole", "1.5k", 1500},
		{"and the exponent", "2.50e2", 250},
		{"decimals of nothing", "7.0", 7},
		{"an exponent that takes zeros away", "1200e-2", 12},
		{"the largest", "18446744073709551615", math.MaxUint64},
		{"zero, however large", "0e30", 0},
	} {
		if got, err := Whole(c.in); err != nil || got != c.want {
			t.Errorf("%s: %q: got %d, %v, want %d", c.why, c.in, got, err, c.want)
		}
	}
	for _, in := range []string{
		"", " ", "1 ", " 1", "-1", "+1", "0x10", "0b1", "0o7", "1_", "_1", "1__0", "1_000_", "1e", "e6", "k", "1K", "1m", "1kk",
		"1.", ".", ".e1", "1.5", "1e-1", "1e31", "1e6k", "1,000", "Inf", "NaN", "1e6_", "\u0661",
	} {
		if got, err := Whole(in); !errors.Is(err, ErrWhole) {
			t.Errorf("%q: got %d, %v, want ErrWhole", in, got, err)
		}
	}
	for _, in := range []string{"010", "089", "00", "01e3", "01.5k", "0_1"} {
		if got, err := Whole(in); !errors.Is(err, ErrZero) {
			t.Errorf("%q: got %d, %v, want ErrZero", in, got, err)
		}
	}
	for _, in := range []string{"18446744073709551616", "1e20", "99999999999G"} {
		if got, err := Whole(in); !errors.Is(err, ErrRange) {
			t.Errorf("%q: got %d, %v, want ErrRange", in, got, err)
		}
	}
}

func TestDecimal(t *testing.T) {
	for in, want := range map[string][2]uint64{
		"5": {5, 1}, "0.5": {5, 10}, ".5": {5, 10}, "2.50": {25, 10}, "1e6": {1_000_000, 1}, "1.5k": {1500, 1},
		"10_000": {10_000, 1}, "0.000": {0, 1}, "15e-1": {15, 10}, "0.000000001": {1, 1_000_000_000},
	} {
		if num, den, err := Decimal(in, 9); err != nil || num != want[0] || den != want[1] {
			t.Errorf("%q: got %d/%d, %v, want %v", in, num, den, err, want)
		}
	}
	for in, want := range map[string]string{
		"0.0000000001": "more than 9 decimals", "1e19": "too many digits", "-1": "want a number", "half": "want a number",
		"0x1p4": "want a number", "010": "leading zeros", "1e400": "want a number",
	} {
		if num, den, err := Decimal(in, 9); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %d/%d, %v, want %s", in, num, den, err, want)
		}
	}
}

func TestFloat(t *testing.T) {
	for in, want := range map[string]float64{"0.05": 0.05, "1": 1, "1e-3": 0.001, "1_0.5": 10.5} {
		if got, err := Float(in); err != nil || got != want {
			t.Errorf("%q: got %v, %v, want %v", in, got, err, want)
		}
	}
	for _, in := range []string{"", "NaN", "Inf", "-0.5", "0x1p-2", "10%", "01"} {
		if got, err := Float(in); err == nil {
			t.Errorf("%q: got %v, want an error", in, got)
		}
	}
}

func TestDuration(t *testing.T) {
	for in, want := range map[string]time.Duration{
		"500ms": 500 * time.Millisecond, "1h30m": 90 * time.Minute, "1h05m": 65 * time.Minute, "1_000ms": time.Second,
		"0": 0, "-1s": -time.Second, "1.5s": 1500 * time.Millisecond,
	} {
		if got, err := Duration(in); err != nil || got != want {
			t.Errorf("%q: got %v, %v, want %v", in, got, err, want)
		}
	}
	for in, want := range map[string]string{
		"200":  "a unit is missing, as in 200ms or 200s",
		"010s": "leading zeros", "-010s": "leading zeros",
		"1e3":          "a unit is missing, as in 1000ms",
		"99999999999h": "too long: a duration is at most 2562047h0m0s", "1h 5m": "want a duration", "5 ms": "want a duration",
		"fast": "want a duration such as 500ms", "": "want a duration", "1_s": "want a duration", "1d": "want a duration",
	} {
		if got, err := Duration(in); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, %v, want %s", in, got, err, want)
		}
	}
}

// TestWritten says how durations are written in input files.
func TestWritten(t *testing.T) {
	for in, want := range map[string]time.Duration{
		"300ms": 300 * time.Millisecond, "300 ms": 300 * time.Millisecond, "-1.5 s": -1500 * time.Millisecond, "1h30m": 90 * time.Minute, "2 \u00b5s": 2 * time.Microsecond,
	} {
		if got, err := Written(in); err != nil || got != want {
			t.Errorf("%q: got %v, %v, want %v", in, got, err, want)
		}
	}
	for _, in := range []string{
		"", " ", "12", "1 2ms", "12m s", "12 m s", "1h 30m", "1 h30m", "1 h 30 m", "300  ms", " 300ms", "300ms ", "300 ", " ms", "- 3ms", "1. 5s", "3\tms", "3\u00a0ms", "12 msec", "99999999999",
	} {
		if got, err := Written(in); err != ErrDuration {
			t.Errorf("%q: got %v, %v, want ErrDuration", in, got, err)
		}
	}
	for _, in := range []string{"99999999999h", "99999999999 h", "1h99999999999999999999s", "-3000000h", "9223372036854775808ns", "99999999999999999999999.5h"} {
		if got, err := Written(in); err != ErrLong {
			t.Errorf("%q: got %v, %v, want ErrLong", in, got, err)
		}
	}
}

// FuzzNumbersAgree holds the readers to each other: what one reads as a whole
// number, the others do too, and equal.
func FuzzNumbersAgree(f *testing.F) {
	for _, s := range []string{"10k", "010", "1e6", "10_000", "1.5", "0x1", "", "1e-3"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		whole, errWhole := Whole(s)
		num, den, errDecimal := Decimal(s, 9)
		float, errFloat := Float(s)
		if errWhole == nil && errDecimal == nil && (den != 1 || num != whole) {
			t.Errorf("%q: whole %d, decimal %d/%d", s, whole, num, den)
		}
		if errWhole == nil && (errFloat != nil || float != float64(whole)) {
			t.Errorf("%q: whole %d, float %v, %v", s, whole, float, errFloat)
		}
		if errDecimal == nil && errFloat != nil {
			t.Errorf("%q: decimal %d/%d, float %v", s, num, den, errFloat)
		}
	})
}
