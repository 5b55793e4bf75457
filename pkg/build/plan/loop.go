package plan

import (
	"slices"

	"github.com/otelsim/otelsim/pkg/build/dist"
	"github.com/otelsim/otelsim/pkg/build/vocab"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// An agent works in a loop: a model call chooses tools, they run, the next model
// call gets what they returned, until one answers. Which call chooses which tools
// is read off the spans of a request, in the order of the tree. What can be
// known of a tree is worked out here:
//
//	Node.Opens    what is below the node is a conversation of its own: an
//	              agent's, or what goes on within a tool or a model call
//	Node.Forks    the node itself begins one, beside what runs at the same
//	              time
//	Node.Alone    it forks, and it may be that nothing else is there to run at
//	              the same time: then it goes on with what was said
//	Node.Chooses  a model call after which tools may run, and then another one

// Loop is what the conversations of a scenario have in common.
type Loop struct {
	Redacted bool // whether spans say what is said redacted

	Full      bool  // the input of a model call has the turns before
	CompactAt int64 // bytes of messages over which the oldest become Compaction

	Thought    Text          // what a call says that chooses nothing and is not the last
	Thoughts   otlp.StringID // the messages of its output
	Compaction Text

	Apology   Text          // what answers when a tool has failed that was called last
	Apologies otlp.StringID // the messages of its output

	Report  Text          // what an agent reports to another that is told no more than what it is about
	Reports otlp.StringID // the messages of its output

	// ResultTokens is what a tool's answer takes beyond what is said of it; nil: nothing.
	ResultTokens *dist.Table
}

// loop works out the loops of a tree whose nodes are complete, and what its
// tool calls say.
func (b *builder) loop(root *Node) {
	b.sayCalls(root)
	open(root)
	make(loopWalk).walk(root, 0)
	b.warnUntold(root)
}

// warnUntold names agents that are told something and call no model.
func (b *builder) warnUntold(n *Node) {
	if n.Told != nil && !n.Opens {
		b.problems.Warnf(n.Pos, "task, report: have no effect: no model is called below")
	}
	for i := range n.Children {
		b.warnUntold(&n.Children[i])
	}
}

// chooses reports whether a model call at or below a node may choose tools.
func chooses(n *Node) bool {
	return n.Chooses || slices.ContainsFunc(n.Children, func(c Node) bool { return chooses(&c) })
}

// open decides where conversations begin, and reports whether there is a model
// call and a tool call at or below the node that belong to what is around it.
func open(n *Node) (models, tools bool) {
	own := [2]bool{}
	atOnce := n.Parallel && several(n)
	for i := range n.Children {
		c := &n.Children[i]
		m, t := open(c)
		if atOnce && m {
			fork(c, lone(n))
			if c.OneOf == nil {
				continue
			}
			m = false // what forks nothing of its alternatives is a tool call, or neither
		}
		own[0], own[1] = own[0] || m, own[1] || t
	}
	agent := n.Class == vocab.Orchestrate || n.Class == vocab.Call
	if agent || n.LLM || n.Tool {
		n.Opens = own[0] || own[1]
		return n.LLM, n.Tool
	}
	return own[0], own[1]
}

// several reports whether more than one thing can run below a node: what is alone
// runs beside nothing, and goes on with what was said.
func several(n *Node) bool {
	most := int64(0)
	for i := range n.Children {
		most += int64(repetitions(&n.Children[i]))
	}
	return most > 1
}

// lone reports whether it may be that no more than one thing runs below a node.
func lone(n *Node) bool {
	least := int64(0)
	for i := range n.Children {
		switch c := &n.Children[i]; {
		case !c.Presence.Always():
		case c.Count == nil:
			least++
		default:
			few, _ := c.Count.Bounds()
			least += max(few, 0)
		}
	}
	return least < 2
}

// fork lets a node begin a conversation of its own, or whichever stands in its
// place and calls a model.
func fork(n *Node, alone bool) {
	if n.OneOf == nil {
		n.Forks, n.Alone = true, alone
		return
	}
	for i := range n.Children {
		if c := &n.Children[i]; speaks(c) {
			fork(c, alone)
		}
	}
}

// speaks reports whether a model call at or below a node belongs to what is around
// it, of which the conversations are known.
func speaks(n *Node) bool {
	if n.LLM || n.Tool || n.Class == vocab.Orchestrate || n.Class == vocab.Call {
		return n.LLM
	}
	return slices.ContainsFunc(n.Children, func(c Node) bool { return speaks(&c) })
}

// follows is what may come after a place of a conversation.
type follows uint8

const (
	modelFollows follows = 1
	toolFollows  follows = 2 // and then a model call
)

// loopWalk goes through conversations backwards. What may follow a place only
// ever grows, so that a node is walked through a few times at most, however deep
// repetitions are nested.
type loopWalk map[loopPlace]follows

// loopPlace is a node with what may come after it.
type loopPlace struct {
	n     *Node
	after follows
}

// walk returns what may come after the place before all repetitions of a node.
func (w loopWalk) walk(n *Node, after follows) follows {
	around := after
	if n.Forks && !n.Alone {
		after = 0
	}
	after = w.once(n, after)
	if repetitions(n) > 1 {
		after = w.once(n, after)
	}
	switch {
	case n.Forks && n.Alone:
		return after | around
	case n.Forks:
		return around
	}
	return after
}

func (w loopWalk) once(n *Node, after follows) follows {
	before, known := w[loopPlace{n, after}]
	if known {
		return before
	}
	before = after
	if n.Opens {
		before = 0
	}
	for i := len(n.Children) - 1; i >= 0; i-- {
		if n.OneOf != nil {
			before |= w.walk(&n.Children[i], after)
			continue
		}
		before = w.walk(&n.Children[i], before)
	}
	if n.Opens {
		before = after
	}
	switch {
	case n.Tool && before&modelFollows != 0:
		before |= toolFollows
	case n.LLM:
		n.Chooses = n.Chooses || before&toolFollows != 0
		before |= modelFollows
	}
	w[loopPlace{n, after}] = before
	return before
}
