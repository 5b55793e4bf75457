package plan

import (
	"github.com/otelsim/otelsim/pkg/build/input"
	"github.com/otelsim/otelsim/pkg/build/scenario"
	"github.com/otelsim/otelsim/pkg/build/vocab"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// setting returns what the scenario changes of a step, or nil.
func (b *builder) setting(s scenario.Step) *scenario.StepSetting {
	for i := range b.def.Settings {
		if x := &b.def.Settings[i]; x.Step.Kind == s.Kind && x.Step.Tool == s.Tool {
			return x
		}
	}
	return nil
}

// applySetting applies a step's setting to the node that does its work.
func (b *builder) applySetting(n *Node, s scenario.Step, pos input.Pos) {
	x := b.setting(s)
	if x == nil {
		return
	}
	if x.Latency != nil {
		n.Latency = b.latency(x.Latency, 0, pos)
	}
	if x.Error != nil || x.Retry != nil {
		b.fallible(n, x.Error, x.Retry, pos)
	}
}

// nameRetryPolicies names the policy of the further attempts of tool calls, as their
// backoff makes it.
func (b *builder) nameRetryPolicies(n *Node) {
	if n.Class == vocab.Tool {
		policy := ""
		for i := range n.Children {
			switch r := n.Children[i].Retry; {
			case r == nil:
			case len(r.Backoff) < 2 || r.Backoff[0] == r.Backoff[1]:
				policy = "fixed"
			case r.Jitter == nil:
				policy = "exponential"
			default:
				policy = "exponential_jitter"
			}
		}
		for i := range n.Attrs {
			if a := &n.Attrs[i]; a.Op == OpPolicy && policy != "" {
				a.Values = []otlp.Attr{a.Values[0], b.str(policy).Attr}
			}
		}
	}
	for i := range n.Children {
		b.nameRetryPolicies(&n.Children[i])
	}
}
