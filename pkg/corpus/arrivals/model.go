// Package arrivals says when iterations start that do not come at a fixed
// interval: at random or at a pace, by a curve over the day or the week, in bursts.
//
//	c, err := arrivals.New(model, arrivals.Run{Start: start, Interval: interval, Place: place})
//	c.Draw(draws, below)         // of a block, sorted, below arrivals.BlockUnits
//	c.Spread(block, draws)       // become nanoseconds since the start of the run
//	load := c.Load(draws[0])     // millionths of the mean
//
// The curve is a rate over simulated time. Its integral counts iterations, in
// units of 10^-15: a rate of a millionth of an iteration per second is one unit
// per nanosecond, so that all there is to compute is integers. Block b of 1,024
// iterations covers the stretch in which the integral passes b x 1,024 to (b+1)
// x 1,024 iterations, and its iterations start at 1,024 sorted uniform draws,
// spread through the inverse of the integral: given how many there are, that is
// how a Poisson process of this rate puts them. So counts are those of a Poisson
// process in windows far shorter than a block, and exact over whole blocks.
// Nothing accumulates: any block is made alone. What comes at a pace has other draws: the
// iterations of a block one after the other, each somewhat later.
//
// The package knows no seed: who draws gives it the draws and the places of
// bursts.
package arrivals

