package show

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/otelsim/otelsim/internal/text"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// fact is a line of the head of a page.
type fact struct{ Name, Value string }

var (
	//go:embed page.tmpl
	pageText string
	//go:embed page.css
	style string
	//go:embed page.js
	script string
)

// layout is read when a page is asked for, not by every process.
var layout = sync.OnceValue(func() *template.Template {
	return template.Must(template.New("page").Funcs(template.FuncMap{"counted": text.Counted[int]}).Parse(pageText))
})

// view is what the template reads.
type view struct {
	Title    string
	Facts    []fact
	Style    template.CSS
	Script   template.JS
	Services []service
	Drawn    []drawnTurn

	Spans, Logs, Errors int
	Start               string

	spanIDs map[otlp.SpanID]bool
}

// service is a service with its color.
type service struct {
	Name  string
	Color int
}

// drawnTurn is a request with its traces drawn.
type drawnTurn struct {
	Number       int
	Request      string
	From, Length string
	Traces       []drawnTrace
}

// WritePage writes the session as a page. An error is that of w, or says which
// turn cannot be decoded.
func (s *Session) WritePage(w io.Writer) error {
	requests, err := s.requests()
	if err != nil {
		return err
	}
	v := &view{Title: text.Clean(s.Scenario) + ", iteration " + strconv.FormatUint(s.iteration, 10), spanIDs: map[otlp.SpanID]bool{}}
	v.Facts = []fact{
		{"scenario", text.Clean(s.Scenario)},
		{"iteration", fmt.Sprintf("%d of seed %d", s.iteration, s.seed)},
	}
	if len(requests) > 0 && requests[0].session != "-" {
		v.Facts = append(v.Facts, fact{"session", text.Clean(requests[0].session)})
	}
	return v.write(w, requests)
}

// write draws the requests and writes the page.
func (v *view) write(w io.Writer, requests []request) error {
	v.Style, v.Script = template.CSS(style), template.JS(script)
	first := ^uint64(0)
	for _, r := range requests {
		for i := range r.traces.Spans {
			v.spanIDs[r.traces.Spans[i].SpanID] = true
			first = min(first, r.traces.Spans[i].Start)
		}
	}
	if first != ^uint64(0) {
		v.Start = time.Unix(0, int64(first)).UTC().Format("2006-01-02 15:04:05.000")
	}
	for i := range requests {
		v.Drawn = append(v.Drawn, v.turn(i, &requests[i], first))
	}
	if err := layout().Execute(w, v); err != nil {
		return fmt.Errorf("write page: %w", err)
	}
	return nil
}

// turn draws one request. First is the start of the session.
func (v *view) turn(i int, r *request, first uint64) drawnTurn {
	d := &drawing{page: v, t: &r.traces, l: &r.logs, spans: sourceOf(&r.traces), logs: logSource(&r.logs)}
	out := drawnTurn{Number: i + 1}
	if r.id != "-" {
		out.Request = text.Clean(r.id)
	}
	for _, tree := range treesOf(&r.traces, &r.logs) {
		out.Traces = append(out.Traces, d.trace(&tree))
	}
	start, end := ^uint64(0), uint64(0)
	for k := range out.Traces {
		start, end = min(start, out.Traces[k].start), max(end, out.Traces[k].end)
	}
	if len(out.Traces) == 0 {
		return out
	}
	out.From, out.Length = drawnDuration(first, start), drawnDuration(start, end)
	for k := range out.Traces {
		r := &out.Traces[k]
		r.From = drawnDuration(start, r.start)
		if end > start {
			r.Left = 100 * float64(r.start-start) / float64(end-start)
			r.Width = 100 * float64(r.end-r.start) / float64(end-start)
		}
	}
	return out
}

// numColors is how many services are told apart by color.
const numColors = 10

// service returns the service's name of a resource and its color.
func (v *view) service(resource []pair) (name string, color int) {
	name = valueOf(resource, "service.name")
	i := slices.IndexFunc(v.Services, func(s service) bool { return s.Name == name })
	if i < 0 {
		i = len(v.Services)
		v.Services = append(v.Services, service{name, i % numColors})
	}
	return name, v.Services[i].Color
}

// count adds a row to the sums of the page.
func (v *view) count(r *drawnRow) {
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
