//go:build unix

package main

import (
	"bytes"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
)

// checkRefused checks that a command does nothing but say why, in one line.
func checkRefused(t *testing.T, dir string, args []string, words ...string) {
	t.Helper()
	before := tree(t, dir)
	o := execute(t, args...)
	after := tree(t, dir)
	delete(before, ".lock") // of a process that was killed: who locks, unlocks
	delete(after, ".lock")
	if o.code != exitFailed && o.code != exitUsage {
		t.Errorf("got exit %d, signal %v, want to be refused", o.code, o.signal)
	}
	checkOneLine(t, o, o.code, append(words, dir)...)
	if o.stdout != "" || strings.Contains(o.stderr, "complete it with: ") {
		t.Errorf("got more than the reason\n%s\n%s", o.stdout, o.stderr)
	}
	if !maps.EqualFunc(before, after, bytes.Equal) {
		t.Error("something was changed")
	}
	if t.Failed() {
		t.Fatalf("otelsim-gen %q", args)
	}
}

// bump gives a file of a corpus the next version of the format, and something
// that this one does not know.
func bump(t *testing.T, name string) {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	next := bytes.Replace(data, []byte(`"format_version": 1,`), []byte(`"format_version": 2, "novelty": {},`), 1)
	if bytes.Equal(next, data) {
		t.Fatalf("%s has no version", name)
	}
	if err := os.WriteFile(name, next, 0o666); err != nil {
		t.Fatal(err)
	}
}

// A corpus of a newer format, finished or not, is refused by its version, and
// not for what is unknown in it.
func TestNewerFormatIsRefused(t *testing.T) {
	const reason = "unknown corpus format version 2: this otelsim reads 1 to 1"
	root := scratch(t)
	finished, shards, begun := filepath.Join(root, "finished"), filepath.Join(root, "shards"), filepath.Join(root, "begun")
	mustExecute(t, slices.Concat(shortRun, []string{"-o", finished})...)
	bump(t, filepath.Join(finished, "manifest.json"))
	mustExecute(t, slices.Concat(shortRun, []string{"-o", shards, "--shard", "0/1"})...)
	bump(t, filepath.Join(shards, "partial.json"))
	breakOff(t, begun, shortRun...)
	bump(t, filepath.Join(begun, "partial.json"))

	for _, dir := range []string{finished, shards, begun} {
		for _, args := range [][]string{
			{"verify", dir},
			{"show", dir},
			{"seal", dir},
			slices.Concat(shortRun, []string{"-o", dir, "--resume"}),
			slices.Concat(shortRun, []string{"-o", dir, "--shard", "0/1"}),
		} {
			checkRefused(t, dir, args, reason)
		}
		// Asked for nothing of it, a run does not look into it either.
		checkRefused(t, dir, slices.Concat(shortRun, []string{"-o", dir}), "directory is not empty")
	}
	// A newer part among those of this version.
	part := filepath.Join(root, "part")
	mustExecute(t, slices.Concat(shortRun, []string{"-o", part, "--shard", "0/1"})...)
	bump(t, filepath.Join(part, "parts", "0-of-1.json"))
	checkRefused(t, part, []string{"seal", part}, "parts/0-of-1.json", reason)

	// Replacing is another matter.
	w := undisturbed(t, shortRun...)
	mustExecute(t, slices.Concat(shortRun, []string{"-o", finished, "--force"})...)
	checkSame(t, finished, w.files)
}

// breakOff leaves what a run that is killed halfway leaves, less what the
// moment decides.
func breakOff(t *testing.T, dir string, args ...string) {
	t.Helper()
	w := undisturbed(t, args...)
	p := start(t, slices.Concat(args, []string{"-o", dir})...)
	p.await(filepath.Join(dir, filepath.FromSlash(w.segments[len(w.segments)/2])))
	p.signal(syscall.SIGKILL)
	p.wait()
	if _, err := os.Stat(filepath.Join(dir, "manifest.json")); err == nil {
		t.Fatal("the kill came too late")
	}
}

// What is half written is no corpus, and what to do about it is said.
func TestHalfWrittenCorpusIsRefused(t *testing.T) {
	root := scratch(t)
	begun, shards, empty := filepath.Join(root, "begun"), filepath.Join(root, "shards"), filepath.Join(root, "empty")
	breakOff(t, begun, longRun...)
	for _, shard := range []string{"0/3", "2/3"} {
		mustExecute(t, slices.Concat(shortRun, []string{"-o", shards, "--shard", shard})...)
	}
	if err := os.Mkdir(empty, 0o777); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		dir, verb string
		words     []string
	}{
		{begun, "verify", []string{"incomplete corpus", "interrupted", "--resume"}},
		{begun, "show", []string{"incomplete corpus", "interrupted", "--resume"}},
		{begun, "seal", []string{"incomplete corpus", "interrupted", "resumed"}},
		{shards, "verify", []string{"incomplete corpus", "3 shards, and not sealed"}},
		{shards, "show", []string{"incomplete corpus", "3 shards, and not sealed"}},
		{shards, "seal", []string{"incomplete corpus", "missing parts/1-of-3.json"}},
		{empty, "verify", []string{"manifest.json", "no such file"}},
		{empty, "show", []string{"manifest.json", "no such file"}},
		{empty, "seal", []string{"no corpus"}},
		{filepath.Join(root, "absent"), "verify", []string{"no such file"}},
		{filepath.Join(root, "absent"), "show", []string{"no such file"}},
		{filepath.Join(root, "absent"), "seal", []string{"no such file"}},
	} {
		checkRefused(t, c.dir, []string{c.verb, c.dir}, c.words...)
	}
	for _, args := range [][]string{
		longRun, append(with(longRun, "--seed", "10"), "--resume"), append(with(longRun, "--compression", "none"), "--resume"),
		with(longRun, "--shard", "0/2"),
	} {
		checkRefused(t, begun, append(slices.Clone(args), "-o", begun))
	}
}
