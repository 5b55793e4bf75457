package registry

import (
	"github.com/otelsim/otelsim/pkg/build/input"
)

// definitionForm is what the key file_format says of v2 definitions.
const definitionForm = "definition/2"

// Keys of v2 definitions.
var (
	v2Keys = []string{"file_format", "version", "attributes", "attribute_groups", "spans", "span_refinements", "metrics", "metric_refinements",
		"events", "event_refinements", "entities", "entity_refinements", "imports"}
	v2AttributeKeys = []string{"key", "type", "brief", "note", "stability", "examples", "deprecated", "annotations"}
	v2CommonKeys    = []string{"brief", "note", "stability", "deprecated", "annotations", "requirement_level"}
	v2UseKeys       = []string{"ref", "ref_group", "brief", "note", "examples", "requirement_level", "sampling_relevant", "annotations",
		"stability", "deprecated"}
	v2SignalKeys = [...][]string{
		plainGroup:  {"id", "visibility", "attributes"},
		spanGroup:   {"type", "kind", "name", "attributes", "entity_associations"},
		metricGroup: {"name", "instrument", "unit", "attributes", "entity_associations", "value_type"},
		eventGroup:  {"name", "attributes", "entity_associations", "body"},
		entityGroup: {"type", "identity", "description"},
	}
	v2RefinementKeys = [...][]string{
		spanGroup:   {"id", "ref", "name", "attributes", "entity_associations"},
		metricGroup: {"id", "ref", "attributes", "entity_associations"},
		eventGroup:  {"id", "ref", "attributes", "entity_associations"},
		entityGroup: {"id", "ref", "identity", "description"},
	}
	// listKeys are the top keys of definitions, and of refinements, by kind.
	listKeys       = [...]string{"attribute_groups", "spans", "metrics", "events", "entities"}
	refinementKeys = [...]string{"", "span_refinements", "metric_refinements", "event_refinements", "entity_refinements"}
)

// readV2 reads a file of v2 definitions.
func (f *folder) readV2(doc input.Map) {
	m, _ := doc.Node.Map(f.loader.p, v2Keys...)
	if v := m.Get("version"); v != nil && v.Text() != "2" {
		f.fail(v, ruleForm, "found %s, want 2, or file_format: %s in its place", v.Describe(), definitionForm)
	}
	f.readImports(m)
	for _, n := range m.List("attributes") {
		f.attributeV2(n)
	}
	for kind, key := range listKeys {
		for _, n := range m.List(key) {
			f.groupV2(n, groupKind(kind))
		}
		if key := refinementKeys[kind]; key != "" {
			for _, n := range m.List(key) {
				f.refinementV2(n, groupKind(kind))
			}
		}
	}
}

// attributeV2 reads the definition of an attribute.
func (f *folder) attributeV2(n *input.Node) {
	m, ok := n.Map(f.loader.p, v2AttributeKeys...)
	if !ok {
		return
	}
	f.wants(m, "brief", "stability")
	a := &Attribute{Key: f.need(m, "key"), Stability: f.stability(m.Get("stability")), Deprecated: f.reader.deprecated(m.Get("deprecated")), Pos: n.Pos}
	f.define(n, m, a)
	said := f.annotations(m.Get("annotations"))
	a.Captured = said.captured
	f.addAttribute(n, a, said.excluded)
}

// common reads what every definition may have.
func (f *folder) common(m input.Map, kind groupKind) *group {
	g := &group{kind: kind, v2: true, pos: m.Node.Pos, entities: f.associations(m.List("entity_associations")),
		stability: f.stability(m.Get("stability")), deprecated: f.reader.deprecated(m.Get("deprecated")), notes: f.annotations(m.Get("annotations"))}
	g.excluded = g.notes.excluded
	if l := m.Get("requirement_level"); l != nil {
		level := f.signalLevel(l)
		g.level = &level
	}
	if kind == spanGroup {
		g.spanName = spanName(m)
	}
	f.usesV2(m.List("attributes"), g, "")
	f.usesV2(m.List("identity"), g, "identifying")
	f.usesV2(m.List("description"), g, "descriptive")
	return g
}

// groupV2 reads a group of attributes or a signal.
func (f *folder) groupV2(n *input.Node, kind groupKind) {
	m, ok := n.Map(f.loader.p, append(v2CommonKeys[:len(v2CommonKeys):len(v2CommonKeys)], v2SignalKeys[kind]...)...)
	if !ok {
		return
	}
	g := f.common(m, kind)
	if kind != plainGroup {
		f.wants(m, "brief", "stability")
	}
	switch kind {
	case plainGroup:
		g.name = f.need(m, "id")
		if f.need(m, "visibility") != "" {
			i, _ := f.oneOf(m.Get("visibility"), "visibility", []string{"internal", "public"})
			if g.internal = i == 0; !g.internal {
				f.wants(m, "brief", "stability")
			}
		}
	case spanGroup:
		f.wants(m, "name")
		g.name, g.spanKind = f.need(m, "type"), f.kind(m, "kind")
	case metricGroup:
		g.name, g.instrument, g.unit = f.need(m, "name"), f.reader.instrument(m), f.need(m, "unit")
	case eventGroup:
		g.name = f.need(m, "name")
	case entityGroup:
		g.name = f.need(m, "type")
	}
	g.id = idPrefixes[kind] + g.name
	if g.name != "" {
		f.addGroup(g)
	}
}

// refinementV2 reads a refinement of a signal.
func (f *folder) refinementV2(n *input.Node, kind groupKind) {
	m, ok := n.Map(f.loader.p, append(v2CommonKeys[:len(v2CommonKeys):len(v2CommonKeys)], v2RefinementKeys[kind]...)...)
	if !ok {
		return
	}
	g := f.common(m, kind)
	g.refines, g.name, g.id = true, f.need(m, "ref"), idPrefixes[kind]+f.need(m, "id")
	if g.name == "" || g.id == idPrefixes[kind] {
		return
	}
	g.base = &link{idPrefixes[kind] + g.name, m.At("ref")}
	f.addGroup(g)
}

// usesV2 reads references to attributes and groups.
func (f *folder) usesV2(list []*input.Node, g *group, role string) {
	for _, n := range list {
		m, ok := n.Map(f.loader.p, v2UseKeys...)
		if !ok {
			continue
		}
		ref, refGroup := m.Get("ref"), m.Get("ref_group")
		if (ref == nil) == (refGroup == nil) {
			f.fail(n, ruleForm, "want either ref, an attribute, or ref_group, a group of them")
			continue
		}
		if refGroup != nil {
			if len(m.Entries()) > 1 {
				f.fail(n, ruleOverride, "ref_group has no other keys: add a ref for each attribute of which more is to be said")
			}
			if id := f.need(m, "ref_group"); id != "" {
				g.include = append(g.include, link{id, refGroup.Pos})
			}
			continue
		}
		key := f.need(m, "ref")
		if key == "" {
			continue
		}
		u := f.use(m, key)
		u.pos, u.role, u.from = ref.Pos, role, g
		g.uses = append(g.uses, u)
	}
}

// readImports reads what a file takes from dependencies.
func (f *folder) readImports(m input.Map) {
	imports, ok := m.Map("imports", listKeys[:]...)
	if !ok {
		return
	}
	for kind, key := range listKeys {
		for _, n := range imports.List(key) {
			if glob, ok := n.Str(f.loader.p); ok {
				f.imports = append(f.imports, pattern{groupKind(kind), glob, n.Pos})
			}
		}
	}
}
