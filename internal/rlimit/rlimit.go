// Package rlimit has limits of a process. It tells those that it cannot work under,
// which the runtime answers with a stack of its own instead of a message, and sets
// how much garbage there may be.
package rlimit

import "fmt"

// What a command needs at least. Both are far below any default.
const (
	minFiles = 16
	minSpace = 2 << 30
)

// check returns what is wrong with limits of open files, and of bytes of
// address space.
func check(files, space uint64) error {
	switch {
	case files < minFiles:
		return fmt.Errorf("the system lets this process open %d files: it needs %d (ulimit -n)", files, minFiles)
	case space < minSpace:
		return fmt.Errorf("the system gives this process %d MB of address space: it needs %d (ulimit -v)", space>>20, minSpace>>20)
	}
	return nil
}
