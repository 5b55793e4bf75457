package replay

import (
	"errors"
	"math/bits"
	"math/rand/v2"
	"time"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// worker sends one record after another, each until it is accepted, refused or
// given up: the number of workers is the in-flight limit.
type worker struct {
	*run
	stats   *counters
	retimer *retimer
	jitter  rand.PCG
	timer   *time.Timer
}

func newWorker(r *run, i int) *worker {
	w := &worker{run: r, stats: &r.counters[i%numCounters], retimer: newRetimer(r.source, r.Original)}
	w.jitter.Seed(r.JitterSeed, uint64(i))
	w.timer = time.NewTimer(time.Hour)
	w.timer.Stop()
	return w
}

func (w *worker) work(first job) {
	w.send(&first)
	w.flight.land(first.seat)
	for j := range w.jobs {
		w.send(&j)
		w.flight.land(j.seat)
	}
}

// outcome is what became of one record.
type outcome struct {
	Result
	signal    otlp.Signal
	items     uint64
	bytes     uint64        // of the payload, each time that it was sent
	due       time.Duration // since the start of the run, as are sent and done
	sent      time.Duration // the first attempt
	last      time.Duration // the last one
	done      time.Duration
	retries   uint64
	shift     int64 // of its times, in nanoseconds
	throttled bool
	open      bool // an attempt before may have arrived, and got no answer
	held      bool // some attempt may still hold the payload
}

// send sees a record through, from where it is or, when its batch is not to wait
// for that, from a copy.
func (w *worker) send(j *job) {
	payload := j.Payload
	if j.seat.copied {
		payload = append(w.copies.get(len(payload)), payload...)
	}
	own := payload
	o := outcome{signal: j.Signal, due: j.due}
	line := w.line(j)
	var err error
	payload, o.items, err = w.rewrite(j, payload)
	o.shift = w.retimer.shift
	if j.seat.copied {
		j.batch.release()
	}
	if err != nil {
		w.finish(j, own, false)
		o.sent = w.now()
		o.last, o.done = o.sent, o.sent
		o.Result = Result{Class: Permanent, Reason: "payload", Message: err.Error()}
		w.stats.record(&o, w.Options, w.wall)
		w.enter(&line, &o)
		return
	}
	o.sent = w.now()
	o.last = o.sent
	for {
		o.Result = w.attempt(o.signal, payload)
		o.done = w.now()
		o.bytes += uint64(len(payload))
		if o.Class == Partial && o.Rejected > 0 && uint64(o.Rejected) > o.items {
			o.Reason += " of more than was sent"
		}
		o.throttled, o.held = o.throttled || o.Throttled, o.held || o.Held
		if o.Class != Accepted && o.Class != Partial {
			w.stats.noteTrouble(&o)
		}
		if o.Class != Retryable || !w.again(&o) {
			break
		}
		w.stats.retry(&o)
		o.retries++
		o.open = o.open || o.Open
		o.last = w.now()
	}
	w.finish(j, own, o.held)
	w.stats.record(&o, w.Options, w.wall)
	w.enter(&line, &o)
}

// finish gives back the memory that a record was sent from, unless it is held: its
// place in its batch, or own, a copy.
func (w *worker) finish(j *job, own []byte, held bool) {
	switch {
	case !j.seat.copied:
		if held {
			j.batch.spoiled.Store(true)
		}
		j.batch.release()
	case held:
		w.copies.lose(own)
	default:
		w.copies.put(own)
	}
}

// rewrite makes the payload that of its lap and due time, and returns its
// items. A payload on which that fails with a panic is as bad as one that is
// refused.
func (w *worker) rewrite(j *job, payload []byte) (sent []byte, items uint64, err error) {
	defer func() {
		if p := recover(); p != nil {
			w.retimer = newRetimer(w.source, w.Original) // whose state is unknown
			err = errors.New(panicked(p).Message)
		}
	}()
	return w.retimer.apply(j.Record, payload, j.lap, j.retime)
}

// again waits for the time of the next attempt. It returns false when there is
// to be none: retries are off, the window is over before the wait would be, or
// the run was stopped.
func (w *worker) again(o *outcome) bool {
	if w.NoRetry {
		return false
	}
	wait := max(w.backoff(o.retries), o.RetryAfter)
	// A receiver may ask for centuries, and a sum with them would wrap around.
	if wait > w.RetryFor-(o.done-o.sent) {
		return false
	}
	w.timer.Reset(wait)
	select {
	case <-w.timer.C:
		return true
	case <-w.stop:
		w.timer.Stop()
		return false
	}
}

// backoff returns a wait below the bound for the given number of retries.
func (w *worker) backoff(retries uint64) time.Duration {
	bound := backoffMost
	if retries < 16 {
		bound = min(bound, backoffFirst<<retries)
	}
	hi, _ := bits.Mul64(w.jitter.Uint64(), uint64(bound))
	return time.Duration(hi)
}
