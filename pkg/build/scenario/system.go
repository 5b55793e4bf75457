package scenario

import (
	"github.com/otelsim/otelsim/pkg/build/dist"
	"github.com/otelsim/otelsim/pkg/build/input"
)

// System is the third style of scenarios beside workflows and trees: services,
// what they do, and whom they ask for it. A System that Parse returned without
// errors names only what there is, and no operation comes to call itself.
type System struct {
	Services []Member // in the order of the file; at least one
	Session  []Call   // the requests of a session, one after the other; at least one: To one, or OneOf such
	Sessions []Visit  // of which a session is one each time, in the order of Session; none: it has all of Session
	Values   []SharedValue
	InStep   float64 // share of the spans of a request that are as slow as others of it
	Unnamed  bool    // its requests do not tell the id of their session
	Phases   []Phase // of its own, beside those of the Config; they name Services and Operations alone, or neither
}

// Visit is what a session may be: so many of the requests of System.Session.
type Visit struct {
	Pos      input.Pos
	Weight   float64
	Requests int // at least 1
}

// Protocol is how an operation is called.
type Protocol uint8

// The protocols. The values are part of the plan digest: do not change them.
const (
	ProtocolHTTP      Protocol = 0 // CLIENT and SERVER span
	ProtocolGRPC      Protocol = 1 // likewise
	ProtocolDB        Protocol = 2 // CLIENT span; who answers is a peer and emits nothing
	ProtocolMessaging Protocol = 3 // PRODUCER and CONSUMER span
	ProtocolNone      Protocol = 4 // the operation's span alone
)

// Member is a service of a System.
type Member struct {
	Name       string
	Pos        input.Pos
	Attributes []Attribute // of its resource, service.name first: see resource
	Entities   []Entity    // of the registry, which its resource tells of too
	Instances  int64       // at a time, at least 1: each request is answered by one of them
	Anonymous  bool        // its resource does not tell service.instance.id
	Sticky     bool        // which is the same in all of a session
	Capacity   float64     // the load that it can take, as a multiple of the mean one, above 1; 0: any
	Scope      string      // of its spans; empty: otelsim/ and its name
	Protocol   Protocol    // of its operations that say none
	System     string      // the product that it is, empty for http and none; see SystemOf
	Database   string      // db.namespace; may be empty
	Address    string      // where it is called; see AddressOf
	Port       int64       // 0: not known; see PortOf
	Operations []Operation // at least one; names unique
	Runtime    *Runtime    // nil: its instances tell nothing of themselves
	Metrics    []OwnMetric // names unique
}

// Entity names a type of entity of the registry.
type Entity struct {
	Type string
	Pos  input.Pos
}

// Operation is what a service does when it is called: a span.
type Operation struct {
	Name       string // as written: what calls name
	Span       string // of protocol none alone, what its span is called; empty: as Name says
	Pos        input.Pos
	Protocol   Protocol
	Kind       uint8       // an otlp.SpanKind: of protocol none as written, else that of its protocol; 0: that of its Type
	Measured   string      // of protocol none: the protocol by whose metrics its span counts; empty: of none
	Type       string      // of the registry, of protocol none alone: the type of its span; empty: of none
	TypePos    input.Pos   // where Type stands
	Fill       Fill        // what its span has of what the registry gives its type; of protocol db, that of who calls
	Latency    *dist.Spec  // milliseconds; never nil
	Own        bool        // Latency is added to what its calls take
	Lead       float64     // share of its own time that is before its calls
	Error      *ErrorModel // nil: never fails by itself; its Types are never empty
	Status     string      // message of the status of its failures; may be empty
	Attributes []Attribute
	Resource   []Attribute // of its resource, as Member.Attributes, in place of what that says
	Events     []SpanEvent
	Logs       []LogLine
	Calls      []Call
	Parallel   bool      // its calls run at the same time
	Variants   []Variant // that it goes in, one of them each time; none: as it says itself

	Destination, Group string // of messaging: the queue that it consumes, the name when it says none, and its consumer group, which may be empty
}

// Variant is a way in which an operation goes.
type Variant struct {
	Name   string
	Pos    input.Pos
	Weight float64 // of all that are drawn from
	When   *Condition
	Way    Operation // what the operation is when it goes so, all that it says for all of them included; without Variants
}

