//go:build unix

package main

import (
	"fmt"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/otelsim/otelsim/pkg/corpus"
)

// TestDryRunCountsExactly holds the counts of a dry run that does not say
// "about" to those of the corpus, and all that it says to the shard's share.
func TestDryRunCountsExactly(t *testing.T) {
	for _, line := range []string{
		"-n 100",
		"-n 100 --segment-iterations 30 --format json --batch-items 100",
		"-n 512 --signals traces,logs --trace-shape unified",
		"--each-once --compression none",
		"-n 90 --segment-iterations 20 --shard 0/2",
		"-n 90 --segment-iterations 20 --shard 1/2",
		"-n 90 --segment-iterations 20 --shard 6/7",
	} {
		args := append([]string{"--quiet"}, strings.Fields(line)...)
		dry := dryCounts(t, append(args, "--dry-run"))
		dir := filepath.Join(t.TempDir(), "corpus")
		real := corpusCounts(t, dir, append(args, "-o", dir))
		for name, want := range real {
			if got := dry[name]; got != want {
				t.Errorf("%s: dry run says %q %s, the corpus has %s", line, got, name, want)
			}
		}
	}
}

// dryCounts returns what a dry run prints, by name, with digits ungrouped.
func dryCounts(t *testing.T, args []string) map[string]string {
	t.Helper()
	counts := make(map[string]string)
	for _, m := range regexp.MustCompile(`(?m)^([a-z ]+?)  +(.*)$`).FindAllStringSubmatch(mustExecute(t, args...).stdout, -1) {
		counts[m[1]] = strings.ReplaceAll(m[2], ",", "")
	}
	return counts
}

// corpusCounts writes a corpus and returns what is in it: the whole, or what
// verify would have to say of a shard's files.
func corpusCounts(t *testing.T, dir string, args []string) map[string]string {
	t.Helper()
	mustExecute(t, args...)
	counts := make(map[string]string)
	if c, err := corpus.Open(dir); err == nil {
		records := uint64(0)
		for _, total := range c.Manifest().Totals {
			counts[itemsOf[total.Signal]+"s"] = strconv.FormatUint(total.Items, 10)
			records += total.Records
		}
		counts["records"] = strconv.FormatUint(records, 10)
		counts["segments"] = fmt.Sprint(len(c.Manifest().Segments))
		return counts
	}
	files, err := filepath.Glob(filepath.Join(dir, "traces", "*"))
	if err != nil {
		t.Fatal(err)
	}
	counts["segments"] = fmt.Sprint(len(files))
	return counts
}

// TestDryRunSaysAbout is for what is not counted, a shard of a large run too.
func TestDryRunSaysAbout(t *testing.T) {
	for line, want := range map[string]map[string]string{
		"-n 513": {"iterations": "513", "each of": "1024 iterations"},
		"-n 1024 --segment-iterations 512 --shard 0/2":    {"iterations": "512", "segments": "1"},
		"-n 100000 --segment-iterations 1000 --shard 1/3": {"iterations": "33000", "segments": "33"},
	} {
		got := dryCounts(t, append([]string{"--quiet", "--dry-run"}, strings.Fields(line)...))
		for name, value := range want {
			if got[name] != value {
				t.Errorf("%s: %s %q, want %s", line, name, got[name], value)
			}
		}
		for _, name := range []string{"records", "spans", "points", "log records", "content", "files", "time"} {
			if !strings.HasPrefix(got[name], "about ") {
				t.Errorf("%s: %s %q, want it to say about", line, name, got[name])
			}
		}
	}
}
