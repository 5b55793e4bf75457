package signals

import "github.com/otelsim/otelsim/pkg/corpus/otlp"

// line appends what a service logs: its note says it.
func (d *Deriver) line(n *otlp.Note) {
	l := &d.logger
	s := &l.t.Spans[n.Span]
	at := uint32(len(l.out.Attrs))
	for _, a := range l.t.Attrs[n.Attrs.Start:n.Attrs.End] {
		l.out.Attrs = append(l.out.Attrs, l.value(a))
	}
	attrs := otlp.Range{Start: at, End: uint32(len(l.out.Attrs))}
	for i := attrs.Start; i < attrs.End; i++ {
		l.elements(int(i))
	}
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
