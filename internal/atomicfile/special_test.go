//go:build unix

package atomicfile

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestFIFOsAreWrittenInto(t *testing.T) {
	path := filepath.Join(t.TempDir(), "fifo")
	if err := syscall.Mkfifo(path, 0o666); err != nil {
		t.Skip(err)
	}
	for _, early := range []bool{true, false} {
		read := make(chan string, 1)
		reader := func() {
			got, _ := os.ReadFile(path)
			read <- string(got)
		}
		if early {
			go reader()
		}
		f, err := Open(path)
		if err != nil {
			t.Fatal(err)
		}
		if !early {
			go reader()
		}
		if err := f.Write(text("report")); err != nil {
			t.Fatal(err)
		}
		if got := <-read; got != "report" {
			t.Errorf("a reader that comes early (%v) reads %q", early, got)
		}
	}
	if info, err := os.Lstat(path); err != nil || info.Mode()&fs.ModeNamedPipe == 0 {
		t.Errorf("it is no FIFO any more: %v, %v", info, err)
	}
	checkNames(t, filepath.Dir(path), "fifo")
}

func TestAFIFOWithoutReaderDoesNotHang(t *testing.T) {
	path := filepath.Join(t.TempDir(), "fifo")
	if err := syscall.Mkfifo(path, 0o666); err != nil {
		t.Skip(err)
	}
	defer func(was time.Duration) { patience = was }(patience)
	patience = 50 * time.Millisecond
	if err := put(path, "report"); err == nil || !strings.Contains(err.Error(), "nobody reads") {
		t.Errorf("got %v", err)
	}
}

// The device is a node of our own: it has the numbers of the system's null
// device, and no other name in common with it.
func TestDevicesAreWrittenInto(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "null")
	if err := syscall.Mknod(path, syscall.S_IFCHR|0o666, 1<<8|3); err != nil {
		t.Skip("making a device is not permitted:", err)
	}
	before, err := os.Lstat(path)
	if err != nil {
		t.Fatal(err)
	}
	if f, err := os.OpenFile(path, os.O_WRONLY, 0); err != nil {
		t.Skip("opening a device of one's own is not permitted:", err)
	} else {
		f.Close()
	}
	checkPut(t, path, "report")
	after, err := os.Lstat(path)
	if err != nil || !os.SameFile(before, after) || after.Mode()&fs.ModeCharDevice == 0 {
		t.Errorf("it is another: %v, %v", after, err)
	}
	checkNames(t, dir, "null")
}

func TestSocketsAreRefused(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "s")
	fd, err := syscall.Socket(syscall.AF_UNIX, syscall.SOCK_STREAM, 0)
	if err != nil {
		t.Skip(err)
	}
	defer syscall.Close(fd)
	if err := syscall.Bind(fd, &syscall.SockaddrUnix{Name: path}); err != nil {
		t.Skip(err)
	}
	if err := put(path, "report"); err == nil {
		t.Error("a socket was written to")
	}
}

func TestModesAreThoseOfTheUmaskAndOfWhatIsReplaced(t *testing.T) {
	dir := t.TempDir()
	mode := func(name string) fs.FileMode {
		t.Helper()
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		return info.Mode().Perm()
	}
	defer syscall.Umask(syscall.Umask(0o027))
	checkPut(t, filepath.Join(dir, "new"), "x")
	if got := mode("new"); got != 0o640 {
		t.Errorf("a new file has mode %o, want 640", got)
	}
	for _, want := range []fs.FileMode{0o600, 0o666} {
		if err := os.Chmod(filepath.Join(dir, "new"), want); err != nil {
			t.Fatal(err)
		}
		checkPut(t, filepath.Join(dir, "new"), "y")
		if got := mode("new"); got != want {
			t.Errorf("what replaces a file of mode %o has %o", want, got)
		}
	}
}

// A file in a directory that takes no new ones, as one that is mounted alone,
// is written in place.
func TestAFileThatCannotBeReplacedIsWrittenInPlace(t *testing.T) {
	if os.Getuid() == 0 {
		t.Skip("root may write everywhere")
	}
	dir := t.TempDir()
	path := filepath.Join(dir, "r")
	checkPut(t, path, "a longer text")
	if err := os.Chmod(dir, 0o555); err != nil {
		t.Fatal(err)
	}
	defer os.Chmod(dir, 0o777)
	checkPut(t, path, "short")
	checkContent(t, path, "short")
	if err := os.Chmod(path, 0o444); err != nil {
		t.Fatal(err)
	}
	if err := put(path, "never"); err == nil {
		t.Error("a read-only file was written to")
	}
}
