package scenario

import (
	"github.com/otelsim/otelsim/pkg/build/input"
	"github.com/otelsim/otelsim/pkg/build/vocab"
)

// What is wrong with a turn that is not told in order.
const (
	answersFirst = "answers before its tools have run: have a model call after the last of them"
	answersAbove = "answers before the tools below it have run: put them beside it, and a model call after them"
)

// inOrder warns of steps whose last model call comes before a tool. nodes are
// what the steps were read from.
func (l *loader) inOrder(steps []Step, nodes []*input.Node) {
	var last *input.Node
	late := false
	for i, s := range steps {
		switch s.Kind {
		case StepLLM:
			last, late = nodes[i], false
		case StepTool:
			late = last != nil
		}
	}
	if late {
		last.Warn(l.p, "%s", answersFirst)
	}
}

// agent is what one agent of a tree has done so far.
type agent struct {
	last  *Node // its latest model call
	tools bool  // a tool has run since
}

// treeInOrder warns of model calls in a tree that answer before their tools have
// run, agent by agent.
func (l *loader) treeInOrder(root *Node) {
	a := &agent{}
	l.below(root, a, nil)
	l.ends(a)
}

// below goes through the children of a node. above is the model call that they are
// nested in.
func (l *loader) below(n *Node, a *agent, above *Node) {
	for i := range n.Children {
		c := &n.Children[i]
		within := above
		switch {
		case c.OneOf != nil:
			l.either(c, a, above)
			continue
		case c.Type == vocab.LLM:
			a.last, a.tools, within = c, false, c
		case c.Type == vocab.Tool && above != nil:
			l.p.Warnf(above.Pos, "%s: %s", vocab.LLM, answersAbove)
		case c.Type == vocab.Tool:
			a.tools = a.last != nil
		case c.Type == vocab.Orchestrate || c.Type == vocab.Call && len(c.Children) > 0:
			other := &agent{}
			l.below(c, other, nil)
			l.ends(other)
			continue
		}
		l.below(c, a, within)
	}
}

// either goes through the alternatives of a place. A tool that may have run has.
func (l *loader) either(n *Node, a *agent, above *Node) {
	before := *a
	a.tools = false
	for i := range n.Children {
		one := before
		l.below(&Node{Children: n.Children[i : i+1]}, &one, above)
		if a.tools = a.tools || one.tools; one.last != before.last {
			a.last = one.last
		}
	}
}

func (l *loader) ends(a *agent) {
	if a.tools {
		l.p.Warnf(a.last.Pos, "%s: %s", vocab.LLM, answersFirst)
	}
}
