package differ

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/otelsim/otelsim/pkg/corpus"
	"github.com/otelsim/otelsim/pkg/otelsim"
)

func manifestOf(t *testing.T, o otelsim.Options) (*corpus.Manifest, Side) {
	t.Helper()
	p, err := otelsim.New(o)
	if err != nil {
		t.Fatal(err)
	}
	c, err := p.Memory()
	if err != nil {
		t.Fatal(err)
	}
	return c.Manifest(), side("corpus", p)
}

func manifestsOf(t *testing.T, a, b otelsim.Options) *Result {
	t.Helper()
	ma, sa := manifestOf(t, a)
	mb, sb := manifestOf(t, b)
	r, err := Manifests(ma, mb, sa, sb)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// A manifest alone says which scenario was edited, and which segments changed by
// that: where each is one session, exactly those of the scenario.
func TestManifests(t *testing.T) {
	a := otelsim.Options{Seed: 3, EachOnce: true, SegmentIterations: 1, Inputs: edited(t, "", "", "")}
	if r := manifestsOf(t, a, a); !r.Equal() || len(r.Headers)+len(r.Groups) > 0 {
		t.Errorf("the same: got %s", printedResult(t, r))
	}
	b := a
	b.Inputs = edited(t, "with_rag.yaml", "vendor.rag.strategy: semantic", "vendor.rag.strategy: keyword")
	r := manifestsOf(t, a, b)
	got := printedResult(t, r)
	for _, want := range []string{
		"scenario with_rag: what it can emit is another\n", "plan_digest: ", "traces   ", " in files that differ\n",
		"with_rag: segments: ", "  segment 2: iteration 2 of with_rag: ",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
	for _, wrong := range []string{"buy_insurance", "model_retry", "only in"} {
		if strings.Contains(got, wrong) {
			t.Errorf("%q in\n%s", wrong, got)
		}
	}
	for i := range r.Groups {
		if g := &r.Groups[i]; g.Scenario != "with_rag" || *g.Examples[0].Segment != 2 || g.Kind != Changed {
			t.Errorf("got %+v", g)
		}
	}
	var js, junit bytes.Buffer
	if err := errors.Join(r.WriteJSON(&js), r.WriteJUnit(&junit)); err != nil {
		t.Fatal(err)
	}
	var e struct {
		Equal    bool
		Findings []struct {
			Rule  string
			Where struct{ Scenario, Path string }
		}
	}
	if err := json.Unmarshal(js.Bytes(), &e); err != nil || e.Equal {
		t.Errorf("%v, %s", err, js.String())
	}
	var rules []string
	for _, f := range e.Findings {
		rules = append(rules, f.Rule)
	}
	if !slices.Contains(rules, "header") || !slices.Contains(rules, "segment") {
		t.Errorf("rules %q", rules)
	}
	if got := junit.String(); !strings.Contains(got, `<testcase name="scenario buy_insurance" classname="otelsim-gen diff"></testcase>`) ||
		!strings.Contains(got, `<testcase name="scenario with_rag" classname="otelsim-gen diff">`+"\n      <failure") {
		t.Errorf("got %s", got)
	}
}

// Another number of sessions leaves segments as they were that are whole.
func TestManifestsOfOtherLength(t *testing.T) {
	a := otelsim.Options{Seed: 3, Count: 20, SegmentIterations: 8, Signals: []otelsim.Signal{otelsim.Traces}}
	b := a
	b.Count = 40
	r := manifestsOf(t, a, b)
	if r.Equal() || r.Count(Changed) != 0 || r.Count(OnlyA) == 0 || r.Count(OnlyB) == 0 {
		t.Errorf("got %s", printedResult(t, r))
	}
	for i := range r.Groups {
		g := &r.Groups[i]
		if want := map[Kind]uint64{OnlyA: 1, OnlyB: 3}[g.Kind]; g.Units != want || g.Examples[0].order.origin.Iteration != 16 {
			t.Errorf("got %+v", g)
		}
	}
}

func TestManifestsOfOtherSeeds(t *testing.T) {
	a := otelsim.Options{Seed: 1<<64 - 1, Count: 4}
	b := a
	b.Seed--
	r := manifestsOf(t, a, b)
	if r.Equal() || !strings.Contains(printedResult(t, r), "seed: 18446744073709551615 -> 18446744073709551614\n") || r.Count(Changed) != 0 {
		t.Errorf("got %s", printedResult(t, r))
	}
}

// What is written in another way has other digests: nothing is said of it.
func TestManifestsWrittenOtherwise(t *testing.T) {
	a := otelsim.Options{Seed: 1, Count: 4}
	ma, sa := manifestOf(t, a)
	for want, edit := range map[string]func(*otelsim.Options){
		"options.format: proto -> json":            func(o *otelsim.Options) { o.Format = otelsim.JSON },
		"options.batch_items: 0 -> 9":              func(o *otelsim.Options) { o.BatchItems = 9 },
		"options.segment_iterations: 1024 -> 1000": func(o *otelsim.Options) { o.SegmentIterations = 1000 },
	} {
		b := a
		edit(&b)
		mb, sb := manifestOf(t, b)
		if _, err := Manifests(ma, mb, sa, sb); !errors.Is(err, ErrDigests) || !strings.HasSuffix(err.Error(), want) {
			t.Errorf("%s: got %v", want, err)
		}
	}
}

func TestHeaders(t *testing.T) {
	a := &corpus.Header{Seed: 1, Prefix: "x", Scenarios: []corpus.Scenario{{Name: "a", Weight: 1, Digest: "d1"}, {Name: "b", Weight: 1, Digest: "d"}, {Name: "c", Weight: 2}}}
	b := &corpus.Header{Seed: 1, Prefix: "y", Scenarios: []corpus.Scenario{{Name: "a", Weight: 1, Digest: "d2"}, {Name: "c", Weight: 2.5}, {Name: "n", Digest: "d"}}}
	b.Options.Interval = 5
	var got []string
	for _, c := range Headers(a, b) {
		got = append(got, c.tell())
	}
	want := []string{"options.interval: 0s -> 5ns", "prefix: x -> y", "scenario a: what it can emit is another", "scenario b is only in A",
		"scenario c: weight 2 -> 2.5", "scenario n is only in B"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
