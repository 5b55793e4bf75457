// Package pipeline does numbered jobs on several workers and collects their results
// in order.
package pipeline

import (
	"cmp"
	"context"

	"golang.org/x/sync/errgroup"
)

// job is one unit of a pipeline. Its fields belong to the worker that took it
// until done is closed, then to the collector.
type job[T any] struct {
	index uint64
	value T
	err   error
	done  chan struct{}
}

// queuePerWorker is how many jobs may be finished or under way, per worker,
// before the oldest is collected. It bounds memory, not results.
const queuePerWorker = 4

// Ordered does n jobs on several workers and collects their results in the
// order of the jobs, in the calling goroutine. newWorker is called once per
// worker; what it returns is used by one goroutine.
//
// When a job or the collector fails, or ctx is done, no new job is started;
// those under way are finished and collected. The error is that of the first
// failed job or collection, in job order, else that of ctx.
func Ordered[T any](ctx context.Context, workers int, n uint64,
	newWorker func() (func(index uint64) (T, error), error),
	collect func(index uint64, value T) error,
) error {
	workers = max(1, min(workers, int(min(n, 1<<16))))
	stopping, stop := context.WithCancel(ctx)
	defer stop()
	var g errgroup.Group
	jobs := make(chan *job[T])
	queue := make(chan *job[T], queuePerWorker*workers)

	g.Go(func() error {
		defer close(queue)
		defer close(jobs)
		for i := range n {
			// A select alone would choose at random between work and the end.
			if stopping.Err() != nil {
				return ctx.Err()
			}
			j := &job[T]{index: i, done: make(chan struct{})}
			select {
			case jobs <- j:
				queue <- j
			case <-stopping.Done():
				return ctx.Err()
			}
		}
		return nil
	})
	for range workers {
		g.Go(func() error {
			work, err := newWorker()
			for j := range jobs {
				// The end of ctx may be seen here before it is where jobs are handed out.
				if j.err = cmp.Or(err, ctx.Err()); j.err == nil {
					j.value, j.err = work(j.index)
				}
				if j.err != nil {
					stop()
				}
				close(j.done)
			}
			return nil
		})
	}

	var first error
	for j := range queue {
		<-j.done
		err := j.err
		if err == nil {
			err = collect(j.index, j.value)
		}
		if err != nil && first == nil {
			first = err
			stop()
		}
	}
	if err := g.Wait(); first == nil {
		first = err
	}
	return first
}
