package plan

import (
	"slices"
	"strings"

	"github.com/otelsim/otelsim/pkg/build/dist"
	"github.com/otelsim/otelsim/pkg/build/scenario"
	"github.com/otelsim/otelsim/pkg/build/vocab"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// What a tree leaves unsaid of the services in it: a tool server answers each
// attempt, the runtime is entered by a request, and the gateway makes that. None
// of it changes what the tree draws: see Node.Serves and Node.Around. The types
// stand only where the conventions define them.

// defines reports whether the conventions have a span type.
func (b *builder) defines(class string) bool {
	_, ok := b.conv.Span(class)
	return ok
}

// serve lets tool servers answer the attempts of the calls below a node: who that
// is says the server's uuid, of which a scenario may draw one of several.
func (b *builder) serve(n *Node) {
	if !b.defines(vocab.Serve) && b.cfg.Services == nil {
		return
	}
	for i := range n.Children {
		attempt := &n.Children[i]
		b.serve(attempt)
		if attempt.Class != vocab.Attempt {
			continue
		}
		switch a := b.said(b.full("mcp.server.uuid"), attempt, n); {
		case a == nil && b.server != nil:
			b.answerBy(n, attempt, b.server.UUID, nil)
		case a == nil:
		case a.Op == OpConst:
			b.answerBy(n, attempt, b.textOf(a.Attr), nil)
		case a.Op == OpSelected:
			first := a.Word
			b.answerBy(n, attempt, b.textOf(a.Values[0]), &When{first, first + uint64(len(a.Values)) - 1, true})
			for k, v := range a.Values[1:] {
				b.answerBy(n, attempt, b.textOf(v), &When{first + uint64(k), first + uint64(k) + 1, false})
			}
		}
	}
}

// said returns what an attempt says by the name of an attribute, or its call where
// that does not draw it; nil: nothing.
func (b *builder) said(name string, attempt, call *Node) *Attr {
	key := b.strs.ID(name)
	for _, n := range []*Node{attempt, call} {
		at := slices.IndexFunc(n.Attrs, func(a Attr) bool { return a.Key == key })
		if at >= 0 && (n == attempt || n.Attrs[at].Op == OpConst || n.Attrs[at].Op == OpSelected) {
			return &n.Attrs[at]
		}
	}
	return nil
}

// textOf is the text of a constant, or "".
func (b *builder) textOf(a otlp.Attr) string {
	if a.Kind != otlp.KindString {
		return ""
	}
	return b.strs.String(otlp.StringID(a.Word))
}

// answerBy lets the server of the uuid answer an attempt of a call, if a service
// stands for it.
func (b *builder) answerBy(call, attempt *Node, uuid string, when *When) {
	s := b.serverByUUID(uuid)
	if s == nil || s.Service == nil {
		return
	}
	if b.defines(vocab.Serve) {
		attempt.Children = append(attempt.Children, b.answer(call, attempt, s, when))
	}
	b.runsTool(call, attempt, s, when)
}

func (c *compiler) serverByUUID(uuid string) *scenario.Server {
	for i := range c.cfg.Servers {
		if c.cfg.Servers[i].UUID == uuid {
			return &c.cfg.Servers[i]
		}
	}
	return nil
}

// answer is a tool server's side of an attempt. What both sides say they say
// alike.
func (b *builder) answer(call, attempt *Node, s *scenario.Server, when *When) Node {
	var own attrSet
	for _, def := range b.attributesOf(vocab.Serve) {
		name := b.conv.Rename(def.Name, b.prefix)
		if a := b.said(name, attempt, call); a != nil && !b.ofOneSide(name) {
			own.put(name, *a)
		}
	}
	n := b.node(vocab.Serve, &own, facts{server: s})
	n.Latency = b.latency(nil, vocab.Of(vocab.Serve).Latency, s.Service.Pos)
	n.Serves, n.When = true, when
	return n
}

// ofOneSide reports whether a name means another thing on the other side of a
// call.
func (b *builder) ofOneSide(name string) bool {
	return name == b.full("span.class") || name == b.full("step.outcome") || name == operationName || name == b.full("otel.source")
}

// operationName is the attribute that names the GenAI operation.
const operationName = "gen_ai.operation.name"

// enter puts an orchestration below the span of the runtime that is asked for
// it, which then is the root that names the other traces.
func (b *builder) enter(n Node) Node {
	if n.Class != vocab.Orchestrate {
		return n
	}
	n.Turn = true
	if !b.defines(vocab.Entry) {
		return n
	}
	var own attrSet
	n.Attrs = slices.DeleteFunc(n.Attrs, func(a Attr) bool {
		name := b.strs.String(a.Key)
		if strings.HasSuffix(name, "_trace_id") {
			own.put(name, a)
			return true
		}
		return false
	})
	return b.around(b.node(vocab.Entry, &own, facts{agent: b.constantOf(&n, b.full("a2a.agent.target.id"))}), n)
}

// forward puts an orchestration, entered or not, below the call of the gateway.
func (b *builder) forward(n Node) Node {
	if !b.defines(vocab.Forward) || within(&n).Class != vocab.Orchestrate {
		return n
	}
	var own attrSet
	own.put(errorKey, op(OpErrorType))
	own.put(b.full("error.category"), op(OpCategory))
	return b.around(b.node(vocab.Forward, &own, facts{}), n)
}

// around puts a node around another one, which it lasts as long as and whose
// place it takes.
func (b *builder) around(outer, n Node) Node {
	outer.Latency = compile(dist.Spec{Kind: dist.Constant}, nanosPerMilli)
	outer.Around, outer.Turn = true, true
	outer.Pos, outer.Presence, outer.Count = n.Pos, n.Presence, n.Count
	n.Presence, n.Count = present, nil
	outer.Children = []Node{n}
	return outer
}

// remotes marks the nodes whose parent is a span of another process.
func (b *builder) remotes(n, parent *Node) {
	if n.Act != nil {
		return
	}
	if n.OneOf == nil {
		n.Remote = parent != nil && b.out.Groups[n.Group].Instance[0] != b.out.Groups[parent.Group].Instance[0]
		parent = n
	}
	for i := range n.Children {
		b.remotes(&n.Children[i], parent)
	}
}

// enterAll enters the orchestrations of a tree: the one that is its root, or
// those of a request that is spelt out.
func (b *builder) enterAll(root Node) Node {
	if root.Class != vocab.Unified {
		return b.enter(root)
	}
	for i := range root.Children {
		root.Children[i] = b.forward(b.enter(root.Children[i]))
	}
	return root
}
