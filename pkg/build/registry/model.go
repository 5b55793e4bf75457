// Package registry reads registries of semantic conventions in OpenTelemetry's
// own formats into one flat model, and answers what they say of a name:
//
//	r := registry.Bundled()                        // the official one and that of GenAI
//	r = registry.Layer(r, own)                     // what a team defines goes before
//	span, ok := r.Span("http.server")              // kind, and attributes with levels
//	a, ok := r.Attribute("http.request.method")    // type, members, examples, successor
//	r.Name("http.method")                          // deprecated: http.request.method
//
// A registry says of what telemetry consists: attributes, spans, metrics, events
// and entities. It says nothing of trees, rates, times or the names of spans.
//
// What is read:
//
//	resolved/2.0    one document in which every use of an attribute is an index
//	                into a catalog of attributes; one key may have several rows
//	groups:         v1 definitions, a folder of them
//	definition/2    v2 definitions, in the same folder where a team has both
//	manifest.yaml   name of the registry and of those that it depends on
package registry

import (
	"github.com/otelsim/otelsim/pkg/build/input"
)

// Base is the type of one value.
type Base uint8

// The types of values.
const (
	String Base = iota
	Int
	Double
	Boolean
	Any // of any type, lists and maps included
)

// Type is the type of an attribute.
type Type struct {
	Base     Base     // of one value; of an enumeration String or Int
	Array    bool     // the value is a list of such
	Template bool     // the key is what names begin with: http.request.header of http.request.header.host
	Members  []Member // of an enumeration, in the order of the file; nil: none. Others may appear in telemetry: enumerations are open
}

// Member is a value of an enumeration.
type Member struct {
	ID         string
	Value      string // as it is on the wire, an integer in decimal
	Stability  Stability
	Deprecated *Deprecation // nil: it is not
	Pos        input.Pos
}

// Stability is how settled a definition is. Later constants are more settled.
type Stability uint8

// The stabilities. Unstated is one that a file leaves out: of a member, it is that of
// its attribute.
const (
	Unstated Stability = iota
	Development
	Alpha
	Beta
	ReleaseCandidate
	Stable
)

// Deprecation says that a definition should not be used any more, and what instead.
type Deprecation struct {
	Reason    Reason
	RenamedTo string // the successor, when Reason is Renamed
	Note      string // in words; may be empty
}

// Reason is why something is deprecated.
type Reason uint8

// The reasons.
const (
	Unspecified   Reason = iota
	Renamed              // it goes by another name
	Obsoleted            // nothing takes its place
	Uncategorized        // the note says what to do
)

// Level says whether an attribute must be there. Later constants ask for more.
type Level uint8

// The levels.
const (
	OptIn Level = iota
	Recommended
	ConditionallyRequired // when Use.Condition holds
	Required
)

// Value is an example of an attribute's value.
type Value struct {
	Base Base    // never Any
	Text string  // of one value: a number in decimal, true or false
	List []Value // of a list, not nil even when it is empty; nil: one value
}

// Attribute is the definition of an attribute, or what one use makes of it.
type Attribute struct {
	Key        string // of a template, without the dot after it
	Type       Type
	Examples   []Value // may be empty
	Stability  Stability
	Deprecated *Deprecation // nil: it is not
	Captured   bool         // it says what telemetry has, not what it should have
	Pos        input.Pos
}

// Use is an attribute where a span, metric, event or entity uses it.
type Use struct {
	Attribute *Attribute // key and type of the definition; examples, stability and deprecation may be those of this use
	Level     Level
	Condition string // in words: when it is required, recommended or wanted; may be empty
	Sampling  bool   // it should be there when the span starts, for samplers
	Pos       input.Pos
}

// Association says which entities, on the resource, telemetry is about: exactly
// one of the fields is set.
type Association struct {
	Entity string        // the type of an entity
	OneOf  []Association // one of them
	AllOf  []Association // all of them
}

// Span is a type of span.
type Span struct {
	Type       string // http.server; of a refinement, the type that it refines, which is what is on the wire
	ID         string // of a refinement, its own name; empty: it is none
	Kind       uint8  // an otlp.SpanKind
	Name       string // how spans are called, in words or as a template in braces; may be empty
	Level      Level  // Recommended or OptIn: whether instrumentations should make such spans
	Attributes []Use  // by key, in byte order
	Entities   []Association
	Stability  Stability
	Deprecated *Deprecation
	Pos        input.Pos
}

// Instrument is the instrument of a metric.
type Instrument uint8

// The instruments.
const (
	Counter Instrument = iota
	UpDownCounter
	Gauge
	Histogram
)

// Metric is a metric.
type Metric struct {
	Name       string
	ID         string // of a refinement, its own name; empty: it is none
	Instrument Instrument
	Unit       string // in UCUM: s, By, {request}
	Level      Level  // as of a span
	Attributes []Use  // by key, in byte order
	Entities   []Association
	ValueType  Base      // Int or Double where the file says it, else Any
	Buckets    []float64 // advised bounds of a histogram, rising; nil: none are known
	Stability  Stability
	Deprecated *Deprecation
	Captured   bool // as of an attribute
	Pos        input.Pos
}

// Event is a type of event: a log record with an event name.
type Event struct {
	Name       string
	ID         string // of a refinement, its own name; empty: it is none
	Level      Level  // as of a span
	Attributes []Use  // by key, in byte order
	Entities   []Association
	Stability  Stability
	Deprecated *Deprecation
	Pos        input.Pos
}

// Entity is something that telemetry is about: a host, a process, a service.
type Entity struct {
	Type        string
	ID          string // of a refinement, its own name; empty: it is none
	Identity    []Use  // which one it is; by key, in byte order
	Description []Use  // what else is known of it; by key, in byte order
	Stability   Stability
	Deprecated  *Deprecation
	Pos         input.Pos
}

// Registry is what one registry, or several in layers, define. It is immutable
// and safe for concurrent use; nothing that it returns may be changed.
type Registry struct {
	SchemaURL string // of the uppermost layer that has one; may be empty

	// All definitions, refinements apart: by key, type or name in byte order,
	// no two alike.
	Attributes []*Attribute
	Spans      []*Span
	Metrics    []*Metric
	Events     []*Event
	Entities   []*Entity

	// Refinements: by ID in byte order, no two alike.
	SpanRefinements   []*Span
	MetricRefinements []*Metric
	EventRefinements  []*Event
	EntityRefinements []*Entity

	index   index
	defined func(key string) bool // nil: nothing but the registry is asked

	// For registries that depend on this one.
	groups map[string]exported // groups of attributes by id
	hidden map[string]bool     // keys and ids that it keeps to itself

	dependencies []*Registry // what it builds on; Lint knows their names too
}
