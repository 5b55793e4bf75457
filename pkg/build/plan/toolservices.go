package plan

import (
	"fmt"

	"github.com/otelsim/otelsim/pkg/build/scenario"
	"github.com/otelsim/otelsim/pkg/build/vocab"
)

// Tools whose server calls services: what it calls is compiled as that of an operation
// of a system, and stands below the server's side of each attempt, or below the
// attempt where the conventions have no such type. It comes to the tree last, so that
// what is decided of agents' spans does not see it.

// toolRun is a tool that a span runs, whose server calls services for it.
type toolRun struct {
	tool   *scenario.Tool
	member int   // of the server, in Config.Services
	when   *When // nil: in all requests
}

// services returns what compiles the services of the config for the scenario.
func (b *builder) services() *systemBuilder {
	if b.behind == nil {
		b.out.System = &System{}
		b.behind = &systemBuilder{builder: b, sys: b.cfg.Services, works: make(map[scenario.OperationRef]*Node)}
		b.behind.of = make([]int, len(b.cfg.Services.Services))
		b.behind.values()
	}
	return b.behind
}

// runsTool notes that an attempt of a call runs a tool of a server.
func (b *builder) runsTool(call, attempt *Node, s *scenario.Server, when *When) {
	if s.Service.Member == 0 {
		return
	}
	a := b.said(toolName, attempt, call)
	if a == nil {
		return
	}
	if a.Op == OpConst {
		if t := s.Tool(b.textOf(a.Attr)); t != nil && len(t.Calls) > 0 {
			attempt.runs = append(attempt.runs, toolRun{t, s.Service.Member - 1, when})
		}
		return
	}
	for _, v := range a.Values {
		if t := s.Tool(b.textOf(v)); t != nil && len(t.Calls) > 0 {
			b.problems.Errorf(call.Pos, "scenario %s: %s is drawn, and tool %s calls services: name one tool", b.def.Name, toolName, t.Name)
			return
		}
	}
}

// callServices puts what tools call below the spans that run them.
func (b *builder) callServices() {
	if b.behind == nil {
		return
	}
	for p := range b.out.Parts() {
		b.callFrom(&p.Root)
	}
	b.behind.finishRetries()
	b.behind.finishForTools()
}

func (b *builder) callFrom(n *Node) {
	if n.Act != nil {
		return
	}
	for i := range n.runs {
		r := &n.runs[i]
		below := Node{Class: "calls", Pos: r.tool.Calls[0].Pos, Presence: present, Act: &Act{Role: RoleGroup}, When: r.when}
		for k := range r.tool.Calls {
			below.Children = append(below.Children, b.behind.call(r.member, &r.tool.Calls[k]))
		}
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
	before := b.problems.Errors()
	for p := range b.out.Parts() {
		b.measureBelow(&p.Root)
	}
	var all systemExtent
	for _, at := range b.calling {
		all = all.add(s.of(at))
	}
	if all.nodes > maxSystemNodes && b.problems.Errors() == before {
		b.blameCalls(excess{what: fmt.Sprintf("there are over %d ways through what its tools call", maxSystemNodes), measure: func(x systemExtent) uint64 { return x.nodes }})
	}
	return b.problems.Errors() == before
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
