package chart

import (
	"bytes"
	"fmt"
	"html/template"
	"math"
	"slices"
	"strings"
	"time"
)

// Size is that of a picture, in its own units: pixels when it is as wide as
// its frame.
type Size struct {
	Class         string // for the style sheet
	Width, Height float64
	Ticks         int // of a time axis, at most
}

// Sizes are those in which each chart is drawn. The style sheet has the window's width
// at which one takes over from the other.
var Sizes = []Size{
	{"wide", 920, 240, 10},
	{"narrow", 360, 220, 6},
}

// The room around the plot, for the labels of the axes.
const (
	LeftRoom   = 58
	RightRoom  = 24
	TopRoom    = 10
	BottomRoom = 24

	Letter = 7 // the width of a character of a label, at most on average
)

// Axis maps values to a side of the plot.
type Axis struct {
	Low, High float64 // values
	Log       bool
	From, To  float64 // where they are, in the picture
	Ticks     []Tick
}

// Tick is a line across the plot with a label, which may be empty.
type Tick struct {
	At    float64
	Label string
}

// Place returns where a value lies in the picture, at the edge if outside.
func (a *Axis) Place(v float64) float64 {
	v = min(max(v, a.Low), a.High)
	part := 0.0
	switch {
	case a.Log:
		part = math.Log(v/a.Low) / math.Log(a.High/a.Low)
	case a.High > a.Low:
		part = (v - a.Low) / (a.High - a.Low)
	}
	return a.From + part*(a.To-a.From)
}

// Chart is a picture in the making.
type Chart struct {
	Size
	bytes.Buffer
	X, Y Axis
}

// New starts a picture. The axes need their ranges and ticks.
func New(s Size, x, y Axis) *Chart {
	c := &Chart{Size: s, X: x, Y: y}
	c.X.From, c.X.To = LeftRoom, s.Width-RightRoom
	c.Y.From, c.Y.To = s.Height-BottomRoom, TopRoom
	return c
}

// Finish returns the picture as SVG. What is in it is numbers and labels of our
// own, and labels are escaped.
func (c *Chart) Finish(name string) template.HTML {
	var out bytes.Buffer
	fmt.Fprintf(&out, `<svg class="%s" viewBox="0 0 %g %g" role="img" aria-label="%s">`,
		c.Class, c.Width, c.Height, template.HTMLEscapeString(name))
	c.grid(&out)
	out.Write(c.Bytes())
	out.WriteString("</svg>\n")
	return template.HTML(out.String())
}

// grid draws the axes, leaving out labels that would touch the one before.
func (c *Chart) grid(out *bytes.Buffer) {
	for _, t := range c.Y.Ticks {
		y := c.Y.Place(t.At)
		fmt.Fprintf(out, `<path class="grid" d="M%d %.1fH%.1f"/>`, LeftRoom, y, c.X.To)
		fmt.Fprintf(out, `<text class="y" x="%d" y="%.1f">%s</text>`, LeftRoom-6, y+4, template.HTMLEscapeString(t.Label))
	}
	free := 0.0
	for _, t := range c.X.Ticks {
		x := c.X.Place(t.At)
		half := float64(len(t.Label)) * Letter / 2
		fmt.Fprintf(out, `<path class="grid" d="M%.1f %dV%.1f"/>`, x, TopRoom, c.Y.From)
		if x-half < free || x+half > c.Width {
			continue
		}
		free = x + half + Letter
		fmt.Fprintf(out, `<text class="x" x="%.1f" y="%.1f">%s</text>`, x, c.Height-6, template.HTMLEscapeString(t.Label))
	}
	fmt.Fprintf(out, `<path class="axis" d="M%d %.1fH%.1f"/>`, LeftRoom, c.Y.From, c.X.To)
}

// Segment is a stretch of time with a value, such as a rate.
type Segment struct {
	From, To time.Duration
	Value    float64
}

// Point is a place in a chart, in values.
type Point struct{ X, Y float64 }

