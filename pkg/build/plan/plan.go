// Package plan compiles the inputs into what the generator interprets: trees
// of nodes whose names are indices, whose distributions are integer tables and
// whose attributes are small programs. Both scenario styles and the control
// plane end as the same kind of tree.
//
// A Plan is immutable and may be shared. It depends on the inputs and the
// prefix alone, never on the seed.
package plan

import (
	"slices"

	"github.com/otelsim/otelsim/pkg/build/dist"
	"github.com/otelsim/otelsim/pkg/build/input"
	"github.com/otelsim/otelsim/pkg/build/rng"
	"github.com/otelsim/otelsim/pkg/build/vocab"
	"github.com/otelsim/otelsim/pkg/corpus/arrivals"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// Plan is a set of scenarios ready to run.
type Plan struct {
	Prefix    string // the runtime namespace, without a dot
	Strings   *otlp.Strings
	Scenarios []*Scenario     // by name
	Shifts    []Shift         // in order of time, none overlapping
	Arrivals  *arrivals.Model // nil: one every interval
	Instances int             // of each service at a time
	Resources int             // different ones that groups have: Group.Shared is below it

	// The keys of the tokens that go into a model call, and that come out of it.
	InputTokens, OutputTokens otlp.StringID

	Judgement Judgement

	Digest string // hex SHA-256 over the canonical form of all of it
}

// Scenario is one compiled scenario.
type Scenario struct {
	Name   string
	Pos    input.Pos // where it is defined
	Weight uint64    // millionths of workload_weight
	Digest string    // hex SHA-256 over the canonical form

	Groups    []Group // what its spans' resources and scopes are
	Flows     []Flow  // what its requests go through; at least one
	Turns     []Content
	Samples   []Content   // when there are no Turns: one is drawn per request. All go through the first flow
	ThinkTime *dist.Table // nanoseconds between turns
	Models    []Model     // that its spans call; none when no model is called
	Drawn     int         // how many of them, from the first, a session takes one of
	Tools     []Tool      // what its calls of tools say
	Loop      Loop

	Evaluations []Evaluation // of its spans

	System *System // of a scenario of services; nil: of another style

	UserPool uint64    // number of end users that sessions belong to
	Failures []Failure // what its spans can fail with

	Session, Request, ToolCall IDFormat

	EmitMetrics, EmitLogs bool // whether its spans count in metrics, and are logged

	MaxSpans    int    // of one trace, worst case
	MaxDuration uint64 // of an iteration, worst case, in nanoseconds
	Likely      uint64 // what iterations do not pass in this world; at most MaxDuration
	MaxBytes    uint64 // of its spans as JSON, worst case
}

// All returns the scenarios with the agents that they call, each once.
func (p *Plan) All() []*Scenario {
	out := slices.Clone(p.Scenarios)
	for _, s := range p.Scenarios {
		if s.System != nil {
			out = append(out, s.System.Agents...)
		}
	}
	return out
}

// Guest is a request to agents that a service has made, in the trace of a system: its
// spans, one after the other, are those from First to before End.
type Guest struct {
	Of         *Scenario
	First, End int
}

// Requests returns the number of requests, that is turns, of an iteration.
func (s *Scenario) Requests() int { return max(1, len(s.Turns)) }

// Group is a resource and scope that spans share. Dynamic attributes of the
// resource (the instance, and the session where it is there) are filled in per
// request.
type Group struct {
	Attrs     []Attr
	Instance  []otlp.StringID // service.instance.id by Slot
	SchemaURL otlp.StringID
	Scope     otlp.Scope

	// Shared numbers the group among all of the plan: equal ones of other
	// scenarios have the same number. OfSession says that its resource names the
	// session, so that other sessions have another one.
	Shared    int
	OfSession bool

	Service bool // of a tool server that is a service of its own

	// Used says that the values of some attributes are shared ones, so that a request may
	// have another resource; Differs are the attributes that spans of its service may have
	// others of.
	Used    bool
	Differs []string

	// Of a service of a system: its name, and how many instances of it there are at
	// a time, of which a request, or with Sticky a session, is answered by one.
	Name      string
	Count     int
	Anonymous bool // its resource does not say which one
	Sticky    bool
	Tells     Tells
}

// Turns is the number of processes that an instance of a service is, one after
// the other: segments take turns in them. Part of the determinism contract.
const Turns = 16

// Slot is where the instance of sessions stands among all of a service: of
// segments with the index, for those whose own instance is k of n.
func Slot(segment uint64, k, n int) int { return int(segment%Turns)*n + k }

// Part is one trace of a request.
type Part struct {
	ID   uint32 // an ids.Part constant
	Root Node
}

// Node is a span to be: possibly absent, possibly repeated.
type Node struct {
	Class    string    // bare span type; empty with OneOf
	Pos      input.Pos // what it was compiled from; zero: what is around it
	Name     otlp.StringID
	Names    *Names // nil: always Name
	Kind     uint8
	Status   uint8  // of RoleFixed
	Group    uint32 // index into Scenario.Groups
	Part     uint32 // whose streams it draws from; set on the roots of parts
	Path     uint64 // names the node among its siblings, for streams
	Presence dist.Probability
	Count    *Count      // nil: exactly once
	Latency  *dist.Table // nanoseconds; nil: what the model says that it calls
	Tool     bool        // opens a tool call: a fresh call id for its subtree
	Attempt  bool        // is numbered among its siblings
	LLM      bool        // calls a model
	Opens    bool        // see loop.go, as the next four
	Forks    bool
	Alone    bool
	Chooses  bool
	Calls    *Calls // of a tool call
	Told     *Told  // of an agent that is called; nil: it follows from the exchange
	Parallel bool   // its children run at the same time
	Gate     bool   // when it fails, the request goes no further
	Asks     *Asks  // which model it calls; nil: that of the session
	Role     vocab.Role
	Fail     *Fail  // nil: never fails by itself
	Retry    *Retry // nil: one attempt
	Effects  []Effect
	Attrs    []Attr
	Events   []Event
	Children []Node
	OneOf    *dist.Choice // set: no span, but the place of one of the Children
	By       *By          // beside OneOf, of systems: by what it is chosen otherwise; nil: by nothing

	Serves bool  // it is the other side of its parent, and takes what that leaves
	When   *When // of one that serves; nil: in all requests
	Around bool  // it stands around its only child, at the address of which it is
	Turn   bool  // it ends as the turn does
	Remote bool  // its parent is a span of another process
	Act    *Act  // of a node of a system
	Uses   []Use // of a system: of values of spans, by its spans, their events and log records

	runs   []toolRun     // see toolservices.go
	called *systemExtent // of what is called below it, or by its server; nil: nothing

	parted  bool   // Part has been set
	longest uint64 // nanoseconds that it may last when Latency is nil, and typical
	typical float64
	late    int64 // nanoseconds that few of its successes last, when Latency is nil
}

// When restricts a node to requests by their selection: those in [From, To), or
// with Others all but them.
type When struct {
	From, To uint64
	Others   bool
}

// Holds reports whether it is for requests with the selection; nil is for all.
func (w *When) Holds(selection uint64) bool {
	return w == nil || (selection >= w.From && selection < w.To) != w.Others
}

// Count is how often a node is repeated: a draw, kept within bounds.
type Count struct {
	Table    *dist.Table
	Min, Max int64
}

// Draw returns a number of repetitions.
func (c *Count) Draw(s *rng.Stream) int64 { return min(max(c.Table.Draw(s), c.Min), c.Max) }

// Bounds returns the smallest and the largest that Draw can return.
func (c *Count) Bounds() (least, most int64) {
	least, most = c.Table.Bounds()
	return min(max(least, c.Min), c.Max), min(max(most, c.Min), c.Max)
}

// Event is a span event. Those of a span are spread over it, the last one at
// its end.
type Event struct {
	Name   otlp.StringID
	Failed bool // only on spans that failed
	OK     bool // only on spans that did not; of systems, as the next
	Own    bool // only on spans that failed by themselves
	Attrs  []Attr
	Times  *Times // how often; nil: once
}

// Times is how often a span of a system tells something.
type Times struct {
	Path     uint64 // names it, for streams
	Presence dist.Probability
	Count    *Count // nil: once, if at all
}

// Op says where the value of an attribute comes from.
type Op uint8

// The operations. Those without a comment take the named value of the running
// request. The values are part of the plan digest: do not change them.
const (
	OpConst        Op = 0 // Kind and Word
	OpChoice       Op = 1 // one of Values, by Choice
	OpInt          Op = 2 // Table, as an integer
	OpDouble       Op = 3 // Table, in millionths, as a double
	OpBool         Op = 4 // Table, true unless 0
	OpHex          Op = 5 // Word hexadecimal digits after the string Prefix
	OpSession      Op = 6
	OpRequest      Op = 7
	OpUser         Op = 8
	OpCall         Op = 9  // id of the tool call around the span, else of the latest
	OpTask         Op = 10 // task_N, N the number of the task in the trace
	OpInstance     Op = 11 // service.instance.id
	OpProvider     Op = 12
	OpModel        Op = 13
	OpInputTokens  Op = 14 // of the model call, as the next
	OpOutputTokens Op = 15
	OpInput        Op = 16 // omitted when content is not captured
	OpOutput       Op = 17 // likewise
	OpCaptured     Op = 18 // whether content is captured
	OpTurn         Op = 19 // number of the turn, from 1
	OpTools        Op = 20 // number of tool calls in the trace; with Word, at most Word-1
	OpDuration     Op = 21 // of the span, in milliseconds
	OpStreaming    Op = 22
	OpFormat       Op = 23 // Values[1] when streaming, else Values[0]
	OpFinish       Op = 24 // Values[0] when the model answers, [1] when it asks for a tool, [2] when it failed
	OpAttempt      Op = 25 // number of the span among its siblings of one type, from 1
	OpRequestTrace Op = 26 // trace ids of the parts of the request, as 32 hex digits
	OpDataTrace    Op = 27
	OpReplyTrace   Op = 28
	OpAsked        Op = 29 // number of tool calls that the model asks for
	OpRetries      Op = 30 // number of attempts of the tool call after the first
	OpPolicy       Op = 31 // Values[1] when there are retries, else Values[0]
	OpOutcome      Op = 32 // Values by Outcome: of success, partial, failure
	OpErrorType    Op = 33 // of the failure, as the next three; omitted without one
	OpCategory     Op = 34
	OpException    Op = 35 // its type
	OpMessage      Op = 36
	OpStack        Op = 37
	OpStatusCode   Op = 38 // of HTTP: 200, or one of the failure's; omitted when that has none
	OpReason       Op = 39 // why the attempt before failed; omitted on first attempts
	OpBackoff      Op = 40 // the wait before the attempt in milliseconds; likewise
	OpRedactedIn   Op = 41 // omitted when content is not captured redacted, as the next
	OpRedactedOut  Op = 42
	OpRedacted     Op = 43 // whether content is captured redacted
	OpTaskRetries  Op = 44 // number of calls of a model below it after the first
	OpUnlessFailed Op = 45 // Kind and Word; omitted from spans that failed
	OpSelected     Op = 46 // Values[1+selection-Word] if there is one, else Values[0]; omitted where that is nothing
	OpPartOutcome  Op = 47 // Values by Outcome of the part Word nested below; omitted without it
	OpIfFailed     Op = 48 // Kind and Word; only on spans that failed
	OpCalled       Op = 49 // JSON list of the constants that the tool calls of the trace have for the key of Values[0], as many as OpTools says
	OpAnswering    Op = 50 // name of the model that answers
	OpAddress      Op = 51 // of the model that is called, as the next; omitted when unknown
	OpPort         Op = 52
	OpCacheRead    Op = 53 // tokens of the input that are read from a cache; omitted when none can be
	OpCacheWrite   Op = 54 // and that are written to it
	OpReasoning    Op = 55 // tokens of the output that are not said; omitted when the model does not think
	OpArguments    Op = 56 // of the tool call, as captured, as the next; omitted when nothing is
	OpResult       Op = 57 // omitted when it failed
	OpIfCaptured   Op = 58 // Kind and Word; omitted when content is not captured
	OpIfRaw        Op = 59 // Kind and Word; omitted when content is not captured as it was said
	OpReply        Op = 60 // id of the model's answer; omitted without one
	OpFirstChunk   Op = 61 // seconds until the first chunk of a streamed answer; omitted without one
	OpParam        Op = 62 // the parameter of requests that the model has by the key; omitted without one
	OpIfStreaming  Op = 63 // Kind and Word; only where answers are streamed
	// OpConnection is the id that the session's connection to a server has: Values
	// are as those of OpSelected, one of them for each server; omitted where it is 0.
	OpConnection    Op = 64
	OpRequestNumber Op = 65 // of the attempt that the span is of, or below, as text

	// Of systems: see Cause, and Attr.Form.
	OpText          Op = 66 // Form
	OpPairText      Op = 67 // Form, the same on both sides of a call, and in all its attempts
	OpUse           Op = 68 // the value Word of the system
	OpHTTPCode      Op = 69 // 200, or that of the cause; omitted without an answer
	OpCode          Op = 70 // Values[0] if there is one and nothing failed, or that of the cause; omitted without
	OpCauseType     Op = 71 // omitted from spans that have no error
	OpThrown        Op = 72 // the exception, its message and its stack
	OpThrownMessage Op = 73
	OpThrownStack   Op = 74
	OpResend        Op = 75 // number of attempts of the call before; omitted from the first
	OpByInstance    Op = 76 // of a resource: one of Values, that of instance 0 at Word; the next one of the next instance, and so on
)

// NumOps is one more than the last operation.
const NumOps = 77

// Attr is an attribute program. Which fields it reads is up to its Op. What constants
// read, which are most, stands first: spans read thousands of these from memory.
type Attr struct {
	otlp.Attr // Key always; Kind and Word of a constant
	Op        Op
	Present   *dist.Probability // of what has it; nil: all
	Path      uint64            // names the attribute, for streams
	Table     *dist.Table
	Choice    *dist.Choice
	By        *By // of OpUse: instead of Choice, where a shared value is one of some words
	Values    []otlp.Attr
	Form      *Form
	Prefix    string
}

// IDFormat is a compiled identifier template.
type IDFormat []IDPiece

// IDPiece is literal text, or Hex random digits, or Word random letters and
// digits, or a random UUID; in a Form also Digits random digits, or the value
// Value-1 of the system.
type IDPiece struct {
	Literal string
	Hex     int
	Word    int
	UUID    bool
	Digits  int
	Value   int
}

// Form is text with random parts. With a Pool it is one of that many texts, of
// which each is the same wherever the form is: the k-th of them, from 1, is drawn
// by Rank, or all alike when that is nil.
type Form struct {
	Pieces IDFormat
	Pool   uint64
	Rank   *dist.Table
	Path   uint64 // names the texts of the pool
	// Length is to how many bytes texts are filled up that are shorter; nil: they are not.
	Length *dist.Table
}
