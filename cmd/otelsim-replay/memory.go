package main

import "github.com/otelsim/otelsim/pkg/replay"

// Between two collections garbage may come to garbageRoom bytes, whatever the size of
// the segments of a corpus: these are few large pieces of memory without pointers,
// which take no time to collect, and would double the process by default.
const (
	garbageRoom = 32 << 20
	besides     = 8<<20 + replay.DefaultMaxInFlightBytes/2 // bytes of a process besides its batches
)

// garbagePercent is how much of what is in use that is, with the batches of a source.
func garbagePercent(src replay.Source) int {
	return int(min(100*garbageRoom/(replay.BatchMemory(src)+besides), 400))
}
