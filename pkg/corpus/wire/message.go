package wire

import "fmt"

// Message is a message within a payload, that is to be changed without the rest.
type Message message

// The messages. Groups are what holds a resource or a scope: what items in them
// changes, too. Any signal's group does: what they hold beside items is the same.
const (
	MessageResourceGroup  = Message(msgResourceSpans) // ResourceSpans, ResourceMetrics or ResourceLogs
	MessageScopeGroup     = Message(msgScopeSpans)    // ScopeSpans, ScopeMetrics or ScopeLogs
	MessageMetric         = Message(msgMetric)
	MessageSpan           = Message(msgSpan)
	MessageLogRecord      = Message(msgLogRecord)
	MessageNumberPoint    = Message(msgNumberPoint)
	MessageHistogramPoint = Message(msgHistogramPoint)
	MessageExpPoint       = Message(msgExpPoint)
	MessageSummaryPoint   = Message(msgSummaryPoint)
)

// Undo takes back what Rewrite has done to a message of a payload, in place: Delta
// and what Exemplar says is subtracted from times, and Start says since when data
// points counted, of a metric of that temporality, 0 for as it is. Since the message
// may come from anywhere, what Rewrite would refuse stays as it is: a time that would
// leave 64 bits or become zero, ids of other lengths or that would become zero. An
// error wraps ErrMalformed, and may come after some changes.
func Undo(m Message, b []byte, temporality Temporality, t *Times, traceXor, spanXor uint64) error {
	if message(m) >= numMessages {
		return fmt.Errorf("undo changes of message %d: no such message", m)
	}
	p := pass{mode: modeShift | modeKeys, apply: true, back: true, times: *t, temporality: temporality, traceXor: traceXor, spanXor: spanXor}
	p.times.Keep = true
	if err := p.walk(b, message(m), 0); err != nil {
		return fmt.Errorf("undo changes of %d bytes: %w", len(b), err)
	}
	return nil
}

// Next reads the protobuf field at b[i:], where i is below len(b): its tag, the bytes
// of its value, and where the next field begins, a negative index where the field is
// malformed or a group. For a varint there are no bytes; Uvarint reads it.
func Next(b []byte, i int) (tag uint64, value []byte, after int) { return next(b, i) }

// Uvarint reads a varint of at most ten bytes at b[i:] and returns the index behind
// it, or a negative one.
func Uvarint(b []byte, i int) (uint64, int) { return uvarint(b, i) }
