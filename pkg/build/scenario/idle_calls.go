package scenario

import (
	"slices"

	"github.com/otelsim/otelsim/pkg/build/vocab"
)

// idleCalls warns of samples of tools that nothing calls.
func (l *loader) idleCalls(d *Definition) {
	if !l.names {
		return
	}
	own, known := l.calledBy(d)
	all, allKnown := slices.Clone(own), known
	if d.everyTurnOwn() {
		all, allKnown = nil, true
	}
	for _, t := range d.Turns {
		calls, sure := own, known
		if t.Steps != nil {
			calls, sure = toolsIn(t.Steps), true
		}
		l.idleSamples(t.Tools, calls, sure, "turn")
		all = append(all, calls...)
	}
	l.idleSamples(d.Tools, all, allKnown, "scenario")
}

func (l *loader) idleSamples(samples []ToolSamples, calls []string, known bool, who string) {
	for _, s := range samples {
		if known && !slices.Contains(calls, s.Tool) {
			l.p.Warnf(s.Pos, "tools.%s: has no effect: the %s does not call it", s.Tool, who)
		}
	}
}

// calledBy lists the tools that a scenario calls where a turn says nothing else.
// It is not known of a tree in which a call has no constant name.
func (l *loader) calledBy(d *Definition) (tools []string, known bool) {
	steps := append(slices.Clone(d.Steps), d.Goals.ActualSteps...)
	if len(steps) > 0 {
		return toolsIn(steps), true
	}
	if d.Root == nil || len(d.Root.Children) == 0 {
		if w := l.c.Workflow(l.c.ControlPlane.DefaultWorkflow); w != nil {
			return toolsIn(w.Steps), true
		}
		return nil, true
	}
	return namedIn(d.Root)
}

// toolsIn lists the tools of steps.
func toolsIn(steps []Step) []string {
	var tools []string
	for _, s := range steps {
		if s.Kind == StepTool {
			tools = append(tools, s.Tool)
		}
	}
	return tools
}

// namedIn lists the tools of a tree, and whether those are all.
func namedIn(n *Node) (tools []string, all bool) {
	all = true
	if n.Type == vocab.Tool {
		at := slices.IndexFunc(n.Attributes, func(a Attribute) bool { return a.Key == "gen_ai.tool.name" })
		if at < 0 || n.Attributes[at].Dist != nil {
			return nil, false
		}
		for _, v := range append(slices.Clone(n.Attributes[at].Choices), n.Attributes[at].Value) {
			tools = append(tools, v.Str)
		}
	}
	for i := range n.Children {
		more, sure := namedIn(&n.Children[i])
		tools, all = append(tools, more...), all && sure
	}
	return tools, all
}
