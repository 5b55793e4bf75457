package plan

import (
	"github.com/otelsim/otelsim/pkg/build/input"
	"github.com/otelsim/otelsim/pkg/build/scenario"
	"github.com/otelsim/otelsim/pkg/build/vocab"
)

// toolName is the attribute that names a tool.
const toolName = "gen_ai.tool.name"

// toolStep compiles the call of the step's tool: an execution and its attempt.
func (b *builder) toolStep(s scenario.Step) Node {
	f := facts{server: b.server, tool: b.tool(s.Tool)}
	if b.server != nil && f.tool == nil {
		b.noTool(s.Pos, s.Tool)
	}
	n := b.node(vocab.Tool, &attrSet{}, f)
	n.Latency = b.latency(nil, 0, s.Pos)
	attempt := b.node(vocab.Attempt, &attrSet{}, f)
	attempt.Latency = b.latency(nil, b.cfg.Latencies[vocab.Attempt], s.Pos)
	b.applySetting(&attempt, s, s.Pos)
	n.Children = []Node{attempt}
	return n
}

// noTool says that the scenario's server lacks a tool.
func (b *builder) noTool(pos input.Pos, name string) {
	names := make([]string, len(b.server.Tools))
	for i := range names {
		names[i] = b.server.Tools[i].Name
	}
	b.problems.Errorf(pos, "scenario %s: %s", b.def.Name, input.Unknown("tool of mcp server "+b.server.Key, name, names))
}

// tool returns the tool of that name on the scenario's server, or nil.
func (b *builder) tool(name string) *scenario.Tool {
	if b.server == nil {
		return nil
	}
	for i := range b.server.Tools {
		if b.server.Tools[i].Name == name {
			return &b.server.Tools[i]
		}
	}
	return nil
}

// rootTool compiles a tool call of an explicit tree. Its latency is that of
// the attempt, unless the tree spells out attempts itself.
func (b *builder) rootTool(s *scenario.Node, own *attrSet) Node {
	f := facts{server: b.server, tool: b.toolOf(s, own)}
	n := b.node(vocab.Tool, own, f)
	n.Latency = b.latency(nil, 0, s.Pos)
	n.Parallel = s.Parallel
	for i := range s.Children {
		c := &s.Children[i]
		if c.Type != vocab.Attempt {
			n.Children = append(n.Children, b.rootNode(c, vocab.Tool))
			continue
		}
		set := b.nodeAttributes(c)
		attempt := b.node(vocab.Attempt, set, f)
		attempt.Latency = b.latency(c.Latency, b.cfg.Latencies[vocab.Attempt], c.Pos)
		attempt.Children = b.children(c)
		b.giveErrors(&attempt, set, c)
		n.Children = append(n.Children, b.placed(c, vocab.Tool, attempt))
	}
	for i := range n.Children {
		if n.Children[i].Class == vocab.Attempt {
			n.Latency = b.latency(s.Latency, 0, s.Pos)
			if s.Error != nil || s.Retry != nil {
				b.problems.Errorf(s.Pos, "scenario %s: errors and retries of a tool call that spells out its attempts belong to the attempts", b.def.Name)
			}
			b.failAttempts(&n, own, s)
			return n
		}
	}
	attempt := b.node(vocab.Attempt, &attrSet{}, f)
	attempt.Latency = b.latency(s.Latency, b.cfg.Latencies[vocab.Attempt], s.Pos)
	b.giveErrors(&attempt, own, s)
	n.Children = append([]Node{attempt}, n.Children...)
	return n
}

// failAttempts lets the attempts of a call fail whose attributes say that it
// does.
func (b *builder) failAttempts(n *Node, own *attrSet, s *scenario.Node) {
	if !own.end.fails {
		return
	}
	var failed Node
	failed.Class = vocab.Attempt
	b.giveErrors(&failed, own, s)
	failEveryAttempt(n, failed.Fail)
}

// toolOf is the tool that a node names, else, by position, one of the server's.
// A node that gives the uuid of its tool itself may call what it likes.
func (b *builder) toolOf(s *scenario.Node, own *attrSet) *scenario.Tool {
	if own.has(b.prefix + ".mcp.tool.uuid") {
		return nil
	}
	if b.server == nil {
		b.problems.Errorf(s.Pos, "scenario %s: a tool call needs an mcp_server, or a %s.mcp.tool.uuid of its own", b.def.Name, b.prefix)
		return nil
	}
	for _, a := range s.Attributes {
		if a.Key != toolName {
			continue
		}
		if a.Dist != nil || a.Choices != nil {
			b.problems.Errorf(a.Pos, "attribute %s is drawn: give %s.mcp.tool.uuid too, since it cannot follow", toolName, b.prefix)
			return nil
		}
		t := b.tool(a.Value.Str)
		if t == nil {
			b.noTool(a.Pos, a.Value.Str)
		}
		return t
	}
	t := &b.server.Tools[b.tools%len(b.server.Tools)]
	b.tools++
	return t
}
