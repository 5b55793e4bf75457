// Package otlp is the model of OTLP telemetry that the generator fills and
// the appenders write: flat, reused slices with index ranges instead of
// messages with pointers, so that a span costs no allocation.
//
//	var d otlp.Decoder
//	var t otlp.Traces // reused for every record
//	err := d.Traces(&t, payload, otlp.FormatProto)
//	for i := range t.Spans {
//		fmt.Println(t.Strings.String(t.Spans[i].Name))
//	}
//	json := otlp.AppendTraces(nil, &t, otlp.FormatJSON)
//
// A Traces, Metrics or Logs holds one record: what one export request does. The
// generator fills it, an appender writes it as OTLP protobuf or OTLP/JSON, and a
// Decoder reads either form back into the same model, so that printing,
// verifying and comparing need no second representation.
package otlp

import (
	"fmt"
	"slices"
)

// TraceID is the 16-byte trace id, in wire order.
type TraceID [16]byte

// SpanID is the 8-byte span id, in wire order. The zero value means none.
type SpanID [8]byte

// Signal is one of the three OTLP signals. The values are part of the corpus
// format: records of one time are ordered by them.
type Signal uint8

// The signals, in their order within a corpus.
const (
	SignalTraces  Signal = 0
	SignalMetrics Signal = 1
	SignalLogs    Signal = 2
)

// NumSignals is the number of signals.
const NumSignals = 3

// String returns the signal's name as it appears in directory and flag names.
func (s Signal) String() string {
	switch s {
	case SignalTraces:
		return "traces"
	case SignalMetrics:
		return "metrics"
	case SignalLogs:
		return "logs"
	}
	return "unknown"
}

// ParseSignal returns the signal of a name, and whether there is one.
func ParseSignal(name string) (Signal, bool) {
	for s := range Signal(NumSignals) {
		if name == s.String() {
			return s, true
		}
	}
	return 0, false
}

// Item returns what one item of the signal is called: "span", "data point" or "log
// record".
func (s Signal) Item() string { return [...]string{"span", "data point", "log record"}[s] }

// Format is an encoding of OTLP records.
type Format uint8

// The formats. A file of either holds a sequence of framed records: see
// Encoder.
const (
	FormatProto Format = 0
	FormatJSON  Format = 1
)

// String returns the format's name as it appears in flags and the manifest.
func (f Format) String() string {
	if f == FormatJSON {
		return "json"
	}
	return "proto"
}

// Range is a half-open range of indices into one of the slices of the model.
type Range struct{ Start, End uint32 }

// Len returns the number of indices in r.
func (r Range) Len() int { return int(r.End - r.Start) }

// Kind says how the Word of an Attr is to be read.
type Kind uint8

// The kinds of attribute values.
const (
	KindString Kind = 0 // Word is a StringID
	KindText   Kind = 1 // Word is a packed Range of the record's Text (PackRange): UTF-8
	KindInt    Kind = 2 // Word is an int64
	KindBool   Kind = 3 // Word is 0 or 1
	KindDouble Kind = 4 // Word is the IEEE 754 bits of a float64
	KindArray  Kind = 5 // Word is a packed Range of the record's Attrs; their keys are ignored
	KindMap    Kind = 6 // Word is a packed Range of the record's Attrs
	KindBytes  Kind = 7 // Word is a packed Range of the record's Text
	KindEmpty  Kind = 8 // an AnyValue with no value set
)

// Attr is one attribute: a key of the string table and a value.
type Attr struct {
	Word uint64 // read as Kind says
	Key  StringID
	Kind Kind
}

// PackRange packs r into the Word of an Attr.
func PackRange(r Range) uint64 { return uint64(r.Start)<<32 | uint64(r.End) }

// UnpackRange is the inverse of PackRange.
func UnpackRange(w uint64) Range { return Range{uint32(w >> 32), uint32(w)} }

// Span kinds, as numbered by OTLP.
const (
	SpanKindUnspecified uint8 = 0
	SpanKindInternal    uint8 = 1
	SpanKindServer      uint8 = 2
	SpanKindClient      uint8 = 3
	SpanKindProducer    uint8 = 4
	SpanKindConsumer    uint8 = 5
)

