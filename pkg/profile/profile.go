package profile

import (
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/profile/intake"
	"github.com/otelsim/otelsim/pkg/profile/sketch"
)

// Profile is what data is like. It is a pure function of the set of the traces, log
// records and points that went in, whatever their order, and two profiles of different
// traces Merge to the profile of both. Where there is more of something than a cap
// allows, what has the lowest hashes is kept: each of what is kept has all of its
// counts. A Profile that a Builder returned is not changed any more.
type Profile struct {
	Sizes       [otlp.NumSignals]Size
	First, Last uint64 // ns since the epoch: the earliest start, the latest end of spans; 0, 0: none

	Traces   Traces
	Shapes   map[uint64]*Shape // by hash, see Shape
	Classes  map[ClassID]*Class
	Services map[string]*Service // by service.name
	Keys     map[string]*Key     // by key of attributes of spans
	Parts    map[string]*Key     // by form of what texts of spans end with, see PartOf; Values are without those of free text
	Sessions Sessions
	Starts   *sketch.Windows // starts of traces
	Metrics  map[uint64]*Metric
	Logs     map[uint64]*LogTemplate // of all log records, those of spans too
	Sample   Sample

	Faults intake.Faults
	Left   Left

	kept kept // what Merge needs besides
}

// Left counts what the caps left out.
type Left struct {
	Classes, Shapes, Productions bool   // there were more
	Keys, Services, Sessions     bool   // likewise; Keys: of all spans, or of those of a class, or names of events
	Logs, Metrics                bool   // likewise
	Spans                        uint64 // of classes that are left out
	Traces                       uint64 // of shapes that are left out
	// Values is how many values the tables of attributes of classes keep: the more there
	// is in all, the fewer (256 to 8).
	Values int
}

// Size is how much there is of a signal. Bytes are those of the items as protobuf,
// without resources and scopes.
type Size struct{ Items, Bytes uint64 }

// Traces is what traces are like as wholes.
type Traces struct {
	Count   uint64
	Spans   *sketch.Numbers // spans of a trace
	Depth   *sketch.Numbers // spans below each other, 1 for a single one
	Width   *sketch.Numbers // most children of a span
	Seconds *sketch.Numbers // from the first start to the last end, in ns
	Roots   *sketch.Numbers // spans without a parent, of a trace
	Failed  uint64          // with a span whose status is ERROR
	// Busy and Covered are sums over all spans with children, in ns: how long children
	// last one by one, and how long any is under way. Busy by Covered is the parallelism.
	Busy, Covered sketch.Sum
}

// Shape is a class of traces: those with the same tree of operations, where children
// that are alike and follow each other are one, and so are rows of up to four that
// repeat; those that run together are in no order. Outcomes are no part of it.
type Shape struct {
	Traces  uint64
	Spans   uint64
	Text    string          // such as `web GET / (api List (db SELECT & cache GET), api Log)`, where & is together; cut after 400 bytes
	Seconds *sketch.Numbers // from first start to last end, ns
}

// OperationID is what a span is of, whoever called it: a hash of service, name and kind.
type OperationID uint64

// ClassID is what a span is of, where it stands and how it ended. A class is a span's
// operation within the operations of its service that it stands below, up to the one
// that entered the service (of kind SERVER or CONSUMER, without a parent, or below a
// span of another service), together with whom it asks (the operation of the child in
// another service, else the address), of kind INTERNAL what it begins with (the operation
// of its first child), whom it comes to through that in another service, and the outcome. Agents' steps and frameworks' handlers are often
// called the same whatever they do; by what they begin with they are told apart, and by
// what they may do after it, such as a query where a cache has nothing, they are not.
type ClassID uint64

// Class is all spans of a ClassID.
type Class struct {
	Operation OperationID
	Path      uint64 // the class without its outcome: classes that differ in nothing else have the same
	Above     uint64 // the Path of the parent where it is of the same service, or of the last above it that tells its class; 0: it enters the service
	Service   string
	Name      string // as Name normalises it: what looks like an id is a placeholder
	Kind      uint8
	Outcome   string // "" for all but ERROR; else error.type, or the code of its protocol, or the type of its exception, or "error"; codes (IsCode) as they are
	Target    string // whom it asks: service and operation, or an address; may be empty
	Begins    string // with what an INTERNAL span begins: the name of an operation; may be empty

	Spans  uint64
	Traces uint64 // that have one
	Roots  uint64 // spans that begin a trace; Linked of them have links
	Linked uint64
	Caused uint64 // failures without a failed child: they are where it began
	Scopes *sketch.Values

	Duration *sketch.Numbers // ns
	Own      *sketch.Numbers // ns: without what is covered by children that it waits for
	// With is how own time goes with what children cover: sums of both, in microseconds,
	// and of their products.
	With sketch.Pairs

	Attributes  map[string]*Attribute
	Resource    map[string]*sketch.Values // attributes of the resource, by span: up to 8 values
	Events      map[string]*Event
	Steps       map[string]*Event // those of spans that have several, the first 16 of each, by StepKey
	Productions map[uint64]*Production
	Minutes     *sketch.Windows // starts
	Slow        *sketch.Windows // sums of durations, in microseconds, by the same windows
	Logs        map[uint64]*LogTemplate
	Messages    *sketch.Values // of the status; free text: for its form alone

	cut bool // keys or events were left out
}

// Values of strings are of otlp.KindText here, as intake has them, and the numbers by
// which they know traces are hashes of trace ids.

