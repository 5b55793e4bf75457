package gen

import (
	"github.com/otelsim/otelsim/pkg/build/plan"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// lines notes what the span logs that was appended last.
func (g *Generator) lines(s *span) {
	t := g.req.t
	at := len(t.Spans) - 1
	for i := range s.node.Act.Lines {
		l := &s.node.Act.Lines[i]
		failed := s.outcome == plan.Failed
		if l.Failed && !failed || l.OK && failed || l.Times != nil && g.told(l.Times, s) == 0 {
			continue
		}
		note := otlp.Note{Span: uint32(at), Severity: l.Severity, SeverityText: l.SeverityText, Body: otlp.Attr{Kind: otlp.KindEmpty}}
		note.Time, note.Name = t.Spans[at].End, l.Event
		if l.Start {
			note.Time = t.Spans[at].Start
		}
		note.Attrs = g.attrs(l.Attrs, s)
		if len(l.Body) > 0 {
			begin := len(t.Text)
			for k := range l.Body {
				t.Text = g.appendPiece(t.Text, &l.Body[k], t.Spans[at].Attrs)
			}
			setText(&note.Body, packText(begin, len(t.Text)))
		}
		t.Notes = append(t.Notes, note)
	}
}

// appendPiece appends a piece of a body; an attribute that the span lacks is nothing.
func (g *Generator) appendPiece(dst []byte, p *plan.LinePiece, attrs otlp.Range) []byte {
	if p.Key == 0 {
		return append(dst, p.Literal...)
	}
	for _, a := range g.req.t.Attrs[attrs.Start:attrs.End] {
		if a.Key == p.Key {
			return g.appendValue(dst, a)
		}
	}
	return dst
}
