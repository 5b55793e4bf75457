package match

import (
	"fmt"
	"time"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// witness counts what tells that a ledger is of another run than what arrived: its
// times of the items, and when they arrived.
type witness struct {
	paired, fit  uint64 // spans and log records; those with the time that the ledger says
	timed, early uint64 // items with a time of arrival; those from before their run
	least        int64  // by which they were early: ns
}

func (w *witness) add(o *witness) {
	if o.early > 0 && (w.early == 0 || o.least < w.least) {
		w.least = o.least
	}
	w.paired, w.fit = w.paired+o.paired, w.fit+o.fit
	w.timed, w.early = w.timed+o.timed, w.early+o.early
}

// see counts an item that is a copy of one that was sent.
func (w *witness) see(x, s *item, e *Entry) {
	if x.signal != otlp.SignalMetrics && s.time != 0 {
		w.paired++
		if x.time == s.time {
			w.fit++
		}
	}
	if x.arrived <= 0 || e == nil || e.Run <= 0 {
		return
	}
	w.timed++
	if by := e.Run - x.arrived; by > 0 {
		if w.early == 0 || by < w.least {
			w.least = by
		}
		w.early++
	}
}

// otherRun says why a ledger cannot be that of the run of which something arrived, or
// nothing. unplaced says that no data point has a time of the ledger.
func (w *witness) otherRun(unplaced bool) string {
	switch {
	case w.paired > 0 && w.fit == 0 && unplaced:
		return "nothing of what was received has the times that the ledger says: it is of another run, or the pipeline moved all times"
	case w.timed > 0 && w.early == w.timed:
		return fmt.Sprintf("all that was received arrived before the run of the ledger began, by %v at least: it is of another run, or the clocks of the machines are apart (without the .arrivals files no times of arrival are compared)",
			time.Duration(w.least).Round(time.Microsecond))
	}
	return ""
}

// decide says what cannot be decided, and leaves out what there is no sense in joining.
func (c *checker) decide() {
	r := &c.received
	c.summary.Received = r.items
	all := uint64(0)
	for _, n := range r.items {
		all += n
	}
	say := func(what string) { c.summary.Undecided = append(c.summary.Undecided, what) }
	points := r.items[otlp.SignalMetrics]
	switch {
	case all == 0:
		say("nothing was received")
	case r.foreign+r.unplaced == all && (c.ledger != nil || points < all):
		say("nothing of what was received is of this corpus")
	case r.foreign > 0 && r.foreign == all-points && c.hasTraces():
		// Points of another seed may have the names, attributes and times of this one's.
		say("no span and no log record that was received is of this corpus")
	}
	if c.ledger == nil && points > 0 && r.unplaced == points && len(c.places.extents) > 0 {
		say("no data point has a time of the corpus: where the replay moved times, only its ledger tells which point is which (replay and check with --ledger)")
		c.signals[otlp.SignalMetrics] = false
		c.leftOut = true
	}
	if c.ledger != nil && c.entries == 0 {
		say("the ledger has no record: nothing was sent")
	}
}

// countLeftOut counts the data points that were sent where there was no sense in joining
// them: in each lap that something else is of, all of the corpus.
func (c *checker) countLeftOut() {
	if !c.leftOut {
		return
	}
	n := uint64(0)
	for i := range c.places.segments {
		n += c.Sent.Extent(i, otlp.SignalMetrics).Items
	}
	c.summary.Sent[otlp.SignalMetrics] = n * max(c.summary.Laps, 1)
}

// hasTraces reports whether the corpus has something that is judged by trace.
func (c *checker) hasTraces() bool {
	for i := range c.places.segments {
		for _, s := range [...]otlp.Signal{otlp.SignalTraces, otlp.SignalLogs} {
			if c.signals[s] && c.Sent.Extent(i, s).Items > 0 {
				return true
			}
		}
	}
	return false
}
