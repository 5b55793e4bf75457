package stats

import (
	"fmt"
	"io"
	"math"
	"strings"
	"time"

	"github.com/otelsim/otelsim/internal/text"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/internal/chart"
	"github.com/otelsim/otelsim/pkg/profile/intake"
)

// Top is how many entries of a list the text tells unless it is asked for more.
const Top = 10

// WriteText writes the report for people, in lines of at most 100 columns, and of each
// list as many entries as top says; 0 means all.
func (r *Report) WriteText(w io.Writer, top int) error {
	t := printer{Report: r, top: top}
	for _, part := range []func(){
		t.overview, t.faults, t.services, t.graph, t.operations, t.shapes, t.failures, t.attributes, t.metrics, t.logs,
	} {
		part()
	}
	_, err := io.WriteString(w, t.String())
	return err
}

// printer writes a report as text.
type printer struct {
	*Report
	strings.Builder
	top int
}

// head begins a part.
func (t *printer) head(format string, args ...any) {
	fmt.Fprintf(t, "\n"+format+"\n", args...)
}

// first returns how many of n entries are told.
func (t *printer) first(n int) int {
	if t.top == 0 {
		return n
	}
	return min(n, t.top)
}

// more tells that a list goes on.
func (t *printer) more(n int) {
	if rest := n - t.first(n); rest > 0 {
		fmt.Fprintf(t, "  and %s more\n", text.Grouped(rest))
	}
}

// duration writes nanoseconds.
func duration(ns float64) string { return chart.Nanos(ns) }

// percent writes a share.
func percent(v float64) string {
	p := float64(100 * v)
	switch {
	case v > 0 && p < 0.01:
		return "<0.01 %"
	case v < 1 && p > 99.99:
		return ">99.99 %"
	}
	return chart.Three(p) + " %"
}

// number writes a count that may be a mean.
func number(v float64) string {
	if v >= 1000 {
		return text.Grouped(uint64(math.Round(v)))
	}
	return chart.Three(v)
}

// clock writes an instant of a Report for people.
func clock(s string) string {
	at, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		return s
	}
	return at.Format("2006-01-02 15:04:05")
}

// overview tells how much there is.
func (t *printer) overview() {
	if t.Range.First != "" {
		fmt.Fprintf(t, "%s to %s UTC, %s\n", clock(t.Range.First), clock(t.Range.Last), duration(float64(t.Range.Seconds*1e9)))
	}
	all := table{heads: []string{"", "items", "bytes", "bytes each"}}
	for sig := range otlp.Signal(otlp.NumSignals) {
		if s := t.Sizes[sig.String()]; s.Items > 0 {
			all.row(sig.Item()+"s", text.Grouped(s.Items), text.Size(s.Bytes), number(s.BytesPerItem))
		}
	}
	all.write(&t.Builder)
	if s := t.Sample; s.Compressed > 0 {
		fmt.Fprintf(t, "  zstd makes %s bytes of a span of %s, in %s\n", number(s.CompressedPerSpan),
			number(ratio(float64(s.Bytes), s.Spans)), text.Counted(s.Traces, "trace"))
	}
	x := &t.Traces
	if x.Count == 0 {
		fmt.Fprint(t, "  no traces\n")
		return
	}
	t.head("Traces: %s, %s with an error", text.Grouped(x.Count), percent(x.ErrorRate))
	about := table{heads: []string{"of a trace", "mean", "min", "p50", "p95", "p99", "max"}}
	add := func(name string, s *Spread, write func(float64) string) {
		about.row(name, write(s.Mean), write(s.Min), write(s.P50), write(s.P95), write(s.P99), write(s.Max))
	}
	add("duration", &x.Duration, duration)
	add("spans", &x.Spans, number)
	add("depth", &x.Depth, number)
	add("children of a span, at most", &x.Width, number)
	if x.Roots.Max > 1 {
		add("roots", &x.Roots, number)
	}
	if s := &t.Sessions; s.Count > 0 {
		add("traces of a session", &s.Traces, number)
		if s.Pauses.Count > 0 {
			add("pause between them", &s.Pauses, duration)
		}
	}
	about.write(&t.Builder)
	if x.PerSecond > 0 && x.Count > 1 {
		fmt.Fprintf(t, "  %s a second", number(x.PerSecond))
		if peak := t.peak(); peak > 0 {
			fmt.Fprintf(t, ", at most %s in windows of %s", number(peak), duration(float64(t.Arrivals.Window)))
		}
		t.WriteString("\n")
	}
	if x.Parallelism > 0 {
		fmt.Fprintf(t, "  children of a span take %s times as long as the time that they cover\n", number(x.Parallelism))
	}
	if s := &t.Sessions; s.Count > 0 {
		fmt.Fprintf(t, "  %s, in %s of traces\n", text.Counted(s.Count, "session"), text.Counted(s.Orders, "order"))
	}
}

// peak returns the most traces in a second of a window; 0 where windows say nothing.
func (r *Report) peak() float64 {
	most := uint64(0)
	for _, n := range r.Arrivals.Counts {
		most = max(most, n)
	}
	if len(r.Arrivals.Counts) < 4 {
		return 0
	}
	return float64(most) / (float64(r.Arrivals.Window) / 1e9)
}

// Said returns what was wrong with the input and what was left out, in words.
func (r *Report) Said() (lines []string) {
	f := intake.Faults(r.Faults)
	lines = f.Said()
	l := &r.Left
	if l.Spans > 0 || l.Classes {
		lines = append(lines, "more different spans than there is room for: "+text.Counted(l.Spans, "span")+" counted by totals only")
	}
	if l.Traces > 0 || l.Shapes {
		lines = append(lines, "more shapes than there is room for: "+text.Counted(l.Traces, "trace")+" of others")
	}
	if l.Productions {
		lines = append(lines, "some spans call in more ways than there is room for: calls between services are counted in part")
	}
	return lines
}

// faults tells what the input was broken in.
func (t *printer) faults() {
	lines := t.Said()
	if len(lines) == 0 {
		return
	}
	t.head("To know of the input:")
	for _, line := range lines {
		fmt.Fprintf(t, "  %s\n", line)
	}
}
