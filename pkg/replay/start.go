package replay

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// looksEvery is how often the wall clock is looked at before a start: it may be
// set in the meantime.
const looksEvery = time.Second

// begin sets the start of the run: now or, when Options.StartAt says so, that
// instant, which is waited for. What is due is counted from there however late
// the clock woke up. An instant that has passed is ErrInput. When ctx ends
// first, waited is false, and the run starts with nothing to do. A run whose source
// is broken does not wait.
func (r *run) begin(ctx context.Context, broken bool) (waited bool, err error) {
	now := time.Now()
	defer func() { r.wall = r.start.UnixNano() }()
	r.start = now
	if r.StartAt.IsZero() || broken {
		return true, nil
	}
	if at := r.StartAt; !at.After(now) {
		return false, badInput(fmt.Errorf("start at %s: %w, %v ago: nothing was sent", at.Format(time.RFC3339Nano), ErrPassed, now.Sub(at).Round(time.Millisecond)))
	}
	status := time.NewTicker(r.StatusEvery)
	defer status.Stop()
	for left := r.StartAt.Sub(now); left > 0; left = r.StartAt.Sub(now) {
		if r.Status != nil {
			r.Status(Status{Waits: left})
		}
		timer := time.NewTimer(min(left, looksEvery))
		select {
		case <-timer.C:
		case <-status.C:
		case <-ctx.Done():
			timer.Stop()
			r.start = time.Now()
			return false, nil
		}
		timer.Stop()
		now = time.Now()
	}
	r.began = now
	r.start = now.Add(r.StartAt.Sub(now)) // with the monotonic reading of now
	return true, nil
}

// ErrPassed says that a run was to start at an instant which has passed.
var ErrPassed = errors.New("that has passed")
