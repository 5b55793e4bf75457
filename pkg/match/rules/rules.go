// Package rules says what a pipeline is meant to do to telemetry: which items it
// drops, samples, routes and changes, and how. What was received is compared with
// what the rules make of what was sent, in both directions: a change that a rule
// asks for and that is not there is a fault, as is a change that none asks for.
//
//	r, err := rules.Load("rules.yaml", data)
//	s := r.Begin(outputs)               // per segment, one goroutine
//	if err := s.Unit(u); err != nil ... // then, of this unit:
//	want := s.Want(i)                   // of u.Pairs[i]
//	diffs, err := s.Differences(nil, u.Pairs[i].Sent, copy)
//	rule := s.Expects(u.MadeUp[j])
//	for _, f := range s.Faults() ...
//	totals.Add(s)                       // in any order
//	for _, f := range totals.Faults() ...
package rules

import (
	"strconv"
	"time"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/match"
	"github.com/otelsim/otelsim/pkg/match/form"
)

// Rule is one rule of a file, for messages: "rules.yaml:12 attributes[0].set".
type Rule struct {
	File         string
	Line, Column int    // from 1
	Path         string // within the file: "filter.drop[0]"

	id int // index into Rules.all
}

// String returns the rule's place and path. A nil rule is none.
func (r *Rule) String() string {
	if r == nil {
		return ""
	}
	return r.File + ":" + strconv.Itoa(r.Line) + " " + r.Path
}

// Rules is what a file says, compiled. The zero Rules asks for everything as it
// was sent, once, in order, in the messages that were sent. It is not changed after Load:
// goroutines may share it.
type Rules struct {
	all []*Rule
}

// Load reads a file of rules. The error has everything that is wrong with it, each
// with its position; it is an *input.Error then.
func Load(name string, data []byte) (*Rules, error) { return &Rules{}, nil }

// Judges reports whether items of a signal are judged at all (`signals`).
func (r *Rules) Judges(sig otlp.Signal) bool { return true }

// Touches reports whether any rule can drop, move, change or expect anew an item of
// a signal. When none can, everything is as it was sent and digests tell.
func (r *Rules) Touches(sig otlp.Signal) bool { return false }

// Outputs returns the names that `route` sends items to, each with the rule that
// names it first: a name that no output has is a mistake of whoever calls check.
func (r *Rules) Outputs() map[string]*Rule { return nil }

// Allowances are what may be otherwise than it was sent without being a finding.
type Allowances struct {
	Duplicates, Split, Reorder bool
	LateAfter                  time.Duration // 10s unless the rules say otherwise
	P99                        time.Duration // of delays; 0: not asked for
	Delay                      *Rule         // which says so; nil: none
}

// Allowances returns what is allowed.
func (r *Rules) Allowances() Allowances { return Allowances{LateAfter: 10 * time.Second} }

// Segment applies rules to the units of one segment. It is used by one goroutine.
// What its methods return is valid until the next Unit.
type Segment struct{}

// Begin returns a Segment for outputs of these names, in the order of match.Options.
func (r *Rules) Begin(outputs []string) *Segment { return &Segment{} }

// Unit takes the next unit: what the methods below are asked about.
func (s *Segment) Unit(u *match.Unit) error { return nil }

// Want is what should have become of an item.
type Want struct {
	Absent bool  // it should not be there
	Rule   *Rule // which drops it or did not sample it, or (not Absent) samples it exactly so
	Output int   // the only output it should be in; -1: any
	Route  *Rule // which says so
}

// Want returns what should have become of the unit's pair i. An item that should be
// there and is not is lost, as without rules; one that should not be there and is,
// was not dropped: a finding of Rule.
func (s *Segment) Want(i int) Want { return Want{Output: -1} }

// Difference is a value that is not what it should be.
type Difference struct {
	Path   string      // "attributes.http.route", "resource.attributes.host.name", "metric.unit"
	Before *form.Value // as sent; nil: it was not there
	After  *form.Value // as received; nil: it is not there
	Want   string      // what a rule makes of it, for people; "": as sent
	Rule   *Rule       // which does; nil: no rule says anything of it
}

// Differences appends how a copy differs from what the rules make of the item that was
// sent, resource, scope and metric included. None: it is as expected. The values share
// memory with the Segment until the next Unit.
func (s *Segment) Differences(dst []Difference, sent *match.Sent, got *match.Received) ([]Difference, error) {
	return dst, nil
}

// Expects returns the rule by which an item that was never sent is expected
// (`expect_new`), nil when there is none.
func (s *Segment) Expects(made *match.Received) (*Rule, error) { return nil, nil }

// Fault is what a rule finds beside the items' own differences.
type Fault struct {
	Kind    string // "partial", "rate", "sum", "explained_nothing"
	Rule    *Rule
	Pair    int // of the unit, which shows it; -1: none
	Message string
	Info    bool // for people to know, no violation
}

// Faults returns what is wrong with the unit as a whole: a trace that was sampled in
// part.
func (s *Segment) Faults() []Fault { return nil }

// Totals adds up what segments saw. The zero Totals is empty.
type Totals struct{}

// Add adds a segment that is done. The order does not matter; it is not safe for
// concurrent use.
func (t *Totals) Add(s *Segment) {}

// Faults returns what only shows in the end: a share of traces that a rate
// cannot explain, sums that were not preserved, rules that explained nothing.
func (t *Totals) Faults() []Fault { return nil }
