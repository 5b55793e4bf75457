package corpus

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/otelsim/otelsim/pkg/corpus/arrivals"
)

// Arrivals is how iterations arrive when it is not one every interval: see
// package arrivals. Rates are in iterations per second, in steps of a millionth.
type Arrivals struct {
	Kind   string         `json:"kind"`             // "poisson", "pace" of what is late, or "day" and "week" of a curve
	Rate   float64        `json:"rate,omitempty"`   // without a curve; none: one in options.interval on average
	Curve  []ArrivalPoint `json:"curve,omitempty"`  // of "day" and "week": by time, on straight lines between points
	Bursts []ArrivalBurst `json:"bursts,omitempty"` // on top of that

	Late     []ArrivalLate `json:"late,omitempty"`     // of what comes at a pace, the least first; none: by chance
	Together uint64        `json:"together,omitempty"` // so many are due at once; none: one
}

// ArrivalLate is by how much some iterations are later than the pace.
type ArrivalLate struct {
	By     float64 `json:"by"` // up to so many times the mean distance of iterations
	Weight float64 `json:"weight"`
}

// ArrivalPoint is the rate at a time of day, or of the week from Monday on, in UTC.
type ArrivalPoint struct {
	At   Duration `json:"at"`
	Rate float64  `json:"rate"`
}

// ArrivalBurst is a stretch of each window since the start of the run, in which
// factor - 1 times the mean rate is added.
type ArrivalBurst struct {
	Every    Duration `json:"every"`
	Duration Duration `json:"duration"`
	Factor   float64  `json:"factor"`
	At       Duration `json:"at"`               // since the start of the window
	Random   bool     `json:"random,omitempty"` // the seed says where in the window; at is 0
}

const (
	kindPoisson = "poisson"
	kindPace    = "pace"
	kindDay     = "day"
	kindWeek    = "week"
)

// ArrivalsOf returns a model as a header has it, nil for none.
func ArrivalsOf(m *arrivals.Model) *Arrivals {
	if m == nil {
		return nil
	}
	out := &Arrivals{Kind: kindPoisson, Rate: decimal(m.Rate), Together: m.Together}
	switch {
	case m.Period == arrivals.Day:
		out.Kind = kindDay
	case m.Period == arrivals.Week:
		out.Kind = kindWeek
	case len(m.Late) > 0:
		out.Kind = kindPace
	}
	for _, p := range m.Points {
		out.Curve = append(out.Curve, ArrivalPoint{Duration(p.At), decimal(p.Rate)})
	}
	for _, l := range m.Late {
		out.Late = append(out.Late, ArrivalLate{decimal(l.By), decimal(l.Weight)})
	}
	for _, b := range m.Bursts {
		out.Bursts = append(out.Bursts, ArrivalBurst{
			Every: Duration(b.Every), Duration: Duration(b.Duration), Factor: decimal(b.Factor), At: Duration(b.At), Random: b.Random,
		})
	}
	return out
}

// Model is the inverse of ArrivalsOf: nil for nil. The error says what no model
// can be.
func (a *Arrivals) Model() (*arrivals.Model, error) {
	if a == nil {
		return nil, nil
	}
	m := &arrivals.Model{Together: a.Together}
	switch a.Kind {
	case kindPoisson, kindPace:
		if some := len(a.Late) > 0; some != (a.Kind == kindPace) {
			return nil, fmt.Errorf("kind is %s with %d of late: want some of pace and none of poisson", a.Kind, len(a.Late))
		}
	case kindDay:
		m.Period = arrivals.Day
	case kindWeek:
		m.Period = arrivals.Week
	default:
		return nil, fmt.Errorf("kind is %s: want poisson, pace, day or week", quoted(a.Kind))
	}
	var errs []error
	number := func(v float64, most uint64) uint64 {
		n, ok := toMillionths(v, most)
		if !ok {
			errs = append(errs, fmt.Errorf("%g is not a number of millionths up to %s", v, arrivals.Decimal(most)))
		}
		return n
	}
	m.Rate = number(a.Rate, arrivals.MaxRate)
	for _, p := range a.Curve {
		m.Points = append(m.Points, arrivals.Point{At: time.Duration(p.At), Rate: number(p.Rate, arrivals.MaxRate)})
	}
	for _, l := range a.Late {
		m.Late = append(m.Late, arrivals.Late{By: number(l.By, arrivals.MaxLate), Weight: number(l.Weight, arrivals.MaxRate)})
	}
	for _, b := range a.Bursts {
		m.Bursts = append(m.Bursts, arrivals.Burst{
			Every: time.Duration(b.Every), Duration: time.Duration(b.Duration), Factor: number(b.Factor, arrivals.MaxFactor),
			At: time.Duration(b.At), Random: b.Random,
		})
	}
	if len(errs) > 0 {
		return nil, errs[0]
	}
	return m, m.Check()
}

