package plan

import (
	"testing"

	"github.com/otelsim/otelsim/pkg/build/vocab"
	"github.com/otelsim/otelsim/pkg/corpus/ids"
)

// Two nodes with one address would draw the same.
func TestAddressesAreUnique(t *testing.T) {
	type address struct {
		part uint32
		path uint64
	}
	eachNode(t, func(p *Plan, s *Scenario, n *Node) {
		seen := map[address]string{}
		for i := range n.Children {
			c := &n.Children[i]
			a := address{c.Part, c.Path}
			if other, ok := seen[a]; ok {
				t.Errorf("%s: below %s: %s and %s have one address", s.Name, n.Class, other, c.Class)
			}
			seen[a] = c.Class
		}
		drawn := map[uint64]string{}
		for _, a := range n.Attrs {
			name := p.Strings.String(a.Key)
			if a.Op != OpChoice && a.Op != OpInt && a.Op != OpDouble && a.Op != OpBool && a.Op != OpHex {
				continue
			}
			// The model that answers is the one that was asked: it follows that draw.
			if other, ok := drawn[a.Path]; ok && other != requestModel && name != requestModel {
				t.Errorf("%s: %s: attributes %s and %s have one address", s.Name, n.Class, other, name)
			}
			drawn[a.Path] = name
		}
	})
}

func TestNodesHaveTheAddressOfTheirPart(t *testing.T) {
	for _, s := range compiled(t, false).Scenarios {
		for part := range s.Parts() {
			walk(&part.Root, func(n *Node) {
				if n.Part != part.ID || !n.parted || n.Path == 0 {
					t.Errorf("%s: %s: part %d, want %d; path %x", s.Name, n.Class, n.Part, part.ID, n.Path)
				}
			})
		}
	}
	for _, s := range compiled(t, true).Scenarios {
		for part := range s.Parts() {
			for i := range part.Root.Children {
				c := &part.Root.Children[i]
				walk(c, func(n *Node) {
					if n.Part != c.Part {
						t.Errorf("%s: %s: part %d below one of part %d", s.Name, n.Class, n.Part, c.Part)
					}
				})
			}
		}
	}
}

// A trace draws the same whether it stands alone or in a unified one.
func TestBothShapesHaveTheSameAddresses(t *testing.T) {
	separate, unified := compiled(t, false), compiled(t, true)
	for i, s := range separate.Scenarios {
		for f := range s.Flows {
			checkAddresses(t, s.Name, &s.Flows[f], &unified.Scenarios[i].Flows[f])
		}
	}
}

func checkAddresses(t *testing.T, scenario string, separate, unified *Flow) {
	t.Helper()
	nested := map[uint32]*Node{}
	for c := range unified.Parts[0].Root.Children {
		n := &unified.Parts[0].Root.Children[c]
		nested[n.Part] = n
	}
	for k := range separate.Parts {
		part := &separate.Parts[k]
		if part.ID == ids.PartUnified || nested[part.ID] == nil {
			continue // a tree that stands for the whole request
		}
		var want, got []uint64
		walk(within(&part.Root), func(n *Node) { want = append(want, n.Path) })
		walk(within(nested[part.ID]), func(n *Node) { got = append(got, n.Path) })
		for at := range want {
			if at >= len(got) || got[at] != want[at] {
				t.Errorf("%s: part %d: node %d of %d has another path", scenario, part.ID, at, len(want))
				break
			}
		}
	}
}

func TestASiblingOfAnotherClassMovesNoAddress(t *testing.T) {
	tree := func(classes ...string) *Node {
		root := &Node{Class: vocab.Orchestrate}
		for _, c := range classes {
			root.Children = append(root.Children, Node{Class: c, Children: []Node{{Class: vocab.LLM}}})
		}
		make(sharing).setPaths(root, 0)
		return root
	}
	before := tree(vocab.Planner, vocab.Task, vocab.Task)
	after := tree(vocab.Recommend, vocab.Planner, vocab.Task, vocab.Compose, vocab.Task)
	for i, at := range []int{1, 2, 4} {
		if before.Children[i].Path != after.Children[at].Path {
			t.Errorf("%s: its path moved", before.Children[i].Class)
		}
	}
	if before.Children[1].Path == before.Children[2].Path {
		t.Error("two tasks have one path")
	}
}
