package build

import (
	"slices"

	"github.com/otelsim/otelsim/pkg/build/plan"
)

// heldOf reports which scenarios of a plan need no trial: those of files that are
// held to the rules already, as long as nothing else decides what they make or what
// is right for them. For systems that is a registry, and for all of them what another
// scenario says of a service that both have.
func (l *loaded) heldOf(p *plan.Plan) []bool {
	held := make([]bool, len(p.Scenarios))
	if len(l.held) == 0 {
		return held
	}
	others := new(services)
	for i, s := range p.Scenarios {
		held[i] = slices.Contains(l.held, s.Pos.File) && (s.System == nil || l.given == nil)
		if !held[i] {
			others.add(p, s)
		}
	}
	for i, s := range p.Scenarios {
		var own services
		if own.add(p, s); held[i] {
			held[i] = !own.meet(others)
		}
	}
	return held
}

// services are the names of services that scenarios have.
type services struct {
	all, ofSystems map[string]bool
}

// add adds the services of a scenario, and of the agents that it asks.
func (x *services) add(p *plan.Plan, s *plan.Scenario) {
	if x.all == nil {
		x.all, x.ofSystems = make(map[string]bool), make(map[string]bool)
	}
	parts := []*plan.Scenario{s}
	if s.System != nil {
		parts = append(parts, s.System.Agents...)
	}
	for _, part := range parts {
		for i := range part.Groups {
			g := &part.Groups[i]
			if g.Name != "" {
				x.all[g.Name], x.ofSystems[g.Name] = true, true
			}
			if name := g.ServiceName(p.Strings); name != "" {
				x.all[name] = true
			}
		}
	}
}

// meet reports whether a service of systems is on both sides. Agents share theirs,
// of which no scenario says anything.
func (x *services) meet(y *services) bool {
	for name := range x.all { // order-free: any
		if y.ofSystems[name] || y.all[name] && x.ofSystems[name] {
			return true
		}
	}
	return false
}
