package main

import (
	"os"
	"runtime/debug"

	"github.com/otelsim/otelsim/pkg/replay"
)

// Between two collections garbage may come to garbageRoom bytes, whatever the size of
// the segments of a corpus: these are few large pieces of memory without pointers,
// which take no time to collect, and would double the process by default.
const (
	garbageRoom = 32 << 20
	besides     = 8<<20 + replay.DefaultMaxInFlightBytes/2 // bytes of a process besides its batches
)

// boundGarbage says so to the runtime, until undo is called, unless the environment
// says something else.
func boundGarbage(src replay.Source) (undo func()) {
	if os.Getenv("GOGC") != "" {
		return func() {}
	}
	before := debug.SetGCPercent(int(min(100*garbageRoom/(replay.BatchMemory(src)+besides), 400)))
	return func() { debug.SetGCPercent(before) }
}