var spanKinds = [...]string{"unspecified", "internal", "server", "client", "producer", "consumer"}

// SpanKindName returns what a span kind is called, of one that OTLP does not have its
// number.
func SpanKindName(kind uint8) string {
	if int(kind) < len(spanKinds) {
		return spanKinds[kind]
	}
	return fmt.Sprintf("kind %d", kind)
}

// SpanKindNamed returns the span kind that is called so: SpanKindUnspecified for none.
func SpanKindNamed(name string) uint8 { return uint8(max(slices.Index(spanKinds[:], name), 0)) }

// Status codes, as numbered by OTLP.
const (
	StatusUnset uint8 = 0
	StatusOK    uint8 = 1
	StatusError uint8 = 2
)

// Span flags, as OTLP defines them.
const (
	FlagSampled     uint32 = 0x001 // W3C trace flag
	FlagHasIsRemote uint32 = 0x100 // whether the parent is remote is known
	FlagIsRemote    uint32 = 0x200 // the parent is remote
)

// Span is one span. Times are nanoseconds since the Unix epoch.
type Span struct {
	TraceID  TraceID // of zeros: not valid, as SpanID
	SpanID   SpanID
	ParentID SpanID // zero for a root
	Start    uint64
	End      uint64 // not before Start
	Name     StringID
	Flags    uint32   // FlagSampled and its like; 0: none known
	Attrs    Range    // of Traces.Attrs
	Events   Range    // of Traces.Events
	Links    Range    // of Traces.Links
	Message  StringID // of the status; string 0 for none
	Resource uint32   // index into Traces.Resources
	Scope    uint32   // index into Traces.Scopes
	Kind     uint8    // SpanKindInternal and its like
	Status   uint8    // StatusUnset, StatusOK or StatusError
}

// Event is a span event.
type Event struct {
	Time  uint64 // nanoseconds since the Unix epoch
	Name  StringID
	Attrs Range // of Traces.Attrs
}

// Note is an event about a span that is no event of it: it is told in a log record
// and nowhere else. What makes logs from spans finds it here, beside the spans that
// it came out with, and no appender writes it.
type Note struct {
	Span uint32 // index into Traces.Spans
	Event

	// Of a record that says itself what it is; of others its maker knows.
	Severity     uint8    // 1 to 24; 0: it does not say
	SeverityText StringID // string 0 for none
	Body         Attr     // its key is ignored; KindEmpty is no body
}

// Link is a span link.
type Link struct {
	TraceID TraceID
	SpanID  SpanID
	Flags   uint32 // as in Span
	Attrs   Range  // of Traces.Attrs
}

// Resource is an OTLP resource with its schema URL (string 0 for none).
type Resource struct {
	Attrs     Range // of the Attrs of its record
	SchemaURL StringID
}

// Scope is an instrumentation scope.
type Scope struct {
	Name    StringID
	Version StringID // string 0 for none
}

// Traces is one traces record. The zero value with Strings set is empty and
// ready to use; Reset empties it and keeps the memory.
//
// Spans are written grouped by (Resource, Scope) in the order in which each
// resource first appears, and within a group in slice order.
type Traces struct {
	Strings   *Strings // of all StringIDs; shared by records, and never changed through one
	Spans     []Span
	Attrs     []Attr // of all else, each by a Range
	Events    []Event
	Links     []Link
	Notes     []Note // those of a trace after those of the traces before it
	Resources []Resource
	Scopes    []Scope
	Text      []byte // arena of KindText and KindBytes values

	order grouping // scratch of the appenders
	view  values
}

// Reset empties t, keeping its memory and its string table.
func (t *Traces) Reset() {
	t.Spans = t.Spans[:0]
	t.Attrs = t.Attrs[:0]
	t.Events = t.Events[:0]
	t.Links = t.Links[:0]
	t.Notes = t.Notes[:0]
	t.Resources = t.Resources[:0]
	t.Scopes = t.Scopes[:0]
	t.Text = t.Text[:0]
}
