//go:build unix

package replay

import (
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/internal/captures"
)

func makePipe(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Skip("no pipes here:", err)
	}
	return path
}

// write writes parts to a pipe, each when the reader has taken the one before,
// as far as a pipe tells.
func write(t *testing.T, path string, parts ...[]byte) {
	t.Helper()
	done := make(chan error, 1)
	go func() {
		f, err := os.OpenFile(path, os.O_WRONLY, 0)
		for _, p := range parts {
			if err == nil {
				_, err = f.Write(p)
			}
		}
		done <- errors.Join(err, f.Close())
	}()
	t.Cleanup(func() {
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

// A pipe gives every record once, whatever its form and however it comes.
func TestAPipeIsReadOnceAndWhole(t *testing.T) {
	const n = 300
	var iterations []uint64
	for i := range uint64(n) {
		iterations = append(iterations, i)
	}
	for _, f := range []otlp.Format{otlp.FormatProto, otlp.FormatJSON} {
		for name, data := range captures.Forms(t, requests(f, iterations...)) {
			path := makePipe(t)
			write(t, path, data[:5], data[5:len(data)/2], data[len(data)/2:])
			src, err := OpenFiles(t.Context(), []string{path}, FilesOptions{})
			if err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			fake := newFake(took(0))
			fake.anyPayload = true
			rep, err := Run(t.Context(), src, Options{Pacer: Unpaced{}, Transport: fake})
			if err != nil || rep.Records.Accepted != n || rep.Items.Accepted != 3*n {
				t.Errorf("%s: got %+v, %v, want %d records", name, rep.Records, err, n)
			}
			if err := src.Rewind(t.Context()); err == nil || !strings.Contains(err.Error(), "once") {
				t.Errorf("%s: a second lap: got %v", name, err)
			}
			if err := src.Close(); err != nil {
				t.Error(err)
			}
		}
	}
}

func TestAPipeThatIsNeededTwiceIsRefused(t *testing.T) {
	path := makePipe(t) // which nobody writes to: it is not even opened
	if _, err := OpenFiles(t.Context(), []string{path}, FilesOptions{Laps: true}); !errors.Is(err, ErrInput) || !strings.Contains(err.Error(), "--laps 1") {
		t.Errorf("for two laps: got %v", err)
	}
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(path, link); err != nil {
		t.Fatal(err)
	}
	write(t, path, captures.Lines(requests(otlp.FormatJSON, 1, 2)))
	if _, err := OpenFiles(t.Context(), []string{path, link}, FilesOptions{}); !errors.Is(err, ErrInput) || !strings.Contains(err.Error(), "too") {
		t.Errorf("by two names: got %v", err)
	}
}

// Nobody writes to the pipe: opening it ends with the context.
func TestOpeningEndsWithItsContext(t *testing.T) {
	path := makePipe(t)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err := OpenFiles(ctx, []string{path}, FilesOptions{})
	if !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, ErrInput) || !strings.Contains(err.Error(), "interrupted") {
		t.Errorf("got %v", err)
	}
	// Let the open that nobody waits for end.
	if f, err := os.OpenFile(path, os.O_WRONLY|syscall.O_NONBLOCK, 0); err == nil {
		_ = f.Close()
	}
}

// The writer holds the pipe open and writes no more: what came is sent, and the
// run ends with its context, or when its duration is over.
func TestWaitingForAPipeEndsWithTheRun(t *testing.T) {
	data := captures.Lines(requests(otlp.FormatJSON, 1, 2, 3))
	for _, byDuration := range []bool{false, true} {
		path := makePipe(t)
		// Opened for both, so that it does not wait for a reader.
		w, err := os.OpenFile(path, os.O_RDWR, 0)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(data); err != nil {
			t.Fatal(err)
		}
		src, err := OpenFiles(t.Context(), []string{path}, FilesOptions{})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		o := Options{Pacer: Unpaced{}}
		if byDuration {
			o.Laps, o.Duration = 1, 50*time.Millisecond
		} else {
			time.AfterFunc(50*time.Millisecond, cancel)
		}
		fake := newFake(took(0))
		fake.anyPayload = true
		o.Transport = fake
		rep, err := Run(ctx, src, o)
		if err != nil || rep.Interrupted == byDuration {
			t.Errorf("by duration %v: got %+v, %v", byDuration, rep.Records, err)
		}
		cancel()
		if err := errors.Join(src.Close(), w.Close()); err != nil {
			t.Error(err)
		}
	}
}

// A pipe that is quiet while the first record is awaited.
func TestWaitingForTheFirstRecordEndsWithTheContext(t *testing.T) {
	path := makePipe(t)
	w, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := OpenFiles(ctx, []string{path}, FilesOptions{}); !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, ErrInput) {
		t.Errorf("got %v", err)
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
		if _, err := OpenFiles(t.Context(), []string{path}, FilesOptions{}); !errors.Is(err, ErrInput) || !strings.Contains(err.Error(), text) {
			t.Errorf("%s: got %v, want bad input with %q", path, err, text)
		}
	}
}
