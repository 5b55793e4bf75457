package plan

import (
	"cmp"
	"math/bits"
	"slices"

	"github.com/otelsim/otelsim/pkg/build/dist"
	"github.com/otelsim/otelsim/pkg/build/input"
	"github.com/otelsim/otelsim/pkg/build/scenario"
	"github.com/otelsim/otelsim/pkg/build/semconv"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// System is what a scenario has in which services do something, beside what all have.
// A request has one more trace for each message that is consumed in a trace of its own.
type System struct {
	Causes []Cause          // what its spans fail with: Fail.Kinds and Retry.Kinds are indices into it
	Values []Value          // that attributes share
	Turns  []Turn           // as Scenario.Turns; nil: it is a scenario of agents, whose tools call services
	Visits *dist.Choice     // which of several a session is, each with Turns of its own; nil: it has all Turns
	Apart  int              // traces that a request has beside its own, at most
	InStep dist.Probability // that a span is as slow, of what it may be, as others of its request
	Deep   bool             // there are too many ways through its calls for anything to go them all

	// Agents are scenarios of agents that its services call: each call is a session of its
	// own, of one request, which is one part of the trace of the system.
	Agents []*Scenario
}

// Turn says whether a session has a request: that with a number, from 0, among those
// of an item of the session, which is there, or not, so many times.
type Turn struct {
	Item     int
	Visit    int // of which session it is, where there are several
	Number   int64
	Presence dist.Probability
	Count    *Count // nil: once

	Continues bool // it is of the request before it, whose values and instances it has
	Linked    bool // its root links to that of the request before it
}

// Value is a value that is drawn once for a request, for a session, or for a span and those
// below it as far as each uses it: see Node.Uses.
type Value struct {
	Attr
	OfSession, OfSpan bool
	From              int // index of the value that it follows from; its own where there is none
}

// Use is that spans have a value of spans, or one that follows from it.
type Use struct {
	Value int          // Value.From
	Is    *dist.Choice // of the words of that: it is drawn for the span; nil: it is that of the span above which has it
	By    *By          // likewise, by another value; where that says nothing, it is drawn as it is anyway
}

// Drawn reports whether it is said for the span which words it is, whatever the span above has.
func (u *Use) Drawn() bool { return u.Is != nil || u.By != nil }

// Use returns the one of a value; nil: the spans of the node have it not.
func (n *Node) Use(value int) *Use {
	for i := range n.Uses {
		if n.Uses[i].Value == value {
			return &n.Uses[i]
		}
	}
	return nil
}

// Role is what a node of a system stands for.
type Role uint8

// The roles. The values are part of the plan digest: do not change them.
const (
	RoleGroup  Role = 0 // no span: its children, one after the other or at the same time, or one of them
	RoleWork   Role = 1 // the span of what a service does; its children are what it does for that
	RoleCall   Role = 2 // the CLIENT span of a call; its child is what answers
	RolePeer   Role = 3 // the CLIENT span of a call of something that has no spans
	RoleDirect Role = 4 // no span: a call of its child, which is below who calls
	RoleSend   Role = 5 // PRODUCER spans, one for each message; its children are who consumes them
	RoleAgent  Role = 6 // no span: what answers a call is a request to Act.Agent
	RoleWays   Role = 7 // no span: one of its children, the variants of an operation, for each attempt of a call
)

// Act is what a node of a system is beside what every node is.
type Act struct {
	Role Role
	Type string // registry type of its spans; empty: of none
	Free bool   // nobody waits for its spans: see semconv.SystemSpan

	Unnamed  bool   // its spans begin requests of a session of several, and do not say which
	Measured string // the protocol by whose metrics its spans count, though they are of none; empty: of none
	Silent   bool   // its failures tell of no exception

	Service  input.Pos     // where the service of its spans is defined
	Own      bool          // Latency is added to what its children take
	Lead     uint64        // of work: millionths of its own time that are before its children
	Protocol uint8         // of work: a scenario.Protocol
	Status   otlp.StringID // message of the status of failures

	Optional bool // its failure is none of the caller's
	IfFailed bool // it is only made when something before it has failed
	Async    bool // nobody waits for it
	After    bool // likewise, and it starts when the work around it has ended

	Agent int    // of RoleAgent: index into System.Agents
	Fault uint32 // and the cause that the call fails with when the agent has failed

	Capacity uint64 // the load that it can take, in millionths of the mean; 0: any

	Timeout *dist.Table // nanoseconds after which the caller gives up; nil: never
	Network *dist.Table // nanoseconds there and back; nil: none
	Cut     uint32      // the cause that a caller fails with which has given up
	Again   []uint32    // the causes that a call is made again after

	Lines []Line // that it logs

	// Of calls of a tool that is drawn: the path of the attribute which says by its value
	// which of the children stands there, and whether it is one of the call, else of its
	// attempt. 0: it is not drawn.
	Drawn  uint64
	OfCall bool

	Delay *dist.Table // of what is called after the end: nanoseconds until it starts; nil: none
	Queue *dist.Table // of messages: nanoseconds from the last of them to their consumption
	Batch int64       // messages that are consumed together
	Apart bool        // consumers are in traces of their own
}

// Plain reports whether the type of its spans is one that its file names, and not that
// of a protocol, with all that follows from it.
func (a *Act) Plain() bool {
	return a.Type != "" && a.Role == RoleWork && a.Protocol == uint8(scenario.ProtocolNone)
}

// MaxSlowdown is how many times as long as at the mean load something takes at most
// whose capacity the load comes near.
const MaxSlowdown = 20

// Slowdown is how much longer it takes at a load than at the mean one, both in
// millionths: as the time that is spent at a queue with one server, M/M/1.
func (a *Act) Slowdown(load uint64) uint64 {
	switch {
	case a.Capacity == 0:
		return million
	case load >= a.Capacity:
		return MaxSlowdown * million
	}
	hi, lo := bits.Mul64(a.Capacity-million, million)
	if hi > 0 || lo/(a.Capacity-load) > MaxSlowdown*million {
		return MaxSlowdown * million
	}
	return lo / (a.Capacity - load)
}

// Line is a log record that a span of a system writes.
type Line struct {
	OK, Failed   bool // only of spans that did not fail, or that did
	Start        bool // at the start of the span
	Severity     uint8
	SeverityText otlp.StringID
	Event        otlp.StringID
	Body         []LinePiece
	Attrs        []Attr
	Times        *Times // nil: always
}

// LinePiece is text, or the value of an attribute of the span.
type LinePiece struct {
	Literal string
	Key     otlp.StringID // string 0: it is text
}

// Cause is what a span of a system fails with.
type Cause struct {
	Type                      otlp.StringID // error.type
	Exception, Message, Stack otlp.StringID // of what failed by itself
	HTTP                      int64         // status code; 0: there was no answer
	Code                      otlp.StringID // of gRPC, of a database; string 0: none
	Quiet                     bool          // the fault is the caller's: who answers has no error
	Unreached                 bool          // nobody was there to take the call
	Late                      bool          // it was waited for in vain: see Node.Deadline

	Caller uint32    // what the call failed with, as the caller sees it
	Tool   uint32    // of tools: what one fails with which needed the call, an index into Scenario.Failures
	Fails  [5]uint32 // what an operation fails with which needed the call, by its scenario.Protocol
}

// Systems returns what the services of the plan's systems emit, services and
// spans in the order of their names.
func (p *Plan) Systems() []semconv.System {
	var out []semconv.System
	for _, s := range p.All() {
		if s.System == nil {
			continue
		}
		seen := make(sharing)
		for part := range s.Parts() {
			out = p.emitted(s, &part.Root, seen, out)
		}
	}
	slices.SortFunc(out, func(a, b semconv.System) int { return cmp.Compare(a.Service, b.Service) })
	for i := range out {
		slices.SortFunc(out[i].Spans, func(a, b semconv.SystemSpan) int {
			return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Type, b.Type), cmp.Compare(a.Measured, b.Measured))
		})
	}
	return out
}

