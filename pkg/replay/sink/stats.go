package sink

import (
	"sync/atomic"
	"time"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// Counts is what was accepted of one signal.
type Counts struct {
	Requests int64 // export requests, those accepted in part too
	Items    int64 // spans, data points or log records, without the rejected
	Bytes    int64 // of the requests, uncompressed
	Partial  int64 // requests accepted in part
	Rejected int64 // items rejected of those
}

// Snapshot is the state of a sink at one time.
type Snapshot struct {
	Elapsed   time.Duration           // since Start
	Signals   [otlp.NumSignals]Counts // by Signal
	Throttled int64                   // requests refused with the wish to be sent less
	Failed    int64                   // requests refused as if unavailable
	Hung      int64                   // requests never answered
	Cut       int64                   // requests whose connection was reset
	Malformed int64                   // requests that could not be read
	Unkept    int64                   // requests refused since they could not be kept
	Refused   int64                   // connections beyond Options.MaxConnections
}

// Total returns the counts of all signals together.
func (s Snapshot) Total() Counts {
	var t Counts
	for _, c := range s.Signals {
		t.Requests += c.Requests
		t.Items += c.Items
		t.Bytes += c.Bytes
		t.Partial += c.Partial
		t.Rejected += c.Rejected
	}
	return t
}

// Since returns what happened between an earlier snapshot and this one.
func (s Snapshot) Since(earlier Snapshot) Snapshot {
	d := Snapshot{
		Elapsed:   s.Elapsed - earlier.Elapsed,
		Throttled: s.Throttled - earlier.Throttled,
		Failed:    s.Failed - earlier.Failed,
		Hung:      s.Hung - earlier.Hung,
		Cut:       s.Cut - earlier.Cut,
		Malformed: s.Malformed - earlier.Malformed,
		Unkept:    s.Unkept - earlier.Unkept,
		Refused:   s.Refused - earlier.Refused,
	}
	for i, c := range s.Signals {
		e := earlier.Signals[i]
		d.Signals[i] = Counts{c.Requests - e.Requests, c.Items - e.Items, c.Bytes - e.Bytes, c.Partial - e.Partial, c.Rejected - e.Rejected}
	}
	return d
}

type stats struct {
	signals [otlp.NumSignals]struct{ requests, items, bytes, partial, rejected atomic.Int64 }

	throttled, failed, hung, cut, malformed, unkept atomic.Int64
}

func (s *stats) accept(sig otlp.Signal, items, rejected, bytes int64) {
	c := &s.signals[sig]
	c.requests.Add(1)
	c.items.Add(items)
	c.bytes.Add(bytes)
	if rejected > 0 {
		c.partial.Add(1)
		c.rejected.Add(rejected)
	}
}

// Snapshot returns the counts so far. While requests arrive, those of one
// request may be in part there.
func (s *Sink) Snapshot() Snapshot {
	r := Snapshot{
		Elapsed:   time.Since(s.started),
		Throttled: s.stats.throttled.Load(),
		Failed:    s.stats.failed.Load(),
		Hung:      s.stats.hung.Load(),
		Cut:       s.stats.cut.Load(),
		Malformed: s.stats.malformed.Load(),
		Unkept:    s.stats.unkept.Load(),
		Refused:   s.limit.refused.Load(),
	}
	for i := range r.Signals {
		c := &s.stats.signals[i]
		r.Signals[i] = Counts{c.requests.Load(), c.items.Load(), c.bytes.Load(), c.partial.Load(), c.rejected.Load()}
	}
	return r
}
