package replay

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// The schedule begins at the instant that was asked for, whatever the clock: every
// record goes when it is due from there.
func TestARunBeginsWhenItIsTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(took(time.Millisecond))
		planned := time.Now().Add(7300*time.Millisecond + 1)
		var waits []time.Duration
		src := &fakeSource{records: 100, batch: 10}
		rep := replay(t, t.Context(), src, Options{Pacer: perSecond(100), Transport: f, StartAt: planned.UTC(),
			Status: func(s Status) {
				if s.Waits > 0 {
					waits = append(waits, s.Waits)
				} else if s.Elapsed < 0 {
					t.Errorf("a status of %v", s.Elapsed)
				}
			}})
		for i, s := range f.sent {
			if want := planned.Sub(f.start) + time.Duration(i)*10*time.Millisecond; s.at != want {
				t.Fatalf("record %d was sent after %v, want %v", i, s.at, want)
			}
		}
		if !rep.Start.Equal(planned) || !rep.StartPlanned.Equal(planned) || !rep.StartActual.Equal(planned) || rep.Interrupted || rep.Records.Accepted != 100 {
			t.Errorf("start %v, planned %v, actual %v, want %v; %+v", rep.Start, rep.StartPlanned, rep.StartActual, planned, rep.Records)
		}
		if len(waits) < 7 || !slices.IsSortedFunc(waits, func(a, b time.Duration) int { return int(b - a) }) {
			t.Errorf("waits were %v", waits)
		}
		var b bytes.Buffer
		if err := rep.WriteText(&b); err != nil || !strings.Contains(b.String(), "start      planned 2000-01-01T00:00:07.300000001Z, actual 2000-01-01T00:00:07.300000001Z, 0s after") {
			t.Errorf("%v: %s", err, b.String())
		}
	})
}

func TestAStartThatHasPassedIsRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(took(0))
		for _, at := range []time.Time{time.Now(), time.Now().Add(-time.Hour)} {
			rep, err := Run(t.Context(), &fakeSource{records: 10, batch: 3}, Options{Pacer: perSecond(100), Transport: f, StartAt: at})
			if rep != nil || !errors.Is(err, ErrInput) || !errors.Is(err, ErrPassed) || len(f.sent) > 0 {
				t.Errorf("%v: got %+v, %v, %d sent", at, rep, err, len(f.sent))
			}
		}
	})
}

func TestAWaitForTheStartIsInterrupted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithTimeout(t.Context(), 5*time.Second)
		defer stop()
		began := time.Now()
		f := newFake(took(0))
		rep, err := Run(ctx, &fakeSource{records: 10, batch: 3}, Options{Pacer: perSecond(100), Transport: f, StartAt: began.Add(1e6 * time.Hour)})
		if err != nil || !rep.Interrupted || rep.Records.Due != 0 || len(f.sent) > 0 || time.Since(began) != 5*time.Second {
			t.Errorf("got %+v, %v, after %v", rep, err, time.Since(began))
		}
		if rep.StartPlanned.IsZero() || !rep.StartActual.IsZero() || !rep.End.Equal(rep.Start) {
			t.Errorf("planned %v, actual %v, %v to %v", rep.StartPlanned, rep.StartActual, rep.Start, rep.End)
		}
	})
}
