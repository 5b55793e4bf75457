//go:build unix

package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
)

// A directory that cannot be is bad usage, one that cannot be written a failure
// of the work. Either takes one line and changes nothing.
func TestDirectoryThatCannotBeWritten(t *testing.T) {
	root := scratch(t)
	file := filepath.Join(root, "file")
	if err := os.WriteFile(file, []byte("mine"), 0o666); err != nil {
		t.Fatal(err)
	}
	closed := filepath.Join(root, "closed")
	if err := os.Mkdir(closed, 0o555); err != nil {
		t.Fatal(err)
	}
	foreign := filepath.Join(root, "foreign")
	if err := os.MkdirAll(filepath.Join(foreign, "photos"), 0o777); err != nil {
		t.Fatal(err)
	}
	loop := filepath.Join(root, "loop")
	if err := os.Symlink(loop, loop); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		what, dir string
		code      int
		words     string
		byRoot    bool // root may not do it either
	}{
		{"a file in place of the directory", file, exitUsage, "not a directory", true},
		{"a file in place of the one above", filepath.Join(file, "corpus"), exitUsage, "not a directory", true},
		{"a directory that holds something else", foreign, exitUsage, "photos", true},
		{"a link to itself", loop, exitFailed, "too many levels of symbolic links", true},
		{"a name that is too long", filepath.Join(root, strings.Repeat("x", 256)), exitFailed, "file name too long", true},
		{"a directory without permission", closed, exitFailed, "permission denied", false},
		{"one below it", filepath.Join(closed, "corpus"), exitFailed, "permission denied", false},
	} {
		for _, more := range [][]string{nil, {"--resume"}, {"--force"}, {"--shard", "0/2"}} {
			if !c.byRoot && os.Geteuid() == 0 {
				t.Logf("%s: not tried, root needs no permission", c.what)
				break
			}
			o := execute(t, slices.Concat(shortRun, more, []string{"-o", c.dir})...)
			checkOneLine(t, o, c.code, c.dir, c.words)
			if t.Failed() {
				t.Fatalf("%s, with %q", c.what, more)
			}
		}
	}
	if err := os.Remove(loop); err != nil {
		t.Fatal(err)
	}
	for name, data := range tree(t, root) {
		if name != "file" || string(data) != "mine" {
			t.Errorf("%s was written", name)
		}
	}
}

// The directory goes away under a run: it fails, and does not make a new one of
// what is left to write.
func TestDirectoryVanishes(t *testing.T) {
	for _, c := range []struct {
		what string
		args []string
		file string
	}{
		{"a single run", nil, "000005.pb.zst"},
		{"a shard", []string{"--shard", "1/2"}, "000005.pb.zst"},
	} {
		t.Run(c.what, func(t *testing.T) {
			root := scratch(t)
			dir := filepath.Join(root, "corpus")
			p := start(t, slices.Concat(longRun, c.args, []string{"-o", dir})...)
			p.await(filepath.Join(dir, "traces", c.file))
			p.signal(syscall.SIGSTOP)
			// Away first, so that nothing is added while it is being removed.
			gone := filepath.Join(root, "gone")
			if err := os.Rename(dir, gone); err != nil {
				t.Fatal(err)
			}
			if err := os.RemoveAll(gone); err != nil {
				t.Fatal(err)
			}
			p.signal(syscall.SIGCONT)
			o := p.wait()
			checkOneLine(t, o, exitFailed, dir, "no such file or directory")
			if strings.Contains(o.stderr, "complete it with: ") {
				t.Errorf("there is nothing to complete\n%s", o.stderr)
			}
			if _, err := os.Lstat(dir); err == nil {
				t.Errorf("the directory is there again: %d files", len(tree(t, dir)))
			}
		})
	}
}