// Ways are what an operation is whenever it is called: itself, or the one or other of
// its variants, whose content may be changed.
func (o *Operation) Ways() []*Operation {
	if len(o.Variants) == 0 {
		return []*Operation{o}
	}
	out := make([]*Operation, len(o.Variants))
	for i := range o.Variants {
		out[i] = &o.Variants[i].Way
	}
	return out
}

// OperationRef names an operation by its place.
type OperationRef struct{ Service, Operation int }

// Call is one thing that an operation does. One of five: calls of To, a request to an
// Agent, one of several by weight, a span of its own within the service, or a group.
type Call struct {
	Pos    input.Pos
	Agent  string         // name of the scenario of agents that is asked; "": none
	To     []OperationRef // one; several are consumers of the same messages
	Way    int            // of one To: 1 + the index of the variant that is meant; 0: one by weight each time
	OneOf  []float64      // weights of Calls, of which one is done
	When   *Condition     // of one of OneOf; nil: whatever is shared
	Inner  *Operation     // of the same service, and of no protocol
	Calls  []Call         // of OneOf, or with neither of the others: all of them
	Beside bool           // all of them at the same time

	Count       *Count      // nil: once
	Probability float64     // 0..1, 1 when absent
	Retry       *Retry      // nil: one attempt; its RetryableTypes are never empty
	Timeout     *dist.Spec  // milliseconds, a Constant; nil: never
	Network     *dist.Spec  // milliseconds that it takes there and back, and to send a message; nil only of protocol none, and in a Session
	Attributes  []Attribute // of the span of who calls
	Fill        Fill        // what that has of what the registry gives its type

	Optional bool       // its failure is none of the caller's
	IfFailed bool       // only when something before it failed, which it makes good
	Async    bool       // nobody waits for it
	After    bool       // it starts when the operation has returned
	Delay    *dist.Spec // and so long after that, or after the one before it; nil: at once

	Queue *dist.Spec // messaging: milliseconds in the queue; never nil, but in a Session
	Below bool       // messaging: consumers are in the trace of the producer
	Batch int64      // messaging: number of messages that are consumed together; 1 of all other calls

	Continues bool // in a Session: it is of the request before it, and nobody thinks in between
	Linked    bool // in a Session: its first span links to that of the request before it
}

// When says of which spans something is told.
type When uint8

// When.
const (
	Always     When = 0
	WhenOK     When = 1
	WhenFailed When = 2
)

// SpanEvent is an event of an operation's span.
type SpanEvent struct {
	Name        string
	Pos         input.Pos
	When        When
	Probability float64 // 0..1, 1 when absent
	Count       *Count  // nil: once
	Attributes  []Attribute
}

// LogLine is a log record that an operation writes.
type LogLine struct {
	Pos        input.Pos
	When       When
	Start      bool    // at the start of the span, not at its end
	Chance     float64 // that it is written: 0..1, 1 when absent
	Severity   uint8   // an otlp.Severity
	Event      string
	Body       string // in which {KEY} stands for an attribute of the span
	Attributes []Attribute
	Fill       Fill // what it has of what the registry gives Event; FillNone: nothing
}

// Fill says which attributes are filled in that the registry has and a file does not
// give, by their level.
type Fill uint8

// What is filled in. Later constants fill in more.
const (
	FillNone        Fill = 0 // of spans, what is required
	FillRequired    Fill = 1
	FillRecommended Fill = 2 // what is conditionally required and recommended too
	FillOptIn       Fill = 3 // all
)

// Life is how long a shared value stays the same.
type Life uint8

// The lives. The values are part of the plan digest: do not change them.
const (
	PerRequest Life = 0
	PerSession Life = 1
	PerSpan    Life = 2 // of a span, and of those below it as long as each has it too
)

// SharedValue is a value that attributes name in place of one of their own.
type SharedValue struct {
	Attribute        // Key is its name
	Life      Life   // of one drawing
	Follows   string // the value that it follows from, which follows from none; it has a choice for each of that. "": none
}

// Pattern is text with random parts: {hex:N}, {digits:N}, {word:N} of so many
// characters (words are of letters and digits), {uuid}; N is 1 to 64; {name} is the value of the
// system of that name. With Pool it is one of that
// many texts, which are the same in all of a run; the k-th is used in proportion
// to k^-Zipf, all alike when that is 0. With Length, in bytes, a text that is shorter is
// filled up with plain words; those of a pool each have one length.
type Pattern struct {
	Text string
	Uses []string // names of the values in it, in order
	Pool int64    // 0: any text
	Zipf float64

	Length *dist.Spec // nil: as long as the parts are
}
