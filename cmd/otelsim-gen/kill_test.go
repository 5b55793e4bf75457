//go:build unix

package main

import (
	"cmp"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

var kills = flag.Int("kills", 0, "how many runs TestKilledThenResumed kills; 0 for a few")

// moment is when a run is killed: some time after a file has appeared, or after
// the start.
type moment struct {
	file  string
	after time.Duration
}

func (m moment) String() string {
	if m.file == "" {
		return fmt.Sprintf("%v after the start", m.after)
	}
	return fmt.Sprintf("%v after %s", m.after, m.file)
}

// firstFiles and lastFiles are those of the short stretches at the two ends of a run,
// which moments of equal chance would hardly meet.
var (
	firstFiles = []string{"partial.json", "conventions.yaml"}
	lastFiles  = []string{"build-info.json", "SHA256SUMS", "manifest.json"}
)

// randomMoment returns a moment of a run that makes these segment files in
// this time.
func randomMoment(r *rand.Rand, segments []string, duration time.Duration) moment {
	step := duration / time.Duration(len(segments))
	switch r.IntN(8) {
	case 0:
		return moment{firstFiles[r.IntN(len(firstFiles))], rand.N(5 * step)}
	case 1:
		// Little is left to do, in little time.
		return moment{lastFiles[r.IntN(len(lastFiles))], rand.N(step / 8)}
	case 2:
		return moment{"", time.Duration(r.Int64N(int64(duration)))}
	}
	return moment{segments[r.IntN(len(segments))], time.Duration(r.Int64N(int64(2 * step)))}
}

// kill kills a process at a moment, and reports whether it came in time.
func (p *process) kill(dir string, m moment) bool {
	p.t.Helper()
	if m.file != "" {
		p.await(filepath.Join(dir, filepath.FromSlash(m.file)))
	}
	select {
	case <-p.ended:
	case <-time.After(m.after):
	}
	p.signal(syscall.SIGKILL)
	return p.wait().signal == syscall.SIGKILL
}

// Killed at a random moment, and now and then killed again while resuming, a
// run leaves nothing half under a final name, and resuming it ends in the bytes
// of a run that nobody killed.
func TestKilledThenResumed(t *testing.T) {
	n := cmp.Or(*kills, few(10, 3))
	var ws []whole
	for _, compression := range []string{"zstd", "none", "gzip"} {
		ws = append(ws, undisturbed(t, slices.Concat(shortRun, []string{"--compression", compression})...))
	}
	killed, resumesKilled := 0, 0
	stages := make(map[string]int)
	// A kill that comes after the end is none.
	for i := 0; killed < n && i < 2*n && !t.Failed(); i++ {
		// Each has its own stream, so that one can be done alone.
		r := rand.New(rand.NewPCG(1, uint64(i)))
		w := ws[i%len(ws)]
		m := randomMoment(r, w.segments, w.duration)
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			dir := filepath.Join(scratch(t), "corpus")
			args := slices.Concat(w.args, []string{"-o", dir})
			workers := func() []string { return []string{"--workers", strconv.Itoa(1 + r.IntN(3))} }
			if start(t, slices.Concat(args, workers())...).kill(dir, m) {
				killed++
			}
			stages[stage(t, dir, len(w.segments))]++
			checkWhole(t, dir, w.files)
			for r.IntN(3) == 0 {
				m := moment{after: time.Duration(r.Int64N(int64(w.duration)))}
				if start(t, slices.Concat(args, workers(), []string{"--resume"})...).kill(dir, m) {
					resumesKilled++
				}
				checkWhole(t, dir, w.files)
			}
			mustExecute(t, slices.Concat(args, workers(), []string{"--resume"})...)
			checkSame(t, dir, w.files)
			if t.Failed() {
				t.Logf("killed %v", m)
			}
		})
	}
	t.Logf("%d runs killed, and %d resuming ones; reached then, or after the end: %v", killed, resumesKilled, stages)
	if killed < n && !t.Failed() {
		t.Errorf("only %d of %d kills met a run that was under way", killed, 2*n)
	}
}

