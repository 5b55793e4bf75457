package page

import (
	"bytes"
	"fmt"
	"html/template"
	"math"
	"slices"
	"strings"
	"time"
)

// size is that of a picture, in its own units: pixels when it is as wide as
// its frame.
type size struct {
	class         string
	width, height float64
	ticks         int // of a time axis, at most
}

// The sizes in which each chart is drawn. The style sheet has the window's width
// at which one takes over from the other.
var sizes = []size{
	{"wide", 920, 240, 10},
	{"narrow", 360, 220, 6},
}

// The room around the plot, for the labels of the axes.
const (
	leftRoom   = 58
	rightRoom  = 24
	topRoom    = 10
	bottomRoom = 24

	letter = 7 // the width of a character of a label, at most on average
)

// axis maps values to a side of the plot.
type axis struct {
	low, high float64
	log       bool
	from, to  float64 // in the picture
	ticks     []tick
}

// tick is a line across the plot with a label, which may be empty.
type tick struct {
	at    float64
	label string
}

// place returns where a value lies in the picture, at the edge if outside.
func (a *axis) place(v float64) float64 {
	v = min(max(v, a.low), a.high)
	part := 0.0
	switch {
	case a.log:
		part = math.Log(v/a.low) / math.Log(a.high/a.low)
	case a.high > a.low:
		part = (v - a.low) / (a.high - a.low)
	}
	return a.from + part*(a.to-a.from)
}

// chart is a picture in the making.
type chart struct {
	size
	bytes.Buffer
	x, y axis
}

// newChart starts a picture. The axes need their ranges and ticks.
func newChart(s size, x, y axis) *chart {
	c := &chart{size: s, x: x, y: y}
	c.x.from, c.x.to = leftRoom, s.width-rightRoom
	c.y.from, c.y.to = s.height-bottomRoom, topRoom
	return c
}

// finish returns the picture as SVG. What is in it is numbers and labels of our
// own, and labels are escaped.
func (c *chart) finish(name string) template.HTML {
	var out bytes.Buffer
	fmt.Fprintf(&out, `<svg class="%s" viewBox="0 0 %g %g" role="img" aria-label="%s">`,
		c.class, c.width, c.height, template.HTMLEscapeString(name))
	c.grid(&out)
	out.Write(c.Bytes())
	out.WriteString("</svg>\n")
	return template.HTML(out.String())
}

// grid draws the axes, leaving out labels that would touch the one before.
func (c *chart) grid(out *bytes.Buffer) {
	for _, t := range c.y.ticks {
		y := c.y.place(t.at)
		fmt.Fprintf(out, `<path class="grid" d="M%d %.1fH%.1f"/>`, leftRoom, y, c.x.to)
		fmt.Fprintf(out, `<text class="y" x="%d" y="%.1f">%s</text>`, leftRoom-6, y+4, template.HTMLEscapeString(t.label))
	}
	free := 0.0
	for _, t := range c.x.ticks {
		x := c.x.place(t.at)
		half := float64(len(t.label)) * letter / 2
		fmt.Fprintf(out, `<path class="grid" d="M%.1f %dV%.1f"/>`, x, topRoom, c.y.from)
		if x-half < free || x+half > c.width {
			continue
		}
		free = x + half + letter
		fmt.Fprintf(out, `<text class="x" x="%.1f" y="%.1f">%s</text>`, x, c.height-6, template.HTMLEscapeString(t.label))
	}
	fmt.Fprintf(out, `<path class="axis" d="M%d %.1fH%.1f"/>`, leftRoom, c.y.from, c.x.to)
}

// point is a place in a chart, in values.
type point struct{ x, y float64 }

// line draws one line through each run of points, and a dot where a run is a
// single point.
func (c *chart) line(class string, runs [][]point) {
	var d strings.Builder
	for _, run := range runs {
		// Places that are one in the picture are drawn once.
		var places []string
		for _, p := range run {
			places = append(places, fmt.Sprintf("%.1f %.1f", c.x.place(p.x), c.y.place(p.y)))
		}
		places = slices.Compact(places)
		if len(places) == 1 {
			fmt.Fprintf(c, `<circle class="dot %s" cx="%.1f" cy="%.1f" r="3"/>`, class, c.x.place(run[0].x), c.y.place(run[0].y))
			continue
		}
		d.WriteString("M" + strings.Join(places, "L"))
	}
	if d.Len() > 0 {
		fmt.Fprintf(c, `<path class="line %s" d="%s"/>`, class, d.String())
	}
}

