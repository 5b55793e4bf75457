package page

import (
	"bytes"
	"fmt"
	"html/template"
	"slices"
	"strconv"
	"time"

	"github.com/otelsim/otelsim/internal/text"
	"github.com/otelsim/otelsim/pkg/internal/chart"
	"github.com/otelsim/otelsim/pkg/profile/stats"
)

// arrivals draws when traces start; nil where that says nothing.
func arrivals(r *stats.Report) *figure {
	a := &r.Arrivals
	if len(a.Counts) < 2 {
		return nil
	}
	start, err := time.Parse(time.RFC3339Nano, a.First)
	if err != nil {
		return nil
	}
	window := time.Duration(a.Window)
	length := window * time.Duration(len(a.Counts))
	segments := make([]chart.Segment, len(a.Counts))
	most := 0.0
	for i, n := range a.Counts {
		from := time.Duration(i) * window
		segments[i] = chart.Segment{From: from, To: from + window, Value: float64(n)}
		most = max(most, float64(n))
	}
	f := &figure{}
	for _, size := range chart.Sizes {
		x, unit := chart.TimeAxis(length, size)
		f.Note = fmt.Sprintf("traces that start in %s; time since %s UTC%s", chart.Duration(int64(a.Window)), start.UTC().Format("2006-01-02 15:04:05"), unit)
		c := chart.New(size, x, chart.CountAxis(max(most, 4)))
		c.Steps("due", segments, true)
		for i, s := range segments {
			c.Hint(s.From.Seconds(), s.To.Seconds(), fmt.Sprintf("%s UTC: %s", start.Add(s.From).UTC().Format("2006-01-02 15:04:05"), text.Counted(a.Counts[i], "trace")))
		}
		f.Charts = append(f.Charts, c.Finish("When traces start"))
	}
	return f
}

// How many operations the picture of latency has: those with the most spans, and of
// the others the slowest.
const (
	mostFrequent = 18
	mostSlow     = 8
)

// latency draws how long operations take; nil where there is none.
func latency(r *stats.Report) *figure {
	n := min(len(r.Operations), mostFrequent)
	if n == 0 {
		return nil
	}
	all := slices.Clone(r.Operations[:n])
	slowest := r.Slowest()
	is := func(a, b stats.Operation) bool { return a.Service == b.Service && a.Name == b.Name && a.Kind == b.Kind }
	for _, o := range slowest[:min(len(slowest), mostSlow)] {
		if !slices.ContainsFunc(all, func(x stats.Operation) bool { return is(x, o) }) {
			all = append(all, o)
		}
	}
	var sorted []stats.Operation
	low, high := 0.0, 0.0
	for _, o := range slowest {
		if slices.ContainsFunc(all, func(x stats.Operation) bool { return is(x, o) }) {
			sorted = append(sorted, o)
			if low == 0 || o.Duration.P5 < low {
				low = o.Duration.P5
			}
			high = max(high, o.Duration.Max)
		}
	}
	f := &figure{Note: fmt.Sprintf("from 5 to 95 %%, the half in the middle thick, p50 as a bar, p99 and the longest as dots; %d of %s, by p99",
		len(sorted), text.Counted(len(r.Operations), "operation"))}
	for _, size := range chart.Sizes {
		f.Charts = append(f.Charts, strips(size, sorted, low, high))
	}
	return f
}

