//go:build unix

package main

import (
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
)

// While a run works in a directory, whoever else would is refused, with 1: there
// is nothing wrong with the command line. The run is halted meanwhile, so that
// it is sure to be there.
func TestSecondRunOnADirectoryIsRefused(t *testing.T) {
	w := undisturbed(t, longRun...)
	dir := filepath.Join(scratch(t), "corpus")
	args := slices.Concat(w.args, []string{"-o", dir})
	run := start(t, args...)
	run.await(filepath.Join(dir, filepath.FromSlash(w.segments[5])))
	run.signal(syscall.SIGSTOP)
	for _, c := range []struct {
		what string
		args []string
	}{
		{"the same command", args},
		{"a resuming one", append(slices.Clone(args), "--resume")},
		{"a replacing one", append(slices.Clone(args), "--force")},
		{"a run of another seed", []string{"--seed", "10", "-n", "5", "-o", dir, "--force"}},
		{"a shard", append(slices.Clone(args), "--shard", "0/3")},
		{"a seal", []string{"seal", dir}},
		{"one more, since the others may have taken the lock away", append(slices.Clone(args), "--resume")},
	} {
		t.Run(c.what, func(t *testing.T) {
			o := execute(t, c.args...)
			checkOneLine(t, o, exitFailed, dir, "another run is writing here")
			if strings.Contains(o.stderr, "complete it with") {
				t.Errorf("it is told to complete what is being completed\n%s", o.stderr)
			}
		})
	}
	run.signal(syscall.SIGCONT)
	if o := run.wait(); o.code != exitDone {
		t.Fatalf("the first run: exit %d\n%s", o.code, o.stderr)
	}
	checkSame(t, dir, w.files)
}

// Of runs that start at the same time one does the work. The others meet it
// working, or its corpus.
func TestOfManyRunsOneWins(t *testing.T) {
	w := undisturbed(t, shortRun...)
	dir := filepath.Join(scratch(t), "corpus")
	var runs []*process
	for range 6 {
		runs = append(runs, start(t, slices.Concat(w.args, []string{"-o", dir})...))
	}
	done := 0
	for _, run := range runs {
		switch o := run.wait(); o.code {
		case exitDone:
			done++
		case exitFailed:
			checkOneLine(t, o, exitFailed, "another run is writing here")
		default:
			checkOneLine(t, o, exitUsage, "directory is not empty")
		}
	}
	if done != 1 {
		t.Errorf("%d runs wrote the corpus, want 1", done)
	}
	checkSame(t, dir, w.files)
}
