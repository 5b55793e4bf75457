package main

import (
	"fmt"

	"github.com/otelsim/otelsim/internal/atomicfile"
	"github.com/otelsim/otelsim/internal/interrupt"
	"github.com/otelsim/otelsim/internal/terminal"
)

// onInterrupt finishes what is in flight at the first signal. The second one
// ends a.hurry, for a verb that has something left to say without finishing; for
// all others, as the third for all, it ends the process at once.
func (a *app) onInterrupt(s interrupt.Stage, finish func()) {
	hurry := a.hurry.Load()
	switch {
	case s == interrupt.Finish:
		if hurry != nil {
			a.say("stopping: finishing what is in flight; again to stop waiting")
		} else {
			a.say("stopping: finishing what is in flight; again to exit at once")
		}
		finish()
	case s == interrupt.Hurry && hurry != nil:
		(*hurry)()
	default:
		atomicfile.Abandon()
		exitNow()
	}
}

// say prints a line on stderr, after the status if that stands there.
func (a *app) say(line string) {
	if terminal.Is(a.errOut) {
		fmt.Fprintln(a.errOut)
	}
	fmt.Fprintln(a.errOut, line)
}