// strips draws a row for each operation on one axis of durations.
func strips(size chart.Size, all []stats.Operation, low, high float64) template.HTML {
	x := chart.LatencyAxis(low, high)
	x.From, x.To = 372, size.Width-40
	row, down := 24.0, 0.0
	if size.Class == "narrow" {
		x.From, row, down = 20, 40, 9 // the name stands above its strip
	}
	height := float64(len(all))*row + chart.BottomRoom + 8
	var b bytes.Buffer
	fmt.Fprintf(&b, `<svg class="%s" viewBox="0 0 %g %g" role="img" aria-label="How long operations take">`, size.Class, size.Width, height)
	free := 0.0
	for _, t := range x.Ticks {
		at, half := x.Place(t.At), float64(len(t.Label))*chart.Letter/2
		fmt.Fprintf(&b, `<path class="grid" d="M%.1f 0V%.1f"/>`, at, height-chart.BottomRoom)
		if at-half < free || at+half > size.Width {
			continue
		}
		free = at + half + chart.Letter
		fmt.Fprintf(&b, `<text class="x" x="%.1f" y="%.1f">%s</text>`, at, height-6, escape(t.Label))
	}
	for i := range all {
		o, y := &all[i], float64(i)*row+row/2+4+down
		d := &o.Duration
		if name := title(o.Service, o.Name, o.Kind); size.Class == "narrow" {
			fmt.Fprintf(&b, `<text class="name" x="4" y="%.1f">%s</text>`, y-12, escape(fit(name, size.Width-8)))
		} else {
			fmt.Fprintf(&b, `<text class="name" x="4" y="%.1f">%s</text>`, y+4, escape(fit(name, x.From-16)))
		}
		at := func(v float64) float64 { return x.Place(max(v, 1)) }
		fmt.Fprintf(&b, `<g class="strip"><rect class="most" x="%.1f" y="%.1f" width="%.1f" height="4"/>`, at(d.P5), y-2, max(at(d.P95)-at(d.P5), 1))
		fmt.Fprintf(&b, `<rect class="half" x="%.1f" y="%.1f" width="%.1f" height="10"/>`, at(d.P25), y-5, max(at(d.P75)-at(d.P25), 1))
		fmt.Fprintf(&b, `<rect class="mid" x="%.1f" y="%.1f" width="2" height="14"/>`, at(d.P50)-1, y-7)
		fmt.Fprintf(&b, `<circle class="p99" cx="%.1f" cy="%.1f" r="3"/><circle class="max" cx="%.1f" cy="%.1f" r="2"/>`, at(d.P99), y, at(d.Max), y)
		fmt.Fprintf(&b, `<rect class="hint" x="0" y="%.1f" width="%g" height="%g"/><title>%s</title></g>`, y-row/2-down, size.Width, row,
			escape(fmt.Sprintf("%s: %s; p50 %s, p95 %s, p99 %s, max %s", title(o.Service, o.Name, o.Kind), text.Counted(o.Spans, "span"),
				duration(d.P50), duration(d.P95), duration(d.P99), duration(d.Max))))
	}
	b.WriteString("</svg>\n")
	return template.HTML(b.String())
}

// title names an operation.
func title(service, name, kind string) string {
	if kind != "internal" {
		name += " (" + kind + ")"
	}
	return service + ": " + name
}

// bar is an amount with a name.
type bar struct {
	Name, Note, Value, Part string
	Width                   string // percent of the longest
	Full                    string // of a name that is cut
}

func barOf(name, note string, n, most uint64, part float64) bar {
	b := bar{Name: name, Note: note, Value: text.Grouped(n), Part: percent(part), Width: strconv.FormatFloat(100*float64(n)/float64(max(most, 1)), 'f', 2, 64)}
	if r := []rune(name); len(r) > maxName {
		b.Name, b.Full = string(r[:maxName])+"\u2026", name
	}
	return b
}

// maxName is how many characters of a name stand beside a bar.
const maxName = 180

// shapes are the most frequent shapes of traces.
func shapes(r *stats.Report) (all []bar) {
	for _, s := range r.Shapes[:min(len(r.Shapes), maxShapes)] {
		noun := "spans"
		if s.Spans == 1 {
			noun = "span"
		}
		note := fmt.Sprintf("%s %s, p50 %s, p99 %s", chart.Whole(s.Spans), noun, duration(s.Duration.P50), duration(s.Duration.P99))
		all = append(all, barOf(s.Text, note, s.Traces, r.Shapes[0].Traces, s.Share))
	}
	return all
}

// failures are where errors begin most often.
func failures(r *stats.Report) (all []bar) {
	begin := r.Begin()
	for _, f := range begin[:min(len(begin), maxFailures)] {
		note := f.Outcome
		if f.Target != "" {
			note += ", asks " + f.Target
		}
		if f.Spans > f.Began {
			note += fmt.Sprintf("; %s more fail since another did", text.Grouped(f.Spans-f.Began))
		}
		all = append(all, barOf(title(f.Service, f.Name, f.Kind), note, f.Began, begin[0].Began, f.Share))
	}
	return all
}
