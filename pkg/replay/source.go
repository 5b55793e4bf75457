package replay

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/otelsim/otelsim/internal/numbers"
	"github.com/otelsim/otelsim/internal/text"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/corpus/wire"
)

// ErrInput marks an error in what was to be replayed, found before anything
// was sent. It is apart from other errors because a command reports it as bad
// input; damage found during the run is a failure of the run.
var ErrInput = errors.New("bad input")

// inputError wraps err so that errors.Is finds ErrInput and the text stays.
type inputError struct{ err error }

func (e inputError) Error() string        { return e.err.Error() }
func (e inputError) Unwrap() error        { return e.err }
func (e inputError) Is(target error) bool { return target == ErrInput }

func badInput(err error) error { return inputError{err} }

// Source yields the records of one lap, in their order, a batch at a time.
// One goroutine uses it.
type Source interface {
	// Total says what a lap holds, as far as it is known before reading it.
	Total() Total
	// Format is the encoding of every payload.
	Format() otlp.Format
	// Seed names the source for re-keying; 0 when it has none.
	Seed() uint64
	// Rewind goes to the start of a lap. It comes before the first Next. When
	// ctx ends, it returns an error soon, and so does Next.
	Rewind(ctx context.Context) error
	// Next fills b, which was reset, with the next records: at least one. It
	// returns io.EOF after the last. What it reads it has checked.
	Next(ctx context.Context, b *Batch) error
	Close() error
	// String names the source for the report.
	String() string
}

// Total is the content of one lap. Files that carry no counts leave it zero.
type Total struct {
	Records uint64        // export requests
	Items   uint64        // spans, data points and log records in them
	Span    time.Duration // from the first record's recorded time to the last's
}

// Record is one export request of a batch.
type Record struct {
	Payload []byte // encoded, without frame; in the batch's memory, and changed there
	Items   uint64 // in it; 0 before a lazy scan
	Number  uint64 // from 0: in the segment's file of its signal, where there are segments; else in the batch

	// Lead is the index in the batch of the record whose shift this one takes,
	// at most its own, so that the records of one request move together. End
	// is the latest time in the records of one lead, in nanoseconds since the
	// Unix epoch: when they were complete, and what moves to the lead's due
	// time.
	Lead   int
	End    uint64
	Signal otlp.Signal

	// request names the request that the record is of, 0 where that is unknown:
	// what exemplars of metrics refer to. See requestOf.
	request uint64

	// What a scan has found: where the times of a protobuf payload stand, in the
	// batch's memory too, and what they span. A source that sets neither has
	// none that move.
	stamps wire.Places
	bounds wire.Bounds

	// capture says that the record is not of a corpus: all its times move alike,
	// since nobody knows what lifetimes its series have. When it was recorded
	// is then at, 0 when it goes with the record before, and otherwise End.
	capture bool
	at      uint64

	// unscanned says that nobody has scanned the payload: Items, End, stamps and
	// bounds are for the worker to find, which scans it right before it sends
	// it, while it is in the processor's cache.
	unscanned bool
}

// recorded returns when r was recorded, 0 when nobody knows.
func (r *Record) recorded() uint64 {
	if r.capture {
		return r.at
	}
	return r.End
}

// Note is something about what was replayed that a person should know.
type Note struct {
	Note  string `json:"note"`  // what it is, without the count
	Count uint64 `json:"count"` // of the messages or records that the note is on
}

// String returns the note for a person.
func (n Note) String() string { return n.Note + ": " + text.Grouped(n.Count) }

var _ Noter = (*files)(nil)

// Noter is a Source with notes. They are complete when the run is over, and of
// one lap.
type Noter interface{ Notes() []Note }

// Shard selects records n = Index modulo Of. The zero value selects all.
type Shard struct {
	Index uint64 // from 0, below Of
	Of    uint64 // how many shards there are; 0 and 1: one, which is all
}

// ParseShard reads "I/N", 0 <= I < N.
func ParseShard(s string) (Shard, error) {
	left, right, _ := strings.Cut(s, "/")
	index, err1 := numbers.Whole(left)
	of, err2 := numbers.Whole(right)
	if err1 != nil || err2 != nil || index >= of {
		return Shard{}, fmt.Errorf("parse shard %q: want I/N, I from 0 to N-1", s)
	}
	return Shard{index, of}, nil
}

// String returns "I/N".
func (s Shard) String() string { return fmt.Sprintf("%d/%d", s.Index, s.Of) }

func (s Shard) owns(n uint64) bool { return s.Of < 2 || n%s.Of == s.Index }

// ShardOf returns which shard of a corpus a source is by itself: one of a corpus
// that was not sealed. It is the zero value for any other.
func ShardOf(src Source) Shard {
	if s, ok := src.(*corpusSource); ok {
		return s.shard
	}
	return Shard{}
}

// Each calls visit with every record of one lap of src. Payloads are valid
// during the call.
func Each(ctx context.Context, src Source, visit func(*Record) error) error {
	if err := src.Rewind(ctx); err != nil {
		return err
	}
	var b Batch
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		b.reset()
		err := src.Next(ctx, &b)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		for i := range b.Records {
			if err := visit(&b.Records[i]); err != nil {
				return err
			}
		}
	}
}
