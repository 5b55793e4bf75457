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
		// All are read, whatever is asked for.
		if code, _, stderr := command(append(flags, "--dry-run", "-n", "2", "--scenario", "new_claim_phone", "--strict")...); code != exitDone {
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

// One broken file is told, and keeps no scenario of another from being run; but
// nothing is run that it may be about.
func TestOneBrokenFileStopsNoOther(t *testing.T) {
	dir, flags := inputFiles(t)
	put := func(name, text string) {
		if err := os.WriteFile(filepath.Join(dir, "definitions", name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	try := func(why string, want int, says string, args ...string) {
		t.Helper()
		code, _, stderr := command(append(append(args, flags...), "-n", "2", "--force", "--quiet", "-o", filepath.Join(dir, "corpus"))...)
		if code != want || !strings.Contains(stderr, says) {
			t.Errorf("%s: exit %d, want %d and %q: %s", why, code, want, says, stderr)
		}
	}
	for why, text := range map[string]string{
		"broken YAML":     "name: [\n",
		"an unknown key":  "name: broken\nnme: x\n",
		"no text at all":  "\xff",
		"over the limits": strings.Repeat("#", 5<<20),
	} {
		put("broken.yaml", text)
		try(why, exitDone, "definitions/broken.yaml:", "--scenario", "new_claim_phone")
		try(why, exitDone, "; the file is left out: no scenario of it is asked for", "--scenario", "new_claim_phone", "--scenario", "with_rag")
		try(why+", and all scenarios", exitUsage, "definitions/broken.yaml:")
		try(why+", and one that is nowhere", exitUsage, "definitions/broken.yaml:", "--scenario", "broken")
		try(why+", strictly", exitUsage, "definitions/broken.yaml:", "--scenario", "new_claim_phone", "--strict")
	}
	put("broken.yaml", "name: with_rag\ncontext: {tenant: brackenwell, agent: care-assistant-01}\n")
	try("another of its name", exitUsage, "duplicate scenario", "--scenario", "with_rag")
	try("two others of one name", exitDone, "duplicate scenario", "--scenario", "new_claim_phone")
}