// steps draws the outline of segments, and fills what is below when asked to.
func (c *chart) steps(class string, all []segment, fill bool) {
	if len(all) == 0 {
		return
	}
	var d strings.Builder
	for i, s := range all {
		x0, x1, y := c.x.place(s.from.Seconds()), c.x.place(s.to.Seconds()), c.y.place(s.value)
		switch {
		case i == 0 && fill:
			fmt.Fprintf(&d, "M%.1f %.1fV%.1f", x0, c.y.from, y)
		case i == 0:
			fmt.Fprintf(&d, "M%.1f %.1f", x0, y)
		default:
			fmt.Fprintf(&d, "V%.1f", y)
		}
		fmt.Fprintf(&d, "H%.1f", x1)
	}
	if fill {
		fmt.Fprintf(&d, "V%.1fZ", c.y.from)
		fmt.Fprintf(c, `<path class="area %s" d="%s"/>`, class, d.String())
		return
	}
	fmt.Fprintf(c, `<path class="line %s" d="%s"/>`, class, d.String())
}

// hint lays an invisible strip over the plot that says what is below the mouse.
func (c *chart) hint(from, to float64, text string) {
	x0, x1 := c.x.place(from), c.x.place(to)
	fmt.Fprintf(c, `<rect class="hint" x="%.1f" y="%d" width="%.1f" height="%.1f"><title>%s</title></rect>`,
		x0, topRoom, max(x1-x0, 1), c.y.from-topRoom, template.HTMLEscapeString(text))
}

// timeAxis returns the axis of a run of the given length.
func timeAxis(length time.Duration, s size) (a axis, unit string) {
	step := timeStep(length, s.ticks)
	a.high = length.Seconds()
	for t := time.Duration(0); t <= length; t += step {
		label := clock(t, step)
		if t == 0 {
			label = "0"
		}
		a.ticks = append(a.ticks, tick{t.Seconds(), label})
	}
	return a, clockUnit(step)
}

// countAxis returns the axis of counts or rates up to most.
func countAxis(most float64) axis {
	scale := 1.0
	if most > 0 && most < 4 { // steps under 1 are decimal too
		scale = 1e6
	}
	step := niceStep(max(most*scale, 1)/4) / scale
	if step*4 < most {
		step *= 2
	}
	a := axis{high: step * max(math.Ceil(most/step-1e-9), 1)}
	for i := 0; float64(i)*step <= a.high*(1+1e-9); i++ {
		a.ticks = append(a.ticks, tick{float64(i) * step, short(float64(i) * step)})
	}
	return a
}

// latencyAxis returns a logarithmic axis that holds the durations from low to
// high, in nanoseconds.
func latencyAxis(low, high float64) axis {
	low, high = max(low, 1e3), max(high, 1e3)
	a := axis{log: true, low: pow10(math.Floor(math.Log10(low))), high: pow10(math.Ceil(math.Log10(high)))}
	if a.high <= a.low {
		a.high = a.low * 10
	}
	decades := math.Round(math.Log10(a.high / a.low))
	multiples := []float64{1}
	if decades <= 2 {
		multiples = []float64{1, 2, 5}
	}
	// A decade is cut where nothing lies in it.
	for _, m := range []float64{5, 2} {
		if a.high/a.low > 10 && a.low*m <= low {
			a.low *= m
			break
		}
	}
	for v := pow10(math.Floor(math.Log10(a.low))); v <= a.high*1.001; v *= 10 {
		for _, m := range multiples {
			if at := v * m; at >= a.low*0.999 && at <= a.high*1.001 {
				a.ticks = append(a.ticks, tick{at, duration(int64(math.Round(at)))})
			}
		}
	}
	return a
}

func pow10(n float64) float64 { return math.Pow(10, math.Round(n)) }
