//go:build unix

package main

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime/debug"
	"runtime/metrics"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/otelsim/otelsim/pkg/corpus"
)

var (
	tamperings = flag.Int("tamperings", 25, "corpora that TestTamperings tampers with")
	tamperSeed = flag.Uint64("tamper-seed", 1, "the seed of the first of them; the others follow")
)

const (
	tamperDeadline = 60 * time.Second // for one command
	tamperMemory   = 512 << 20        // of the process, in bytes
)

// state is how far the writing of a corpus has come.
type state int

const (
	finished state = iota
	halfWritten
	inParts
)

// victim is a corpus that is tampered with, a copy of its own. Beside it is a
// folder that nothing may touch.
type victim struct {
	r       *rand.Rand
	base    *base
	dir     string
	outside string
	log     string // what was done
}

// base is what victims are copies of.
type base struct {
	name  string
	state state
	dir   string
	args  []string // that made it
	given []string // of these, those that name its inputs
	whole string   // the finished corpus of the same arguments
}

// consequence is what has to come of a tampering.
type consequence int

const (
	mustBeFound consequence = iota // by verify, by itself
	mayBeLawful                    // by verify, or else by making it again
	harmless                       // it is no part of what a corpus is
)

// tampering is one way to change a corpus. Apply reports false where there is
// nothing to change in that way.
type tampering struct {
	name   string
	states []state
	want   consequence
	apply  func(v *victim) bool
	forged bool // digests and counts fit
}

// TestTamperings changes corpora in ways that a seed chooses, and holds verify,
// resume and seal to what must come of it: they end in time, within their
// memory, touch nothing outside of the folder, and find the change or restore
// what was there.
func TestTamperings(t *testing.T) {
	root := scratch(t)
	bases := tamperBases(t, root)
	all := append(fileTamperings(), forgeries()...)
	peak := watchMemory(t)
	counts := make(map[string]int)
	for i := range *tamperings {
		seed := *tamperSeed + uint64(i)
		r := rand.New(rand.NewPCG(seed, 0x7461_6d70_6572))
		b := &bases[r.IntN(len(bases))]
		v := newVictim(t, r, b, filepath.Join(root, "victim"))
		var done *tampering
		for done == nil {
			x := &all[r.IntN(len(all))]
			if slices.Contains(x.states, b.state) && x.apply(v) {
				done = x
			}
		}
		counts[done.name]++
		before := snapshot(t, v.outside)
		peak.Store(0)
		if problem := judgeVictim(v, done); problem != "" {
			t.Errorf("seed %d: %s: %s: %s: %s", seed, b.name, done.name, v.log, problem)
		}
		if most := peak.Load(); most > tamperMemory {
			t.Errorf("seed %d: %s: %s: %s: took %d MB", seed, b.name, done.name, v.log, most>>20)
			debug.FreeOSMemory()
		}
		if after := snapshot(t, v.outside); after != before {
			t.Errorf("seed %d: %s: %s: %s: outside was touched:\n%s\nwas\n%s", seed, b.name, done.name, v.log, after, before)
		}
		if err := os.RemoveAll(filepath.Dir(v.dir)); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("%v", counts)
}

// judgeVictim runs what has to notice, and returns what is wrong with that.
func judgeVictim(v *victim, done *tampering) string {
	if v.base.state == finished {
		return judgeFinished(v, done.want)
	}
	args := []string{"seal", v.dir, "--quiet"}
	if v.base.state == halfWritten {
		args = append(slices.Clone(v.base.args), "--resume", "-o", v.dir)
	}
	code, out := invoke(args...)
	switch {
	case code < 0:
		return out
	case code != exitDone:
		return "" // refused
	case sameCorpus(v.dir, v.base.whole):
		return "" // restored
	}
	if done.forged { // it may be sealed, and is found then
		return judgeFinished(v, done.want)
	}
	return fmt.Sprintf("%q made another corpus of it: %s", args, out)
}

func judgeFinished(v *victim, want consequence) string {
	code, out := invoke("verify", v.dir)
	switch {
	case code < 0:
		return out
	case strings.ContainsFunc(out, func(r rune) bool { return r < ' ' && r != '\n' && r != '\t' || r == 0x7f }):
		return fmt.Sprintf("control characters were printed: %q", out)
	case len(out) > 1<<20:
		return fmt.Sprintf("%d bytes were printed", len(out))
	case code != exitDone && want == harmless:
		return "verify finds something in it: " + out
	case code != exitDone || want == harmless:
		return ""
	case want == mustBeFound:
		return "verify finds nothing"
	}
	if code, out = invoke(append([]string{"verify", v.dir, "--regenerate"}, v.base.given...)...); code == exitDone {
		return "neither verify nor making it again finds anything"
	} else if code < 0 {
		return out
	}
	return ""
}

// invoke runs the command in this process. The code is negative when it did not
// end, or not as a command ends.
func invoke(args ...string) (code int, out string) {
	type end struct {
		code int
		out  string
	}
	done := make(chan end, 1)
	go func() {
		var stdout, stderr bytes.Buffer
		defer func() {
			if p := recover(); p != nil {
				done <- end{-1, fmt.Sprintf("%q panics: %v\n%s", args, p, debug.Stack())}
			}
		}()
		code := run(context.Background(), args, &stdout, &stderr)
		done <- end{code, stdout.String() + stderr.String()}
	}()
	late := time.NewTimer(tamperDeadline)
	defer late.Stop()
	select {
	case e := <-done:
		return e.code, e.out
	case <-late.C:
		return -1, fmt.Sprintf("%q has not ended after %v", args, tamperDeadline)
	}
}

// watchMemory samples the memory of the process, and keeps the most.
func watchMemory(t *testing.T) *atomic.Uint64 {
	percent := debug.SetGCPercent(100) // as processes collect theirs, whatever the tests around it do
	debug.FreeOSMemory()               // what other tests have left is none of it
	peak, stop := new(atomic.Uint64), make(chan struct{})
	t.Cleanup(func() { close(stop); debug.SetGCPercent(percent) })
	go func() {
		samples := []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
		tick := time.NewTicker(3 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-stop:
				return
			case <-tick.C:
				metrics.Read(samples)
				if now := samples[0].Value.Uint64() - samples[1].Value.Uint64(); now > peak.Load() {
					peak.Store(now)
				}
			}
		}
	}()
	return peak
}

