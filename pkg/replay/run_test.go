package replay

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

func perSecond(n uint64) Constant { return Constant{PerSecond(n), UnitRecords} }

// replay runs inside a bubble of fake time and returns the report. A goroutine
// that is left over fails the test by itself.
func replay(t *testing.T, ctx context.Context, src Source, o Options) *Report {
	t.Helper()
	var file bytes.Buffer
	if o.Ledger == nil {
		o.Ledger = newLedger(t, &file)
	}
	rep, err := Run(ctx, src, o)
	if err != nil {
		t.Fatal(err)
	}
	checkLedger(t, rep)
	if file.Len() > 0 {
		checkLines(t, &file, rep)
	}
	return rep
}

func checkLedger(t *testing.T, rep *Report) {
	t.Helper()
	for _, l := range []Ledger{rep.Records, rep.Items} {
		if text := addsUp(l); text != "" {
			t.Error(text)
		}
	}
	var records, items Ledger
	for _, s := range rep.Signals {
		records.add(s.Records)
		items.add(s.Items)
	}
	if records != rep.Records || items != rep.Items {
		t.Errorf("signals add up to %+v, %+v, want %+v, %+v", records, items, rep.Records, rep.Items)
	}
}

func TestRecordsAreSentExactlyWhenDue(t *testing.T) {
	odd := func(i int) uint64 { return uint64(1 + i%3) }
	for _, p := range []Pacer{
		perSecond(3), perSecond(1000), Constant{PerSecond(7), UnitItems},
		Ramp{PerSecond(50), UnitRecords, 3 * time.Second}, Timeline{PerSecond(2)}, Unpaced{},
	} {
		t.Run(p.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFake(took(0))
				rep := replay(t, t.Context(), &fakeSource{records: 100, batch: 7, items: odd}, Options{Pacer: p, Transport: f})
				items := uint64(0)
				for i := range 100 {
					n := uint64(i)
					switch p.Unit() {
					case UnitItems:
						n = items
					case UnitRecorded:
						n = uint64(i) * uint64(time.Millisecond)
					}
					items += odd(i)
					if got, want := f.sent[i], (sent{uint64(i), p.Due(n)}); p != (Unpaced{}) && got != want {
						t.Fatalf("record %d: got %v, want %v", i, got, want)
					}
				}
				if rep.Records.Due != 100 || rep.Items.Due != items || rep.Records.Accepted != 100 || rep.Records.Late != 0 {
					t.Errorf("got %+v, %+v, want 100 records and %d items accepted in time", rep.Records, rep.Items, items)
				}
			})
		})
	}
}

// Twelve hours at a rate whose interval is no whole number of nanoseconds: the
// last record goes exactly when the schedule says.
func TestALongRunDoesNotDrift(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(took(time.Millisecond))
		rate, _ := ParseRate("0.7")
		p := Constant{rate, UnitRecords}
		rep := replay(t, t.Context(), &fakeSource{records: 30_000, batch: 1000}, Options{Pacer: p, Transport: f})
		if got, want := f.sent[29_999].at, p.Due(29_999); got != want {
			t.Errorf("last record: got %v, want %v", got, want)
		}
		if diff := rep.AchievedRPS/0.7 - 1; diff > 1e-9 || diff < -1e-9 {
			t.Errorf("achieved %v records/s, want 0.7", rep.AchievedRPS)
		}
	})
}

// With room for one record, a receiver that stalls on the first makes the next
// ones late. They go as soon as there is room, none is dropped, and when the
// backlog is gone the schedule is where it would have been.
func TestTheScheduleCatchesUpAfterAStall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(func(n uint64, _ int) (Result, time.Duration) {
			if n == 0 {
				return Result{}, time.Second
			}
			return Result{}, 0
		})
		p := perSecond(10)
		rep := replay(t, t.Context(), &fakeSource{records: 20, batch: 20},
			Options{Pacer: p, Transport: f, MaxInFlight: 1})
		for i, s := range f.sent {
			want := max(p.Due(uint64(i)), time.Second)
			if i == 0 {
				want = 0
			}
			if s.at != want || s.record != uint64(i) {
				t.Errorf("send %d: got record %d at %v, want at %v", i, s.record, s.at, want)
			}
		}
		// Records 1 to 9 were due at 100 to 900 ms.
		if rep.Records.Late != 9 || rep.Records.Accepted != 20 {
			t.Errorf("got %+v, want 20 accepted, 9 of them late", rep.Records)
		}
		if got := time.Duration(rep.Lateness.Max); got < 899*time.Millisecond || got > 901*time.Millisecond {
			t.Errorf("greatest lateness: got %v, want 900ms", got)
		}
		// The first answer took a second; the second record waited 900 ms for it.
		if got := time.Duration(rep.FromDue.Max); got < 999*time.Millisecond || got > 1001*time.Millisecond {
			t.Errorf("greatest latency from due: got %v, want 1s", got)
		}
		if got := time.Duration(rep.FromSend.P90); got > time.Microsecond {
			t.Errorf("p90 of latency from send: got %v, want none", got)
		}
	})
}

