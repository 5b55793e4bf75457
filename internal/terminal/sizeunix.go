//go:build linux || darwin || freebsd || netbsd || openbsd || dragonfly

package terminal

import (
	"os"

	"golang.org/x/sys/unix"
)

// size asks the terminal f; 0 columns are unknown.
func size(f *os.File) (columns int, ok bool) {
	c, err := f.SyscallConn()
	if err != nil {
		return 0, false
	}
	_ = c.Control(func(fd uintptr) { // an error leaves ok as it is
		if ws, err := unix.IoctlGetWinsize(int(fd), unix.TIOCGWINSZ); err == nil {
			columns, ok = int(ws.Col), true
		}
	})
	return columns, ok
}
