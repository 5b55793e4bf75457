package arrivals

import (
	"math/bits"
	"time"
)

// Load returns the rate at a time since the start of the run, in nanoseconds,
// relative to the mean rate, in millionths: Million is the mean, twice that is
// twice as many arrivals. The mean is that of the model without bursts, over a
// whole period, so that a burst of factor 8 over an even rate is a load of 8
// millions. Of constant arrivals, which a nil Curve stands for, it is always
// Million. It is a function of the time alone: what other iterations do is never
// looked at. Durations that grow with the load, and metrics of instances that
// follow it, ask here.
func (c *Curve) Load(since uint64) uint64 {
	if c == nil {
		return Million
	}
	load := uint64(Million)
	if c.pieces != nil {
		// rate / (total / period), with as many bits of total as can divide.
		n, d := product(c.rate(since), Million).times(c.period), c.total
		shift := uint(bits.Len64(d.hi))
		d = wide{0, d.hi<<(64-shift) | d.lo>>shift}
		n = wide{n.hi >> shift, n.hi<<(64-shift) | n.lo>>shift}
		q, _ := n.over(d.lo)
		load = q.lo
	}
	for i := range c.bursts {
		if c.on(&c.bursts[i], since) {
			load += c.bursts[i].factor
		}
	}
	return load
}

// PerSecond returns the rate at a time since the start of the run, bursts
// included: millionths of an iteration per second, rounded down. A nil Curve has
// none to tell: it is 0.
func (c *Curve) PerSecond(since uint64) uint64 {
	if c == nil {
		return 0
	}
	if c.pieces != nil {
		sum := c.rate(since)
		for i := range c.bursts {
			if c.on(&c.bursts[i], since) {
				sum += c.bursts[i].extra
			}
		}
		return sum
	}
	sum := wide{0, c.num}
	for i := range c.bursts {
		if c.on(&c.bursts[i], since) {
			sum = sum.plus(wide{0, c.bursts[i].extra})
		}
	}
	q, _ := sum.over(c.den)
	return q.lo
}

// rate returns the height of the line at a time, in units per nanosecond.
func (c *Curve) rate(since uint64) uint64 {
	t := (c.phase + since) % c.period
	p := c.pieceAt(t)
	u := t - p.from
	if p.last >= p.first {
		q, _ := product(p.last-p.first, u).over(p.length)
		return p.first + q.lo
	}
	return p.first - product(p.first-p.last, u).ceil(p.length).lo
}

// on reports whether a burst is on.
func (c *Curve) on(b *burst, t uint64) bool {
	begins := c.begins(b, t/b.every)
	into := t % b.every
	return into >= begins && into-begins < b.duration
}

// Longest returns a bound of how long it can take, before end, until so many
// iterations have passed: it is at most a thousandth of the period too long.
// Bursts only make it shorter. Times are nanoseconds since the start of the run.
func (c *Curve) Longest(iterations, end uint64) uint64 {
	m := product(iterations, unitsPerIteration)
	even := *c
	even.bursts = nil
	if c.pieces == nil {
		t, _ := even.find(m)
		return min(t+1, end)
	}
	const cells = 1024
	longest, cell := uint64(0), min(c.period, end)/cells+1
	for i := range uint64(cells) {
		// Whatever begins in the cell has passed m when what begins at its end has.
		t, _ := even.find(even.passed(min((i+1)*cell, c.limit)).plus(m))
		longest = max(longest, min(t+1, end)-min(i*cell, end))
	}
	return longest
}

// MostLoad bounds what Load can return in any run of the model: what grows with
// the load is bounded by it. A nil Model is that of constant arrivals.
func (m *Model) MostLoad() uint64 {
	if m == nil {
		return Million
	}
	c, err := New(m, Run{Interval: time.Second, Place: func(int, uint64, uint64) uint64 { return 0 }})
	if err != nil {
		return Million // there is no run of it
	}
	c.bursts, c.phase = nil, 0
	most := c.Load(0)
	for i := range c.pieces { // lines are highest at an end of theirs, which is where another begins
		most = max(most, c.Load(c.pieces[i].from))
	}
	for i := range m.Bursts { // they may fall together
		most += m.Bursts[i].Factor - Million
	}
	return most
}
