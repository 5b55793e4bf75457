package judge

import (
	"fmt"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/match"
	"github.com/otelsim/otelsim/pkg/match/rules"
)

// Options say what is to be judged, and by what.
type Options struct {
	Rules   *rules.Rules // nil: everything is to arrive as it was sent, once
	Outputs []string     // their names, in the order of match.Options
	FanOut  bool         // each output is to have everything; otherwise all of them together
	Ledger  bool         // the fates and the times of sending are those of a ledger
	// Scenario returns the name of the scenario that an iteration ran. Goroutines
	// call it at the same time. nil: not known.
	Scenario func(iteration uint64) string
}

// Run judges one comparison: it is handed to match.Check, and has the result
// after it.
type Run struct {
	o       Options
	rules   *rules.Rules
	allowed rules.Allowances
	begin   func() expectations
	touches [otlp.NumSignals]bool // whether a rule may ask for something else than was sent
	judged  [otlp.NumSignals]bool
	all     tally
	totals  rules.Totals

	// seen, where a test sets it, is told of every item that is found, by several
	// goroutines.
	seen func(s *segment, k key, n uint64, sent *match.Sent, got *match.Received)
}

var (
	_ match.Judge        = (*Run)(nil)
	_ match.SegmentJudge = (*segment)(nil)
)

// expectations are what rules make of the units of a segment: see rules.Segment.
type expectations interface {
	Unit(u *match.Unit) error
	Want(i int) rules.Want
	Differences(dst []rules.Difference, sent *match.Sent, got *match.Received) ([]rules.Difference, error)
	Expects(made *match.Received) (*rules.Rule, error)
	Faults() []rules.Fault
}

// New returns a Run that has seen nothing.
func New(o Options) *Run {
	r := &Run{o: o, rules: o.Rules}
	if r.rules == nil {
		r.rules = &rules.Rules{}
	}
	r.allowed = r.rules.Allowances()
	r.begin = func() expectations { return r.rules.Begin(o.Outputs) }
	for sig := range otlp.Signal(otlp.NumSignals) {
		r.touches[sig], r.judged[sig] = r.rules.Touches(sig), r.rules.Judges(sig)
	}
	return r
}

// Begin returns the judge of a segment.
func (r *Run) Begin(uint64) match.SegmentJudge {
	return &segment{
		run: r, rules: r.begin(), services: make(map[uint64]string), refused: make(map[record]uint64),
		lossy: make(map[record]int), last: record{output: -2},
	}
}

// End takes what a segment came to.
func (r *Run) End(number uint64, j match.SegmentJudge) error {
	s, ok := j.(*segment)
	if !ok {
		return fmt.Errorf("judge segment %d: a judge of somebody else, %T", number, j)
	}
	r.all.join(&s.tally)
	if of, ok := s.rules.(*rules.Segment); ok {
		r.totals.Add(of)
	}
	return nil
}

// tally is what was found: of a segment, or of all. Its memory is bounded.
type tally struct {
	signals [otlp.NumSignals]classes
	groups  groups
	losses  losses
	delays  delays
}

func (t *tally) join(other *tally) {
	for sig := range t.signals {
		t.signals[sig].add(&other.signals[sig])
	}
	t.groups.join(&other.groups)
	t.losses.join(&other.losses)
	t.delays.join(&other.delays)
}

// classes counts what Totals does, of one signal.
type classes struct {
	Totals
	late    uint64
	timed   uint64 // items of which the delay is known
	arrived uint64 // items that were sent and have a copy
	asked   uint64 // items that were never sent and are expected by a rule
}

func (c *classes) add(other *classes) {
	c.Totals.add(&other.Totals)
	c.late += other.late
	c.timed += other.timed
	c.arrived += other.arrived
	c.asked += other.asked
}

// add adds all but Late.
func (t *Totals) add(other *Totals) {
	t.Lost += other.Lost
	t.LostUnknown += other.LostUnknown
	t.Duplicated += other.Duplicated
	t.Altered += other.Altered
	t.MadeUp += other.MadeUp
	t.Moved += other.Moved
	t.Reordered += other.Reordered
	t.SplitTraces += other.SplitTraces
	t.IncompleteTraces += other.IncompleteTraces
	t.Refused += other.Refused
}

// totals returns the counts as they are told.
func (c *classes) totals() Totals {
	t := c.Totals
	if c.timed > 0 {
		late := c.late
		t.Late = &late
	}
	return t
}
