package gen

import (
	"math"

	"github.com/otelsim/otelsim/pkg/build/plan"
	"github.com/otelsim/otelsim/pkg/build/rng"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// fill writes the resource, attributes and events of a span.
func (g *Generator) fill(s *span, out *otlp.Span) {
	if s.node.Tool {
		g.part.call = s.call
	}
	g.numbered(s)
	out.Resource = g.resource(s.node.Group)
	out.Scope = out.Resource
	out.Attrs = g.attrs(s.node.Attrs, s)
	if s.node.Names != nil {
		out.Name = g.name(s.node, out.Attrs)
	}
	if len(s.node.Events) > 0 {
		out.Events = g.events(s)
	}
}

// name returns what a span is called by the attributes that it has.
func (g *Generator) name(n *plan.Node, attrs otlp.Range) otlp.StringID {
	have := g.req.t.Attrs[attrs.Start:attrs.End]
	for i := range n.Names.All {
		x := &n.Names.All[i]
		found := 0
		for k := range x.Values {
			for j := range have {
				if have[j] == x.Values[k] {
					found++
					break
				}
			}
		}
		if found == len(x.Values) {
			return x.Name
		}
	}
	return n.Name
}

// events writes the events of a span, spread over it with the last one at its
// end.
func (g *Generator) events(s *span) otlp.Range {
	t := g.req.t
	n := int64(0)
	for i := range s.node.Events {
		n += g.happens(&s.node.Events[i], s)
	}
	begin := uint32(len(t.Events))
	for i := range s.node.Events {
		e := &s.node.Events[i]
		path := s.path
		for k := range g.happens(e, s) {
			after := n - 1 - int64(len(t.Events)-int(begin))
			at := s.start + s.duration - s.duration/n*after
			if k > 0 {
				s.path = step(path, hashAgain+uint64(k)) // which names the values of each
			}
			t.Events = append(t.Events, otlp.Event{Time: uint64(at), Name: e.Name, Attrs: g.attrs(e.Attrs, s)})
		}
		s.path = path
	}
	return otlp.Range{Start: begin, End: uint32(len(t.Events))}
}

// happens returns how often a span tells of an event.
func (g *Generator) happens(e *plan.Event, s *span) int64 {
	failed := s.outcome == plan.Failed
	switch {
	case e.Failed && !failed, e.OK && failed, e.Own && !s.own:
		return 0
	case e.Times == nil:
		return 1
	}
	return g.told(e.Times, s)
}

// attrs runs attribute programs and returns the range of their values.
func (g *Generator) attrs(list []plan.Attr, s *span) otlp.Range {
	t := g.req.t
	begin := len(t.Attrs)
	arrays := false
	for i := range list {
		a := &list[i]
		if a.Present != nil && !g.has(a.Present, s, a.Path) {
			continue
		}
		v := &g.value
		*v = a.Attr
		if f := evaluators[a.Op]; f != nil && !f(g, a, s, v) {
			continue
		}
		arrays = arrays || v.Kind == otlp.KindArray
		t.Attrs = append(t.Attrs, *v)
	}
	end := len(t.Attrs)
	if arrays {
		g.spread(begin, end)
	}
	return otlp.Range{Start: uint32(begin), End: uint32(end)}
}

// spread gives the arrays of attributes [begin, end) their one element, which
// must stand outside of the range.
func (g *Generator) spread(begin, end int) {
	t := g.req.t
	for i := begin; i < end; i++ {
		if t.Attrs[i].Kind != otlp.KindArray {
			continue
		}
		at := uint32(len(t.Attrs))
		t.Attrs = append(t.Attrs, otlp.Attr{Kind: otlp.KindString, Word: t.Attrs[i].Word})
		t.Attrs[i].Word = otlp.PackRange(otlp.Range{Start: at, End: at + 1})
	}
}

// called appends the names of the tools that the trace calls, as JSON.
func (g *Generator) called(dst []byte, a *plan.Attr) []byte {
	dst = append(dst, '[')
	n := uint64(0)
	for i := range g.part.spans {
		node := g.part.spans[i].node
		if !node.Tool || a.Word > 0 && n >= a.Word-1 {
			continue
		}
		for k := range node.Attrs {
			if x := &node.Attrs[k]; x.Key == a.Values[0].Key && x.Kind == otlp.KindString {
				if n > 0 {
					dst = append(dst, ',')
				}
				dst = otlp.AppendJSONString(dst, g.plan.Strings.String(otlp.StringID(x.Word)))
			}
		}
		n++
	}
	return append(dst, ']')
}

// draw writes a value that is drawn, from a stream named by the span and the
// attribute.
func (g *Generator) draw(a *plan.Attr, s *span, v *otlp.Attr) bool {
	stream := g.part.keys[s.node.Part][rng.Attributes].Index(step(s.path, a.Path)).Stream()
	g.drawn(a, s, &stream, v)
	return v.Kind != otlp.KindEmpty // which says that it is not there
}

// drawn writes a value that is drawn from a stream, of a span where it has other values in it.
func (g *Generator) drawn(a *plan.Attr, s *span, stream *rng.Stream, v *otlp.Attr) {
	switch a.Op {
	case plan.OpChoice:
		key := v.Key
		*v = a.Values[a.Choice.Draw(stream)]
		v.Key = key
	case plan.OpInt:
		setInt(v, a.Table.Draw(stream))
	case plan.OpDouble:
		v.Kind, v.Word = otlp.KindDouble, math.Float64bits(float64(a.Table.Draw(stream))/1e6)
	case plan.OpBool:
		setBool(v, a.Table.Draw(stream) != 0)
	case plan.OpHex:
		t := g.req.t
		begin := len(t.Text)
		t.Text = plan.AppendDigits(append(t.Text, a.Prefix...), int(a.Word), stream)
		setText(v, packText(begin, len(t.Text)))
	case plan.OpText, plan.OpPairText:
		g.form(a.Form, s, stream, v)
	}
}

// valueAt returns a value of a program that has several.
func valueAt[I int | plan.Outcome](a *plan.Attr, i I) otlp.Attr {
	v := a.Values[i]
	v.Key = a.Key
	return v
}

// pick returns the second value of a two-way program when second is set.
func pick(a *plan.Attr, second bool) otlp.Attr {
	if second {
		return valueAt(a, 1)
	}
	return valueAt(a, 0)
}

func setText(v *otlp.Attr, word uint64)        { v.Kind, v.Word = otlp.KindText, word }
func setString(v *otlp.Attr, id otlp.StringID) { v.Kind, v.Word = otlp.KindString, uint64(id) }
func setInt(v *otlp.Attr, n int64)             { v.Kind, v.Word = otlp.KindInt, uint64(n) }

func setBool(v *otlp.Attr, b bool) {
	v.Kind, v.Word = otlp.KindBool, 0
	if b {
		v.Word = 1
	}
}
