package judge

import (
	"flag"
	"fmt"
	"strings"
	"testing"

	"github.com/otelsim/otelsim/pkg/corpus"
	"github.com/otelsim/otelsim/pkg/internal/damage"
	"github.com/otelsim/otelsim/pkg/match"
)

var (
	seeds     = flag.Int("seeds", 10, "corpora that are damaged, each in another way")
	firstSeed = flag.Uint64("first-seed", 1, "the seed of the first of them; the others follow")
)

// TestWhatIsFoundIsWhatWasDone damages corpora on their way and demands that check
// finds exactly that: each item in its class, with the field, and nothing else.
func TestWhatIsFoundIsWhatWasDone(t *testing.T) {
	classes := make(map[string]int)
	for i := range *seeds {
		seed := *firstSeed + uint64(i)
		t.Run(fmt.Sprint(seed), func(t *testing.T) { runOf(t, seed).hold(t, classes) })
	}
	t.Log(classes)
	if *seeds >= 100 && len(classes) < 9 { // all but those that only totals tell
		t.Errorf("only %d classes of damage were seen: that says little", len(classes))
	}
}

// TestNothingIsFoundWhereNothingWasDone is the reverse.
func TestNothingIsFoundWhereNothingWasDone(t *testing.T) {
	n := max(3, *seeds*30/200)
	for i := range n {
		tr := draw(*firstSeed+uint64(i), false)
		t.Run(fmt.Sprint(tr.seed), func(t *testing.T) {
			classes := make(map[string]int)
			if r := tr.run(t).hold(t, classes); r.Verdict != AsExpected || len(r.Findings) > 0 || len(classes) > 0 {
				t.Errorf("%v: got %q with %d findings, %v", &tr, r.Verdict, len(r.Findings), r.Undecided)
			}
		})
	}
}

// run is a trial that was replayed: it may be checked any number of times.
type run struct {
	*trial
	corpus  *corpus.Corpus
	order   []origin // of the records of a lap
	arrived *damage.Result
	ledger  []byte
	read    []int // which of what arrived match read, in its order
}

func (tr *trial) run(t *testing.T) *run {
	t.Helper()
	r := &run{trial: tr, corpus: tr.make(t)}
	r.arrived, r.ledger = tr.replayed(t, r.corpus)
	r.order = sendOrder(t, r.corpus)
	if uint64(r.arrived.Requests) != tr.laps*uint64(len(r.order)) {
		t.Fatalf("%v: %d requests came, of %d laps of %d", tr, r.arrived.Requests, tr.laps, len(r.order))
	}
	return r
}

// honest hands the judge what match found as it is.
func honest(j match.Judge) match.Judge { return j }

// compare checks a run and returns how what was found differs from what was done.
func (r *run) compare(t *testing.T, wrap func(match.Judge) match.Judge) (*Result, *lists, []string) {
	t.Helper()
	l := &lists{run: r, want: newList(), got: newList(), lost: newList(), once: make(map[string]bool), byRecord: make(map[[3]uint64]*origin)}
	for i := range r.order {
		o := &r.order[i]
		l.byRecord[[3]uint64{uint64(o.signal), o.segment, o.record}] = o
	}
	result := r.checked(t, wrap, l.take)
	totals := l.expect(r.arrived.Expect(damage.Known{Fates: r.trial.ledger, Arrivals: r.arrivals}))
	switch {
	case len(r.arrived.Messages) == 0 && result.Verdict != Undecided:
		return result, l, []string{fmt.Sprintf("nothing arrived, and the verdict is %q", result.Verdict)}
	case len(r.arrived.Messages) == 0:
		return result, l, nil
	case result.Verdict == Undecided:
		return result, l, []string{fmt.Sprintf("undecided: %v", result.Undecided)}
	}
	return result, l, append(l.differ(), wrongTotals(result, totals)...)
}

// runs are the damaged runs of the first seeds, which several tests check.
var runs = make(map[uint64]*run)

// runOf returns the damaged run of a seed.
func runOf(t *testing.T, seed uint64) *run {
	t.Helper()
	r, ok := runs[seed]
	if !ok {
		tr := draw(seed, true)
		r = tr.run(t)
		if len(runs) < 12 {
			runs[seed] = r
		}
	}
	return r
}

// hold compares both lists.
func (r *run) hold(t *testing.T, classes map[string]int) *Result {
	t.Helper()
	result, l, wrong := r.compare(t, honest)
	for class, items := range l.want.count {
		for _, n := range items {
			classes[class] += n
		}
	}
	if len(wrong) > 0 {
		for _, d := range r.arrived.List {
			t.Logf("done: %v: %v %s", d.Kind, d.Item, d.Path)
		}
		t.Errorf("%v:\n%s", r.trial, strings.Join(wrong[:min(len(wrong), 40)], "\n"))
	}
	return result
}
