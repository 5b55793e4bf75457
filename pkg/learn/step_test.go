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

// TestLeadIsLearnt: how much of their own time is before the calls of spans is said where it is
// another share than where nothing is said, and nobody goes on before the call has ended: then it
// tells of those calls only that end in time.
func TestLeadIsLearnt(t *testing.T) {
	for _, c := range []struct {
		thousandths uint64
		loose       bool
		want        string
	}{{620, false, "lead: 0.62"}, {10, false, "lead: 0.01"}, {120, false, ""}, {620, true, ""}} {
		h := small()
		h.Classes[10].Productions[2].Groups[0][0].Async = c.loose
		for range 900 {
			p := h.Classes[10].Productions[1]
			p.Step.Add(300, 400)
			p.Lead.Add(c.thousandths)
		}
		if got := learntOf(t, h); !strings.Contains(got, c.want) || c.want == "" && strings.Contains(got, "lead:") {
			t.Errorf("%d: no %q in %s", c.thousandths, c.want, got)
		}
	}
}
