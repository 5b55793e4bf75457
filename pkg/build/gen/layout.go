package gen

import (
	"github.com/otelsim/otelsim/pkg/build/plan"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// layOut gives the spans under construction their times, as a trace that starts at
// the given one, and appends them. links are those of the root. It returns when the
// root ends.
func (g *Generator) layOut(id otlp.TraceID, at int64, links otlp.Range) int64 {
	st, t := &g.part, g.req.t
	spanIDs := g.ids.SpanKey(id)
	base := len(t.Spans)
	var guests passing
	for i := range st.spans {
		guests.at(g, int32(i), id, base)
		s := &st.spans[i]
		out := otlp.Span{
			TraceID: id, SpanID: spanIDs.SpanID(uint64(i) + 1),
			Name: s.node.Name, Kind: s.node.Kind, Status: s.status(), Flags: otlp.FlagSampled,
		}
		if s.parent < 0 {
			s.start = at
			out.Links = g.linked(g.sys.links[links.Start:links.End])
		} else {
			parent := &st.spans[s.parent]
			s.start = parent.start + parent.lead + s.offset
			out.ParentID = t.Spans[base+int(s.parent)].SpanID
			out.Flags |= otlp.FlagHasIsRemote
			if s.remote(parent, g.it.scenario.Groups) {
				out.Flags |= otlp.FlagIsRemote
			}
			if s.links > 1 {
				begin := len(t.Links)
				for k := range s.links {
					t.Links = append(t.Links, g.linkTo(base+int(s.from+k)))
				}
				out.Links = otlp.Range{Start: uint32(begin), End: uint32(len(t.Links))}
			}
		}
		out.Start, out.End = uint64(s.start), uint64(s.start+s.duration)
		g.fill(s, &out)
		act := s.node.Act
		if act != nil && out.Status == otlp.StatusError {
			out.Message = act.Status
		}
		t.Spans = append(t.Spans, out)
		if act != nil && len(act.Lines) > 0 {
			g.lines(s)
		}
		if g.Watch != nil {
			g.Watch(s.node)
		}
	}
	guests.at(g, int32(len(st.spans)), id, base)
	g.send(base)
	return at + st.spans[0].duration
}

// remote reports whether the parent of a span is one of another process.
func (s *span) remote(parent *span, groups []plan.Group) bool {
	switch {
	case s.node.Act == nil:
		return s.node.Remote
	case s.node.Kind == otlp.SpanKindServer, s.node.Kind == otlp.SpanKindConsumer:
		return true
	}
	own, above := s.node.Group, parent.node.Group
	return own != above && (groups[own].Name == "" || groups[own].Name != groups[above].Name)
}

// linked appends links and returns where they are.
func (g *Generator) linked(links []otlp.Link) otlp.Range {
	t := g.req.t
	begin := uint32(len(t.Links))
	t.Links = append(t.Links, links...)
	return otlp.Range{Start: begin, End: uint32(len(t.Links))}
}

func (g *Generator) linkTo(span int) otlp.Link {
	s := &g.req.t.Spans[span]
	return otlp.Link{TraceID: s.TraceID, SpanID: s.SpanID, Flags: otlp.FlagSampled | otlp.FlagHasIsRemote | otlp.FlagIsRemote}
}

// send works out when the messages are consumed that the trace has sent whose spans
// are at base of the record, and what that links to.
func (g *Generator) send(base int) {
	sys := &g.sys
	for k := range sys.waiting {
		m := &sys.waiting[k]
		if m.links.End > 0 {
			continue // it was sent before
		}
		begin := uint32(len(sys.links))
		for i := range m.count {
			sys.links = append(sys.links, g.linkTo(base+int(m.first+i)))
		}
		m.links = otlp.Range{Start: begin, End: uint32(len(sys.links))}
		last := &g.part.spans[m.first+m.count-1]
		m.start = last.start + last.duration + m.queue
	}
}
