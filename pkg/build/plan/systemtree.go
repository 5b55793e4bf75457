package plan

import (
	"math"
	"slices"

	"github.com/otelsim/otelsim/pkg/build/dist"
	"github.com/otelsim/otelsim/pkg/build/input"
	"github.com/otelsim/otelsim/pkg/build/scenario"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// systemBuilder compiles a scenario of services.
type systemBuilder struct {
	*builder
	sys    *scenario.System
	works  map[worked]*Node // what has been compiled: all who call it share what is below it
	of     map[placed]int   // one more than the group
	causes []causeKey       // as System.Causes, and as the next
	alike  []string         // the word that all protocols understand which it means; "" for none

	retried []retriedAct

	differs   []scenario.Attribute // in what the resource of the spans that are compiled is not that of their service
	resources []int64              // by service: how many its instances have
}

// newSystemBuilder returns what compiles services for the scenario, whose values it compiles.
func (b *builder) newSystemBuilder(sys *scenario.System) *systemBuilder {
	s := &systemBuilder{
		builder: b, sys: sys, works: make(map[worked]*Node), of: make(map[placed]int), resources: make([]int64, len(sys.Services)),
	}
	b.out.System = &System{InStep: b.probability(sys.InStep, b.out.Pos)}
	s.values()
	return s
}

// system compiles the services of the scenario: every operation once, below those
// who call it.
func (b *builder) system() {
	s := b.newSystemBuilder(b.def.System)
	s.session()
	s.uses()
	s.finishRetries()
	if b.problems.Errors() > 0 || !s.limit() {
		return
	}
	b.address()
	if len(b.out.Turns) > 1 {
		s.nameSessions()
	}
}

// thinks compiles the time between requests.
func (b *systemBuilder) thinks() {
	if len(b.out.Turns) > 1 {
		spec := dist.Spec{Kind: dist.LogNormal, Median: 8000, Sigma: 0.6}
		if b.def.ThinkTime != nil {
			spec = *b.def.ThinkTime
		}
		b.out.ThinkTime = b.latency(&spec, 0, b.def.Pos)
	} else if b.def.ThinkTime != nil {
		b.problems.Warnf(b.def.Pos, "scenario %s: conversation.think_time has no effect without a second request", b.def.Name)
	}
}

// entry compiles the root of a request: the operation that is asked for, by nobody
// who has spans.
func (b *systemBuilder) entry(c *scenario.Call) Node {
	if c.OneOf == nil {
		return b.direct(worked{c.To[0], c.Way}, c.Pos)
	}
	n := Node{Class: "one_of", Pos: c.Pos, Presence: present, Act: &Act{Role: RoleGroup}}
	n.OneOf = b.choice(c.OneOf, c.Pos)
	for i := range c.Calls {
		n.Children = append(n.Children, b.direct(worked{c.Calls[i].To[0], c.Calls[i].Way}, c.Calls[i].Pos))
	}
	return n
}

// direct is a call without a span of who calls.
func (b *systemBuilder) direct(w worked, pos input.Pos) Node {
	n := Node{Class: b.nameOf(w.ref), Pos: pos, Presence: present, Act: &Act{Role: RoleDirect}}
	n.Children = []Node{*b.work(w)}
	b.gets(&n.Children[0], w.ref, &Act{Batch: 1}) // a message of somebody else's
	return n
}

func (b *systemBuilder) choice(weights []float64, pos input.Pos) *dist.Choice {
	out, err := dist.NewChoice(weights)
	if err != nil {
		b.problems.Errorf(pos, "weights: %v", err)
	}
	return out
}

func (b *systemBuilder) member(ref scenario.OperationRef) *scenario.Member {
	return &b.sys.Services[ref.Service]
}

func (b *systemBuilder) operation(ref scenario.OperationRef) *scenario.Operation {
	return &b.member(ref).Operations[ref.Operation]
}

// nameOf is what names an operation among what a caller does.
func (b *systemBuilder) nameOf(ref scenario.OperationRef) string {
	return b.member(ref).Name + "." + b.operation(ref).Name
}

// work compiles an operation, once.
func (b *systemBuilder) work(w worked) *Node {
	if n, ok := b.works[w]; ok {
		return n
	}
	c := b.callee(w)
	var n Node
	if c.drawn() {
		n = Node{Class: b.nameOf(w.ref), Pos: c.Pos, Presence: present, Act: &Act{Role: RoleWays}}
		b.weighed(&n, c)
		for i := range c.Variants {
			n.Children = append(n.Children, *b.work(worked{w.ref, i + 1}))
		}
	} else {
		around := b.differs
		b.differs = nil // of who calls it
		b.differing(c.Resource, func() { n = b.workOf(w.ref, c) })
		b.differs = around
	}
	b.works[w] = &n
	return &n
}

// workOf compiles an operation that goes in one way.
func (b *systemBuilder) workOf(ref scenario.OperationRef, c callee) Node {
	op := c.Operation
	n := b.span(ref.Service, op)
	n.Class, n.Effects = c.class(), b.phasesOf(ref)
	n.Act.Capacity = capacity(b.member(ref))
	if n.Kind = op.Kind; n.Kind == otlp.SpanKindUnspecified {
		n.Kind = usualKind(op.Protocol)
	}
	n.Attrs, n.Act.Type = b.workAttributes(c, n.Kind)
	n.Act.Lines = b.lines(op, b.withLater(n.Attrs))
	n.Name = b.strs.ID(c.workName())
	return n
}

// capacity is the load that a service can take, in millionths of the mean.
func capacity(m *scenario.Member) uint64 {
	return uint64(math.Floor(float64(m.Capacity*million) + 0.5))
}

func usualKind(p scenario.Protocol) uint8 {
	switch p {
	case scenario.ProtocolHTTP, scenario.ProtocolGRPC:
		return otlp.SpanKindServer
	case scenario.ProtocolMessaging:
		return otlp.SpanKindConsumer
	}
	return otlp.SpanKindInternal
}

// span compiles what operations and the spans within them have in common.
func (b *systemBuilder) span(service int, op *scenario.Operation) Node {
	n := Node{
		Pos: op.Pos, Presence: present, Group: b.group(service), Parallel: op.Parallel,
		Act: &Act{Role: RoleWork, Service: b.sys.Services[service].Pos, Own: op.Own, Lead: uint64(math.Round(op.Lead * 1_000_000)), Protocol: uint8(op.Protocol), Status: b.strs.ID(op.Status)},
	}
	n.Latency = b.latency(op.Latency, usualOwn, op.Pos)
	n.Fail = b.fail(op.Protocol, op.Error, op)
	n.Act.Measured = op.Measured
	n.Events = b.events(op)
	own := slices.ContainsFunc(op.Events, func(e scenario.SpanEvent) bool { return e.Name == scenario.ExceptionEvent })
	if n.Act.Silent = own || op.Error != nil && op.Error.Silent; !n.Act.Silent {
		n.Events = append(n.Events, b.thrown())
	}
	for i := range op.Calls {
		n.Children = append(n.Children, b.call(service, &op.Calls[i]))
	}
	return n
}

// usualOwn is how many milliseconds an operation takes which says nothing.
const usualOwn = 5

// events compiles the events that an operation tells of.
func (b *systemBuilder) events(op *scenario.Operation) (out []Event) {
	for i, e := range op.Events {
		var set attrSet
		for _, a := range e.Attributes {
			set.put(a.Key, b.given(a))
		}
		set.sort(0)
		out = append(out, Event{
			Name: b.strs.ID(e.Name), Failed: e.When == scenario.WhenFailed, OK: e.When == scenario.WhenOK,
			Attrs: set.finish(b.strs), Times: b.times("event", i, e.Probability, e.Count, e.Pos),
		})
	}
	return out
}

// call compiles one thing that an operation of a service does.
func (b *systemBuilder) call(service int, c *scenario.Call) Node {
	var n Node
	switch {
	case c.Agent != "":
		n = b.asks(service, c)
	case c.OneOf != nil, c.Inner == nil && len(c.To) == 0:
		n = b.groupOfCalls(service, c)
	case c.Inner != nil:
		n = Node{Class: "span " + c.Inner.Name, Act: &Act{Role: RoleDirect}}
		b.differing(c.Inner.Resource, func() { n.Children = []Node{b.inner(service, c.Inner)} })
		b.again(&n, c, c.Inner)
	default:
		n = b.across(service, c)
	}
	n.Pos = c.Pos
	n.Presence = b.probability(c.Probability, c.Pos)
	n.Count = b.count(&scenario.Node{Count: c.Count, Pos: c.Pos})
	a := n.Act
	a.Optional, a.IfFailed, a.Async, a.After = c.Optional, c.IfFailed, c.Async, c.After
	if c.Delay != nil {
		a.Delay = b.duration(c.Delay, c.Pos)
	}
	if c.Async || c.After {
		b.free(&n)
	}
	return n
}

// groupOfCalls compiles several calls, all of which are made or one.
func (b *systemBuilder) groupOfCalls(service int, c *scenario.Call) Node {
	n := Node{Class: "all", Parallel: c.Beside, Act: &Act{Role: RoleGroup}}
	for i := range c.Calls {
		n.Children = append(n.Children, b.call(service, &c.Calls[i]))
	}
	if c.OneOf != nil {
		n.Class, n.OneOf = "one_of", b.choice(c.OneOf, c.Pos)
		n.By = b.by(c.Conditions(), c.OneOf, c.Pos)
	}
	return n
}

// inner compiles a span within an operation.
func (b *systemBuilder) inner(service int, op *scenario.Operation) Node {
	n := b.span(service, op)
	n.Class = "span " + op.Name
	n.Name, n.Kind = b.strs.ID(op.Name), op.Kind
	if n.Kind == otlp.SpanKindUnspecified {
		n.Kind = otlp.SpanKindInternal
	}
	var set attrSet
	b.finishAttributes(&set, op.Attributes, "")
	n.Attrs = set.finish(b.strs)
	n.Act.Lines = b.lines(op, n.Attrs)
	return n
}

// across compiles a call of an operation of another service, or of several that
// consume the same messages.
func (b *systemBuilder) across(service int, c *scenario.Call) Node {
	ref := c.To[0]
	to := b.callee(worked{ref, c.Way})
	op := to.Operation
	switch {
	case op.Protocol == scenario.ProtocolNone:
		n := b.direct(worked{ref, c.Way}, c.Pos)
		b.again(&n, c, op)
		return n
	case op.Protocol == scenario.ProtocolDB && to.drawn():
		return b.eitherPeer(service, c, to)
	}
	n := Node{Class: b.nameOf(ref), Kind: otlp.SpanKindClient, Group: b.group(service), Act: &Act{Role: RoleCall, Service: b.sys.Services[service].Pos}}
	a := n.Act
	a.Network = b.duration(c.Network, c.Pos)
	a.Timeout = b.duration(c.Timeout, c.Pos)
	a.Cut = b.unanswered(op.Protocol, late)
	switch op.Protocol {
	case scenario.ProtocolDB:
		a.Role = RolePeer
		n.Latency = b.latency(op.Latency, usualOwn, op.Pos)
		n.Fail = b.fail(op.Protocol, op.Error, op)
		n.Events, n.Effects = b.events(op), b.phasesOf(ref)
		a.Capacity = capacity(b.member(ref))
		a.Status, a.Protocol = b.strs.ID(op.Status), uint8(op.Protocol)
	case scenario.ProtocolMessaging:
		a.Role, n.Kind = RoleSend, otlp.SpanKindProducer
		a.Queue, a.Batch, a.Apart = b.duration(c.Queue, c.Pos), max(c.Batch, 1), !c.Below
		if a.Network == nil {
			a.Network = b.latency(&dist.Spec{Kind: dist.LogNormal, Mean: 1, CV: 0.3}, 0, c.Pos)
		}
	}
	n.Attrs, a.Type = b.callAttributes(to, c)
	n.Name = b.strs.ID(to.callName())
	if op.Protocol != scenario.ProtocolDB {
		b.answerers(&n, c)
	}
	b.again(&n, c, op)
	return n
}

// answerers compiles the other side of a call.
func (b *systemBuilder) answerers(n *Node, c *scenario.Call) {
	for _, ref := range c.To {
		w := *b.work(worked{ref, c.Way})
		if n.Act.Role == RoleSend {
			b.gets(&w, ref, n.Act)
		}
		n.Children = append(n.Children, w)
		if n.Act.Timeout != nil || n.Act.Role == RoleSend {
			b.free(&n.Children[len(n.Children)-1])
		}
	}
}

// again compiles the further attempts of a call.
func (b *systemBuilder) again(n *Node, c *scenario.Call, op *scenario.Operation) {
	if c.Retry != nil {
		n.Retry = b.retry(c.Retry, op, n.Act, c.Pos)
	}
}

// duration compiles an optional time in milliseconds.
func (b *systemBuilder) duration(s *dist.Spec, pos input.Pos) *dist.Table {
	if s == nil {
		return nil
	}
	return b.latency(s, 0, pos)
}

// free notes that nobody waits for the spans of a call.
func (b *systemBuilder) free(n *Node) {
	switch n.Act.Role {
	case RoleWork:
		a := *n.Act // which all share who call it
		a.Free = true
		n.Act = &a
	case RoleWays:
		n.Children = slices.Clone(n.Children) // likewise
		fallthrough
	case RoleGroup, RoleDirect:
		for i := range n.Children {
			b.free(&n.Children[i])
		}
	default:
		n.Act.Free = true
	}
}

// nameSessions gives the roots of requests the id of their session, or notes that they
// have none.
func (b *systemBuilder) nameSessions() {
	key := b.strs.ID("session.id")
	var name func(n *Node)
	name = func(n *Node) {
		if n.Act.Role != RoleWork {
			n.Children = slices.Clone(n.Children) // which others may share
			for i := range n.Children {
				name(&n.Children[i])
			}
			return
		}
		if b.sys.Unnamed {
			a := *n.Act // which all share who call it
			a.Unnamed, n.Act = true, &a
			return
		}
		n.Attrs = append(n.Attrs[:len(n.Attrs):len(n.Attrs)], op(OpSession))
		n.Attrs[len(n.Attrs)-1].Key = key
	}
	for p := range b.out.Parts() {
		name(&p.Root)
	}
}
