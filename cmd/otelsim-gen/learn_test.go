package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestLearnTakesItsFlagsAnywhere: flags stand before the verb too, the report goes where it is
// asked for, and a key that is none is told before anything is written.
func TestLearnTakesItsFlagsAnywhere(t *testing.T) {
	dir := scratch(t)
	in := func(name string) string { return filepath.Join(dir, name) }
	mustRun(t, "--scenario", "shop", "-n", "40", "--quiet", "-o", in("data"))
	for i, args := range [][]string{
		{"--report", in("r0.md"), "learn", "--quiet", in("data"), "-o", in("m0")},
		{"--quiet", "-o", in("m1"), "learn", in("data"), "--report", in("r1.md")},
	} {
		mustRun(t, args...)
		for _, name := range []string{in([]string{"r0.md", "r1.md"}[i]), in([]string{"m0", "m1"}[i] + "/scenarios/learnt.yaml")} {
			if _, err := os.Stat(name); err != nil {
				t.Error(err)
			}
		}
		if _, err := os.Stat(in([]string{"m0", "m1"}[i] + "/report.md")); err == nil {
			t.Errorf("%q: a second report", args)
		}
	}
	for text, want := range map[string]string{"": "a key of 0 bytes: want 16 or more", "short\n": "a key of 5 bytes: want 16 or more", " fifteen bytes..\n": "a key of 15 bytes"} {
		if err := os.WriteFile(in("key"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		code, _, stderr := command("learn", in("data"), "-o", in("m2"), "--rename", in("key"))
		if code != exitUsage || !strings.Contains(stderr, "--rename "+in("key")+": "+want) {
			t.Errorf("%q: exit %d: %s", text, code, stderr)
		}
	}
	if code, _, stderr := command("learn", in("data"), "-o", in("m2"), "--rename", in("nothing")); code != exitUsage || !strings.Contains(stderr, "no such file") {
		t.Errorf("exit %d: %s", code, stderr)
	}
	for name, want := range map[string]string{in("nowhere/r.md"): "no such file", in("data/manifest.json"): "is to be read"} {
		if code, _, stderr := command("learn", in("data"), "-o", in("m2"), "--report", name); code != exitUsage || !strings.Contains(stderr, "--report: ") || !strings.Contains(stderr, want) {
			t.Errorf("%s: exit %d: %s", name, code, stderr)
		}
	}
	if _, err := os.Stat(in("m2")); err == nil {
		t.Error("something was written")
	}
	mustRun(t, "learn", "--quiet", in("data"), "-o", in("m3"), "--report", in("m3/about/r.md"))
	if _, err := os.Stat(in("m3/about/r.md")); err != nil {
		t.Error(err)
	}
}

// TestLearnLeavesNothingHalf: where a file cannot be written there is no project afterwards, not
// that of an earlier model either; and one that is whole has no scenarios of another one.
func TestLearnLeavesNothingHalf(t *testing.T) {
	dir := scratch(t)
	in := func(name string) string { return filepath.Join(dir, name) }
	mustRun(t, "--scenario", "shop", "-n", "40", "--quiet", "-o", in("data"))
	for _, name := range []string{"config.yaml", "scenarios/learnt.yaml"} {
		if err := os.MkdirAll(in("m/"+name), 0o777); err != nil {
			t.Fatal(err)
		}
		for old, text := range map[string]string{"m/project.yaml": "of another one", "m/scenarios/learnt_period_2.yaml": "likewise", "m/scenarios/learnt_period_two.yaml": "one's own"} {
			if err := os.MkdirAll(filepath.Dir(in(old)), 0o777); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(in(old), []byte(text), 0o666); err != nil {
				t.Fatal(err)
			}
		}
		code, _, stderr := command("learn", "--quiet", "--force", in("data"), "-o", in("m"))
		if code == exitDone || !strings.Contains(stderr, name) {
			t.Errorf("%s: exit %d: %s", name, code, stderr)
		}
		if _, err := os.Stat(in("m/project.yaml")); err == nil {
			t.Errorf("%s could not be written, and there is a project", name)
		}
		if err := os.Remove(in("m/" + name)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Remove(in("m/scenarios/learnt_period_two.yaml")); err != nil {
		t.Error(err) // it was one's own
	}
	mustRun(t, "learn", "--quiet", "--force", in("data"), "-o", in("m"))
	if _, err := os.Stat(in("m/scenarios/learnt_period_2.yaml")); err == nil {
		t.Error("the scenario of a period that another model had")
	}
	mustRun(t, "validate", "--project", in("m/project.yaml"))
}

// TestLearnApartFromWhatIsRead: what is learnt does not go where the capture is, and a search for
// leaks in nothing is none.
func TestLearnApartFromWhatIsRead(t *testing.T) {
	dir := scratch(t)
	in := func(name string) string { return filepath.Join(dir, name) }
	mustRun(t, "--scenario", "shop", "-n", "40", "--quiet", "-o", in("all/data"))
	if err := errors.Join(os.Symlink(in("all/data"), in("link")), os.Mkdir(in("empty"), 0o777)); err != nil {
		t.Fatal(err)
	}
	for _, output := range []string{"all/data", "all/data/model", "all", "link", "link/model/../model"} {
		if code, _, stderr := command("learn", in("all/data"), "-o", in(output), "--force"); code != exitUsage || !strings.Contains(stderr, "hold one another") {
			t.Errorf("%s: exit %d: %s", output, code, stderr)
		}
	}
	if _, err := os.Stat(in("all/data/project.yaml")); err == nil {
		t.Error("something was written")
	}
	if code, _, stderr := command("learn", in("all/data"), "--leaks-only", in("empty")); code != exitUsage || !strings.Contains(stderr, "nothing to look for") {
		t.Errorf("exit %d: %s", code, stderr)
	}
}
