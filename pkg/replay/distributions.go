package replay

import (
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// distributions are what of a report is not a sum: histograms, and the series.
// Nil ones are empty.
type distributions struct {
	lateness *hdrhistogram.Histogram
	signals  [otlp.NumSignals]struct{ fromDue, fromSend *hdrhistogram.Histogram }
	cells    *cells
}

// all returns the latencies of all signals.
func (d *distributions) all() (fromDue, fromSend *hdrhistogram.Histogram) {
	for i := range d.signals {
		merge(&fromDue, d.signals[i].fromDue)
		merge(&fromSend, d.signals[i].fromSend)
	}
	return fromDue, fromSend
}

// merge adds what other holds, which it may change.
func (d *distributions) merge(other *distributions) {
	merge(&d.lateness, other.lateness)
	for i := range d.signals {
		merge(&d.signals[i].fromDue, other.signals[i].fromDue)
		merge(&d.signals[i].fromSend, other.signals[i].fromSend)
	}
	switch {
	case other.cells == nil:
	case d.cells == nil:
		d.cells = other.cells
	default:
		d.cells.merge(other.cells)
	}
}

// Histogram is a distribution of nanoseconds: pairs of the least value of a bucket
// and how many are in it, by rising value, without the empty ones. Buckets are
// those of an HDR histogram of three digits from a microsecond to an hour; in a
// series, sixteen for each power of two.
type Histogram [][2]int64

func histogramOf(h *hdrhistogram.Histogram) (out Histogram) {
	if h == nil {
		return nil
	}
	for _, b := range h.Distribution() {
		if b.Count > 0 {
			out = append(out, [2]int64{b.From, b.Count})
		}
	}
	return out
}

var errHistogram = errors.New("a distribution that is none")

// each calls add with the buckets of h, after looking at them.
func (h Histogram) each(most int64, add func(value, n int64)) error {
	before, sum := int64(-1), int64(0)
	for _, b := range h {
		if b[0] <= before || b[0] > most || b[1] <= 0 || b[1] > math.MaxInt64/4-sum {
			return errHistogram
		}
		add(b[0], b[1])
		before, sum = b[0], sum+b[1]
	}
	return nil
}

// histogram is the inverse of histogramOf.
func (h Histogram) histogram() (*hdrhistogram.Histogram, error) {
	if len(h) == 0 {
		return nil, nil
	}
	out := newHistogram()
	err := h.each(longest, func(value, n int64) { _ = out.RecordValues(value, n) }) // within the range there is no error
	return out, err
}

// ExactSeries is what happened when: buckets of one width, which begin at whole
// multiples of it since the Unix epoch. The width is a second, halved or doubled
// some times.
type ExactSeries struct {
	Width     int64         `json:"width_ns"`
	First     int64         `json:"first_bucket"` // it begins at that many widths
	FirstDue  int64         `json:"first_due_ns"` // since the Unix epoch, as are the next three
	LastDue   int64         `json:"last_due_ns"`
	FirstSent int64         `json:"first_sent_ns"`
	LastSent  int64         `json:"last_sent_ns"`
	Buckets   []ExactBucket `json:"buckets"`
}

// ExactBucket is a Bucket with all that its latencies are worked out from.
type ExactBucket struct {
	Due       uint64    `json:"due,omitempty"`
	DueItems  uint64    `json:"due_items,omitempty"`
	Sent      uint64    `json:"sent,omitempty"`
	SentItems uint64    `json:"sent_items,omitempty"`
	Accepted  uint64    `json:"accepted,omitempty"`
	Rejected  uint64    `json:"rejected,omitempty"`
	Failed    uint64    `json:"failed,omitempty"`
	Unknown   uint64    `json:"unknown,omitempty"`
	Late      uint64    `json:"late,omitempty"`
	Retried   uint64    `json:"retried,omitempty"`
	Latency   Histogram `json:"latency_from_due,omitempty"`
	Max       int64     `json:"max,omitempty"` // of it, nanoseconds
}

// exactSeries returns what cells hold.
func exactSeries(s *cells) *ExactSeries {
	if s == nil {
		return nil
	}
	length, _ := s.used()
	t := &ExactSeries{Width: s.width, First: s.base, FirstDue: s.firstDue, LastDue: s.lastDue,
		FirstSent: s.firstSent, LastSent: s.lastSent, Buckets: make([]ExactBucket, length)}
	for i := range t.Buckets {
		c := &s.all[i]
		b := ExactBucket{Due: c.Due.Records, DueItems: c.Due.Items, Sent: c.Sent.Records, SentItems: c.Sent.Items,
			Accepted: c.Accepted, Rejected: c.Rejected, Failed: c.Failed, Unknown: c.Unknown, Late: c.Late, Retried: c.Retried, Max: c.Max}
		for class, n := range c.latency {
			if n > 0 {
				b.Latency = append(b.Latency, [2]int64{classFloor(class), int64(n)})
			}
		}
		t.Buckets[i] = b
	}
	return t
}

// cells is the inverse of exactSeries.
func (t *ExactSeries) cells() (*cells, error) {
	if t == nil {
		return nil, nil
	}
	steps := t.Width / int64(firstWidth)
	if steps < 1 || t.Width%int64(firstWidth) != 0 || steps&(steps-1) != 0 || len(t.Buckets) > numCells ||
		t.First < math.MinInt64/t.Width || t.First > math.MaxInt64/t.Width-numCells {
		return nil, fmt.Errorf("a series of %d buckets of %v: that is none", len(t.Buckets), time.Duration(t.Width))
	}
	s := &cells{width: t.Width, base: t.First, firstDue: t.FirstDue, lastDue: t.LastDue, firstSent: t.FirstSent, lastSent: t.LastSent}
	for i := range t.Buckets {
		b, c := &t.Buckets[i], &s.all[i]
		c.Bucket = Bucket{Due: Count{b.Due, b.DueItems}, Sent: Count{b.Sent, b.SentItems},
			Accepted: b.Accepted, Rejected: b.Rejected, Failed: b.Failed, Unknown: b.Unknown, Late: b.Late, Retried: b.Retried, Max: b.Max}
		over := false
		err := b.Latency.each(classFloor(len(c.latency)-1), func(value, n int64) {
			over = over || n > math.MaxUint32
			c.latency[classOf(time.Duration(value))] += uint32(n)
			c.Answered += uint64(n)
		})
		if err != nil || over {
			return nil, errHistogram
		}
	}
	return s, nil
}
