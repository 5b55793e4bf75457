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
	"slices"
	"strconv"
	"time"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/match/form"
)

// Rule is one rule of a file, for messages: "rules.yaml:12 attributes[0].set".
type Rule struct {
	File         string
	Line, Column int    // from 1
	Path         string // within the file: "filter.drop[0]"

	id    int  // index into Rules.all
	quiet bool // nothing that it explains is counted
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
	all      []*Rule
	judged   signalSet
	drops    []clause
	steps    []step
	sampler  *sampler
	routes   []route
	metrics  []metrics
	expected []clause // what may arrive though it was never sent
	allowed  Allowances

	shortcuts shortcuts
}

// All returns every rule of the file, in its order: a report names those that were
// kept as well.
func (r *Rules) All() []*Rule { return r.all }

// Judges reports whether items of a signal are judged at all (`signals`).
func (r *Rules) Judges(sig otlp.Signal) bool { return r.judged.has(sig) }

// Touches reports whether any rule can drop, move, change or expect anew an item of
// a signal. When none can, everything is as it was sent and digests tell.
func (r *Rules) Touches(sig otlp.Signal) bool {
	about := func(c clause) bool { return c.where.signals.has(sig) }
	return slices.ContainsFunc(r.drops, about) || slices.ContainsFunc(r.expected, about) ||
		slices.ContainsFunc(r.steps, func(s step) bool { return s.where.signals.has(sig) }) ||
		slices.ContainsFunc(r.routes, func(t route) bool { return t.where.signals.has(sig) }) ||
		r.sampler != nil && r.sampler.signals.has(sig) || len(r.metrics) > 0 && sig == otlp.SignalMetrics
}

// Outputs returns the names that `route` sends items to, each with the rule that
// names it first: a name that no output has is a mistake of whoever calls check.
func (r *Rules) Outputs() map[string]*Rule {
	names := make(map[string]*Rule)
	for i := range r.routes {
		if t := &r.routes[i]; names[t.to] == nil {
			names[t.to] = t.rule
		}
	}
	return names
}

// Allowances are what may be otherwise than it was sent without being a finding.
type Allowances struct {
	Duplicates, Split, Reorder bool
	LateAfter                  time.Duration // 10s unless the rules say otherwise
	P99                        time.Duration // of delays; 0: not asked for
	Delay                      *Rule         // which says so; nil: none
}

// defaultLate is the delay from which on items are late.
const defaultLate = 10 * time.Second

// Allowances returns what is allowed.
func (r *Rules) Allowances() Allowances {
	a := r.allowed
	if a.LateAfter == 0 {
		a.LateAfter = defaultLate
	}
	return a
}

// Want is what should have become of an item.
type Want struct {
	Absent bool  // it should not be there
	Rule   *Rule // which drops it or did not sample it, or (not Absent) samples it exactly so
	Output int   // the only output it should be in; -1: any
	Route  *Rule // which says so
}

// Difference is a value that is not what it should be.
type Difference struct {
	Path   string      // "attributes.http.route", "resource.attributes.host.name", "metric.unit"
	Before *form.Value // as sent; nil: it was not there
	After  *form.Value // as received; nil: it is not there
	Want   string      // what a rule makes of it, for people; "": as sent
	Rule   *Rule       // which does; nil: no rule says anything of it
}

// Fault is what a rule finds beside the items' own differences.
type Fault struct {
	Kind    string // "partial", "rate", "sum", "explained_nothing"
	Rule    *Rule
	Pair    int // of the unit, which shows it; -1: none
	Message string
	Info    bool // for people to know, no violation
}
