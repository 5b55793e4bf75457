// Package interrupt turns the signals by which a user ends a program, SIGINT
// and SIGTERM, into stages:
//
//	ctx, stop := interrupt.Watch(ctx, func(s interrupt.Stage, finish func()) {
//		if s == interrupt.Finish {
//			finish() // cancels ctx
//			return
//		}
//		os.Exit(3)
//	})
//	defer stop()
//
// It has nothing to do with the signals of telemetry.
package interrupt

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// together is how long a signal takes in those that follow it: GNU timeout, npm
// and make send theirs twice, to the process and to its group, at once.
const together = 500 * time.Millisecond

// Stage is how far a user has gone in ending the program: the number of signals
// that were meant, those that came together being one.
type Stage int

// The stages. Later ones are Exit too.
const (
	Finish Stage = 1 // finish what is under way
	Hurry  Stage = 2 // say at once what there is to say, if there is something
	Exit   Stage = 3 // end where it is
)

// bursts counts signals: those that come within together of one that counted are
// the same one.
type bursts struct {
	count Stage
	last  time.Time // of the signal that was counted last
}

// next returns the stage that a signal of now leads to, 0 for none.
func (b *bursts) next(now time.Time) Stage {
	if b.count > 0 && now.Sub(b.last) < together {
		return 0
	}
	b.count, b.last = b.count+1, now
	return b.count
}

// Watch calls reached with every stage, in a goroutine of its own, until stop is
// called, which must be. What is to end a process must do so by itself: a shell
// that starts a job in the background has it ignore SIGINT, and that would be in
// force again if the default were put back. ctx ends with parent, when reached
// calls finish, and by stop.
func Watch(parent context.Context, reached func(s Stage, finish func())) (ctx context.Context, stop func()) {
	ctx, cancel := context.WithCancel(parent)
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	done := make(chan struct{})
	go func() {
		var b bursts
		for {
			select {
			case <-signals:
				if s := b.next(time.Now()); s > 0 {
					reached(s, cancel)
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
