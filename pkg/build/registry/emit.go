package registry

import (
	"maps"
	"slices"

	"github.com/otelsim/otelsim/pkg/build/input"
)

// exported is a group as registries see it that depend on its own.
type exported struct {
	uses     []Use
	internal bool // it is not theirs to use
}

// row returns the definition of an attribute as a use has it.
func (f *folder) row(u use) *Attribute {
	a := u.row
	if a == nil {
		a = f.attribute(u.key)
	}
	if u.examples == nil && u.stability == Unstated && u.deprecate == nil {
		return a
	}
	own := *a
	if u.examples != nil {
		own.Examples = u.examples
	}
	if u.stability != Unstated {
		own.Stability = u.stability
	}
	if u.deprecate != nil {
		own.Deprecated = u.deprecate
	}
	return &own
}

// finished returns the attributes of a group in byte order; with a role, those of
// an entity that have it.
func (f *folder) finished(g *group, role string) (out []Use) {
	for _, key := range slices.Sorted(maps.Keys(g.merged)) {
		u := g.merged[key]
		if role != "" && (u.role == "identifying") != (role == "identifying") {
			continue
		}
		one := Use{Attribute: f.row(u), Level: Recommended, Condition: u.condition, Pos: u.pos}
		if u.level != nil {
			one.Level = *u.level
		}
		if u.sampling != nil {
			one.Sampling = *u.sampling
		}
		out = append(out, one)
	}
	return out
}

// inherit fills what a refinement leaves unsaid from what it refines.
func (f *folder) inherit(g *group) {
	if !g.refines || g.base == nil {
		return
	}
	base := f.group(g.base.id)
	if base == nil {
		base = f.named[g.named()]
	}
	if base == nil || base == g {
		return
	}
	if base.refines && base.state == done {
		base.state = active // a circle has been told
		f.inherit(base)
		base.state = done
	}
	g.spanKind, g.instrument, g.unit = base.spanKind, base.instrument, base.unit
	if g.spanName == "" {
		g.spanName = base.spanName
	}
	if g.level == nil {
		g.level = base.level
	}
	if g.entities == nil {
		g.entities = base.entities
	}
	if g.stability == Unstated {
		g.stability = base.stability
	}
	if g.deprecated == nil {
		g.deprecated = base.deprecated
	}
	if g.notes.valueType == Any {
		g.notes.valueType = base.notes.valueType
	}
	if g.notes.buckets == nil {
		g.notes.buckets = base.notes.buckets
	}
}

// emit adds what a group defines to the model.
func (f *folder) emit(out *Registry, g *group) {
	f.inherit(g)
	level, id := Recommended, ""
	if g.level != nil {
		level = *g.level
	}
	if g.refines {
		id = g.id[len(idPrefixes[g.kind]):]
	}
	switch g.kind {
	case spanGroup:
		s := &Span{Type: g.name, ID: id, Kind: g.spanKind, Name: g.spanName, Level: level, Attributes: f.finished(g, ""),
			Entities: g.entities, Stability: g.stability, Deprecated: g.deprecated, Pos: g.pos}
		place(f, &out.Spans, &out.SpanRefinements, s, g)
	case metricGroup:
		m := &Metric{Name: g.name, ID: id, Instrument: g.instrument, Unit: g.unit, Level: level, Attributes: f.finished(g, ""),
			Entities: g.entities, ValueType: g.notes.valueType, Buckets: g.notes.buckets, Stability: g.stability, Deprecated: g.deprecated, Captured: g.notes.captured, Pos: g.pos}
		place(f, &out.Metrics, &out.MetricRefinements, m, g)
	case eventGroup:
		e := &Event{Name: g.name, ID: id, Level: level, Attributes: f.finished(g, ""), Entities: g.entities,
			Stability: g.stability, Deprecated: g.deprecated, Pos: g.pos}
		place(f, &out.Events, &out.EventRefinements, e, g)
	case entityGroup:
		e := &Entity{Type: g.name, ID: id, Identity: f.finished(g, "identifying"), Description: f.finished(g, "descriptive"),
			Stability: g.stability, Deprecated: g.deprecated, Pos: g.pos}
		place(f, &out.Entities, &out.EntityRefinements, e, g)
	}
}

// place adds a definition, or a refinement, to its list. Two groups of different
// ids may define one name.
func place[T any](f *folder, list, refinements *[]*T, d *T, g *group) {
	if g.refines {
		*refinements = append(*refinements, d)
		return
	}
	if first := f.named[g.named()]; first != g {
		fail(f.loader.p, ruleDuplicate, g.pos, "%s is defined already, at %v", g, first.pos)
		return
	}
	*list = append(*list, d)
}

// group returns what a registry offers under an id to those that depend on it.
func (r *Registry) group(id string) *group {
	if r.hidden[id] {
		return nil
	}
	if e, ok := r.groups[id]; ok && e.internal {
		return nil
	}
	g := &group{id: id, name: id, state: done, merged: make(map[string]use)}
	if s, ok := cut(r.index.spans, id, spanGroup); ok {
		g.kind, g.name, g.spanKind, g.spanName = spanGroup, s.Type, s.Kind, s.Name
		g.offer(s.Level, s.Entities, s.Stability, s.Deprecated, s.Pos)
		g.add(s.Attributes, "")
		return g
	}
	if m, ok := cut(r.index.metrics, id, metricGroup); ok {
		g.kind, g.name, g.instrument, g.unit, g.notes = metricGroup, m.Name, m.Instrument, m.Unit, notes{valueType: m.ValueType, buckets: m.Buckets}
		g.offer(m.Level, m.Entities, m.Stability, m.Deprecated, m.Pos)
		g.add(m.Attributes, "")
		return g
	}
	if e, ok := cut(r.index.events, id, eventGroup); ok {
		g.kind, g.name = eventGroup, e.Name
		g.offer(e.Level, e.Entities, e.Stability, e.Deprecated, e.Pos)
		g.add(e.Attributes, "")
		return g
	}
	if e, ok := cut(r.index.entities, id, entityGroup); ok {
		g.kind, g.name = entityGroup, e.Type
		g.offer(Recommended, nil, e.Stability, e.Deprecated, e.Pos)
		g.add(e.Identity, "identifying")
		g.add(e.Description, "descriptive")
		return g
	}
	if e, ok := r.groups[id]; ok {
		g.add(e.uses, "")
		return g
	}
	return nil
}

// cut finds the definition of an id among those of a kind.
func cut[T any](all map[string]*T, id string, kind groupKind) (*T, bool) {
	prefix := idPrefixes[kind]
	if len(id) <= len(prefix) || id[:len(prefix)] != prefix {
		return nil, false
	}
	d, ok := all[id[len(prefix):]]
	return d, ok
}

// offer sets what all signals have.
func (g *group) offer(level Level, entities []Association, s Stability, d *Deprecation, pos input.Pos) {
	g.level, g.entities, g.stability, g.deprecated, g.pos = &level, entities, s, d, pos
}

// add adds uses of a registry that this one depends on.
func (g *group) add(uses []Use, role string) {
	for _, u := range uses {
		level, sampling := u.Level, u.Sampling
		g.merged[u.Attribute.Key] = use{
			key: u.Attribute.Key, pos: u.Pos, level: &level, condition: u.Condition, sampling: &sampling, role: role, row: u.Attribute, from: g,
		}
	}
}
