package distance

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/otelsim/otelsim/internal/findings"
	"github.com/otelsim/otelsim/internal/text"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// envelope is a result as JSON. Fields may be added, never renamed or removed.
type envelope struct {
	Verdict  string    `json:"verdict"`
	A        amount    `json:"a"`
	B        amount    `json:"b"`
	Notes    []string  `json:"notes,omitempty"`
	Measures []Measure `json:"measures"`
	Outliers []Outlier `json:"outliers"`
}

// amount is how much of a side there is.
type amount struct {
	Name       string `json:"name"`
	Traces     uint64 `json:"traces"`
	Spans      uint64 `json:"spans"`
	Points     uint64 `json:"points"`
	LogRecords uint64 `json:"log_records"`
	Sessions   uint64 `json:"sessions"`
}

func (s *Side) amount() amount {
	p := s.Profile
	return amount{text.Clean(s.Name), p.Traces.Count, p.Sizes[otlp.SignalTraces].Items, p.Sizes[otlp.SignalMetrics].Items,
		p.Sizes[otlp.SignalLogs].Items, p.Sessions.Count}
}

// Says says how much of a side there is, in words.
func (s *Side) Says() string {
	n := s.amount()
	said := []string{text.Counted(n.Traces, "trace"), text.Counted(n.Spans, "span")}
	if n.Points > 0 {
		said = append(said, text.Counted(n.Points, "point"))
	}
	if n.LogRecords > 0 {
		said = append(said, text.Counted(n.LogRecords, "log record"))
	}
	if n.Sessions > 0 {
		said = append(said, text.Counted(n.Sessions, "session"))
	}
	return strings.Join(said, ", ")
}

// WriteJSON writes the result as JSON. An error is that of w.
func (r *Result) WriteJSON(w io.Writer) error {
	e := envelope{Verdict: r.Verdict(), A: r.A.amount(), B: r.B.amount()}
	for _, n := range r.Notes {
		e.Notes = append(e.Notes, text.Clean(n))
	}
	for _, m := range r.Measures {
		list := make([]Worst, 0, len(m.Worst))
		for _, x := range m.Worst {
			list = append(list, Worst{text.Clean(x.What), x.Value, x.N})
		}
		m.Worst = list
		e.Measures = append(e.Measures, m)
	}
	e.Outliers = make([]Outlier, 0, len(r.Outliers))
	for _, o := range r.Outliers[:min(len(r.Outliers), maxOutliers)] {
		o.What = text.Clean(o.What)
		e.Outliers = append(e.Outliers, o)
	}
	return findings.WriteJSON(w, e)
}

// number writes a distance with 4 decimals at most.
func number(v float64) string {
	s := strings.TrimRight(strconv.FormatFloat(v, 'f', 4, 64), "0")
	return strings.TrimSuffix(s, ".")
}

// column writes a distance for a column.
func column(v float64) string { return strconv.FormatFloat(v, 'f', 4, 64) }

const (
	// maxTold is how many parts of a measure that is apart the text has, and maxWide how
	// long the name of one may be, in bytes.
	maxTold = 3
	maxWide = 100
	// maxOutliers is how many outliers JSON has.
	maxOutliers = 1000
	// maxListed is how many of them the text has.
	maxListed = 10
)

// WriteText writes the result for people: the verdict, then each measure beside its
// baseline and limit, by group, with the parts that add most to those that are apart. An
// error is that of w.
func (r *Result) WriteText(w io.Writer) error {
	var b strings.Builder
	line := func(format string, args ...any) { b.WriteString(text.Clean(fmt.Sprintf(format, args...)) + "\n") }
	line("A is %s: %s", r.A.Name, r.A.Says())
	line("B is %s: %s", r.B.Name, r.B.Says())
	for _, n := range r.Notes {
		line("note: %s", n)
	}
	group := ""
	var none []string
	for i := range r.Measures {
		m := &r.Measures[i]
		if m.N == 0 {
			none = append(none, m.Name)
			continue
		}
		if m.Group != group {
			group = m.Group
			b.WriteString("\n")
			line("  %-28s %8s %8s %8s", group, "value", "baseline", "limit")
		}
		baseline, mark := "-", ""
		if m.Baseline != nil {
			baseline = column(*m.Baseline)
		}
		if m.Apart {
			mark = "  apart"
		}
		line("  %-28s %8s %8s %8s%s", m.Name, column(m.Value), baseline, column(m.Limit), mark)
		for k := 0; m.Apart && k < min(len(m.Worst), maxTold); k++ {
			x := &m.Worst[k]
			line("      %-8s %s, %s", column(x.Value), text.Line(x.What, maxWide), text.Grouped(x.N))
		}
	}
	b.WriteString("\n")
	if len(none) > 0 {
		line("nothing to compare: %s", strings.Join(none, ", "))
	}
	r.listOutliers(line)
	line("%s: %s", r.Verdict(), r.Says())
	_, err := io.WriteString(w, b.String())
	return err
}

// listOutliers tells of the parts that are far apart by themselves.
func (r *Result) listOutliers(line func(string, ...any)) {
	if len(r.Outliers) == 0 {
		return
	}
	line("far apart by themselves, however little they add to a measure:")
	for i := range r.Outliers[:min(len(r.Outliers), maxListed)] {
		o := &r.Outliers[i]
		line("  %s %-22s %s, %s", column(o.Value), o.Measure, text.Line(o.What, maxWide), text.Grouped(o.N))
	}
	if more := len(r.Outliers) - maxListed; more > 0 {
		line("  and %s more", text.Grouped(more))
	}
	line("")
}

// Says says how many measures are over their limit.
func (r *Result) Says() string {
	apart, all := 0, 0
	for i := range r.Measures {
		if r.Measures[i].N > 0 {
			all++
		}
		if r.Measures[i].Apart {
			apart++
		}
	}
	if apart == 0 {
		return fmt.Sprintf("each of %s is within its limit", text.Counted(all, "measure"))
	}
	return fmt.Sprintf("%d of %s over the limit", apart, text.Counted(all, "measure"))
}
