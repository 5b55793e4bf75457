package plan

import (
	"cmp"
	"math"
	"math/bits"
	"slices"

	"github.com/otelsim/otelsim/pkg/build/scenario"
	"github.com/otelsim/otelsim/pkg/build/vocab"
)

// Effect is what a phase does to the calls that a node stands for. Times are
// nanoseconds since the start of the run; a request is in a phase when it
// starts in [From, To).
type Effect struct {
	From, To int64
	Factor   uint64 // of durations, in millionths
	Fail     *Fail  // on top of the node's own; nil: none
}

// Shift is a time with weights of its own: those of Plan.Scenarios, in
// millionths, for iterations that start in [From, To).
type Shift struct {
	From, To int64
	Weights  []uint64
}

// WeightsAt returns the weights at a time since the start of the run: those of
// the shift that it is in, else the usual ones.
func WeightsAt(shifts []Shift, since int64, usual []uint64) []uint64 {
	for i := range shifts {
		if s := &shifts[i]; since >= s.From && since < s.To {
			return s.Weights
		}
	}
	return usual
}

const million = 1_000_000

// phases lets the config's phases work on the calls below a node: on those of
// tools, models, retrievals and agents.
func (b *builder) phases(n *Node, tool string) {
	if n.Class == vocab.Tool {
		tool = b.toolNameOf(n)
	}
	if b.conv.Type(n.Class).Phases != vocab.Unmoved {
		for i := range b.cfg.Phases {
			if p := &b.cfg.Phases[i]; b.concerns(p, n, tool) {
				n.Effects = append(n.Effects, b.effect(p, n))
			}
		}
	}
	for i := range n.Children {
		b.phases(&n.Children[i], tool)
	}
}

// concerns reports whether a phase is about the calls of a node. An empty list
// is about all; a list of tools is about no other calls.
func (b *builder) concerns(p *scenario.Phase, n *Node, tool string) bool {
	about := func(list []string, name string) bool { return len(list) == 0 || slices.Contains(list, name) }
	server := ""
	if b.server != nil {
		server = b.server.Key
	}
	if len(p.Tools) > 0 && n.Class != vocab.Attempt {
		return false
	}
	if len(p.Services) > 0 || len(p.Operations) > 0 {
		return false // they are of systems
	}
	return about(p.Scenarios, b.def.Name) && about(p.Tools, tool) && about(p.Servers, server)
}

func (b *builder) effect(p *scenario.Phase, n *Node) Effect {
	e := slowed(p)
	if p.ErrorRate > 0 && b.conv.Type(n.Class).Phases == vocab.SlowedAndFailed {
		kind := p.ErrorType
		if kind == "" {
			kind = "unavailable"
		}
		e.Fail = &Fail{Probability: b.probability(p.ErrorRate, p.Pos), Kinds: []uint32{b.failure(cause{kind: kind})}}
	}
	return e
}

// slowed is what a phase does to durations.
func slowed(p *scenario.Phase) Effect {
	e := Effect{From: int64(p.From), To: int64(p.To), Factor: million}
	if p.LatencyFactor > 0 {
		e.Factor = uint64(math.Floor(float64(p.LatencyFactor*million) + 0.5))
	}
	return e
}

// phasesOf are what the config's phases, and those of the scenario, do to an operation
// of a system.
func (b *systemBuilder) phasesOf(ref scenario.OperationRef) (out []Effect) {
	m, op := b.member(ref), b.operation(ref)
	all := b.cfg.Phases
	if b.def.System != nil {
		all = slices.Concat(all, b.def.System.Phases)
	}
	for i := range all {
		p := &all[i]
		about := func(list []string, name string) bool { return len(list) == 0 || slices.Contains(list, name) }
		if len(p.Tools) > 0 || len(p.Servers) > 0 || !about(p.Scenarios, b.def.Name) || !about(p.Services, m.Name) || !about(p.Operations, b.nameOf(ref)) {
			continue
		}
		if p.LatencyFactor == 1 && p.ErrorRate == 0 {
			continue
		}
		e := slowed(p)
		if p.ErrorRate > 0 {
			e.Fail = &Fail{Probability: b.probability(p.ErrorRate, p.Pos), Kinds: []uint32{b.cause(op.Protocol, cmp.Or(p.ErrorType, unreached))}}
		}
		out = append(out, e)
	}
	return out
}

// stretched returns the longest that a duration can become in phases.
func stretched(most uint64, effects []Effect) uint64 {
	for _, e := range effects {
		if e.Factor <= million {
			continue
		}
		hi, lo := bits.Mul64(most, e.Factor)
		if hi >= million {
			return math.MaxInt64
		}
		most, _ = bits.Div64(hi, lo, million)
	}
	return min(most, math.MaxInt64)
}

// shifts compiles the weights of phases: one shift for every time in which the
// same phases change some weight.
func (c *compiler) shifts(p *Plan) {
	var edges []int64
	for _, ph := range c.cfg.Phases {
		if len(ph.Weights) > 0 {
			edges = append(edges, int64(ph.From), int64(ph.To))
		}
	}
	slices.Sort(edges)
	edges = slices.Compact(edges)
	for i := 1; i < len(edges); i++ {
		s := Shift{From: edges[i-1], To: edges[i]}
		changed := false
		for _, sc := range p.Scenarios {
			w := sc.Weight
			for _, ph := range c.cfg.Phases {
				if int64(ph.From) > s.From || int64(ph.To) < s.To {
					continue
				}
				for _, x := range ph.Weights {
					if x.Scenario == sc.Name {
						w, changed = weight(float64(float64(w)*x.Factor)/million), true
					}
				}
			}
			s.Weights = append(s.Weights, w)
		}
		if changed {
			p.Shifts = append(p.Shifts, s)
		}
	}
}

// weight converts a workload weight to millionths. A positive weight stays
// positive.
func weight(w float64) uint64 {
	if w <= 0 {
		return 0
	}
	if w >= 1e9 {
		return 1e15
	}
	return max(1, uint64(math.Floor(float64(w*1e6)+0.5)))
}
