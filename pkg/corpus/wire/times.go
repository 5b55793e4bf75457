package wire

import "github.com/otelsim/otelsim/pkg/corpus/otlp"

// Temporality is how the points of a series relate, as numbered by OTLP.
type Temporality uint8

// The temporalities. Gauges and summaries have none: TemporalityUnspecified.
const (
	TemporalityUnspecified Temporality = 0
	TemporalityDelta       Temporality = 1
	TemporalityCumulative  Temporality = 2
)

// Point is a data point whose start time is about to change. Times are as in
// the payload, in nanoseconds since the Unix epoch.
type Point struct {
	Temporality Temporality
	Start, Time uint64
}

// Times is a change of times. Its functions, where set, decide on what has to
// move apart from the rest. They are called twice for each case, before and
// during the change, and must answer the same both times.
type Times struct {
	// Delta in nanoseconds is added to every time that no function decides on.
	Delta int64
	// Keep leaves a time as it is that would leave 64 bits or become zero, where
	// it is an error otherwise. Such a change cannot be undone by its opposite.
	Keep bool
	// Start returns the new start of a data point that has one. 0 is an error.
	Start func(Point) uint64
	// Exemplar returns what to add to the time of an exemplar of that trace. The
	// id is the payload's own, to be read only: 16 bytes in protobuf, hex in JSON,
	// empty for none.
	Exemplar func(traceID []byte) int64
}

// Apply changes the times of spans, events, log records, data points and
// exemplars in a protobuf payload. A time of zero is unset and stays so. It
// wraps ErrRange when a time would leave 64 bits or become zero.
func (t *Times) Apply(sig otlp.Signal, payload []byte) error {
	p := pass{mode: modeShift, times: *t}
	return p.run(sig, payload)
}

// Rewrite is Times.Apply and ReKey in one walk.
func Rewrite(sig otlp.Signal, payload []byte, t *Times, traceXor, spanXor uint64) error {
	p := pass{mode: modeShift | modeKeys, times: *t, traceXor: traceXor, spanXor: spanXor}
	return p.run(sig, payload)
}
