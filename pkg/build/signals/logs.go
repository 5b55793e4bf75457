package signals

import (
	"strconv"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// observedAfter is how long after it happened an event is observed, in
// nanoseconds.
const observedAfter = 1e6

// logger is what turning spans into logs takes.
type logger struct {
	out       otlp.Logs
	resources []int32 // by resource of the spans: its index in out, or -1
	scopes    []int32 // likewise
	places    []int64 // of the records of a request: the order of equal times

	after []uint32 // by span of the request: the first one that is not below it
	open  []uint32 // spans above the one under work

	t     *otlp.Traces
	first int    // span of the request
	class int    // of the span under work
	begin uint32 // of the request's text
	end   uint32 // of the text of all requests so far
	base  uint32 // of the request's text in out
	notes int    // of t that were told
}

// Logs returns the record with the logs of the requests since BeginSegment or
// ResetLogs. It is lent.
func (d *Deriver) Logs() *otlp.Logs { return &d.logger.out }

// ResetLogs begins a new record. It is due whenever the record of the spans is
// reset.
func (d *Deriver) ResetLogs() { d.logger.reset() }

func (l *logger) reset() {
	l.out.Reset()
	l.resources = l.resources[:0]
	l.scopes = l.scopes[:0]
	l.end, l.notes = 0, 0
}

// next takes note of the text of a request, emitted or not.
func (l *logger) next(t *otlp.Traces, first int) {
	l.t = t
	for l.notes < len(t.Notes) && int(t.Notes[l.notes].Span) < first {
		l.notes++ // of a request that is not logged
	}
	l.begin, l.end = l.end, uint32(len(t.Text))
}

// log appends the logs of the request whose spans begin at index first.
func (d *Deriver) log(first int) {
	l := &d.logger
	begin := l.request(first)
	for i := first; i < len(l.t.Spans); i++ {
		if c, ok := d.rules.class(l.t, &l.t.Spans[i]); ok && !d.ofSystem(i) {
			l.class = c
			d.tell(&d.rules.classes[c].telling, i)
		}
	}
	d.notes()
	sortRecords(l.out.Records[begin:], l.places)
}

// request prepares for the records of the request whose spans begin at index first, and
// returns the index of the first of them.
func (l *logger) request(first int) (begin int) {
	// Most records refer to the same few texts, so that copying all of them is
	// less than copying them for each.
	l.base = uint32(len(l.out.Text))
	l.out.Text = append(l.out.Text, l.t.Text[l.begin:l.end]...)
	l.places = l.places[:0]
	l.first = first
	l.nest()
	return len(l.out.Records)
}

// nest finds out where each span of the request ends among the others, which
// stand after their parents.
func (l *logger) nest() {
	spans := l.t.Spans[l.first:]
	l.after = resize(l.after, len(spans))
	l.open = l.open[:0]
	for i := range spans {
		for n := len(l.open); n > 0 && spans[l.open[n-1]].SpanID != spans[i].ParentID; n-- {
			l.after[l.open[n-1]] = uint32(i)
			l.open = l.open[:n-1]
		}
		l.open = append(l.open, uint32(i))
	}
	for _, i := range l.open {
		l.after[i] = uint32(len(spans))
	}
}

// place says where a moment of a span stands among those of one time: as it
// would if spans took turns, without any time between them.
func (l *logger) place(span, moment int) int64 {
	span -= l.first
	if moment == atStart {
		return int64(span)<<32 | 1<<31
	}
	return int64(l.after[span])<<32 | (1<<31 - 1 - int64(span))
}

// sortRecords sorts by time, and at equal times by place. The few records of a
// request are almost in order, so this is quicker than it looks.
func sortRecords(records []otlp.LogRecord, places []int64) {
	for i := 1; i < len(records); i++ {
		for k := i; k > 0; k-- {
			a, b := &records[k-1], &records[k]
			if a.Time < b.Time || a.Time == b.Time && places[k-1] <= places[k] {
				break
			}
			*a, *b = *b, *a
			places[k-1], places[k] = places[k], places[k-1]
		}
	}
}

// The moments of a span.
const (
	atStart = iota
	atEnd
)

// add appends a record of a span without a body, and returns it.
func (d *Deriver) add(span, moment int, name otlp.StringID, severity uint8) *otlp.LogRecord {
	l := &d.logger
	s := &l.t.Spans[span]
	r := otlp.LogRecord{
		Time: s.Start, TraceID: s.TraceID, SpanID: s.SpanID, Flags: otlp.FlagSampled,
		EventName: name, Severity: severity, SeverityText: d.severityText(severity),
		Resource: l.resource(s.Resource), Scope: l.scope(s.Scope),
		Body: otlp.Attr{Kind: otlp.KindEmpty},
	}
	if moment == atEnd {
		r.Time = s.End
	}
	r.Observed = r.Time + observedAfter
	r.Attrs = d.copyAttrs(s)
	l.out.Records = append(l.out.Records, r)
	l.places = append(l.places, l.place(span, moment))
	return &l.out.Records[len(l.out.Records)-1]
}

func (d *Deriver) severityText(severity uint8) otlp.StringID {
	switch severity {
	case otlp.SeverityWarn:
		return d.rules.words.warn
	case otlp.SeverityError:
		return d.rules.words.fail
	}
	return d.rules.words.info
}

// copyAttrs copies those of a span's attributes that its logs carry.
func (d *Deriver) copyAttrs(s *otlp.Span) otlp.Range {
	l := &d.logger
	bit := uint64(1) << l.class
	list := l.t.Attrs[s.Attrs.Start:s.Attrs.End]
	arrays := uint32(0)
	begin := len(l.out.Attrs)
	for _, a := range list {
		if d.rules.wanted[a.Key]&bit != 0 {
			if a.Kind == otlp.KindArray || a.Kind == otlp.KindMap {
				arrays++
			}
			l.out.Attrs = append(l.out.Attrs, l.value(a))
		}
	}
	end := len(l.out.Attrs)
	for i := begin; arrays > 0 && i < end; i++ {
		l.elements(i)
	}
	return otlp.Range{Start: uint32(begin), End: uint32(end)}
}

// value returns an attribute of the spans as an attribute of out. The elements
// of lists stay where they were until they are copied too.
func (l *logger) value(a otlp.Attr) otlp.Attr {
	if a.Kind == otlp.KindText || a.Kind == otlp.KindBytes {
		r := otlp.UnpackRange(a.Word)
		a.Word = otlp.PackRange(otlp.Range{Start: r.Start - l.begin + l.base, End: r.End - l.begin + l.base})
	}
	return a
}

// elements copies the elements of the list at index i of out's attributes, and
// theirs.
func (l *logger) elements(i int) {
	a := l.out.Attrs[i]
	if a.Kind != otlp.KindArray && a.Kind != otlp.KindMap {
		return
	}
	r := otlp.UnpackRange(a.Word)
	begin := len(l.out.Attrs)
	for _, e := range l.t.Attrs[r.Start:r.End] {
		l.out.Attrs = append(l.out.Attrs, l.value(e))
	}
	end := len(l.out.Attrs)
	l.out.Attrs[i].Word = otlp.PackRange(otlp.Range{Start: uint32(begin), End: uint32(end)})
	for k := begin; k < end; k++ {
		l.elements(k)
	}
}

// resource returns the index in out of a resource of the spans.
func (l *logger) resource(i uint32) uint32 {
	for len(l.resources) <= int(i) {
		l.resources = append(l.resources, -1)
	}
	if at := l.resources[i]; at >= 0 {
		return uint32(at)
	}
	from := &l.t.Resources[i]
	begin := len(l.out.Attrs)
	for _, a := range l.t.Attrs[from.Attrs.Start:from.Attrs.End] {
		l.out.Attrs = append(l.out.Attrs, l.value(a))
	}
	end := len(l.out.Attrs)
	for k := begin; k < end; k++ {
		l.elements(k)
	}
	at := uint32(len(l.out.Resources))
	l.resources[i] = int32(at)
	l.out.Resources = append(l.out.Resources, otlp.Resource{
		Attrs: otlp.Range{Start: uint32(begin), End: uint32(end)}, SchemaURL: from.SchemaURL,
	})
	return at
}

// scope returns the index in out of a scope of the spans.
func (l *logger) scope(i uint32) uint32 {
	for len(l.scopes) <= int(i) {
		l.scopes = append(l.scopes, -1)
	}
	if at := l.scopes[i]; at >= 0 {
		return uint32(at)
	}
	at := uint32(len(l.out.Scopes))
	l.scopes[i] = int32(at)
	l.out.Scopes = append(l.out.Scopes, l.t.Scopes[i])
	return at
}

// body builds the text of a record: words, and values of its span.
type body struct {
	d     *Deriver
	begin int
}

func (d *Deriver) body(words string) body {
	l := &d.logger
	b := body{d, len(l.out.Text)}
	l.out.Text = append(l.out.Text, words...)
	return b
}

// word appends text.
func (b body) word(s string) body {
	l := &b.d.logger
	l.out.Text = append(l.out.Text, s...)
	return b
}

// attr appends a blank and the value of an attribute, when it is there.
func (b body) attr(r otlp.Range, key otlp.StringID) body {
	l := &b.d.logger
	a, ok := lookup(l.t, r, key)
	if !ok {
		return b
	}
	l.out.Text = append(l.out.Text, ' ')
	switch a.Kind {
	case otlp.KindString:
		l.out.Text = append(l.out.Text, b.d.rules.strs.String(otlp.StringID(a.Word))...)
	case otlp.KindText:
		x := otlp.UnpackRange(a.Word)
		l.out.Text = append(l.out.Text, l.t.Text[x.Start:x.End]...)
	case otlp.KindInt:
		l.out.Text = strconv.AppendInt(l.out.Text, int64(a.Word), 10)
	}
	return b
}

// attribute returns the body.
func (b body) attribute() otlp.Attr {
	r := otlp.Range{Start: uint32(b.begin), End: uint32(len(b.d.logger.out.Text))}
	return otlp.Attr{Kind: otlp.KindText, Word: otlp.PackRange(r)}
}
