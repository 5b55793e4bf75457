package plan

import (
	"math"

	"github.com/otelsim/otelsim/pkg/build/dist"
	"github.com/otelsim/otelsim/pkg/build/input"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// Ends says which values a trial takes of distributions over counts.
type Ends int

// The ends.
const (
	AsDrawn Ends = iota // as they are drawn
	Least               // the least that is drawn
	Most                // the most that is drawn
)

// Trial returns a plan of one scenario in which everything that may happen
// happens often: what is seldom is as likely as not, choices are even, phases
// last for ever. What is certain, and what is impossible, stays. A few dozen
// iterations of it show what a million of the plan would. It shares the strings
// and is no plan to make a corpus of.
func (p *Plan) Trial(scenario int, ends Ends) *Plan {
	s := trialScenario(p.Scenarios[scenario], ends)
	out := *p
	out.Scenarios, out.Shifts, out.Arrivals = []*Scenario{s}, nil, nil
	return &out
}

// trialScenario copies a scenario, and the agents that it calls.
func trialScenario(of *Scenario, ends Ends) *Scenario {
	s := *of
	s.Evaluations = append([]Evaluation(nil), s.Evaluations...)
	for i := range s.Evaluations {
		s.Evaluations[i].Probability = s.Evaluations[i].Probability.Even()
	}
	s.Flows = append([]Flow(nil), s.Flows...)
	for i := range s.Flows {
		s.Flows[i].Parts = append([]Part(nil), s.Flows[i].Parts...)
	}
	c := copier{ends, make(map[*Node][]Node)}
	for p := range s.Parts() {
		p.Root = c.node(&p.Root, s.Pos)
	}
	if s.System != nil {
		system := *s.System
		system.Agents = make([]*Scenario, len(of.System.Agents))
		for i, agent := range of.System.Agents {
			system.Agents[i] = trialScenario(agent, ends)
		}
		s.System = &system
	}
	return &s
}

// copier copies nodes, and what several of them share once, by the first of it.
type copier struct {
	ends Ends
	done map[*Node][]Node
}

// node copies a node. Nodes that are part of what others stand for have
// the position of those.
func (c *copier) node(n *Node, pos input.Pos) Node {
	out, ends := *n, c.ends
	if out.Pos.File == "" {
		out.Pos = pos
	}
	out.Presence, out.OneOf, out.By = n.Presence.Even(), n.OneOf.Even(), nil
	out.Fail = trialFail(n.Fail)
	if n.Count != nil && ends != AsDrawn {
		least, most := n.Count.Bounds()
		if ends == Most {
			least = most
		}
		out.Count = &Count{Table: constant(least), Min: least, Max: least}
	}
	if n.Calls != nil {
		calls := *n.Calls
		calls.Choice = calls.Choice.Even()
		out.Calls = &calls
	}
	if r := n.Retry; r != nil {
		retry := *r
		retry.Choice = r.Choice.Even()
		retry.Success = append([]dist.Probability(nil), r.Success...)
		for i := range retry.Success {
			retry.Success[i] = retry.Success[i].Even()
		}
		retry.Failing, retry.Succeeding = r.Failing.Even(), r.Succeeding.Even()
		out.Retry = &retry
	}
	if n.Asks != nil {
		asks := *n.Asks
		asks.Choice = asks.Choice.Even()
		out.Asks = &asks
	}
	out.Effects = append([]Effect(nil), n.Effects...)
	for i := range out.Effects {
		e := &out.Effects[i]
		e.From, e.To, e.Fail = 0, math.MaxInt64, trialFail(e.Fail)
	}
	out.Attrs = trialAttrs(n.Attrs, ends)
	out.Events = append([]Event(nil), n.Events...)
	for i := range out.Events {
		out.Events[i].Attrs = trialAttrs(out.Events[i].Attrs, ends)
		if x := out.Events[i].Times; x != nil {
			times := *x
			times.Presence = x.Presence.Even()
			out.Events[i].Times = &times
		}
	}
	out.Children = c.below(n.Children, out.Pos)
	return out
}

func (c *copier) below(children []Node, pos input.Pos) []Node {
	if len(children) == 0 {
		return nil
	}
	out, ok := c.done[&children[0]]
	if !ok {
		out = make([]Node, len(children))
		for i := range out {
			out[i] = c.node(&children[i], pos)
		}
		c.done[&children[0]] = out
	}
	return out
}

func trialFail(f *Fail) *Fail {
	if f == nil {
		return nil
	}
	out := *f
	out.Probability, out.FromParent, out.Siblings = f.Probability.Even(), f.FromParent.Even(), f.Siblings.Even()
	out.Choice = f.Choice.Even()
	return &out
}

func trialAttrs(list []Attr, ends Ends) []Attr {
	out := append([]Attr(nil), list...)
	for i := range out {
		a := &out[i]
		a.Choice = a.Choice.Even()
		if a.Present != nil {
			even := a.Present.Even()
			a.Present = &even
		}
		if a.Op != OpInt || ends == AsDrawn {
			continue
		}
		least, most := a.Table.Bounds()
		if ends == Most {
			least = most
		}
		*a = Attr{Attr: otlp.Attr{Key: a.Key, Kind: otlp.KindInt, Word: uint64(least)}, Path: a.Path, Present: a.Present}
	}
	return out
}

// constant is a table of one value.
func constant(v int64) *dist.Table {
	return compile(dist.Spec{Kind: dist.Constant, Value: float64(v)}, 1)
}
