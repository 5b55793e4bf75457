package registry

import (
	"strings"

	"github.com/otelsim/otelsim/pkg/build/input"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// groupTypes are the types of v1 groups, and what they define.
var groupTypes = map[string]groupKind{
	"attribute_group": plainGroup, "metric_group": plainGroup, "scope": plainGroup, "undefined": plainGroup,
	"span": spanGroup, "metric": metricGroup, "event": eventGroup, "entity": entityGroup, "resource": entityGroup,
}

var groupTypeNames = []string{"attribute_group", "entity", "event", "metric", "scope", "span"}

// Keys of v1 groups: of all, and beside them by kind.
var (
	groupKeys = []string{"id", "type", "brief", "note", "stability", "deprecated", "display_name", "extends", "attributes", "annotations",
		"entity_associations", "constraints", "prefix"}
	kindKeys = [...][]string{
		plainGroup:  {"visibility"},
		spanGroup:   {"span_kind", "events", "name", "requirement_level"},
		metricGroup: {"metric_name", "instrument", "unit", "value_type", "metric_requirement_level", "requirement_level"},
		eventGroup:  {"name", "body", "requirement_level"},
		entityGroup: {"name"},
	}
	v1AttributeKeys = []string{"id", "ref", "type", "brief", "note", "examples", "requirement_level", "stability", "deprecated", "role",
		"sampling_relevant", "annotations", "tag", "prefix", "value"}
)

// readV1 reads a file of v1 definitions.
func (f *folder) readV1(doc input.Map) {
	m, _ := doc.Node.Map(f.loader.p, "groups", "imports", "file_format")
	f.readImports(m)
	for _, n := range m.List("groups") {
		f.groupV1(n)
	}
}

// groupV1 reads a group with the attributes that it defines and uses.
func (f *folder) groupV1(n *input.Node) {
	any, ok := n.Map(f.loader.p)
	if !ok {
		return
	}
	kind, known := spanGroup, true
	if t := any.Get("type"); t == nil {
		f.warn(n, ruleForm, "no type: it is taken for a span")
	} else if name, ok := t.Str(f.loader.p); ok {
		if kind, known = groupTypes[name]; !known {
			f.fail(t, ruleForm, "%s", input.Unknown("type of group", name, groupTypeNames))
		}
	}
	m := any
	if known {
		m, _ = n.Map(f.loader.p, append(groupKeys[:len(groupKeys):len(groupKeys)], kindKeys[kind]...)...)
	}
	if prefix := m.Get("prefix"); prefix != nil {
		f.fail(prefix, ruleForm, "keys with a prefix are of a version before 1.27: write every id in full")
	}
	f.wants(m, "brief")
	g := &group{kind: kind, id: f.need(m, "id"), pos: n.Pos, entities: f.associations(m.List("entity_associations"))}
	g.stability, g.deprecated = f.stability(m.Get("stability")), f.reader.deprecated(m.Get("deprecated"))
	g.notes = f.annotations(m.Get("annotations"))
	g.excluded = g.notes.excluded
	if e := m.Get("extends"); e != nil {
		if id, ok := e.Str(f.loader.p); ok {
			g.base = &link{strings.TrimSpace(id), e.Pos}
		}
	}
	f.specificV1(m, g)
	for _, a := range m.List("attributes") {
		f.attributeV1(a, g)
	}
	if known && g.id != "" {
		f.addGroup(g)
	}
}

// specificV1 reads what groups of a kind have.
func (f *folder) specificV1(m input.Map, g *group) {
	g.name = g.id
	switch g.kind {
	case spanGroup:
		g.name = strings.TrimPrefix(g.id, idPrefixes[spanGroup])
		g.spanName = strings.Join(strings.Fields(m.Str("name", "")), " ")
		if g.spanKind = otlp.SpanKindInternal; m.Has("span_kind") {
			g.spanKind = f.kind(m, "span_kind")
		} else { // as Weaver has it, which some files of old rely on
			f.warn(m.Node, ruleMissing, "span_kind is missing: it is taken for internal")
		}
	case metricGroup:
		g.name = f.need(m, "metric_name")
		g.instrument, g.unit = f.reader.instrument(m), f.need(m, "unit")
		if v := m.Str("value_type", ""); v == "int" || v == "double" {
			g.notes.valueType = map[string]Base{"int": Int, "double": Double}[v]
		}
	case eventGroup:
		g.name = f.need(m, "name")
	case entityGroup:
		if g.name = m.Str("name", ""); g.name == "" {
			g.name = strings.TrimPrefix(g.id, idPrefixes[entityGroup])
		}
	}
	for _, key := range []string{"requirement_level", "metric_requirement_level"} {
		if l := m.Get(key); l != nil && g.kind != plainGroup {
			level := f.signalLevel(l)
			g.level = &level
		}
	}
}

// attributeV1 reads an attribute of a group: one that it defines, or a use.
func (f *folder) attributeV1(n *input.Node, g *group) {
	m, ok := n.Map(f.loader.p, v1AttributeKeys...)
	if !ok {
		return
	}
	id, ref := m.Get("id"), m.Get("ref")
	if (id == nil) == (ref == nil) {
		f.fail(n, ruleForm, "want either id, which defines an attribute, or ref, which uses one")
		return
	}
	if ref != nil {
		if t := m.Get("type"); t != nil {
			f.fail(t, ruleOverride, "a ref takes the type of the definition")
		}
		key := f.need(m, "ref")
		if key == "" {
			return
		}
		u := f.use(m, key)
		u.pos, u.from = ref.Pos, g
		g.uses = append(g.uses, u)
		return
	}
	f.wants(m, "brief")
	a := &Attribute{Key: f.need(m, "id"), Stability: f.stability(m.Get("stability")), Deprecated: f.reader.deprecated(m.Get("deprecated")), Pos: n.Pos}
	f.define(n, m, a)
	said := f.annotations(m.Get("annotations"))
	a.Captured = said.captured
	f.addAttribute(n, a, g.excluded || said.excluded)
	if a.Key == "" {
		return
	}
	u := f.use(m, a.Key)
	u.pos, u.from, u.row = n.Pos, g, a
	u.raw, u.stability, u.deprecate = nil, Unstated, nil // the definition has them
	g.uses = append(g.uses, u)
}

// define reads type and examples of a definition.
func (f *folder) define(n *input.Node, m input.Map, a *Attribute) {
	if t := m.Get("type"); t == nil {
		missing(f.loader.p, n.Pos, n, "type", "")
		a.Type.Base = Any
	} else {
		a.Type, _ = f.attributeType(t)
	}
	if e := m.Get("examples"); e != nil {
		a.Examples = f.examples(e, a.Type)
	}
}

// use reads what a use says of an attribute beside its key.
func (f *folder) use(m input.Map, key string) use {
	u := use{key: key, pos: m.Node.Pos, raw: m.Get("examples")}
	if l := m.Get("requirement_level"); l != nil {
		if level, condition, ok := f.level(l); ok {
			u.level, u.condition = &level, condition
		}
	}
	if s := m.Get("sampling_relevant"); s != nil {
		if b, ok := s.Bool(f.loader.p); ok {
			u.sampling = &b
		}
	}
	if r := m.Get("role"); r != nil {
		roles := []string{"identifying", "descriptive"}
		if i, ok := f.oneOf(r, "role", roles); ok {
			u.role = roles[i]
		}
	}
	u.stability, u.deprecate = f.stability(m.Get("stability")), f.reader.deprecated(m.Get("deprecated"))
	return u
}
