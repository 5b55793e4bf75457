//go:build linux

package main

import (
	"bytes"
	"encoding/binary"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
)

// watch is what the kernel remembers of changes in directories.
type watch struct {
	fd   int
	dirs map[int32]string // by watch descriptor: what names start with
}

// change is one thing that happened to a name.
type change struct {
	name string // slash-separated
	mask uint32
}

// written are the changes that a file shows that is written under its name.
const written = syscall.IN_CREATE | syscall.IN_MODIFY | syscall.IN_CLOSE_WRITE | syscall.IN_MOVED_TO

func newWatch(t *testing.T, root string, folders ...string) *watch {
	t.Helper()
	fd, err := syscall.InotifyInit1(syscall.IN_CLOEXEC | syscall.IN_NONBLOCK)
	if err != nil {
		t.Skipf("the kernel does not tell of changes: %v", err)
	}
	w := &watch{fd, make(map[int32]string)}
	t.Cleanup(func() { syscall.Close(fd) })
	for _, folder := range append(folders, "") {
		id, err := syscall.InotifyAddWatch(fd, filepath.Join(root, folder), written|syscall.IN_ONLYDIR)
		if err != nil {
			t.Fatalf("watch %s: %v", folder, err)
		}
		w.dirs[int32(id)] = strings.TrimPrefix(folder+"/", "/")
	}
	return w
}

// changes returns what has happened, in its order.
func (w *watch) changes(t *testing.T) (all []change) {
	t.Helper()
	const header = 16 // watch descriptor, mask, cookie, length of the name
	buf := make([]byte, 1<<16)
	for {
		n, err := syscall.Read(w.fd, buf)
		if err == syscall.EAGAIN {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		for b := buf[:n]; len(b) > 0; {
			id, mask := int32(binary.NativeEndian.Uint32(b)), binary.NativeEndian.Uint32(b[4:])
			end := header + binary.NativeEndian.Uint32(b[12:])
			if mask&syscall.IN_Q_OVERFLOW != 0 {
				t.Fatal("the kernel has forgotten changes")
			}
			name, _, _ := bytes.Cut(b[header:end], []byte{0})
			all = append(all, change{w.dirs[id] + string(name), mask})
			b = b[end:]
		}
	}
}

// At no moment, and not only at those of a kill, is there a file that is not
// complete under its final name: names come by renaming, files that have one
// are not written to, and the manifest comes when all others are there.
func TestFinalNamesComeByRenamingOnly(t *testing.T) {
	w := undisturbed(t, longRun...)
	dir := filepath.Join(scratch(t), "corpus")
	args := slices.Concat(longRun, []string{"-o", dir})
	// Begun first, since only folders that exist can be watched, and so far that
	// something in them is kept: empty ones are removed.
	begun := start(t, args...)
	begun.await(filepath.Join(dir, filepath.FromSlash(w.segments[40])))
	begun.signal(syscall.SIGKILL)
	begun.wait()
	before := tree(t, dir)
	if before["manifest.json"] != nil {
		t.Fatal("the kill came too late")
	}

	var folders []string
	for name := range w.files {
		if folder, _, ok := strings.Cut(name, "/"); ok && !slices.Contains(folders, folder) {
			folders = append(folders, folder)
		}
	}
	watch := newWatch(t, dir, folders...)
	mustExecute(t, append(args, "--resume")...)
	checkSame(t, dir, w.files)
	changes := watch.changes(t)
	checkChanges(t, changes, before, w.files)
}

func checkChanges(t *testing.T, changes []change, before, want map[string][]byte) {
	t.Helper()
	there := make(map[string]bool)
	for _, c := range changes {
		switch {
		case c.mask&syscall.IN_ISDIR != 0, unfinished.MatchString(c.name), c.name == "partial.json", c.name == "partial.jsonl":
		case c.mask&written != syscall.IN_MOVED_TO:
			t.Errorf("%s was written where it stands: event %#x", c.name, c.mask)
		case there["manifest.json"]:
			t.Errorf("%s came after manifest.json", c.name)
		default:
			there[c.name] = true
		}
	}
	for name := range want {
		if !there[name] && before[name] == nil {
			t.Errorf("%s did not come by renaming", name)
		}
	}
}
