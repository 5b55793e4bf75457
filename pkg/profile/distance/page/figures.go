package page

import (
	"bytes"
	"fmt"
	"html/template"
	"unicode/utf8"

	"github.com/otelsim/otelsim/internal/text"
	"github.com/otelsim/otelsim/pkg/internal/chart"
	"github.com/otelsim/otelsim/pkg/profile"
	"github.com/otelsim/otelsim/pkg/profile/distance"
	"github.com/otelsim/otelsim/pkg/profile/sketch"
)

const (
	// maxOperations is how many operations are drawn.
	maxOperations = 20
	rowHeight     = 50 // of an operation: its name, then a strip for each side
	axisHeight    = 22
	leftEdge      = 4
	rightEdge     = 12
)

// latencies draws how long operations take on both sides.
func latencies(ops []both) *figure {
	ops = ops[:min(len(ops), maxOperations)]
	low, high := 0.0, 0.0
	for i := range ops {
		for _, o := range []*distance.Operation{ops[i].a, ops[i].b} {
			if o == nil || o.Duration.Count() == 0 {
				continue
			}
			if q := max(o.Duration.Quantile(0.05), 1e3); low == 0 || q < low {
				low = q
			}
			high = max(high, o.Duration.Quantile(0.99))
		}
	}
	if high == 0 {
		return nil
	}
	f := &figure{Note: "Each strip goes from the 5th to the 95th percentile of durations, thick from the 25th to the 75th; the line is the median, the dot the 99th percentile."}
	for _, size := range chart.Sizes {
		f.Charts = append(f.Charts, drawLatencies(size, ops, low, high))
	}
	return f
}

func drawLatencies(size chart.Size, ops []both, low, high float64) template.HTML {
	axis := chart.LatencyAxis(low, high)
	axis.From, axis.To = leftEdge, size.Width-rightEdge
	height := float64(len(ops)*rowHeight + axisHeight)
	var b bytes.Buffer
	fmt.Fprintf(&b, `<svg class="%s" viewBox="0 0 %g %g" role="img" aria-label="Durations of operations">`, size.Class, size.Width, height)
	free := 0.0
	for _, t := range axis.Ticks {
		x := axis.Place(t.At)
		fmt.Fprintf(&b, `<path class="grid" d="M%.1f 0V%.1f"/>`, x, height-axisHeight)
		half := float64((len(t.Label)+1)*chart.Letter) / 2
		if at := min(max(x, half), size.Width-half); at-half >= free {
			fmt.Fprintf(&b, `<text class="x" x="%.1f" y="%.1f">%s</text>`, at, height-6, template.HTMLEscapeString(t.Label))
			free = at + half + chart.Letter
		}
	}
	for i := range ops {
		y := float64(i * rowHeight)
		name := fit(text.Clean(ops[i].name), int((size.Width-leftEdge-rightEdge)/(chart.Letter+0.5)))
		fmt.Fprintf(&b, `<path class="grid" d="M%d %.1fH%.1f"/>`, leftEdge, y+0.5, size.Width-rightEdge)
		fmt.Fprintf(&b, `<text class="said" x="%d" y="%.1f">%s</text>`, leftEdge, y+16, template.HTMLEscapeString(name))
		strip(&b, &axis, "a", ops[i].a, y+26)
		strip(&b, &axis, "b", ops[i].b, y+39)
	}
	b.WriteString("</svg>\n")
	return template.HTML(b.String())
}

// fit cuts a text to so many characters.
func fit(s string, most int) string {
	if utf8.RuneCountInString(s) <= most {
		return s
	}
	r := []rune(s)
	return string(r[:most-3]) + "..."
}

// strip draws how the durations of one side are spread.
func strip(b *bytes.Buffer, axis *chart.Axis, class string, o *distance.Operation, y float64) {
	if o == nil || o.Duration.Count() == 0 {
		return
	}
	at := func(p float64) float64 { return axis.Place(max(o.Duration.Quantile(p), axis.Low)) }
	rect := func(from, to float64, height float64, more string) {
		fmt.Fprintf(b, `<rect class="%s%s" x="%.1f" y="%.1f" width="%.1f" height="%g"/>`, class, more, at(from), y-height/2, max(at(to)-at(from), 1), height)
	}
	fmt.Fprintf(b, `<g><title>%s: median %s, 95th percentile %s, 99th %s</title>`, map[string]string{"a": "A", "b": "B"}[class],
		said(o.Duration, 0.5), said(o.Duration, 0.95), said(o.Duration, 0.99))
	rect(0.05, 0.95, 3, "")
	rect(0.25, 0.75, 8, "")
	fmt.Fprintf(b, `<path class="median" d="M%.1f %.1fv10"/>`, at(0.5), y-5)
	fmt.Fprintf(b, `<circle class="%s" cx="%.1f" cy="%.1f" r="3"/></g>`, class, at(0.99), y)
}

func said(s *sketch.Numbers, p float64) string { return chart.Nanos(s.Quantile(p)) }

// pieces is in how many parts the run is drawn.
const pieces = 60

// arrivals draws which part of the traces starts when in the run of each side.
func arrivals(a, b *profile.Profile) *figure {
	if a.Traces.Count == 0 || b.Traces.Count == 0 || a.Starts == nil || b.Starts == nil {
		return nil
	}
	curves := [2][]float64{distance.Curve(a.Starts, pieces), distance.Curve(b.Starts, pieces)}
	most := 0.0
	for _, c := range curves {
		for _, v := range c {
			most = max(most, 100*v)
		}
	}
	f := &figure{Note: fmt.Sprintf("Percent of the traces that start in each of %d equal parts of the run of their side.", pieces)}
	for _, size := range chart.Sizes {
		x := chart.Axis{High: 100}
		for v := 0; v <= 100; v += 20 {
			x.Ticks = append(x.Ticks, chart.Tick{At: float64(v), Label: fmt.Sprint(v, " %")})
		}
		c := chart.New(size, x, chart.CountAxis(most))
		for i, class := range []string{"a", "b"} {
			var run []chart.Point
			for k, v := range curves[i] {
				run = append(run, chart.Point{X: (float64(k) + 0.5) * 100 / pieces, Y: 100 * v})
			}
			c.Line(class, [][]chart.Point{run})
		}
		f.Charts = append(f.Charts, c.Finish("Arrivals over the run"))
	}
	return f
}
