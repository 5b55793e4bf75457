package show

import (
	"encoding/hex"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/otelsim/otelsim/internal/text"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// drawnTrace is one trace as it stands on the page.
type drawnTrace struct {
	ID               string
	From, Length     string
	Spans, Logs      int
	Left, Width      float64 // in its turn, in percent
	Ticks            []string
	Rows             []drawnRow
	start, end, last uint64 // last is the end with the logs that came later
}

// drawnRow is a row of a tree as it stands on the page.
type drawnRow struct {
	ID          string // of the span
	Depth       int
	Log, Error  bool
	Name, Extra string // Extra is a log's body or a span's status message
	Tag         string // kind or severity
	Note        string // what is odd about it
	Aside       string // what else is worth to be said of it
	Service     string
	Color       int
	Left, Width float64 // percent of the trace
	Offset      string
	Length      string
	Attrs       []pair
	Facts       []pair
	Resource    []pair
	Events      []drawnEvent
	Links       []drawnLink
}

// drawnEvent is an event of a span.
type drawnEvent struct {
	Name, Offset string
	Left         float64
	Attrs        []pair
}

// drawnLink is a link of a span.
type drawnLink struct {
	Trace, Span string
	Here        bool // the span is on this page
	Attrs       []pair
}

// pair is an attribute as it is shown.
type pair struct{ Key, Value string }

// drawing makes the rows of the traces of one request.
type drawing struct {
	page  *view
	t     *otlp.Traces
	l     *otlp.Logs
	spans source
	logs  source
	out   *drawnTrace
}

// numTicks is the number of labels above the lanes of a trace.
const numTicks = 4

func (d *drawing) trace(tree *tree) drawnTrace {
	d.out = &drawnTrace{ID: hex.EncodeToString(tree.id[:]), Spans: tree.spans, Logs: tree.logs, start: tree.start, end: max(tree.start, tree.end)}
	d.out.last = d.out.end
	for _, r := range tree.rows {
		if r.log {
			d.out.last = max(d.out.last, d.l.Records[r.index].Time)
		}
	}
	d.out.Length = drawnDuration(d.out.start, d.out.end)
	for k := range numTicks {
		at := min((d.out.last-d.out.start)/numTicks*uint64(k), math.MaxInt64)
		d.out.Ticks = append(d.out.Ticks, text.Fine(time.Duration(at)).String())
	}
	for i := range tree.rows {
		r := &tree.rows[i]
		if r.log {
			d.log(&d.l.Records[r.index], r)
		} else {
			d.span(&d.t.Spans[r.index], r)
		}
	}
	return *d.out
}

// place returns where a time lies in the trace, in percent.
func (d *drawing) place(at uint64) float64 {
	if d.out.last <= d.out.start || at <= d.out.start {
		return 0
	}
	return min(100*float64(at-d.out.start)/float64(d.out.last-d.out.start), 100)
}

func (d *drawing) span(s *otlp.Span, of *row) {
	r := drawnRow{
		ID: hex.EncodeToString(s.SpanID[:]), Depth: of.depth, Name: text.Clean(d.spans.strings.String(s.Name)), Tag: otlp.SpanKindName(s.Kind),
		Left: d.place(s.Start), Offset: drawnDuration(d.out.start, s.Start), Length: drawnDuration(s.Start, s.End),
		Attrs: d.spans.pairs(s.Attrs), Resource: d.spans.resource(s.Resource),
	}
	r.Note = [...]string{noteNone: "", noteOrphan: "its parent is not here", noteAncestor: "its own ancestor"}[of.note]
	r.Aside = of.aside
	r.Width = max(d.place(s.End)-r.Left, 0)
	r.Error, r.Extra = s.Status == otlp.StatusError, text.Clean(d.spans.strings.String(s.Message))
	if r.Error && r.Extra == "" {
		r.Extra = valueOf(r.Attrs, "error.type")
	}
	r.Service, r.Color = d.page.service(r.Resource)
	r.Facts = []pair{{"span id", r.ID}}
	if s.ParentID != (otlp.SpanID{}) {
		r.Facts = append(r.Facts, pair{"parent", hex.EncodeToString(s.ParentID[:])})
	}
	status := map[uint8]string{otlp.StatusUnset: "unset", otlp.StatusOK: "ok", otlp.StatusError: "error"}[s.Status]
	r.Facts = append(r.Facts, pair{"starts at", r.Offset}, pair{"status", status}, pair{"scope", d.spans.scope(s.Scope)},
		pair{"flags", fmt.Sprintf("%#x", s.Flags)})
	for k := s.Events.Start; k < s.Events.End; k++ {
		e := &d.t.Events[k]
		r.Events = append(r.Events, drawnEvent{text.Clean(d.spans.strings.String(e.Name)), drawnDuration(d.out.start, e.Time), d.place(e.Time), d.spans.pairs(e.Attrs)})
	}
	for k := s.Links.Start; k < s.Links.End; k++ {
		l := &d.t.Links[k]
		r.Links = append(r.Links, drawnLink{hex.EncodeToString(l.TraceID[:]), hex.EncodeToString(l.SpanID[:]),
			d.page.spanIDs[l.SpanID], d.spans.pairs(l.Attrs)})
	}
	d.page.count(&r)
	d.out.Rows = append(d.out.Rows, r)
}

func (d *drawing) log(l *otlp.LogRecord, of *row) {
	r := drawnRow{
		Depth: of.depth, Log: true, Name: text.Clean(d.logs.strings.String(l.EventName)), Tag: text.Clean(d.logs.strings.String(l.SeverityText)),
		Left: d.place(l.Time), Offset: drawnDuration(d.out.start, l.Time), Error: l.Severity >= otlp.SeverityError,
		Attrs: d.logs.pairs(l.Attrs), Resource: d.logs.resource(l.Resource),
	}
	if of.note == noteOrphan {
		r.Note = "its span is not here"
	}
	if r.Tag == "" {
		r.Tag = fmt.Sprintf("severity %d", l.Severity)
	}
	if l.Body.Kind != otlp.KindEmpty {
		r.Extra = d.logs.value(&l.Body, true)
	}
	r.Service, r.Color = d.page.service(r.Resource)
	r.Facts = []pair{{"at", r.Offset}, {"observed at", drawnDuration(d.out.start, l.Observed)}, {"severity", fmt.Sprint(l.Severity)},
		{"span id", hex.EncodeToString(l.SpanID[:])}, {"scope", d.logs.scope(l.Scope)}}
	d.page.count(&r)
	d.out.Rows = append(d.out.Rows, r)
}

// pairs returns attributes as they stand on the page.
func (s *source) pairs(r otlp.Range) (all []pair) {
	for k := r.Start; k < r.End; k++ {
		a := &s.attrs[k]
		all = append(all, pair{text.Clean(s.strings.String(a.Key)), s.value(a, true)})
	}
	return all
}

// resource returns the attributes of a resource.
func (s *source) resource(i uint32) []pair {
	if int(i) >= len(s.resources) {
		return nil
	}
	return s.pairs(s.resources[i].Attrs)
}

// scope returns name and version of a scope.
func (s *source) scope(i uint32) string {
	if int(i) >= len(s.scopes) {
		return ""
	}
	return text.Clean(strings.TrimSpace(s.strings.String(s.scopes[i].Name) + " " + s.strings.String(s.scopes[i].Version)))
}

// value returns an attribute's value. Text stands as it is at the top, where
// nothing can be taken for anything else, and as in a terminal elsewhere.
func (s *source) value(a *otlp.Attr, top bool) string {
	if value, ok := s.string(a); ok && top {
		return text.Clean(value)
	}
	p := textPrinter{source: *s}
	p.value(a)
	return string(p.dst)
}

// valueOf returns the value of the attribute of a name, or "".
func valueOf(all []pair, name string) string {
	for _, p := range all {
		if p.Key == name {
			return p.Value
		}
	}
	return ""
}

// drawnDuration returns the time from a to b in nanoseconds as it stands on a page,
// below an axis in the same form: 150ms, 1.204s, 49m14.644s, -3ns.
func drawnDuration(a, b uint64) string {
	const minute = 60_000_000_000
	if b < a || b-a < minute {
		return Duration(a, b)
	}
	d := b - a
	var dst []byte
	if hours := d / (60 * minute); hours > 0 {
		dst = append(strconv.AppendUint(dst, hours, 10), 'h')
	}
	dst = append(strconv.AppendUint(dst, d/minute%60, 10), 'm')
	if d%minute < 1_000_000_000 { // of seconds, not of a smaller unit
		d -= d % 1_000_000_000
	}
	return string(appendDuration(dst, 0, d%minute))
}
