package learn

import (
	"maps"
	"slices"

	"github.com/otelsim/otelsim/pkg/build/registry"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/profile"
)

// RegistryName is the file of what a capture has otherwise than the conventions, where it has
// anything so.
const RegistryName = "registry.yaml"

// otherwise is what a capture has otherwise than the conventions of OpenTelemetry: names that are
// deprecated, or not there in one of their namespaces, values of other types, other units.
type otherwise struct {
	w          *writer
	attributes map[string]*captured
	metrics    map[string]*node
}

// captured is an attribute of the conventions, or in their namespaces.
type captured struct {
	base  string // the type of its values; any, where they have several
	other bool   // it is otherwise
}

// registry writes what the capture has otherwise as a registry above the conventions, so that
// what is generated is held to what there is, and has its types; nil: it has nothing so.
func (w *writer) registry(parts []*writer) []byte {
	o := &otherwise{w, make(map[string]*captured), make(map[string]*node)}
	for _, c := range w.whole.Classes { // order-free: each key by itself
		o.all(c.Attributes, false)
		for _, e := range c.Events { // order-free: likewise
			o.all(e.Attributes, false)
		}
		for _, t := range c.Logs { // order-free: likewise
			o.all(t.Attributes, false)
		}
	}
	for _, s := range w.whole.Services { // order-free: likewise
		o.all(s.Attributes, true)
	}
	for _, x := range append(parts[:len(parts):len(parts)], w) {
		for i := range x.own {
			o.metric(&x.own[i])
		}
	}
	return o.file()
}

// all looks at attributes, all of which are written as text in resources.
func (o *otherwise) all(attributes map[string]*profile.Attribute, resource bool) {
	for key, a := range attributes { // order-free: each key by itself
		name, ok := o.w.policy.Key(key, a.Traces)
		def, known := registry.Bundled().Attribute(key)
		if !ok || name != key || !known && !registry.Bundled().InNamespace(key) {
			continue
		}
		x := o.attributes[key]
		if x == nil {
			x = &captured{other: !known || def.Deprecated != nil}
			o.attributes[key] = x
		}
		for _, v := range a.Values.Kept() {
			x.meet(v.Kind, v.Text, def, resource)
		}
	}
}

// bases are the types of values by their kinds.
var bases = map[otlp.Kind]registry.Base{
	otlp.KindText: registry.String, otlp.KindString: registry.String, otlp.KindInt: registry.Int, otlp.KindDouble: registry.Double, otlp.KindBool: registry.Boolean,
}

// meet counts a value; def is nil where the conventions have no such attribute.
func (x *captured) meet(kind otlp.Kind, text string, def *registry.Attribute, resource bool) {
	base, plain := bases[kind]
	is := registry.Any.String()
	switch {
	case kind == otlp.KindArray && def != nil && def.Type.Array:
		is = registry.Type{Base: def.Type.Base, Array: true}.String()
	case resource || plain:
		if resource {
			base = registry.String
		}
		is = base.String()
		x.other = x.other || isOther(def, registry.Value{Base: base, Text: text})
	default:
		x.other = true
	}
	if x.base == "" {
		x.base = is
	}
	if x.base != is {
		x.base, x.other = registry.Any.String(), true
	}
}

// isOther reports whether an attribute may not have a value. Enumerations of one member say what
// stands for all others.
func isOther(def *registry.Attribute, v registry.Value) bool {
	id := def.Check(v).ID
	return id != "" && (id != registry.UndefinedEnumVariant || len(def.Type.Members) > 1)
}

// metric looks at a metric that is written.
func (o *otherwise) metric(m *ownMetric) {
	def, known := registry.Bundled().Metric(m.name)
	if !known && !registry.Bundled().InNamespace(m.name) {
		return
	}
	instrument := m.instrument
	if instrument == "exponential_histogram" {
		instrument = registry.Histogram.String()
	}
	if known && def.Deprecated == nil && m.unit == def.Unit && instrument == def.Instrument.String() &&
		!slices.ContainsFunc(def.Required(), func(u registry.Use) bool { return !m.has(u.Attribute.Key) }) {
		return
	}
	o.metrics[m.name] = mapping().with("name", m.name).with("instrument", instrument).with("unit", m.unit)
}

// has reports whether all points have an attribute.
func (m *ownMetric) has(key string) bool {
	if slices.Contains(m.node.listed("dimensions"), quoted(key)) {
		return true
	}
	for _, e := range m.node.entries {
		if e.key == "attributes" && slices.ContainsFunc(e.value.entries, func(x entry) bool { return x.key == quoted(key) }) {
			return true
		}
	}
	return false
}

// file writes what there is; nil: nothing.
func (o *otherwise) file() []byte {
	m := mapping().with("file_format", "definition/2")
	attributes, metrics := list(), list()
	for _, key := range slices.Sorted(maps.Keys(o.attributes)) {
		if x := o.attributes[key]; x.other {
			attributes.items = append(attributes.items, asCaptured(mapping().with("key", key).with("type", x.base)))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(o.metrics)) {
		metrics.items = append(metrics.items, asCaptured(o.metrics[name]))
	}
	if len(attributes.items)+len(metrics.items) == 0 {
		return nil
	}
	if len(attributes.items) > 0 {
		m.put("attributes", attributes)
	}
	if len(metrics.items) > 0 {
		m.put("metrics", metrics)
	}
	return m.file("What a capture has otherwise than the conventions of OpenTelemetry, for what is made to be held to.\n" +
		"docs/registries.md says what every key means.")
}

// asCaptured says of a definition what all of them say.
func asCaptured(m *node) *node {
	m.with("brief", "As captured.").with("stability", "development").put("annotations", mapping().set("captured", raw("true")))
	return m
}
