package main

import (
	"bytes"
	"context"
	"path/filepath"
	"strings"
	"testing"
)

// TestInterruptedVerifySaysSo stops verify before it has judged anything.
func TestInterruptedVerifySaysSo(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "corpus")
	var out, errOut bytes.Buffer
	if code := run(context.Background(), []string{"-n", "20", "--segment-iterations", "5", "--quiet", "-o", dir}, &out, &errOut); code != exitDone {
		t.Fatalf("exit %d: %s", code, &errOut)
	}
	ctx, stop := context.WithCancel(context.Background())
	stop()
	errOut.Reset()
	code := run(ctx, []string{"verify", dir}, &out, &errOut)
	if text := errOut.String(); code != exitFailed || !strings.Contains(text, "interrupted: of corpus ") || !strings.Contains(text, "no more than 0 segments") {
		t.Errorf("exit %d, want %d, and a word about it: %q", code, exitFailed, text)
	}
	if strings.Contains(errOut.String(), "no findings") {
		t.Errorf("what was not judged has no findings: %q", &errOut)
	}
}
