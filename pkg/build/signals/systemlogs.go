package signals

import "github.com/otelsim/otelsim/pkg/corpus/otlp"

// systemLogs appends what services log in the request whose spans begin at index
// first: their notes say it.
func (d *Deriver) systemLogs(first int) {
	l := &d.logger
	begin := l.request(first)
	for ; l.notes < len(l.t.Notes); l.notes++ {
		n := &l.t.Notes[l.notes]
		s := &l.t.Spans[n.Span]
		at := uint32(len(l.out.Attrs))
		for _, a := range l.t.Attrs[n.Attrs.Start:n.Attrs.End] {
			l.out.Attrs = append(l.out.Attrs, l.value(a))
		}
		attrs := otlp.Range{Start: at, End: uint32(len(l.out.Attrs))}
		resource, scope := l.resource(s.Resource), l.scope(s.Scope)
		l.out.Records = append(l.out.Records, otlp.LogRecord{
			Time: n.Time, Observed: n.Time + observedAfter, TraceID: s.TraceID, SpanID: s.SpanID, Flags: otlp.FlagSampled,
			EventName: n.Name, Severity: n.Severity, SeverityText: n.SeverityText, Body: l.value(n.Body),
			Attrs: attrs, Resource: resource, Scope: scope,
		})
		moment := atEnd
		if n.Time == s.Start {
			moment = atStart
		}
		l.places = append(l.places, l.place(int(n.Span), moment))
	}
	sortRecords(l.out.Records[begin:], l.places)
}
