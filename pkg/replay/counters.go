package replay

import (
	"sync"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/replay/ledger"
)

// Workers share a few sets of counters: one set each would cost a megabyte per
// worker, and a set is locked for some tens of nanoseconds per record.
const numCounters = 4

// Range of the histograms: from a microsecond to an hour at three digits.
// Longer times count as the longest.
const (
	shortest = int64(time.Microsecond)
	longest  = int64(time.Hour)
	digits   = 3
)

// Ledger divides what was due. Due is Accepted + Rejected + Failed + Unknown;
// the other counts say something about the same records a second time. Unknown
// is what got no answer to its last attempt, or one that cannot be read, and may
// have arrived; what failed was refused, or never left.
type Ledger struct {
	Due       uint64 `json:"due"`       // released, and finished
	Accepted  uint64 `json:"accepted"`  // taken; of records, whole
	Rejected  uint64 `json:"rejected"`  // refused in a partial success; of records, at least in part
	Failed    uint64 `json:"failed"`    // refused for good, or never left
	Unknown   uint64 `json:"unknown"`   // may have arrived
	Late      uint64 `json:"late"`      // first sent later than Options.LateAfter after it was due
	Retried   uint64 `json:"retried"`   // sent more than once
	Throttled uint64 `json:"throttled"` // the receiver once asked to be sent less
}

func (l *Ledger) add(m Ledger) {
	l.Due += m.Due
	l.Accepted += m.Accepted
	l.Rejected += m.Rejected
	l.Failed += m.Failed
	l.Unknown += m.Unknown
	l.Late += m.Late
	l.Retried += m.Retried
	l.Throttled += m.Throttled
}

// reasonKey names why something did not go as wished.
type reasonKey struct {
	outcome string // see Reason
	reason  string
}

type reasonCount struct {
	records, items uint64
	message        string // the least one that was not empty, in the order of bytes
}

// aMessage chooses one of two messages: which one, the order in which they came does
// not decide. An empty one is none.
func aMessage(a, b string) string {
	if a == "" || b != "" && b < a {
		return b
	}
	return a
}

// signalStats is what one signal's records came to.
type signalStats struct {
	records, items Ledger
	bytes          uint64
	fromDue        *hdrhistogram.Histogram // of answered records; nil before the first
	fromSend       *hdrhistogram.Histogram
}

// counters is one set of counters.
type counters struct {
	mu       sync.Mutex
	signals  [otlp.NumSignals]signalStats
	lateness *hdrhistogram.Histogram
	cells    *cells // nil unless Options ask for a series, and before the first record
	reasons  map[reasonKey]*reasonCount
	trouble  Trouble       // the last one
	sends    uint64        // attempts
	first    time.Duration // the first due time
	last     time.Duration // the last first attempt
}

func newHistogram() *hdrhistogram.Histogram {
	return hdrhistogram.New(shortest, longest, digits)
}

func observe(h *hdrhistogram.Histogram, d time.Duration) {
	// Within the range there is no error.
	_ = h.RecordValue(min(max(int64(d), 0), longest))
}

// record enters one record, at the end of its last attempt, of a run of that start in
// nanoseconds since the Unix epoch.
func (s *counters) record(o *outcome, opts *Options, start int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.lateness == nil {
		s.lateness = newHistogram()
		s.first, s.last = o.due, o.sent
		if opts.Series {
			s.cells = newCells(start)
		}
	}
	sig := &s.signals[o.signal]
	if sig.fromDue == nil {
		sig.fromDue, sig.fromSend = newHistogram(), newHistogram()
	}
	s.first, s.last = min(s.first, o.due), max(s.last, o.sent)
	s.sends += o.retries + 1
	sig.bytes += o.bytes
	observe(s.lateness, o.sent-o.due)

	records, items := o.ledgers(opts.LateAfter)
	sig.records.add(records)
	sig.items.add(items)
	if records.answered() {
		observe(sig.fromDue, o.done-o.due)
		observe(sig.fromSend, o.done-o.sent)
	}
	switch {
	case records.Failed > 0:
		s.reason("failed", o, o.items)
	case records.Unknown > 0:
		s.reason("unknown", o, o.items)
	case records.Rejected > 0:
		s.reason("rejected", o, items.Rejected)
	case o.Message != "":
		s.reason("warned", o, o.items)
	}
	if s.cells != nil {
		s.cells.record(o, records, start)
	}
}

// answered reports whether one record was taken, at least in part.
func (l *Ledger) answered() bool { return l.Accepted+l.Rejected > 0 }

// unknown reports whether nobody can say what became of the record. One that is
// refused for good after an attempt without an answer is refused: the receiver
// has judged the same bytes.
func (o *outcome) unknown() bool {
	return o.Class == Unknown || o.Open || o.Class == Retryable && o.open
}

// end returns what became of the record, and how many of its items were refused
// in a partial success.
func (o *outcome) end() (end ledger.Outcome, refused uint64) {
	if o.Class == Partial && o.Rejected > 0 {
		refused = min(uint64(o.Rejected), o.items)
	}
	switch {
	case o.unknown():
		return ledger.Unknown, 0
	case o.Class == Retryable || o.Class == Permanent:
		return ledger.Failed, 0
	case refused > 0:
		return ledger.Rejected, refused
	}
	return ledger.Accepted, 0
}

// ledgers returns what one record adds, in records and in items. A record of
// which some items were rejected counts as rejected; one that the receiver
// took whole, with a warning, as accepted.
func (o *outcome) ledgers(lateAfter time.Duration) (records, items Ledger) {
	records.Due, items.Due = 1, o.items
	switch end, refused := o.end(); end {
	case ledger.Unknown:
		records.Unknown, items.Unknown = 1, o.items
	case ledger.Failed:
		records.Failed, items.Failed = 1, o.items
	case ledger.Rejected:
		records.Rejected, items.Rejected = 1, refused
		items.Accepted = o.items - refused
	default:
		records.Accepted, items.Accepted = 1, o.items
	}
	if o.sent-o.due > lateAfter {
		records.Late, items.Late = 1, o.items
	}
	if o.retries > 0 {
		records.Retried, items.Retried = 1, o.items
	}
	if o.throttled {
		records.Throttled, items.Throttled = 1, o.items
	}
	return records, items
}

// retry enters an attempt that is followed by another.
func (s *counters) retry(o *outcome) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.reason("retried", o, o.items)
}

// reason counts why. The caller holds the lock.
func (s *counters) reason(outcome string, o *outcome, items uint64) {
	if s.reasons == nil {
		s.reasons = make(map[reasonKey]*reasonCount)
	}
	k := reasonKey{outcome, o.Reason}
	c := s.reasons[k]
	if c == nil {
		c = &reasonCount{}
		s.reasons[k] = c
	}
	c.records++
	c.items += items
	c.message = aMessage(c.message, o.Message)
}

// noteTrouble notes an attempt that failed, at once: a record is entered when it is
// over, which may be half a minute later.
func (s *counters) noteTrouble(o *outcome) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.trouble = Trouble{At: o.done, Reason: o.Reason, Message: o.Message}
}
