package replay

import (
	"fmt"
	"math"
	"time"
)

// Unit is what a Pacer counts.
type Unit uint8

// The units.
const (
	UnitRecords  Unit = 1 // records released before this one
	UnitItems    Unit = 2 // spans, data points and log records in them
	UnitRecorded Unit = 3 // recorded nanoseconds since the first record's time
	UnitNone     Unit = 4 // nothing: there is no schedule
)

// Pacer is a schedule: a pure function from what comes before a record in the
// run to the time at which it is due. Pacers are values, compare with ==, and never
// look at a clock or at what became of earlier records, so a schedule cannot
// drift and any record's due time can be computed alone.
type Pacer interface {
	// Due returns the time since the start of the run at which a record is
	// due when n of the pacer's unit come before it: the floor, in whole
	// nanoseconds, of the exact time. It never falls as n grows, and it is
	// the largest Duration when the time does not fit.
	Due(n uint64) time.Duration
	// Unit says what n counts.
	Unit() Unit
	// String describes the schedule for the report.
	String() string
}

// Constant releases Rate of its unit per second: n is due at n / Rate. With
// items, a record is due when its first item is.
type Constant struct {
	Rate Rate // of its unit per second
	Of   Unit // UnitRecords or UnitItems
}

// The schedules.
var (
	_ Pacer = Constant{}
	_ Pacer = Ramp{}
	_ Pacer = Timeline{}
	_ Pacer = Unpaced{}
)

// Due implements Pacer.
func (c Constant) Due(n uint64) time.Duration {
	return time.Duration(mul64(n, second, c.Rate.den).div(c.Rate.num).nanos())
}

// Unit implements Pacer.
func (c Constant) Unit() Unit { return c.Of }

// String returns "5000 records/s".
func (c Constant) String() string { return fmt.Sprintf("%v %s/s", c.Rate, unitName(c.Of)) }

// Ramp grows the rate linearly from 0 to Rate during Over and then keeps it.
//
//	rate      Rate ........._________      during the ramp Rate t^2 / (2 Over)
//	                    _--'               are due before t, so
//	                _--'
//	            _--'                         due(n) = sqrt(2 Over n / Rate)
//	        _--'                             while that is at most Over, then
//	        0              Over       t      due(n) = Over / 2 + n / Rate
//
// Both are rounded down once, from exact values: the square root of a floor is
// the floor of the square root. They meet at Over.
type Ramp struct {
	Rate Rate          // of its unit per second, at the end of the ramp
	Of   Unit          // UnitRecords or UnitItems
	Over time.Duration // over 0
}

// Due implements Pacer.
func (r Ramp) Due(n uint64) time.Duration {
	over := uint64(r.Over)
	// Squared time in ns^2: 2 Over n 10^9 den / num. The two constants make one
	// word: 2 x 10^9 x den <= 2 x 10^18.
	square := mul64(over, n, 2*second*r.Rate.den)
	ramped := square.div(r.Rate.num)
	if ramped.cmp(mul64(over, over, 1)) <= 0 {
		return time.Duration(ramped.sqrt())
	}
	// (Over num + 2 n 10^9 den) / (2 num)
	sum := mul64(over, r.Rate.num, 1).add(mul64(n, 2*second*r.Rate.den, 1))
	return time.Duration(sum.div(2 * r.Rate.num).nanos())
}

// Unit implements Pacer.
func (r Ramp) Unit() Unit { return r.Of }

// String returns "0 to 5000 records/s over 10s".
func (r Ramp) String() string {
	return fmt.Sprintf("0 to %v %s/s over %v", r.Rate, unitName(r.Of), r.Over)
}

// Timeline releases records when they were recorded, Speed times as fast.
type Timeline struct {
	Speed Rate // a factor: 2 takes half the time
}

// Due implements Pacer.
func (t Timeline) Due(n uint64) time.Duration {
	return time.Duration(mul64(n, t.Speed.den, 1).div(t.Speed.num).nanos())
}

// Unit implements Pacer.
func (Timeline) Unit() Unit { return UnitRecorded }

// String returns "recorded timeline x 2".
func (t Timeline) String() string { return fmt.Sprintf("recorded timeline x %v", t.Speed) }

// Unpaced releases a record as soon as there is room for it: a record is due
// when it is released.
type Unpaced struct{}

// Due returns 0: everything may go at once.
func (Unpaced) Due(uint64) time.Duration { return 0 }

// Unit implements Pacer.
func (Unpaced) Unit() Unit { return UnitNone }

// String returns "unpaced".
func (Unpaced) String() string { return "unpaced" }

const (
	second = uint64(time.Second)
	never  = time.Duration(math.MaxInt64)
)

func unitName(u Unit) string {
	if u == UnitItems {
		return "items"
	}
	return "records"
}
