package gen

import (
	"bytes"

	"github.com/otelsim/otelsim/pkg/build/plan"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// resource returns the index of a group's resource and scope, appending them
// at their first use in the record, or in the request where they are of it.
func (g *Generator) resource(group uint32) uint32 {
	r := &g.req
	if i := r.resources[group]; i >= 0 {
		return uint32(i)
	}
	t, gr := r.t, &g.it.scenario.Groups[group]
	instance, count := g.it.instance, g.plan.Instances
	if gr.Count > 0 {
		instance, count = g.instanceOf(gr), gr.Count
	}
	shared := &g.shared[gr.Shared*g.plan.Instances+instance]
	if *shared >= 0 && !gr.OfSession && !gr.Used {
		r.resources[group] = *shared
		return uint32(*shared)
	}
	begin := uint32(len(t.Attrs))
	for a := range gr.Attrs {
		attr := gr.Attrs[a].Attr
		switch gr.Attrs[a].Op {
		case plan.OpSession:
			attr.Kind, attr.Word = otlp.KindText, r.session
		case plan.OpByInstance:
			attr = gr.Attrs[a].OfInstance(instance)
		case plan.OpInstance:
			attr.Kind, attr.Word = otlp.KindString, uint64(gr.Instance[plan.Slot(g.it.segment, instance, count)])
		case plan.OpUse:
			x := g.sharedValue(int(attr.Word))
			attr.Kind, attr.Word = x.Kind, x.Word
		}
		t.Attrs = append(t.Attrs, attr)
	}
	made := otlp.Range{Start: begin, End: uint32(len(t.Attrs))}
	if gr.Used {
		if i := g.madeBefore(*shared, made); i >= 0 {
			t.Attrs = t.Attrs[:begin]
			r.resources[group] = i
			return uint32(i)
		}
	}
	i := uint32(len(t.Resources))
	for len(g.earlier) < len(t.Resources) {
		g.earlier = append(g.earlier, -1)
	}
	g.earlier = append(g.earlier, *shared)
	r.resources[group], *shared = int32(i), int32(i)
	t.Resources = append(t.Resources, otlp.Resource{Attrs: made, SchemaURL: gr.SchemaURL})
	t.Scopes = append(t.Scopes, gr.Scope)
	return i
}

// madeBefore finds a resource of the record with the same values, from the latest one of
// its group and instance back; -1: there is none.
func (g *Generator) madeBefore(latest int32, made otlp.Range) int32 {
	t := g.req.t
	for ; latest >= 0; latest = g.earlier[latest] {
		have := t.Resources[latest].Attrs
		same := have.Len() == made.Len()
		for i := uint32(0); same && i < made.End-made.Start; i++ {
			same = sameValue(t, &t.Attrs[have.Start+i], &t.Attrs[made.Start+i])
		}
		if same {
			return latest
		}
	}
	return -1
}

// sameValue reports whether two attributes of a record have one value.
func sameValue(t *otlp.Traces, a, b *otlp.Attr) bool {
	if a.Kind != b.Kind || a.Kind != otlp.KindText {
		return a.Kind == b.Kind && a.Word == b.Word
	}
	x, y := otlp.UnpackRange(a.Word), otlp.UnpackRange(b.Word)
	return bytes.Equal(t.Text[x.Start:x.End], t.Text[y.Start:y.End])
}