func TestASlowReceiverDoesNotSlowTheSchedule(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(took(time.Second))
		p := perSecond(100)
		rep := replay(t, t.Context(), &fakeSource{records: 300, batch: 64}, Options{Pacer: p, Transport: f})
		for i, s := range f.sent {
			if s.at != p.Due(uint64(i)) {
				t.Fatalf("record %d sent at %v, want %v", i, s.at, p.Due(uint64(i)))
			}
		}
		if f.most < 100 || f.most > 101 || rep.Records.Late != 0 {
			t.Errorf("got %d in flight, %d late; want 100 in flight (100/s for 1 s), none late", f.most, rep.Records.Late)
		}
	})
}

func TestTheInFlightLimitHolds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(took(time.Second))
		rep := replay(t, t.Context(), &fakeSource{records: 100, batch: 8},
			Options{Pacer: perSecond(1000), Transport: f, MaxInFlight: 10})
		if f.most != 10 || len(f.sent) != 100 {
			t.Errorf("got %d in flight and %d sends, want 10 and 100", f.most, len(f.sent))
		}
		unpaced := replay(t, t.Context(), &fakeSource{records: 100, batch: 8},
			Options{Pacer: Unpaced{}, Transport: newFake(took(time.Second)), MaxInFlight: 10})
		if unpaced.Records.Late != 0 || unpaced.Duration != 10 {
			t.Errorf("unpaced: got %+v in %v s, want none late in 10 s", unpaced.Records, unpaced.Duration)
		}
		if rep.Records.Late != 90 {
			t.Errorf("got %d late, want 90: all but the first ten", rep.Records.Late)
		}
	})
}

// For any behaviour of the receiver: every record is accounted once, in records
// and in items, and the receiver saw every attempt that the report counts.
func TestTheLedgerAddsUp(t *testing.T) {
	for seed := range uint64(30) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { checkRandomReceiver(t, seed) })
		})
	}
}

func checkRandomReceiver(t *testing.T, seed uint64) {
	answer := func(n uint64, attempt int) (Result, time.Duration) {
		r := rand.New(rand.NewPCG(seed, n<<8|uint64(attempt)))
		wait := time.Duration(r.Int64N(int64(3 * time.Second)))
		switch r.IntN(6) {
		case 0:
			return Result{Class: Permanent, Reason: "http 400", Message: "no"}, wait
		case 1:
			return Result{Class: Partial, Rejected: r.Int64N(8), Reason: "partial"}, wait
		case 2, 3:
			return Result{Class: Retryable, Reason: "http 503", Throttled: r.IntN(2) == 0,
				RetryAfter: time.Duration(r.Int64N(int64(4 * time.Second)))}, wait
		}
		return Result{}, wait
	}
	f := newFake(answer)
	rep := replay(t, t.Context(), &fakeSource{
		records: 400, batch: 32,
		items:  func(i int) uint64 { return uint64(i % 6) },
		signal: func(i int) otlp.Signal { return otlp.Signal(i % 3) },
	}, Options{Pacer: perSecond(200), Transport: f, MaxInFlight: 20, Timeouts: timeouts(2 * time.Second),
		RetryFor: 6 * time.Second, JitterSeed: seed})
	if rep.Records.Due != 400 || rep.Sends != uint64(len(f.sent)) {
		t.Errorf("got %d records and %d sends, want 400 and %d", rep.Records.Due, rep.Sends, len(f.sent))
	}
	retried := uint64(0)
	for _, n := range f.attempts {
		if n > 1 {
			retried++
		}
	}
	if len(f.attempts) != 400 || rep.Records.Retried != retried {
		t.Errorf("got %d records seen and %d retried, want 400 and %d", len(f.attempts), rep.Records.Retried, retried)
	}
	sums := map[string]uint64{}
	for _, x := range rep.Reasons {
		sums[x.Outcome] += x.Records
		sums[x.Outcome+" items"] += x.Items
	}
	if sums["failed"] != rep.Records.Failed || sums["unknown"] != rep.Records.Unknown || sums["rejected"] != rep.Records.Rejected ||
		sums["retried"] != rep.Sends-rep.Records.Due ||
		sums["failed items"]+sums["unknown items"]+sums["rejected items"] != rep.LostItems {
		t.Errorf("reasons %v do not add up to %+v, %+v", sums, rep.Records, rep.Items)
	}
	if rep.Records.Failed == 0 || rep.Records.Rejected == 0 || rep.Records.Throttled == 0 {
		t.Errorf("the receiver did not misbehave: %+v", rep.Records)
	}
}

