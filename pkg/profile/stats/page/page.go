package page

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"strings"

	"github.com/otelsim/otelsim/internal/text"
	"github.com/otelsim/otelsim/pkg/internal/chart"
	"github.com/otelsim/otelsim/pkg/profile/stats"
)

// Page is what a page shows.
type Page struct {
	Report  *stats.Report
	Title   string   // what the data is, such as a path
	Notes   []string // a person should know
	Program string   // and its version, for the footer
}

//go:embed page.tmpl
var pageText string

//go:embed page.css
var style string

// pageLayout is the template of a page.
var pageLayout = template.Must(template.New("page").Funcs(template.FuncMap{
	"clean":   text.Clean,
	"grouped": text.Grouped[uint64],
	"counted": text.Counted[int],
	"share":   percent,
	"ns":      duration,
	"rate":    chart.Three,
}).Parse(pageText))

// view is what the template reads: a page with what was worked out from it.
type view struct {
	*Page
	Style      template.CSS
	Tiles      []tile
	Said       []string
	Graph      []template.HTML
	NotDrawn   int
	Arrivals   *figure
	Latency    *figure
	Shapes     []bar
	Failures   []bar
	Services   list[stats.Service]
	Edges      list[stats.Edge]
	Operations list[stats.Operation]
	Attributes list[stats.Attribute]
	Metrics    list[stats.Metric]
	Logs       list[stats.Log]
	Sizes      []size
	Traces     []spread
	MoreShapes int
	MoreFails  int
}

// tile is a number of the summary.
type tile struct{ Name, Value, Note string }

// figure is a chart with what stands around it.
type figure struct {
	Note   string
	Charts []template.HTML
}

// list is what comes first of a long one.
type list[T any] struct {
	Rows []T
	More int
}

func first[T any](all []T, most int) list[T] {
	n := min(len(all), most)
	return list[T]{all[:n], len(all) - n}
}

// size is how much there is of a signal.
type size struct{ Name, Items, Bytes, Each string }

// spread is how a number of traces is spread.
type spread struct {
	Name   string
	Values []string
}

// How much of each list the page has.
const (
	maxServices   = 100
	maxEdges      = 100
	maxOperations = 100
	maxShapes     = 20
	maxFailures   = 20
	maxAttributes = 150
	maxMetrics    = 60
	maxLogs       = 60
)

// Write writes the page. An error is that of w.
func (p *Page) Write(w io.Writer) error {
	r := p.Report
	v := view{
		Page: p, Style: template.CSS(style), Tiles: tiles(r), Said: r.Said(),
		Arrivals: arrivals(r), Latency: latency(r), Shapes: shapes(r), Failures: failures(r),
		Services: first(r.Services, maxServices), Edges: first(r.Edges, maxEdges), Operations: first(r.Operations, maxOperations),
		Attributes: first(r.Attributes, maxAttributes), Metrics: first(r.Metrics, maxMetrics), Logs: first(r.Logs, maxLogs),
		Sizes: sizes(r), Traces: traces(r),
		MoreShapes: len(r.Shapes) - min(len(r.Shapes), maxShapes), MoreFails: len(r.Begin()) - min(len(r.Begin()), maxFailures),
	}
	if g := pictureOf(r); len(g.nodes) > 0 {
		v.Graph, v.NotDrawn = []template.HTML{g.wide(), narrow(r)}, g.left
	}
	if err := pageLayout.Execute(w, v); err != nil {
		return fmt.Errorf("write page: %w", err)
	}
	return nil
}

// tiles are the numbers to see first.
func tiles(r *stats.Report) (all []tile) {
	t := &r.Traces
	rate := ""
	if t.Count > 1 && t.PerSecond > 0 {
		rate = chart.Three(t.PerSecond) + " a second"
	}
	all = append(all, tile{"traces", text.Grouped(t.Count), rate})
	if t.Count > 0 {
		all = append(all, tile{"with an error", percent(t.ErrorRate), "of the traces"},
			tile{"half within", duration(t.Duration.P50), "99 % in " + duration(t.Duration.P99)})
	}
	add := func(name, signal string) {
		if s := r.Sizes[signal]; s.Items > 0 {
			all = append(all, tile{name, text.Grouped(s.Items), text.Size(s.Bytes) + ", " + chart.Whole(s.BytesPerItem) + " bytes each"})
		}
	}
	add("spans", "traces")
	add("data points", "metrics")
	add("log records", "logs")
	return append(all, tile{"services", text.Grouped(len(r.Services)), text.Counted(len(r.Operations), "operation")})
}

// sizes are the rows of the table of sizes.
func sizes(r *stats.Report) (all []size) {
	for _, x := range [][2]string{{"spans", "traces"}, {"data points", "metrics"}, {"log records", "logs"}} {
		if s := r.Sizes[x[1]]; s.Items > 0 {
			all = append(all, size{x[0], text.Grouped(s.Items), text.Size(s.Bytes), chart.Whole(s.BytesPerItem)})
		}
	}
	return all
}

// traces are the rows of the table of what traces are like.
func traces(r *stats.Report) (all []spread) {
	add := func(name string, s *stats.Spread, write func(float64) string) {
		if s.Count > 0 {
			all = append(all, spread{name, []string{write(s.Mean), write(s.Min), write(s.P50), write(s.P95), write(s.P99), write(s.Max)}})
		}
	}
	t := &r.Traces
	add("duration", &t.Duration, duration)
	add("spans", &t.Spans, chart.Whole)
	add("depth", &t.Depth, chart.Whole)
	add("children of a span, at most", &t.Width, chart.Whole)
	add("roots", &t.Roots, chart.Whole)
	add("traces of a session", &r.Sessions.Traces, chart.Whole)
	add("pause between them", &r.Sessions.Pauses, duration)
	return all
}

func duration(ns float64) string { return chart.Nanos(ns) }

// percent writes a share.
func percent(v float64) string {
	const whole = 1e9
	return strings.TrimPrefix(chart.Percent(uint64(v*whole), whole), "-")
}
