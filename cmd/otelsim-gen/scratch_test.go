package main

import (
	"os"
	"testing"
)

// scratch returns an empty directory, in memory where the system has one: the
// thousands of syncs that a few runs take are not what is tested, and on a busy
// disk they are all that a moment would meet.
func scratch(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "otelsim-gen-test-")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	return dir
}
