package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/otelsim/otelsim/internal/atomicfile"
)

// together is how long a signal takes in those that follow it: GNU timeout, npm
// and make send theirs twice, to the process and to its group, at once.
const together = 500 * time.Millisecond

// stage is how far a user has gone in ending the program.
type stage int

const (
	stageFinish stage = 1 // finish what is under way and report
	stageHurry  stage = 2 // report at once, if the verb can
	stageExit   stage = 3
)

// bursts counts signals: those that come within together of one that counted are
// the same one.
type bursts struct {
	count stage
	last  time.Time // of the signal that was counted last
}

// next returns the stage that a signal of now leads to, 0 for none.
func (b *bursts) next(now time.Time) stage {
	if b.count > 0 && now.Sub(b.last) < together {
		return 0
	}
	b.count, b.last = b.count+1, now
	return b.count
}

// onSignals returns a context that the first SIGINT or SIGTERM cancels, so that
// what is under way finishes. The second one ends a.hurry, for a verb that has
// something left to say without finishing; for all others, as the third for
// all, it ends the process at once, by itself: a shell that starts a job in the
// background has it ignore SIGINT, and that would be in force again if the
// default were put back.
func (a *app) onSignals(parent context.Context) (context.Context, func()) {
	ctx, cancel := context.WithCancel(parent)
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	done := make(chan struct{})
	go func() {
		var b bursts
		for {
			select {
			case <-signals:
				a.onStage(b.next(time.Now()), cancel)
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

// onStage does what a signal asks for.
func (a *app) onStage(s stage, finish func()) {
	hurry := a.hurry.Load()
	switch {
	case s == stageFinish:
		if hurry != nil {
			a.say("stopping: finishing what is in flight; again to stop waiting")
		} else {
			a.say("stopping: finishing what is in flight; again to exit at once")
		}
		finish()
	case s == stageHurry && hurry != nil:
		(*hurry)()
	case s >= stageHurry:
		atomicfile.Abandon()
		exitNow()
	}
}

// say prints a line on stderr, after the status if that stands there.
func (a *app) say(line string) {
	if isTerminal(a.errOut) {
		fmt.Fprintln(a.errOut)
	}
	fmt.Fprintln(a.errOut, line)
}
