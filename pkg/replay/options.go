package replay

import (
	"fmt"
	"math"
	"time"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/replay/ledger"
)

// Options says how to run a Source. The zero value of a field is its default.
type Options struct {
	Pacer     Pacer     // required
	Transport Transport // required; Run does not close it
	Original  bool      // keep the recorded times; otherwise records end when they are due

	// StartAt is the instant at which the schedule begins, so that several runs begin
	// together; the zero value: as soon as there is something to send.
	StartAt time.Time

	Laps     uint64        // default 1, or without limit when Duration is set
	Duration time.Duration // records due at or after it are not sent; 0: no limit
	Shard    Shard         // which of the records; the zero value: all

	MaxInFlight      int           // records being sent or waiting to be sent again; default 256
	MaxInFlightBytes int64         // of their payloads, but for one of more than that alone; default 64 MB
	NoRetry          bool          // one attempt a record, whatever the receiver asks
	RetryFor         time.Duration // from the first attempt to the last wait's end; default 30s

	Timeouts [otlp.NumSignals]time.Duration // of one attempt, by signal; default 10s, NoTimeout for none

	// Series asks for Report.Series and Report.Exact, which cost a megabyte or two and some
	// nanoseconds a record.
	Series bool

	// Ledger, when set, gets a line for each record that was released. Run begins and
	// ends it; what could not be written is told by its Err. Tool is what it says who
	// wrote it: program and version.
	Ledger *ledger.Writer
	Tool   string

	LateAfter time.Duration // a record sent later than this after its due time is late; default 10ms

	// Status, when set, is called every StatusEvery from a goroutine of the
	// run, and once at its end.
	Status      func(Status)
	StatusEvery time.Duration // default 1s

	JitterSeed uint64 // of the backoff; 0 is a seed like any other
}

// Defaults of Options.
const (
	DefaultMaxInFlight      = 256
	DefaultMaxInFlightBytes = 64 << 20
	DefaultTimeout          = 10 * time.Second
	DefaultRetryFor         = 30 * time.Second
	DefaultLateAfter        = 10 * time.Millisecond
)

// NoTimeout lets an attempt last for as long as the receiver likes; when the
// run is stopped, for DefaultTimeout more.
const NoTimeout = time.Duration(math.MaxInt64)

// The backoff: full jitter below a bound that doubles from backoffFirst to
// backoffMost (Brooker, "Exponential Backoff And Jitter").
const (
	backoffFirst = 100 * time.Millisecond
	backoffMost  = 5 * time.Second
)

func (o *Options) setDefaults() error {
	if o.Pacer == nil || o.Transport == nil {
		return fmt.Errorf("start replay: no pacer or no transport")
	}
	if o.Laps == 0 && o.Duration == 0 {
		o.Laps = 1
	}
	setDefault(&o.MaxInFlight, DefaultMaxInFlight)
	setDefault(&o.MaxInFlightBytes, DefaultMaxInFlightBytes)
	for i := range o.Timeouts {
		setDefault(&o.Timeouts[i], DefaultTimeout)
	}
	setDefault(&o.RetryFor, DefaultRetryFor)
	setDefault(&o.LateAfter, DefaultLateAfter)
	setDefault(&o.StatusEvery, time.Second)
	return nil
}

func setDefault[T int | int64 | time.Duration](v *T, d T) {
	if *v <= 0 {
		*v = d
	}
}
