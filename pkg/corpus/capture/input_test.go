//go:build unix

package capture

import (
	"bytes"
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/otelsim/otelsim/pkg/internal/captures"
	"github.com/otelsim/otelsim/pkg/internal/codec"
)

func makePipe(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Skip("no pipes here:", err)
	}
	return path
}

// Nobody writes to the pipe: opening it ends with the context.
func TestOpeningEndsWithItsContext(t *testing.T) {
	path := makePipe(t)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := Open(ctx, path, Options{}); !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "interrupted") {
		t.Errorf("got %v", err)
	}
	// Let the open that nobody waits for end.
	if f, err := os.OpenFile(path, os.O_WRONLY|syscall.O_NONBLOCK, 0); err == nil {
		_ = f.Close()
	}
}

// The writer holds the pipe open and writes no more: what came is read, and then
// the context ends the waiting.
func TestWaitingEndsWithItsContext(t *testing.T) {
	path := makePipe(t)
	w, err := os.OpenFile(path, os.O_RDWR, 0) // for both, so that it does not wait for a reader
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	if _, err := w.WriteString(oneSpan + strings.Repeat(" ", 1000) + "\n"); err != nil {
		t.Fatal(err)
	}
	f, err := Open(t.Context(), path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if !f.Pipe() || !f.Ready() {
		t.Errorf("a pipe that holds a line: pipe %v, ready %v", f.Pipe(), f.Ready())
	}
	ctx, cancel := context.WithCancel(t.Context())
	n := 0
	err = f.Each(ctx, func(*Message) error {
		n++
		if f.Ready() {
			t.Error("a pipe that holds no more is ready")
		}
		time.AfterFunc(20*time.Millisecond, cancel)
		return nil
	})
	if n != 1 || !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "message 2: interrupted") {
		t.Errorf("got %d messages, %v", n, err)
	}
}

// An input of little that holds much without a record in it ends too.
func TestBlankLinesWithoutEndAreInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	blank := append([]byte("{}\n"), bytes.Repeat([]byte("\n"), 64<<20)...)
	f, err := Open(ctx, captures.File(t, captures.Compress(t, codec.Zstd, blank)), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if b, err := f.Next(ctx, nil); err != nil || string(b) != "{}" {
		t.Fatalf("got %q, %v", b, err)
	}
	cancel()
	if _, err := f.Next(ctx, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want the context's end", err)
	}
}

func TestDevicesAndSocketsAreRefused(t *testing.T) {
	socket := filepath.Join(t.TempDir(), "s")
	l, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	for path, text := range map[string]string{"/dev/zero": "a device", "/dev/null": "a device", socket: "a socket", t.TempDir(): "a directory"} {
		if _, err := Open(t.Context(), path, Options{}); err == nil || !strings.Contains(err.Error(), text) {
			t.Errorf("%s: got %v, want an error with %q", path, err, text)
		}
	}
}

// Who opens may refuse a file for what it is, before it is opened.
func TestRefuse(t *testing.T) {
	why := errors.New("not this one")
	path := makePipe(t) // which nobody writes to: opening it would wait
	if _, err := Open(t.Context(), path, Options{Refuse: func(i os.FileInfo) error {
		if !IsPipe(i) {
			t.Errorf("got %v", i.Mode())
		}
		return why
	}}); !errors.Is(err, why) {
		t.Errorf("got %v", err)
	}
}