// Line draws one line through each run of points, and a dot where a run is a
// single point.
func (c *Chart) Line(class string, runs [][]Point) {
	var d strings.Builder
	for _, run := range runs {
		// Places that are one in the picture are drawn once.
		var places []string
		for _, p := range run {
			places = append(places, fmt.Sprintf("%.1f %.1f", c.X.Place(p.X), c.Y.Place(p.Y)))
		}
		places = slices.Compact(places)
		if len(places) == 1 {
			fmt.Fprintf(c, `<circle class="dot %s" cx="%.1f" cy="%.1f" r="3"/>`, class, c.X.Place(run[0].X), c.Y.Place(run[0].Y))
			continue
		}
		d.WriteString("M" + strings.Join(places, "L"))
	}
	if d.Len() > 0 {
		fmt.Fprintf(c, `<path class="line %s" d="%s"/>`, class, d.String())
	}
}

// Steps draws the outline of segments, and fills what is below when asked to.
func (c *Chart) Steps(class string, all []Segment, fill bool) {
	if len(all) == 0 {
		return
	}
	var d strings.Builder
	for i, s := range all {
		x0, x1, y := c.X.Place(s.From.Seconds()), c.X.Place(s.To.Seconds()), c.Y.Place(s.Value)
		switch {
		case i == 0 && fill:
			fmt.Fprintf(&d, "M%.1f %.1fV%.1f", x0, c.Y.From, y)
		case i == 0:
			fmt.Fprintf(&d, "M%.1f %.1f", x0, y)
		default:
			fmt.Fprintf(&d, "V%.1f", y)
		}
		fmt.Fprintf(&d, "H%.1f", x1)
	}
	if fill {
		fmt.Fprintf(&d, "V%.1fZ", c.Y.From)
		fmt.Fprintf(c, `<path class="area %s" d="%s"/>`, class, d.String())
		return
	}
	fmt.Fprintf(c, `<path class="line %s" d="%s"/>`, class, d.String())
}

// Hint lays an invisible strip over the plot that says what is below the mouse.
func (c *Chart) Hint(from, to float64, text string) {
	x0, x1 := c.X.Place(from), c.X.Place(to)
	fmt.Fprintf(c, `<rect class="hint" x="%.1f" y="%d" width="%.1f" height="%.1f"><title>%s</title></rect>`,
		x0, TopRoom, max(x1-x0, 1), c.Y.From-TopRoom, template.HTMLEscapeString(text))
}

// TimeAxis returns the axis of a run of the given length.
func TimeAxis(length time.Duration, s Size) (a Axis, unit string) {
	step := timeStep(length, s.Ticks)
	a.High = length.Seconds()
	for t := time.Duration(0); t <= length; t += step {
		label := Clock(t, step)
		if t == 0 {
			label = "0"
		}
		a.Ticks = append(a.Ticks, Tick{t.Seconds(), label})
	}
	return a, ClockUnit(step)
}

// CountAxis returns the axis of counts or rates up to most.
func CountAxis(most float64) Axis {
	scale := 1.0
	if most > 0 && most < 4 { // Steps under 1 are decimal too
		scale = 1e6
	}
	step := niceStep(max(most*scale, 1)/4) / scale
	if step*4 < most {
		step *= 2
	}
	a := Axis{High: step * max(math.Ceil(most/step-1e-9), 1)}
	for i := 0; float64(i)*step <= a.High*(1+1e-9); i++ {
		a.Ticks = append(a.Ticks, Tick{float64(i) * step, Short(float64(i) * step)})
	}
	return a
}

// LatencyAxis returns a logarithmic axis that holds the durations from low to
// high, in nanoseconds.
func LatencyAxis(low, high float64) Axis {
	low, high = max(low, 1e3), max(high, 1e3)
	a := Axis{Log: true, Low: pow10(math.Floor(math.Log10(low))), High: pow10(math.Ceil(math.Log10(high)))}
	if a.High <= a.Low {
		a.High = a.Low * 10
	}
	decades := math.Round(math.Log10(a.High / a.Low))
	multiples := []float64{1}
	if decades <= 2 {
		multiples = []float64{1, 2, 5}
	}
	// A decade is cut where nothing lies in it.
	for _, m := range []float64{5, 2} {
		if a.High/a.Low > 10 && a.Low*m <= low {
			a.Low *= m
			break
		}
	}
	for v := pow10(math.Floor(math.Log10(a.Low))); v <= a.High*1.001; v *= 10 {
		for _, m := range multiples {
			if at := v * m; at >= a.Low*0.999 && at <= a.High*1.001 {
				a.Ticks = append(a.Ticks, Tick{at, Nanos(at)})
			}
		}
	}
	return a
}

func pow10(n float64) float64 { return math.Pow(10, math.Round(n)) }
