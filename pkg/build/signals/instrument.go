package signals

import (
	"math"
	"slices"

	"github.com/otelsim/otelsim/pkg/build/semconv"
	"github.com/otelsim/otelsim/pkg/build/vocab"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// metric is a compiled instrument.
type metric struct {
	name, unit, description otlp.StringID
	kind                    otlp.MetricKind
	monotonic               bool
	cumulative              bool // whatever the temporality of the run
	negative                bool // it takes negative values
	plane                   int
	serves                  bool // of what tool servers do
	ofSystem                bool // of systems: its resource says which scope it is of
	own                     bool // of one service: others may have one of its name
	scope                   otlp.Scope
	dims                    []dimension
	keeps                   []otlp.StringID // attributes of resources of its spans that its own has beside what is alike on them
	sources                 []source
	per                     uint64  // what a sum is divided by: values are multiples of 1/per
	limits                  []int64 // of the buckets, in 1/per
	bounds                  []float64
	boundsID                int // equal for equal bounds
	slots                   int // counters that a series needs
}

// dimension is one attribute of a metric's points.
type dimension struct {
	key       otlp.StringID
	slot      uint16
	optional  bool          // a point may go without
	tokenType bool          // its value is that of the source
	constant  otlp.StringID // its value on every point; 0: none

	ofResource bool // where the span does not have it, its resource may
}

// source is where a metric's value comes from.
type source struct {
	from  valueFrom
	slot  uint16        // of an attribute
	key   otlp.StringID // of it
	token otlp.StringID // what the dimension gen_ai.token.type is
	class uint8         // of the spans that are counted: 1 + its index

	// Of a service's own metrics: the spans that it is about, by name and kind (0: any),
	// and what dimensions are on the points of their values, by dimension (0: not fixed).
	span  otlp.StringID
	kind  uint8
	fixed []otlp.StringID
}

type valueFrom uint8

const (
	fromOne      valueFrom = iota // 1 for each span
	fromDuration                  // of the span
	fromInt                       // an attribute that counts whole things
	fromDouble                    // an attribute that does not
	fromBelow                     // the spans of a type that an agent has below it
	fromCount                     // an attribute that counts whole things, 1 without it
	fromRounded                   // an attribute, as the nearest whole number
)

// nanoseconds of the units of time that OpenTelemetry and the vendors of its
// backends write.
var timeUnits = map[string]uint64{
	"ns": 1, "us": 1e3, "ms": 1e6, "s": 1e9, "min": 60e9, "h": 3600e9,
}

// millionths is the unit in which fractions are kept.
const millionths = 1_000_000

// boundsByUnit are the bounds of histograms, so that what usually comes in the
// unit is spread over them. Those of seconds and tokens are the ones that the
// OpenTelemetry GenAI conventions advise.
var boundsByUnit = map[string][]float64{
	"ms":      {5, 10, 25, 50, 75, 100, 250, 500, 750, 1000, 2500, 5000, 7500, 10000, 30000, 60000},
	"s":       {0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92},
	"{token}": {1, 4, 16, 64, 256, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216, 67108864},
	"By":      {0, 256, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216},
}

// countBounds are the bounds of histograms in all other units.
var countBounds = []float64{0, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 10000, 100000}

// tokenType is the dimension that splits the tokens of a call in two.
const tokenType = "gen_ai.token.type"

// instruments compiles the metrics of the conventions.
func (c *compiler) instruments() {
	conv, prefix := c.in.Conventions, c.in.Plan.Prefix
	var names []string
	for i := range conv.Metrics {
		def := &conv.Metrics[i]
		name := conv.Rename(def.Name, prefix)
		if slices.Contains(names, name) {
			c.p.Errorf(def.Pos, "metric %q is the same as one before: both have the namespace", def.Name)
		}
		names = append(names, name)
		at := slices.IndexFunc(c.types, func(t vocab.Type) bool { return t.Name == def.Span })
		if at < 0 {
			c.p.Warnf(def.Pos, "metric %s: no span is of the type %q of aligns_with_span, so it has no points", def.Name, def.Span)
			continue
		}
		m := metric{
			name: c.strs.ID(name), unit: c.strs.ID(def.Unit), description: c.strs.ID(def.Description),
			scope: c.scope(c.types[at]), per: 1, slots: 1,
		}
		if def.EmittedBy == "data-plane" {
			m.plane = dataPlane
		}
		m.serves = def.Span == vocab.Serve
		c.value(def, &m)
		c.dimensions(def, &m)
		bounds := def.Buckets
		if bounds == nil {
			bounds = boundsOf(def.Unit)
		}
		m.shape(def.Type, bounds)
		m.boundsID = c.boundsID(m.bounds)
		c.out.classes[at].metrics = append(c.out.classes[at].metrics, uint32(len(c.out.metrics)))
		c.out.metrics = append(c.out.metrics, m)
	}
}

// boundsID numbers bounds of histograms.
func (c *compiler) boundsID(bounds []float64) int {
	id := slices.IndexFunc(c.out.bounds, func(b []float64) bool { return slices.Equal(b, bounds) })
	if id < 0 {
		id = len(c.out.bounds)
		c.out.bounds = append(c.out.bounds, bounds)
	}
	return id
}

// value decides where the values of a metric come from.
func (c *compiler) value(def *semconv.Metric, m *metric) {
	conv, prefix := c.in.Conventions, c.in.Plan.Prefix
	tokens := slices.Contains(def.Dimensions, tokenType)
	input, output := c.strs.ID("input"), c.strs.ID("output")
	if def.ValueAttribute == "" {
		nanos, duration := timeUnits[def.Unit]
		switch {
		case tokens:
			m.sources = []source{
				c.attribute(fromInt, "gen_ai.usage.input_tokens", input),
				c.attribute(fromInt, "gen_ai.usage.output_tokens", output),
			}
		case def.Counts != "":
			at := slices.IndexFunc(c.types, func(t vocab.Type) bool { return t.Name == def.Counts })
			m.sources = []source{{from: fromBelow, class: uint8(at + 1)}}
			c.out.counts = true
		case duration:
			m.sources, m.per = []source{{from: fromDuration}}, nanos
		default:
			m.sources = []source{{from: fromOne}}
		}
		return
	}
	s := c.attribute(fromDouble, conv.Rename(def.ValueAttribute, prefix), input)
	if def.ValueAttribute == "gen_ai.usage.output_tokens" {
		s.token = output
	}
	attr, ok := c.dict.OnSpan(def.Span, def.ValueAttribute)
	switch {
	case ok && attr.Type == semconv.Int:
		s.from = fromInt
	case !ok:
		c.p.Warnf(def.Pos, "metric %s: the conventions define no attribute %s, which it takes values from", def.Name, def.ValueAttribute)
		fallthrough
	default:
		m.per = millionths
	}
	m.sources = []source{s}
}

// attribute is a source that takes the values of an attribute.
func (c *compiler) attribute(from valueFrom, key string, token otlp.StringID) source {
	return source{from: from, slot: c.slot(key), key: c.strs.ID(key), token: token}
}

// dimensions compiles the attributes of a metric's points, in file order.
func (c *compiler) dimensions(def *semconv.Metric, m *metric) {
	conv, prefix := c.in.Conventions, c.in.Plan.Prefix
	for _, d := range def.Dimensions {
		name := conv.Rename(d, prefix)
		id := c.strs.ID(name)
		switch {
		case slices.ContainsFunc(m.dims, func(o dimension) bool { return o.key == id }):
			c.p.Warnf(def.Pos, "metric %s: dimension %s stands there twice", def.Name, d)
			continue
		case name == c.full("session.id"):
			c.p.Warnf(def.Pos, "metric %s: dimension %s is left out: every session would be a series of its own", def.Name, d)
			continue
		}
		dim := dimension{key: id, slot: c.slot(name), optional: name == "error.type", tokenType: name == tokenType}
		if value, ok := def.Constant(d); ok {
			dim.constant = c.strs.ID(value)
		}
		if _, ok := c.dict.Lookup(d); !ok && name != tokenType {
			c.p.Warnf(def.Pos, "metric %s: the conventions define no attribute %s, which is a dimension", def.Name, d)
		}
		m.dims = append(m.dims, dim)
	}
}

// boundsOf are the bounds of a histogram of a unit that has none of its own.
func boundsOf(unit string) []float64 {
	if bounds, ok := boundsByUnit[unit]; ok {
		return bounds
	}
	return countBounds
}

// shape decides what the points of a metric are: those that an instrument makes, of
// histograms with some bounds.
func (m *metric) shape(instrument string, bounds []float64) {
	switch instrument {
	case "counter":
		m.kind, m.monotonic = otlp.MetricSum, true
	case "updowncounter":
		m.kind, m.negative, m.cumulative = otlp.MetricSum, true, true
	case "gauge":
		m.kind, m.negative = otlp.MetricGauge, true
	case "exponential_histogram":
		m.kind, m.slots = otlp.MetricExpHistogram, expSlots
	default:
		m.kind, m.bounds, m.slots = otlp.MetricHistogram, bounds, len(bounds)+1
		for _, b := range bounds {
			m.limits = append(m.limits, limitOf(b, m.per))
		}
	}
}

// limitOf returns the greatest value, in parts of so many a unit, that a bound of a
// histogram takes in. What rounding makes of a whole number of them, as of
// hundredths, is that number.
func limitOf(bound float64, per uint64) int64 {
	v := float64(bound * float64(per))
	whole := math.Round(v)
	if math.Abs(v-whole) > float64(1e-12*math.Abs(v)) {
		whole = math.Floor(v)
	}
	switch {
	case whole >= math.MaxInt64:
		return math.MaxInt64
	case whole <= math.MinInt64:
		return math.MinInt64
	}
	return int64(whole)
}

// bucket returns the bucket of a histogram that counts a value.
func (m *metric) bucket(v int64) int {
	if m.kind == otlp.MetricExpHistogram {
		return expSlot(v, m.per)
	}
	for i, limit := range m.limits {
		if v <= limit {
			return i
		}
	}
	return len(m.limits)
}

// float returns a value or sum in the metric's unit.
func (m *metric) float(v int64) float64 { return float64(v) / float64(m.per) }

// number returns a value or sum as a point or exemplar holds it: a whole
// number where the metric counts whole things.
func (m *metric) number(v int64) (uint64, otlp.Kind) {
	if m.per == 1 && m.sources[0].from != fromDuration {
		return uint64(v), otlp.KindInt
	}
	return math.Float64bits(m.float(v)), otlp.KindDouble
}
