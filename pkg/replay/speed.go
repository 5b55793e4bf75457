package replay

import (
	"strconv"
	"time"

	"github.com/otelsim/otelsim/internal/text"
)

// TimesAsFast says how many times as fast as recorded something passes, of a
// factor over 0.
func TimesAsFast(times float64) string {
	if times >= 1000 {
		return text.Grouped(uint64(times+0.5)) + " times as fast as recorded"
	}
	return strconv.FormatFloat(times, 'g', 3, 64) + " times as fast as recorded"
}

// PlannedTimes returns how many times as fast as recorded the timeline of src
// passes by the schedule, on average of a lap; 0 when that is not known
// beforehand.
func PlannedTimes(src Source, p Pacer) float64 {
	if t, ok := p.(Timeline); ok {
		return t.Speed.Float()
	}
	total := src.Total()
	if total.Span <= 0 || total.Records < 2 || p.Unit() == UnitNone {
		return 0
	}
	// From the first record to the last: the time of the last one's interval is
	// no time between records.
	units := unitsIn(p.Unit(), total, 1)
	length := p.Due(units - units/total.Records)
	if length <= 0 || length == never {
		return 0
	}
	return float64(total.Span) / float64(length)
}

// timesRecorded returns how many times as fast as recorded the timeline passed:
// as planned, or else as the first lap went.
func (r *run) timesRecorded(rep *Report) float64 {
	if planned := PlannedTimes(r.source, r.Pacer); planned > 0 {
		return planned
	}
	if recorded, took := r.lap.lastEnd-r.lap.firstEnd, r.lap.lastDue-r.lap.firstDue; recorded > 0 && took > 0 {
		return float64(recorded) / float64(took)
	}
	// Records that were sent as they lie, without a schedule: some part of a lap.
	total := r.source.Total()
	if r.Pacer.Unit() == UnitNone && total.Records > 0 && rep.Duration > 0 {
		part := float64(rep.Records.Due) / float64(total.Records)
		return total.Span.Seconds() * part / rep.Duration
	}
	return 0
}

// firstLap is how far the recorded time and the schedule went in the first lap.
// It is the scheduler's.
type firstLap struct {
	firstEnd, lastEnd uint64 // nanoseconds since the Unix epoch
	firstDue, lastDue time.Duration
}

// note enters a record with a recorded time.
func (l *firstLap) note(end uint64, due time.Duration) {
	if l.firstEnd == 0 {
		*l = firstLap{end, end, due, due}
	}
	l.firstEnd = min(l.firstEnd, end)
	l.lastEnd, l.lastDue = max(l.lastEnd, end), max(l.lastDue, due)
}
