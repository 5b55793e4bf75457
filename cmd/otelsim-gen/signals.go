package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/otelsim/otelsim/internal/atomicfile"
)

// together is how long a signal takes in those that follow it: GNU timeout, npm
// and make send theirs twice, to the process and to its group, at once.
const together = 500 * time.Millisecond

// onSignals returns a context that the first SIGINT or SIGTERM cancels, so that
// what is under way finishes. A second one that is not the first once more ends
// the process at once, by itself: a shell that starts a job in the background
// has it ignore SIGINT, and that would be in force again if the default were put
// back.
func onSignals(parent context.Context) (context.Context, func()) {
	ctx, cancel := context.WithCancel(parent)
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	done := make(chan struct{})
	go func() {
		var last time.Time // of the first signal of a burst
		for {
			select {
			case <-signals:
				now := time.Now()
				switch {
				case last.IsZero():
					last = now
					cancel()
				case now.Sub(last) >= together:
					atomicfile.Abandon()
					exitNow()
				}
			case <-done:
				return
			}
		}
	}()
	return ctx, func() {
		signal.Stop(signals)
		close(done)
		cancel()
	}
}
