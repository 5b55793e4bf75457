package judge

import (
	"fmt"
	"io"
	"strings"

	"github.com/otelsim/otelsim/internal/findings"
	"github.com/otelsim/otelsim/internal/text"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// maxTold is how many findings of a kind the text tells.
const maxTold = 20

// WriteText writes the result for people: a line when all is as expected, and
// otherwise the counts and what was found, by kind.
func (r *Result) WriteText(w io.Writer) error {
	var b strings.Builder
	word := map[Verdict]string{AsExpected: "as expected", Found: "not as expected", Undecided: "undecided"}[r.Verdict]
	fmt.Fprintf(&b, "%s: %s\n", word, r.amounts())
	for _, why := range r.Undecided {
		fmt.Fprintf(&b, "  %s\n", text.Clean(why))
	}
	for _, note := range r.Notes {
		fmt.Fprintf(&b, "  note: %s\n", text.Clean(note))
	}
	if d := r.Delays; d != nil {
		fmt.Fprintf(&b, "  delay: 50 %% within %v, 99 %% within %v, at most %v\n", text.Fine(d.P50), text.Fine(d.P99), text.Fine(d.Max))
	}
	if !r.nothing() {
		r.table(&b)
		r.tell(&b)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// nothing reports whether it cannot be said what became of anything, since nothing of
// what was sent is there: that all of it is missing is no finding then.
func (r *Result) nothing() bool {
	return r.Verdict == Undecided && r.Totals.Lost+r.Totals.LostUnknown+r.Totals.Refused >= r.Sent.Sum()
}

// amounts says how much was sent and received.
func (r *Result) amounts() string {
	if r.Sent == r.Received && r.Sent == (Counts{}) {
		return "nothing was compared"
	}
	if r.Sent == r.Received {
		return r.Sent.String() + " sent and received"
	}
	return r.Sent.String() + " sent, " + r.Received.String() + " received"
}

// String returns the counts that are not 0 in words, "nothing" when all are.
func (c Counts) String() string {
	var parts []string
	for sig := range otlp.Signal(otlp.NumSignals) {
		if n := c.Of(sig); n > 0 {
			parts = append(parts, noun(sig, n))
		}
	}
	switch n := len(parts); n {
	case 0:
		return "nothing"
	case 1:
		return parts[0]
	default:
		return strings.Join(parts[:n-1], ", ") + " and " + parts[n-1]
	}
}

// column is a class of the table.
type column struct {
	name string
	of   func(*Totals) uint64
}

var columns = []column{
	{"lost", func(t *Totals) uint64 { return t.Lost }},
	{"unknown", func(t *Totals) uint64 { return t.LostUnknown }},
	{"refused", func(t *Totals) uint64 { return t.Refused }},
	{"duplicated", func(t *Totals) uint64 { return t.Duplicated }},
	{"altered", func(t *Totals) uint64 { return t.Altered }},
	{"made up", func(t *Totals) uint64 { return t.MadeUp }},
	{"moved", func(t *Totals) uint64 { return t.Moved }},
	{"reordered", func(t *Totals) uint64 { return t.Reordered }},
	{"late", func(t *Totals) uint64 {
		if t.Late == nil {
			return 0
		}
		return *t.Late
	}},
	{"split traces", func(t *Totals) uint64 { return t.SplitTraces }},
	{"incomplete traces", func(t *Totals) uint64 { return t.IncompleteTraces }},
}

// table prints the counts by signal, those classes of which there is something, if
// there is more to say than that all arrived.
func (r *Result) table(b *strings.Builder) {
	var used []column
	for _, c := range columns {
		if c.of(&r.Totals) > 0 {
			used = append(used, c)
		}
	}
	if len(used) == 0 && r.Sent == r.Received {
		return
	}
	fmt.Fprintf(b, "\n%-10s%14s%14s", "", "sent", "received")
	for _, c := range used {
		fmt.Fprintf(b, "  %*s", max(len(c.name), 10), c.name)
	}
	b.WriteString("\n")
	for sig := range otlp.Signal(otlp.NumSignals) {
		t, ok := r.BySignal[sig.String()]
		if !ok {
			continue
		}
		fmt.Fprintf(b, "%-10s%14s%14s", sig, text.Grouped(r.Sent.Of(sig)), text.Grouped(r.Received.Of(sig)))
		for _, c := range used {
			fmt.Fprintf(b, "  %*s", max(len(c.name), 10), text.Grouped(c.of(&t)))
		}
		b.WriteString("\n")
	}
}

// tell prints the findings.
func (r *Result) tell(b *strings.Builder) {
	told := make(map[string]int)
	for i := range r.Findings {
		f := &r.Findings[i]
		if told[f.Kind]++; told[f.Kind] > maxTold {
			continue
		}
		r.finding(b, f)
	}
	for _, kind := range append(kinds[:len(kinds):len(kinds)], others(r.Findings)...) {
		if more := told[kind] - maxTold; more > 0 {
			fmt.Fprintf(b, "\nand %s more of the kind %s: --report json has them\n", text.Counted(more, "finding"), text.Clean(kind))
		}
	}
}

// others returns the kinds that rules named, each once.
func others(list []Finding) (names []string) {
	for i := range list {
		if k := list[i].Kind; rank(k) == len(kinds) && (len(names) == 0 || names[len(names)-1] != k) {
			names = append(names, k)
		}
	}
	return names
}

// finding prints one finding.
func (r *Result) finding(b *strings.Builder, f *Finding) {
	fmt.Fprintf(b, "\n%s: %s\n", text.Clean(f.title()), text.Clean(f.Message))
	if f.RuleAt != "" {
		fmt.Fprintf(b, "  rule: %s at %s\n", text.Clean(f.Rule), text.Clean(f.RuleAt))
	}
	if f.Kind == KindLost && r.Losses != nil {
		fmt.Fprintf(b, "  when: %s\n", text.Clean(r.Losses.Summary))
	}
	shares(b, "services", f.Services)
	shares(b, "scenarios", f.Scenarios)
	for _, e := range f.Examples {
		fmt.Fprintf(b, "  %s\n", example(f, e))
	}
	if more := f.Count - min(f.Count, uint64(len(f.Examples))); more > 0 && len(f.Examples) > 0 {
		fmt.Fprintf(b, "  and %s more\n", text.Grouped(more))
	}
}

// Violates reports whether the finding is one, and not for people to know only.
func (f *Finding) Violates() bool { return f.Level != findings.Information }

// title returns the kind of a finding in words, with its level where it is for
// people to know.
func (f *Finding) title() string {
	kind := strings.ReplaceAll(f.Kind, "_", " ")
	if !f.Violates() {
		return kind + " (no finding)"
	}
	return kind
}

// shares prints in which services or scenarios something was found, where that
// says more than that it was everywhere alike.
func shares(b *strings.Builder, what string, list []Share) {
	if len(list) == 0 {
		return
	}
	parts := make([]string, len(list))
	for i, s := range list {
		name := text.Line(s.Name, 60)
		if s.Name == "" {
			name = "others"
		}
		parts[i] = name + " " + text.Grouped(s.Count)
	}
	fmt.Fprintf(b, "  %s: %s\n", what, strings.Join(parts, ", "))
}

// example returns an example on one line, fit for a terminal.
func example(f *Finding, e findings.Example) string {
	var parts []string
	add := func(format string, args ...any) { parts = append(parts, fmt.Sprintf(format, args...)) }
	w := &e.Where
	if w.File != "" {
		add("%s", text.Clean(w.File))
	}
	for _, n := range []struct {
		name string
		of   *uint64
	}{{"lap", w.Lap}, {"segment", w.Segment}, {"record", w.Record}, {"iteration", w.Iteration}} {
		if n.of != nil && (n.name != "record" || w.Iteration == nil) {
			add("%s %d", n.name, *n.of)
		}
	}
	for _, s := range []string{w.Scenario, w.Service} {
		if s != "" {
			add("%s", text.Line(s, 60))
		}
	}
	if w.TraceID != "" {
		add("trace %s", text.Clean(w.TraceID))
	}
	if w.SpanID != "" {
		add("span %s", text.Clean(w.SpanID))
	}
	line := strings.Join(parts, ", ")
	if e.Message != "" {
		line += ": " + text.Clean(e.Message)
	}
	return line + values(f, e)
}

// values returns what a field was and what it became.
func values(f *Finding, e findings.Example) string {
	if f.Change == "" && f.Kind != KindMoved || f.Change == Missing {
		return ""
	}
	part := func(s string, there bool) string {
		if !there {
			return "nothing"
		}
		return text.QuotedLine(s, maxText)
	}
	path := ""
	if e.Where.Path != f.Field {
		path = text.Clean(e.Where.Path) + " "
	}
	return fmt.Sprintf(": %s%s -> %s", path, part(e.Before, f.Change != Added), part(e.After, f.Change != Removed))
}
