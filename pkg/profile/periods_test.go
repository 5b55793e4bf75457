package profile

import (
	"testing"

	"github.com/otelsim/otelsim/pkg/otelsim"
)

// Each trace is in the part that it starts in, whoever reads, and all parts together are
// all traces.
func TestReadPeriods(t *testing.T) {
	in := generated(t, otelsim.Options{Seed: 1, Count: 60, SegmentIterations: 5}) // for two to read
	whole, err := Read(t.Context(), in, Options{}, 1)
	if err != nil {
		t.Fatal(err)
	}
	third := (whole.Last - whole.First) / 3
	periods := []Period{{whole.First + third, whole.First + 2*third}, {whole.First, whole.First + third/2}}
	parts, err := ReadPeriods(t.Context(), in, Options{}, 1, periods)
	if err != nil || len(parts) != 3 {
		t.Fatalf("%d parts: %v", len(parts), err)
	}
	again, err := ReadPeriods(t.Context(), in, Options{}, 2, periods)
	if err != nil {
		t.Fatal(err)
	}
	for i, p := range parts {
		same(t, "part, by two workers", p, again[i])
		if p.Traces.Count == 0 {
			t.Errorf("nothing is in part %d", i)
		}
		if i < len(periods) && (p.First < periods[i].From || p.First >= periods[i].To) {
			t.Errorf("part %d begins at %d, not within %v", i, p.First, periods[i])
		}
	}
	all := Merge(Merge(parts[0], parts[1]), parts[2])
	if all.Traces.Count != whole.Traces.Count || all.Sizes[0] != whole.Sizes[0] || all.First != whole.First || all.Last != whole.Last {
		t.Errorf("%d traces and %v in all parts, %d and %v in all", all.Traces.Count, all.Sizes[0], whole.Traces.Count, whole.Sizes[0])
	}
	for id, c := range whole.Classes {
		if x := all.Classes[id]; x == nil || x.Spans != c.Spans {
			t.Errorf("class %s: not all of %d spans", c.Name, c.Spans)
		}
	}
}
