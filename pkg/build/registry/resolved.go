package registry

import (
	"slices"
	"strings"

	"github.com/otelsim/otelsim/pkg/build/input"
)

// resolvedForm is what the key file_format says of a resolved registry.
const resolvedForm = "resolved/2.0"

// resolved reads a document of the form resolved/2.0. It makes what can be made:
// problems tell whether that may be used.
func (r *reader) resolved(doc input.Map) *Registry {
	out := &Registry{SchemaURL: r.need(doc, "schema_url")}
	c := &catalog{reader: r}
	for _, key := range []string{"attribute_catalog", "registry"} {
		if !doc.Has(key) {
			fail(r.p, ruleMissing, doc.Node.Pos, "%s: missing", key)
		}
	}
	for _, n := range doc.List("attribute_catalog") {
		c.add(n)
	}
	reg, _ := doc.Map("registry")
	seen := make(map[string]bool)
	for _, n := range reg.List("attributes") {
		a, ok := c.at(n)
		if ok && seen[a.Key] {
			r.fail(n, ruleDuplicate, "the registry has attribute %s already", input.Quote(a.Key))
		} else if ok {
			seen[a.Key] = true
			out.Attributes = append(out.Attributes, a)
		}
	}
	out.groups = c.groups(reg.List("attribute_groups"))
	out.Spans = each(r, reg.List("spans"), c.span, (*Span).name)
	out.Metrics = each(r, reg.List("metrics"), c.metric, (*Metric).name)
	out.Events = each(r, reg.List("events"), c.event, (*Event).name)
	out.Entities = each(r, reg.List("entities"), c.entity, (*Entity).name)
	ref, _ := doc.Map("refinements")
	out.SpanRefinements = each(r, ref.List("spans"), c.span, func(s *Span) string { return s.ID })
	out.MetricRefinements = each(r, ref.List("metrics"), c.metric, func(m *Metric) string { return m.ID })
	out.EventRefinements = each(r, ref.List("events"), c.event, func(e *Event) string { return e.ID })
	out.EntityRefinements = each(r, ref.List("entities"), c.entity, func(e *Entity) string { return e.ID })
	dropUnrefined(out)
	return out.finish()
}

// dropUnrefined removes the refinements that are the definitions themselves, which
// some versions of Weaver list beside those that change something.
func dropUnrefined(r *Registry) {
	r.SpanRefinements = slices.DeleteFunc(r.SpanRefinements, func(s *Span) bool { return s.ID == s.Type || s.ID == "" })
	r.MetricRefinements = slices.DeleteFunc(r.MetricRefinements, func(m *Metric) bool { return m.ID == m.Name || m.ID == "" })
	r.EventRefinements = slices.DeleteFunc(r.EventRefinements, func(e *Event) bool { return e.ID == e.Name || e.ID == "" })
	r.EntityRefinements = slices.DeleteFunc(r.EntityRefinements, func(e *Entity) bool { return e.ID == e.Type || e.ID == "" })
}

// each reads a list of definitions, of which no two have one name.
func each[T any](r *reader, list []*input.Node, read func(*input.Node) *T, name func(*T) string) (out []*T) {
	seen := make(map[string]bool)
	for _, n := range list {
		d := read(n)
		switch {
		case d == nil || name(d) == "" && seen[""]:
		case seen[name(d)]:
			r.fail(n, ruleDuplicate, "%s is defined already", input.Quote(name(d)))
		default:
			seen[name(d)] = true
			out = append(out, d)
		}
	}
	return out
}

// catalog is the catalog of a resolved registry, and reads what points into it.
type catalog struct {
	*reader
	rows []*Attribute
}

// add reads a row.
func (c *catalog) add(n *input.Node) {
	m, _ := c.mapping(n, "key", "type", "brief", "stability", "examples", "note", "deprecated", "annotations", "provenance")
	a := &Attribute{
		Key: c.need(m, "key"), Stability: c.stability(m.Get("stability")), Deprecated: c.deprecated(m.Get("deprecated")), Pos: n.Pos,
	}
	a.Captured = c.annotations(m.Get("annotations")).captured
	c.rows = append(c.rows, a) // even a bad one: what comes after keeps its number
	if t := m.Get("type"); t == nil {
		missing(c.p, n.Pos, n, "type", "")
	} else {
		a.Type, _ = c.attributeType(t)
	}
	if e := m.Get("examples"); e != nil {
		a.Examples = c.examples(e, a.Type)
	}
}

// at returns the row that a number points to.
func (c *catalog) at(n *input.Node) (*Attribute, bool) {
	i, ok := n.Int(c.p)
	switch {
	case !ok:
		return nil, false
	case i < 0 || i >= int64(len(c.rows)):
		c.fail(n, ruleReference, "row %d of a catalog with rows 0 to %d", i, len(c.rows)-1)
		return nil, false
	}
	return c.rows[i], true
}