import (
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// BlockIterations is how many iterations are drawn together. Part of the
// determinism contract: do not change.
const BlockIterations = 1024

// Bounds of a Model.
const (
	Million   = 1_000_000
	MaxRate   = 1_000_000 * Million // millionths of an iteration per second
	MaxFactor = 1000 * Million
	MaxPoints = 2016 // one every five minutes of a week
	MaxBursts = 8
	MaxEvery  = 366 * 24 * time.Hour

	Day  = 24 * time.Hour
	Week = 7 * Day
)

// Model is how iterations arrive when it is not one every interval. The zero
// value is Poisson arrivals whose mean distance is the interval of the run.
// Rates are in millionths of an iteration per second.
type Model struct {
	Rate   uint64        // at all times; 0: Points say it, or the interval of the run
	Period time.Duration // after which Points repeat: Day, or Week; 0 without Points
	Points []Point       // by time; on straight lines between them, and from the last to the first of the next period
	Bursts []Burst

	// Late has what comes at a pace: iterations are due at even distances, and later by one of
	// these, each for itself; none: by chance. Together of them are due at once; 0: one.
	Late     []Late
	Together uint64
}

// Point is a rate at a time of the period: since midnight of UTC, of Monday for
// a Week. Times are whole milliseconds.
type Point struct {
	At   time.Duration
	Rate uint64
}

// Burst is a stretch in each of the windows [k x Every, (k+1) x Every) since the
// start of the run in which more iterations arrive: Factor - 1 times the mean of
// the model without bursts is added to its rate.
type Burst struct {
	Every, Duration time.Duration
	Factor          uint64        // in millionths, above a million
	At              time.Duration // since the start of the window; At + Duration is within it
	Random          bool          // the place is drawn for each window, uniform over all that it can have; At is 0
}

// Rated reports whether the model says how many arrive; otherwise the interval
// of the run does.
func (m *Model) Rated() bool { return m.Rate > 0 || len(m.Points) > 0 }

// Check returns what is wrong with the model, headed by the field as it is named
// in files: rate, curve or bursts.
func (m *Model) Check() error {
	switch {
	case m.Rate > MaxRate:
		return fmt.Errorf("rate is %s per second: want at most %s", Decimal(m.Rate), Decimal(MaxRate))
	case m.Rate > 0 && len(m.Points) > 0:
		return fmt.Errorf("rate and curve: want one of them")
	case len(m.Points) > MaxPoints:
		return fmt.Errorf("curve has %d points: want at most %d", len(m.Points), MaxPoints)
	case len(m.Points) == 0 && m.Period != 0, len(m.Points) > 0 && m.Period != Day && m.Period != Week:
		return fmt.Errorf("curve of %d points repeats after %v: want %v or %v", len(m.Points), m.Period, Day, Week)
	case len(m.Bursts) > MaxBursts:
		return fmt.Errorf("bursts: %d of them, want at most %d", len(m.Bursts), MaxBursts)
	}
	some := len(m.Points) == 0
	for i, p := range m.Points {
		switch {
		case p.At < 0 || p.At >= m.Period || p.At%time.Millisecond != 0:
			return fmt.Errorf("curve has a point at %v: want whole milliseconds below %v", p.At, m.Period)
		case i > 0 && p.At <= m.Points[i-1].At:
			return fmt.Errorf("curve has a point at %v behind one at %v: want each once, by time", p.At, m.Points[i-1].At)
		case p.Rate > MaxRate:
			return fmt.Errorf("curve has %s per second at %v: want at most %s", Decimal(p.Rate), p.At, Decimal(MaxRate))
		}
		some = some || p.Rate > 0
	}
	if !some {
		return fmt.Errorf("curve is 0 throughout: nothing would ever arrive")
	}
	for i := range m.Bursts {
		if err := m.Bursts[i].check(); err != nil {
			return fmt.Errorf("bursts[%d]: %w", i, err)
		}
	}
	return m.checkPace()
}

func (b *Burst) check() error {
	switch {
	case b.Every <= 0 || b.Every > MaxEvery:
		return fmt.Errorf("every is %v: want more than 0 and at most %v", b.Every, MaxEvery)
	case b.Duration <= 0 || b.Duration > b.Every:
		return fmt.Errorf("duration is %v: want more than 0 and at most every, %v", b.Duration, b.Every)
	case b.Factor <= Million || b.Factor > MaxFactor:
		return fmt.Errorf("factor is %s: want more than 1 and at most %s", Decimal(b.Factor), Decimal(MaxFactor))
	case b.Random && b.At != 0:
		return fmt.Errorf("at is %v of a burst at random", b.At)
	case b.At < 0 || b.At > b.Every-b.Duration:
		return fmt.Errorf("at is %v: want 0 to %v, so that the burst ends with its window", b.At, b.Every-b.Duration)
	}
	return nil
}

// String describes the model for people, in one line.
func (m *Model) String() string {
	var b strings.Builder
	how := "Poisson"
	if m.paced() {
		how = "at a pace"
	}
	switch {
	case m.Rate > 0:
		fmt.Fprintf(&b, "%s, %s a second", how, Decimal(m.Rate))
	case len(m.Points) > 0:
		low, high := m.Points[0].Rate, m.Points[0].Rate
		for _, p := range m.Points {
			low, high = min(low, p.Rate), max(high, p.Rate)
		}
		of := "day"
		if m.Period == Week {
			of = "week"
		}
		fmt.Fprintf(&b, "by the curve of a %s, %s to %s a second", of, Decimal(low), Decimal(high))
	default:
		fmt.Fprintf(&b, "%s, by the interval", how)
	}
	b.WriteString(m.describePace())
	for _, x := range m.Bursts {
		fmt.Fprintf(&b, "; every %s for %s, %s times the mean", brief(x.Every), brief(x.Duration), Decimal(x.Factor))
	}
	return b.String()
}

// brief spells a duration without units that are 0.
func brief(d time.Duration) string {
	s := d.String()
	if cut, ok := strings.CutSuffix(s, "m0s"); ok {
		s = cut + "m"
	}
	if cut, ok := strings.CutSuffix(s, "h0m"); ok {
		s = cut + "h"
	}
	return s
}

// Decimal spells millionths: "2.5".
func Decimal(millionths uint64) string {
	s := strconv.FormatUint(millionths/Million, 10)
	if rest := millionths % Million; rest > 0 {
		s += "." + strings.TrimRight(fmt.Sprintf("%06d", rest), "0")
	}
	return s
}

// AppendCanonical appends all that the model says, for digests.
func (m *Model) AppendCanonical(b []byte) []byte {
	num := func(v uint64) { b = binary.AppendUvarint(b, v) }
	num(m.Rate)
	num(uint64(m.Period))
	num(uint64(len(m.Points)))
	for _, p := range m.Points {
		num(uint64(p.At))
		num(p.Rate)
	}
	num(uint64(len(m.Bursts)))
	for _, x := range m.Bursts {
		num(uint64(x.Every))
		num(uint64(x.Duration))
		num(x.Factor)
		num(uint64(x.At))
		random := uint64(0)
		if x.Random {
			random = 1
		}
		num(random)
	}
	return m.appendPace(b)
}
