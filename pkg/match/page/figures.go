package page

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/otelsim/otelsim/internal/text"
	"github.com/otelsim/otelsim/pkg/internal/chart"
	"github.com/otelsim/otelsim/pkg/match/judge"
)

// instant is how times of a run are written.
const instant = "2006-01-02 15:04:05"

// lossFigure draws when in the run items were lost; nil when none were.
func lossFigure(l *judge.Losses) *figure {
	if l == nil || len(l.Buckets) == 0 {
		return nil
	}
	width := max(l.Width, 1)
	length := width * time.Duration(len(l.Buckets))
	f := &figure{Said: l.Summary, Legend: []key{{"due", "sent"}, {"lost", "lost"}}}
	sent := make([]chart.Segment, len(l.Buckets))
	most := 0.0
	for i, b := range l.Buckets {
		from := time.Duration(i) * width
		sent[i] = chart.Segment{From: from, To: from + width, Value: float64(b.Sent)}
		most = max(most, float64(b.Sent), float64(b.Lost))
	}
	clock := "when requests were last sent"
	if l.Clock == judge.ClockCorpus {
		clock = "the times in the corpus"
	}
	for _, size := range chart.Sizes {
		x, unit := chart.TimeAxis(length, size)
		f.Note = fmt.Sprintf("items in %s, by %s; time since %s UTC%s. The strip on top has the lost share of each.",
			chart.Duration(int64(width)), clock, l.Buckets[0].Start.UTC().Format(instant), unit)
		c := chart.New(size, x, chart.CountAxis(max(most, 4)))
		c.Steps("due", sent, true)
		for i, b := range l.Buckets {
			drawLoss(c, sent[i], &b)
		}
		for i, b := range l.Buckets {
			c.Hint(sent[i].From.Seconds(), sent[i].To.Seconds(), fmt.Sprintf("%s UTC: %s sent, %s lost (%s)",
				b.Start.UTC().Format(instant), text.Grouped(b.Sent), text.Grouped(b.Lost), chart.Percent(b.Lost, max(b.Sent, b.Lost))))
		}
		f.Charts = append(f.Charts, c.Finish("Losses over the run"))
	}
	return f
}

// drawLoss draws what was lost in one piece of time: as many, and as a share.
func drawLoss(c *chart.Chart, s chart.Segment, b *judge.Bucket) {
	if b.Lost == 0 {
		return
	}
	x, wide := c.X.Place(s.From.Seconds()), c.X.Place(s.To.Seconds())-c.X.Place(s.From.Seconds())
	y := min(c.Y.Place(float64(b.Lost)), c.Y.From-2)
	fmt.Fprintf(c, `<rect class="lost" x="%.1f" y="%.1f" width="%.1f" height="%.1f"/>`, x, y, max(wide, 1), c.Y.From-y)
	share := float64(b.Lost) / float64(max(b.Sent, b.Lost))
	fmt.Fprintf(c, `<rect class="lost" x="%.1f" y="0" width="%.1f" height="6" fill-opacity="%.2f"/>`, x, max(wide, 1), 0.25+0.75*share)
}

// bars are counts by name.
type bars struct {
	Title string
	Rows  []bar
}

type bar struct {
	Name, Value, Part string
	Width             string // percent of the longest
	Rest              bool   // of no name alone
}

// maxBars is how many names are drawn.
const maxBars = 12

// places returns where losses fell: by service, then by scenario.
func places(list []judge.Finding) (all []bars) {
	services, scenarios := make(map[string]uint64), make(map[string]uint64)
	for i := range list {
		if f := &list[i]; f.Kind == judge.KindLost || f.Kind == judge.KindUnknown {
			add(services, f.Services)
			add(scenarios, f.Scenarios)
		}
	}
	if len(services) > 0 {
		all = append(all, barsOf("By service", services))
	}
	if len(scenarios) > 0 {
		all = append(all, barsOf("By scenario", scenarios))
	}
	return all
}

