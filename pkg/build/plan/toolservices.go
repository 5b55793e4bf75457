package plan

import (
	"fmt"
	"slices"

	"github.com/otelsim/otelsim/pkg/build/scenario"
	"github.com/otelsim/otelsim/pkg/build/vocab"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// Tools whose server calls services: what it calls is compiled as that of an operation
// of a system, and stands below the server's side of each attempt, or below the
// attempt where the conventions have no such type. It comes to the tree last, so that
// what is decided of agents' spans does not see it.

// toolRun is what an attempt runs: a tool, or one of several that is drawn, whose server
// calls services for it.
type toolRun struct {
	tools  []*scenario.Tool // nil: one that calls nobody
	drawn  *Attr            // which of them; nil: there is one
	ofCall bool             // it is an attribute of the call, else of the attempt
	member int              // of the server, in Config.Services
	when   *When            // nil: in all requests
}

// services returns what compiles the services of the config for the scenario.
func (b *builder) services() *systemBuilder {
	if b.behind == nil {
		b.behind = b.newSystemBuilder(b.cfg.Services)
	}
	return b.behind
}

// runsTool notes that an attempt of a call runs a tool of a server.
func (b *builder) runsTool(call, attempt *Node, s *scenario.Server, when *When) {
	if s.Service.Member == 0 {
		return
	}
	out := toolRun{member: s.Service.Member - 1, when: when}
	a := attributeOf(attempt, b.strs.ID(toolName))
	if a == nil || a.Op != OpConst && a.Op != OpChoice {
		a, out.ofCall = attributeOf(call, b.strs.ID(toolName)), true
	}
	switch {
	case a == nil:
		return
	case a.Op == OpConst:
		out.tools = []*scenario.Tool{s.Tool(b.textOf(a.Attr))}
	case a.Op == OpChoice:
		out.drawn = a
		for _, v := range a.Values {
			out.tools = append(out.tools, s.Tool(b.textOf(v)))
		}
	}
	if slices.ContainsFunc(out.tools, func(t *scenario.Tool) bool { return t != nil && len(t.Calls) > 0 }) {
		b.services()
		attempt.runs = append(attempt.runs, out)
	}
}

func attributeOf(n *Node, key otlp.StringID) *Attr {
	if i := slices.IndexFunc(n.Attrs, func(a Attr) bool { return a.Key == key }); i >= 0 {
		return &n.Attrs[i]
	}
	return nil
}

// callServices puts what tools call below the spans that run them.
func (b *builder) callServices() {
	if b.behind == nil {
		return
	}
	for p := range b.out.Parts() {
		b.callFrom(&p.Root)
	}
	b.behind.uses()
	b.behind.finishRetries()
	b.behind.finishForTools()
}

func (b *builder) callFrom(n *Node) {
	if n.Act != nil {
		return
	}
	for i := range n.runs {
		r := &n.runs[i]
		below := b.run(r)
		if at := serverOf(n, r.when); at != nil {
			below.When = nil
			at.Children = append(at.Children, below)
		} else {
			n.Children = append(n.Children, below)
		}
	}
	n.runs = nil
	for i := range n.Children {
		b.callFrom(&n.Children[i])
	}
}

// run compiles what an attempt calls: for one of several tools what that calls which is
// drawn.
func (b *builder) run(r *toolRun) Node {
	var each []Node
	for _, t := range r.tools {
		n := Node{Class: "calls", Presence: present, Act: &Act{Role: RoleGroup}}
		for k := 0; t != nil && k < len(t.Calls); k++ {
			n.Pos = t.Calls[0].Pos
			n.Children = append(n.Children, b.behind.call(r.member, &t.Calls[k]))
		}
		each = append(each, n)
	}
	if r.drawn == nil {
		each[0].When = r.when
		return each[0]
	}
	return Node{
		Class: "calls", Pos: each[0].Pos, Presence: present, When: r.when, OneOf: r.drawn.Choice, Children: each,
		Act: &Act{Role: RoleGroup, Drawn: r.drawn.Path, OfCall: r.ofCall},
	}
}

// serverOf is the other side of an attempt in some requests, nil when there is none.
func serverOf(attempt *Node, when *When) *Node {
	for i := range attempt.Children {
		c := &attempt.Children[i]
		if c.Serves && (c.When == nil && when == nil || c.When != nil && when != nil && *c.When == *when) {
			return c
		}
	}
	return nil
}

// finishForTools says what a tool fails with that needed a call, for each cause.
func (b *systemBuilder) finishForTools() {
	for i := range b.causes {
		kind := b.alike[i]
		if kind == "" {
			kind = usualFailure(vocab.Attempt)
		}
		b.out.System.Causes[i].Tool = b.failure(cause{kind: kind})
	}
}

// measureCalls works out the worst case of what each attempt of a tool calls of services:
// of all that a request may have the largest. It reports whether all are within the limits;
// others nobody may walk.
func (b *builder) measureCalls(z *sizer) bool {
	if b.behind == nil {
		return true
	}
	s := &systemSizer{b: b.behind, z: z, below: make(map[*Node]systemExtent)}
	b.calls = s
	before := b.problems.Found()
	for p := range b.out.Parts() {
		b.measureBelow(&p.Root)
	}
	var all systemExtent
	for _, at := range b.calling {
		all = all.add(s.of(at))
	}
	if all.nodes > maxWays && b.problems.Found() == before {
		b.blameCalls(excess{what: fmt.Sprintf("there are over %d ways through what its tools call", maxWays), measure: func(x systemExtent) uint64 { return x.nodes }})
	}
	return b.problems.Found() == before
}

func (b *builder) measureBelow(n *Node) {
	for i := range n.Children {
		c := &n.Children[i]
		at := c
		switch {
		case c.Act != nil:
		case c.Serves && len(c.Children) > 0:
			at = &c.Children[0]
		default:
			b.measureBelow(c)
			continue
		}
		x := b.calls.of(at)
		b.calls.check(at, x)
		b.calling = append(b.calling, at)
		if n.called != nil {
			x = x.either(*n.called)
		}
		n.called = &x
	}
}

// blameCalls tells what is too much at the calls of a tool that add most to it.
func (b *builder) blameCalls(e excess) {
	at := b.calling[0]
	for _, n := range b.calling {
		if e.measure(b.calls.of(n)) > e.measure(b.calls.of(at)) {
			at = n
		}
	}
	b.calls.tell(at, e)
}

// tooMuch tells of a limit that a scenario passes: at the calls of a tool, if they add a
// good part of what is allowed, else at the scenario.
func (b *builder) tooMuch(limit uint64, e excess) {
	for _, n := range b.calling {
		if e.measure(b.calls.of(n)) > limit/20 {
			b.blameCalls(e)
			return
		}
	}
	b.problems.Errorf(b.def.Pos, "scenario %s: %s", b.def.Name, e.what)
}
