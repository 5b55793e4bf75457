//go:build linux

package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/otelsim/otelsim/internal/race"
)

// Memory is flat: a worker has one segment at a time, whatever the number of
// segments.
func TestMemoryDoesNotGrowWithTheCorpus(t *testing.T) {
	if testing.Short() {
		t.Skip("some 100,000 iterations take some seconds")
	}
	if race.Detector() {
		t.Skip("the race detector takes several times the memory")
	}
	const limit = 300 << 20
	t.Setenv("GOGC", "") // as users run it: the peaks below are of that
	peak := func(n string) int64 {
		dir := filepath.Join(t.TempDir(), "corpus")
		p := start(t, "-n", n, "--workers", "2", "-o", dir)
		peak := p.peakMemory()
		if o := p.wait(); o.code != exitDone {
			t.Fatal(o.stderr)
		}
		t.Logf("%s iterations: %d MB", n, peak>>20)
		if peak == 0 || peak > limit {
			t.Errorf("%s iterations: got a peak of %d bytes, want at most %d", n, peak, limit)
		}
		return peak
	}
	// When garbage is collected depends on who else is busy: peaks of either
	// size were seen from 190 to 215 MB, of which three runs show the upper
	// part. The longest run makes 3,900 MB more, and 270 MB of files: to keep
	// one byte of 80, or the files, would show. The shorter one shows one byte
	// of 26, and the files.
	const tolerance = 48 << 20
	short := max(peak("10000"), peak("10000"), peak("10000"))
	n := few("100000", "40000")
	if long := peak(n); long-short > tolerance {
		t.Errorf("%s iterations take %d bytes more, want at most %d", n, long-short, tolerance)
	}
}

// A run that no disk has room for starts at once, takes the memory of any
// other, and ends when it is told to.
func TestHugeRunStartsAndStops(t *testing.T) {
	t.Setenv("GOGC", "")
	dir := filepath.Join(scratch(t), "corpus")
	p := start(t, "-n", "10000000000", "--segment-iterations", "1", "--signals", "traces", "--workers", "2", "-o", dir)
	p.await(filepath.Join(dir, "traces", "000020.pb.zst"))
	p.signal(os.Interrupt)
	told := time.Now()
	peak := p.peakMemory()
	checkOneLine(t, p.wait(), exitFailed, "interrupted")
	if took := time.Since(told); took > 20*time.Second {
		t.Errorf("it took %v to end", took)
	}
	if peak > 300<<20 && !race.Detector() {
		t.Errorf("it took %d MB", peak>>20)
	}
}

// peakMemory returns the most memory that a process had until its end, in
// bytes. The usage that the system reports for a child would not do: it counts
// what the process had before it executed the command, which is the memory of
// this test.
func (p *process) peakMemory() (peak int64) {
	p.t.Helper()
	status := fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid)
	for {
		data, err := os.ReadFile(status)
		if _, after, ok := bytes.Cut(data, []byte("VmHWM:")); err == nil && ok {
			kb, err := strconv.ParseInt(string(bytes.Fields(after)[0]), 10, 64)
			if err != nil {
				p.t.Fatal(err)
			}
			peak = max(peak, kb<<10)
		}
		select {
		case <-p.ended:
			return peak
		case <-time.After(5 * time.Millisecond): // the mark only rises
		}
	}
}