// emitted adds what the spans of a node and of those below it are.
func (p *Plan) emitted(s *Scenario, n *Node, seen sharing, out []semconv.System) []semconv.System {
	g := &s.Groups[n.Group]
	if n.Kind != otlp.SpanKindUnspecified && g.Name != "" {
		at := slices.IndexFunc(out, func(x semconv.System) bool { return x.Service == g.Name })
		if at < 0 {
			at = len(out)
			out = append(out, semconv.System{Service: g.Name, Sticky: true})
		}
		out[at].Sticky, out[at].Anonymous = out[at].Sticky && g.Sticky, g.Anonymous
		out[at].Instances = max(out[at].Instances, int64(g.Count))
		g.Tells.of(&out[at])
		out[at].Differs = semconv.Joined(out[at].Differs, g.Differs)
		if n.Act == nil {
			out[at].Agents = true
			return p.belowEmitted(s, n, seen, out)
		}
		span := semconv.SystemSpan{
			Name: p.Strings.String(n.Name), Kind: n.Kind, Type: n.Act.Type, Plain: n.Act.Plain(), Free: n.Act.Free, Unnamed: n.Act.Unnamed,
			Logs: p.told(s, n), Measured: n.Act.Measured, Silent: n.Act.Silent,
		}
		span.Varied = slices.ContainsFunc(n.Act.Lines, func(l Line) bool { return l.Times != nil })
		spans := &out[at].Spans
		i := slices.IndexFunc(*spans, func(x semconv.SystemSpan) bool {
			return x.Name == span.Name && x.Kind == span.Kind && x.Type == span.Type && x.Plain == span.Plain && x.Measured == span.Measured
		})
		if i < 0 {
			*spans = append(*spans, span)
		} else {
			(*spans)[i].Join(&span)
		}
	}
	return p.belowEmitted(s, n, seen, out)
}

func (p *Plan) belowEmitted(s *Scenario, n *Node, seen sharing, out []semconv.System) []semconv.System {
	if _, again := seen.again(n.Children); again {
		return out
	}
	for i := range n.Children {
		out = p.emitted(s, &n.Children[i], seen, out)
	}
	return out
}