func TestALedgerThatDoesNotAddUpIsSeen(t *testing.T) {
	for _, l := range []Ledger{{Due: 2, Accepted: 1}, {Due: 1, Accepted: 1, Failed: 1}, {Due: 1, Accepted: 1, Unknown: 1}, {Late: 1}} {
		if addsUp(l) == "" {
			t.Errorf("%+v passes", l)
		}
	}
}

func TestLapsAndDuration(t *testing.T) {
	for _, row := range []struct {
		why      string
		o        Options
		batch    int
		sends    int
		rewinds  int
		complete bool
	}{
		{"one lap is the default", Options{}, 4, 10, 1, true},
		{"laps repeat the source", Options{Laps: 3}, 4, 30, 3, true},
		{"a lap of one batch is read once", Options{Laps: 3}, 10, 30, 1, true},
		{"a duration alone loops: 100/s for 250 ms", Options{Duration: 250 * time.Millisecond}, 4, 25, 3, true},
		{"a duration ends a lap early", Options{Laps: 1, Duration: 50 * time.Millisecond}, 4, 5, 1, true},
		{"laps end before the duration does", Options{Laps: 2, Duration: time.Hour}, 4, 20, 2, true},
	} {
		t.Run(row.why, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFake(took(0))
				src := &fakeSource{records: 10, batch: row.batch}
				row.o.Pacer, row.o.Transport = perSecond(100), f
				rep := replay(t, t.Context(), src, row.o)
				if len(f.sent) != row.sends || rep.Interrupted == row.complete {
					t.Errorf("got %d sends, interrupted %v; want %d, %v", len(f.sent), rep.Interrupted, row.sends, !row.complete)
				}
				// Reading runs ahead, so one more lap may have been begun.
				if src.rewinds < row.rewinds || src.rewinds > row.rewinds+1 {
					t.Errorf("got %d rewinds, want %d", src.rewinds, row.rewinds)
				}
				for i, s := range f.sent {
					if want := perSecond(100).Due(uint64(i)); s.record != uint64(i%10) || s.at != want {
						t.Fatalf("send %d: got %v, want record %d at %v", i, s, i%10, want)
					}
				}
			})
		})
	}
}

func TestShardsTogetherAreTheWholeRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var all []sent
		for i := range uint64(3) {
			f := newFake(took(0))
			rep := replay(t, t.Context(), &fakeSource{records: 100, batch: 9},
				Options{Pacer: perSecond(60), Transport: f, Shard: Shard{i, 3}, Laps: 2})
			if rep.Shard == "" || rep.TargetRPS != 20 {
				t.Errorf("shard %q at %v/s, want 20/s", rep.Shard, rep.TargetRPS)
			}
			all = append(all, f.sent...)
		}
		slices.SortFunc(all, func(a, b sent) int { return int(a.at - b.at) })
		for i, s := range all {
			if want := (sent{uint64(i % 100), perSecond(60).Due(uint64(i))}); s != want {
				t.Fatalf("send %d: got %v, want %v", i, s, want)
			}
		}
		if len(all) != 200 {
			t.Errorf("got %d sends, want 200", len(all))
		}
	})
}

func TestDamageFoundDuringTheRunEndsIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(took(time.Second))
		rep, err := Run(t.Context(), &fakeSource{records: 100, batch: 10, failAt: 3}, Options{Pacer: perSecond(100), Transport: f})
		if err == nil || err.Error() != "replay fake: digest mismatch" {
			t.Fatalf("got error %v", err)
		}
		checkLedger(t, rep)
		if rep.Records.Accepted != 30 {
			t.Errorf("got %+v, want the 30 records before the damage accepted", rep.Records)
		}
	})
}

func TestASourceWithoutRecordsIsAnError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, err := Run(t.Context(), &fakeSource{}, Options{Pacer: Unpaced{}, Transport: newFake(took(0)), Duration: time.Hour})
		if err == nil {
			t.Fatal("no error, and it would loop for an hour")
		}
	})
}

func TestParseShard(t *testing.T) {
	for _, in := range []string{"", "1", "3/3", "-1/3", "1/0", "1/2/3", "a/b", "1/ 2", "01/2"} {
		if s, err := ParseShard(in); err == nil {
			t.Errorf("ParseShard(%q): got %v, want an error", in, s)
		}
	}
	if s, err := ParseShard("1k/1e4"); err != nil || s != (Shard{1000, 10_000}) {
		t.Errorf("got %v, %v", s, err)
	}
	if s, err := ParseShard("2/3"); err != nil || s != (Shard{2, 3}) {
		t.Errorf("got %v, %v", s, err)
	}
}