// decimal returns millionths as the number that they are; toMillionths is its
// inverse, exact for all that models have.
func decimal(millionths uint64) float64 { return float64(millionths) / arrivals.Million }

func toMillionths(v float64, most uint64) (uint64, bool) {
	if !(v >= 0 && v <= decimal(most)) {
		return 0, false
	}
	n := uint64(math.Round(v * arrivals.Million))
	return n, decimal(n) == v
}

// String is what stands in the manifest.
func (a *Arrivals) String() string {
	if a == nil {
		return "constant"
	}
	data, err := json.Marshal(a)
	if err != nil {
		return err.Error() // a number that is none
	}
	return string(data)
}

// Curve returns the rate of the run over its time, nil of constant arrivals.
// place says where bursts are that the seed places.
func (h *Header) Curve(place func(burst int, window, slack uint64) uint64) (*arrivals.Curve, error) {
	m, err := h.Arrivals.Model()
	if m == nil || err != nil {
		return nil, err
	}
	return arrivals.New(m, arrivals.Run{Start: int64(h.Options.Start), Interval: time.Duration(h.Options.Interval), Place: place})
}

// Bursts as early and as late as they can be. The draws of a seed are not for
// this package, so times are bounded by both.
func earliestBurst(int, uint64, uint64) uint64         { return 0 }
func latestBurst(_ int, _ uint64, slack uint64) uint64 { return slack }

// checkArrivals returns what is wrong with arrivals other than constant ones. The
// start is known to be one.
func (h *Header) checkArrivals() error {
	if h.Arrivals == nil {
		return nil
	}
	o := &h.Options
	m, err := h.Arrivals.Model()
	switch {
	case err != nil:
		return fmt.Errorf("arrivals: %w", err)
	case o.Deviation != 0:
		return fmt.Errorf("interval_deviation is %v: want 0 with arrivals that are not constant", o.Deviation)
	case m.Rated() && o.Interval != 0:
		return fmt.Errorf("interval is %v: want 0 with arrivals that say how many there are", o.Interval)
	}
	late, err := h.Curve(latestBurst)
	if err != nil {
		return fmt.Errorf("arrivals: %w", err)
	}
	if _, ok := late.Reached(endOfBlock(o.Count)); !ok {
		return errors.New("arrivals are so few that the last iteration starts beyond " + Nanos(maxTime).String())
	}
	return nil
}

// endOfBlock rounds a count up to whole blocks.
func endOfBlock(count uint64) uint64 {
	return (count + arrivals.BlockIterations - 1) / arrivals.BlockIterations * arrivals.BlockIterations
}

// startsWithin returns when an iteration can start, by the header alone.
func (h *Header) startsWithin(iteration uint64) (earliest, latest Nanos, err error) {
	o := &h.Options
	if h.Arrivals == nil {
		earliest = o.Start + Nanos(iteration*uint64(o.Interval))
		return earliest, earliest + 2*Nanos(o.Deviation), nil
	}
	early, err := h.Curve(earliestBurst)
	if err != nil {
		return 0, 0, err
	}
	late, err := h.Curve(latestBurst)
	if err != nil {
		return 0, 0, err
	}
	first, _ := early.Reached(iteration / arrivals.BlockIterations * arrivals.BlockIterations)
	last, _ := late.Reached(endOfBlock(iteration + 1))
	return o.Start + Nanos(first), o.Start + Nanos(last), nil
}
