package replay

import (
	"context"
	"errors"
	"fmt"
	"io"
)

// lapBatch is a batch of one lap, or the error that ends the reading.
type lapBatch struct {
	*Batch
	lap uint64
	err error
}

var errNoRecords = errors.New("no records")

// prefetcher runs ahead of the schedule.
type prefetcher struct {
	source Source
	laps   uint64 // 0: without limit
	pool   *batches
	out    chan lapBatch
}

func newPrefetcher(src Source, laps uint64, p Pacer) *prefetcher {
	return &prefetcher{source: src, laps: laps, pool: newBatches(p), out: make(chan lapBatch)}
}

// run sends the batches of all laps and closes out.
func (r *prefetcher) run(ctx context.Context) {
	defer close(r.out)
	for lap := uint64(0); r.laps == 0 || lap < r.laps; lap++ {
		only, err := r.lap(ctx, lap)
		if err != nil {
			r.send(ctx, lapBatch{lap: lap, err: err})
			return
		}
		if ctx.Err() != nil {
			return
		}
		if only != nil {
			r.repeat(ctx, only, lap+1)
			return
		}
	}
}

// repeat sends the only batch of a lap again for all laps that follow.
func (r *prefetcher) repeat(ctx context.Context, b *Batch, lap uint64) {
	for ; r.laps == 0 || lap < r.laps; lap++ {
		if !r.send(ctx, lapBatch{Batch: b, lap: lap}) {
			return
		}
	}
}

// lap sends the batches of one lap. When there is only one and more laps are
// to follow, it stays as it is for them, and lap returns it.
func (r *prefetcher) lap(ctx context.Context, lap uint64) (only *Batch, err error) {
	if err := r.source.Rewind(ctx); err != nil {
		if ctx.Err() != nil {
			return nil, nil
		}
		return nil, fmt.Errorf("lap %d: %w", lap, err)
	}
	first, err := r.next(ctx)
	if first == nil {
		if err == nil && ctx.Err() == nil {
			err = errNoRecords
		}
		return nil, err
	}
	b := first
	if r.laps != 1 { // otherwise the first need not wait for a second, which may take long to come
		second, err := r.next(ctx)
		first.kept = second == nil && err == nil
		if !r.send(ctx, lapBatch{Batch: first, lap: lap}) || err != nil {
			return nil, err
		}
		if first.kept {
			return first, nil
		}
		b = second
	}
	for b != nil {
		if !r.send(ctx, lapBatch{Batch: b, lap: lap}) {
			return nil, nil
		}
		if b, err = r.next(ctx); err != nil {
			return nil, err
		}
	}
	return nil, nil
}

// next returns the next batch, nil at the end of the lap or when ctx ends.
func (r *prefetcher) next(ctx context.Context) (*Batch, error) {
	b := r.pool.get(ctx.Done())
	if b == nil {
		return nil, nil
	}
	err := r.fill(ctx, b)
	b.measure()
	if err == nil {
		return b, nil
	}
	r.pool.put(b)
	if errors.Is(err, io.EOF) || ctx.Err() != nil {
		return nil, nil
	}
	return nil, err
}

// fill has the source fill b. A panic on what it reads is an error like any
// other: what was sent before is to be reported.
func (r *prefetcher) fill(ctx context.Context, b *Batch) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("read records: panic: %s", panicked(p).Message)
		}
	}()
	return r.source.Next(ctx, b)
}

func (r *prefetcher) send(ctx context.Context, b lapBatch) bool {
	if b.Batch != nil {
		b.refs.Add(1)
	}
	select {
	case r.out <- b:
		return true
	case <-ctx.Done():
		return false
	}
}
