package page

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"strings"

	"github.com/otelsim/otelsim/internal/text"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/match/judge"
)

// Page is what a page shows.
type Page struct {
	Result   *judge.Result
	Corpus   string    // its name, for the title
	Settings []Setting // in the order in which they are shown
	Program  string    // and its version, for the footer
}

// Setting is one of the settings of the check.
type Setting struct{ Name, Value string }

//go:embed page.tmpl
var pageText string

//go:embed page.css
var style string

// layout is the template of a page.
var layout = template.Must(template.New("page").Funcs(template.FuncMap{
	"clean":   text.Clean,
	"grouped": text.Grouped[uint64],
}).Parse(pageText))

// view is what the template reads: a page with what was worked out from it.
type view struct {
	*Page
	Style    template.CSS
	Class    string // of the verdict
	Tiles    []tile
	Flows    []flow
	Legend   []key
	Columns  []string // of the table of classes
	Classes  []row
	Losses   *figure
	Places   []bars // of losses
	Delays   *figure
	Kinds    []kind
	Left     uint64 // findings that are not shown
	Settings []Setting
}

// key is an entry of a legend.
type key struct{ Class, Name string }

// tile is a number of the summary.
type tile struct{ Class, Name, Value, Note string }

// row is a class of items with its counts.
type row struct {
	Class, Name, Note string
	Values            []string
	Some              bool // any of them is not 0
}

// figure is a chart with what stands around it.
type figure struct {
	Note   string
	Said   string // the same in a sentence
	Legend []key
	Charts []template.HTML
}

// Write writes the page. An error is that of w.
func (p *Page) Write(w io.Writer) error {
	r := p.Result
	v := view{
		Page: p, Style: template.CSS(style), Tiles: p.tiles(), Settings: p.settings(),
		Class: map[judge.Verdict]string{judge.AsExpected: "good", judge.Found: "bad"}[r.Verdict],
	}
	if v.Class == "" {
		v.Class = "fair"
	}
	for sig := range otlp.Signal(otlp.NumSignals) {
		if f, ok := p.flow(sig); ok {
			v.Flows = append(v.Flows, f)
		}
	}
	v.Legend = legendOf(v.Flows)
	if r.Verdict != judge.Undecided {
		v.Columns, v.Classes = p.classes()
	}
	v.Losses, v.Places = lossFigure(r.Losses), places(r.Findings)
	v.Delays = delayFigure(r.Delays)
	v.Kinds, v.Left = kinds(r.Findings)
	for i := range v.Kinds {
		if k := &v.Kinds[i]; k.Class == "altered" { // an item that differs in two fields is in two findings
			k.Count = r.Totals.Altered
		}
	}
	if err := layout.Execute(w, v); err != nil {
		return fmt.Errorf("write page: %w", err)
	}
	return nil
}

// tiles are the numbers to see first.
func (p *Page) tiles() []tile {
	r := p.Result
	t := &r.Totals
	sent := tile{"", "sent", text.Grouped(r.Sent.Sum()), "items"}
	if r.Laps > 1 {
		sent.Note = "items in " + text.Counted(r.Laps, "lap")
	}
	received := tile{"", "received", text.Grouped(r.Received.Sum()), "in " + text.Counted(len(r.Outputs), "output")}
	if r.Verdict == judge.Undecided {
		return []tile{sent, received} // none of the others was judged
	}
	all := []tile{sent, received, {"lost", "lost", text.Grouped(t.Lost), "accepted, and not there"}}
	note := "not there, with no answer when sent"
	all = append(all, tile{"unknown", "perhaps lost", text.Grouped(t.LostUnknown), note})
	all = append(all, tile{"altered", "altered", text.Grouped(t.Altered), "as no rule says"})
	extra := t.Duplicated + t.MadeUp
	all = append(all, tile{"madeup", "too many", text.Grouped(extra), "doubled or never sent"})
	for i := range all {
		if all[i].Value == "0" {
			all[i].Class = ""
		}
	}
	return all
}

// settings are those that were given, with what the result says of the run.
func (p *Page) settings() []Setting {
	all := append([]Setting(nil), p.Settings...)
	if len(p.Result.Outputs) > 1 {
		how := "together, as one"
		if p.Result.FanOut {
			how = "each is to have everything"
		}
		all = append(all, Setting{"outputs", how})
	}
	if len(p.Result.Rules) > 0 {
		all = append(all, Setting{"held to", strings.Join(p.Result.Rules, ", ")})
	}
	return all
}

// classes returns the table of classes: its columns, and a row for each.
func (p *Page) classes() (columns []string, rows []row) {
	totals := []judge.Totals{p.Result.Totals}
	columns = []string{"all"}
	for sig := range otlp.Signal(otlp.NumSignals) {
		if t, ok := p.Result.BySignal[sig.String()]; ok {
			columns, totals = append(columns, sig.String()), append(totals, t)
		}
	}
	add := func(class, name, note string, count func(*judge.Totals) *uint64) {
		r := row{Class: class, Name: name, Note: note}
		for i := range totals {
			if n := count(&totals[i]); n == nil {
				r.Values = append(r.Values, "-")
			} else {
				r.Values, r.Some = append(r.Values, text.Grouped(*n)), r.Some || *n > 0
			}
		}
		rows = append(rows, r)
	}
	add("lost", "lost", "accepted, and absent", func(t *judge.Totals) *uint64 { return &t.Lost })
	add("unknown", "perhaps lost", "absent, and the sender got no answer", func(t *judge.Totals) *uint64 { return &t.LostUnknown })
	add("refused", "refused", "absent, as the sender was told", func(t *judge.Totals) *uint64 { return &t.Refused })
	add("altered", "altered", "other than sent, as no rule says", func(t *judge.Totals) *uint64 { return &t.Altered })
	add("moved", "moved", "below another resource or scope", func(t *judge.Totals) *uint64 { return &t.Moved })
	add("doubled", "duplicated", "copies beyond the first", func(t *judge.Totals) *uint64 { return &t.Duplicated })
	add("madeup", "made up", "never sent", func(t *judge.Totals) *uint64 { return &t.MadeUp })
	add("order", "reordered", "after what follows them in their trace", func(t *judge.Totals) *uint64 { return &t.Reordered })
	add("order", "late", "longer under way than allowed", func(t *judge.Totals) *uint64 { return t.Late })
	add("order", "split traces", "in more pieces than they were sent in", func(t *judge.Totals) *uint64 { return &t.SplitTraces })
	add("lost", "incomplete traces", "of which a part was lost", func(t *judge.Totals) *uint64 { return &t.IncompleteTraces })
	return columns, rows
}
