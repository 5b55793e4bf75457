package scenario

import (
	"maps"
	"slices"

	"github.com/otelsim/otelsim/pkg/build/input"
)

// phases reads the phases of the system: those of a Config that are about services
// and operations, of this scenario alone.
func (r *members) phases(m input.Map) {
	taken := make(map[string]input.Pos)
	for _, item := range m.List("phases") {
		x, ok := item.Map(r.p, systemPhaseKeys...)
		if !ok {
			continue
		}
		before := r.p.Found()
		phase := r.phase(x, item.Pos)
		phase.Services = r.filter(x, "services", func(n *input.Node, s string) string {
			if _, ok := r.index[s]; !ok {
				n.Fail(r.p, "%s", input.Unknown("service", s, slices.Sorted(maps.Keys(r.index))))
				return ""
			}
			return s
		})
		phase.Operations = r.filter(x, "operations", func(n *input.Node, s string) string {
			if _, ok := r.target(n); !ok {
				return ""
			}
			return s
		})
		r.degrade(x, &phase, true)
		if r.p.Found() == before && !slices.Contains(r.unsure, true) {
			r.understood(x.Get("error_type"), &phase, &Definition{System: r.s})
		}
		if phase.LatencyFactor == 1 && phase.ErrorRate == 0 && r.p.Found() == before {
			item.Warn(r.p, "has no effect: it says no latency_factor or error_rate")
		}
		if phase.Name != "" && r.unique(taken, "phase", phase.Name, x.At("name")) {
			r.s.Phases = append(r.s.Phases, phase)
		}
	}
}
