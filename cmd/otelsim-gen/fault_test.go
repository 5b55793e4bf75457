//go:build unix

package main

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Faults are tested from outside, on processes of the command: what survives a
// kill is what the system has, not what the program believes.

// A run of many files, so that a random moment is within one or between two,
// and one that is sure to be under way when its first files are seen.
var (
	shortRun = []string{"--seed", "9", "-n", "180", "--segment-iterations", "3", "--interval", "15s"}
	longRun  = []string{"--seed", "9", "-n", "750", "--segment-iterations", "3", "--interval", "15s"}
)

// process is a running command.
type process struct {
	t      *testing.T
	cmd    *exec.Cmd
	stdout bytes.Buffer
	stderr bytes.Buffer
	ended  chan struct{}
}

// outcome is what became of a process.
type outcome struct {
	code           int            // -1 when a signal ended it
	signal         syscall.Signal // that ended it, or 0
	stdout, stderr string
}

// start starts the command, which TestMain has put into the path.
func start(t *testing.T, args ...string) *process {
	t.Helper()
	return startCommand(t, exec.Command("otelsim-gen", args...))
}

func startCommand(t *testing.T, cmd *exec.Cmd) *process {
	t.Helper()
	p := &process{t: t, cmd: cmd, ended: make(chan struct{})}
	cmd.Stdout, cmd.Stderr = &p.stdout, &p.stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(p.ended)
		_ = cmd.Wait() // the state of the process says it all
	}()
	t.Cleanup(func() {
		_ = cmd.Process.Kill() // a process that a failed test leaves
		<-p.ended
	})
	return p
}

// execute runs the command to its end.
func execute(t *testing.T, args ...string) outcome {
	t.Helper()
	return start(t, args...).wait()
}

// mustExecute runs a command that succeeds.
func mustExecute(t *testing.T, args ...string) outcome {
	t.Helper()
	o := execute(t, args...)
	if o.code != exitDone {
		t.Fatalf("otelsim-gen %q: exit %d, signal %v\n%s", args, o.code, o.signal, o.stderr)
	}
	return o
}

func (p *process) wait() outcome {
	p.t.Helper()
	select {
	case <-p.ended:
	case <-time.After(2 * time.Minute):
		p.t.Fatalf("otelsim-gen %q does not end", p.cmd.Args[1:])
	}
	o := outcome{code: p.cmd.ProcessState.ExitCode(), stdout: p.stdout.String(), stderr: p.stderr.String()}
	if status, ok := p.cmd.ProcessState.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		o.signal = status.Signal()
	}
	return o
}

// signal sends a signal; a process that has ended takes none.
func (p *process) signal(s os.Signal) {
	p.t.Helper()
	if err := p.cmd.Process.Signal(s); err != nil && !errors.Is(err, os.ErrProcessDone) {
		p.t.Fatal(err)
	}
}

// await waits until a file is there, or the process has ended.
func (p *process) await(name string) {
	p.t.Helper()
	for {
		if _, err := os.Lstat(name); err == nil {
			return
		}
		select {
		case <-p.ended:
			return
		case <-time.After(100 * time.Microsecond): // another process has no clock to fake
		}
	}
}

// whole is a corpus that nothing disturbed, and how it was made.
type whole struct {
	args     []string
	files    map[string][]byte
	segments []string      // the names of its segment files, in the order of segments
	duration time.Duration // of making it
}

// wholes are the corpora that are known, by their arguments: many tests take
// the same.
var wholes = make(map[string]whole)

// undisturbed returns the corpus that args make when nothing goes wrong. That
// its files are whole, decompress and decode is what verify says.
func undisturbed(t *testing.T, args ...string) whole {
	t.Helper()
	return made(t, func(dir string) { mustExecute(t, "verify", dir) }, args...)
}

// made returns the corpus that args make when nothing goes wrong, after a look at
// it where it was not known yet.
func made(t *testing.T, look func(dir string), args ...string) whole {
	t.Helper()
	key := strings.Join(args, " ")
	if w, ok := wholes[key]; ok {
		return w
	}
	dir := filepath.Join(scratch(t), "undisturbed")
	begin := time.Now()
	mustExecute(t, slices.Concat(args, []string{"-o", dir})...)
	w := whole{args: args, duration: time.Since(begin)}
	look(dir)
	w.files = tree(t, dir)
	for name := range w.files {
		if strings.Contains(name, "/") {
			w.segments = append(w.segments, name)
		}
	}
	slices.SortFunc(w.segments, func(a, b string) int {
		return cmp.Or(strings.Compare(filepath.Base(a), filepath.Base(b)), strings.Compare(a, b))
	})
	wholes[key] = w
	return w
}

var full = flag.Bool("full", false, "try every kill, full disk and interrupt that is listed or drawn, not a few")

