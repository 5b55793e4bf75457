package replay

import (
	"slices"
	"time"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/corpus/wire"
)

// far is how long nothing lasts: times that are further apart are not of one
// recording, but at least one of them is of a clock that was wrong. A pause of
// that length in a capture is not waited for.
const far = uint64(366 * 24 * time.Hour)

// Times between these, the years 2000 to 2100, are believed before others.
const (
	plausibleFrom  = 946_684_800e9
	plausibleUntil = 4_102_444_800e9
)

func apart(a, b uint64) bool { return max(a, b)-min(a, b) > far }

// centre returns the time that others are compared with: the middle one of those
// that are plausible, or of all where none is. It sorts times, of which there is
// at least one.
func centre(times []uint64) uint64 {
	slices.Sort(times)
	lo, _ := slices.BinarySearch(times, plausibleFrom)
	hi, _ := slices.BinarySearch(times, plausibleUntil)
	if lo == hi {
		lo, hi = 0, len(times)
	}
	return times[lo+(hi-lo-1)/2]
}

// steady returns the latest time of a payload that is not far from its others.
func (s *scanner) steady(sig otlp.Signal, f otlp.Format, payload []byte) uint64 {
	s.clocks = s.clocks[:0]
	_ = wire.EachTime(sig, f, payload, func(t uint64) { s.clocks = append(s.clocks, t) }) // was walked before
	if len(s.clocks) == 0 {
		return 0
	}
	c := centre(s.clocks)
	for i := len(s.clocks) - 1; i >= 0; i-- {
		if !apart(s.clocks[i], c) {
			return s.clocks[i]
		}
	}
	return c
}

// captureTimes gives the records of a capture their times in its timeline.
type captureTimes struct {
	began  bool
	last   uint64 // the latest time
	cut    uint64 // how much of pauses was taken out so far
	clocks []uint64
}

// enter enters the records of a batch. What is far from the rest of it has no
// time of its own, as what has no time: it goes with the record before it. It
// returns how many are far.
func (r *captureTimes) enter(records []Record) (distant uint64) {
	r.clocks = r.clocks[:0]
	for i := range records {
		if end := records[i].End; end > 0 {
			r.clocks = append(r.clocks, end)
		}
	}
	if len(r.clocks) == 0 {
		return 0
	}
	c := centre(r.clocks)
	for i := range records {
		rec := &records[i]
		switch {
		case rec.End == 0:
			rec.at = 0
		case apart(rec.End, c):
			distant++
			rec.at = 0
		default:
			rec.at = r.next(rec.End)
		}
	}
	return distant
}

// next returns a time without the pauses before it.
func (r *captureTimes) next(t uint64) uint64 {
	if !r.began {
		r.began, r.last = true, t
	}
	at := t - min(t, r.cut)
	if at > r.last && at-r.last > far {
		r.cut += at - r.last
		at = r.last
	}
	r.last = max(r.last, at)
	return at
}
