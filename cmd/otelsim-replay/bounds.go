package main

import (
	"fmt"

	"github.com/otelsim/otelsim/internal/text"
)

// What a machine can hold. A connection costs a file descriptor and some
// kilobytes on both sides, a request under way some tens of kilobytes.
const (
	mostConnections = 10_000
	mostInFlight    = 100_000
	mostMessage     = 1 << 30 // bytes
)

// within returns an error when the value of a flag is not from 1 to most.
func within(name string, value, most int) error {
	if value >= 1 && value <= most {
		return nil
	}
	return fmt.Errorf("--%s %d: want 1 to %s", name, value, text.Grouped(most))
}
