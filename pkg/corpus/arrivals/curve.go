package arrivals

import (
	"errors"
	"fmt"
	"math"
	"math/bits"
	"sort"
	"time"
)

// unitsPerIteration and BlockUnits count units of the integral: see the package.
const (
	unitsPerIteration = 1_000_000_000_000_000

	// BlockUnits is the integral over a block: draws are below it.
	BlockUnits = BlockIterations * unitsPerIteration
)

// Run is what a run adds to its Model.
type Run struct {
	Start    int64         // in nanoseconds since 1970, not negative
	Interval time.Duration // mean distance of iterations, above 0; for models that are not Rated
	// Place draws where in its window a burst that is placed at random begins:
	// uniform from 0 to slack, both included, and the same whenever it is asked for
	// the same burst, by its index, and window. It may be nil when there is none.
	Place func(burst int, window, slack uint64) uint64
}

// Curve is the rate of a run over its simulated time. It is immutable, and safe
// for concurrent use if Place is. A nil Curve is that of constant arrivals, as far as its load goes.
type Curve struct {
	num, den uint64 // units per nanosecond, as a fraction, when there are no pieces

	pieces []piece // of a period, by time
	period uint64
	total  wide   // units of a period
	phase  uint64 // into the period at the start of the run
	origin wide   // units of the period until then

	bursts []burst
	limit  uint64 // the latest time since the start of the run
	place  func(burst int, window, slack uint64) uint64

	together uint64 // due at once
	late     []Late // of what comes at a pace
	weights  uint64 // of late, together
}

// piece is a straight line of the rate.
type piece struct {
	from, length uint64 // nanoseconds of the period; length is even
	first, last  uint64 // units per nanosecond at its ends
	before       wide   // units of the period until it begins
}

type burst struct {
	every, duration, at uint64
	slack               uint64 // how much later than at it can begin
	factor              uint64 // millionths of the mean that it adds
	extra               uint64 // units per nanosecond, over den when there are no pieces
	index               int
}

