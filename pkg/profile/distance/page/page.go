package page

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"

	"github.com/otelsim/otelsim/internal/text"
	"github.com/otelsim/otelsim/pkg/profile/distance"
)

// Page is what a page shows.
type Page struct {
	Result  *distance.Result
	Program string // and its version, for the footer
}

//go:embed page.tmpl
var pageText string

//go:embed page.css
var style string

// layout is the template of a page.
var layout = template.Must(template.New("page").Funcs(template.FuncMap{
	"clean":   text.Clean,
	"grouped": text.Grouped[uint64],
	"short":   func(s string) string { return text.Line(s, maxText) },
}).Parse(pageText))

// maxTold is how many parts of a measure that is apart are told.
const maxTold = 3

// maxOutliers is how many outliers are shown.
const maxOutliers = 20

// maxText is how long a text of others is on a page, in bytes.
const maxText = 300

// view is what the template reads.
type view struct {
	*Page
	Style    template.CSS
	Verdict  string
	Class    string // of the verdict
	Says     string
	A, B     side
	Groups   []group
	None     []string // measures that had nothing to compare
	Outliers []distance.Outlier

	MoreOutliers uint64 // that are not shown

	Shapes     []pair
	Failures   []pair
	Operations *figure
	Keys       []key
	Arrivals   *figure
}

// side is one of the two.
type side struct{ Name, Says string }

// group is measures with a heading.
type group struct {
	Name     string
	Measures []measure
}

// measure is one measure as it is shown. Widths are in percent of twice its limit, so that
// what is over the limit passes the middle.
type measure struct {
	distance.Measure
	What                   string
	Value, Baseline, Limit string
	Width, BaselineWidth   string
}

// figure is a picture with what stands around it.
type figure struct {
	Note   string
	Charts []template.HTML
}

// Write writes the page. An error is that of w.
func (p *Page) Write(w io.Writer) error {
	r := p.Result
	v := view{Page: p, Style: template.CSS(style), Verdict: r.Verdict(), Class: "good", Says: r.Says(),
		A: side{r.A.Name, r.A.Says()}, B: side{r.B.Name, r.B.Says()}}
	if r.Apart() {
		v.Class = "bad"
	}
	v.Groups, v.None = grouped(r.Measures)
	v.Outliers = r.Outliers[:min(len(r.Outliers), maxOutliers)]
	v.MoreOutliers = uint64(len(r.Outliers) - len(v.Outliers))
	a, b := r.A.Profile, r.B.Profile
	v.Shapes = shapes(a, b)
	ops := operations(a, b)
	v.Operations, v.Failures = latencies(ops), failures(ops)
	v.Keys = keys(a, b)
	v.Arrivals = arrivals(a, b)
	if err := layout.Execute(w, v); err != nil {
		return fmt.Errorf("write page: %w", err)
	}
	return nil
}

// grouped returns the measures by group, and the names of those without data.
func grouped(list []distance.Measure) (all []group, none []string) {
	for _, m := range list {
		if m.N == 0 {
			none = append(none, m.Name)
			continue
		}
		if len(all) == 0 || all[len(all)-1].Name != m.Group {
			all = append(all, group{Name: m.Group})
		}
		g := &all[len(all)-1]
		width := func(v float64) string { return fmt.Sprintf("%.1f", min(50*v/m.Limit, 100)) }
		shown := measure{Measure: m, What: distance.What(m.Name), Value: number(m.Value), Limit: number(m.Limit), Width: width(m.Value)}
		shown.Worst = shown.Worst[:min(len(shown.Worst), maxTold)]
		if m.Baseline != nil {
			shown.Baseline, shown.BaselineWidth = number(*m.Baseline), width(*m.Baseline)
		}
		g.Measures = append(g.Measures, shown)
	}
	return all, none
}

func number(v float64) string { return fmt.Sprintf("%.3f", v) }