// uses reads uses of attributes.
func (c *catalog) uses(list []*input.Node) (out []Use) {
	seen := make(map[string]bool)
	for _, n := range list {
		m, ok := c.mapping(n, "base", "requirement_level", "sampling_relevant")
		if !ok {
			continue
		}
		base := m.Get("base")
		if base == nil {
			missing(c.p, n.Pos, n, "base", "")
			continue
		}
		a, ok := c.at(base)
		if !ok {
			continue
		}
		if seen[a.Key] {
			c.fail(n, ruleDuplicate, "attribute %s is used already", input.Quote(a.Key))
			continue
		}
		seen[a.Key] = true
		u := Use{Attribute: a, Level: Recommended, Sampling: m.Bool("sampling_relevant", false), Pos: n.Pos}
		if l := m.Get("requirement_level"); l != nil {
			if level, condition, ok := c.level(l); ok {
				u.Level, u.Condition = level, condition
			}
		}
		out = append(out, u)
	}
	sortUses(out)
	return out
}

// sortUses puts uses in the byte order of their keys.
func sortUses(uses []Use) {
	slices.SortStableFunc(uses, func(a, b Use) int { return strings.Compare(a.Attribute.Key, b.Attribute.Key) })
}

func (c *catalog) groups(list []*input.Node) map[string]exported {
	out := make(map[string]exported)
	for _, n := range list {
		m, _ := c.mapping(n)
		out[c.need(m, "id")] = exported{uses: c.uses(m.List("attributes"))}
	}
	return out
}

func (c *catalog) span(n *input.Node) *Span {
	m, ok := c.mapping(n)
	if !ok {
		return nil
	}
	return &Span{
		Type: c.need(m, "type"), ID: m.Str("id", ""), Kind: c.kind(m, "kind"), Name: spanName(m),
		Level: c.signalLevel(m.Get("requirement_level")), Attributes: c.uses(m.List("attributes")),
		Entities: c.associations(m.List("entity_associations")), Stability: c.stability(m.Get("stability")),
		Deprecated: c.deprecated(m.Get("deprecated")), Pos: n.Pos,
	}
}

// spanName reads how spans are called: in words, or as templates, of which the
// first counts whose attributes are all there.
func spanName(m input.Map) string {
	name, ok := m.Map("name", "note", "templates")
	if !ok {
		return ""
	}
	if templates := name.Strings("templates"); len(templates) > 0 {
		return strings.Join(templates, " || ")
	}
	return strings.Join(strings.Fields(name.Str("note", "")), " ")
}

func (c *catalog) metric(n *input.Node) *Metric {
	m, ok := c.mapping(n)
	if !ok {
		return nil
	}
	said := c.annotations(m.Get("annotations"))
	out := &Metric{
		Name: c.need(m, "name"), ID: m.Str("id", ""), Unit: c.need(m, "unit"),
		Level: c.signalLevel(m.Get("requirement_level")), Attributes: c.uses(m.List("attributes")),
		Entities: c.associations(m.List("entity_associations")), ValueType: said.valueType, Buckets: said.buckets,
		Stability: c.stability(m.Get("stability")), Deprecated: c.deprecated(m.Get("deprecated")), Captured: said.captured, Pos: n.Pos,
	}
	out.Instrument = c.instrument(m)
	return out
}

// instrument reads the instrument of a metric.
func (r *reader) instrument(m input.Map) Instrument {
	if r.need(m, "instrument") == "" {
		return Counter
	}
	i, _ := r.oneOf(m.Get("instrument"), "instrument", instrumentNames)
	return Instrument(i)
}

func (c *catalog) event(n *input.Node) *Event {
	m, ok := c.mapping(n)
	if !ok {
		return nil
	}
	return &Event{
		Name: c.need(m, "name"), ID: m.Str("id", ""), Level: c.signalLevel(m.Get("requirement_level")),
		Attributes: c.uses(m.List("attributes")), Entities: c.associations(m.List("entity_associations")),
		Stability: c.stability(m.Get("stability")), Deprecated: c.deprecated(m.Get("deprecated")), Pos: n.Pos,
	}
}

func (c *catalog) entity(n *input.Node) *Entity {
	m, ok := c.mapping(n)
	if !ok {
		return nil
	}
	return &Entity{
		Type: c.need(m, "type"), ID: m.Str("id", ""),
		Identity: c.uses(m.List("identity")), Description: c.uses(m.List("description")),
		Stability: c.stability(m.Get("stability")), Deprecated: c.deprecated(m.Get("deprecated")), Pos: n.Pos,
	}
}
