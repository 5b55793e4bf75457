package pipeline

import (
	"context"

	"golang.org/x/sync/errgroup"
)

// streamed is a value of a stream; done has room for one, so that it serves the same
// value again and again.
type streamed[T any] struct {
	value T
	done  chan struct{}
}

// Stream has several workers work on values that come one after the other, and
// collects them in the order in which they came, in the calling goroutine. There
// are a few values for each worker, made by newValue and used again and again.
//
// produce runs in a goroutine of its own. It calls hand to exchange a value that it
// has filled for a free one, and gets the first with nil; the value that it has in
// hand when it returns is dropped. newWorker is called once per worker; what it
// returns is used by one goroutine.
//
// When collect fails, or ctx is done, hand returns the error of a context that is
// done, and what was handed over is worked on and, without collect, dropped. The
// error is that of collect, else that of produce.
func Stream[T any](ctx context.Context, workers int, newValue func() T,
	produce func(ctx context.Context, hand func(filled *T) (free T, err error)) error,
	newWorker func() func(T), collect func(T) error,
) error {
	workers = max(1, workers)
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	n := queuePerWorker * workers
	free, jobs, queue := make(chan *streamed[T], n), make(chan *streamed[T]), make(chan *streamed[T], n)
	for range n {
		free <- &streamed[T]{value: newValue(), done: make(chan struct{}, 1)}
	}
	var g errgroup.Group
	g.Go(func() error {
		defer close(queue)
		defer close(jobs)
		var current *streamed[T]
		return produce(ctx, func(filled *T) (T, error) {
			var none T
			if err := ctx.Err(); err != nil {
				return none, err
			}
			if filled != nil {
				current.value = *filled
				queue <- current // has room for all there are
				jobs <- current
			}
			select {
			case current = <-free:
				return current.value, nil
			case <-ctx.Done():
				return none, ctx.Err()
			}
		})
	})
	for range workers {
		g.Go(func() error {
			work := newWorker()
			for s := range jobs {
				work(s.value)
				s.done <- struct{}{}
			}
			return nil
		})
	}
	var first error
	for s := range queue {
		<-s.done
		if first == nil {
			if first = collect(s.value); first != nil {
				stop()
			}
		}
		free <- s
	}
	if err := g.Wait(); first == nil {
		first = err
	}
	return first
}
