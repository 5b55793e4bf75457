package replay

import (
	"math/bits"
	"math/rand/v2"
	"time"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// worker sends one record after another, each until it is accepted, refused or
// given up: the number of workers is the in-flight limit.
type worker struct {
	*run
	stats   *shard
	edit    *editor
	attempt attempt
	jitter  rand.PCG
	timer   *time.Timer
	payload []byte // the record being sent
}

func newWorker(r *run, i int) *worker {
	w := &worker{run: r, stats: &r.shards[i%numShards], edit: newEditor(r.source, r.Original)}
	w.jitter.Seed(r.JitterSeed, uint64(i))
	w.timer = time.NewTimer(time.Hour)
	w.timer.Stop()
	return w
}

func (w *worker) work(first job) {
	w.send(&first)
	<-w.places
	for j := range w.jobs {
		w.send(&j)
		<-w.places
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
	done      time.Duration
	retries   uint64
	throttled bool
}

// send copies the record, so that its batch is free while the receiver takes
// its time, and sees it through.
func (w *worker) send(j *job) {
	w.payload = append(w.payload[:0], j.Payload...)
	j.batch.release()
	o := outcome{signal: j.Signal, items: j.Items, due: j.due}
	if err := w.edit.apply(w.payload, j.Signal, j.lap, j.times); err != nil {
		o.sent = w.now()
		o.done = o.sent
		o.Result = Result{Class: Permanent, Reason: "payload", Message: err.Error()}
		w.stats.record(&o, w.LateAfter)
		return
	}
	o.sent = w.now()
	for {
		w.attempt.begin(w.Timeouts[j.Signal])
		res := w.Transport.Send(&w.attempt, j.Signal, w.payload)
		timedOut := w.attempt.end()
		o.done = w.now()
		o.bytes += uint64(len(w.payload))
		if timedOut && res.Class == Retryable {
			res.Reason = "timeout"
		}
		o.Result = res
		o.throttled = o.throttled || res.Throttled
		if res.Class != Retryable || !w.again(&o) {
			break
		}
		w.stats.retry(&o)
		o.retries++
	}
	if o.retries > 0 || o.Class == Permanent || o.Class == Retryable {
		w.payload = nil // see Transport: what failed may still hold it
	}
	w.stats.record(&o, w.LateAfter)
}

// again waits for the time of the next attempt. It returns false when there is
// to be none: retries are off, the window is over before the wait would be, or
// the run was stopped.
func (w *worker) again(o *outcome) bool {
	if w.NoRetry {
		return false
	}
	wait := max(w.backoff(o.retries), o.RetryAfter)
	if o.done-o.sent+wait > w.RetryFor {
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
