package replay

import (
	"math"
	"math/bits"
	"slices"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// Series is what happened over the time of a run: buckets of one width, which begin
// at whole multiples of it since the Unix epoch, so that those of several machines
// stand beside each other; the run starts in the first. Their number is bounded
// however long a run is.
type Series struct {
	Width   time.Duration // of a bucket
	Lead    time.Duration // from the beginning of the first bucket to the start of the run, below Width
	Buckets []Bucket

	// First sends and due times of records, since the start of the run.
	FirstDue, LastDue   time.Duration
	FirstSent, LastSent time.Duration

	// FromDue, FromSend and Lateness are the distributions of the whole run
	// by rising quantile, the last one the maximum; empty without a record.
	FromDue, FromSend, Lateness []Quantile
}

// From returns when bucket i begins, since the start of the run: that of the first
// one is not after it.
func (s *Series) From(i int) time.Duration { return time.Duration(i)*s.Width - s.Lead }

// Bucket counts what fell into one stretch of time.
type Bucket struct {
	Due, Sent Count // by due time; by the time of the first attempt

	// Records by the time at which they were finished.
	Accepted, Rejected, Failed, Unknown uint64
	// Records by due time, a second time.
	Late, Retried uint64

	// Latency from due, of answered records by their due time, so that a
	// receiver that stalls shows from when on it kept requests waiting. P50
	// and P99 are exact to 3 percent, in nanoseconds.
	Answered      uint64
	P50, P99, Max int64
}

// Count is a number of records and of the items in them.
type Count struct{ Records, Items uint64 }

func (c *Count) add(d Count) {
	c.Records += d.Records
	c.Items += d.Items
}

// Quantile is one point of a distribution: this part of the records, from 0
// to 1, took at most that many nanoseconds.
type Quantile struct {
	Part  float64 // from 0 to 1
	Nanos int64   // nanoseconds
}

// While a run lasts a series has numCells cells. Their width starts at
// firstWidth, a part of a second that halves and doubles exactly, and doubles
// whenever the run outgrows them, so that between half of them and all are in use,
// and the width is a function of the time from the start to the last event.
const (
	numCells   = 192
	firstWidth = time.Second / 512
)

// The latencies of a cell are counted in cellSteps classes for each power of
// two from 2^cellLow ns, a microsecond, to 2^cellHigh ns, more than an hour.
const (
	cellLow   = 10
	cellHigh  = 42
	cellSteps = 16
)

// cell is a bucket while the run lasts.
type cell struct {
	Bucket
	latency [(cellHigh - cellLow) * cellSteps]uint32
}

func (c *cell) add(d *cell) {
	c.Due.add(d.Due)
	c.Sent.add(d.Sent)
	c.Accepted += d.Accepted
	c.Rejected += d.Rejected
	c.Failed += d.Failed
	c.Unknown += d.Unknown
	c.Late += d.Late
	c.Retried += d.Retried
	c.Answered += d.Answered
	c.Max = max(c.Max, d.Max)
	if d.Answered == 0 {
		return
	}
	for i, n := range d.latency {
		c.latency[i] += n
	}
}

// classOf returns the class of a latency.
func classOf(d time.Duration) uint64 {
	v := min(max(uint64(max(d, 0)), 1<<cellLow), 1<<cellHigh-1)
	octave := bits.Len64(v) - 1
	step := v >> (octave - bits.Len(cellSteps-1)) & (cellSteps - 1)
	return uint64(octave-cellLow)*cellSteps + step
}

// classFloor returns the least latency of a class, in nanoseconds.
func classFloor(class int) int64 {
	return int64(cellSteps+class%cellSteps) << (class/cellSteps + cellLow) / cellSteps
}

// observe counts the latency of one answered record.
func (c *cell) observe(d time.Duration) {
	c.latency[classOf(d)]++
	c.Answered++
	c.Max = max(c.Max, int64(d))
}

// quantile returns the middle of the class that holds the given part of the
// records, at most the maximum.
func (c *cell) quantile(part float64) int64 {
	rank := uint64(math.Ceil(part * float64(c.Answered)))
	for i, n := range c.latency {
		if uint64(n) < rank {
			rank -= uint64(n)
			continue
		}
		return min(classFloor(i)+int64(1)<<(i/cellSteps+cellLow)/(2*cellSteps), c.Max)
	}
	return c.Max
}

// cells are a series in the making. Times are nanoseconds since the Unix epoch.
type cells struct {
	width               int64 // of a cell, in nanoseconds
	base                int64 // what the first cell is a multiple of the width
	firstDue, lastDue   int64
	firstSent, lastSent int64
	all                 [numCells]cell
}

// newCells returns cells for a run of that start.
func newCells(start int64) *cells {
	w := int64(firstWidth)
	return &cells{width: w, base: floorDiv(start, w), firstDue: math.MaxInt64, firstSent: math.MaxInt64,
		lastDue: math.MinInt64, lastSent: math.MinInt64}
}

// floorDiv returns the floor of a / b, with b over 0.
func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

// at returns the cell of a time, or the first for one before it. What it returned
// before is another cell after a call with a later time.
func (s *cells) at(t int64) *cell {
	for floorDiv(t, s.width)-s.base >= numCells {
		s.widen()
	}
	return &s.all[max(floorDiv(t, s.width)-s.base, 0)]
}

// widen doubles the width.
func (s *cells) widen() {
	next := floorDiv(s.base, 2)
	last := int64(0)
	for i := range int64(numCells) {
		to := floorDiv(s.base+i, 2) - next
		switch {
		case to == i:
		case to == last:
			s.all[to].add(&s.all[i])
		default:
			s.all[to] = s.all[i]
		}
		last = to
	}
	clear(s.all[last+1:])
	s.width, s.base = 2*s.width, next
}

// record enters one finished record, of a run of that start.
func (s *cells) record(o *outcome, records Ledger, start int64) {
	dueAt, sentAt := start+int64(o.due), start+int64(o.sent)
	s.firstDue, s.lastDue = min(s.firstDue, dueAt), max(s.lastDue, dueAt)
	s.firstSent, s.lastSent = min(s.firstSent, sentAt), max(s.lastSent, sentAt)
	end := s.at(start + int64(o.done)) // first, since it is the latest
	end.Accepted += records.Accepted
	end.Rejected += records.Rejected
	end.Failed += records.Failed
	end.Unknown += records.Unknown
	s.at(sentAt).Sent.add(Count{1, o.items})
	due := s.at(dueAt)
	due.Due.add(Count{1, o.items})
	due.Late += records.Late
	due.Retried += records.Retried
	if records.answered() {
		due.observe(o.done - o.due)
	}
}

// merge adds what another series holds, whose width it may change.
func (s *cells) merge(other *cells) {
	for s.width < other.width {
		s.widen()
	}
	for other.width < s.width {
		other.widen()
	}
	for {
		n, _ := s.used()
		m, _ := other.used()
		if max(s.base+int64(n), other.base+int64(m))-min(s.base, other.base) <= numCells {
			break
		}
		s.widen()
		other.widen()
	}
	if by := s.base - other.base; by > 0 {
		copy(s.all[by:], s.all[:])
		clear(s.all[:by])
		s.base = other.base
	}
	n, _ := other.used()
	for i := range other.all[:n] {
		s.all[other.base-s.base+int64(i)].add(&other.all[i])
	}
	s.firstDue, s.lastDue = min(s.firstDue, other.firstDue), max(s.lastDue, other.lastDue)
	s.firstSent, s.lastSent = min(s.firstSent, other.firstSent), max(s.lastSent, other.lastSent)
}

// used returns the number of cells up to the last one that holds something,
// and how many of them do.
func (s *cells) used() (length, busy int) {
	for i := range s.all {
		c := &s.all[i]
		if c.Due.Records+c.Sent.Records+c.Accepted+c.Rejected+c.Failed+c.Unknown > 0 {
			length, busy = i+1, busy+1
		}
	}
	return length, busy
}

// A bucket that holds hardly a record shows the grid and not the rate: buckets
// are made wider until those that hold any hold enough on average, or few are
// left.
const (
	enoughRecords = 16
	fewBuckets    = 12
)

// buckets returns the finished series of a run of that start, and nil when nothing
// was recorded. It may change the width.
func (s *cells) buckets(records uint64, start int64) *Series {
	length, busy := s.used()
	if length == 0 {
		return nil
	}
	for length > fewBuckets && uint64(busy)*enoughRecords > records {
		s.widen()
		length, busy = s.used()
	}
	since := func(t int64) time.Duration { return time.Duration(t - start) }
	out := &Series{Width: time.Duration(s.width), Lead: -since(s.base * s.width), Buckets: make([]Bucket, length),
		FirstDue: since(s.firstDue), LastDue: since(s.lastDue), FirstSent: since(s.firstSent), LastSent: since(s.lastSent)}
	for i := range out.Buckets {
		c := &s.all[i]
		if c.Answered > 0 {
			c.P50, c.P99 = c.quantile(0.5), c.quantile(0.99)
		}
		out.Buckets[i] = c.Bucket
	}
	return out
}

// timeline merges the cells of all counters, after the workers have ended. They are
// nil without a record, and when Options did not ask for a series.
func (r *run) timeline() *cells {
	var sum *cells
	for i := range r.counters {
		switch c := r.counters[i].cells; {
		case c == nil:
		case sum == nil:
			sum = c
		default:
			sum.merge(c)
		}
	}
	return sum
}

// ticksPerHalf is how many points of a distribution stand between a quantile
// and the one that is half as far from 1.
const ticksPerHalf = 8

// quantiles returns the distribution that a histogram holds.
func quantiles(h *hdrhistogram.Histogram) []Quantile {
	if h == nil || h.TotalCount() == 0 {
		return nil
	}
	var all []Quantile
	most := h.Max()
	for _, b := range h.CumulativeDistributionWithTicks(ticksPerHalf) {
		all = append(all, Quantile{min(b.Quantile/100, 1), min(b.ValueAt, most)})
	}
	return slices.CompactFunc(all, func(a, b Quantile) bool { return a == b })
}
