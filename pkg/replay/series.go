package replay

import (
	"math"
	"math/bits"
	"slices"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// Series is what happened over the time of a run: buckets of one width, the
// first at the start of the run. Their number is bounded however long a run is.
type Series struct {
	Width   time.Duration // of a bucket
	Buckets []Bucket

	// First sends and due times of records, since the start of the run.
	FirstDue, LastDue   time.Duration
	FirstSent, LastSent time.Duration

	// FromDue, FromSend and Lateness are the distributions of the whole run
	// by rising quantile, the last one the maximum; empty without a record.
	FromDue, FromSend, Lateness []Quantile
}

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
// firstWidth and doubles whenever the run outgrows them, so that between half
// of them and all are in use.
const (
	numCells   = 192
	firstWidth = time.Millisecond
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

// observe counts the latency of one answered record.
func (c *cell) observe(d time.Duration) {
	v := min(max(uint64(max(d, 0)), 1<<cellLow), 1<<cellHigh-1)
	octave := bits.Len64(v) - 1
	step := v >> (octave - bits.Len(cellSteps-1)) & (cellSteps - 1)
	c.latency[uint64(octave-cellLow)*cellSteps+step]++
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
		octave, step := i/cellSteps, i%cellSteps
		low := int64(cellSteps+step) << (octave + cellLow) / cellSteps
		return min(low+int64(1)<<(octave+cellLow)/(2*cellSteps), c.Max)
	}
	return c.Max
}

// cells are a series in the making.
type cells struct {
	width               time.Duration
	firstDue, lastDue   time.Duration
	firstSent, lastSent time.Duration
	all                 [numCells]cell
}

func newCells() *cells {
	return &cells{width: firstWidth, firstDue: math.MaxInt64, firstSent: math.MaxInt64}
}

// at returns the cell of a time since the start of the run. What it returned
// before is another cell after a call with a later time.
func (s *cells) at(t time.Duration) *cell {
	t = max(t, 0)
	for t/s.width >= numCells {
		s.widen()
	}
	return &s.all[t/s.width]
}

// widen doubles the width.
func (s *cells) widen() {
	s.width *= 2
	for i := range numCells / 2 {
		if i > 0 {
			s.all[i] = s.all[2*i]
		}
		s.all[i].add(&s.all[2*i+1])
	}
	clear(s.all[numCells/2:])
}

// record enters one finished record.
func (s *cells) record(o *outcome, records Ledger) {
	s.firstDue, s.lastDue = min(s.firstDue, o.due), max(s.lastDue, o.due)
	s.firstSent, s.lastSent = min(s.firstSent, o.sent), max(s.lastSent, o.sent)
	end := s.at(o.done) // first, since it is the latest
	end.Accepted += records.Accepted
	end.Rejected += records.Rejected
	end.Failed += records.Failed
	end.Unknown += records.Unknown
	s.at(o.sent).Sent.add(Count{1, o.items})
	due := s.at(o.due)
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
	for i := range s.all {
		s.all[i].add(&other.all[i])
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

// buckets returns the finished series, and nil when nothing was recorded.
func (s *cells) buckets(records uint64) *Series {
	length, busy := s.used()
	if length == 0 {
		return nil
	}
	for length > fewBuckets && uint64(busy)*enoughRecords > records {
		s.widen()
		length, busy = s.used()
	}
	out := &Series{Width: s.width, Buckets: make([]Bucket, length),
		FirstDue: s.firstDue, LastDue: s.lastDue, FirstSent: s.firstSent, LastSent: s.lastSent}
	for i := range out.Buckets {
		c := &s.all[i]
		if c.Answered > 0 {
			c.P50, c.P99 = c.quantile(0.5), c.quantile(0.99)
		}
		out.Buckets[i] = c.Bucket
	}
	return out
}

// series merges the series of all counters, after the workers have ended. It is nil
// without a record, and when Options did not ask for one.
func (r *run) series(records uint64) *Series {
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
	if sum == nil {
		return nil
	}
	return sum.buckets(records)
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
	for _, b := range h.CumulativeDistributionWithTicks(ticksPerHalf) {
		all = append(all, Quantile{min(b.Quantile/100, 1), min(b.ValueAt, h.Max())})
	}
	return slices.CompactFunc(all, func(a, b Quantile) bool { return a == b })
}
