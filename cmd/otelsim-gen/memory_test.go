//go:build linux

package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"testing"
	"time"
)

// Memory is flat: a worker has one segment at a time, whatever the number of
// segments.
func TestMemoryDoesNotGrowWithTheCorpus(t *testing.T) {
	if testing.Short() {
		t.Skip("100,000 iterations take some seconds")
	}
	if raceDetector() {
		t.Skip("the race detector takes several times the memory")
	}
	const limit = 300 << 20
	peaks := make(map[string]int64)
	for _, n := range []string{"10000", "100000"} {
		dir := filepath.Join(t.TempDir(), "corpus")
		p := start(t, "-n", n, "--workers", "2", "-o", dir)
		peaks[n] = p.peakMemory()
		if o := p.wait(); o.code != exitDone {
			t.Fatal(o.stderr)
		}
		t.Logf("%s iterations: %d MB", n, peaks[n]>>20)
		if peaks[n] == 0 || peaks[n] > limit {
			t.Errorf("%s iterations: got a peak of %d bytes, want at most %d", n, peaks[n], limit)
		}
	}
	// When garbage is collected depends on who else is busy: peaks of either run
	// were seen from 130 to 177 MB. The longer run makes 2,000 MB more: to keep
	// one byte of 25 would show.
	const tolerance = 80 << 20
	if grown := peaks["100000"] - peaks["10000"]; grown > tolerance {
		t.Errorf("ten times the iterations take %d bytes more, want at most %d", grown, tolerance)
	}
}

// raceDetector reports whether the test, and with it the command, was built
// with the race detector.
func raceDetector() bool {
	info, _ := debug.ReadBuildInfo()
	for _, s := range info.Settings {
		if s.Key == "-race" {
			return s.Value == "true"
		}
	}
	return false
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
