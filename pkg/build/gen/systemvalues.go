package gen

import (
	"math"
	"strconv"

	"github.com/otelsim/otelsim/pkg/build/dist"
	"github.com/otelsim/otelsim/pkg/build/plan"
	"github.com/otelsim/otelsim/pkg/build/rng"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// ofCause writes what a span of a system has come to.
func (g *Generator) ofCause(a *plan.Attr, s *span, v *otlp.Attr) bool {
	if s.failure == none {
		switch {
		case a.Op == plan.OpHTTPCode:
			setInt(v, 200)
			return true
		case a.Op == plan.OpCode && len(a.Values) > 0:
			*v = valueAt(a, 0)
			return true
		}
		return false
	}
	c := &g.it.scenario.System.Causes[s.failure]
	switch a.Op {
	case plan.OpHTTPCode:
		setInt(v, c.HTTP)
		return c.HTTP > 0
	case plan.OpCode:
		setString(v, c.Code)
		return c.Code > 0
	case plan.OpCauseType:
		setString(v, c.Type)
		return s.outcome == plan.Failed
	case plan.OpThrown:
		setString(v, c.Exception)
	case plan.OpThrownMessage:
		setString(v, c.Message)
	case plan.OpThrownStack:
		setString(v, c.Stack)
	}
	return true
}

// ofPair writes a text that both sides of a call have, in all attempts of it.
func (g *Generator) ofPair(a *plan.Attr, s *span, v *otlp.Attr) bool {
	stream := g.part.keys[s.node.Part][rng.Attributes].Index(step(s.pair, a.Path)).Stream()
	g.form(a.Form, s, &stream, v)
	return true
}

// ofSystem writes a value that spans of a system share, or how often a call has
// been made before.
func (g *Generator) ofSystem(a *plan.Attr, s *span, v *otlp.Attr) bool {
	if a.Op == plan.OpResend {
		setInt(v, int64(s.attempt))
		return s.attempt > 0
	}
	x := g.valueOf(int(a.Word), s)
	v.Kind, v.Word = x.Kind, x.Word
	return true
}

// has reports whether a span has what only some have.
func (g *Generator) has(p *dist.Probability, s *span, path uint64) bool {
	stream := g.part.keys[s.node.Part][rng.Attributes].Index(step(s.path, path)).Index(hashPresent).Stream()
	return p.Draw(&stream)
}

// told returns how often a span tells what it does not always tell once.
func (g *Generator) told(t *plan.Times, s *span) int64 {
	stream := g.part.keys[s.node.Part][rng.Attributes].Index(step(s.path, t.Path)).Index(hashPresent).Stream()
	switch {
	case !t.Presence.Draw(&stream):
		return 0
	case t.Count == nil:
		return 1
	}
	return t.Count.Draw(&stream)
}

// form writes a text of a form, of a span.
func (g *Generator) form(f *plan.Form, of *span, s *rng.Stream, v *otlp.Attr) {
	rank := uint64(0)
	if f.Pool > 0 {
		if f.Rank != nil {
			rank = uint64(f.Rank.Draw(s))
		} else {
			rank = s.Below(f.Pool) + 1
		}
		*s = g.keys[rng.Content].Index(hashPool).Index(f.Path).Index(rank).Stream()
	}
	for i := range f.Pieces {
		if p := f.Pieces[i].Value; p > 0 {
			g.valueOf(p-1, of) // whose text must not stand in the middle of this one
		}
	}
	t := g.req.t
	begin := len(t.Text)
	for i := range f.Pieces {
		switch p := &f.Pieces[i]; {
		case p.Value > 0:
			t.Text = g.appendValue(t.Text, g.valueOf(p.Value-1, of))
		default:
			t.Text = f.Pieces[i:i+1].Append(t.Text, s)
		}
	}
	if f.Length != nil {
		t.Text = fill(t.Text, begin+lengthOf(f, rank, s))
	}
	setText(v, packText(begin, len(t.Text)))
}

// lengthOf is how long a text is to be, in bytes. Of a pool few texts may be most of what is
// drawn, so their lengths are not left to chance.
func lengthOf(f *plan.Form, rank uint64, s *rng.Stream) int {
	n := int64(0)
	if rank > 0 {
		n = f.Length.Spread(rank, s)
	} else {
		n = f.Length.Draw(s)
	}
	return int(min(n, plan.MaxLength))
}

// filling is what texts are filled up with: it tells of nothing, in short words.
const filling = " and more text of no news but as long as it has to be"

// fill appends words until a text ends at a place; it ends in no space.
func fill(dst []byte, end int) []byte {
	if len(dst) >= end {
		return dst
	}
	for len(dst) < end {
		dst = append(dst, filling[:min(end-len(dst), len(filling))]...)
	}
	if last := len(dst) - 1; dst[last] == ' ' {
		dst[last] = '.'
	}
	return dst
}

// appendValue appends a value as text.
func (g *Generator) appendValue(dst []byte, v otlp.Attr) []byte {
	switch v.Kind {
	case otlp.KindString:
		return append(dst, g.plan.Strings.String(otlp.StringID(v.Word))...)
	case otlp.KindText:
		r := otlp.UnpackRange(v.Word)
		return append(dst, g.req.t.Text[r.Start:r.End]...)
	case otlp.KindInt:
		return strconv.AppendInt(dst, int64(v.Word), 10)
	case otlp.KindDouble:
		return strconv.AppendFloat(dst, math.Float64frombits(v.Word), 'g', -1, 64)
	case otlp.KindBool:
		return strconv.AppendBool(dst, v.Word != 0)
	}
	return dst
}

// instanceOf draws which instance of a service answers in the request, or in the
// session.
func (g *Generator) instanceOf(gr *plan.Group) int {
	if gr.Count == 1 {
		return 0
	}
	key := g.req.instances
	if gr.Sticky {
		key = g.it.keys[rng.IDs]
	}
	s := key.Index(hashInstance).Index(rng.Hash(gr.Name)).Stream()
	return int(s.Below(uint64(gr.Count)))
}