// New returns the curve of a run. The error is for a model that Check refuses,
// and for what only the run tells: an interval of 0.
//
// How large numbers get, of which 128 bits are enough: times are below 2^63,
// rates at most 2^40 units per nanosecond, so integrals below 2^103; with an
// interval in place of a rate, below 2^50 x 2^63 before they are divided by it,
// and 2^60 x 2^63 for each of eight bursts.
func New(m *Model, r Run) (*Curve, error) {
	if err := m.Check(); err != nil {
		return nil, err
	}
	if r.Start < 0 {
		return nil, errors.New("start is before 1970")
	}
	c := &Curve{limit: uint64(math.MaxInt64 - r.Start), place: r.Place}
	c.pace(m)
	switch {
	case len(m.Points) > 0:
		c.points(m, r.Start)
	case m.Rate > 0:
		c.num, c.den = m.Rate, 1
	case r.Interval > 0:
		c.num, c.den = unitsPerIteration, uint64(r.Interval)
	default:
		return nil, fmt.Errorf("interval is %v: Poisson arrivals need one above 0", r.Interval)
	}
	for i := range m.Bursts {
		if err := c.burst(i, &m.Bursts[i], m.Rated()); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// monday is midnight of the first Monday after the epoch, in nanoseconds.
const monday = 4 * uint64(Day)

// points puts the lines of a period together: from midnight to midnight.
func (c *Curve) points(m *Model, start int64) {
	c.period = uint64(m.Period)
	n := len(m.Points)
	last, first := m.Points[n-1], m.Points[0]
	// Where the line from the last point to the first crosses midnight. Rounded to
	// whole units per nanosecond, which is what rates are given in.
	midnight := first.Rate
	if first.At > 0 {
		gap := uint64(m.Period-last.At) + uint64(first.At)
		q, _ := product(last.Rate, uint64(first.At)).plus(product(first.Rate, gap-uint64(first.At))).over(gap)
		midnight = q.lo
		c.line(0, uint64(first.At), midnight, first.Rate)
	}
	for i := 1; i < n; i++ {
		c.line(uint64(m.Points[i-1].At), uint64(m.Points[i].At), m.Points[i-1].Rate, m.Points[i].Rate)
	}
	c.line(uint64(last.At), c.period, last.Rate, midnight)
	// The period began with a Monday; where the run begins in it.
	c.phase = (uint64(start) + uint64(Week) - monday) % c.period
	c.origin = c.ofPeriod(c.phase)
}

// line appends a piece.
func (c *Curve) line(from, to, first, last uint64) {
	c.pieces = append(c.pieces, piece{from: from, length: to - from, first: first, last: last, before: c.total})
	c.total = c.total.plus(product(first+last, (to-from)/2))
}

func (c *Curve) burst(i int, b *Burst, rated bool) error {
	x := burst{every: uint64(b.Every), duration: uint64(b.Duration), at: uint64(b.At), factor: b.Factor - Million, index: i}
	if b.Random {
		x.slack = x.every - x.duration
		if c.place == nil {
			return fmt.Errorf("bursts[%d]: nobody says where it is", i)
		}
	}
	switch {
	case c.pieces != nil:
		q, _ := c.total.times(x.factor).over(c.period)
		q, _ = q.over(Million)
		x.extra = q.lo
	case rated:
		q, _ := product(c.num, x.factor).over(Million)
		x.extra = q.lo
	default:
		x.extra = x.factor * (unitsPerIteration / Million)
	}
	if x.extra == 0 {
		return fmt.Errorf("bursts[%d]: it adds less than a millionth of an iteration per second", i)
	}
	c.bursts = append(c.bursts, x)
	return nil
}

// passed returns the integral of the rate over the first nanoseconds of the
// run, rounded up to whole units: x units have been reached at t when passed(t)
// <= x, exactly.
func (c *Curve) passed(t uint64) wide {
	if c.pieces == nil {
		sum := product(c.num, t)
		for i := range c.bursts {
			sum = sum.plus(product(c.bursts[i].extra, c.busy(&c.bursts[i], t)))
		}
		return sum.ceil(c.den)
	}
	at := c.phase + t
	sum := c.total.times(at / c.period).plus(c.ofPeriod(at % c.period)).minus(c.origin)
	for i := range c.bursts {
		sum = sum.plus(product(c.bursts[i].extra, c.busy(&c.bursts[i], t)))
	}
	return sum
}

// ofPeriod returns the integral over the beginning of a period, rounded up.
func (c *Curve) ofPeriod(t uint64) wide {
	p := c.pieceAt(t)
	// The area below a line from first to last: u x (2 x length x first + (last -
	// first) x u) / (2 x length).
	u, double := t-p.from, 2*p.length
	height := product(double, p.first)
	if p.last >= p.first {
		height = height.plus(product(p.last-p.first, u))
	} else {
		height = height.minus(product(p.first-p.last, u))
	}
	return p.before.plus(height.productOver(u, double))
}

func (c *Curve) pieceAt(t uint64) *piece {
	return &c.pieces[sort.Search(len(c.pieces)-1, func(i int) bool { return c.pieces[i+1].from > t })]
}

// busy returns for how long the burst has been on in the first t nanoseconds.
func (c *Curve) busy(b *burst, t uint64) uint64 {
	window, into := t/b.every, t%b.every
	done := window * b.duration
	if begins := c.begins(b, window); into > begins {
		done += min(into-begins, b.duration)
	}
	return done
}

// begins returns where in a window the burst begins.
func (c *Curve) begins(b *burst, window uint64) uint64 {
	if b.slack == 0 {
		return b.at
	}
	return c.place(b.index, window, b.slack)
}

// Reached returns when the integral reaches a number of iterations, in
// nanoseconds since the start of the run, and whether that is before the end of
// time, in 2262. It is the start of block iterations / BlockIterations, or a
// bound of what comes before.
func (c *Curve) Reached(iterations uint64) (uint64, bool) {
	return c.find(product(iterations, unitsPerIteration))
}

// find returns the nanosecond in which the integral passes x units, the limit if
// it is not before.
func (c *Curve) find(x wide) (uint64, bool) {
	if !x.less(c.passed(c.limit)) {
		return c.limit, false
	}
	return c.search(x, bracket{hi: c.limit, above: c.passed(c.limit)}).lo, true
}

// Spread makes times of the draws of a block, in place: of sorted units below
// BlockUnits nanoseconds since the start of the run, sorted too. It allocates
// nothing. Times beyond the end of time become that.
func (c *Curve) Spread(block uint64, draws []uint64) {
	base := product(block, BlockUnits)
	b := bracket{hi: c.limit, above: c.passed(c.limit)}
	first, ok := c.find(base)
	if ok {
		b.lo, b.below = first, c.passed(first)
		if last, ok := c.find(base.plus(wide{0, BlockUnits})); ok {
			b.hi, b.above = last+1, c.passed(last+1)
		}
	}
	for i, u := range draws {
		x := base.plus(wide{0, u})
		if !x.less(b.above) {
			draws[i] = c.limit
			continue
		}
		found := c.search(x, b)
		b.lo, b.below = found.lo, found.below
		draws[i] = b.lo
	}
}

// bracket is a stretch of time with the integral at its ends.
type bracket struct {
	lo, hi       uint64
	below, above wide
}

// search narrows the bracket of x, below <= x < above, to one nanosecond: the
// one in which the integral passes x. It guesses by the mean rate of the bracket,
// which is right where the rate is even, and halves the bracket where it is not.
func (c *Curve) search(x wide, b bracket) bracket {
	for halve := false; b.hi-b.lo > 1; halve = !halve {
		guess := b.lo + (b.hi-b.lo)/2
		rise, up := b.above.minus(b.below), x.minus(b.below)
		if !halve && rise.hi == 0 {
			hi, lo := bits.Mul64(b.hi-b.lo, up.lo)
			step, _ := bits.Div64(hi, lo, rise.lo)
			guess = min(b.lo+step, b.hi-1)
		}
		c.narrow(x, &b, guess)
		switch {
		case halve || b.hi-b.lo <= 1:
		case b.lo == guess:
			c.narrow(x, &b, guess+1)
		default:
			c.narrow(x, &b, guess-1)
		}
	}
	return b
}

// narrow moves the end of the bracket to t at which t shows to be.
func (c *Curve) narrow(x wide, b *bracket, t uint64) {
	if t <= b.lo {
		return
	}
	if p := c.passed(t); x.less(p) {
		b.hi, b.above = t, p
	} else {
		b.lo, b.below = t, p
	}
}
