package form

import (
	"errors"
	"fmt"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/corpus/wire"
)

// Point is a data point whose start is about to change, with its times as they
// arrived, in ns since the epoch: see Undo.Start.
type Point = wire.Point

// Undo takes back what a replay has done to an item: ids of a lap and moved times.
// It is read only, and may be used by several goroutines if its functions may.
type Undo struct {
	// TraceXor and SpanXor are the words of the lap, big-endian: of the low 8 bytes
	// of every trace id, and of every span id, wherever wire.ReKey finds them.
	TraceXor, SpanXor uint64
	// Shift in ns is subtracted from every time that is not zero.
	Shift int64
	// Exemplar, where set, says by how much exemplars of a trace have moved instead.
	// The id is 16 bytes, or empty; its low half may be that of the lap or not.
	Exemplar func(traceID []byte) int64
	// Start, where set, returns the start of a data point that has one; 0 leaves it.
	Start func(Point) uint64
	// Temporality of the data point's metric, for Start.
	Temporality otlp.Temporality
}

// undone are the messages that Apply takes, as package wire has them.
var undone = [numExported]wire.Message{
	ResourcePart: wire.MessageResourceGroup, ScopePart: wire.MessageScopeGroup, MetricPart: wire.MessageMetric,
	Span: wire.MessageSpan, LogRecord: wire.MessageLogRecord, NumberPoint: wire.MessageNumberPoint, HistogramPoint: wire.MessageHistogramPoint,
	ExpHistogramPoint: wire.MessageExpPoint, SummaryPoint: wire.MessageSummaryPoint,
}

// Apply changes an item or a part in place. Times that cannot be moved within 64
// bits, and ids that are none or would become zero, stay as they are. An error wraps
// ErrMalformed, and may come after some changes.
func (u *Undo) Apply(m Message, b []byte) error {
	if m < Span || m >= numExported {
		return fmt.Errorf("undo changes of %v: no item and no part", m)
	}
	t := wire.Times{Delta: u.Shift, Exemplar: u.Exemplar, Start: u.Start}
	err := wire.Undo(undone[m], b, wire.Temporality(u.Temporality), &t, u.TraceXor, u.SpanXor)
	if errors.Is(err, wire.ErrMalformed) {
		return fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	return err
}
