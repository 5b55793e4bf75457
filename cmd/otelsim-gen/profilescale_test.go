//go:build linux

package main

import (
	"flag"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/otelsim/otelsim/internal/race"
)

var profiledSpans = flag.Uint64("profiled-spans", 12_000, "about how many `spans` TestProfileScales has")

// The most that profiling many spans may take.
const (
	profileMemory = 512 << 20 // bytes
	profileCPU    = 3         // times that of generating them
)

// TestProfileScales profiles spans of traces that are alike and of some that are wide:
// memory stays in bounds, and so does the time that processors take.
func TestProfileScales(t *testing.T) {
	if race.Detector() {
		t.Skip("the race detector takes several times the memory")
	}
	const spansOfSession, spansOfWide = 66, 10_000
	t.Setenv("GOGC", "") // as users run it
	t.Setenv("GOMEMLIMIT", "")
	dir := scratch(t)
	shop, wide := filepath.Join(dir, "shop"), filepath.Join(dir, "wide")
	n := *profiledSpans
	took := measureRun(t, "--scenario", "shop", "-n", strconv.FormatUint(n*9/10/spansOfSession, 10), "--signals", "traces", "--quiet", "-o", shop).cpu +
		measureRun(t, "--scenario", "wide_trace", "-n", strconv.FormatUint(1+n/10/spansOfWide, 10), "--signals", "traces", "--quiet", "-o", wide).cpu
	m := measureRun(t, "stats", "--quiet", shop, wide)
	ratio := float64(m.cpu) / float64(took)
	t.Logf("made in %v of CPU, profiled in %v and %d MB: %.2f times the CPU\n%.400s", took, m.cpu, m.peak>>20, ratio, m.stdout)
	if m.peak > profileMemory {
		t.Errorf("it took %d MB", m.peak>>20)
	}
	// What a process takes to start counts for less and less.
	if n >= 1_000_000 && ratio > profileCPU {
		t.Errorf("it took %.2f times the CPU of making the spans", ratio)
	}
}

// usage is what a command took, and printed.
type usage struct {
	cpu    time.Duration
	peak   int64 // bytes of memory
	stdout string
}

func measureRun(t *testing.T, args ...string) usage {
	t.Helper()
	p := start(t, args...)
	peak := p.peakMemory()
	o := p.wait()
	if o.code != exitDone {
		t.Fatalf("%v: exit %d: %s", args, o.code, o.stderr)
	}
	s := p.cmd.ProcessState
	return usage{s.UserTime() + s.SystemTime(), peak, o.stdout}
}

// TestProfileIgnoresOrder: spans tell the same wherever they stand, in which files and
// messages.
func TestProfileIgnoresOrder(t *testing.T) {
	dir := t.TempDir()
	corpus, shuffled := filepath.Join(dir, "corpus"), filepath.Join(dir, "shuffled")
	mustRun(t, "--scenario", "shop", "-n", "60", "--format", "json", "--compression", "none", "--segment-iterations", "10", "--quiet", "-o", corpus)
	if err := os.Mkdir(shuffled, 0o777); err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(1, 2))
	for _, signal := range []string{"traces", "metrics", "logs"} {
		files, err := filepath.Glob(filepath.Join(corpus, signal, "*"))
		if err != nil || len(files) < 6 {
			t.Fatalf("%v, %v", files, err)
		}
		var parts [3]strings.Builder
		var lines []string
		for _, file := range files {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			lines = slices.AppendSeq(lines, strings.Lines(string(data)))
		}
		r.Shuffle(len(lines), func(i, j int) { lines[i], lines[j] = lines[j], lines[i] })
		for _, line := range lines {
			parts[r.IntN(len(parts))].WriteString(line)
		}
		for i := range parts {
			if err := os.WriteFile(filepath.Join(shuffled, signal+strconv.Itoa(i)+".json"), []byte(parts[i].String()), 0o666); err != nil {
				t.Fatal(err)
			}
		}
	}
	if a, b := mustRun(t, "stats", "--json", "--quiet", corpus), mustRun(t, "stats", "--json", "--quiet", shuffled); a != b {
		t.Errorf("a corpus tells\n%.3000s\nand shuffled it tells\n%.3000s", a, b)
	}
}
