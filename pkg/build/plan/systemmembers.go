package plan

import (
	"slices"
	"strings"

	"github.com/otelsim/otelsim/pkg/build/input"
	"github.com/otelsim/otelsim/pkg/build/scenario"
	"github.com/otelsim/otelsim/pkg/build/semconv"
)

// checkMembers wants the services of one name to have the same number of instances
// in all scenarios that run together, and to tell the same of them: how they are
// called follows from it, and who judges a corpus knows a service by its name. What
// an instance tells of itself it tells once, so in one scope.
func (c *compiler) checkMembers(defs []scenario.Definition) {
	first := make(map[string]*scenario.Member)
	for _, s := range c.systemsOf(defs) {
		for k := range s.Services {
			m := &s.Services[k]
			x, ok := first[m.Name]
			switch {
			case !ok:
				first[m.Name] = m
			case max(x.Instances, 1) != max(m.Instances, 1):
				c.problems.Errorf(m.Pos, "services.%s.instances: %d, and %d at %s: a service has as many in all scenarios that run together",
					m.Name, max(m.Instances, 1), max(x.Instances, 1), x.Pos)
			case x.Anonymous != m.Anonymous:
				c.problems.Errorf(m.Pos, "services.%s.instance_id: %t, and %t at %s: a service has one in all scenarios that run together, or in none",
					m.Name, !m.Anonymous, !x.Anonymous, x.Pos)
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

// systemsOf returns the systems of definitions, and that of the config before them.
func (c *compiler) systemsOf(defs []scenario.Definition) (out []*scenario.System) {
	if c.cfg.Services != nil {
		out = append(out, c.cfg.Services)
	}
	for i := range defs {
		if s := defs[i].System; s != nil {
			out = append(out, s)
		}
	}
	return out
}

// checkAnonymous wants services whose resources do not say which instance they are of to give
// no metrics: series of several processes would be one.
func (c *compiler) checkAnonymous(defs []scenario.Definition, p *Plan) {
	var emitted []semconv.System
	for _, s := range c.systemsOf(defs) {
		for k := range s.Services {
			m := &s.Services[k]
			if !m.Anonymous {
				continue
			}
			if emitted == nil {
				emitted = p.Systems()
			}
			at := slices.IndexFunc(emitted, func(x semconv.System) bool { return x.Service == m.Name })
			if at >= 0 && (m.Tells() || emitted[at].Agents || slices.ContainsFunc(emitted[at].Spans, givesMetrics)) {
				c.problems.Errorf(m.Pos, "services.%s.instance_id: false, and it gives metrics, in which its instances could not be told apart: it may have neither runtime nor metrics, be no server of tools, and have no operations or calls of a protocol, nor measured ones", m.Name)
			}
		}
	}
}

// givesMetrics reports whether a span gives values to the metrics of a protocol.
func givesMetrics(s semconv.SystemSpan) bool {
	first, _, _ := strings.Cut(s.Type, ".")
	return s.Measured != "" || !s.Plain && slices.Contains([]string{"http", "rpc", "db", "messaging"}, first)
}
