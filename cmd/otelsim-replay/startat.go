package main

import (
	"fmt"
	"time"

	"github.com/otelsim/otelsim/internal/cmdline"
	"github.com/otelsim/otelsim/pkg/replay"
)

// readStart reads the instant of --start-at, which must be to come.
func (c *replayCommand) readStart() error {
	if !c.set.Changed("start-at") {
		return nil
	}
	at, err := time.Parse(time.RFC3339Nano, c.startAt)
	if err != nil {
		return fmt.Errorf("--start-at %s: want a time such as 2026-01-31T12:00:00Z", cmdline.Word(c.startAt))
	}
	c.options.StartAt = at
	return c.checkStart()
}

// checkStart refuses a start that has passed. Run does so too, but not before a
// ledger has taken the place of another.
func (c *replayCommand) checkStart() error {
	at := c.options.StartAt
	if ago := time.Since(at); !at.IsZero() && ago >= 0 {
		return fmt.Errorf("--start-at %s: %w, %v ago: nothing was sent", cmdline.Word(c.startAt), replay.ErrPassed, ago.Round(time.Millisecond))
	}
	return nil
}
