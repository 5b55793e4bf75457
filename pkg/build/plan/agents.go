package plan

import (
	"slices"

	"github.com/otelsim/otelsim/pkg/build/scenario"
	"github.com/otelsim/otelsim/pkg/build/vocab"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// agentTarget is the agent that a span is about, and agentNames are all names of it.
const agentTarget = "a2a.agent.target.id"

var agentNames = []string{agentTarget, "gen_ai.agent.id", "gen_ai.agent.name"}

// fitAgent makes a node that says which agent it is about say so under every name
// that the conventions have for it there.
func (b *builder) fitAgent(class string, own *attrSet) {
	target := own.find(b.full(agentTarget))
	if target == nil {
		return
	}
	for _, def := range b.attributesOf(class) {
		if name := b.conv.Rename(def.Name, b.prefix); followsAgent(class, b.conv.Known(def.Name)) && !own.has(name) {
			follow := *target
			follow.Path = hashOf(b.full(agentTarget))
			own.put(name, follow)
			target = own.find(b.full(agentTarget))
		} else if b.conv.Known(def.Name) == agentText && !own.has(name) {
			id := ""
			if target.Op == OpConst {
				id = b.textOf(target.Attr)
			}
			// Of a value that is nothing none is made: nobody knows what the agent is for.
			own.put(name, Attr{Op: OpSelected, Values: []otlp.Attr{b.str(b.describes(id)).Attr}})
			target = own.find(b.full(agentTarget))
		}
	}
}

// agentText is the attribute that says what an agent is for.
const agentText = "gen_ai.agent.description"

// describes says what an agent is for; "" when nobody does.
func (b *builder) describes(agent string) string {
	return b.textOfAgent(agent).Description
}

// textOfAgent is what the config says of an agent; nothing of one that it does not
// list.
func (b *builder) textOfAgent(agent string) scenario.AgentText {
	if i := slices.Index(b.cfg.Agents, agent); i >= 0 && i < len(b.cfg.AgentTexts) {
		return b.cfg.AgentTexts[i]
	}
	return scenario.AgentText{}
}

// followsAgent reports whether an attribute names the agent that a node is about.
func followsAgent(class, known string) bool {
	return slices.Contains(agentNames, known) || class == vocab.Call && known == serverAddress
}

// agentWithin is the agent that does what stands below a node.
func (b *builder) agentWithin(n *Node) string {
	if n.Class == vocab.Orchestrate || n.Class == vocab.Call {
		if name := b.constantOf(n, b.full(agentTarget)); name != "" {
			return name
		}
	}
	return b.agent
}

// workedWith is the model that an agent which is called works with: that of the
// first call of a model below; nil where that is the session's.
func workedWith(below []Node) *Asks {
	n := firstModel(below)
	if n == nil || n.Asks == nil {
		return nil
	}
	return &Asks{Models: n.Asks.Models[:1]} // of several, any is one that it calls
}

// firstModel returns the first call of a model among nodes and below them, but
// for what other agents do.
func firstModel(list []Node) *Node {
	for i := range list {
		if list[i].LLM {
			return &list[i]
		}
		if list[i].Class == vocab.Call {
			continue
		}
		if n := firstModel(list[i].Children); n != nil {
			return n
		}
	}
	return nil
}

// colleague is an agent that the scenario's agent can call: the one after it,
// never itself.
func (b *builder) colleague() string {
	i := slices.Index(b.cfg.Agents, b.agent)
	if len(b.cfg.Agents) < 2 {
		return b.agent + "-peer"
	}
	return b.cfg.Agents[(i+1)%len(b.cfg.Agents)]
}
