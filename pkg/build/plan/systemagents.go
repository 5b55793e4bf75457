package plan

import (
	"slices"
	"strings"

	"github.com/otelsim/otelsim/internal/text"
	"github.com/otelsim/otelsim/pkg/build/input"
	"github.com/otelsim/otelsim/pkg/build/scenario"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// asks compiles a request of a service to the agents of a scenario: a call over http
// that their gateway answers, with all that it takes to answer it in one trace.
func (b *systemBuilder) asks(service int, c *scenario.Call) Node {
	n := Node{Class: "agent " + c.Agent, Kind: otlp.SpanKindClient, Group: b.group(service), Act: &Act{Role: RoleCall, Service: b.sys.Services[service].Pos}}
	k := b.agentOf(c)
	if k < 0 {
		return n
	}
	gateway := &b.out.System.Agents[k].Flows[0].Parts[0].Root
	op := &scenario.Operation{Name: "POST /agents/" + inPath(c.Agent), Protocol: scenario.ProtocolHTTP, Pos: c.Pos}
	to := calleeOf(op, &scenario.Member{Name: b.out.System.Agents[k].Groups[gateway.Group].ServiceName(b.strs)})
	a := n.Act
	a.Network = b.duration(c.Network, c.Pos)
	a.Timeout = b.duration(c.Timeout, c.Pos)
	a.Cut = b.unanswered(op.Protocol, late)
	n.Attrs, a.Type = b.callAttributes(to, c)
	n.Name = b.strs.ID(to.method)
	n.Children = []Node{{
		Class: n.Class, Pos: c.Pos, Presence: present,
		Act: &Act{Role: RoleAgent, Agent: k, Fault: b.cause(op.Protocol, usualCode(op.Protocol))},
	}}
	b.again(&n, c, op)
	return n
}

// inPath is a name as part of a path.
func inPath(name string) string {
	return strings.Map(func(r rune) rune {
		if r == '-' || r == '_' || r == '.' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' {
			return r
		}
		return '-'
	}, name)
}

// agentOf returns which of the agents of the system a call goes to, and compiles them
// for the first one; -1 when they cannot be called.
func (b *systemBuilder) agentOf(c *scenario.Call) int {
	known := b.out.System.Agents
	if k := slices.IndexFunc(known, func(s *Scenario) bool { return s.Name == c.Agent }); k >= 0 {
		return k
	}
	i := slices.IndexFunc(b.all, func(d scenario.Definition) bool { return d.Name == c.Agent })
	switch {
	case i < 0:
		b.problems.Errorf(c.Pos, "agent: there is no scenario %s without mistakes", input.Quote(c.Agent))
		return -1
	case b.all[i].System != nil:
		b.problems.Errorf(c.Pos, "agent: scenario %s has services", input.Quote(c.Agent))
		return -1
	case len(b.all[i].Turns) > 1:
		b.problems.Errorf(c.Pos, "agent: scenario %s is a conversation of %s, and a call is one request", input.Quote(c.Agent), text.Counted(len(b.all[i].Turns), "turn"))
		return -1
	}
	before, shape := b.problems.Found(), b.unified
	b.unified = true
	s := b.scenario(&b.all[i])
	b.unified = shape
	if b.problems.Found() > before {
		return -1
	}
	if s.System != nil && s.System.Apart > 0 {
		b.problems.Errorf(c.Pos, "agent: tools of scenario %s send messages that are consumed in traces of their own (trace: same puts them into it)", input.Quote(c.Agent))
		return -1
	}
	s.EmitMetrics, s.EmitLogs = b.def.EmitMetrics, b.def.EmitLogs
	s.Flows[0].Parts[0].Root.Remote = true // it is entered from another process
	b.apartFrom(c, s)
	b.out.System.Agents = append(known, s)
	return len(known)
}

// apartFrom wants the services of agents to have other names than those of the
// system: what a span has to be follows from its service.
func (b *systemBuilder) apartFrom(c *scenario.Call, s *Scenario) {
	for i := range b.sys.Services {
		m := &b.sys.Services[i]
		if m.Protocol != scenario.ProtocolDB && slices.ContainsFunc(s.Groups, func(g Group) bool { return g.Name == "" && g.ServiceName(b.strs) == m.Name }) {
			b.problems.Errorf(m.Pos, "services.%s: a service of the agents that are called at %s has that name; take another one", m.Name, c.Pos)
		}
	}
}

// ServiceName is the name of the service that the group is of, in strings of the plan;
// empty where its resource does not say it.
func (g *Group) ServiceName(strs *otlp.Strings) string {
	for _, a := range g.Attrs {
		if strs.String(a.Key) == "service.name" && a.Kind == otlp.KindString {
			return strs.String(otlp.StringID(a.Word))
		}
	}
	return ""
}

// agent is the extent of a request to agents.
func (z *systemSizer) agent(n *Node) systemExtent {
	s := z.b.out.System.Agents[n.Act.Agent]
	root := &s.Flows[0].Parts[0].Root
	return systemExtent{
		nodes: uint64(countNodes(root)), spans: uint64(s.MaxSpans), depth: uint64(depthOf(root)),
		time: s.MaxDuration, bytes: s.MaxBytes, load: loads{s.Failures, spreads(root)}.of(root),
	}
}

func countNodes(n *Node) int {
	out := 1
	for i := range n.Children {
		out += countNodes(&n.Children[i])
	}
	return out
}

func depthOf(n *Node) int {
	most := 0
	for i := range n.Children {
		most = max(most, depthOf(&n.Children[i]))
	}
	return most + 1
}
