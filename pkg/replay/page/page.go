package page

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"time"

	"github.com/otelsim/otelsim/internal/text"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/internal/chart"
	"github.com/otelsim/otelsim/pkg/replay"
)

// Page is what a page shows.
type Page struct {
	Report *replay.Report
	Unit   replay.Unit // what the schedule counts

	// Failures speak against calling the run a success, as
	// replay.Report.Failures returns them; Broken is the error that ended the
	// run early, if one did.
	Failures []string
	Broken   error

	Settings []Setting // in the order in which they are shown
	Program  string    // and its version, for the footer
}

// Setting is one of the settings of the run.
type Setting struct{ Name, Value string }

//go:embed page.tmpl
var pageText string

//go:embed page.css
var style string

// layout is the template of a page.
var layout = template.Must(template.New("page").Funcs(template.FuncMap{
	"clean":    text.Clean,
	"times":    replay.TimesAsFast,
	"grouped":  text.Grouped[uint64],
	"duration": chart.Duration,
	"percent":  chart.Percent,
}).Parse(pageText))

// view is what the template reads: a page with what was worked out from it.
type view struct {
	*Page
	Style   template.CSS
	Verdict key
	Tiles   []tile
	Figures []figure
	Ledger  []row
	Columns []column // of the ledger, for windows in which they do not fit beside each other
	Latency []row
	When    string
}

// column is a column of the ledger.
type column struct {
	Name   string
	Lost   bool // what it counts was lost
	Values []uint64
}

// tile is a number of the summary.
type tile struct{ Name, Value, Note string }

// row is a row of a table.
type row struct {
	Name    string
	Inner   bool // part of the row before
	Ledger  replay.Ledger
	Latency replay.Latency
}

// Write writes the page. An error is that of w.
func (p *Page) Write(w io.Writer) error {
	r := p.Report
	v := view{Page: p, Style: template.CSS(style), Verdict: p.verdict(), Tiles: p.tiles()}
	v.When = fmt.Sprintf("%s to %s UTC, %s", r.Start.Format("2006-01-02 15:04:05"), endOf(r), chart.Duration(int64(r.Duration*1e9)))
	if s := r.Series; s == nil {
		v.Figures = []figure{{Title: "Rate over time", Empty: "Nothing was sent."}}
	} else {
		length := max(time.Duration(r.Duration*1e9), time.Millisecond)
		v.Figures = []figure{p.rateFigure(s, length), p.latencyFigure(s, length)}
		if f, ok := p.troubleFigure(s, length); ok {
			v.Figures = append(v.Figures, f)
		}
		v.Figures = append(v.Figures, p.curveFigure(s))
	}
	v.Ledger = append(v.Ledger, row{Name: "records", Ledger: r.Records}, row{Name: "items", Ledger: r.Items})
	v.Latency = append(v.Latency, row{Name: "latency from due", Latency: r.FromDue}, row{Name: "latency from send", Latency: r.FromSend})
	for sig := range otlp.Signal(otlp.NumSignals) {
		s, ok := r.Signals[sig.String()]
		if !ok {
			continue
		}
		name := sig.String()
		v.Ledger = append(v.Ledger, row{Name: name, Ledger: s.Records}, row{Name: sig.Item() + "s", Inner: true, Ledger: s.Items})
		if len(r.Signals) > 1 {
			v.Latency = append(v.Latency, row{Name: name + " from due", Inner: true, Latency: s.FromDue},
				row{Name: name + " from send", Inner: true, Latency: s.FromSend})
		}
	}
	v.Latency = append(v.Latency, row{Name: "lateness", Latency: r.Lateness})
	v.Columns = columns(v.Ledger)
	if err := layout.Execute(w, v); err != nil {
		return fmt.Errorf("write page: %w", err)
	}
	return nil
}

// columns returns the ledger with its sides exchanged.
func columns(rows []row) []column {
	all := []column{{Name: "due"}, {Name: "accepted"}, {Name: "rejected", Lost: true}, {Name: "failed", Lost: true},
		{Name: "unknown", Lost: true},
		{Name: "late"}, {Name: "retried"}, {Name: "throttled"}}
	for _, r := range rows {
		l := r.Ledger
		for i, n := range []uint64{l.Due, l.Accepted, l.Rejected, l.Failed, l.Unknown, l.Late, l.Retried, l.Throttled} {
			all[i].Values = append(all[i].Values, n)
		}
	}
	return all
}

// endOf formats the end of a run, without the date if that is the start's.
func endOf(r *replay.Report) string {
	if r.End.Sub(r.Start) < 24*time.Hour && r.End.Day() == r.Start.Day() {
		return r.End.Format("15:04:05")
	}
	return r.End.Format("2006-01-02 15:04:05")
}

// verdict says in a word how the run ended.
func (p *Page) verdict() key {
	switch {
	case p.Broken != nil:
		return key{"bad", "broken off"}
	case len(p.Failures) > 0:
		return key{"bad", "failed"}
	case p.Report.Interrupted:
		return key{"fair", "interrupted"}
	}
	return key{"good", "passed"}
}

// tiles are the numbers to see first.
func (p *Page) tiles() []tile {
	r := p.Report
	rate := tile{"achieved rate", chart.Whole(r.AchievedRPS) + "/s", chart.Whole(r.AchievedItemsPerSecond) + " items/s"}
	switch {
	case r.AchievedRPS == 0:
		rate.Value, rate.Note = "-", "too few records"
	case r.TargetRPS > 0:
		rate.Note = fmt.Sprintf("%.2f %% of %s/s", 100*r.AchievedRPS/r.TargetRPS, chart.Whole(r.TargetRPS))
	}
	all := []tile{
		{"accepted", text.Grouped(r.Records.Accepted), "of " + text.Counted(r.Records.Due, "record")},
		{"lost", text.Grouped(r.LostRecords), text.Counted(r.LostItems, "item")},
		rate,
	}
	latency := tile{"p99 from due", "-", "no answer"}
	if r.FromDue.Count > 0 {
		latency.Value, latency.Note = chart.Duration(r.FromDue.P99), "median "+chart.Duration(r.FromDue.P50)
	}
	late := tile{"late", chart.Percent(r.Records.Late, r.Records.Due), "by more than " + chart.Duration(r.LateAfter)}
	return append(all, latency, late)
}
