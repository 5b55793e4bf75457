package replay

import (
	"context"
	"fmt"
	"runtime/debug"
	"strings"
	"time"

	"github.com/otelsim/otelsim/internal/text"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// attempt sends payload once. Each attempt has a context of its own that
// nothing uses again: a transport's goroutines may hold on to it for longer
// than Send lasts, as those do that go on dialling for whoever comes next.
//
// An attempt without a timeout ends a while after the run was stopped.
func (r *run) attempt(sig otlp.Signal, payload []byte) (res Result) {
	ctx, cancel := r.grace, context.CancelFunc(func() {})
	if d := r.Timeouts[sig]; d != NoTimeout {
		ctx, cancel = context.WithTimeout(context.Background(), d)
	}
	defer cancel()
	// One request must not take the report of all others with it. What the
	// transport was doing is not known then.
	defer func() {
		if p := recover(); p != nil {
			res = panicked(p)
		}
	}()
	res = r.Transport.Send(ctx, sig, payload)
	if res.Class != Retryable || ctx.Err() == nil || !res.Open && !res.Unsent {
		return res
	}
	res.Reason = "timeout"
	if r.Timeouts[sig] == NoTimeout {
		res.Reason = "interrupted"
	}
	return res
}

// panicked is the end of a record on which the program failed. The message is
// the panic and where it was: a fault to be reported.
func panicked(p any) Result {
	return Result{Class: Permanent, Held: true, Reason: "panic", Message: text.Line(fmt.Sprint(p), maxPanic) + ", at " + panicSite(debug.Stack())}
}

// panicSite returns the function that panicked, out of a stack: the first one
// below that of the panic.
func panicSite(stack []byte) string {
	lines := strings.Split(string(stack), "\n")
	for i, line := range lines {
		if !strings.HasPrefix(line, "panic(") {
			continue
		}
		for _, line := range lines[i+1:] {
			if !strings.HasPrefix(line, "\t") && !strings.HasPrefix(line, "runtime.") {
				return line
			}
		}
	}
	return "an unknown place"
}

// graceAfter returns a context that ends a default timeout after ctx: how long
// a stopped run waits for attempts that have no timeout.
func (r *run) graceAfter(ctx context.Context) (context.Context, context.CancelFunc) {
	grace, cancel := context.WithCancel(context.Background())
	stop := context.AfterFunc(ctx, func() {
		r.stoppedAt.Store(int64(max(r.now(), 1)))
		time.AfterFunc(DefaultTimeout, cancel)
	})
	return grace, func() {
		stop()
		cancel()
	}
}

// maxPanic is how much of a panic's value is told, in bytes.
const maxPanic = 500
