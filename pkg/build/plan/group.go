package plan

import (
	"slices"
	"strconv"

	"github.com/otelsim/otelsim/pkg/build/scenario"
	"github.com/otelsim/otelsim/pkg/build/semconv"
	"github.com/otelsim/otelsim/pkg/build/vocab"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// instanceKey is the resource attribute that tells one process from another.
const instanceKey = "service.instance.id"

// groupOf returns the index of the scenario's group for a component; "" is the
// control plane. What a tool server does is of its service.
func (b *builder) groupOf(component string, f facts) uint32 {
	var service *scenario.Service
	key := component
	if component == vocab.Of(vocab.Serve).Component && f.server != nil && f.server.Service != nil {
		if service = f.server.Service; service.Member > 0 {
			return b.services().group(service.Member - 1)
		}
		key = component + "/" + f.server.Key
	}
	if i := slices.Index(b.groups, key); i >= 0 {
		return uint32(i)
	}
	b.groups = append(b.groups, key)
	b.out.Groups = append(b.out.Groups, b.newGroup(component, service))
	return uint32(len(b.groups) - 1)
}

// newGroup compiles the resource and scope of a component, or of a service that is
// like the data plane but for what it says itself, in the order of the resource file; the tenant follows, and
// the session where the conventions list it.
func (b *builder) newGroup(component string, service *scenario.Service) Group {
	section := b.res.DataPlane
	switch {
	case service != nil:
		section = scenario.Overlaid(section, service.Attributes)
	case component == "":
		section = b.res.ControlPlane
		component = resourceValue(section, "component")
	}
	scope := "otelsim"
	if component != "" {
		scope += "/" + component
	}
	g := Group{
		Service:   service != nil,
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
	set.set(b.full("tenant.id"), b.str(b.tenant))
	if session := b.full("session.id"); b.onResources(session) {
		set.set(session, op(OpSession))
		g.OfSession = true
	}
	g.Attrs = set.finish(b.strs)
	g.Instance = b.instancesOf(instance, b.instances)
	g.Shared = b.sharedNumber(&g)
	return g
}

// onResources reports whether the conventions list a name among the attributes
// of resources.
func (b *builder) onResources(name string) bool {
	return slices.ContainsFunc(b.conv.Resource, func(a semconv.Attribute) bool { return b.conv.Rename(a.Name, b.prefix) == name })
}

// instancesOf names the instances of a service by their slots: each segment is
// one process of an instance, and the number of the instance is left out where
// there is one.
func (c *compiler) instancesOf(name string, count int) []otlp.StringID {
	out := make([]otlp.StringID, Turns*count)
	for turn := range uint64(Turns) {
		for k := range count {
			id := name + "-" + strconv.FormatUint(turn, 10)
			if count > 1 {
				id += "-" + strconv.Itoa(k)
			}
			out[Slot(turn, k, count)] = c.strs.ID(id)
		}
	}
	return out
}

// sharedNumber numbers groups by what they say. A group with more instances than
// others takes several numbers: see Group.Slots.
func (c *compiler) sharedNumber(g *Group) int {
	form := g.Form(c.strs)
	n, ok := c.shared[form]
	if !ok {
		n = c.numbers
		c.numbers += (max(g.Count, 1) + c.instances - 1) / c.instances
		c.shared[form] = n
	}
	return n
}

// Form is a text that groups with the same resources and scope have alike.
func (g *Group) Form(strs *otlp.Strings) string {
	form := canon{strs: strs}
	form.group(g)
	return string(form.b)
}

// resourceAttribute returns the emitted name and value of an attribute of the
// resource file, where three keys are written without the prefix.
func (b *builder) resourceAttribute(a scenario.Attribute) (string, Attr) {
	name := b.spelt(a.Key)
	switch a.Key {
	case "module", "component", "otel.source":
		name = b.prefix + "." + a.Key
	}
	if def, ok := b.dict.Lookup(name); ok {
		b.checkAllowed(a, def)
	}
	return name, b.str(a.Value.Str)
}
