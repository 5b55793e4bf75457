package verify

import (
	"context"
	"testing"

	"github.com/otelsim/otelsim/pkg/corpus"
	"github.com/otelsim/otelsim/pkg/otelsim"
)

// segmentAllocations returns how many allocations judging a corpus of one segment takes once
// the memory for it is there, and how many items there are.
func segmentAllocations(t *testing.T, sessions uint64) (allocations float64, items uint64) {
	t.Helper()
	dir := t.TempDir()
	plan, err := otelsim.New(otelsim.Options{Seed: 42, Count: sessions, SegmentIterations: sessions})
	if err == nil {
		_, err = plan.Write(t.Context(), otelsim.WriteOptions{Dir: dir})
	}
	if err != nil {
		t.Fatal(err)
	}
	m, err := corpus.ReadManifest(dir)
	if err != nil {
		t.Fatal(err)
	}
	s := settings{Dir: dir, Workers: 1, MaxExamples: defaultExamples}
	judgedBy(&s, m, newCardinality(), nil)
	d, err := corpus.OpenDirectory(dir)
	if err != nil {
		t.Fatal(err)
	}
	v := &verifier{o: s, dir: d, found: newFindings(s.MaxExamples)}
	if err := v.readManifest(); err != nil {
		t.Fatal(err)
	}
	if err := v.directory(); err != nil {
		t.Fatal(err)
	}
	worker, err := newSegmentVerifier(v)
	if err != nil {
		t.Fatal(err)
	}
	judge := func() {
		r, err := worker.segment(context.Background(), 0)
		if err != nil || r.found.count > 0 || r.points == 0 || r.logs == 0 {
			t.Fatalf("%d findings, %d points and %d log records compared, %v", r.found.count, r.points, r.logs, err)
		}
	}
	judge()
	for _, sig := range m.Totals {
		items += sig.Items
	}
	return testing.AllocsPerRun(3, judge), items
}

// Judging takes memory for a segment and its files, and none for what is in them: four times
// the sessions are judged with the same allocations, give or take what a map or a buffer
// grows by.
func TestItemsAreJudgedWithoutAllocations(t *testing.T) {
	few, less := segmentAllocations(t, 30)
	many, more := segmentAllocations(t, 120)
	t.Logf("%v allocations for %d items, %v for %d", few, less, many, more)
	if most := few + 20; many > most {
		t.Errorf("%v allocations for %d items, and %v for %d: want at most %v", few, less, many, more, most)
	}
}

// A corpus whose conventions count what is below an agent, which is known at the end of a
// segment only, is held to that.
func TestCountsOfAnAgentAreHeldToItsSpans(t *testing.T) {
	conventions, _ := otelsim.BundledConventions("genai")
	dir := t.TempDir()
	plan, err := otelsim.New(otelsim.Options{Seed: 42, Count: 10, Inputs: otelsim.Inputs{Conventions: conventions}})
	if err == nil {
		_, err = plan.Write(t.Context(), otelsim.WriteOptions{Dir: dir})
	}
	if err != nil {
		t.Fatal(err)
	}
	if rules := rulesFound(t, dir, Options{}); rules != "" {
		t.Error(rules)
	}
}
