// Package semconv reads the semantic conventions: the span types, attributes,
// allowed values and metrics that the telemetry keeps to. The file may hold
// any other section beside those that are read here; what is read is read
// strictly.
package semconv

import (
	"github.com/otelsim/otelsim/pkg/build/input"
)

// Type is the type of an attribute's value.
type Type uint8

// The types.
const (
	String Type = iota
	Int
	Boolean
	Double
	Any
	StringArray
)

// Level says whether an attribute must be there.
type Level uint8

// The levels.
const (
	Optional Level = iota
	Recommended
	Required
)

// Attribute is the definition of an attribute. Lists keep the file's order.
type Attribute struct {
	Name        string // in the file's spelling
	Description string
	Type        Type
	Level       Level
	FirstClass  bool
	Sensitive   bool
	Allowed     []string // nil: any value
	Examples    []string
	Default     string
	HasDefault  bool
	AppliesTo   []string // span types without namespace; nil: all. Common attributes only
	Pos         input.Pos
}

// SpanType is a type of span.
type SpanType struct {
	Name        string // in the file's spelling
	Bare        string // without the namespace
	Description string
	Kinds       []uint8 // otlp.SpanKind values, at least one
	Root        bool
	Parents     []string      // without the namespace
	Template    *NameTemplate // nil: spans are called after the type
	Pos         input.Pos

	without []string // known names of attributes that such spans do without
}

// Metric is a canonical metric. Names are in the file's spelling.
type Metric struct {
	Name           string
	Type           string // counter, histogram, exponential_histogram, gauge or updowncounter
	Unit           string
	Description    string
	Dimensions     []string
	EmittedBy      string     // data-plane or control-plane
	Span           string     // aligns_with_span, without the namespace; may be empty
	ValueAttribute string     // what is counted; empty: occurrences or durations
	Buckets        []float64  // bounds of a histogram, rising; nil: those of the unit
	Constants      []Constant // of dimensions that no span carries
	Counts         string     // the span type that an agent's spans are counted by; empty: none
	Pos            input.Pos
}

// Constant is a dimension of which every point has the same value.
type Constant struct{ Name, Value string }

// Constant returns the value that each point of a metric has for a dimension.
func (m *Metric) Constant(dimension string) (value string, ok bool) {
	for _, c := range m.Constants {
		if c.Name == dimension {
			return c.Value, true
		}
	}
	return "", false
}

// Section is one map of attribute definitions: a top-level key that ends in
// "_attributes".
type Section struct {
	Key        string
	Attributes []Attribute
}

// Conventions is a conventions file. It is immutable.
type Conventions struct {
	Version   string
	Namespace string // the first segment of most span names
	Spans     []SpanType
	Resource  []Attribute
	Common    []Attribute
	Sections  []Section // without the two above
	Metrics   []Metric

	Vocabulary Vocabulary

	Systems    []System // of what services emit; nil: no scenario is of systems
	SystemsPos input.Pos
}

// String returns the name of the type as files write it.
func (t Type) String() string { return typeNames[t] }

// Span returns the span type of a name without namespace.
func (c *Conventions) Span(bare string) (SpanType, bool) {
	for _, s := range c.Spans {
		if s.Bare == bare {
			return s, true
		}
	}
	return SpanType{}, false
}

// Section returns the attributes of a section, nil when the file has none.
func (c *Conventions) Section(key string) []Attribute {
	for _, s := range c.Sections {
		if s.Key == key {
			return s.Attributes
		}
	}
	return nil
}
