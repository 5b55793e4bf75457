package replay

import (
	"math"
	"math/bits"
	"time"
)

// Planned returns how many records a run is to send and how long that takes by
// the schedule, as far as both are known beforehand; 0 is not known.
func Planned(src Source, o Options) (records uint64, length time.Duration) {
	total := src.Total()
	laps := o.Laps
	if laps == 0 && o.Duration == 0 {
		laps = 1
	}
	if laps > 0 && total.Records > 0 {
		records = times64(total.Records, laps)
		length = o.Pacer.Due(unitsIn(o.Pacer.Unit(), total, laps))
		if o.Pacer.Unit() == UnitNone {
			length = 0
		}
	}
	if o.Duration > 0 && (length == 0 || length > o.Duration) {
		length = o.Duration
		records = dueBefore(o)
	}
	if o.Shard.Of > 1 {
		records = records/o.Shard.Of + boolean(records%o.Shard.Of > o.Shard.Index)
	}
	return records, length
}

func boolean(b bool) uint64 {
	if b {
		return 1
	}
	return 0
}

// unitsIn returns how much of a unit there is in a number of laps.
func unitsIn(u Unit, t Total, laps uint64) uint64 {
	switch u {
	case UnitItems:
		return times64(t.Items, laps)
	case UnitRecorded:
		return times64(uint64(t.Span), laps)
	}
	return times64(t.Records, laps)
}

// times64 returns a * b, or the greatest number when that is more.
func times64(a, b uint64) uint64 {
	if hi, lo := bits.Mul64(a, b); hi == 0 {
		return lo
	}
	return math.MaxUint64
}

// dueBefore returns how many records are due within the duration, 0 when the
// schedule does not count records: the smallest n that is due after it.
func dueBefore(o Options) uint64 {
	if o.Pacer.Unit() != UnitRecords {
		return 0
	}
	lo, hi := uint64(0), uint64(1)<<50
	for lo < hi {
		mid := (lo + hi) / 2
		if o.Pacer.Due(mid) >= o.Duration {
			hi = mid
		} else {
			lo = mid + 1
		}
	}
	return lo
}
