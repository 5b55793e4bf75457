package stats

import (
	"fmt"
	"strings"

	"github.com/otelsim/otelsim/internal/text"
)

// services tells who is there.
func (t *printer) services() {
	if len(t.Services) == 0 {
		return
	}
	t.head("Services: %s", text.Grouped(len(t.Services)))
	all := table{heads: []string{"service", "instances", "operations", "spans", "points", "logs", "entered", "errors", "own time"}}
	for _, s := range t.Services[:t.first(len(t.Services))] {
		all.row(s.Name, text.Grouped(s.Instances), text.Grouped(s.Operations), text.Grouped(s.Spans), text.Grouped(s.Points),
			text.Grouped(s.LogRecords), text.Grouped(s.Entered), percent(s.ErrorRate), percent(s.OwnShare))
	}
	all.write(&t.Builder)
	t.more(len(t.Services))
}

// graph tells who calls whom, as a tree: what stands in it already is named once more
// without what is below.
func (t *printer) graph() {
	if len(t.Edges) == 0 {
		return
	}
	rows := t.Tree()
	t.head("Calls between services: %s", text.Grouped(len(t.Edges)))
	all := table{heads: []string{"service", "calls", "errors", "parallel", "not waited for"}}
	n := len(rows)
	if t.top > 0 {
		n = min(n, 3*t.top) // a tree that is cut early says little
	}
	for _, x := range rows[:n] {
		name := strings.Repeat("  ", x.Depth) + x.Name
		switch {
		case x.Again:
			name += " (above)"
		case x.Address:
			name = strings.Repeat("  ", x.Depth) + "[" + x.Name + "]"
		}
		if x.Edge == nil {
			all.row(name, "", "", "", "")
			continue
		}
		e := x.Edge
		all.row(name, text.Grouped(e.Calls), percent(e.ErrorRate), some(e.Parallel, e.Calls), some(e.Async, e.Calls))
	}
	all.write(&t.Builder)
	if rest := len(rows) - n; rest > 0 {
		fmt.Fprintf(t, "  and %s more\n", text.Grouped(rest))
	}
}

// some writes a part of a whole, and nothing where there is none.
func some(part, whole uint64) string {
	if part == 0 {
		return ""
	}
	return percent(share(part, whole))
}

// operations tells the most frequent operations and, where these are not all, the
// slowest.
func (t *printer) operations() {
	n := t.first(len(t.Operations))
	if n == 0 {
		return
	}
	list := func(ops []Operation) {
		all := table{heads: []string{"operation", "spans", "/s", "errors", "p50", "p95", "p99", "own"}, middle: true}
		for _, o := range ops {
			all.row(fmt.Sprintf("%s: %s%s", o.Service, o.Name, briefly(o.Kind)), text.Grouped(o.Spans), number(o.PerSecond), percent(o.ErrorRate),
				duration(o.Duration.P50), duration(o.Duration.P95), duration(o.Duration.P99), percent(o.OwnShare))
		}
		all.write(&t.Builder)
		t.more(len(t.Operations))
	}
	if n == len(t.Operations) {
		t.head("Operations: %s", text.Grouped(n))
		list(t.Operations)
		return
	}
	t.head("Operations: %s, the most frequent", text.Grouped(len(t.Operations)))
	list(t.Operations[:n])
	t.head("Operations: the slowest, by p99")
	list(t.Slowest()[:n])
}

// briefly writes a kind behind a name.
func briefly(kind string) string {
	if kind == "internal" {
		return ""
	}
	return " (" + kind + ")"
}

// shapes tells the shapes of traces, each in lines below its numbers.
func (t *printer) shapes() {
	if len(t.Shapes) == 0 {
		return
	}
	t.head("Shapes of traces: %s", text.Grouped(len(t.Shapes)))
	n := t.first(len(t.Shapes))
	for _, s := range t.Shapes[:n] {
		fmt.Fprintf(t, "  %s (%s), spans %s, p50 %s, p99 %s\n", text.Counted(s.Traces, "trace"), percent(s.Share), number(s.Spans),
			duration(s.Duration.P50), duration(s.Duration.P99))
		for _, line := range wrap(s.Text, width-4, 3) {
			fmt.Fprintf(t, "    %s\n", line)
		}
	}
	t.more(len(t.Shapes))
}

