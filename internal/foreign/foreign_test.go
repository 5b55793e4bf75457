//go:build unix

package foreign

import (
	"errors"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func write(t *testing.T, name, content string) string {
	t.Helper()
	if err := os.WriteFile(name, []byte(content), 0o666); err != nil {
		t.Fatal(err)
	}
	return name
}

func link(t *testing.T, to, name string) string {
	t.Helper()
	if err := os.Symlink(to, name); err != nil {
		t.Fatal(err)
	}
	return name
}

// Nothing but a regular file is read, whatever stands there under its name or
// behind a link, and none of it keeps the reader waiting.
func TestOnlyRegularFilesAreRead(t *testing.T) {
	dir := t.TempDir()
	path := func(name string) string { return filepath.Join(dir, name) }
	file := write(t, path("file"), "content")
	if err := syscall.Mkfifo(path("pipe"), 0o666); err != nil {
		t.Fatal(err)
	}
	// A socket's address is short, a temporary folder's name may not be.
	t.Chdir(dir)
	s, err := net.Listen("unix", "socket")
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for _, c := range []struct {
		what, path string
		want       error // nil: it is read
		words      string
	}{
		{"a file", file, nil, ""},
		{"a link to a file", link(t, "file", path("to file")), nil, ""},
		{"a folder", dir, ErrSpecial, "a folder"},
		{"a pipe that nobody writes to", path("pipe"), ErrSpecial, "a pipe"},
		{"a link to a pipe", link(t, "pipe", path("to pipe")), ErrSpecial, "a pipe"},
		{"a socket", path("socket"), ErrSpecial, "a socket"},
		{"a device without end", "/dev/zero", ErrSpecial, "a device"},
		{"a link to a device", link(t, "/dev/zero", path("to device")), ErrSpecial, "a device"},
		{"nothing", path("nothing"), fs.ErrNotExist, "open "},
		{"a link to nothing", link(t, "nothing", path("to nothing")), fs.ErrNotExist, "open "},
		{"a link to itself", link(t, "loop", path("loop")), syscall.ELOOP, "loop"},
	} {
		data, err := Append([]byte("before "), c.path, 7)
		if c.want == nil {
			if err != nil || string(data) != "before content" {
				t.Errorf("%s: got %q, %v", c.what, data, err)
			}
			continue
		}
		if !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.words) || !strings.Contains(err.Error(), c.path) {
			t.Errorf("%s: got %v, want %v with %q and the path", c.what, err, c.want, c.words)
		}
		if string(data) != "before " {
			t.Errorf("%s: got %q beside an error", c.what, data)
		}
	}
}

// A file is read to its limit and not beyond, whether or not it says its size.
func TestReadingIsBounded(t *testing.T) {
	file := write(t, filepath.Join(t.TempDir(), "file"), "12345678")
	if data, err := Append(nil, file, 8); err != nil || string(data) != "12345678" {
		t.Errorf("at the limit: got %q, %v", data, err)
	}
	if _, err := Append(nil, file, 7); !errors.Is(err, ErrLimit) || !strings.Contains(err.Error(), file) {
		t.Errorf("over the limit: got %v", err)
	}
	const sizeless = "/proc/self/status"
	if _, err := os.Stat(sizeless); err != nil {
		return
	}
	if data, err := Append(nil, sizeless, 1<<20); err != nil || len(data) < 100 {
		t.Errorf("a file that says 0 bytes: got %d, %v", len(data), err)
	}
	if _, err := Append(nil, sizeless, 99); !errors.Is(err, ErrLimit) {
		t.Errorf("a file that says 0 bytes, over the limit: got %v", err)
	}
}

// A path resolved and a name joined to it are what the system opens for the
// path and the name.
func TestResolve(t *testing.T) {
	root := t.TempDir()
	t.Chdir(root)
	for _, d := range []string{"b", "far/away", "here"} {
		if err := os.MkdirAll(d, 0o777); err != nil {
			t.Fatal(err)
		}
	}
	link(t, "../far/away", "here/link")
	link(t, "far/away", "link")
	link(t, "nowhere", "dangling")
	write(t, "file", "")
	for _, c := range []struct {
		path, want string
		err        error
	}{
		{"", "", nil},
		{".", ".", nil},
		{"b", "b", nil},
		{"./b//", "b", nil},
		{"new/corpus", "new/corpus", nil},
		{"link/corpus", "link/corpus", nil},
		{"..", "..", nil},
		{"../../b", "../../b", nil},
		{"./../b", "../b", nil},
		{root + "/b/../new", "", nil}, // compared below
		{"b/../b", "b", nil},
		{"b/../new/corpus", "new/corpus", nil},
		{"..b/..", "", ErrDotDot},
		{"here/link/../corpus", "far/corpus", nil},
		{"link/..", "far", nil},
		{"link/../away/../x", "far/x", nil},
		{"nosuch/../b", "", ErrDotDot},
		{"b/nosuch/../../b", "", ErrDotDot},
		{"dangling/../b", "", ErrDotDot},
		{"file/../b", "", syscall.ENOTDIR},
	} {
		got, err := Resolve(c.path)
		if c.err != nil {
			if !errors.Is(err, c.err) || !strings.Contains(err.Error(), c.path) {
				t.Errorf("%s: got %q, %v, want %v", c.path, got, err, c.err)
			}
			continue
		}
		if filepath.IsAbs(c.path) {
			real, _ := filepath.EvalSymlinks(root)
			c.want = filepath.Join(real, "new")
		}
		if err != nil || got != c.want {
			t.Errorf("%s: got %q, %v, want %q", c.path, got, err, c.want)
		}
	}
}
