package rules

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/otelsim/otelsim/internal/text"
)

// Totals adds up what segments saw. The zero Totals is empty.
type Totals struct {
	rules   *Rules
	hit     []bool
	sampled shares
	sums    map[*Rule]*sums
}

// sums are the groups of a rule that do not add up.
type sums struct {
	groups, wrong uint64
	least         string // of the messages, so that the order of segments does not matter
}

// Add adds a segment that is done. The order does not matter; it is not safe for
// concurrent use.
func (t *Totals) Add(s *Segment) {
	if t.rules == nil {
		t.rules, t.hit, t.sums = s.rules, make([]bool, len(s.rules.all)), make(map[*Rule]*sums)
	}
	for i, hit := range s.scheme.hit {
		t.hit[i] = t.hit[i] || hit
	}
	t.sampled.n += s.sampled.n
	t.sampled.kept += s.sampled.kept
	for _, g := range s.groups {
		of := t.sums[g.rule]
		if of == nil {
			of = &sums{}
			t.sums[g.rule] = of
		}
		of.groups++
		message := g.fault()
		if message == "" {
			continue
		}
		of.wrong++
		if of.least == "" || message < of.least {
			of.least = message
		}
	}
}

// Faults returns what only shows in the end: a share of traces that a rate
// cannot explain, sums that were not preserved, rules that explained nothing.
func (t *Totals) Faults() (out []Fault) {
	if t.rules == nil {
		return nil
	}
	if p := t.rules.sampler; p != nil && p.decide == nil {
		what := "traces"
		if p.items {
			what = "items"
		}
		if message := t.sampled.fault(p.rate, what); message != "" {
			out = append(out, Fault{Kind: "rate", Rule: p.rule, Pair: -1, Message: message})
		}
	}
	for i := range t.rules.metrics {
		m := &t.rules.metrics[i]
		if of := t.sums[m.rule]; m.sums && of != nil && of.wrong > 0 {
			out = append(out, Fault{Kind: "sum", Rule: m.rule, Pair: -1,
				Message: fmt.Sprintf("%s of %s do not add up; %s", text.Grouped(of.wrong), text.Counted(of.groups, "sum"), of.least)})
		}
	}
	for i, r := range t.rules.all {
		if !t.hit[i] && !r.quiet {
			out = append(out, Fault{Kind: "explained_nothing", Rule: r, Pair: -1, Info: true, Message: "nothing that was sent or received matches the rule"})
		}
	}
	slices.SortStableFunc(out, func(a, b Fault) int { return cmp.Compare(a.Rule.Line, b.Rule.Line) })
	return out
}
