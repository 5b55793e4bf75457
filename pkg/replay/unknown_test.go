package replay

import (
	"testing"
	"testing/synctest"
	"time"
)

// What is not known to be lost is not called so, and neither is it called sent.
func TestWhatGotNoAnswerIsUnknown(t *testing.T) {
	open := Result{Class: Retryable, Reason: "connection lost", Open: true}
	unsent := Result{Class: Retryable, Reason: "connection refused", Unsent: true}
	busy := Result{Class: Retryable, Reason: "http 503"}
	bad := Result{Class: Permanent, Reason: "http 400"}
	for _, row := range []struct {
		why     string
		answers []Result // of one attempt after the other; the last for all that follow
		want    Ledger
	}{
		{"no answer", []Result{open}, Ledger{Due: 1, Unknown: 1, Retried: 1}},
		{"never sent", []Result{unsent}, Ledger{Due: 1, Failed: 1, Retried: 1}},
		{"sent once, and nobody there since", []Result{open, unsent}, Ledger{Due: 1, Unknown: 1, Retried: 1}},
		{"refused for a while", []Result{busy}, Ledger{Due: 1, Failed: 1, Retried: 1}},
		{"refused for a while, after an attempt that may have arrived", []Result{open, busy}, Ledger{Due: 1, Unknown: 1, Retried: 1}},
		{"judged in the end", []Result{open, bad}, Ledger{Due: 1, Failed: 1, Retried: 1}},
		{"taken in the end", []Result{open, {}}, Ledger{Due: 1, Accepted: 1, Retried: 1}},
		{"an answer that nobody can read", []Result{{Class: Unknown, Reason: "unreadable answer"}}, Ledger{Due: 1, Unknown: 1}},
		{"a stream that ended in an error, which is no answer", []Result{{Class: Permanent, Reason: "grpc Internal", Open: true}}, Ledger{Due: 1, Unknown: 1}},
	} {
		t.Run(row.why, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFake(func(_ uint64, attempt int) (Result, time.Duration) {
					return row.answers[min(attempt, len(row.answers)-1)], 0
				})
				rep := replay(t, t.Context(), &fakeSource{records: 1, batch: 1}, Options{Pacer: Unpaced{}, Transport: f, RetryFor: 2 * time.Second})
				if rep.Records != row.want {
					t.Errorf("got %+v, want %+v", rep.Records, row.want)
				}
				lost := row.want.Failed + row.want.Unknown
				if rep.LostRecords != lost || rep.LostItems != lost || (len(rep.Failures(nil)) > 0) != (lost > 0) {
					t.Errorf("got %d records and %d items lost, failures %q; want %d", rep.LostRecords, rep.LostItems, rep.Failures(nil), lost)
				}
				for expr, want := range map[string]bool{"unknown>0": row.want.Unknown > 0, "lost>0": lost > 0} {
					c, err := ParseCondition(expr)
					if err != nil {
						t.Fatal(err)
					}
					if holds, what := c.Holds(rep); holds != want {
						t.Errorf("%s holds: %v (%s), want %v", expr, holds, what, want)
					}
				}
			})
		})
	}
}

func TestWhatAReceiverSaysOfWhatItTakesIsTold(t *testing.T) {
	f := newFake(func(n uint64, _ int) (Result, time.Duration) {
		switch n {
		case 1:
			return Result{Reason: "warning", Message: "x is deprecated"}, 0
		case 2:
			return Result{Class: Partial, Rejected: 9, Reason: "partial success", Message: "all of it"}, 0
		}
		return Result{}, 0
	})
	rep := replay(t, t.Context(), &fakeSource{records: 4, batch: 4}, Options{Pacer: Unpaced{}, Transport: f})
	if rep.Records.Accepted != 3 || rep.Records.Rejected != 1 || rep.LostItems != 1 {
		t.Errorf("got %+v, %d items lost", rep.Records, rep.LostItems)
	}
	want := []Reason{
		{Outcome: "rejected", Reason: "partial success of more than was sent", Records: 1, Items: 1, Message: "all of it"},
		{Outcome: "warned", Reason: "warning", Records: 1, Items: 1, Message: "x is deprecated"},
	}
	if len(rep.Reasons) != 2 || rep.Reasons[0] != want[0] || rep.Reasons[1] != want[1] {
		t.Errorf("got %+v, want %+v", rep.Reasons, want)
	}
}

// Whoever waits is told how long that may take, and why.
func TestTheStatusSaysHowLongItMayTake(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(func(n uint64, attempt int) (Result, time.Duration) {
			return Result{Class: Retryable, Reason: "http 503", Message: "busy", RetryAfter: 20 * time.Second}, 3 * time.Second
		})
		var seen []Status
		replay(t, t.Context(), &fakeSource{records: 2, batch: 2}, Options{Pacer: Unpaced{}, Transport: f,
			Status: func(s Status) { seen = append(seen, s) }, Timeouts: timeouts(5 * time.Second)})
		first, fifth, last := seen[0], seen[4], seen[len(seen)-1]
		if first.InFlight != 2 || first.Within != 34*time.Second || first.Trouble != (Trouble{}) {
			t.Errorf("after 1 s: got %+v, want two in flight, done within the window and a timeout", first)
		}
		if want := (Trouble{3 * time.Second, "http 503", "busy"}); fifth.Trouble != want || fifth.Within != 30*time.Second {
			t.Errorf("after 5 s: got %+v, want %+v", fifth, want)
		}
		if last.InFlight != 0 || last.Within != 0 {
			t.Errorf("at the end: got %+v", last)
		}
	})
}
