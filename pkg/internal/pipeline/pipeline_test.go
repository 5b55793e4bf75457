package pipeline

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func TestOrderedCollectsInOrder(t *testing.T) {
	for _, workers := range []int{-1, 0, 1, 2, 7, 100} {
		synctest.Test(t, func(t *testing.T) {
			var got []uint64
			var running, most atomic.Int32
			work := func() (func(i uint64) (uint64, error), error) {
				return func(i uint64) (uint64, error) {
					most.Store(max(most.Load(), running.Add(1)))
					time.Sleep(time.Duration(i*7919%13) * time.Millisecond) // fake time
					running.Add(-1)
					return i * i, nil
				}, nil
			}
			err := Ordered(context.Background(), workers, 50, work, func(i, v uint64) error {
				if v != i*i {
					t.Errorf("job %d: got %d", i, v)
				}
				got = append(got, i)
				return nil
			})
			if err != nil || len(got) != 50 || !slices.IsSorted(got) {
				t.Errorf("%d workers: collected %v, %v", workers, got, err)
			}
			if m := int(most.Load()); m > max(workers, 1) || workers > 1 && workers < 50 && m != workers {
				t.Errorf("%d workers: %d at once", workers, m)
			}
		})
	}
}

func TestOrderedStops(t *testing.T) {
	bad := errors.New("bad")
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	for _, c := range []struct {
		what       string
		ctx        context.Context
		job, sink  uint64 // where it fails
		newWorker  error
		want       error
		atMostJobs uint64
	}{
		{"a job fails", context.Background(), 10, 1000, nil, bad, 30},
		{"the collector fails", context.Background(), 1000, 10, nil, bad, 40},
		{"no worker can be had", context.Background(), 1000, 1000, bad, bad, 0},
		{"the context ends", ctx, 1000, 10, nil, context.Canceled, 40},
	} {
		t.Run(c.what, func(t *testing.T) {
			var started, collected atomic.Uint64
			work := func() (func(i uint64) (uint64, error), error) {
				return func(i uint64) (uint64, error) {
					started.Add(1)
					if i == c.job {
						return 0, fmt.Errorf("job %d: %w", i, bad)
					}
					return i, nil
				}, c.newWorker
			}
			err := Ordered(c.ctx, 3, 500, work, func(i, v uint64) error {
				collected.Add(1)
				if i == c.sink {
					cancel()
					if c.ctx != ctx {
						return bad
					}
				}
				return nil
			})
			if !errors.Is(err, c.want) {
				t.Errorf("got %v, want %v", err, c.want)
			}
			if n := started.Load(); n > c.atMostJobs {
				t.Errorf("%d jobs were started, want at most %d", n, c.atMostJobs)
			}
			failed := uint64(0)
			if c.job < 500 {
				failed = 1
			}
			if s, k := started.Load(), collected.Load(); s != k+failed && c.newWorker == nil {
				t.Errorf("%d jobs were started, %d collected: what is done must not be lost", s, k)
			}
		})
	}
}

// TestOrderedStartsNothingAfterTheEnd: the context is done, and it takes a while until all that
// are derived from it are.
func TestOrderedStartsNothingAfterTheEnd(t *testing.T) {
	for range 50 {
		ctx, cancel := context.WithCancel(context.Background())
		for range 2000 {
			_, stop := context.WithCancel(ctx)
			defer stop()
		}
		work := func() (func(i uint64) (uint64, error), error) {
			return func(i uint64) (uint64, error) {
				if ctx.Err() != nil {
					t.Errorf("job %d is started after the end", i)
				}
				if i == 1 {
					go cancel()
					<-ctx.Done()
				}
				return i, nil
			}, nil
		}
		if err := Ordered(ctx, 1, 3, work, func(uint64, uint64) error { return nil }); err != context.Canceled {
			t.Errorf("got %v", err)
		}
	}
}
