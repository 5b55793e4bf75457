//go:build linux

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
)

// A real file system is filled to the brim, so that it overflows at the first
// file, in between, and at the last one. The run fails with one line that names
// the file and the cause, leaves nothing half, and is completed in more room.
func TestFullDisk(t *testing.T) {
	w := undisturbed(t, shortRun...)
	for _, c := range []struct {
		what  string
		mount func(t *testing.T) string
	}{
		{"tmpfs", func(t *testing.T) string { return mountTmpfs(t, "size=4m") }},
		{"ext4", func(t *testing.T) string { return mountExt4(t, 8<<20) }},
	} {
		t.Run(c.what, func(t *testing.T) {
			ownMounts(t)
			fs := c.mount(t)
			dir := filepath.Join(fs, "corpus")
			before, _ := free(t, fs)
			mustExecute(t, slices.Concat(shortRun, []string{"-o", dir})...)
			after, _ := free(t, fs)
			need := before - after
			if err := os.RemoveAll(dir); err != nil {
				t.Fatal(err)
			}
			for _, leave := range few(
				[]int64{0, 1, 2, 3, 4, 6, 10, need / 3, need / 2, need - 5, need - 1},
				[]int64{0, 2, need / 2, need - 1},
			) {
				checkOverflow(t, dir, w, fillUp(t, fs, leave))
				if t.Failed() {
					t.Fatalf("with room for %d of %d blocks", leave, need)
				}
				if err := os.RemoveAll(dir); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

// checkOverflow runs into a full file system, twice, and once more when there
// is room.
func checkOverflow(t *testing.T, dir string, w whole, makeRoom func()) {
	t.Helper()
	args := slices.Concat(w.args, []string{"-o", dir})
	for _, more := range []string{"--workers=2", "--resume"} {
		o := execute(t, append(args, more)...)
		checkOneLine(t, o, exitFailed, dir, "no space left on device")
		t.Log(o.stderr)
		checkWhole(t, dir, w.files)
		for name := range tree(t, dir) {
			if unfinished.MatchString(name) {
				t.Errorf("%s takes room that there is not", name)
			}
		}
		if _, err := os.Stat(dir); err == nil && !strings.Contains(o.stderr, "complete it with: ") {
			t.Errorf("nothing is said about resuming\n%s", o.stderr)
		}
	}
	makeRoom()
	mustExecute(t, append(args, "--resume")...)
	checkSame(t, dir, w.files)
}

// A file system may run out of files before it runs out of room.
func TestNoFilesLeft(t *testing.T) {
	w := undisturbed(t, shortRun...)
	ownMounts(t)
	fs := mountTmpfs(t, "size=8m,nr_inodes=30")
	checkOverflow(t, filepath.Join(fs, "corpus"), w, func() {
		if err := syscall.Mount("tmpfs", fs, "tmpfs", syscall.MS_REMOUNT, "size=8m,nr_inodes=300"); err != nil {
			t.Fatal(err)
		}
	})
}

// Sealing needs room too, for little: without it nothing is sealed and nothing
// lost.
func TestFullDiskWhileSealing(t *testing.T) {
	w := undisturbed(t, shortRun...)
	ownMounts(t)
	fs := mountTmpfs(t, "size=4m")
	dir := filepath.Join(fs, "corpus")
	for shard := range 2 {
		mustExecute(t, slices.Concat(shortRun, []string{"-o", dir, "--shard", fmt.Sprintf("%d/2", shard)})...)
	}
	for _, leave := range []int64{0, 1, 3} {
		makeRoom := fillUp(t, fs, leave)
		checkOneLine(t, execute(t, "seal", dir), exitFailed, dir, "no space left on device")
		checkWhole(t, dir, w.files)
		makeRoom()
	}
	mustExecute(t, "seal", dir)
	checkSame(t, dir, w.files)
}

// Where nothing may be written, root or not, one line says so.
func TestReadOnlyFileSystem(t *testing.T) {
	ownMounts(t)
	fs := mountTmpfs(t, "size=4m")
	begun := filepath.Join(fs, "begun")
	mustExecute(t, slices.Concat(shortRun, []string{"-o", begun, "--shard", "0/2"})...)
	if err := syscall.Mount("tmpfs", fs, "tmpfs", syscall.MS_REMOUNT|syscall.MS_RDONLY, ""); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		what string
		args []string
	}{
		{"a new corpus", slices.Concat(shortRun, []string{"-o", filepath.Join(fs, "new")})},
		{"a shard that would join others", slices.Concat(shortRun, []string{"-o", begun, "--shard", "1/2"})},
		{"a seal", []string{"seal", begun}},
	} {
		checkOneLine(t, execute(t, c.args...), exitFailed, fs, "read-only file system")
		if t.Failed() {
			t.Fatal(c.what)
		}
	}
}

// What is learnt needs little room. Without it one line says so, no file is half there, and
// nothing is taken for the whole; with it, what is there may be written over.
func TestFullDiskWhileLearning(t *testing.T) {
	data := filepath.Join(scratch(t), "data")
	mustExecute(t, "--scenario", "shop", "-n", "40", "--quiet", "-o", data)
	ownMounts(t)
	fs := mountTmpfs(t, "size=4m")
	dir := filepath.Join(fs, "model")
	for _, leave := range []int64{0, 1, 3, 5, 10} {
		makeRoom := fillUp(t, fs, leave)
		checkOneLine(t, execute(t, "learn", "--quiet", "--force", data, "-o", dir), exitFailed, dir, "no space left on device")
		if _, err := os.Stat(filepath.Join(dir, "project.yaml")); err == nil {
			t.Errorf("with room for %d blocks there is a project", leave)
		}
		for name := range tree(t, dir) {
			if unfinished.MatchString(name) {
				t.Errorf("%s takes room that there is not", name)
			}
		}
		makeRoom()
	}
	mustExecute(t, "learn", "--quiet", "--force", data, "-o", dir)
	mustExecute(t, "validate", "--strict", "--project", filepath.Join(dir, "project.yaml"))
}
