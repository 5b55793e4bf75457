package scenario

import "github.com/otelsim/otelsim/pkg/build/input"

// defaultSchemaURL is the schema of resources when resource.yaml names none.
const defaultSchemaURL = "https://example.com/otel/schema/1.0.0"

// ParseResource reads resource.yaml. It returns nil when the file holds no
// usable document.
func ParseResource(f input.File, p *input.Problems) *Resource {
	root := input.Load(f, p)
	if root == nil {
		return nil
	}
	m, ok := root.Map(p, resourceKeys...)
	if !ok {
		return nil
	}
	l := &loader{p: p}
	return &Resource{
		SchemaURL:    m.Str("schema_url", defaultSchemaURL),
		ControlPlane: l.section(m, "control_plane"),
		DataPlane:    l.section(m, "data_plane"),

		ControlPlanePos: m.At("control_plane"), DataPlanePos: m.At("data_plane"),
	}
}

func (l *loader) section(m input.Map, key string) []Attribute {
	section, ok := m.Map(key, sectionKeys...)
	if !ok && m.Get(key) == nil {
		m.Fail(key, "missing")
	}
	attributes, _ := section.Map("attributes")
	var out []Attribute
	for _, e := range attributes.Entries() {
		if e.Value.Kind == input.Null {
			continue
		}
		if s, ok := e.Value.Str(l.p); ok {
			l.idleResource(e)
			out = append(out, Attribute{Key: e.Key, Pos: e.Pos, Value: Value{Kind: String, Str: s}})
		}
	}
	return out
}
