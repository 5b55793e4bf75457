package plan

import (
	"iter"
	"slices"

	"github.com/otelsim/otelsim/pkg/build/scenario"
	"github.com/otelsim/otelsim/pkg/corpus/ids"
)

// Flow is what a request goes through. The turns of a session may differ in it.
type Flow struct {
	Parts []Part // the traces of the request, in order

	// Selections is the number of alternatives that a request takes one of,
	// 0 when there are none: see Fail.From and OpSelected.
	Selections uint64
}

// Flow returns what the request of a turn goes through.
func (s *Scenario) Flow(turn uint32) *Flow {
	if int(turn) < len(s.Turns) {
		return &s.Flows[s.Turns[turn].Flow]
	}
	return &s.Flows[0]
}

// Parts goes through the parts of all flows.
func (s *Scenario) Parts() iter.Seq[*Part] {
	return func(yield func(*Part) bool) {
		for i := range s.Flows {
			for k := range s.Flows[i].Parts {
				if !yield(&s.Flows[i].Parts[k]) {
					return
				}
			}
		}
	}
}

// OneShape reports whether the scenario is the same in all trace shapes and with all
// contents, which only agents know: it is of services, and none is an agent's or asks
// agents.
func (s *Scenario) OneShape() bool {
	if s.System == nil || len(s.System.Agents) > 0 {
		return false
	}
	seen := make(sharing)
	for p := range s.Parts() {
		if !seen.act(&p.Root) {
			return false
		}
	}
	return true
}

// act reports whether a node and all below it are of systems.
func (s sharing) act(n *Node) bool {
	if n.Act == nil {
		return false
	}
	if _, again := s.again(n.Children); again {
		return true
	}
	for i := range n.Children {
		if !s.act(&n.Children[i]) {
			return false
		}
	}
	return true
}

// Traces returns the number of traces of an iteration, at most.
func (s *Scenario) Traces() int {
	n := 0
	for turn := range s.Requests() {
		n += len(s.Flow(uint32(turn)).Parts)
	}
	return n
}

// chooses reports whether a model call may choose tools.
func (s *Scenario) chooses() bool {
	for p := range s.Parts() {
		if chooses(&p.Root) {
			return true
		}
	}
	return false
}

// uses counts the turns that go through each flow.
func (s *Scenario) uses() []uint64 {
	out := make([]uint64, len(s.Flows))
	for _, t := range s.Turns {
		out[t.Flow]++
	}
	if len(s.Turns) == 0 {
		out[0] = 1
	}
	return out
}

// Has reports whether requests of the scenario have the part, as a trace of
// its own or within a unified one.
func (s *Scenario) Has(part uint32) bool {
	for p := range s.Parts() {
		if p.ID == part {
			return true
		}
		for c := range p.Root.Children {
			if p.ID == ids.PartUnified && p.Root.Children[c].Part == part {
				return true
			}
		}
	}
	return false
}

// flows compiles what the requests of the scenario go through: its steps or its
// tree, where a turn has no steps of its own, and the steps of the others. Turns
// with the same steps share a flow.
func (b *builder) flows() {
	if len(b.def.Turns) == 0 {
		b.flowOf(nil)
		return
	}
	var of [][]scenario.Step // by flow
	for _, t := range b.def.Turns {
		at := slices.IndexFunc(of, func(steps []scenario.Step) bool { return sameSteps(steps, t.Steps) })
		if at < 0 {
			at = len(of)
			of = append(of, t.Steps)
			b.flowOf(t.Steps)
		}
		b.flowOfTurn = append(b.flowOfTurn, at)
	}
}

// sameSteps compares steps by what they do; nil are those of the scenario.
func sameSteps(x, y []scenario.Step) bool {
	return (x == nil) == (y == nil) && slices.EqualFunc(x, y, func(a, b scenario.Step) bool {
		return a.Kind == b.Kind && a.Tool == b.Tool
	})
}

// flowOf compiles one flow, of the steps or of what the scenario runs without any.
func (b *builder) flowOf(steps []scenario.Step) {
	b.out.Flows = append(b.out.Flows, Flow{})
	b.flow, b.turnSteps, b.tools = &b.out.Flows[len(b.out.Flows)-1], steps, 0
	b.parts()
}
