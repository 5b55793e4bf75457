//go:build linux

package terminal

import (
	"bytes"
	"os"
	"testing"

	"golang.org/x/sys/unix"
)

// open opens a pseudo terminal of our own, and returns the side of the program.
func open(t *testing.T) *os.File {
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
	side, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(fd), unix.TIOCGPTPEER, unix.O_RDWR|unix.O_NOCTTY)
	if errno != 0 {
		t.Skip(errno)
	}
	f := os.NewFile(side, "terminal")
	t.Cleanup(func() { f.Close() })
	return f
}

func TestWidthIsTheTerminals(t *testing.T) {
	f := open(t)
	for _, c := range []struct {
		columns uint16
		env     string
		want    int
	}{{120, "", 120}, {40, "200", 40}, {0, "", 80}, {0, "100", 100}, {0, "wide", 80}} {
		t.Setenv("COLUMNS", c.env)
		if err := unix.IoctlSetWinsize(int(f.Fd()), unix.TIOCSWINSZ, &unix.Winsize{Row: 24, Col: c.columns}); err != nil {
			t.Fatal(err)
		}
		if got, ok := Width(f); got != c.want || !ok {
			t.Errorf("%d columns, COLUMNS %q: got %d, %v, want %d", c.columns, c.env, got, ok, c.want)
		}
	}
	t.Setenv("TERM", "dumb")
	if _, ok := Width(f); ok {
		t.Error("a dumb terminal overwrites no line")
	}
}

func TestFilesDevicesAndBuffersAreNoTerminals(t *testing.T) {
	t.Setenv("TERM", "xterm")
	file, err := os.Create(t.TempDir() + "/f")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	if _, ok := Width(file); ok {
		t.Error("a file")
	}
	if _, ok := Width(null); ok {
		t.Error("the null device")
	}
	if _, ok := Width(new(bytes.Buffer)); ok {
		t.Error("a buffer")
	}
}
