package plan

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/otelsim/otelsim/pkg/build/dist"
)

// maxTalks is how many are listed at most; trees with more are not looked at.
const maxTalks = 2000

// talks lists what the leaves of a tree can be, one after the other: the sizes of
// tool calls, and -1 for a model call. Trees are small.
func talks(n *Node) [][]int {
	var once [][]int
	switch {
	case n.LLM:
		once = [][]int{{-1}}
	case n.Tool:
		once = [][]int{{int(n.Calls.Tools[0])}}
	case n.OneOf != nil:
		for i := range n.Children {
			once = append(once, talks(&n.Children[i])...)
		}
	default:
		once = [][]int{nil}
		for i := range n.Children {
			once = joined(once, talks(&n.Children[i]))
		}
	}
	least, most := int64(1), int64(1)
	if n.Count != nil {
		least, most = n.Count.Bounds()
	}
	var out [][]int
	if !n.Presence.Always() {
		out = append(out, nil)
	}
	all := [][]int{nil}
	for k := range most + 1 {
		if k >= least {
			out = append(out, all...)
		}
		all = joined(all, once)
	}
	return out
}

func joined(a, b [][]int) (out [][]int) {
	for _, x := range a {
		for _, y := range b {
			if len(out) > maxTalks {
				return out
			}
			out = append(out, slices.Concat(x, y))
		}
	}
	return out
}

// longestRound is the most that is said in a row.
func longestRound(talk []int) uint64 {
	most, now := 0, 0
	for _, x := range talk {
		if now += x; x < 0 {
			now = 0
		}
		most = max(most, now)
	}
	return uint64(most)
}

// somewhere makes a small tree.
func somewhere(r *rand.Rand, depth int) Node {
	n := Node{Presence: present}
	switch kind := r.IntN(6); {
	case kind == 0 || depth == 0 && kind%2 == 0:
		n.LLM = true
	case kind == 1 || depth == 0:
		n.Tool, n.Calls = true, &Calls{Tools: []uint32{1 + r.Uint32N(4)}}
	default:
		for range 1 + r.IntN(2) {
			n.Children = append(n.Children, somewhere(r, depth-1))
		}
		if kind == 5 {
			n.OneOf, _ = dist.NewChoice(slices.Repeat([]float64{1}, len(n.Children)))
		}
	}
	if r.IntN(4) == 0 {
		n.Presence, _ = dist.NewProbability(0.5)
	}
	if r.IntN(4) == 0 {
		least := int64(r.IntN(3))
		n.Count = &Count{Table: compile(dist.Spec{Kind: dist.Uniform, Low: 0, High: 3}, 1), Min: least, Max: min(least+1, 3)}
	}
	return n
}

// The bound of what is said between two model calls is that of the worst case
// exactly, but for places where one of several nodes stands, where it may be more.
func TestRoundsAreBoundedByTheirWorstCase(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	sizes := []uint64{0, 1, 2, 3, 4}
	exact, loose := 0, 0
	for i := range 5_000 {
		n := somewhere(r, 2)
		m := measured{z: &sizer{}, tools: sizes}
		all := talks(&n)
		if len(all) > maxTalks {
			continue
		}
		want := uint64(0)
		for _, talk := range all {
			want = max(want, longestRound(talk))
		}
		got := m.run(&n).round()
		switch {
		case got < want:
			t.Fatalf("tree %d: bound %d of %d in %v", i, got, want, all)
		case got == want:
			exact++
		default:
			loose++
		}
	}
	if loose*10 > exact {
		t.Errorf("%d bounds are exact, and %d loose", exact, loose)
	}
}
