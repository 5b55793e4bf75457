package main

import (
	"runtime/debug"
	"testing"
)

// Garbage is collected seldom while a corpus is written, unless the environment says how
// often, and as before afterwards.
func TestGarbageIsCollectedSeldom(t *testing.T) {
	percent := func() int {
		p := debug.SetGCPercent(-1)
		debug.SetGCPercent(p)
		return p
	}
	before := percent()
	for env, want := range map[string]int{"": garbagePercent, "77": before} { // order-free: each on its own
		t.Setenv("GOGC", env)
		undo := collectSeldom()
		got := percent()
		undo()
		if got != want || percent() != before {
			t.Errorf("GOGC %q: %d while it writes and %d afterwards, want %d and %d", env, got, percent(), want, before)
		}
	}
}
