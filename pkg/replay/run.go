package replay

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

// Run replays src and returns the report of everything that was released.
//
// When ctx ends the schedule stops: what is in flight finishes its attempt,
// waits for no further retry, and is reported. An error is that of the source,
// found during the run; the report is valid beside it. There is none beside
// ErrPassed, since nothing was sent. Every goroutine that
// Run starts has ended when it returns.
func Run(ctx context.Context, src Source, o Options) (*Report, error) {
	if err := o.setDefaults(); err != nil {
		return nil, err
	}
	readCtx, stopReading := context.WithCancel(ctx)
	ahead := newPrefetcher(src, o.Laps, o.Pacer)
	var others sync.WaitGroup
	others.Go(func() { ahead.run(readCtx) })
	first := <-ahead.out // closed, and so empty, when ctx ended before

	// Time begins when there is something to send.
	r := &run{Options: &o, source: src, jobs: make(chan job), stop: ctx.Done()}
	waited, err := r.begin(ctx, first.err != nil)
	if err != nil {
		stopReading()
		others.Wait()
		return nil, err
	}
	err = r.beginLedger()
	r.flight = newFlight(o.MaxInFlight, o.MaxInFlightBytes)
	done := make(chan struct{})
	if o.Status != nil {
		others.Go(func() { r.observe(done) })
	}
	var forget context.CancelFunc
	r.grace, forget = r.graceAfter(ctx)
	defer forget()
	s := newSchedule(r)
	if err == nil && waited && (first.Batch != nil || first.err != nil) {
		err = s.execute(ctx, first, ahead.out)
	}
	stopReading()
	close(r.jobs)
	r.workers.Wait()
	close(done)
	others.Wait()

	rep := r.report(r.now(), s.complete, err)
	r.endLedger(rep, err)
	if err != nil {
		return rep, fmt.Errorf("replay %v: %w", src, err)
	}
	return rep, nil
}

// run is the state of one Run.
type run struct {
	*Options
	source Source
	start  time.Time // with its monotonic reading
	began  time.Time // when Options.StartAt was found to have come
	wall   int64     // start in nanoseconds since the Unix epoch
	stop   <-chan struct{}

	// grace is the context of attempts that have no timeout.
	grace context.Context

	// stoppedAt and released are times since the start: of the stop, 0 before,
	// and of the last record that was handed to a worker.
	stoppedAt, released atomic.Int64

	// jobs is unbuffered: a record that is handed over is in flight, and none
	// waits where nobody counts it.
	jobs    chan job
	flight  *flight
	workers sync.WaitGroup
	started int // workers; the scheduler's

	counters [numCounters]counters
	copies   copies

	lap firstLap // the scheduler's
}

// now returns the time since the start of the run.
func (r *run) now() time.Duration { return time.Since(r.start) }

// shard returns which shard the run is, by its options or by its source.
func (r *run) shard() Shard {
	if r.Shard.Of > 1 {
		return r.Shard
	}
	return ShardOf(r.source)
}

// job is a record on its way to a worker. The record is the batch's.
type job struct {
	*Record
	batch  *Batch
	lap    uint64
	due    time.Duration
	retime retime
	seat   seat // in the flight, until it is done
}

// release hands j, which is in flight, to a worker: an idle one, else a new one.
// When all have been started, one of them is about to be idle.
func (r *run) release(j job) {
	if r.Status != nil {
		r.released.Store(int64(r.now()))
	}
	select {
	case r.jobs <- j:
		return
	default:
	}
	if r.started < r.MaxInFlight {
		w := newWorker(r, r.started)
		r.started++
		r.workers.Go(func() { w.work(j) })
		return
	}
	r.jobs <- j
}

// observe calls Status until done.
func (r *run) observe(done <-chan struct{}) {
	t := time.NewTicker(r.StatusEvery)
	defer t.Stop()
	for {
		select {
		case <-t.C:
			r.Status(r.status())
		case <-done:
			r.Status(r.status())
			return
		}
	}
}
