package scenario

import (
	"slices"

	"github.com/otelsim/otelsim/pkg/build/input"
)

// agentOf reads a request to the agents of another scenario, which their gateway
// answers over http.
func (r *members) agentOf(m input.Map, out *Call) {
	out.Pos = m.At("agent")
	out.Agent = m.Need("agent")
	switch {
	case r.tools:
		m.Fail("agent", "what tools of agents call asks no agents; services of a scenario do")
	case out.Agent != "":
		r.agents(m, out.Agent)
	}
	out.Timeout = r.fixed(m.Get("timeout"))
	out.Retry = r.retries(m, ProtocolHTTP, nil)
	out.Network = r.duration(m.Get("network"))
	if out.Network == nil {
		out.Network = around(usualNetwork, defaultCV)
	}
	out.Attributes, out.Fill = r.spanAttributes(m, ProtocolHTTP), r.fill(m)
	if x := out.Retry; x != nil && (x.SuccessRates != nil || x.ForceInitialFailure) {
		m.Fail("retry", "success_rate_per_attempt and force_initial_failure do not belong to calls of agents: whether those fail is what their scenario says")
	}
}

// agents checks that there is a scenario of agents of a name.
func (r *members) agents(m input.Map, wanted string) {
	names := slices.Clone(r.requests)
	for _, x := range r.allNamed() {
		switch {
		case !x.system:
			names = append(names, x.name)
		case x.name == wanted:
			m.Fail("agent", "scenario %s has services; call one of their operations, or name a scenario of agents", input.Quote(wanted))
			return
		}
	}
	if !slices.Contains(names, wanted) {
		m.Fail("agent", "%s (--definitions bundled adds those that come with the program)", input.Unknown("scenario", wanted, names))
	}
}
