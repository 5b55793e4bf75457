package pipeline

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
)

// stream sends 0 to n-1 through Stream as slices of one number, which the workers
// square.
func stream(ctx context.Context, workers, n int, collect func(int) error) error {
	return Stream(ctx, workers, func() []int { return make([]int, 0, 1) },
		func(_ context.Context, hand func(*[]int) ([]int, error)) error {
			v, err := hand(nil)
			for i := 0; i < n && err == nil; i++ {
				v = append(v[:0], i)
				v, err = hand(&v)
			}
			return err
		},
		func() func([]int) { return func(v []int) { v[0] *= v[0] } },
		func(v []int) error { return collect(v[0]) })
}

func TestStreamCollectsInOrder(t *testing.T) {
	for _, workers := range []int{0, 1, 3, 16} {
		next := 0
		err := stream(t.Context(), workers, 1000, func(v int) error {
			if v != next*next {
				t.Fatalf("%d workers: got %d, want %d squared", workers, v, next)
			}
			next++
			return nil
		})
		if err != nil || next != 1000 {
			t.Errorf("%d workers: %d collected, error %v", workers, next, err)
		}
	}
}

func TestStreamEndsWithTheFirstError(t *testing.T) {
	broken := errors.New("broken")
	calls := 0
	err := stream(t.Context(), 3, 1000, func(v int) error {
		if calls++; v == 100 {
			return broken
		}
		return nil
	})
	if !errors.Is(err, broken) || calls != 11 {
		t.Errorf("got %v after %d calls, want the error of the collector, after 11", err, calls)
	}

	err = Stream(t.Context(), 2, func() int { return 0 },
		func(_ context.Context, hand func(*int) (int, error)) error {
			if _, err := hand(nil); err != nil {
				return err
			}
			return broken
		},
		func() func(int) { return func(int) {} }, func(int) error { return nil })
	if !errors.Is(err, broken) {
		t.Errorf("got %v, want the error of the producer", err)
	}
}

func TestStreamStopsWhenItsContextIsDone(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	var seen atomic.Int64
	err := stream(ctx, 2, 1<<30, func(int) error {
		if seen.Add(1) == 50 {
			cancel()
		}
		return nil
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want that the context was cancelled", err)
	}
}
