package intake

import "github.com/otelsim/otelsim/pkg/corpus/otlp"

// Trace is what there is of one trace. It and all that it points to are valid during
// the call that it is handed to, apart from Resources and Scopes.
type Trace struct {
	ID    otlp.TraceID
	Spans []Span // by start, then longest first, then by id; each id once
	Logs  []Log  // that name the trace, by time, then by their bytes

	Faults Faults // of this trace alone
}

// Span is one span of a Trace.
type Span struct {
	ID, ParentID otlp.SpanID
	Parent       int32  // place in Spans; -1: it begins the trace, or its parent is not there
	Orphan       bool   // ParentID names a span that is not there, or one that would close a cycle
	Kind         uint8  // an otlp.SpanKind; unknown ones are internal
	Status       uint8  // an otlp.StatusCode
	Start, End   uint64 // ns since the epoch; End is never before Start
	Name         []byte
	Message      []byte // of the status
	State        []byte // of the trace, as it travels
	Resource     *Resource
	Scope        *Scope
	Attributes   []Attribute // in their order; of a key that is there twice the last
	Events       []Event
	Links        []Link
	Raw          []byte // the span as protobuf
}

// Attribute is an attribute of anything.
type Attribute struct {
	Key  []byte
	Kind otlp.Kind // KindText for strings, never KindString
	// Text is the value of strings and bytes, and of arrays and maps the value as
	// protobuf. Word is that of bools, integers (two's complement) and floats (IEEE 754).
	Text []byte
	Word uint64
}

// Event is an event of a span.
type Event struct {
	Time       uint64 // ns since the epoch
	Name       []byte
	Attributes []Attribute
}

// Link is a link of a span.
type Link struct {
	TraceID    otlp.TraceID
	SpanID     otlp.SpanID
	State      []byte
	Attributes []Attribute
}

// Log is a log record.
type Log struct {
	Time       uint64       // ns since the epoch, or else when it was observed
	TraceID    otlp.TraceID // zero: of no trace
	SpanID     otlp.SpanID
	Span       int32     // place in Spans; -1: of none that is there
	Severity   uint8     // an otlp severity number
	Event      []byte    // its name
	Body       Attribute // without a key; Kind as there is no body: otlp.KindEmpty or its like
	Resource   *Resource
	Scope      *Scope
	Attributes []Attribute
	Raw        []byte
}

// Point is a data point, with the metric that it is of.
type Point struct {
	Metric      []byte
	Description []byte
	Unit        []byte
	Kind        otlp.MetricKind // MetricNone: a summary
	Temporality otlp.Temporality
	Monotonic   bool
	Time        uint64  // ns since the epoch
	Start       uint64  // 0: not said
	Value       float64 // of gauges and sums; of histograms and summaries the sum
	Count       uint64  // of histograms and summaries
	Bounds      []byte  // of the buckets of a histogram: doubles in eight bytes each, little-endian
	Resource    *Resource
	Scope       *Scope
	Attributes  []Attribute
	Raw         []byte // of the point alone
}

// Resource is who tells something. Equal ones are the same pointer, as far as there is
// room for them (see maxResources). It may be kept.
type Resource struct {
	Hash       uint64 // of all attributes, in any order
	Service    string // service.name; "unknown_service" where there is none
	Namespace  string // service.namespace
	Instance   string // service.instance.id
	Attributes []Attribute
	Schema     string // URL
}

// Scope is an instrumentation scope. Equal ones are the same pointer, likewise.
type Scope struct {
	Name, Version string
	Attributes    []Attribute
	Schema        string // URL
}

// Faults counts what is wrong with an input and was mended or left out. Adding two up
// gives that of both.
type Faults struct {
	Orphans    uint64 // spans whose parent is not there: they begin trees of their own
	Cycles     uint64 // spans that are their own ancestor: likewise, the first of each cycle
	Duplicates uint64 // spans of an id that is in its trace already: left out
	Skewed     uint64 // spans that begin before their parent does
	Backwards  uint64 // spans that end before they begin: taken to last 0
	NoIDs      uint64 // spans without a trace id or span id of the right length: left out
	Damaged    uint64 // items with a part that cannot be read: the part is left out
	NoTimes    uint64 // spans without a start: left out
	Huge       uint64 // traces of more spans or log records than maxSpans, or longer than maxTraceBytes: the later ones are left out
}

// Add adds the counts of g.
func (f *Faults) Add(g Faults) {
	f.Orphans += g.Orphans
	f.Cycles += g.Cycles
	f.Duplicates += g.Duplicates
	f.Skewed += g.Skewed
	f.Backwards += g.Backwards
	f.NoIDs += g.NoIDs
	f.Damaged += g.Damaged
	f.NoTimes += g.NoTimes
	f.Huge += g.Huge
}
