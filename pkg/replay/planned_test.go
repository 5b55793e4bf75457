package replay

import (
	"testing"
	"time"
)

// plannedSource has only a total.
type plannedSource struct {
	Source
	Of Total
}

func (s plannedSource) Total() Total { return s.Of }

func TestPlanned(t *testing.T) {
	known := Total{Records: 1000, Items: 20_000, Span: 500 * time.Second}
	for _, row := range []struct {
		why     string
		total   Total
		o       Options
		records uint64
		length  time.Duration
	}{
		{"records at a rate", known, Options{Pacer: perSecond(100)}, 1000, 10 * time.Second},
		{"two laps", known, Options{Pacer: perSecond(100), Laps: 2}, 2000, 20 * time.Second},
		{"items at a rate", known, Options{Pacer: Constant{PerSecond(1000), UnitItems}}, 1000, 20 * time.Second},
		{"the timeline, twice as fast", known, Options{Pacer: Timeline{PerSecond(2)}}, 1000, 250 * time.Second},
		{"unpaced", known, Options{Pacer: Unpaced{}}, 1000, 0},
		{"a duration", known, Options{Pacer: perSecond(100), Duration: time.Minute}, 6000, time.Minute},
		{"a duration longer than the laps", known, Options{Pacer: perSecond(100), Laps: 1, Duration: time.Minute}, 1000, 10 * time.Second},
		{"a duration in a ramp", known, Options{Pacer: Ramp{PerSecond(100), UnitRecords, 10 * time.Second}, Duration: 10 * time.Second},
			500, 10 * time.Second},
		{"a duration of the timeline", known, Options{Pacer: Timeline{PerSecond(1)}, Duration: time.Minute}, 0, time.Minute},
		{"a shard", known, Options{Pacer: perSecond(100), Shard: Shard{1, 3}}, 333, 10 * time.Second},
		{"the first shard has the rest", known, Options{Pacer: perSecond(100), Shard: Shard{0, 3}}, 334, 10 * time.Second},
		{"more than can be counted", known, Options{Pacer: Timeline{PerSecond(1)}, Laps: 1 << 62}, 1<<64 - 1, never},
		{"files without counts", Total{}, Options{Pacer: perSecond(100)}, 0, 0},
	} {
		records, length := Planned(plannedSource{Of: row.total}, row.o)
		if records != row.records || length != row.length {
			t.Errorf("%s: got %d records in %v, want %d in %v", row.why, records, length, row.records, row.length)
		}
	}
}
