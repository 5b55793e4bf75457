package replay

import (
	"context"
	"strconv"
	"time"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// Transport sends one encoded export request. It is safe for concurrent use.
// A transport does not change the payload. The caller uses its memory for
// something else once Send has returned, unless the result says that it is held.
// Send makes one request at most, and returns soon after its context ends.
type Transport interface {
	Send(ctx context.Context, sig otlp.Signal, payload []byte) Result
	Close() error
}

// Class is what became of one attempt to send a request, as the OTLP
// specification divides responses.
type Class uint8

// The classes.
const (
	Accepted  Class = 0 // the receiver took every item
	Partial   Class = 1 // it took the request and rejected Result.Rejected items
	Retryable Class = 2 // the same request may be sent again
	Permanent Class = 3 // sending it again is pointless
	Unknown   Class = 4 // an answer that leaves open what became of the request; it is not sent again
)

// String returns the class's name.
func (c Class) String() string {
	switch c {
	case Accepted:
		return "accepted"
	case Partial:
		return "partial"
	case Retryable:
		return "retryable"
	case Permanent:
		return "permanent"
	case Unknown:
		return "unknown"
	}
	return "class " + strconv.Itoa(int(c))
}

// Result is the outcome of one attempt.
type Result struct {
	Class      Class         // the zero value is Accepted
	Rejected   int64         // items, for Partial
	RetryAfter time.Duration // the receiver's wish, for Retryable; 0 leaves it to the backoff
	Throttled  bool          // the receiver asked to be sent less
	Reason     string        // short and of few values: "grpc Unavailable", "http 503"
	Message    string        // what the receiver said, for a person; an Accepted request's is a warning

	// Open says that no whole answer came although the whole request may have
	// arrived, Unsent that it cannot have arrived. Neither: it was answered.
	Open, Unsent bool

	// Held says that the payload may still be read, for instance in a queue, and
	// must stay as it is.
	Held bool
}
