package otlp

// MetricKind is the kind of data of a metric.
type MetricKind uint8

// The kinds of metrics. The model has no summaries, which OTLP keeps for old
// clients only.
const (
	MetricNone         MetricKind = 0 // no data: it has no points
	MetricGauge        MetricKind = 1
	MetricSum          MetricKind = 2
	MetricHistogram    MetricKind = 3 // with explicit bounds
	MetricExpHistogram MetricKind = 4
)

// Temporality is how the points of a series relate, as numbered by OTLP.
type Temporality uint8

// The temporalities. Gauges have none.
const (
	TemporalityUnspecified Temporality = 0
	TemporalityDelta       Temporality = 1
	TemporalityCumulative  Temporality = 2
)

// String returns the temporality's name as it appears in flags and the
// manifest, "" for none.
func (t Temporality) String() string {
	switch t {
	case TemporalityDelta:
		return "delta"
	case TemporalityCumulative:
		return "cumulative"
	}
	return ""
}

// Metric is one metric of one resource and scope. Its points are of one kind:
// what the fields of another kind hold is not written.
type Metric struct {
	Name, Unit, Description StringID
	Points                  Range  // of Metrics.Points
	Resource                uint32 // index into Metrics.Resources
	Scope                   uint32 // index into Metrics.Scopes
	Kind                    MetricKind
	Temporality             Temporality // of all but gauges
	Monotonic               bool        // of sums
}

// Values of Point.Has: which of the optional fields of a histogram are there.
const (
	HasSum uint8 = 1 << 0
	HasMin uint8 = 1 << 1
	HasMax uint8 = 1 << 2
)

// Point is one data point of any kind. Times are nanoseconds since the Unix
// epoch.
type Point struct {
	Attrs     Range  // of Metrics.Attrs: with the metric they name the series
	Exemplars Range  // of Metrics.Exemplars
	Start     uint64 // since when it counts; 0: unknown
	Time      uint64 // when it was taken

	Value uint64 // of a gauge or sum: an int64, or the IEEE 754 bits of a float64
	Kind  Kind   // of Value: KindInt or KindDouble; any other means no value

	Has           uint8   // of both histograms: which of Sum, Min and Max are there
	Count         uint64  // of both histograms
	Sum, Min, Max float64 // of both histograms

	// Of a histogram: one count for each of the buckets that n bounds make, n+1 in
	// all. A value equal to a bound is in the bucket below it.
	Buckets Range // of Metrics.Counts
	Bounds  Range // of Metrics.Bounds, ascending

	// Of an exponential histogram: bucket i counts the values above
	// 2^(i x 2^-Scale) up to 2^((i+1) x 2^-Scale).
	Positive, Negative Buckets
	ZeroCount          uint64  // of values not over ZeroThreshold
	ZeroThreshold      float64 // 0: of zeros alone
	Scale              int32

	Flags uint32
}

// Buckets are successive buckets of an exponential histogram, from the one of
// index Offset on.
type Buckets struct {
	Counts Range // of Metrics.Counts
	Offset int32
}

// Exemplar is one of the values that a point was made of.
type Exemplar struct {
	Time    uint64 // nanoseconds since the Unix epoch
	Value   uint64 // as in Point
	TraceID TraceID
	SpanID  SpanID // zero, as TraceID: of no span
	Attrs   Range  // of Metrics.Attrs: what the point's attributes leave out
	Kind    Kind   // of Value, as in Point
}

// Metrics is one metrics record. The zero value with Strings set is empty and
// ready to use; Reset empties it and keeps the memory.
//
// Metrics are written grouped by (Resource, Scope) in the order in which each
// resource first appears, and within a group in slice order. Points may share
// ranges of every slice, the bounds of all histograms with one unit for one.
type Metrics struct {
	Strings   *Strings // as in Traces
	Metrics   []Metric
	Points    []Point
	Attrs     []Attr
	Counts    []uint64
	Bounds    []float64
	Exemplars []Exemplar
	Resources []Resource
	Scopes    []Scope
	Text      []byte // arena of KindText and KindBytes values

	order grouping // scratch of the appenders
	view  values
}

// Reset empties m, keeping its memory and its string table.
func (m *Metrics) Reset() {
	m.Metrics = m.Metrics[:0]
	m.Points = m.Points[:0]
	m.Attrs = m.Attrs[:0]
	m.Counts = m.Counts[:0]
	m.Bounds = m.Bounds[:0]
	m.Exemplars = m.Exemplars[:0]
	m.Resources = m.Resources[:0]
	m.Scopes = m.Scopes[:0]
	m.Text = m.Text[:0]
}
