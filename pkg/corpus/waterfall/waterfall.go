package waterfall

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"slices"
	"strconv"
	"time"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// Session is what a page shows.
type Session struct {
	Title string
	Facts []Fact
	Turns []Turn
}

// Fact is a line of the head of a page.
type Fact struct{ Name, Value string }

// Turn is one request of a session: its spans and logs, of which either may be
// empty.
type Turn struct {
	Request string
	Traces  *otlp.Traces
	Logs    *otlp.Logs
}

var (
	//go:embed page.tmpl
	pageText string
	//go:embed page.css
	style string
	//go:embed page.js
	script string
)

var layout = template.Must(template.New("page").Funcs(template.FuncMap{"counted": counted}).Parse(pageText))

// counted returns a number with what is counted.
func counted(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return strconv.Itoa(n) + " " + what + "s"
}

// view is what the template reads.
type view struct {
	*Session
	Style    template.CSS
	Script   template.JS
	Services []service
	Drawn    []turn

	Spans, Logs, Errors int
	Start               string

	spanIDs map[otlp.SpanID]bool
}

// service is a service with its color.
type service struct {
	Name  string
	Color int
}

// turn is a Turn with its traces drawn.
type turn struct {
	Number       int
	Request      string
	From, Length string
	Traces       []trace
}

// Write writes the page of s. An error is that of w.
func Write(w io.Writer, s *Session) error {
	v := &view{Session: s, Style: template.CSS(style), Script: template.JS(script), spanIDs: map[otlp.SpanID]bool{}}
	first := ^uint64(0)
	for _, t := range s.Turns {
		for i := range t.Traces.Spans {
			v.spanIDs[t.Traces.Spans[i].SpanID] = true
			first = min(first, t.Traces.Spans[i].Start)
		}
	}
	if first != ^uint64(0) {
		v.Start = time.Unix(0, int64(first)).UTC().Format("2006-01-02 15:04:05.000")
	}
	for i, t := range s.Turns {
		v.Drawn = append(v.Drawn, v.turn(i, t, first))
	}
	if err := layout.Execute(w, v); err != nil {
		return fmt.Errorf("write page: %w", err)
	}
	return nil
}

// turn draws one request. First is the start of the session.
func (v *view) turn(i int, t Turn, first uint64) turn {
	d := &drawing{page: v, t: t.Traces, l: t.Logs}
	d.spans = source{t.Traces.Strings, t.Traces.Attrs, t.Traces.Text, t.Traces.Resources, t.Traces.Scopes}
	d.logs = source{t.Logs.Strings, t.Logs.Attrs, t.Logs.Text, t.Logs.Resources, t.Logs.Scopes}
	out := turn{Number: i + 1, Request: t.Request, Traces: d.traces()}
	start, end := ^uint64(0), uint64(0)
	for k := range out.Traces {
		start, end = min(start, out.Traces[k].start), max(end, out.Traces[k].end)
	}
	if len(out.Traces) == 0 {
		return out
	}
	out.From, out.Length = between(first, start), between(start, end)
	for k := range out.Traces {
		r := &out.Traces[k]
		r.From = between(start, r.start)
		if end > start {
			r.Left = 100 * float64(r.start-start) / float64(end-start)
			r.Width = 100 * float64(r.end-r.start) / float64(end-start)
		}
	}
	return out
}

// numColors is how many services are told apart by color.
const numColors = 6

// service returns the service's name of a resource and its color.
func (v *view) service(resource []pair) (name string, color int) {
	name = find(resource, "service.name")
	i := slices.IndexFunc(v.Services, func(s service) bool { return s.Name == name })
	if i < 0 {
		i = len(v.Services)
		v.Services = append(v.Services, service{name, i % numColors})
	}
	return name, v.Services[i].Color
}

// count adds a row to the sums of the page.
func (v *view) count(r *row) {
	switch {
	case r.Log:
		v.Logs++
	default:
		v.Spans++
		if r.Error {
			v.Errors++
		}
	}
}
