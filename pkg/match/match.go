// Package match finds for each item that was sent what became of it: the copies
// of it among the items that were received, and what was received and never sent.
package match

import (
	"context"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/match/form"
)

// Part is what items have in common: a resource, a scope or a metric without its
// points, each with its schema URL and what else stands beside it.
type Part struct {
	Bytes  []byte // protobuf: ResourceSpans, ScopeSpans or Metric with nothing but that
	Digest uint64 // equal for what means the same: see form.Digest
}

// Same reports whether two parts mean the same; nil is one that there is not.
func (p *Part) Same(q *Part) bool {
	return p == q || p != nil && q != nil && p.Digest == q.Digest
}

// Item is one span, log record or data point. Laps and moved times are undone:
// ids and times are those of the corpus.
type Item struct {
	Signal   otlp.Signal
	Message  form.Message // what Bytes is
	Bytes    []byte       // protobuf
	Digest   uint64       // of Bytes
	Resource *Part
	Scope    *Part
	Metric   *Part        // of data points; nil for others
	TraceID  otlp.TraceID // of spans and log records
	SpanID   otlp.SpanID  // likewise
	Time     uint64       // as form.Raw has it, undone: ns since the epoch
}

// Sent is an item of the corpus, in one lap.
type Sent struct {
	Item
	Record    uint64 // which holds it: of the segment's file of the signal, from 0
	Position  uint32 // in the record, from 0
	Iteration uint64 // of spans and log records
	Fate      Fate
	Attempted int64 // when its record was last sent: ns since the epoch; 0: unknown
}

// Received is an item that arrived.
type Received struct {
	Item
	Output   int          // index into Options.Outputs
	Message  uint64       // which held it: of the output, from 0, in order of arrival
	Position uint32       // in the message, from 0
	Arrived  int64        // ns since the epoch; 0: unknown
	Wire     otlp.TraceID // the trace id as it arrived
}

// Fate is what the sender knows of an item.
type Fate uint8

// The fates. Without a ledger all is accepted.
const (
	Accepted Fate = iota
	Rejected      // of a record of which the receiver refused some items, nobody knows which
	Failed        // refused, or never left
	Unknown       // no answer: it may have arrived
)

// Pair is an item that was sent with its copies, those most like it first, those
// alike in order of arrival. No copies: it is absent.
type Pair struct {
	Sent   *Sent
	Copies []*Received
}

// Unit is what belongs together: the spans or the log records of one trace in one
// lap, or the data points of one record. Its memory is the caller's during the call.
type Unit struct {
	Signal  otlp.Signal
	Segment uint64 // of the corpus; Options.Segments of it: made up, of none
	Lap     uint64
	TraceID otlp.TraceID      // as in the corpus; zero for data points
	Wire    otlp.TraceID      // as it was sent in this lap: what samplers decide by
	Pairs   []Pair            // in the order of the corpus
	MadeUp  []*Received       // what was never sent
	Refused map[uint64]uint64 // of records with the fate Rejected: how many items were refused
	Known   *Known            // what the segment has; nil for what is made up of none

	// Exemplars says of metrics that it is not known by how much some of their exemplars
	// were moved: the requests that they are of are not among what is compared, or the
	// replay ended before it sent them. Their times say nothing then.
	Exemplars bool
}

// Known are the digests of the resources and scopes of a segment's items of one
// signal, by which what moved is told from what was altered.
type Known struct{ Resources, Scopes map[uint64]bool }

// Judge takes what was found. Segments are judged by several goroutines, and
// ended one after the other in their order.
type Judge interface {
	Begin(segment uint64) SegmentJudge
	End(segment uint64, j SegmentJudge) error
}

// SegmentJudge takes the units of one segment from one goroutine: lap by lap, and
// in a lap traces, metrics, logs, each in the order of the corpus.
type SegmentJudge interface {
	Take(u *Unit) error
}

// Segments is the corpus: read, or made from a seed. Readers are used by one
// goroutine each.
type Segments interface {
	Segments() uint64
	Seed() uint64
	Iterations() (total, perSegment uint64)
	Format() otlp.Format
	// Extent says where in time a signal of a segment lies and how long it is.
	Extent(segment uint64, sig otlp.Signal) Extent
	NewReader() (SegmentReader, error)
}

// Extent is what is known of a signal of a segment before it is read; zero where
// nothing is known or there is nothing.
type Extent struct {
	First, Last uint64 // times of its items: ns since the epoch
	Items       uint64
	Bytes       uint64 // of its framed records
}

// SegmentReader appends the framed records of one signal of a segment to dst.
type SegmentReader interface {
	AppendSegment(dst []byte, segment uint64, sig otlp.Signal) ([]byte, error)
}

// Message is one message of an output. Payload is valid during the call.
type Message struct {
	Signal  otlp.Signal
	Format  otlp.Format
	Payload []byte
	Arrived int64 // ns since the epoch; 0: unknown

	// File and Number say where it was read, for errors; where there is no File, it is
	// the Output and how many messages of that came before.
	File   string
	Number uint64 // from 1
}

// Output is what one end of a pipeline wrote.
type Output struct {
	Name string
	// Each calls visit with every message in order of arrival.
	Each func(ctx context.Context, visit func(*Message) error) error
}

// Entry is what a ledger says of one record.
type Entry struct {
	Lap, Segment, Record uint64
	Signal               otlp.Signal
	Items, Refused       uint64
	First, Last          int64  // attempts: ns since the epoch
	Retries              uint64 // attempts but the first
	Shift                int64  // ns, by which its times were moved
	Time                 uint64 // of metrics: of its latest point, as sent: ns since the epoch
	Start, Prev          uint64 // of metrics: since when cumulative and delta points count, as sent; 0: unmoved
	Fate                 Fate

	// Exemplars says of metrics that an exemplar moved with the request (iteration and
	// turn) of its trace: by the Shift of any of the request's records of the same
	// lap, less its Run, plus this Run. Where no entry is of the request, nobody knows
	// by how much. Without Exemplars, all exemplars moved by Shift.
	Exemplars bool
	Run       int64 // when the run began that sent the record: ns since the epoch
}

// Ledger is the ledger of the replay, nil when there is none. A record without an
// entry was never sent.
type Ledger interface {
	// Each calls visit with every entry, in any order.
	Each(ctx context.Context, visit func(Entry) error) error
}

// Options says what to match.
type Options struct {
	Sent    Segments
	Signals []otlp.Signal // nil: all
	Outputs []Output
	Ledger  Ledger
	FanOut  bool   // each output is to have everything
	Workers int    // 0: one
	TempDir string // "": that of the system
}

// Summary is what was seen of everything.
type Summary struct {
	Sent, Received [otlp.NumSignals]uint64 // items
	Laps           uint64                  // the most of any trace
	Undecided      []string                // why nothing can be said
	Notes          []string                // what a person should know: that shifts were inferred
}
