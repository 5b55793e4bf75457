package registry

import (
	"math"

	"github.com/otelsim/otelsim/pkg/build/input"
)

// walk goes over all of a registry, writing or reading it.
func (p *packer) walk(r *Registry) {
	p.text(&r.SchemaURL)
	list(p, &p.rows, p.row)
	list(p, &r.Attributes, p.attribute)
	definitionList(p, &r.Spans, p.span)
	definitionList(p, &r.SpanRefinements, p.span)
	definitionList(p, &r.Metrics, p.metric)
	definitionList(p, &r.MetricRefinements, p.metric)
	definitionList(p, &r.Events, p.event)
	definitionList(p, &r.EventRefinements, p.event)
	definitionList(p, &r.Entities, p.entity)
	definitionList(p, &r.EntityRefinements, p.entity)
}

func (p *packer) pos(pos *input.Pos) {
	p.text(&pos.File)
	small(p, &pos.Line)
	small(p, &pos.Column)
}

func (p *packer) row(a *Attribute) {
	p.text(&a.Key)
	small(p, &a.Type.Base)
	p.truth(&a.Type.Array)
	p.truth(&a.Type.Template)
	list(p, &a.Type.Members, func(m *Member) {
		p.text(&m.ID)
		p.text(&m.Value)
		small(p, &m.Stability)
		p.deprecation(&m.Deprecated)
		p.pos(&m.Pos)
	})
	list(p, &a.Examples, p.value)
	small(p, &a.Stability)
	p.deprecation(&a.Deprecated)
	p.pos(&a.Pos)
}

func (p *packer) value(v *Value) {
	small(p, &v.Base)
	p.text(&v.Text)
	list(p, &v.List, p.value)
}

func (p *packer) deprecation(d **Deprecation) {
	there := *d != nil
	if p.truth(&there); !there {
		return
	}
	if p.read {
		*d = new(Deprecation)
	}
	small(p, &(*d).Reason)
	p.text(&(*d).RenamedTo)
	p.text(&(*d).Note)
}

// attribute walks over a reference to a row.
func (p *packer) attribute(a **Attribute) {
	n := p.rowsOf[*a]
	p.number(&n)
	if p.read {
		*a = &p.rows[n]
	}
}

func (p *packer) use(u *Use) {
	p.attribute(&u.Attribute)
	small(p, &u.Level)
	p.text(&u.Condition)
	p.truth(&u.Sampling)
	p.pos(&u.Pos)
}

func (p *packer) association(a *Association) {
	p.text(&a.Entity)
	list(p, &a.OneOf, p.association)
	list(p, &a.AllOf, p.association)
}

func (p *packer) span(s *Span) {
	p.text(&s.Type)
	p.text(&s.ID)
	small(p, &s.Kind)
	p.text(&s.Name)
	small(p, &s.Level)
	list(p, &s.Attributes, p.use)
	list(p, &s.Entities, p.association)
	small(p, &s.Stability)
	p.deprecation(&s.Deprecated)
	p.pos(&s.Pos)
}

func (p *packer) metric(m *Metric) {
	p.text(&m.Name)
	p.text(&m.ID)
	small(p, &m.Instrument)
	p.text(&m.Unit)
	small(p, &m.Level)
	list(p, &m.Attributes, p.use)
	list(p, &m.Entities, p.association)
	small(p, &m.ValueType)
	list(p, &m.Buckets, func(f *float64) {
		bits := math.Float64bits(*f)
		p.number(&bits)
		*f = math.Float64frombits(bits)
	})
	small(p, &m.Stability)
	p.deprecation(&m.Deprecated)
	p.pos(&m.Pos)
}

func (p *packer) event(e *Event) {
	p.text(&e.Name)
	p.text(&e.ID)
	small(p, &e.Level)
	list(p, &e.Attributes, p.use)
	list(p, &e.Entities, p.association)
	small(p, &e.Stability)
	p.deprecation(&e.Deprecated)
	p.pos(&e.Pos)
}

func (p *packer) entity(e *Entity) {
	p.text(&e.Type)
	p.text(&e.ID)
	list(p, &e.Identity, p.use)
	list(p, &e.Description, p.use)
	small(p, &e.Stability)
	p.deprecation(&e.Deprecated)
	p.pos(&e.Pos)
}
