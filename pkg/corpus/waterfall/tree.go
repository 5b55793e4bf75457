package waterfall

import (
	"cmp"
	"encoding/hex"
	"fmt"
	"slices"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// trace is one trace as it is drawn.
type trace struct {
	ID               string
	From, Length     string
	Spans, Logs      int
	Left, Width      float64 // in its turn, in percent
	Ticks            []string
	Rows             []row
	start, end, last uint64 // last is the end with what came later
}

// row is a line of a trace: a span or a log record.
type row struct {
	ID          string // of the span
	Depth       int
	Log, Error  bool
	Name, Extra string // Extra is a log's body or a span's status message
	Tag         string // kind or severity
	Note        string // what is odd about it
	Service     string
	Color       int
	Left, Width float64 // percent of the trace
	Offset      string
	Length      string
	Attrs       []pair
	Facts       []pair
	Resource    []pair
	Events      []event
	Links       []link
}

// event is an event of a span.
type event struct {
	Name, Offset string
	Left         float64
	Attrs        []pair
}

// link is a link of a span.
type link struct {
	Trace, Span string
	Here        bool // the span is on this page
	Attrs       []pair
}

// drawing makes the rows of the traces of one request.
type drawing struct {
	page  *view
	t     *otlp.Traces
	l     *otlp.Logs
	spans source
	logs  source

	out      *trace
	children map[otlp.SpanID][]uint32
	records  map[otlp.SpanID][]uint32
	seen     map[uint32]bool
}

// traces returns the traces of a request in the order of their starts.
func (d *drawing) traces() []trace {
	members, records := map[otlp.TraceID][]uint32{}, map[otlp.TraceID][]uint32{}
	var order []otlp.TraceID
	for i := range d.t.Spans {
		id := d.t.Spans[i].TraceID
		if members[id] == nil {
			order = append(order, id)
		}
		members[id] = append(members[id], uint32(i))
	}
	for i := range d.l.Records {
		id := d.l.Records[i].TraceID
		if members[id] == nil && records[id] == nil {
			order = append(order, id)
		}
		records[id] = append(records[id], uint32(i))
	}
	all := make([]trace, 0, len(order))
	for _, id := range order {
		all = append(all, d.trace(id, members[id], records[id]))
	}
	slices.SortStableFunc(all, func(a, b trace) int { return cmp.Compare(a.start, b.start) })
	return all
}

// numTicks is the number of labels above the lanes of a trace.
const numTicks = 4

func (d *drawing) trace(id otlp.TraceID, spans, logs []uint32) trace {
	d.out = &trace{ID: hex.EncodeToString(id[:]), Spans: len(spans), Logs: len(logs), start: ^uint64(0)}
	known := map[otlp.SpanID]bool{}
	for _, i := range spans {
		s := &d.t.Spans[i]
		known[s.SpanID] = true
		d.out.start, d.out.end = min(d.out.start, s.Start), max(d.out.end, s.End)
	}
	d.records = map[otlp.SpanID][]uint32{}
	d.out.last = d.out.end
	var loose []uint32
	for _, i := range logs {
		r := &d.l.Records[i]
		d.out.start, d.out.last = min(d.out.start, r.Time), max(d.out.last, r.Time)
		if known[r.SpanID] {
			d.records[r.SpanID] = append(d.records[r.SpanID], i)
		} else {
			loose = append(loose, i)
		}
	}
	d.out.end = max(d.out.end, d.out.start)
	d.out.Length = between(d.out.start, d.out.end)
	for k := range numTicks {
		d.out.Ticks = append(d.out.Ticks, between(0, (d.out.last-d.out.start)/numTicks*uint64(k)))
	}

	byTime := slices.Clone(spans)
	slices.SortStableFunc(byTime, func(a, b uint32) int { return cmp.Compare(d.t.Spans[a].Start, d.t.Spans[b].Start) })
	d.children, d.seen = map[otlp.SpanID][]uint32{}, map[uint32]bool{}
	var roots []uint32
	for _, i := range byTime {
		parent := d.t.Spans[i].ParentID
		if parent == (otlp.SpanID{}) || !known[parent] {
			roots = append(roots, i)
		} else {
			d.children[parent] = append(d.children[parent], i)
		}
	}
	for _, i := range roots {
		note := ""
		if d.t.Spans[i].ParentID != (otlp.SpanID{}) {
			note = "its parent is not here"
		}
		d.tree(i, 0, note)
	}
	for _, i := range byTime {
		if !d.seen[i] {
			d.tree(i, 0, "its own ancestor")
		}
	}
	for _, i := range loose {
		d.log(i, 0, "its span is not here")
	}
	return *d.out
}

// tree adds span i and what is below it, logs and spans in the order of time.
func (d *drawing) tree(i uint32, depth int, note string) {
	d.seen[i] = true
	s := &d.t.Spans[i]
	d.span(s, depth, note)
	children, logs := d.children[s.SpanID], d.records[s.SpanID]
	// Of spans with one id only the first has the children.
	delete(d.children, s.SpanID)
	delete(d.records, s.SpanID)
	slices.SortStableFunc(logs, func(a, b uint32) int { return cmp.Compare(d.l.Records[a].Time, d.l.Records[b].Time) })
	for len(children)+len(logs) > 0 {
		if len(children) == 0 || len(logs) > 0 && d.l.Records[logs[0]].Time < d.t.Spans[children[0]].Start {
			d.log(logs[0], depth+1, "")
			logs = logs[1:]
			continue
		}
		if child := children[0]; !d.seen[child] {
			d.tree(child, depth+1, "")
		}
		children = children[1:]
	}
}

// place returns where a time lies in the trace, in percent.
func (d *drawing) place(at uint64) float64 {
	if d.out.last <= d.out.start || at <= d.out.start {
		return 0
	}
	return min(100*float64(at-d.out.start)/float64(d.out.last-d.out.start), 100)
}

func (d *drawing) span(s *otlp.Span, depth int, note string) {
	r := row{
		ID: hex.EncodeToString(s.SpanID[:]), Depth: depth, Note: note, Name: d.spans.strings.String(s.Name), Tag: kindName(s.Kind),
		Left: d.place(s.Start), Offset: between(d.out.start, s.Start), Length: between(s.Start, s.End),
		Attrs: d.spans.pairs(s.Attrs), Resource: d.spans.resource(s.Resource),
	}
	r.Width = max(d.place(s.End)-r.Left, 0)
	r.Error, r.Extra = s.Status == otlp.StatusError, d.spans.strings.String(s.Message)
	if r.Error && r.Extra == "" {
		r.Extra = find(r.Attrs, "error.type")
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
		r.Events = append(r.Events, event{d.spans.strings.String(e.Name), between(d.out.start, e.Time), d.place(e.Time), d.spans.pairs(e.Attrs)})
	}
	for k := s.Links.Start; k < s.Links.End; k++ {
		l := &d.t.Links[k]
		r.Links = append(r.Links, link{hex.EncodeToString(l.TraceID[:]), hex.EncodeToString(l.SpanID[:]),
			d.page.spanIDs[l.SpanID], d.spans.pairs(l.Attrs)})
	}
	d.page.count(&r)
	d.out.Rows = append(d.out.Rows, r)
}

func (d *drawing) log(i uint32, depth int, note string) {
	l := &d.l.Records[i]
	r := row{
		Depth: depth, Log: true, Note: note, Name: d.logs.strings.String(l.EventName), Tag: d.logs.strings.String(l.SeverityText),
		Left: d.place(l.Time), Offset: between(d.out.start, l.Time), Error: l.Severity >= otlp.SeverityError,
		Attrs: d.logs.pairs(l.Attrs), Resource: d.logs.resource(l.Resource),
	}
	if r.Tag == "" {
		r.Tag = fmt.Sprintf("severity %d", l.Severity)
	}
	if l.Body.Kind != otlp.KindEmpty {
		r.Extra = d.logs.value(&l.Body, true)
	}
	r.Service, r.Color = d.page.service(r.Resource)
	r.Facts = []pair{{"at", r.Offset}, {"observed at", between(d.out.start, l.Observed)}, {"severity", fmt.Sprint(l.Severity)},
		{"span id", hex.EncodeToString(l.SpanID[:])}, {"scope", d.logs.scope(l.Scope)}}
	d.page.count(&r)
	d.out.Rows = append(d.out.Rows, r)
}
