package judge

import (
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// at is a time of the run, in ms after its start.
func at(ms int) int64 { return 1767225600e9 + int64(ms)*1e6 }

// ran is a run of 10 seconds, a request of 10 items every 10 ms, in which those
// that lost says had losses.
func ran(lost func(ms int) uint64) *losses {
	l := &losses{}
	for ms := 0; ms < 10_000; ms += 10 {
		l.began(otlp.SignalTraces, at(ms))
		l.began(otlp.SignalLogs, at(ms)) // which arrived
		for range 10 {
			l.sent(at(ms))
		}
		if n := lost(ms); n > 0 {
			r := l.request(request{at: at(ms), number: uint64(ms)})
			for range n {
				l.lost(at(ms), r)
			}
		}
	}
	return l
}

func TestSummary(t *testing.T) {
	between := func(from, to int) func(int) uint64 {
		return func(ms int) uint64 {
			if ms >= from && ms < to {
				return 10
			}
			return 0
		}
	}
	for _, row := range []struct {
		want string
		lost func(ms int) uint64
	}{
		{"all of the losses are in 3 requests in a row, sent from 00:00:04 to 00:00:04.020", between(4000, 4030)},
		{"all of the losses are in 2 requests in a row, sent from 00:00:09.980 to 00:00:09.990, the last of the run", between(9980, 10000)},
		{"all of the losses are in 1 request, sent at 00:00:05", between(5000, 5010)},
		{"90 % of the losses are in 90 requests in a row, sent from 00:00:02 to 00:00:02.890",
			func(ms int) uint64 {
				if ms >= 2000 && ms < 2900 {
					return 10
				}
				if ms >= 7000 && ms < 8000 && ms%100 == 0 {
					return 10
				}
				return 0
			}},
		{"the losses are in 100 requests, sent from 00:00:00 to 00:00:09.900, all over the run", func(ms int) uint64 {
			if ms%100 == 0 {
				return 1
			}
			return 0
		}},
		{"all of the losses are in 10 requests between others that arrived, sent from 00:00:04 to 00:00:04.900", func(ms int) uint64 {
			if ms >= 4000 && ms < 5000 && ms%100 == 0 {
				return 10
			}
			return 0
		}},
	} {
		if got := ran(row.lost).result(ClockSent).Summary; got != row.want {
			t.Errorf("got %q, want %q", got, row.want)
		}
	}
	if got := ran(func(ms int) uint64 { return uint64(1 - min(ms%2000, 1)) }).result(ClockCorpus).Summary; !strings.HasSuffix(got, "all over the run") {
		t.Errorf("got %q", got)
	}
	apart := &losses{}
	for i := range 10 {
		apart.sent(at(i * 1000))
		apart.began(otlp.SignalTraces, at(i*1000))
		if i == 3 || i == 5 {
			apart.lost(at(i*1000), apart.request(request{at: at(i * 1000), number: 2 + uint64(i/5)}))
		}
	}
	if got := apart.result(ClockCorpus).Summary; got != "all of the losses are in 2 requests in a row, of the corpus' time from 00:00:03 to 00:00:05" {
		t.Errorf("got %q", got)
	}
	var none losses
	if none.result(ClockSent) != nil {
		t.Error("no losses have a time")
	}
}

// TestLossesJoin: what is told does not depend on how the run was cut into
// segments, and its memory is bounded.
func TestLossesJoin(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		span := 1 + rng.Int64N(1<<(10+rng.IntN(40)))
		parts := make([]*losses, 1+rng.IntN(8))
		for i := range parts {
			parts[i] = &losses{}
		}
		alone, n, lost := &losses{}, 1+rng.IntN(100), uint64(0)
		for range n {
			when, gone := at(0)+rng.Int64N(span), rng.IntN(3) == 0
			for _, l := range []*losses{alone, parts[rng.IntN(len(parts))]} {
				l.sent(when)
				if gone {
					l.lost(when, l.request(request{at: when}))
				}
			}
			if gone {
				lost++
			}
		}
		joined := &losses{}
		for _, p := range parts {
			joined.join(p)
		}
		got, want := joined.result(ClockSent), alone.result(ClockSent)
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("got %+v, want %+v", got, want)
		}
		if got == nil {
			continue
		}
		var sum bucket
		for i, b := range got.Buckets {
			sum.sent, sum.lost = sum.sent+b.Sent, sum.lost+b.Lost
			if i > 0 && b.Start.Sub(got.Buckets[i-1].Start) != got.Width {
				t.Fatalf("a gap before %v", b.Start)
			}
		}
		if sum != (bucket{uint64(n), lost}) || len(got.Buckets) > maxBuckets || got.Requests != lost {
			t.Fatalf("%d buckets with %+v, %d requests, want %d and %d", len(got.Buckets), sum, got.Requests, n, lost)
		}
		if got.First.Before(got.Buckets[0].Start) || got.Last.After(got.Buckets[len(got.Buckets)-1].Start.Add(got.Width)) {
			t.Fatalf("losses from %v to %v in %v", got.First, got.Last, got.Buckets)
		}
	}
}

func TestManyRequests(t *testing.T) {
	l := &losses{}
	for i := range maxRequests + 10 {
		l.lost(at(i), l.request(request{at: at(i)}))
	}
	r := l.result(ClockCorpus)
	if r.Requests != maxRequests+10 || len(l.requests) != maxRequests || !strings.HasPrefix(r.Summary, "the losses are in 65,546 requests") {
		t.Errorf("got %+v", r)
	}
	if r.Last != time.Unix(0, at(maxRequests+9)).UTC() {
		t.Errorf("got %v", r.Last)
	}
}
