package plan

import (
	"github.com/otelsim/otelsim/pkg/build/input"
	"github.com/otelsim/otelsim/pkg/build/scenario"
)

// checkMembers wants the services of one name to have the same number of instances
// in all scenarios that run together, and to tell the same of them: how they are
// called follows from it, and who judges a corpus knows a service by its name. What
// an instance tells of itself it tells once, so in one scope.
func (c *compiler) checkMembers(defs []scenario.Definition) {
	first := make(map[string]*scenario.Member)
	systems := []*scenario.System{c.cfg.Services}
	for i := range defs {
		systems = append(systems, defs[i].System)
	}
	for _, s := range systems {
		if s == nil {
			continue
		}
		for k := range s.Services {
			m := &s.Services[k]
			x, ok := first[m.Name]
			switch {
			case !ok:
				first[m.Name] = m
			case max(x.Instances, 1) != max(m.Instances, 1):
				c.problems.Errorf(m.Pos, "services.%s.instances: %d, and %d at %s: a service has as many in all scenarios that run together",
					m.Name, max(m.Instances, 1), max(x.Instances, 1), x.Pos)
			case !x.SameTold(m):
				c.problems.Errorf(m.Pos, "services.%s: another runtime, or other metrics, than at %s: a service has the same in all scenarios that run together",
					m.Name, x.Pos)
			case m.Tells() && x.Scope != m.Scope:
				c.problems.Errorf(m.Pos, "services.%s.scope: %s, and %s at %s: a service with runtime or metrics has the same in all scenarios that run together",
					m.Name, input.Quote(m.Scope), input.Quote(x.Scope), x.Pos)
			}
		}
	}
}
