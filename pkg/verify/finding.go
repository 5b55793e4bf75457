package verify

import (
	"fmt"
	"strings"

	"github.com/cespare/xxhash/v2"

	"github.com/otelsim/otelsim/internal/text"
)

// Finding is one thing that is wrong with a corpus: where, which rule it breaks
// and how. It is data; String is its form for people. What a stranger wrote is
// in it as it was written, up to maxFindingText bytes of it.
type Finding struct {
	Rule      string // one of Rules
	Signal    string // "traces", "metrics" or "logs"; empty: of none alone
	Segment   int64  // -1: of none
	Iteration int64  // -1: of none alone
	File      string // slash-separated; empty: of the segment as a whole
	Record    int    // in the file, from 0; -1: no certain record
	Trace     string // hex; empty: no certain trace
	Span      string // hex; empty: no certain span
	Service   string // service.name of the span or log record; empty: none is known
	Path      string // the field, such as options.start; empty: of none alone
	Text      string // what is wrong, in words
}

// String returns the finding on one line, from the large to the small, fit for
// a terminal.
func (f Finding) String() string {
	var b strings.Builder
	if f.File == "" {
		fmt.Fprintf(&b, "segment %d", f.Segment)
	}
	b.WriteString(text.Clean(f.File))
	if f.Record >= 0 {
		fmt.Fprintf(&b, ": record %d", f.Record)
	}
	if f.Trace != "" {
		b.WriteString(": trace " + text.Clean(f.Trace))
	}
	if f.Span != "" {
		b.WriteString(": span " + text.Clean(f.Span))
	}
	b.WriteString(": " + text.Clean(f.Text))
	return b.String()
}

// Group is everything that was found of one rule.
type Group struct {
	Rule     string
	Count    uint64    // of findings, examples or not
	Examples []Finding // the first ones
}

// problem is a finding as those say it who look at one record: which rule it
// breaks and how.
type problem struct {
	Rule, Text string
	// Once says that the same words about another record are the same problem:
	// those of a resource, which all of its records repeat.
	Once bool
}

const (
	// maxFindingText bounds the text of a finding, which can hold a value of any
	// length.
	maxFindingText = 1000
	// maxGroups bounds the rules that are told apart: there are fewer.
	maxGroups = 1000
	// maxOnce bounds the problems that are told once and remembered.
	maxOnce = 10_000
	// defaultExamples is how many findings of a rule are kept.
	defaultExamples = 3
)

// collection keeps findings by their rule. Its memory is bounded, however many
// there are.
type collection struct {
	most   int // examples of a rule
	groups []*Group
	byRule map[string]*Group
	told   map[uint64]bool // problems that are told once
	count  uint64
}

func newFindings(most int) *collection { return &collection{most: most} }

// group returns the group of a rule.
func (f *collection) group(rule string) *Group {
	if g, ok := f.byRule[rule]; ok {
		return g
	}
	if f.byRule == nil {
		f.byRule = make(map[string]*Group)
	}
	if len(f.groups) >= maxGroups {
		return f.groups[maxGroups-1]
	}
	g := &Group{Rule: rule}
	f.groups = append(f.groups, g)
	f.byRule[rule] = g
	return g
}

// take counts a finding of a rule and reports whether its text is wanted.
func (f *collection) take(rule string) bool {
	f.count++
	g := f.group(rule)
	g.Count++
	return len(g.Examples) < f.most
}

// more counts findings of a rule that has all its examples.
func (f *collection) more(rule string, n uint64) {
	f.count += n
	f.group(rule).Count += n
}

// keep adds a finding that take has counted.
func (f *collection) keep(x Finding) {
	x.Text, x.File, x.Service = clip(x.Text), clip(x.File), clip(x.Service)
	g := f.group(x.Rule)
	g.Examples = append(g.Examples, x)
}

func (f *collection) add(x Finding) {
	if f.take(x.Rule) {
		f.keep(x)
	}
}

// clip copies a text, at most maxFindingText bytes of it.
func clip(s string) string { return text.Clip(s, maxFindingText) }

// first reports whether a problem that is told once is new. Of those beyond the
// ones that are remembered none is: enough is told.
func (f *collection) first(rule, text string) bool {
	key := xxhash.Sum64String(rule + "\x00" + text)
	if f.told[key] || len(f.told) >= maxOnce {
		return false
	}
	if f.told == nil {
		f.told = make(map[uint64]bool)
	}
	f.told[key] = true
	return true
}

// join adds all of other.
func (f *collection) join(other *collection) {
	for _, g := range other.groups {
		to := f.group(g.Rule)
		to.Count += g.Count
		f.count += g.Count
		to.Examples = append(to.Examples, g.Examples[:min(len(g.Examples), max(0, f.most-len(to.Examples)))]...)
	}
}

// file adds a finding about a file as a whole.
func (f *collection) file(rule, name, format string, args ...any) {
	if f.take(rule) {
		f.keep(Finding{Rule: rule, File: name, Segment: -1, Iteration: -1, Record: -1, Text: fmt.Sprintf(format, args...)})
	}
}

// list returns the groups.
func (f *collection) list() []Group {
	groups := make([]Group, len(f.groups))
	for i, g := range f.groups {
		groups[i] = *g
	}
	return groups
}
