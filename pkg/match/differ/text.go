package differ

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/otelsim/otelsim/internal/text"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/show"
)

// maxShown is how many groups a text has.
const maxShown = 40

// WriteText writes the result for people: what the two are made from where that
// differs, counts by signal, then what differs, three examples of each. An error
// is that of w.
func (r *Result) WriteText(w io.Writer) error {
	var b strings.Builder
	line := func(format string, args ...any) { b.WriteString(text.Clean(fmt.Sprintf(format, args...)) + "\n") }
	line("A is %s", r.A)
	line("B is %s", r.B)
	for i := range r.Headers {
		line("%s", r.Headers[i].tell())
	}
	for _, n := range r.Notes {
		line("note: %s", n)
	}
	for _, sig := range r.Signals {
		line("%-8s %s", sig, r.counts(sig))
	}
	for i := range r.Groups[:min(len(r.Groups), maxShown)] {
		g := &r.Groups[i]
		b.WriteString("\n")
		line("%s: %s", g.title(), g.becomes())
		for k := range g.Examples {
			line("  %s", g.Examples[k].line())
		}
		if more := g.Units - uint64(len(g.Examples)); more > 0 {
			line("  and %s more", text.Grouped(more))
		}
	}
	if more := len(r.Groups) - maxShown; more > 0 {
		b.WriteString("\n")
		line("and %s more ways to differ, which --report json has", text.Grouped(more))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// counts says how much there is of a signal, and how much of that differs.
func (r *Result) counts(sig otlp.Signal) string {
	n, t := r.Items[sig], &r.Totals[sig]
	s := fmt.Sprintf("%s in A, %s in B: ", text.Counted(n[0], sig.Item()), text.Grouped(n[1]))
	var parts []string
	for _, k := range []Kind{Changed, OnlyA, OnlyB} {
		if t[k] > 0 {
			parts = append(parts, text.Grouped(t[k])+" "+k.Words(r.Unread))
		}
	}
	if parts == nil {
		return s + "equal"
	}
	return s + strings.Join(parts, ", ")
}

// Words says what became of items: of files as a whole, or of single ones.
func (k Kind) Words(files bool) string {
	switch {
	case k == OnlyA:
		return "only in A"
	case k == OnlyB:
		return "only in B"
	case files:
		return "in files that differ"
	}
	return "changed"
}

// title names what a group is about.
func (g *Group) title() string {
	var parts []string
	if g.Scenario != "" {
		parts = append(parts, g.Scenario)
	}
	switch {
	case g.Path == scenarioPath:
		return strings.Join(append(parts, "another scenario ran"), ": ")
	case g.Whole && g.Examples[0].Segment != nil:
		parts = append(parts, "segments")
	case g.Whole:
		parts = append(parts, "whole traces")
	case g.Name != "":
		parts = append(parts, g.Name)
	case !shared(g.Path):
		parts = append(parts, "without a name")
	}
	if g.Path != "" {
		parts = append(parts, g.Path)
	}
	return strings.Join(parts, ": ")
}

// becomes says how the group differs.
func (g *Group) becomes() string {
	return text.Counted(g.Count, g.Signal.Item()) + " " + g.Kind.Words(g.Whole)
}

// line says where an example is, from the large to the small, and what became of
// it.
func (e *Example) line() string {
	var parts []string
	switch {
	case e.Segment != nil:
		parts = append(parts, fmt.Sprintf("segment %d", *e.Segment))
	case e.Iteration != nil:
		parts = append(parts, fmt.Sprintf("iteration %d, turn %d", *e.Iteration, e.Turn+1))
	}
	if e.Trace != "" {
		parts = append(parts, "trace "+e.Trace)
	} else if e.Service != "" {
		parts = append(parts, "service "+e.Service)
	}
	s := e.Place
	if len(parts) > 0 {
		s = strings.Join(parts, ", ") + ": " + s
	}
	if e.Path != "" {
		s += ", " + e.Path
	}
	if e.Before != "" || e.After != "" {
		s += ": " + shown(e.Before) + " -> " + shown(e.After) + e.moved()
	}
	return s
}

// moved says by how much a time was moved, "" for what is none.
func (e *Example) moved() string {
	before, errA := strconv.ParseUint(e.Before, 10, 64)
	after, errB := strconv.ParseUint(e.After, 10, 64)
	switch {
	case !isTime(e.Path) || errA != nil || errB != nil:
		return ""
	case after > before:
		return " (+" + show.Duration(before, after) + ")"
	}
	return " (" + show.Duration(before, after) + ")"
}
