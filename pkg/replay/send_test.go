package replay

import (
	"context"
	"math"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// clinger is a transport that goes on using the context of an attempt after Send
// has returned, as net/http does that dials for whoever comes next, and as the
// goroutines of a request do that was given up.
type clinger struct {
	others sync.WaitGroup
	answer time.Duration
}

func (k *clinger) Send(ctx context.Context, _ otlp.Signal, _ []byte) Result {
	first, _ := ctx.Deadline()
	k.others.Go(func() {
		child, cancel := context.WithCancel(context.WithoutCancel(ctx))
		defer cancel()
		for range 10 {
			time.Sleep(time.Millisecond)
			_ = child.Value(k) // net/http asks for its trace like this
			if d, _ := ctx.Deadline(); d != first {
				panic("a context's deadline moved")
			}
		}
		select {
		case <-ctx.Done():
		case <-time.After(time.Minute):
			panic("a context lives on when its attempt is over")
		}
	})
	select {
	case <-time.After(k.answer):
		return Result{}
	case <-ctx.Done():
		return Result{Class: Retryable, Reason: "canceled", Open: true}
	}
}

func (k *clinger) Close() error { return nil }

// The real clock: with -race the accesses meet.
func TestAContextBelongsToOneAttempt(t *testing.T) {
	for why, answer := range map[string]time.Duration{"answers in time": 0, "attempts time out": time.Minute} {
		k := &clinger{answer: answer}
		rep := replay(t, t.Context(), &fakeSource{records: 50, batch: 10}, Options{Pacer: Unpaced{}, Transport: k,
			MaxInFlight: 5, NoRetry: true, Timeouts: timeouts(2 * time.Millisecond)})
		k.others.Wait()
		if got := rep.Records.Due; got != 50 {
			t.Errorf("%s: got %d records due, want 50", why, got)
		}
	}
}

// panicking panics on every third request.
type panicking struct {
	mu sync.Mutex
	n  int
}

func (p *panicking) Send(context.Context, otlp.Signal, []byte) Result {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.n++; p.n%3 == 0 {
		panic("upset\x1b[31m")
	}
	return Result{}
}

func (p *panicking) Close() error { return nil }

func TestAPanicOfTheTransportIsAFailedRecord(t *testing.T) {
	rep := replay(t, t.Context(), &fakeSource{records: 30, batch: 3}, Options{Pacer: Unpaced{}, Transport: &panicking{}})
	if rep.Records.Accepted != 20 || rep.Records.Failed != 10 || len(rep.Reasons) != 1 {
		t.Fatalf("got %+v, %+v; want 10 of 30 failed", rep.Records, rep.Reasons)
	}
	r := rep.Reasons[0]
	if r.Reason != "panic" || !strings.HasPrefix(r.Message, `upset\x1b[31m, at `) || !strings.Contains(r.Message, "panicking") {
		t.Errorf("got %+v, want what it was and where", r)
	}
}

func TestAPanicOfTheSourceEndsWithAReport(t *testing.T) {
	src := &fakeSource{records: 30, batch: 10, items: func(i int) uint64 {
		if i >= 20 {
			panic("bad record")
		}
		return 1
	}}
	rep, err := Run(t.Context(), src, Options{Pacer: Unpaced{}, Transport: newFake(took(0))})
	if err == nil || !strings.Contains(err.Error(), "bad record") || rep.Records.Accepted != 20 {
		t.Errorf("got %v, %+v; want the panic as error and 20 accepted", err, rep)
	}
}

func TestAPayloadThatPanicsIsAFailedRecord(t *testing.T) {
	src := &fakeSource{records: 4, batch: 4}
	w := newWorker(&run{Options: &Options{}, source: src}, 0)
	// A record whose places are beyond its payload is what no source makes.
	w.retimer = nil
	if _, _, err := w.rewrite(&job{Record: &Record{}}, nil); err == nil || !strings.Contains(err.Error(), "nil pointer") {
		t.Errorf("got %v, want the panic as error", err)
	}
	if _, _, err := w.rewrite(&job{Record: &Record{Items: 1}}, []byte{15<<3 | 1, 0, 0, 0, 0, 0, 0, 0, 0}); err != nil {
		t.Errorf("the record after it: %v", err)
	}
}

func TestNoTimeoutIsNoTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(took(40 * time.Hour))
		rep := replay(t, t.Context(), &fakeSource{records: 2, batch: 2},
			Options{Pacer: Unpaced{}, Transport: f, Timeouts: timeouts(NoTimeout)})
		if rep.Records.Accepted != 2 {
			t.Errorf("got %+v, want both accepted after 40 hours", rep.Records)
		}
	})
}

func TestAStopEndsAttemptsWithoutATimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		start := time.Now()
		time.AfterFunc(time.Minute, cancel)
		rep := replay(t, ctx, &fakeSource{records: 2, batch: 2},
			Options{Pacer: Unpaced{}, Transport: newFake(took(40 * time.Hour)), Timeouts: timeouts(NoTimeout)})
		if took := time.Since(start); took != time.Minute+DefaultTimeout {
			t.Errorf("took %v, want the minute before the stop and %v", took, DefaultTimeout)
		}
		if rep.Records.Unknown != 2 || rep.Reasons[0].Reason != "interrupted" || !rep.Interrupted {
			t.Errorf("got %+v, %+v; want both interrupted", rep.Records, rep.Reasons)
		}
	})
}

// A wait that a receiver asks for may be as long as a duration can be, and its
// answer may have taken a while.
func TestAWaitOfCenturiesIsNotWaitedFor(t *testing.T) {
	for _, wish := range []time.Duration{math.MaxInt64, math.MaxInt64 - time.Second, 9223372036 * time.Second} {
		synctest.Test(t, func(t *testing.T) {
			f := newFake(failing(2*time.Second, Result{RetryAfter: wish}))
			start := time.Now()
			rep := replay(t, t.Context(), &fakeSource{records: 1, batch: 1}, Options{Pacer: Unpaced{}, Transport: f, RetryFor: 5 * time.Second})
			if took := time.Since(start); took > 2*time.Second || rep.Records.Due != 1 {
				t.Errorf("%v: took %v, %+v; want the answer's two seconds", wish, took, rep.Records)
			}
		})
	}
}
