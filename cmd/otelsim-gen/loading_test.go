package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/otelsim/otelsim/config"
	"github.com/otelsim/otelsim/definitions"
)

// inputFiles writes the bundled inputs into a folder, as one would who is about
// to change them, and returns the flags that name them.
func inputFiles(t *testing.T) (dir string, flags []string) {
	t.Helper()
	dir = t.TempDir()
	if err := os.CopyFS(dir, config.FS); err != nil {
		t.Fatal(err)
	}
	if err := os.CopyFS(filepath.Join(dir, "definitions"), definitions.FS); err != nil {
		t.Fatal(err)
	}
	return dir, []string{"--config", filepath.Join(dir, "config.yaml"), "--semconv", filepath.Join(dir, "semconv.yaml"),
		"--definitions", filepath.Join(dir, "definitions")}
}

// command runs the command and returns what it prints.
func command(args ...string) (code int, stdout, stderr string) {
	var out, errs bytes.Buffer
	code = run(context.Background(), args, &out, &errs)
	return code, out.String(), errs.String()
}

// Every input file may say which YAML it is written in.
func TestYAMLDirectivesInEveryFile(t *testing.T) {
	for _, version := range []string{"1.1", "1.2"} {
		dir, flags := inputFiles(t)
		for _, name := range []string{"config.yaml", "resource.yaml", "semconv.yaml", "definitions/new_claim_phone.yaml"} {
			name = filepath.Join(dir, name)
			data, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(name, append([]byte("%YAML "+version+"\n---\n"), data...), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if code, _, stderr := command(append(flags, "validate", "--strict")...); code != exitDone {
			t.Errorf("%s: exit %d: %s", version, code, stderr)
		}
	}
}

// A file of doubled keys says so some times and counts the rest.
func TestMessagesAreCapped(t *testing.T) {
	dir, flags := inputFiles(t)
	var b strings.Builder
	for i := range 40_000 {
		fmt.Fprintf(&b, "k%d: 1\n", i%20_000)
	}
	if err := os.WriteFile(filepath.Join(dir, "definitions", "twice.yaml"), []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	code, _, stderr := command(append(flags, "validate")...)
	if code != exitUsage || len(stderr) > 100_000 || !strings.Contains(stderr, "more problems\n") || !strings.Contains(stderr, "bad input: 40,000 errors") {
		t.Errorf("exit %d, %d bytes, ending in %s", code, len(stderr), stderr[max(0, len(stderr)-200):])
	}
}
