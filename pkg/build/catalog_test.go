package build

import (
	"slices"
	"testing"

	"github.com/otelsim/otelsim/pkg/build/input"
)

// What is tried in one shape only is the same in the other, with all contents.
func TestWhatHasOneShapeHasOneDigest(t *testing.T) {
	all := Options{EachOnce: true, Tags: []string{"system"}}
	in := bundledSystems(t)
	one := compiled(t, in, all)
	all.TraceShape, all.Content = ShapeUnified, Contents[len(Contents)-1]
	other := compiled(t, in, all)
	var found []string
	for i, s := range one.plan.Scenarios {
		if o := other.plan.Scenarios[i]; s.OneShape() != o.OneShape() || s.OneShape() && s.Digest != o.Digest {
			t.Errorf("%s depends on the shape", s.Name)
		}
		if s.OneShape() {
			found = append(found, s.Name)
		}
	}
	if want := []string{"shop", "shop_incident", "wide_trace"}; !slices.Equal(found, want) {
		t.Errorf("of one shape are %v, want %v", found, want)
	}
}

// Trials are of what differs between plans, and of known inputs there is one plan.
func TestTrialsAreOfWhatDiffers(t *testing.T) {
	in := bundledSystems(t)
	var p input.Problems
	c := Validate(in, "", &p)
	if c == nil || len(c.Plans) != 2 {
		t.Fatal(p.Err())
	}
	if one, other := len(c.Plans[0].Trials()), len(c.Plans[1].Trials()); one != len(c.Plans[0].Scenarios()) || other != one-3 {
		t.Errorf("there are %d and %d trials", one, other)
	}
	in.Known = true
	if c := Validate(in, "", &p); c == nil || len(c.Plans) != 1 {
		t.Error("known inputs are compiled in all shapes")
	}
}
