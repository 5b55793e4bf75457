//go:build linux

package main

import (
	"bytes"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/otelsim/otelsim/internal/terminal"
	"golang.org/x/sys/unix"
)

// The line never fills a terminal, however narrow: one that goes on to the next
// line cannot be overwritten.
func TestProgressFitsTheTerminal(t *testing.T) {
	t.Setenv("TERM", "xterm")
	const columns = 24
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Skip("no pseudo terminals:", err)
	}
	defer master.Close()
	fd := int(master.Fd())
	if err := unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0); err != nil {
		t.Skip(err)
	}
	peer, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(fd), unix.TIOCGPTPEER, unix.O_RDWR|unix.O_NOCTTY)
	if errno != 0 {
		t.Skip(errno)
	}
	side := os.NewFile(peer, "terminal")
	if err := unix.IoctlSetWinsize(fd, unix.TIOCSWINSZ, &unix.Winsize{Row: 24, Col: columns}); err != nil {
		t.Fatal(err)
	}
	now := time.Unix(1000, 0)
	p := &progress{w: side, noun: "iterations", terminal: terminal.Is(side), now: func() time.Time { return now }, start: now, last: now}
	for done := range uint64(20) {
		now = now.Add(time.Second)
		p.update(1_000_000+done, 10_000_000)
	}
	p.end()
	side.Close()
	var got bytes.Buffer
	b := make([]byte, 1<<16)
	for {
		n, err := master.Read(b)
		if got.Write(b[:n]); err != nil {
			break
		}
	}
	if got.Len() == 0 {
		t.Fatal("nothing is shown on a terminal")
	}
	for line := range strings.FieldsFuncSeq(got.String(), func(r rune) bool { return r == '\r' || r == '\n' }) {
		if len(line) >= columns {
			t.Errorf("a line of %d columns on a terminal of %d: %q", len(line), columns, line)
		}
	}
}
