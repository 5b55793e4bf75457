package build

import (
	"testing"
	"time"
)

// TestPacedArrivalsAreLessDispersed: what is late by more comes less evenly, and what comes
// together by chance less evenly than by chance alone.
func TestPacedArrivalsAreLessDispersed(t *testing.T) {
	const blocks, window = 20, 5 * time.Second // ten of two a second
	last := -1e9
	for _, config := range []string{
		"arrivals: {rate: 2, late: 0}", "arrivals: {rate: 2, late: 4}", "arrivals: {rate: 2, late: {4: 3, 40: 1}}", "arrivals: {rate: 2, late: 40}",
		"arrivals: {rate: 2}", "arrivals: {rate: 2, together: 4}",
	} {
		p := arriving(t, config)
		z := dispersion(starts(t, p, pace(p, blocks*1024)), window)
		if z <= last+2 {
			t.Errorf("%s: %.1f deviations from chance, the one before %.1f", config, z, last)
		}
		last = z
	}
}

// TestSegmentsOfWhatComesTogetherAreBounded: where sessions come together, fewer of them take
// longer than by chance.
func TestSegmentsOfWhatComesTogetherAreBounded(t *testing.T) {
	for _, config := range []string{
		"arrivals: {rate: 2, late: 0}", "arrivals: {rate: 2, late: {0: 1, 1000: 1}}", "arrivals: {rate: 2, late: 3, together: 300}",
		"arrivals: {rate: 2, together: 16}", "arrivals: {rate: 2, together: 1024}",
	} {
		p := arriving(t, config)
		r := pace(p, 50*1024)
		r.SegmentIterations = 64
		all, longest := starts(t, p, r), time.Duration(0)
		for i := 63; i < len(all); i += 64 {
			longest = max(longest, all[i]-all[i-63])
		}
		if bound := time.Duration(r.startsLast(generator(t, p, r).curve, 64)); longest > bound {
			t.Errorf("%s: 64 iterations take %v, the bound is %v", config, longest, bound)
		}
	}
}
