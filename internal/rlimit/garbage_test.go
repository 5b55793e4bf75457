package rlimit

import (
	"runtime/debug"
	"testing"
)

// Garbage is collected as seldom as is said, unless the environment says how often, and as
// before afterwards.
func TestGarbage(t *testing.T) {
	percent := func() int {
		p := debug.SetGCPercent(-1)
		debug.SetGCPercent(p)
		return p
	}
	const seldom = 400
	before := percent()
	for env, want := range map[string]int{"": seldom, "77": before} { // order-free: each on its own
		t.Setenv("GOGC", env)
		undo := Garbage(seldom)
		got := percent()
		undo()
		if got != want || percent() != before {
			t.Errorf("GOGC %q: %d until undone and %d afterwards, want %d and %d", env, got, percent(), want, before)
		}
	}
}
