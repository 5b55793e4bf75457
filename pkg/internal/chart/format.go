package chart

import (
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/otelsim/otelsim/internal/text"
)

// Duration formats nanoseconds with three digits: 1.23 ms, 12.3 s, 2 h 5 min.
func Duration(nanos int64) string {
	d := time.Duration(nanos)
	switch {
	case d < 0:
		return "-" + Duration(max(-nanos, -(nanos+1))) // the least number has no opposite
	case d < time.Microsecond:
		return strconv.FormatInt(nanos, 10) + " ns"
	case d < 999500*time.Nanosecond:
		return Three(float64(d)/1e3) + " us"
	case d < 999500*time.Microsecond:
		return Three(float64(d)/1e6) + " ms"
	case d < 2*time.Minute:
		return Three(float64(d)/1e9) + " s"
	case d < 2*time.Hour:
		d = d.Round(time.Second)
		return two(d/time.Minute, "min", d%time.Minute/time.Second, "s")
	}
	d = d.Round(time.Minute)
	return two(d/time.Hour, "h", d%time.Hour/time.Minute, "min")
}

// Nanos formats nanoseconds as Duration does. Those that it has no room for, as between two
// spans of which one says that it ended in the year 2554, are as long as can be.
func Nanos(nanos float64) string {
	if nanos >= math.MaxInt64 { // of which the next float64 is one more
		return Duration(math.MaxInt64)
	}
	return Duration(int64(math.Round(max(nanos, -math.MaxInt64))))
}

func two(a time.Duration, unit string, b time.Duration, smaller string) string {
	s := strconv.FormatInt(int64(a), 10) + " " + unit
	if b > 0 {
		s += " " + strconv.FormatInt(int64(b), 10) + " " + smaller
	}
	return s
}

// Three formats v with three digits, no zeros at the end.
func Three(v float64) string {
	decimals := 2
	for limit := 9.995; v >= limit && decimals > 0; limit *= 10 {
		decimals--
	}
	s := strconv.FormatFloat(v, 'f', decimals, 64)
	if decimals > 0 {
		s = strings.TrimSuffix(strings.TrimRight(s, "0"), ".")
	}
	return s
}

// Short formats a number for an axis: 250, 1.5k, 2M.
func Short(v float64) string {
	for _, u := range []struct {
		size float64
		unit string
	}{{1e12, "T"}, {1e9, "G"}, {1e6, "M"}, {1e3, "k"}} {
		if v >= u.size*0.9995 {
			return Three(v/u.size) + u.unit
		}
	}
	return Three(v)
}

// Whole formats a number in full, without decimals when it has three digits.
func Whole(v float64) string {
	if v < 100 {
		return Three(v)
	}
	return text.Grouped(uint64(math.Round(v)))
}

// Percent formats a part of a whole.
func Percent(part, whole uint64) string {
	if whole == 0 {
		return "-"
	}
	p := 100 * float64(part) / float64(whole)
	switch {
	case part > 0 && p < 0.01:
		return "<0.01 %"
	case part < whole && p > 99.99:
		return ">99.99 %"
	}
	return Three(p) + " %"
}

// Clock formats a time since the start for an axis with ticks that far apart:
// 200 ms, 5 s, m:ss or h:mm.
func Clock(t, step time.Duration) string {
	switch {
	case step < time.Millisecond:
		return Three(float64(t)/1e6) + " ms"
	case step < time.Second:
		return strconv.FormatInt(int64(t/time.Millisecond), 10) + " ms"
	case step < 10*time.Second:
		return strconv.FormatInt(int64(t/time.Second), 10) + " s"
	case step < 10*time.Minute:
		return pair(t/time.Minute, t%time.Minute/time.Second)
	}
	return pair(t/time.Hour, t%time.Hour/time.Minute)
}

func pair(a, b time.Duration) string {
	s := strconv.FormatInt(int64(a), 10) + ":"
	if b < 10 {
		s += "0"
	}
	return s + strconv.FormatInt(int64(b), 10)
}

// ClockUnit says how Clock writes times.
func ClockUnit(step time.Duration) string {
	switch {
	case step < 10*time.Second:
		return ""
	case step < 10*time.Minute:
		return ", m:ss"
	}
	return ", h:mm"
}

// timeSteps are the distances between ticks beyond those of decimal numbers.
var timeSteps = []time.Duration{
	time.Second, 2 * time.Second, 5 * time.Second, 10 * time.Second, 15 * time.Second, 30 * time.Second,
	time.Minute, 2 * time.Minute, 5 * time.Minute, 10 * time.Minute, 15 * time.Minute, 30 * time.Minute,
	time.Hour, 2 * time.Hour, 3 * time.Hour, 6 * time.Hour, 12 * time.Hour,
}

// timeStep returns the distance of at most n ticks within length.
func timeStep(length time.Duration, n int) time.Duration {
	least := length / time.Duration(n)
	if least <= 500*time.Millisecond {
		return max(time.Duration(niceStep(float64(least)/1e3))*1e3, 10*time.Microsecond)
	}
	for _, s := range timeSteps {
		if s >= least {
			return s
		}
	}
	const day = 24 * time.Hour
	return time.Duration(niceStep(float64(least)/float64(day))) * day
}

// niceStep returns the least of 1, 2, 5, 10, 20, ... that is at least v, which
// is not under 1.
func niceStep(v float64) float64 {
	unit := math.Pow(10, math.Floor(math.Log10(max(v, 1))))
	for _, m := range []float64{1, 2, 5} {
		if m*unit >= v*(1-1e-9) {
			return m * unit
		}
	}
	return 10 * unit
}