// stage says how far a run has come.
func stage(t *testing.T, dir string, segments int) string {
	t.Helper()
	have := tree(t, dir)
	n := 0
	for name := range have {
		if strings.Contains(name, "/") && !unfinished.MatchString(name) {
			n++
		}
	}
	switch {
	case len(have) == 0:
		return "nothing"
	case have["manifest.json"] != nil:
		return "manifest"
	case n == 0:
		return "no segment"
	case n == segments:
		return "all segments"
	}
	return fmt.Sprintf("%d%% of segments", 10*(10*n/segments))
}

// What a kill left is damaged before it is resumed: what is no longer as it was
// written is written again, whatever the journal says.
func TestResumeRepairsDamage(t *testing.T) {
	w := undisturbed(t, longRun...)
	dir := filepath.Join(scratch(t), "corpus")
	args := slices.Concat(w.args, []string{"-o", dir})
	p := start(t, args...)
	p.kill(dir, moment{file: w.segments[40]})
	if _, err := os.Stat(filepath.Join(dir, "manifest.json")); err == nil {
		t.Fatal("the kill came too late")
	}
	path := func(name string) string { return filepath.Join(dir, filepath.FromSlash(name)) }
	half := w.files[w.segments[3]][:1000]
	flipped := slices.Clone(w.files[w.segments[5]])
	flipped[len(flipped)/2] ^= 1
	replace(t, path(w.segments[3]), half)
	replace(t, path(w.segments[5]), flipped)
	replace(t, path(w.segments[7]), nil)
	replace(t, path(w.segments[9]), w.files[w.segments[10]])
	replace(t, path(w.segments[11]), []byte{})
	replace(t, path("conventions.yaml"), []byte("half"))
	journal, err := os.OpenFile(path("partial.jsonl"), os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := journal.WriteString(`{"info":{"segment":99,"first_iter`); err != nil {
		t.Fatal(err)
	}
	if err := journal.Close(); err != nil {
		t.Fatal(err)
	}
	mustExecute(t, append(args, "--resume")...)
	checkSame(t, dir, w.files)
}

// A shard is killed, its neighbours are not: it is written again without
// anybody saying so, and the seal, killed too, is done again.
func TestShardAndSealKilled(t *testing.T) {
	w := undisturbed(t, shortRun...)
	for i := range few(4, 1) {
		r := rand.New(rand.NewPCG(2, uint64(i)))
		dir := filepath.Join(scratch(t), "corpus")
		args := slices.Concat(w.args, []string{"-o", dir, "--shard"})
		for shard := range 3 {
			p := start(t, append(args, fmt.Sprintf("%d/3", shard))...)
			if r.IntN(2) == 0 {
				p.kill(dir, moment{after: time.Duration(r.Int64N(int64(w.duration / 3)))})
				checkWhole(t, dir, w.files)
				mustExecute(t, append(args, fmt.Sprintf("%d/3", shard))...)
			}
			if o := p.wait(); o.signal == 0 && o.code != exitDone {
				t.Fatalf("shard %d: %s", shard, o.stderr)
			}
		}
		start(t, "seal", dir).kill(dir, moment{lastFiles[r.IntN(len(lastFiles))], rand.N(2 * time.Millisecond)})
		checkWhole(t, dir, w.files)
		mustExecute(t, "seal", dir)
		checkSame(t, dir, w.files)
	}
}

// The lock of a process that was killed is no lock.
func TestKillFreesTheLock(t *testing.T) {
	w := undisturbed(t, longRun...)
	dir := filepath.Join(scratch(t), "corpus")
	args := slices.Concat(longRun, []string{"-o", dir})
	p := start(t, args...)
	p.await(filepath.Join(dir, "traces", "000003.pb.zst"))
	p.signal(syscall.SIGKILL)
	p.wait()
	if _, err := os.Stat(filepath.Join(dir, ".lock")); err != nil {
		t.Fatalf("the kill came too late: %v", err)
	}
	mustExecute(t, append(args, "--resume")...)
	checkSame(t, dir, w.files)
}
