package e2e

import (
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

// sample is a corpus with what is in it.
type sample struct {
	dir     string
	signals []string // those that it has
	sent    map[string]*basket
	records map[string]int
}

var samples = struct {
	sync.Mutex
	made map[string]*sample
}{made: map[string]*sample{}}

// corpus generates iterations of the bundled scenarios with every signal that
// the generator has, in a folder that all tests share.
func corpus(t *testing.T, format, count string) *sample {
	t.Helper()
	samples.Lock()
	defer samples.Unlock()
	key := format + "-" + count
	if s := samples.made[key]; s != nil {
		return s
	}
	args := []string{"--seed", "42", "-n", count, "--segment-iterations", "64",
		"--format", format, "--compression", "none", "--signals", strings.Join(signals, ","), "--quiet"}
	s := &sample{dir: filepath.Join(shared, key), sent: map[string]*basket{}, records: map[string]int{}}
	if out, err := exec.Command(program(t, "otelsim-gen"), append(args, "-o", s.dir)...).CombinedOutput(); err != nil {
		t.Fatalf("otelsim-gen %v: %v\n%s", args, err, out)
	}
	for _, signal := range signals {
		s.signals = append(s.signals, signal)
		s.sent[signal] = newBasket(signal)
		for _, m := range records(t, s.dir, signal) {
			s.sent[signal].add(t, m)
			s.records[signal]++
		}
	}
	if len(s.signals) == 0 {
		t.Fatal("the corpus is empty")
	}
	samples.made[key] = s
	return s
}

// ledger and report are what the tests read of the replayer's report.
type ledger struct{ Due, Accepted, Rejected, Failed, Unknown, Retried uint64 }

type counts struct{ Records, Items ledger }

type report struct {
	counts
	LostItems uint64            `json:"lost_items"`
	Signals   map[string]counts `json:"signals"`
	Reasons   []struct {
		Outcome, Reason string
		Items           uint64
	} `json:"reasons"`
	code int // exit code
}

// replaying is a replayer at work.
type replaying struct {
	process
	path string // of its report
}

// replay starts the replayer with the recorded times left as they are, unless the
// arguments say otherwise.
func replay(t *testing.T, args ...string) *replaying {
	t.Helper()
	r := &replaying{path: filepath.Join(t.TempDir(), "report.json")}
	if !slices.Contains(args, "--time") {
		args = append([]string{"--time", "original"}, args...)
	}
	args = append([]string{"--quiet", "--report-json", r.path}, args...)
	r.launch(t, exec.Command(program(t, "otelsim-replay"), args...))
	return r
}

// wait returns the report of a replayer that has ended with 0, or with 1: it
// does that when something was lost.
func (r *replaying) wait(t *testing.T) report {
	t.Helper()
	<-r.exited
	var exit *exec.ExitError
	if r.err != nil && (!errors.As(r.err, &exit) || exit.ExitCode() != 1) {
		t.Fatalf("%v: %v\n%s", r.cmd.Args, r.err, r.out.Bytes())
	}
	data, err := os.ReadFile(r.path)
	if err != nil {
		t.Fatalf("%v\n%s", err, r.out.Bytes())
	}
	rep := report{code: r.cmd.ProcessState.ExitCode()}
	if err := json.Unmarshal(data, &rep); err != nil {
		t.Fatal(err)
	}
	for _, l := range []ledger{rep.Records, rep.Items} {
		if l.Due != l.Accepted+l.Rejected+l.Failed+l.Unknown || l.Due == 0 {
			t.Errorf("the ledger does not add up: %+v", l)
		}
	}
	if lost := rep.Items.Failed + rep.Items.Rejected + rep.Items.Unknown; rep.LostItems != lost || (rep.code != 0) != (lost > 0) {
		t.Errorf("exit code %d and %d items lost with ledger %+v", rep.code, rep.LostItems, rep.Items)
	}
	return rep
}

// all checks that everything was accepted at the first attempt.
func (rep report) all(t *testing.T) {
	t.Helper()
	if rep.Items.Accepted != rep.Items.Due || rep.Items.Retried != 0 || rep.code != 0 {
		t.Errorf("not all was accepted at once: %+v, %+v", rep.Items, rep.Reasons)
	}
}
