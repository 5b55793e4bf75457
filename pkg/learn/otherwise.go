package learn

import (
	"cmp"
	"maps"
	"slices"

	"github.com/otelsim/otelsim/pkg/build/registry"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/profile"
	"github.com/otelsim/otelsim/pkg/profile/sketch"
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
	other bool // its name is otherwise
	types map[string]*typed
}

// typed is values of one type.
type typed struct {
	traces uint64
	other  bool // some are otherwise
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

// all looks at attributes, all of which are written as text in resources. What too few traces
// have is not named here either, though its name is known to all.
func (o *otherwise) all(attributes map[string]*profile.Attribute, resource bool) {
	for key, a := range attributes { // order-free: each key by itself
		name, ok := o.w.policy.Key(key, a.Traces)
		def, known := registry.Bundled().Attribute(name)
		if !ok || !known && !registry.Bundled().InNamespace(name) || !o.enough(key, a) {
			continue
		}
		x := o.attributes[name]
		if x == nil {
			x = &captured{!known || def.Deprecated != nil, make(map[string]*typed)}
			o.attributes[name] = x
		}
		for _, v := range a.Values.Kept() {
			x.meet(v, def, resource)
		}
	}
}

// enough reports whether enough traces have a key, here or all in all.
func (o *otherwise) enough(key string, a *profile.Attribute) bool {
	whole := o.w.whole.Keys[key]
	return o.w.policy.Enough(a.Traces) || o.w.policy.Allowed(key) || whole != nil && o.w.policy.Enough(whole.Traces)
}

// bases are the types of values by their kinds.
var bases = map[otlp.Kind]registry.Base{
	otlp.KindText: registry.String, otlp.KindString: registry.String, otlp.KindInt: registry.Int, otlp.KindDouble: registry.Double, otlp.KindBool: registry.Boolean,
}

// meet counts a value; def is nil where the conventions have no such attribute.
func (x *captured) meet(v *sketch.Value, def *registry.Attribute, resource bool) {
	base, plain := bases[v.Kind]
	is, other := registry.Any.String(), true
	switch {
	case v.Kind == otlp.KindArray && def != nil && def.Type.Array:
		is, other = registry.Type{Base: def.Type.Base, Array: true}.String(), false
	case resource || plain:
		if resource {
			base = registry.String
		}
		is, other = base.String(), isOther(def, registry.Value{Base: base, Text: v.Text})
	}
	t := x.types[is]
	if t == nil {
		t = new(typed)
		x.types[is] = t
	}
	t.traces += v.Traces
	t.other = t.other || other
}

// is returns the type of the values, of those that enough traces have: any, where they have
// several. other reports whether the attribute is otherwise than in the conventions.
func (x *captured) is(enough func(traces uint64) bool) (base string, other bool) {
	types := slices.SortedFunc(maps.Keys(x.types), func(a, b string) int {
		return cmp.Or(cmp.Compare(x.types[b].traces, x.types[a].traces), cmp.Compare(a, b))
	})
	for i, t := range types {
		switch {
		case i == 0:
			base, other = t, x.types[t].other
		case enough(x.types[t].traces):
			return registry.Any.String(), true
		}
	}
	return cmp.Or(base, registry.Any.String()), x.other || other
}

// isOther reports whether an attribute may not have a value. Enumerations of one member say what
// stands for all others.
func isOther(def *registry.Attribute, v registry.Value) bool {
	if def == nil {
		return true
	}
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
		if base, other := o.attributes[key].is(o.w.policy.Enough); other {
			attributes.items = append(attributes.items, asCaptured(mapping().with("key", key).with("type", base)))
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
