package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestInterruptedStats: an interrupt leaves no page, and says that nothing can be said.
func TestInterruptedStats(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "corpus")
	var out, errOut bytes.Buffer
	if code := run(t.Context(), []string{"--quiet", "-n", "20", "-o", dir}, &out, &errOut); code != exitDone {
		t.Fatal(errOut.String())
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	page := filepath.Join(t.TempDir(), "page.html")
	code := run(ctx, []string{"stats", "--html", page, dir}, &out, &errOut)
	if code != exitFailed || out.Len() > 0 || !strings.Contains(errOut.String(), "interrupted: nothing can be said of the rest") {
		t.Errorf("code %d, %q, %q", code, out.String(), errOut.String())
	}
	if _, err := os.Stat(page); !os.IsNotExist(err) {
		t.Errorf("a page is there: %v", err)
	}
}

// TestInterruptedLearn: an interrupt leaves no file.
func TestInterruptedLearn(t *testing.T) {
	dir := scratch(t)
	mustRun(t, "--quiet", "--scenario", "shop", "-n", "20", "-o", filepath.Join(dir, "corpus"))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var out, errOut bytes.Buffer
	code := run(ctx, []string{"learn", filepath.Join(dir, "corpus"), "-o", filepath.Join(dir, "model")}, &out, &errOut)
	if code != exitFailed || out.Len() > 0 || !strings.Contains(errOut.String(), "interrupted: nothing can be said of the rest") {
		t.Errorf("code %d, %q, %q", code, out.String(), errOut.String())
	}
	if _, err := os.Stat(filepath.Join(dir, "model")); !os.IsNotExist(err) {
		t.Errorf("something was written: %v", err)
	}
}
