package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

// onSignals returns a context that the first SIGINT or SIGTERM cancels, so that
// what is under way finishes. The second one ends the process at once, by
// itself: a shell that starts a job in the background has it ignore SIGINT, and
// that would be in force again if the default were put back.
func onSignals(parent context.Context, errOut io.Writer) (context.Context, func()) {
	ctx, cancel := context.WithCancel(parent)
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	done := make(chan struct{})
	go func() {
		for n := 0; ; n++ {
			select {
			case <-signals:
				if n > 0 {
					exitNow()
				}
				if isTerminal(errOut) {
					fmt.Fprintln(errOut) // the status stands on this line
				}
				fmt.Fprintln(errOut, "stopping: finishing what is in flight; again to exit at once")
				cancel()
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
