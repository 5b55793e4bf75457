package stats

import (
	"io"

	"github.com/otelsim/otelsim/internal/findings"
)

// Report is what is in data. Its JSON has stable names: fields may be added, and are
// never renamed or removed. Durations are in nanoseconds, shares and rates of errors
// from 0 to 1, and lists are in the order that their fields say, ties by name.
type Report struct {
	Range      Range           `json:"range"`
	Sizes      map[string]Size `json:"sizes"` // by signal
	Sample     Sample          `json:"sample"`
	Traces     Traces          `json:"traces"`
	Sessions   Sessions        `json:"sessions"`
	Arrivals   Arrivals        `json:"arrivals"`
	Services   []Service       `json:"services"`   // most spans first
	Edges      []Edge          `json:"edges"`      // most calls first
	Operations []Operation     `json:"operations"` // most spans first
	Shapes     []Shape         `json:"shapes"`     // most traces first
	Failures   []Failure       `json:"failures"`   // where most began first
	Attributes []Attribute     `json:"attributes"` // most different values first
	Metrics    []Metric        `json:"metrics"`    // most series first
	Logs       []Log           `json:"logs"`       // most severe first, then most records
	Faults     Faults          `json:"faults"`
	Left       Left            `json:"left"`
}

// Range is from the earliest start of a span to the latest end; both empty where there
// is no span.
type Range struct {
	First   string  `json:"first"` // RFC 3339
	Last    string  `json:"last"`
	Seconds float64 `json:"seconds"`
}

// Size is how much there is of a signal.
type Size struct {
	Items        uint64  `json:"items"`
	Bytes        uint64  `json:"bytes"`
	BytesPerItem float64 `json:"bytes_per_item"`
}

// Sample is what compression makes of some traces.
type Sample struct {
	Traces            uint64  `json:"traces"`
	Spans             uint64  `json:"spans"`
	Bytes             uint64  `json:"bytes"`
	Compressed        uint64  `json:"compressed_bytes"`
	CompressedPerSpan float64 `json:"compressed_bytes_per_item"`
}

// Spread is how numbers are spread. All are 0 where there is none.
type Spread struct {
	Count uint64  `json:"count"`
	Mean  float64 `json:"mean"`
	Min   float64 `json:"min"`
	P5    float64 `json:"p5"`
	P25   float64 `json:"p25"`
	P50   float64 `json:"p50"`
	P75   float64 `json:"p75"`
	P95   float64 `json:"p95"`
	P99   float64 `json:"p99"`
	Max   float64 `json:"max"`
}

// Traces is what traces are like as wholes.
type Traces struct {
	Count       uint64  `json:"count"`
	Failed      uint64  `json:"failed"`
	ErrorRate   float64 `json:"error_rate"`
	PerSecond   float64 `json:"per_second"`
	Spans       Spread  `json:"spans"`
	Depth       Spread  `json:"depth"`
	Width       Spread  `json:"width"`
	Roots       Spread  `json:"roots"`
	Duration    Spread  `json:"duration_ns"`
	Parallelism float64 `json:"parallelism"`
}

// Sessions is what sessions are like.
type Sessions struct {
	Count  uint64 `json:"count"`
	Traces Spread `json:"traces"`
	Pauses Spread `json:"pauses_ns"`
	Orders int    `json:"orders"`
}

// Arrivals is when traces start: their number in each window of equal width.
type Arrivals struct {
	First  string   `json:"first"` // RFC 3339, where the first window begins
	Window uint64   `json:"window_ns"`
	Counts []uint64 `json:"counts"`
}

// Service is what comes from a service.
type Service struct {
	Name        string  `json:"name"`
	Spans       uint64  `json:"spans"`
	Points      uint64  `json:"points"`
	LogRecords  uint64  `json:"log_records"`
	Instances   uint64  `json:"instances"`
	Operations  int     `json:"operations"`
	Roots       uint64  `json:"roots"`
	Entered     uint64  `json:"entered"`
	EnterErrors uint64  `json:"entered_errors"`
	ErrorRate   float64 `json:"error_rate"`
	OwnShare    float64 `json:"own_share"`
}

