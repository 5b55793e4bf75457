package replay

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
)

func failing(wait time.Duration, r Result) func(uint64, int) (Result, time.Duration) {
	r.Class, r.Reason = Retryable, "grpc Unavailable"
	return func(uint64, int) (Result, time.Duration) { return r, wait }
}

func TestRetriesStayInTheirWindow(t *testing.T) {
	for _, row := range []struct {
		why      string
		retry    Result
		o        Options
		min, max int // attempts
	}{
		{"no retry: one attempt", Result{}, Options{NoRetry: true}, 1, 1},
		{"the receiver's wish is longer than the window", Result{RetryAfter: time.Minute}, Options{}, 1, 1},
		{"the receiver's wish is the wait", Result{RetryAfter: 9 * time.Second}, Options{}, 4, 4},
		// Waits average half of 0.1 .. 3.2 s, then 2.5 s: about 15 in 30 s. A wait
		// that would end after the window is not begun.
		{"backoff with full jitter", Result{}, Options{}, 8, 40},
		{"a short window", Result{}, Options{RetryFor: time.Second}, 2, 20},
	} {
		t.Run(row.why, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFake(failing(0, row.retry))
				row.o.Pacer, row.o.Transport = Unpaced{}, f
				rep := replay(t, t.Context(), &fakeSource{records: 1, batch: 1}, row.o)
				if n := len(f.sent); n < row.min || n > row.max {
					t.Errorf("got %d attempts, want %d to %d", n, row.min, row.max)
				}
				window := row.o.RetryFor
				if window == 0 {
					window = DefaultRetryFor
				}
				if took := f.sent[len(f.sent)-1].at; took > window {
					t.Errorf("last attempt at %v, after the window of %v", took, window)
				}
				if rep.Records.Failed != 1 || rep.LostRecords != 1 {
					t.Errorf("got %+v, want one failed", rep.Records)
				}
				if row.retry.RetryAfter == 9*time.Second && f.sent[1].at < 9*time.Second {
					t.Errorf("sent again at %v, before the 9s that the receiver asked for", f.sent[1].at)
				}
			})
		})
	}
}

func TestAReceiverThatComesBackGetsEverything(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		f := newFake(func(uint64, int) (Result, time.Duration) {
			if d := time.Since(start); d > time.Second && d < 11*time.Second {
				return Result{Class: Retryable, Reason: "grpc Unavailable", Throttled: true}, 0
			}
			return Result{}, 0
		})
		rep := replay(t, t.Context(), &fakeSource{records: 500, batch: 50}, Options{Pacer: perSecond(100), Transport: f})
		if rep.Records.Accepted != 500 || rep.Records.Retried == 0 || rep.Records.Throttled != rep.Records.Retried {
			t.Errorf("got %+v, want all accepted, some of them throttled and retried", rep.Records)
		}
	})
}

func TestAnAttemptEndsAtItsTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hang := func(n uint64, attempt int) (Result, time.Duration) {
			if attempt == 0 {
				return Result{}, 24 * time.Hour
			}
			return Result{}, 0
		}
		f := newFake(hang)
		start := time.Now()
		rep := replay(t, t.Context(), &fakeSource{records: 3, batch: 3},
			Options{Pacer: perSecond(1), Transport: f, Timeouts: timeouts(5 * time.Second), MaxInFlight: 2})
		if rep.Records.Accepted != 3 || rep.Reasons[0] != (Reason{Outcome: "retried", Reason: "timeout", Records: 3, Items: 3}) {
			t.Errorf("got %+v, %+v, want three retried after a timeout", rep.Records, rep.Reasons)
		}
		if took := time.Since(start); took > 11*time.Second {
			t.Errorf("took %v, want two timeouts one after the other and little more", took)
		}
	})
}

// The first signal stops the schedule. What is in flight gets its answer, and
// what waits to be sent again does not wait any longer.
func TestAStopFinishesWhatIsInFlight(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		f := newFake(func(n uint64, _ int) (Result, time.Duration) {
			if n%2 == 1 {
				return Result{Class: Retryable, Reason: "http 503", RetryAfter: 20 * time.Second}, 0
			}
			return Result{}, 3 * time.Second
		})
		start := time.Now()
		time.AfterFunc(time.Second, cancel)
		rep := replay(t, ctx, &fakeSource{records: 1000, batch: 10},
			Options{Pacer: Constant{PerSecond(10), UnitRecords}, Transport: f, Duration: time.Hour})
		if !rep.Interrupted {
			t.Error("not reported as interrupted")
		}
		// Records 0 to 9 were due before one second; 10 is due with the stop.
		if d := rep.Records.Due; d < 10 || d > 11 || rep.Records.Failed != 5 {
			t.Errorf("got %+v, want 10 or 11 due, 5 failed", rep.Records)
		}
		if took := time.Since(start); took > 4*time.Second {
			t.Errorf("took %v, want the second before the stop and at most one answer", took)
		}
	})
}

func TestAStopWhileTheInFlightLimitIsReached(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		f := newFake(took(time.Hour))
		rep := replay(t, ctx, &fakeSource{records: 1000, batch: 10},
			Options{Pacer: Unpaced{}, Transport: f, MaxInFlight: 3, Timeouts: timeouts(8 * time.Second)})
		if rep.Records.Due != 3 || rep.Records.Unknown != 3 || rep.Duration != 8 {
			t.Errorf("got %+v after %v s, want the three in flight unknown at their timeout", rep.Records, rep.Duration)
		}
	})
}

func TestAStopBeforeTheStart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		rep := replay(t, ctx, &fakeSource{records: 10, batch: 1}, Options{Pacer: Unpaced{}, Transport: newFake(took(0))})
		if rep.Records.Due > 1 || !rep.Interrupted {
			t.Errorf("got %+v", rep.Records)
		}
	})
}

func TestStatusIsShownUntilTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var seen []Status
		rep := replay(t, t.Context(), &fakeSource{records: 41, batch: 10}, Options{Pacer: perSecond(10), Transport: newFake(took(0)),
			Status: func(s Status) { seen = append(seen, s) }})
		last := seen[len(seen)-1]
		if len(seen) < 4 || last.Records != rep.Records {
			t.Errorf("got %d glances, the last %+v; want one a second and the report's %+v at the end", len(seen), last.Records, rep.Records)
		}
	})
}
