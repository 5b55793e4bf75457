package replay

import (
	"context"
	"sync/atomic"
	"time"
)

// attempt is a context with a deadline that one worker uses for one attempt
// after another, so that a deadline costs no allocation. Contexts derived from
// it attach to the cancellable context inside; only an attempt that reaches
// its deadline uses that up.
type attempt struct {
	context.Context
	timer    *time.Timer
	deadline atomic.Int64 // nanoseconds since the Unix epoch
}

// begin arms the deadline.
func (a *attempt) begin(timeout time.Duration) {
	a.deadline.Store(time.Now().Add(timeout).UnixNano())
	if a.Context == nil {
		ctx, cancel := context.WithCancel(context.Background())
		a.Context, a.timer = ctx, time.AfterFunc(timeout, cancel)
		return
	}
	a.timer.Reset(timeout)
}

// end disarms the deadline and says whether it had passed.
func (a *attempt) end() bool {
	if a.timer.Stop() {
		return false
	}
	// The timer's function runs or ran: what it cancels is not used again.
	a.Context, a.timer = nil, nil
	return true
}

// Deadline implements context.Context.
func (a *attempt) Deadline() (time.Time, bool) { return time.Unix(0, a.deadline.Load()), true }