// Edge is who calls whom.
type Edge struct {
	From        string  `json:"from"`
	FromAddress bool    `json:"from_address"` // From is a destination of messages
	To          string  `json:"to"`
	Address     bool    `json:"address"` // To is an address that no spans come from
	Calls       uint64  `json:"calls"`
	Errors      uint64  `json:"errors"`
	ErrorRate   float64 `json:"error_rate"`
	Parallel    uint64  `json:"parallel"`
	Async       uint64  `json:"async"`
}

// Operation is all spans of a service, name and kind.
type Operation struct {
	Service   string  `json:"service"`
	Name      string  `json:"name"`
	Kind      string  `json:"kind"`
	Spans     uint64  `json:"spans"`
	Share     float64 `json:"share"`
	PerSecond float64 `json:"per_second"`
	Errors    uint64  `json:"errors"`
	ErrorRate float64 `json:"error_rate"`
	Roots     uint64  `json:"roots"`
	Duration  Spread  `json:"duration_ns"`
	Own       Spread  `json:"own_ns"`
	OwnShare  float64 `json:"own_share"`
}

// Shape is traces of the same tree.
type Shape struct {
	ID       string  `json:"id"`
	Text     string  `json:"text"`
	Traces   uint64  `json:"traces"`
	Share    float64 `json:"share"`
	Spans    float64 `json:"spans_per_trace"`
	Duration Spread  `json:"duration_ns"`
}

// Failure is one way in which an operation ends in an error.
type Failure struct {
	Service string  `json:"service"`
	Name    string  `json:"name"`
	Kind    string  `json:"kind"`
	Outcome string  `json:"outcome"`
	Target  string  `json:"target"`
	Spans   uint64  `json:"spans"`
	Began   uint64  `json:"began"`
	Share   float64 `json:"share"`
}

// Attribute is a key on all items of its sort.
type Attribute struct {
	Key           string   `json:"key"`
	On            string   `json:"on"`
	Items         uint64   `json:"items"`
	Share         float64  `json:"share"`
	Kinds         []string `json:"kinds"`
	Distinct      uint64   `json:"distinct"`
	Exact         bool     `json:"exact"`
	High          bool     `json:"high"`
	SameInTrace   *float64 `json:"same_in_trace,omitempty"`
	SameInSession *float64 `json:"same_in_session,omitempty"`
	Values        []Value  `json:"values,omitempty"`
}

// Value is a value with its number.
type Value struct {
	Value string `json:"value"`
	Count uint64 `json:"count"`
}

// Metric is a metric of a service.
type Metric struct {
	Service     string      `json:"service"`
	Name        string      `json:"name"`
	Unit        string      `json:"unit"`
	Type        string      `json:"type"`
	Temporality string      `json:"temporality"`
	Monotonic   bool        `json:"monotonic"`
	Points      uint64      `json:"points"`
	Series      uint64      `json:"series"`
	Attributes  []Dimension `json:"attributes"` // most different values first
}

// Dimension is a key of the attributes of a metric.
type Dimension struct {
	Key      string `json:"key"`
	Distinct uint64 `json:"distinct"`
}

// Log is log records of one form.
type Log struct {
	Service  string  `json:"service"`
	Severity string  `json:"severity"`
	Number   uint8   `json:"severity_number"`
	Event    string  `json:"event"`
	Body     string  `json:"body"`
	Records  uint64  `json:"records"`
	Share    float64 `json:"share"`
	Traces   uint64  `json:"traces"`
}

// Faults is what was wrong with the input and was mended or left out.
type Faults struct {
	Orphans    uint64 `json:"orphans"`
	Cycles     uint64 `json:"cycles"`
	Duplicates uint64 `json:"duplicates"`
	Skewed     uint64 `json:"skewed"`
	Backwards  uint64 `json:"backwards"`
	NoIDs      uint64 `json:"no_ids"`
	Damaged    uint64 `json:"damaged"`
	NoTimes    uint64 `json:"no_times"`
	Huge       uint64 `json:"huge"`
}

// Left is what the limits of a profile left out.
type Left struct {
	Classes     bool   `json:"classes"`
	Shapes      bool   `json:"shapes"`
	Productions bool   `json:"productions"`
	Spans       uint64 `json:"spans"`
	Traces      uint64 `json:"traces"`
}

// WriteJSON writes the report as JSON, all of it.
func (r *Report) WriteJSON(w io.Writer) error { return findings.WriteJSON(w, r) }
