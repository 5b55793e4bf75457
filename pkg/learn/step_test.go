package learn

import (
	"math/rand/v2"
	"strings"
	"testing"
)

// TestRequestsInStepAreLearnt: where own times go with those of children, so do those that are
// made; where neither tells of the other nothing is said.
func TestRequestsInStepAreLearnt(t *testing.T) {
	for _, c := range []struct {
		name string
		own  func(r *rand.Rand, covered uint64) uint64
		want bool
	}{
		{"in step", func(r *rand.Rand, covered uint64) uint64 { return covered/2 + r.Uint64N(64) }, true},
		{"each by itself", func(r *rand.Rand, _ uint64) uint64 { return r.Uint64N(640) }, false},
		{"the other way around", func(r *rand.Rand, covered uint64) uint64 { return 1000 - covered + r.Uint64N(64) }, false},
	} {
		h, r := small(), rand.New(rand.NewPCG(1, 2))
		for range 900 {
			covered := r.Uint64N(640)
			h.Classes[10].Productions[1].Step.Add(c.own(r, covered), covered)
		}
		got := learntOf(t, h)
		if strings.Contains(got, "in_step: 0.") != c.want {
			t.Errorf("%s: %s", c.name, got)
		}
	}
}
