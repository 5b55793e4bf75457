package chart

import (
	"math"
	"testing"
)

// Durations that nobody means have a form, too.
func TestDurationsBeyondAll(t *testing.T) {
	for _, c := range []struct {
		nanos float64
		want  string
	}{
		{1.4, "1 ns"}, {-2e3, "-2 us"}, {9e18, "2500000 h"},
		{math.MaxUint64, "2562047 h 47 min"}, {math.Inf(1), "2562047 h 47 min"}, {-math.MaxUint64, "-2562047 h 47 min"},
	} {
		if got := Nanos(c.nanos); got != c.want {
			t.Errorf("%v: got %q, want %q", c.nanos, got, c.want)
		}
	}
	if got := Duration(math.MinInt64); got != "-2562047 h 47 min" {
		t.Errorf("got %q", got)
	}
}