// tamperBases makes what is tampered with.
func tamperBases(t *testing.T, root string) []base {
	t.Helper()
	must := func(args ...string) {
		if code, out := invoke(args...); code != exitDone {
			t.Fatalf("%q: exit %d\n%s", args, code, out)
		}
	}
	var bases []base
	// Beside agents, for which options mean something that mean nothing for systems.
	const systems = "--definitions ../../pkg/conform/trial/testdata/shop.yaml --definitions ../../definitions/redaction_basic.yaml"
	for _, row := range []struct{ name, flags, definitions string }{
		{"protobuf", "-n 24 --segment-iterations 8", ""},
		{"json", "-n 24 --segment-iterations 8 --format json --compression none --temporality delta", ""},
		{"unified", "-n 24 --segment-iterations 8 --format json --compression gzip --trace-shape unified --interval-deviation 2s", ""},
		{"merged", "-n 24 --segment-iterations 12 --batch-items 60 --compression none", ""},
		{"systems", "-n 48 --segment-iterations 16", systems},
	} {
		args := append(strings.Fields(row.flags), "--seed", "7", "--quiet", "--interval", "20s")
		given := strings.Fields(row.definitions)
		args = append(args, given...)
		dir := filepath.Join(root, row.name)
		must(append(slices.Clone(args), "-o", dir)...)
		bases = append(bases, base{row.name, finished, dir, args, given, dir})
		parts := dir + "-parts"
		for _, shard := range []string{"0/2", "1/2"} {
			must(append(slices.Clone(args), "-o", parts, "--shard", shard)...)
		}
		bases = append(bases, base{row.name + " in parts", inParts, parts, args, given, dir})
		half := dir + "-half"
		leaveHalf(t, dir, half)
		bases = append(bases, base{row.name + " half-written", halfWritten, half, args, given, dir})
	}
	return bases
}

// newVictim copies a base, with something beside it that is not part of it.
func newVictim(t *testing.T, r *rand.Rand, b *base, root string) *victim {
	t.Helper()
	v := &victim{r: r, base: b, dir: filepath.Join(root, "corpus"), outside: filepath.Join(root, "outside")}
	for _, dir := range []string{root, v.outside, filepath.Join(v.outside, "traces")} {
		if err := os.MkdirAll(dir, 0o777); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.CopyFS(v.dir, os.DirFS(b.dir)); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"precious", "traces/000000.pb", ".lock"} {
		if err := os.WriteFile(filepath.Join(v.outside, name), []byte("keep me\n"), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return v
}

// snapshot lists a folder with everything in it.
func snapshot(t *testing.T, dir string) string {
	t.Helper()
	var b strings.Builder
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		fmt.Fprintf(&b, "%s %v %v", path, info.Mode(), info.ModTime())
		if info.Mode().IsRegular() {
			data, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			fmt.Fprintf(&b, " %q", data)
		}
		b.WriteByte('\n')
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// sameCorpus reports whether a folder holds what another one does, but for what
// says when it was written.
func sameCorpus(a, b string) bool {
	return sameFilesOf(a, b) && sameFilesOf(b, a)
}

func sameFilesOf(a, b string) bool {
	same := true
	err := filepath.WalkDir(b, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		rel, err := filepath.Rel(b, path)
		if err != nil || rel == corpus.BuildInfoFile || rel == corpus.SumsFile || rel == ".lock" {
			return err
		}
		want, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		have, err := os.ReadFile(filepath.Join(a, rel))
		same = same && err == nil && bytes.Equal(have, want)
		return nil
	})
	return err == nil && same
}