// Attribute is one key on the spans of a class, on events or on a resource.
type Attribute struct {
	Present    uint64 // spans that have it
	Traces     uint64
	Above      uint64          // of spans: those with it whose parent has it too
	AboveAlike uint64          // of these, those that have the same value as their parent
	Kinds      [16]uint64      // by otlp.Kind
	Values     *sketch.Values  // of all kinds, as text; arrays and maps as protobuf
	Numbers    *sketch.Numbers // of integers and floats
	Lengths    *sketch.Numbers // of strings and bytes, in bytes

	last uint64 // the trace that had it last
}

// Event is what events of a name on spans of a class are like.
type Event struct {
	Count      uint64
	Spans      uint64 // that have one
	Traces     uint64 // likewise
	Attributes map[string]*Attribute
}

// Production is what spans of a class do: their children, in groups that follow each
// other; those of a group run together and are in no order.
type Production struct {
	Spans    uint64
	Traces   uint64
	Groups   []Group
	Own      *sketch.Numbers // ns
	Duration *sketch.Numbers // ns
	Covered  *sketch.Numbers // ns, by children that it waits for; empty where it has no children
	// Step is how Own goes with Covered, in logarithms of both: whether what is slow is so
	// throughout.
	Step sketch.Pairs
	// Lead is the sum of how much of Own is before the first child, in thousandths, of the
	// spans that Step is of.
	Lead sketch.Sum
}

// Group is children that run together, or one alone.
type Group []Run

// Run is children of one class that follow each other, or that run together. Those that
// nobody waits for, as they end when the parent has ended, are Async where they begin
// before that and else After. Each of these is a Group of its own, behind what runs when
// it begins.
type Run struct {
	Class  ClassID
	Async  bool
	After  bool
	Counts *sketch.Numbers // how many there are
	Wait   *sketch.Numbers // ns, of those that are After: from the end of the parent to the start of the first; else nil
	// Together says that they run at the same time: those of a group of several runs
	// always do, and of one run if two do in most spans that have two.
	Together bool

	several, together uint64 // spans with two or more, and those in which two run together
}

// Service is what tells of itself under a service.name.
type Service struct {
	Spans, Points, LogRecords uint64
	Instances                 *sketch.Values // service.instance.id, or else the hash of the resource
	// Lives are the traces that an instance has a span in, each once, by the start of its
	// first one there: by hash of the instance, of those with the lowest hashes. How often
	// two at about the same time come to the same instance says how many there are.
	Lives      map[uint64]*sketch.Windows
	Attributes map[string]*Attribute // of resources; counted by span, point and record
	Alike      map[string]*Alike     // likewise, by the resources of spans
	// Pairs are hashes of a value of an attribute with the instance that has it on resources of
	// spans: as many as these instances where each has one value.
	Pairs map[string]*sketch.Values
}

// Alike is how often the resources of a service have one value of an attribute.
type Alike struct {
	Traces   uint64 // with spans of the service that have it
	Alike    uint64 // of these, those in which all have the same value
	Sessions uint64 // with two such traces or more
	// SessionAlike is those of Sessions in which all have the same value.
	SessionAlike uint64
}

// Key is what a key of attributes of spans is like, whatever the operation.
type Key struct {
	Spans        uint64
	Traces       uint64         // with it on two spans or more
	Alike        uint64         // of these, those in which all have the same value
	Sessions     uint64         // with two traces or more that have it
	SessionAlike uint64         // of these, those in which all have the same value
	Values       *sketch.Values // of all spans
}

// Sessions is what sessions are like: traces that share session.id, or else
// gen_ai.conversation.id. Where there are very many, all but Count is of those with the
// lowest hashes, and sessions of more than 1,024 traces are left out of it.
type Sessions struct {
	Count  uint64          // about, where Left says that there are more than are kept
	Traces *sketch.Numbers // of a session
	Pauses *sketch.Numbers // ns, from the end of a trace to the start of the next
	Thinks *sketch.Numbers // ns, likewise from the end of its first root: what goes on after that keeps nobody waiting
	Starts *sketch.Windows
	Orders map[uint64]*Order // of sessions
	Steps  map[uint64]*Step  // from a trace of a session to the next, by hash
}

// Step is how a trace follows another one of its session, by the Paths of their first roots.
type Step struct {
	From, To uint64
	Traces   uint64
	Linked   uint64          // of these, those whose first root links to the trace before
	Thinks   *sketch.Numbers // ns, see Sessions
}

// Order is a sequence of traces of a session by the Path of their first root, where what
// follows its like is one.
type Order struct {
	Sessions uint64
	Roots    []uint64          // Paths
	Counts   []*sketch.Numbers // of each
}

// Metric is a metric of a service.
type Metric struct {
	Service, Name, Unit string
	Kind                otlp.MetricKind
	Temporality         otlp.Temporality
	Monotonic           bool
	Points              uint64
	Series              *sketch.Values // hashes of resource and attributes: for their number
	Values              *sketch.Numbers
	Counts              *sketch.Numbers // of histograms
	Rates               *sketch.Numbers // of monotonic sums: by the second since the start that each point says
	Attributes          map[string]*Attribute
	Resource            map[string]*Attribute // of the resources of its points
	Buckets             Buckets               // of histograms
	Totals              []Total               // of what only grows, by attributes; nil where the profile has no room for the series of all metrics
}

// LogTemplate is log records of one form: their severity, event, and the text of the
// body with placeholders for what looks like an id or a number.
type LogTemplate struct {
	Service    string
	Severity   uint8
	Event      string
	Body       string // cut after 400 bytes
	Records    uint64
	Traces     uint64 // that have one; 0 of those without a trace
	Early      uint64 // nearer to the start of its span than to its end
	Attributes map[string]*Attribute
}

// Sample is the bytes of some traces, for what compression makes of them: those with the
// lowest hashes.
type Sample struct {
	Traces     uint64
	Spans      uint64
	Bytes      uint64
	Compressed uint64 // all in a row, with zstd at level 3
}
