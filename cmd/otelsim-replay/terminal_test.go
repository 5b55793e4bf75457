//go:build linux

package main

import (
	"bytes"
	"os"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"golang.org/x/sys/unix"

	"github.com/otelsim/otelsim/internal/terminal"
	"github.com/otelsim/otelsim/pkg/replay"
)

// newTerminal returns both sides of a pseudo terminal of our own.
func newTerminal(t *testing.T, columns uint16) (master, side *os.File) {
	t.Helper()
	t.Setenv("TERM", "xterm")
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Skip("no pseudo terminals:", err)
	}
	t.Cleanup(func() { master.Close() })
	fd := int(master.Fd())
	if err := unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0); err != nil {
		t.Skip(err)
	}
	peer, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(fd), unix.TIOCGPTPEER, unix.O_RDWR|unix.O_NOCTTY)
	if errno != 0 {
		t.Skip(errno)
	}
	side = os.NewFile(peer, "terminal")
	t.Cleanup(func() { side.Close() })
	if err := unix.IoctlSetWinsize(fd, unix.TIOCSWINSZ, &unix.Winsize{Row: 24, Col: columns}); err != nil {
		t.Fatal(err)
	}
	return master, side
}

// The line never fills a terminal, however narrow: one that goes on to the next
// line cannot be overwritten.
func TestStatusLineFitsTheTerminal(t *testing.T) {
	for _, columns := range []uint16{20, 60, 200} {
		master, side := newTerminal(t, columns)
		s := &status{w: side, terminal: true, records: 1_000_000, length: time.Hour, target: "http://127.0.0.1:4317 (grpc)"}
		for i := range 20 {
			at := time.Duration(i+1) * time.Second
			s.show(replay.Status{Elapsed: at, InFlight: 256, Within: 30 * time.Second,
				Records: replay.Ledger{Due: 1000, Accepted: 1000, Late: 10, Retried: 10, Throttled: 5},
				Trouble: replay.Trouble{At: at, Reason: "grpc Unavailable"}})
		}
		s.end()
		side.Close()
		var got bytes.Buffer
		b := make([]byte, 1<<16)
		for {
			n, err := master.Read(b)
			if got.Write(b[:n]); err != nil {
				break
			}
		}
		for line := range strings.FieldsFuncSeq(got.String(), func(r rune) bool { return r == '\r' || r == '\n' }) {
			if n := utf8.RuneCountInString(line); n >= int(columns) {
				t.Errorf("a line of %d columns on a terminal of %d: %q", n, columns, line)
			}
		}
	}
}

// A character device is not always a terminal.
func TestTheNullDeviceIsNoTerminal(t *testing.T) {
	null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	if terminal.Is(null) {
		t.Error("/dev/null overwrites no line")
	}
}
