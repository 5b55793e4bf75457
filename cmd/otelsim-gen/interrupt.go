package main

import (
	"github.com/otelsim/otelsim/internal/atomicfile"
	"github.com/otelsim/otelsim/internal/interrupt"
)

// onInterrupt finishes what is under way and, at the next signal, ends the
// process.
func onInterrupt(s interrupt.Stage, finish func()) {
	if s == interrupt.Finish {
		finish()
		return
	}
	atomicfile.Abandon()
	exitNow()
}
