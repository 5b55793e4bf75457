//go:build unix

package main

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Interrupted, a run finishes what is under way, exits with 1, and says a
// command that completes the corpus when it is pasted into a shell.
func TestInterruptedThenCompletedAsTold(t *testing.T) {
	w := undisturbed(t, longRun...)
	for i := range few(6, 2) {
		r := rand.New(rand.NewPCG(3, uint64(i)))
		sig := []syscall.Signal{syscall.SIGINT, syscall.SIGTERM}[i%2]
		// Late ones might come too late.
		file := w.segments[r.IntN(len(w.segments)/3)]
		t.Run(fmt.Sprintf("%v after %s", sig, strings.ReplaceAll(file, "/", " ")), func(t *testing.T) {
			// A name that a shell would make something else of.
			name := "it's $HOME & more"
			parent := scratch(t)
			dir := filepath.Join(parent, name)
			cmd := exec.Command("otelsim-gen", slices.Concat(w.args, []string{"--workers", "2", "-o", name})...)
			cmd.Dir = parent
			p := startCommand(t, cmd)
			p.await(filepath.Join(dir, filepath.FromSlash(file)))
			p.signal(sig)
			o := p.wait()
			checkOneLine(t, o, exitFailed, "interrupted: "+name+" is not complete")
			checkWhole(t, dir, w.files)
			for have := range tree(t, dir) {
				if unfinished.MatchString(have) {
					t.Errorf("%s is left by a clean end", have)
				}
			}
			paste(t, parent, o.stderr)
			checkSame(t, dir, w.files)
		})
	}
}

// paste runs in a shell, in dir, the command that stderr tells.
func paste(t *testing.T, dir, stderr string) {
	t.Helper()
	_, line, ok := strings.Cut(stderr, "complete it with: ")
	line, _, _ = strings.Cut(line, "\n")
	if !ok || strings.Count(line, "--resume") != 1 {
		t.Fatalf("no command with one --resume told\n%s", stderr)
	}
	shell := exec.Command("sh", "-c", line)
	shell.Dir = dir
	if o := startCommand(t, shell).wait(); o.code != exitDone {
		t.Fatalf("%s: exit %d\n%s", line, o.code, o.stderr)
	}
}

// A run that resumes is interrupted as well as any, and so is a shard. What is
// told names what was asked for.
func TestResumeAndShardInterrupted(t *testing.T) {
	w := undisturbed(t, longRun...)
	for _, c := range []struct {
		what string
		args []string
		file string
	}{
		{"a resuming run", []string{"--resume"}, w.segments[30]},
		{"a shard", []string{"--shard=0/1"}, w.segments[7]},
	} {
		t.Run(c.what, func(t *testing.T) {
			dir := filepath.Join(scratch(t), "corpus")
			p := start(t, slices.Concat(w.args, c.args, []string{"-o", dir})...)
			p.await(filepath.Join(dir, filepath.FromSlash(c.file)))
			p.signal(syscall.SIGINT)
			o := p.wait()
			checkOneLine(t, o, exitFailed, "interrupted")
			paste(t, "", o.stderr)
			if c.args[0] != "--resume" {
				mustExecute(t, "seal", dir)
			}
			checkSame(t, dir, w.files)
		})
	}
}

// The second signal ends the process at once, which is no worse than a kill.
// That goes for a process that was started to ignore it, too, as the jobs are
// that a shell script puts into the background.
func TestSecondInterruptEndsAtOnce(t *testing.T) {
	// A segment that takes longer than signals are taken for one. Its bytes are
	// compared; that such bytes verify is shown by shorter ones.
	long := []string{"--seed", "9", "-n", "5000", "--segment-iterations", "5000", "--zstd-level", "better", "--workers", "1"}
	for _, c := range []struct {
		what    string
		command []string
	}{
		{"as usual", []string{"otelsim-gen"}},
		{"in the background", []string{"sh", "-c", `trap "" INT; exec otelsim-gen "$@"`, "sh"}},
	} {
		t.Run(c.what, func(t *testing.T) {
			dir := filepath.Join(scratch(t), "corpus")
			command := slices.Concat(c.command, long, []string{"-o", dir})
			o := endTwice(t, command, dir)
			if o.code != exitInterrupted || o.stderr != "" {
				t.Errorf("got exit %d, signal %v, want to be gone with %d\n%s", o.code, o.signal, exitInterrupted, o.stderr)
			}
			if _, err := os.Stat(filepath.Join(dir, "traces", "000000.pb.zst")); err == nil {
				t.Error("the segment under way was finished first")
			}
			mustExecute(t, slices.Concat(long, []string{"--resume", "-o", dir})...)
			checkSame(t, dir, made(t, func(string) {}, long...).files)
		})
	}
}

// endTwice interrupts a command in its first segment until it has ended.
func endTwice(t *testing.T, command []string, dir string) (o outcome) {
	t.Helper()
	for range 4 {
		p := startCommand(t, exec.Command(command[0], command[1:]...))
		p.await(filepath.Join(dir, "partial.jsonl"))
		time.Sleep(50 * time.Millisecond) // the first segment comes next, and takes a second or two
		sent := p.insist()
		if o = p.wait(); o.code != exitFailed {
			return o
		}
		// On a busy machine all of them may have come before the segment, or at
		// its end.
		t.Logf("%d signals within the segment did not do: %s", sent, o.stderr)
		if err := os.RemoveAll(dir); err != nil {
			t.Fatal(err)
		}
	}
	return o
}

// insist interrupts a process until it has ended, and returns how often. Two
// signals at once may count as one.
func (p *process) insist() (sent int) {
	p.t.Helper()
	for {
		p.signal(os.Interrupt)
		sent++
		select {
		case <-p.ended:
			return sent
		case <-time.After(2 * time.Millisecond):
		}
	}
}
