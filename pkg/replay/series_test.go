package replay

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// randomOutcome is a finished record within the first length of a run.
func randomOutcome(r *rand.Rand, length time.Duration) outcome {
	o := outcome{due: time.Duration(r.Int64N(int64(length))), items: r.Uint64N(50)}
	o.sent = o.due + time.Duration(r.ExpFloat64()*1e6)
	o.done = o.sent + time.Duration(r.ExpFloat64()*20e6)
	o.retries = r.Uint64N(2)
	o.Class = Class(r.Uint64N(4))
	o.Rejected = 1
	return o
}

// sums adds up all buckets.
func sums(s *Series) (sum Bucket) {
	for _, b := range s.Buckets {
		sum.Due.add(b.Due)
		sum.Sent.add(b.Sent)
		sum.Accepted += b.Accepted
		sum.Rejected += b.Rejected
		sum.Failed += b.Failed
		sum.Late += b.Late
		sum.Retried += b.Retried
		sum.Answered += b.Answered
		sum.Max = max(sum.Max, b.Max)
	}
	return sum
}

func TestASeriesLosesNothingHoweverLongTheRun(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, length := range []time.Duration{1, time.Millisecond, 191 * time.Millisecond, time.Second, time.Hour, 24 * time.Hour, 300 * 24 * time.Hour} {
		start := r.Int64N(int64(1000 * time.Hour))
		one, shards := newCells(start), []*cells{newCells(start), newCells(start), newCells(start)}
		var want Bucket
		for i := range 2000 {
			o := randomOutcome(r, length)
			if i == 0 {
				o.due = 0
			}
			records, _ := o.ledgers(DefaultLateAfter)
			one.record(&o, records, start)
			shards[r.IntN(len(shards))].record(&o, records, start)
			want.Due.add(Count{1, o.items})
			want.Accepted += records.Accepted
			want.Rejected += records.Rejected
			want.Failed += records.Failed
			want.Late += records.Late
			want.Retried += records.Retried
			if records.Failed == 0 {
				want.Answered++
				want.Max = max(want.Max, int64(o.done-o.due))
			}
		}
		want.Sent = want.Due
		for _, s := range shards[1:] {
			shards[0].merge(s)
		}
		got, merged := one.buckets(2000, start), shards[0].buckets(2000, start)
		if s := sums(got); s != want {
			t.Errorf("%v: got %+v, want %+v", length, s, want)
		}
		if !slices.Equal(got.Buckets, merged.Buckets) || got.Width != merged.Width || got.LastSent != merged.LastSent {
			t.Errorf("%v: merged shards differ from one", length)
		}
		if n := len(got.Buckets); n > numCells || n == 0 {
			t.Errorf("%v: %d buckets", length, n)
		}
	}
}

func TestSeriesOfDifferentWidthsMerge(t *testing.T) {
	var events []outcome
	for i := range 100 {
		at := time.Duration(i) * time.Millisecond
		events = append(events, outcome{due: at, sent: at, done: at}, outcome{due: 600 * at, sent: 600 * at, done: 600 * at})
	}
	one, short, long := newCells(0), newCells(0), newCells(0)
	for i, o := range events {
		one.record(&o, Ledger{Due: 1, Accepted: 1}, 0)
		[]*cells{short, long}[i%2].record(&o, Ledger{Due: 1, Accepted: 1}, 0)
	}
	want := one.buckets(200, 0)
	for _, order := range [][]*cells{{short, long}, {long, short}} {
		sum := *order[0]
		other := *order[1]
		sum.merge(&other)
		if got := sum.buckets(200, 0); got.Width != want.Width || !slices.Equal(got.Buckets, want.Buckets) {
			t.Errorf("got %d buckets of %v, want %d of %v", len(got.Buckets), got.Width, len(want.Buckets), want.Width)
		}
	}
}

func TestBucketsHoldEnoughToBeARate(t *testing.T) {
	s := newCells(0)
	const records = 600 // one a second
	for i := range records {
		o := outcome{due: time.Duration(i) * time.Second}
		o.sent, o.done = o.due, o.due
		s.record(&o, Ledger{Due: 1, Accepted: 1}, 0)
	}
	got := s.buckets(records, 0)
	if n := len(got.Buckets); n < fewBuckets || n > records/enoughRecords+1 {
		t.Errorf("%d buckets of %v for %d records", n, got.Width, records)
	}
}

// Quantiles of a cell are compared with those of the values themselves.
func TestQuantilesOfACellAreCloseToTheExactOnes(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 50 {
		var c cell
		values := make([]int64, 1+r.IntN(3000))
		for i := range values {
			values[i] = int64(2e3 * math.Exp(20*r.Float64()))
			c.observe(time.Duration(values[i]))
		}
		slices.Sort(values)
		for _, part := range []float64{0.5, 0.99, 1} {
			want := values[int(math.Ceil(part*float64(len(values))))-1]
			if got := c.quantile(part); math.Abs(float64(got-want)) > float64(want)/(2*cellSteps)+1 {
				t.Errorf("%v of %d values: got %d, want %d", part, len(values), got, want)
			}
		}
	}
	var c cell
	for _, d := range []time.Duration{-5, 0, 100 * 24 * time.Hour} {
		c.observe(d)
	}
	if got := c.quantile(0.5); got < 0 || got > 1<<cellLow*(cellSteps+1)/cellSteps {
		t.Errorf("the median of what is below the range is %d", got)
	}
}

// A run in fake time: the series says what the schedule and the receiver did.
func TestSeriesOfARun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(func(n uint64, _ int) (Result, time.Duration) {
			if n >= 500 {
				return Result{Class: Permanent, Reason: "http 400"}, time.Millisecond
			}
			return Result{}, 5 * time.Millisecond
		})
		src := &fakeSource{records: 1000, batch: 100, items: func(int) uint64 { return 3 },
			signal: func(i int) otlp.Signal { return otlp.Signal(i % 3) }}
		rep := replay(t, t.Context(), src, Options{Pacer: perSecond(100), Transport: f, Series: true})
		s := rep.Series
		if s == nil {
			t.Fatal("no series")
		}
		for i, b := range s.Buckets[:len(s.Buckets)-1] {
			start := time.Duration(i) * s.Width
			want := uint64((start+s.Width-1)/(10*time.Millisecond) - (start-1)/(10*time.Millisecond))
			if i == 0 {
				want = uint64((s.Width-1)/(10*time.Millisecond)) + 1
			}
			if b.Due.Records != want || b.Sent != b.Due || b.Due.Items != 3*want {
				t.Errorf("bucket %d of %v: got %+v, want %d records due and sent", i, s.Width, b, want)
			}
			if b.Answered > 0 && (b.Max != 5e6 || b.P50 < 48e5 || b.P50 > 5e6) {
				t.Errorf("bucket %d: latencies %d and %d, want 5 ms", i, b.P50, b.Max)
			}
		}
		if sum := sums(s); sum.Accepted != 500 || sum.Failed != 500 || sum.Answered != 500 {
			t.Errorf("got %+v", sum)
		}
		if s.LastDue != 9990*time.Millisecond || len(s.FromDue) == 0 || s.FromDue[len(s.FromDue)-1] != (Quantile{1, rep.FromDue.Max}) {
			t.Errorf("last due %v, distribution %v", s.LastDue, s.FromDue)
		}
	})
}

func TestNoSeriesUnlessAskedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		if s := realReport(t).Series; s != nil {
			t.Errorf("got %+v", s)
		}
	})
}