func add(to map[string]uint64, shares []judge.Share) {
	for _, s := range shares {
		to[s.Name] += s.Count
	}
}

// barsOf returns names with their counts, those with most first and what has no
// name last.
func barsOf(title string, counts map[string]uint64) bars {
	total := uint64(0)
	names := make([]string, 0, len(counts))
	for name, n := range counts {
		names, total = append(names, name), total+n
	}
	slices.SortFunc(names, func(a, b string) int {
		switch {
		case a == b:
			return 0
		case a == "":
			return 1
		case b == "", counts[a] > counts[b]:
			return -1
		case counts[a] < counts[b]:
			return 1
		}
		return strings.Compare(a, b)
	})
	out, rest := bars{Title: title}, uint64(0)
	most := uint64(1)
	for i, name := range names {
		if i >= maxBars || name == "" {
			rest += counts[name]
			continue
		}
		most = max(most, counts[name])
	}
	most = max(most, rest)
	row := func(name string, n uint64) {
		out.Rows = append(out.Rows, bar{Name: name, Value: text.Grouped(n), Part: chart.Percent(n, total),
			Width: fmt.Sprintf("%.2f", 100*float64(n)/float64(most))})
	}
	for i, name := range names {
		if i < maxBars && name != "" {
			row(name, counts[name])
		}
	}
	if rest > 0 {
		row("others, or of no name", rest)
		out.Rows[len(out.Rows)-1].Rest = true
	}
	return out
}

// delayFigure draws how long items were under way; nil when that is not known.
func delayFigure(d *judge.Delays) *figure {
	if d == nil || d.Count == 0 {
		return nil
	}
	f := &figure{
		Said: fmt.Sprintf("%s: half of them took at most %s, 99 %% at most %s, the longest %s.", text.Counted(d.Count, "item"),
			chart.Duration(int64(d.P50)), chart.Duration(int64(d.P99)), chart.Duration(int64(d.Max))),
		Note:   "the part of the items that arrived at most so long after they were last sent",
		Legend: []key{{"p50", "delay"}, {"target", "late from here on: " + chart.Duration(int64(d.Limit))}},
	}
	nines := max(math.Log10(float64(d.Count)), 2)
	at := func(part float64) float64 { return min(-math.Log10(max(1-part, 1e-12)), nines) }
	var run []chart.Point
	for _, q := range curve(d) {
		run = append(run, chart.Point{X: at(q.part), Y: math.Max(float64(q.nanos), 1e3)})
	}
	low, high := run[0].Y, max(run[len(run)-1].Y, float64(d.Limit))
	for _, size := range chart.Sizes {
		x := chart.Axis{High: nines, Ticks: []chart.Tick{{At: 0, Label: "0 %"}, {At: at(0.5), Label: "50 %"}, {At: 1, Label: "90 %"}, {At: 2, Label: "99 %"}}}
		for n := 3; float64(n) <= nines; n++ {
			x.Ticks = append(x.Ticks, chart.Tick{At: float64(n), Label: "99." + strings.Repeat("9", n-2) + " %"})
		}
		c := chart.New(size, x, chart.LatencyAxis(low, high))
		c.Line("p50", [][]chart.Point{run})
		if d.Limit > 0 {
			fmt.Fprintf(c, `<path class="line target" d="M%d %.1fH%.1f"/>`, chart.LeftRoom, c.Y.Place(float64(d.Limit)), c.X.To)
		}
		f.Charts = append(f.Charts, c.Finish("Delays"))
	}
	return f
}

// quantile is what a part of the items took at most.
type quantile struct {
	part  float64
	nanos int64
}

// curve returns what is known of the distribution of delays.
func curve(d *judge.Delays) (all []quantile) {
	for _, q := range d.Curve {
		all = append(all, quantile{float64(q.Part) / 1e6, int64(q.Delay)})
	}
	if all == nil {
		all = []quantile{{0.5, int64(d.P50)}, {0.99, int64(d.P99)}}
	}
	return append(all, quantile{1, int64(d.Max)})
}
