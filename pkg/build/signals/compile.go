package signals

import (
	"maps"
	"slices"
	"strconv"

	"github.com/otelsim/otelsim/pkg/build/input"
	"github.com/otelsim/otelsim/pkg/build/plan"
	"github.com/otelsim/otelsim/pkg/build/scenario"
	"github.com/otelsim/otelsim/pkg/build/semconv"
	"github.com/otelsim/otelsim/pkg/build/vocab"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// Inputs are what the rules are compiled from.
type Inputs struct {
	Conventions *semconv.Conventions
	Resource    *scenario.Resource
	Plan        *plan.Plan
	Version     string // of the instrumentation scopes
}

// Rules say what metrics and logs spans become. They are immutable.
type Rules struct {
	strs      *otlp.Strings // those of the plan, and more
	prefix    string
	instances int             // of each service, at a time
	scenarios []scenarioRules // as plan.All has them
	metrics   []metric        // in file order
	resources []resource      // by plane, then tenant in byte order
	classes   []class         // by span type
	classOf   []uint8         // by name id: 1 + the index of a class, 0 for none, or several
	classed   []uint8         // by the id of a value of classKey: 1 + the index of a class
	classKey  otlp.StringID   // of the attribute that says which class a span is of
	serve     int             // the class of what tool servers do
	slotOf    []uint16        // by key id: 1 + the slot that a span's value goes to
	wanted    []uint64        // by key id: the classes, as bits, whose logs copy it
	hashes    []uint64        // of each string
	slots     int
	counts    bool        // a metric counts spans below others
	bounds    [][]float64 // of histograms, by boundsID

	// Of systems, all empty in rules for plans without them.
	spansOf                 map[spanOf][]systemType
	serviceKey, instanceKey otlp.StringID
	programs                []program
	keys                    systemKeys
	pulses                  int // series that instances have at every tick, at most

	words words
}

// scenarioRules are what differs between scenarios.
type scenarioRules struct {
	scenario  *plan.Scenario
	resources [2]uint32 // by plane
	services  []uint32  // of tool servers
	members   []member  // of a system, by group
}

// class is what the rules do with the spans of one type.
type class struct {
	name    string   // bare
	metrics []uint32 // indices of metrics
	telling telling
}

// The planes, as indices.
const (
	controlPlane = 0
	dataPlane    = 1
)

// resource is what the points of one plane and tenant share.
type resource struct {
	plane     int
	tenant    string
	service   int // of a tool server: one more than plan.Group.Shared
	attrs     []otlp.Attr
	instance  int             // index into attrs of service.instance.id
	instances []otlp.StringID // by plan.Slot
	schemaURL otlp.StringID

	ofSystem bool       // of an instance of a service of a system
	scope    otlp.Scope // of what that has
	program  int        // what that tells: one more than its index; 0: nothing
}

// With returns rules for a plan that has a changed copy of one scenario in place
// of all: spans of the copy become what those of the original would.
func (r *Rules) With(original, changed *plan.Scenario) *Rules {
	out := *r
	out.scenarios = []scenarioRules{r.like(original, changed)}
	if original.System != nil {
		for i, agent := range original.System.Agents {
			out.scenarios = append(out.scenarios, r.like(agent, changed.System.Agents[i]))
		}
	}
	return &out
}

func (r *Rules) like(original, changed *plan.Scenario) scenarioRules {
	i := slices.IndexFunc(r.scenarios, func(s scenarioRules) bool { return s.scenario == original })
	like := r.scenarios[i]
	like.scenario = changed
	return like
}

// compiler compiles rules.
type compiler struct {
	in    Inputs
	p     *input.Problems
	strs  *otlp.Strings
	dict  *semconv.Dictionary
	out   *Rules
	keys  []otlp.StringID // of the slots
	types []vocab.Type    // of spans, as classes
}

// Compile compiles the rules for the scenarios of a plan. The rules have a
// string table of their own, which extends the plan's: spans of the plan are
// read with it, and what they become refers to it. Findings go to p; the rules
// are to be used only when p has no errors.
func Compile(in Inputs, p *input.Problems) *Rules {
	c := &compiler{
		in: in, p: p, strs: in.Plan.Strings.Extend(), dict: in.Conventions.Dictionary(in.Plan.Prefix),
	}
	c.out = &Rules{strs: c.strs, prefix: in.Plan.Prefix, instances: max(1, in.Plan.Instances)}
	c.out.serve = slices.IndexFunc(vocab.All(), func(t vocab.Type) bool { return t.Name == vocab.Serve })
	c.types = vocab.All()
	for _, bare := range slices.Sorted(maps.Keys(in.Conventions.Added())) {
		c.types = append(slices.Clip(c.types), in.Conventions.Type(bare)) // after the others: of their logs there are none
	}
	if len(c.types) >= several {
		p.Errorf(in.Conventions.Spans[0].Pos, "%d span types: at most %d are told apart", len(c.types), several-1)
		return nil
	}
	for _, t := range c.types {
		c.out.classes = append(c.out.classes, class{name: t.Name})
	}
	c.instruments()
	c.logs()
	c.scenarios()
	c.systems()
	c.index()
	return c.out
}

// index makes the tables that are looked things up in by string id. The string
// table is complete before.
func (c *compiler) index() {
	out := c.out
	types := make([]otlp.StringID, len(out.classes))
	usual := make([]otlp.StringID, len(out.classes))
	for i, t := range c.types {
		types[i], usual[i] = c.strs.ID(t.Name), c.strs.ID(t.Emitted(c.in.Plan.Prefix))
	}
	out.classKey = c.strs.ID(c.full("span.class"))
	n := c.strs.Len()
	out.classOf, out.classed = make([]uint8, n), make([]uint8, n)
	for i, id := range types {
		out.classed[id] = uint8(i + 1)
		out.classOf[usual[i]] = uint8(i + 1)
	}
	for _, s := range c.in.Plan.All() {
		for p := range s.Parts() {
			c.name(&p.Root)
		}
	}
	out.slotOf = make([]uint16, n)
	for i, id := range c.keys {
		out.slotOf[id] = uint16(i + 1)
	}
	out.slots = len(c.keys)
	wanted := make([]uint64, n)
	copy(wanted, out.wanted)
	out.wanted = wanted
	out.hashes = make([]uint64, n)
	for i := range out.hashes {
		out.hashes[i] = hashBytes([]byte(c.strs.String(otlp.StringID(i))))
	}
}

// several is the class of names that spans of more than one class have.
const several = 255

// name takes the names of a node's spans, and of those below it, as names of its
// class, but for what services of systems do.
func (c *compiler) name(n *plan.Node) {
	if n.Act != nil {
		return
	}
	out := c.out
	at := uint8(slices.IndexFunc(out.classes, func(k class) bool { return k.name == n.Class }) + 1)
	take := func(id otlp.StringID) {
		if have := out.classOf[id]; have != 0 && have != at {
			out.classOf[id] = several
		} else {
			out.classOf[id] = at
		}
	}
	take(n.Name)
	if n.Names != nil {
		for _, x := range n.Names.All {
			take(x.Name)
		}
	}
	for i := range n.Children {
		c.name(&n.Children[i])
	}
}

// class returns the index of the class of a span, and whether it has one.
func (r *Rules) class(t *otlp.Traces, s *otlp.Span) (int, bool) {
	at := r.classOf[s.Name]
	if at == several {
		at = 0
		if a, ok := lookup(t, s.Attrs, r.classKey); ok && a.Kind == otlp.KindString {
			at = r.classed[a.Word]
		}
	}
	return int(at) - 1, at > 0
}

// full is the emitted spelling of a name that the product knows, one without
// namespace.
func (c *compiler) full(known string) string {
	return plan.Emitted(c.in.Conventions, c.in.Plan.Prefix, known)
}

// slot returns the slot for values of a key.
func (c *compiler) slot(key string) uint16 {
	id := c.strs.ID(key)
	if i := slices.Index(c.keys, id); i >= 0 {
		return uint16(i)
	}
	c.keys = append(c.keys, id)
	return uint16(len(c.keys) - 1)
}

// scenarios finds the tenant of each scenario and makes the resources.
func (c *compiler) scenarios() {
	var tenants []string
	all := c.in.Plan.All()
	of := make([]string, len(all))
	for i, s := range all {
		of[i] = c.tenant(s)
		if !slices.Contains(tenants, of[i]) {
			tenants = append(tenants, of[i])
		}
	}
	slices.Sort(tenants)
	for plane := range 2 {
		for _, t := range tenants {
			c.out.resources = append(c.out.resources, c.resource(plane, t))
		}
	}
	for i, s := range all {
		k := uint32(slices.Index(tenants, of[i]))
		c.out.scenarios = append(c.out.scenarios, scenarioRules{s, [2]uint32{k, k + uint32(len(tenants))}, c.services(s), nil})
	}
}

// tenant returns the tenant that a scenario's resources name.
func (c *compiler) tenant(s *plan.Scenario) string {
	key := c.strs.ID(c.full("tenant.id"))
	for _, g := range s.Groups {
		for _, a := range g.Attrs {
			if a.Key == key && a.Op == plan.OpConst {
				return c.strs.String(otlp.StringID(a.Word))
			}
		}
	}
	return ""
}

// instanceKey is the resource attribute that tells one process from another.
const instanceKey = "service.instance.id"

// resource compiles the resource of a plane, in the order of the resource
// file, with the tenant last. The values are those that spans have.
func (c *compiler) resource(plane int, tenant string) resource {
	section := c.in.Resource.ControlPlane
	if plane == dataPlane {
		section = c.in.Resource.DataPlane
	}
	r := resource{plane: plane, tenant: tenant, schemaURL: c.strs.ID(c.in.Resource.SchemaURL), instance: -1}
	instance := "otelsim"
	prefix := c.in.Plan.Prefix
	set := func(key, value string) int {
		a := otlp.Attr{Key: c.strs.ID(key), Kind: otlp.KindString, Word: uint64(c.strs.ID(value))}
		at := slices.IndexFunc(r.attrs, func(b otlp.Attr) bool { return b.Key == a.Key })
		if at < 0 {
			at = len(r.attrs)
			r.attrs = append(r.attrs, a)
		}
		r.attrs[at] = a
		return at
	}
	for _, a := range section {
		switch a.Key {
		case instanceKey:
			instance = a.Value.Str
			r.instance = set(instanceKey, instance)
		case "module", "component", "otel.source":
			set(prefix+"."+a.Key, a.Value.Str)
		default:
			if name := c.in.Conventions.Rename(a.Key, prefix); name != c.full("session.id") {
				set(name, a.Value.Str)
			}
		}
	}
	if r.instance < 0 {
		r.instance = set(instanceKey, instance)
	}
	set(c.full("tenant.id"), tenant)
	r.instances = c.instances(instance)
	return r
}

// services makes the resources of the tool servers of a scenario that are not there
// yet, and returns all.
func (c *compiler) services(s *plan.Scenario) (out []uint32) {
	component := c.strs.ID(c.in.Plan.Prefix + ".component")
	for i := range s.Groups {
		g := &s.Groups[i]
		if !g.Service {
			continue
		}
		r := resource{plane: dataPlane, service: g.Shared + 1, schemaURL: g.SchemaURL, instances: g.Instance}
		at := slices.IndexFunc(c.out.resources, func(x resource) bool { return x.service == r.service })
		if at < 0 {
			for _, a := range g.Attrs {
				switch {
				case a.Op == plan.OpInstance:
					r.instance = len(r.attrs)
					r.attrs = append(r.attrs, otlp.Attr{Key: a.Key, Kind: otlp.KindString, Word: uint64(g.Instance[0])})
				case a.Op == plan.OpConst && a.Key != component:
					r.attrs = append(r.attrs, a.Attr)
				}
			}
			at = len(c.out.resources)
			c.out.resources = append(c.out.resources, r)
		}
		out = append(out, uint32(at))
	}
	return out
}

// instances are the values of service.instance.id that spans have, by slot.
func (c *compiler) instances(name string) []otlp.StringID {
	n := c.out.instances
	out := make([]otlp.StringID, plan.Turns*n)
	for turn := range uint64(plan.Turns) {
		for k := range n {
			id := name + "-" + strconv.FormatUint(turn, 10)
			if n > 1 {
				id += "-" + strconv.Itoa(k)
			}
			out[plan.Slot(turn, k, n)] = c.strs.ID(id)
		}
	}
	return out
}

// scope is the scope of spans of a type.
func (c *compiler) scope(t vocab.Type) otlp.Scope {
	component := t.Component
	if component == "" {
		for _, a := range c.in.Resource.ControlPlane {
			if a.Key == "component" {
				component = a.Value.Str
			}
		}
	}
	name := "otelsim"
	if component != "" {
		name += "/" + component
	}
	return otlp.Scope{Name: c.strs.ID(name), Version: c.strs.ID(c.in.Version)}
}

// hashBytes is 64-bit FNV-1a. It orders nothing: series are sorted by value.
func hashBytes(b []byte) uint64 {
	h := uint64(14695981039346656037)
	for _, c := range b {
		h = (h ^ uint64(c)) * 1099511628211
	}
	return h
}

// HasMetrics reports whether the conventions define any metric that spans give
// values to.
func (r *Rules) HasMetrics() bool { return len(r.metrics) > 0 }