// failures tells where errors begin.
func (t *printer) failures() {
	begin := t.Begin()
	if len(begin) == 0 {
		return
	}
	t.head("Where errors begin:")
	all := table{heads: []string{"operation", "<error", "spans", "began here", "of all"}, middle: true}
	n := t.first(len(begin))
	for _, f := range begin[:n] {
		all.row(fmt.Sprintf("%s: %s%s", f.Service, f.Name, briefly(f.Kind)), cut(f.Outcome, 32), text.Grouped(f.Spans), text.Grouped(f.Began), percent(f.Share))
	}
	all.write(&t.Builder)
	t.more(len(begin))
}

// Begin returns the failures of which some began where they are: the others follow from
// failures below them.
func (r *Report) Begin() []Failure {
	n := len(r.Failures)
	for n > 0 && r.Failures[n-1].Began == 0 {
		n--
	}
	return r.Failures[:n]
}

// attributes tells how many values keys have.
func (t *printer) attributes() {
	if len(t.Attributes) == 0 {
		return
	}
	t.head("Attributes: %s, by their different values (! many for what they are on)", text.Grouped(len(t.Attributes)))
	all := table{heads: []string{"key", "<on", "values", "<", "present", "<kind", "<same in"}}
	n := t.first(len(t.Attributes))
	for _, a := range t.Attributes[:n] {
		mark := ""
		if a.High {
			mark = "!"
		}
		all.row(a.Key, a.On, a.Many(), mark, percent(a.Share), strings.Join(a.Kinds, ", "), a.Same())
	}
	all.write(&t.Builder)
	t.more(len(t.Attributes))
}

// Many writes the number of different values, with "~" where it is an estimate.
func (a *Attribute) Many() string {
	if a.Exact {
		return text.Grouped(a.Distinct)
	}
	return "~" + text.Grouped(a.Distinct)
}

// Same says within what nearly all values of a key are the same: a trace, or a session.
func (a *Attribute) Same() string {
	const nearly = 0.99
	switch {
	case a.Distinct < 2:
		return ""
	case a.SameInSession != nil && *a.SameInSession >= nearly:
		return "session"
	case a.SameInTrace != nil && *a.SameInTrace >= nearly:
		return "trace"
	}
	return ""
}

// metrics tells metrics with what makes their series.
func (t *printer) metrics() {
	if len(t.Metrics) == 0 {
		return
	}
	series := uint64(0)
	for _, m := range t.Metrics {
		series += m.Series
	}
	t.head("Metrics: %s, with %s series", text.Grouped(len(t.Metrics)), text.Grouped(series))
	all := table{heads: []string{"metric", "<type", "series", "points", "<by (different values)"}, middle: true}
	n := t.first(len(t.Metrics))
	for _, m := range t.Metrics[:n] {
		all.row(m.Service+": "+m.Name, m.Type, text.Grouped(m.Series), text.Grouped(m.Points), cut(m.By(), 30))
	}
	all.write(&t.Builder)
	t.more(len(t.Metrics))
}

// By names the keys with more than one value, those with most first.
func (m *Metric) By() string {
	var parts []string
	for _, d := range m.Attributes {
		if d.Distinct > 1 {
			parts = append(parts, fmt.Sprintf("%s %s", d.Key, text.Grouped(d.Distinct)))
		}
	}
	return strings.Join(parts, ", ")
}

// logs tells log records by severity and form.
func (t *printer) logs() {
	if len(t.Logs) == 0 {
		return
	}
	t.head("Log records: %s of %s", text.Grouped(t.Sizes["logs"].Items), text.Counted(len(t.Logs), "form"))
	fmt.Fprintf(t, "  %s\n", strings.Join(t.severities(), ", "))
	all := table{heads: []string{"form", "<severity", "records", "share", "traces", "<service"}}
	n := t.first(len(t.Logs))
	for _, l := range t.Logs[:n] {
		all.row(l.Form(), l.Severity, text.Grouped(l.Records), percent(l.Share), text.Grouped(l.Traces), cut(l.Service, 24))
	}
	all.write(&t.Builder)
	t.more(len(t.Logs))
}

// severities tells how many records there are of each severity.
func (t *printer) severities() (parts []string) {
	for i := 0; i < len(t.Logs); {
		first, n := &t.Logs[i], uint64(0)
		for ; i < len(t.Logs) && t.Logs[i].Number == first.Number; i++ {
			n += t.Logs[i].Records
		}
		parts = append(parts, first.Severity+" "+text.Grouped(n))
	}
	return parts
}

// Form writes the event and the body.
func (l *Log) Form() string {
	switch {
	case l.Event == "":
		return l.Body
	case l.Body == "":
		return l.Event
	}
	return l.Event + ": " + l.Body
}
