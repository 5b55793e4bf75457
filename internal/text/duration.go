package text

import "time"

// Rough returns d with about two digits worth reading, for what was estimated
// or passes by: 340ms, 5.1s, 1m12s.
func Rough(d time.Duration) time.Duration {
	if d >= 10*time.Second {
		return d.Round(time.Second)
	}
	return Tenths(d)
}

// Tenths returns d in tenths of a second, or in milliseconds when it is under a
// second: for a clock that is seen to run.
func Tenths(d time.Duration) time.Duration {
	if d >= time.Second {
		return d.Round(100 * time.Millisecond)
	}
	return d.Round(time.Millisecond)
}

// Fine returns d with three digits or so, for what was measured: 1.23ms, 12.3s.
func Fine(d time.Duration) time.Duration {
	for unit := time.Duration(1); unit < time.Second; unit *= 10 {
		if d < 1000*unit {
			return d.Round(unit)
		}
	}
	return d.Round(100 * time.Millisecond)
}
