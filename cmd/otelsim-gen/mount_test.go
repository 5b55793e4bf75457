//go:build linux

package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"
)

// ownMounts puts the test into a mount namespace of its own: what it mounts is
// there for it and the processes it starts, and ends with it. It is not there
// for the subtests that it runs, which have goroutines of their own.
func ownMounts(t *testing.T) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("only root may mount file systems")
	}
	// Never unlocked: the thread, and the namespace with it, ends with the
	// goroutine of the test.
	runtime.LockOSThread()
	if err := syscall.Unshare(syscall.CLONE_NEWNS); err != nil {
		t.Skipf("no mount namespace: %v", err)
	}
	if err := syscall.Mount("", "/", "", syscall.MS_REC|syscall.MS_PRIVATE, ""); err != nil {
		t.Skipf("no private mounts: %v", err)
	}
}

// mountTmpfs mounts a file system in memory and returns where.
func mountTmpfs(t *testing.T, options string) string {
	t.Helper()
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, options); err != nil {
		t.Skipf("no tmpfs: %v", err)
	}
	unmountAtEnd(t, dir)
	return dir
}

// mountExt4 makes a file system of some bytes in a file and mounts it.
func mountExt4(t *testing.T, size int64) string {
	t.Helper()
	image, dir := filepath.Join(t.TempDir(), "image"), t.TempDir()
	if err := os.WriteFile(image, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(image, size); err != nil {
		t.Fatal(err)
	}
	for _, command := range [][]string{
		{"mkfs.ext4", "-q", "-F", "-m", "0", "-N", "1024", image},
		{"mount", "-o", "loop", image, dir},
	} {
		if out, err := exec.Command(command[0], command[1:]...).CombinedOutput(); err != nil {
			t.Skipf("no ext4: %s: %v: %s", command[0], err, out)
		}
	}
	unmountAtEnd(t, dir)
	return dir
}

func unmountAtEnd(t *testing.T, dir string) {
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, 0); err != nil {
			t.Errorf("unmount %s: %v", dir, err)
		}
	})
}

// free returns how many blocks of a file system are free, and how large they
// are.
func free(t *testing.T, dir string) (blocks, size int64) {
	t.Helper()
	var st syscall.Statfs_t
	if err := syscall.Statfs(dir, &st); err != nil {
		t.Fatal(err)
	}
	return int64(st.Bavail), int64(st.Bsize)
}

// fillUp fills a file system up to so many free blocks, or as near as it gets,
// and returns what makes room again.
func fillUp(t *testing.T, dir string, leave int64) (makeRoom func()) {
	t.Helper()
	// Should the mount not be where it is thought to be, somebody else's disk
	// must not be filled.
	if blocks, size := free(t, dir); blocks*size > 64<<20 {
		t.Fatalf("%s has %d bytes free: that is no file system for tests", dir, blocks*size)
	}
	name := filepath.Join(dir, "ballast")
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	for {
		blocks, size := free(t, dir)
		if blocks <= leave {
			break
		}
		// A little less than it takes, since the map of a file's blocks has to
		// be somewhere too.
		n := max(1, (blocks-leave)*7/8)
		if _, err := f.Write(make([]byte, n*size)); err != nil {
			t.Fatal(fmt.Errorf("fill up to %d blocks: %w", leave, err))
		}
		if err := f.Sync(); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	return func() {
		if err := os.Remove(name); err != nil {
			t.Fatal(err)
		}
	}
}
