package otelsim

import (
	"time"

	"github.com/otelsim/otelsim/pkg/build"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// Options say what telemetry to make. The zero value is 1,000 sessions of the
// bundled scenarios, of all signals, in protobuf, of seed 0.
type Options struct {
	Seed  uint64 // any number
	Count uint64 // sessions; 0: DefaultCount, or what the one selected scenario says in repeat_count

	Inputs    Inputs   // each part that is not given is the bundled one
	Prefix    string   // the runtime namespace of the vendor's names; "": "vendor"
	Scenarios []string // by name; none: all, by their weights
	Tags      []string // of those the ones with any of these tags; none: all
	EachOnce  bool     // every selected scenario exactly once, in byte order of the names; Count is then not used
	Shape     Shape    // traces of a request; the zero value is Separate
	Content   Content  // of conversations in spans; the zero value is ByScenario

	Start     time.Time     // of the simulated time; zero: 2026-01-01, UTC; from build.FirstStart to the year 2200
	Interval  time.Duration // between the starts of sessions; 0: the one selected scenario's, else 500 ms; below 0: none. Where the config says arrivals: their mean distance, or 0
	Deviation time.Duration // a session starts up to twice that later; 0: the one selected scenario's, else none; below 0: none. Where the config says arrivals: 0

	Signals    []Signal // none: all
	Format     Format   // of records; the zero value is Proto
	BatchItems int      // merge whole requests into records of at least so many items; 0: a record a request

	MetricInterval time.Duration // between the points of a series; 0: 10 s
	Temporality    Temporality   // of counters and histograms; the zero value is cumulative

	SegmentIterations uint64 // sessions of a segment; 0: 1,024, or fewer when those would be large
}

// DefaultCount is how many sessions there are when nothing says another number.
const DefaultCount = 1000

// Signal is one of the three signals of OTLP.
type Signal = otlp.Signal

// The signals.
const (
	Traces  = otlp.SignalTraces
	Metrics = otlp.SignalMetrics
	Logs    = otlp.SignalLogs
)

// Format is the encoding of records.
type Format = otlp.Format

// The formats: OTLP protobuf, and OTLP/JSON.
const (
	Proto = otlp.FormatProto
	JSON  = otlp.FormatJSON
)

// Temporality says from when on the points of metrics count.
type Temporality = otlp.Temporality

// The temporalities.
const (
	Cumulative = otlp.TemporalityCumulative
	Delta      = otlp.TemporalityDelta
)

// Shape is how many traces a request is that was let in.
type Shape string

// The shapes. The zero value is Separate.
const (
	Separate Shape = build.ShapeSeparate // validation, work and response: three
	Unified  Shape = build.ShapeUnified  // one, under one root
)

// Content is what spans hold of conversations.
type Content string

// The contents. The zero value is ByScenario.
const (
	ByScenario Content = "scenario" // what each scenario's redaction level leaves
	NoContent  Content = "none"
	Raw        Content = "raw"
	Redacted   Content = "redacted" // nothing that is not redacted
)

// run returns the run of the options with a compiled plan.
func (o *Options) run(plan *build.Plan) build.Run {
	r := build.Run{
		Seed: o.Seed, Count: o.Count, SegmentIterations: o.SegmentIterations,
		Start: o.Start, Interval: o.Interval, Deviation: o.Deviation,
		Format: o.Format, BatchItems: o.BatchItems,
		Signals: o.Signals, MetricInterval: o.MetricInterval, Temporality: o.Temporality,
	}
	scenarios := plan.Scenarios()
	// A folder that happens to hold one scenario does not count as selecting it:
	// the defaults should not change when it gets a second.
	if len(scenarios) == 1 && len(o.Scenarios)+len(o.Tags) > 0 {
		s := &scenarios[0]
		if o.Count == 0 {
			r.Count = uint64(s.RepeatCount)
		}
		if s.HasInterval && o.Interval == 0 {
			r.Interval = s.Interval
		}
		if s.HasInterval && o.Deviation == 0 {
			r.Deviation = s.Deviation
		}
	} else if o.Count == 0 {
		r.Count = DefaultCount
	}
	if len(scenarios) > 1 && o.Interval == 0 {
		r.Interval = slowest(scenarios)
	}
	if o.EachOnce {
		r.Count = uint64(len(scenarios))
	}
	if r.Interval == 0 {
		r.Interval = build.DefaultInterval
	}
	r.Interval, r.Deviation = max(r.Interval, 0), max(r.Deviation, 0)
	o.arrive(&r, plan.Arrivals())
	if r.Start.IsZero() {
		r.Start = DefaultStart
	}
	if r.SegmentIterations == 0 {
		r.SegmentIterations = plan.SegmentIterations()
	}
	if r.MetricInterval == 0 {
		r.MetricInterval = build.DefaultMetricInterval
	}
	if r.Temporality == otlp.TemporalityUnspecified {
		r.Temporality = Cumulative
	}
	if len(r.Signals) == 0 {
		r.Signals = []Signal{Traces, Metrics, Logs}
	}
	return r
}

// DefaultStart is the simulated time of a run that says no other.
var DefaultStart = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// slowest is the longest interval of those scenarios that stand apart from the mix:
// their sessions are long, and are not to pile up when several run. 0: there is none.
func slowest(scenarios []Scenario) (longest time.Duration) {
	for i := range scenarios {
		if s := &scenarios[i]; s.Apart && s.HasInterval {
			longest = max(longest, s.Interval)
		}
	}
	return longest
}
