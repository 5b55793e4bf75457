package page

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/otelsim/otelsim/internal/findings"
	"github.com/otelsim/otelsim/internal/text"
	"github.com/otelsim/otelsim/pkg/match/judge"
)

// kind is all findings of one kind.
type kind struct {
	Class, Name string
	Count       uint64
	Findings    []finding
}

// finding is one finding as it is shown.
type finding struct {
	*judge.Finding
	Open     bool
	Facts    []Setting
	Places   []bars
	Examples []example
}

// example is one case.
type example struct {
	Where, Message string
	Values         bool // there is a before or an after
	Before, After  value
}

// value is a value with the part in which it differs from the other.
type value struct {
	None               bool
	Head, Middle, Tail string
}

const (
	// maxFindings bounds what is shown of a result, and with it the page.
	maxFindings = 300
	// maxOpen is how many findings show their examples without a click.
	maxOpen = 6
)

// nameOf returns the class of a kind in the style sheet, and its name for people.
func nameOf(k string) (class, name string) {
	switch k {
	case judge.KindLost:
		return "lost", "lost"
	case judge.KindUnknown:
		return "unknown", "perhaps lost: absent, and the sender got no answer"
	case judge.KindDuplicated:
		return "doubled", "duplicated"
	case judge.KindAltered:
		return "altered", "altered"
	case judge.KindMadeUp:
		return "madeup", "made up: received and never sent"
	case judge.KindMoved:
		return "moved", "moved to another resource or scope"
	case judge.KindSplit:
		return "order", "split traces"
	case judge.KindReordered, judge.KindLate:
		return "order", k
	}
	return "other", strings.ReplaceAll(text.Clean(k), "_", " ")
}

// kinds groups findings by their kind, in their order, and returns how many were
// too many to be shown.
func kinds(list []judge.Finding) (all []kind, left uint64) {
	at := make(map[string]int)
	shown := 0
	for i := range list {
		f := &list[i]
		k, ok := at[f.Kind]
		if !ok {
			k = len(all)
			at[f.Kind] = k
			class, name := nameOf(f.Kind)
			all = append(all, kind{Class: class, Name: name})
		}
		all[k].Count += f.Count
		if shown == maxFindings {
			left++
			continue
		}
		shown++
		all[k].Findings = append(all[k].Findings, show(f, shown <= maxOpen))
	}
	return all, left
}

// show works out what is shown of a finding.
func show(f *judge.Finding, open bool) finding {
	out := finding{Finding: f, Open: open}
	fact := func(name, value string) {
		if value != "" {
			out.Facts = append(out.Facts, Setting{name, value})
		}
	}
	fact("signal", f.Signal)
	fact("field", f.Field)
	fact("change", string(f.Change))
	fact("rule", f.Rule)
	fact("at", f.RuleAt)
	fact("from", when(f.First))
	fact("to", when(f.Last))
	for _, s := range []struct {
		title  string
		shares []judge.Share
	}{{"By service", f.Services}, {"By scenario", f.Scenarios}} {
		counts := make(map[string]uint64)
		add(counts, s.shares)
		if len(counts) > 1 || len(counts) == 1 && counts[""] == 0 {
			out.Places = append(out.Places, barsOf(s.title, counts))
		}
	}
	for _, e := range f.Examples {
		x := example{Where: where(&e.Where), Message: e.Message, Values: e.Before != "" || e.After != ""}
		x.Before, x.After = apart(e.Before, e.After)
		x.Before.None = e.Before == "" && (f.Change == judge.Added || f.Change == "")
		x.After.None = e.After == "" && (f.Change == judge.Removed || f.Change == "")
		out.Examples = append(out.Examples, x)
	}
	return out
}

func when(t *time.Time) string {
	if t == nil {
		return ""
	}
	return t.UTC().Format(instant + ".000")
}

// where says where an example is, from the large to the small.
func where(w *findings.Where) string {
	var parts []string
	number := func(name string, n *uint64) {
		if n != nil {
			parts = append(parts, fmt.Sprintf("%s %d", name, *n))
		}
	}
	word := func(name, s string) {
		if s != "" {
			parts = append(parts, name+s)
		}
	}
	word("", w.File)
	number("lap", w.Lap)
	number("segment", w.Segment)
	number("record", w.Record)
	number("iteration", w.Iteration)
	word("scenario ", w.Scenario)
	word("service ", w.Service)
	word("trace ", w.TraceID)
	word("span ", w.SpanID)
	word("", w.Path)
	return strings.Join(parts, ", ")
}

// apart cuts two values into what they begin and end with in common and what is
// between. Foreign characters are cleaned first: what differs stays to be seen.
func apart(before, after string) (a, b value) {
	if before == "" || after == "" {
		return value{None: before == "", Head: text.Clean(before)}, value{None: after == "", Head: text.Clean(after)}
	}
	before, after = text.Clean(before), text.Clean(after)
	head := 0
	for head < len(before) && head < len(after) && before[head] == after[head] {
		head++
	}
	for head > 0 && !(boundary(before, head) && boundary(after, head)) {
		head--
	}
	tail := 0
	for tail < len(before)-head && tail < len(after)-head && before[len(before)-1-tail] == after[len(after)-1-tail] {
		tail++
	}
	for tail > 0 && !(boundary(before, len(before)-tail) && boundary(after, len(after)-tail)) {
		tail--
	}
	cut := func(s string) value {
		return value{Head: s[:head], Middle: s[head : len(s)-tail], Tail: s[len(s)-tail:]}
	}
	return cut(before), cut(after)
}

// boundary reports whether a character begins or the text ends at i.
func boundary(s string, i int) bool { return i >= len(s) || utf8.RuneStart(s[i]) }