// few returns fewer unless all are asked for: each starts the command several
// times.
func few[T any](all, fewer T) T {
	if *full {
		return all
	}
	return fewer
}

// tree reads the files below a directory, by slash-separated name. An absent
// one has none.
func tree(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	files := make(map[string][]byte)
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		rel, _ := filepath.Rel(dir, path)
		files[filepath.ToSlash(rel)] = data
		return err
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	return files
}

// unfinished is the name of a file that claims nothing: of one being written,
// or a lock.
var unfinished = regexp.MustCompile(`^(.*/)?\.([^/]+\.tmp-[0-9a-f]+|lock(-\d+-of-\d+)?)$`)

// checkWhole checks that every file of an interrupted run of want that has its
// final name is complete, and that there is a manifest only if all else is.
func checkWhole(t *testing.T, dir string, want map[string][]byte) {
	t.Helper()
	have := tree(t, dir)
	for _, name := range slices.Sorted(maps.Keys(have)) {
		data := have[name]
		switch {
		case unfinished.MatchString(name):
		case strings.HasSuffix(name, "partial.jsonl"), strings.HasPrefix(name, "parts/") && strings.HasSuffix(name, ".jsonl"):
			checkJournal(t, name, data)
		case name == "partial.json", name == "build-info.json", strings.HasPrefix(name, "parts/"):
			if !json.Valid(data) || !bytes.HasSuffix(data, []byte("}\n")) {
				t.Errorf("%s is there and not complete: %d bytes", name, len(data))
			}
		case name == "SHA256SUMS":
			checkSums(t, have, want)
		case want[name] == nil:
			t.Errorf("%s is there and no part of the corpus", name)
		case !bytes.Equal(data, want[name]):
			t.Errorf("%s is there and not complete: %d bytes, want %d", name, len(data), len(want[name]))
		}
	}
	if have["manifest.json"] == nil {
		return
	}
	for name := range want {
		if have[name] == nil {
			t.Errorf("manifest.json is there, but %s is not", name)
		}
	}
}

// checkJournal checks that no line but the last is torn.
func checkJournal(t *testing.T, name string, data []byte) {
	t.Helper()
	lines := bytes.Split(data, []byte("\n"))
	for i, line := range lines[:len(lines)-1] {
		if !json.Valid(line) {
			t.Errorf("%s, line %d: got %.60q, want JSON", name, i+1, line)
		}
	}
}

// checkSums checks that SHA256SUMS has the sums of the files that are there,
// and those of all that want has. The manifest comes after it.
func checkSums(t *testing.T, have, want map[string][]byte) {
	t.Helper()
	listed := make(map[string]bool)
	for line := range strings.Lines(string(have["SHA256SUMS"])) {
		sum, name, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "  ")
		listed[name] = true
		data, ok := have[name]
		if !ok && name == "manifest.json" {
			data = want[name]
		}
		if real := sha256.Sum256(data); sum != hex.EncodeToString(real[:]) {
			t.Errorf("SHA256SUMS: %s: got %q, want %x", name, sum, real)
		}
	}
	for name := range want {
		if !listed[name] && name != "SHA256SUMS" {
			t.Errorf("SHA256SUMS: %s is missing", name)
		}
	}
}

// checkSame checks that a directory holds what an undisturbed run leaves, and
// nothing more. The date of writing may differ, and with it one sum.
func checkSame(t *testing.T, dir string, want map[string][]byte) {
	t.Helper()
	have := tree(t, dir)
	for _, name := range slices.Sorted(maps.Keys(have)) {
		if want[name] == nil {
			t.Errorf("%s is left", name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(want)) {
		switch {
		case have[name] == nil:
			t.Errorf("%s is missing", name)
		case name == "build-info.json" || name == "SHA256SUMS":
		case !bytes.Equal(have[name], want[name]):
			t.Errorf("%s is not that of an undisturbed run: %d bytes, want %d", name, len(have[name]), len(want[name]))
		}
	}
	checkSums(t, have, want)
}

// checkOneLine checks that all a failed command says is one line of these
// words, except for how to complete the corpus.
func checkOneLine(t *testing.T, o outcome, code int, words ...string) {
	t.Helper()
	var said []string
	for line := range strings.Lines(o.stderr) {
		if !strings.HasPrefix(line, "complete it with: ") && !strings.HasPrefix(line, "run 'otelsim-gen ") {
			said = append(said, line)
		}
	}
	if o.code != code || len(said) != 1 || !strings.HasPrefix(said[0], "otelsim-gen: ") {
		t.Errorf("got exit %d, signal %v and %d lines, want exit %d and one line\n%s", o.code, o.signal, len(said), code, o.stderr)
		return
	}
	for _, word := range words {
		if !strings.Contains(said[0], word) {
			t.Errorf("got %q, want something of %q", said[0], word)
		}
	}
}
