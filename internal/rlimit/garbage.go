package rlimit

import (
	"os"
	"runtime/debug"
)

// Garbage lets garbage come to so many percent of what is in use before it is collected,
// until undo is called. What the environment says of that stands.
func Garbage(percent int) (undo func()) {
	if os.Getenv("GOGC") != "" {
		return func() {}
	}
	before := debug.SetGCPercent(percent)
	return func() { debug.SetGCPercent(before) }
}
