package plan

import (
	"strconv"

	"github.com/otelsim/otelsim/pkg/build/scenario"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// instanceKey is the resource attribute that tells one process from another.
const instanceKey = "service.instance.id"

// newGroup compiles the resource and scope of a component, in the order of the
// resource file; the tenant and the session follow.
func (b *builder) newGroup(component string) Group {
	section := b.res.DataPlane
	if component == "" {
		section = b.res.ControlPlane
		component = resourceValue(section, "component")
	}
	scope := "otelsim"
	if component != "" {
		scope += "/" + component
	}
	g := Group{
		SchemaURL: b.strs.ID(b.res.SchemaURL),
		Scope: otlp.Scope{
			Name:    b.strs.ID(scope),
			Version: b.strs.ID(b.version),
		},
	}
	instance := "otelsim"
	var set attrSet
	for _, a := range section {
		name, attr := b.resourceAttribute(a)
		if a.Key == instanceKey {
			instance, attr = a.Value.Str, op(OpInstance)
		}
		if name == b.prefix+".component" && component != "" {
			attr = b.str(component)
		}
		set.put(name, attr)
	}
	set.put(instanceKey, op(OpInstance))
	if component != "" {
		set.put(b.prefix+".component", b.str(component))
	}
	set.set(b.prefix+".tenant.id", b.str(b.tenant))
	set.set(b.prefix+".session.id", op(OpSession))
	g.Attrs = set.finish(b.strs)
	for i := range g.Instance {
		g.Instance[i] = b.strs.ID(instance + "-" + strconv.Itoa(i%b.instances))
	}
	return g
}

// resourceAttribute returns the emitted name and value of an attribute of the
// resource file, where three keys are written without the prefix.
func (b *builder) resourceAttribute(a scenario.Attribute) (string, Attr) {
	name := b.conv.Rename(a.Key, b.prefix)
	switch a.Key {
	case "module", "component", "otel.source":
		name = b.prefix + "." + a.Key
	}
	if def, ok := b.dict.Lookup(name); ok {
		b.checkAllowed(a, def)
	}
	return name, b.str(a.Value.Str)
}
