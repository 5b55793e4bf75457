package learn

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/otelsim/otelsim/internal/text"
	"github.com/otelsim/otelsim/pkg/profile"
)

// source says from how much the scenario was learnt.
func (w *writer) source() string { return amountOf(w.g.p) }

// amountOf says how much there is to learn from.
func amountOf(p *profile.Profile) string {
	spans := uint64(0)
	for _, c := range p.Classes { // order-free: a sum
		spans += c.Spans
	}
	out := text.Counted(p.Traces.Count, "trace") + ", " + text.Counted(spans+p.Left.Spans, "span")
	if p.Sessions.Count > 0 {
		out += ", " + text.Counted(p.Sessions.Count, "session")
	}
	return out
}

// report says what was learnt from how much, what is left out, and what nobody promises.
func (w *writer) report(parts []*writer) string {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	p := w.g.p
	line("# What was learnt\n")
	line("From %s", amountOf(w.whole))
	if p.Last > p.First {
		line("over %v.", time.Duration(p.Last-p.First).Round(time.Millisecond))
	}
	for _, x := range parts {
		line("From %v to %v it was another system: that is in %s.yaml, from %s.", x.offset(x.period.From), x.offset(x.period.To), x.name(), x.source())
	}
	line("Something is said when at least %d traces have it.", w.g.k)
	if simpler := w.simpler(); simpler != "" {
		line("More could not be loaded, such as traces that might have too many spans: %s.", simpler)
	}
	line("")
	line("| service | operations | spans |\n|---|---|---|")
	for _, s := range w.services {
		spans := uint64(0)
		for _, op := range s.operations {
			spans += op.path.spans
		}
		line("| %s | %d | %d |", cell(s.name), len(s.operations), spans)
	}
	w.reportLeft(line)
	line("\n## What nobody promises\n")
	line("- Counts and quantiles are those of the capture: no differential privacy is claimed.")
	line("- Names of services and operations are in the files unless they were renamed. Read the files before they leave the house.")
	line("- What is rare, what depends on more than the operation, the outcome and what is called, and what is between traces of different sessions is not learnt.")
	return b.String()
}

// cell is a name in a table, where it means nothing else.
func cell(name string) string {
	return strings.NewReplacer("|", `\|`, "<", "&lt;", "&", "&amp;").Replace(text.Clean(name))
}

// simpler says what is said more simply than it was, by the level; "": nothing is.
func (w *writer) simpler() string {
	if w.level == 0 {
		return ""
	}
	out := fmt.Sprintf("it is said on level %d of %d of simplicity; what stands in several places is written once, requests of sessions are in no order", w.level, Levels-1)
	switch {
	case w.level == Levels-1:
		return out + ", and no operation calls another one"
	case w.level == 1:
		return out + ", and of how often something is called the greatest tenth is taken for less"
	}
	return out + ", and each thing is called as often as on the mean"
}

// reportLeft says what is not in the files, with how much it is.
func (w *writer) reportLeft(line func(format string, args ...any)) {
	l, p := &w.g.left, w.g.p
	line("\n## What is left out\n")
	none := true
	tell := func(n uint64, format string, args ...any) {
		if n > 0 {
			none = false
			line("- "+format, args...)
		}
	}
	tell(l.classes, "%s of %s that too few traces have: what asks for them asks for what differs in the outcome alone, or for nothing.",
		text.Counted(l.spans, "span"), kinds(l.classes))
	tell(l.planSpans, "%s do what too few traces do (%s of calls): they do what is nearest to it.", text.Counted(l.planSpans, "span"), kinds(l.plans))
	tell(l.edgeSpans, "%s call what too few traces call from there: they do not.", text.Counted(l.edgeSpans, "span"))
	tell(l.otherSpans, "%s do what too few traces do, and there is much of that: each call is there or not, whatever else is.", text.Counted(l.otherSpans, "span"))
	tell(l.cutSpans, "%s come to call the operation that they are within: that is cut.", text.Counted(l.cutSpans, "span"))
	tell(p.Left.Spans, "%s of operations beyond the number that a profile holds.", text.Counted(p.Left.Spans, "span"))
	for _, left := range p.Faults.LeftOut() {
		tell(1, "%s.", left)
	}
	tell(p.Faults.Huge, "%s with more spans than a profile holds: the rest of each.", text.Counted(p.Faults.Huge, "trace"))
	tell(p.Faults.Orphans, "%s whose parent is not there: each begins a trace.", text.Counted(p.Faults.Orphans, "span"))
	tell(l.roots, "%s that begin a trace, as too few like them do: they are called, or not there.", text.Counted(l.roots, "span"))
	torn := w.torn()
	tell(torn, "%s with several spans without a parent: each of these begins a trace.", text.Counted(torn, "trace"))
	logs := uint64(0)
	for _, t := range p.Logs { // order-free: a sum
		if t.Traces == 0 {
			logs += t.Records
		}
	}
	tell(logs, "%s of no trace.", text.Counted(logs, "log record"))
	points := uint64(0)
	for _, m := range p.Metrics { // order-free: a sum
		points += m.Points
	}
	tell(points, "%s of %s: their values are made where they follow from spans or from what a process is, and else are near the mean.", text.Counted(points, "point"), text.Counted(uint64(len(p.Metrics)), "metric"))
	unreached := uint64(0)
	for _, at := range w.g.order {
		if !w.reached[at] {
			unreached += at.spans
		}
	}
	tell(unreached, "%s that no trace comes to in what is kept.", text.Counted(unreached, "span"))
	for _, key := range slices.Sorted(maps.Keys(w.leftKeys)) {
		name, ok := w.policy.Key(key, math.MaxUint64)
		if !ok {
			name = "(a key that may not be named)"
		}
		l := w.leftKeys[key]
		tell(max(l.n, 1), "attribute %s, %s: %s.", text.Clean(name), text.Counted(l.n, "value"), cmp.Or(l.reason, "no value can be said"))
	}
	if none {
		line("Nothing.")
	}
}

// torn returns how many traces have several roots.
func (w *writer) torn() (n uint64) {
	w.g.p.Traces.Roots.Each(func(low, _ float64, count uint64) {
		if low > 1 {
			n += count
		}
	})
	return n
}

// kinds counts kinds of something.
func kinds(n uint64) string { return text.Counted(n, "kind") }
