package signals

import (
	"cmp"
	"slices"
	"strings"

	"github.com/otelsim/otelsim/pkg/build/plan"
	"github.com/otelsim/otelsim/pkg/build/registry"
	"github.com/otelsim/otelsim/pkg/build/semconv"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// instrument is a metric that spans of systems give values to: those of a protocol,
// which is what their registry type begins with, and a kind.
type instrument struct {
	name, description string
	protocol          string
	kind              uint8
	count             string    // the attribute that says how much a span counts for; without it 1
	bounds            []float64 // seconds, as the conventions advise
}

// Bounds of histograms as OpenTelemetry's conventions advise them: those of
// databases, and of all others.
var (
	callBounds     = []float64{0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10}
	databaseBounds = []float64{0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10}
)

// systemInstruments are all of them, by name.
var systemInstruments = []instrument{
	{"db.client.operation.duration", "Time that calls of databases took", "db", otlp.SpanKindClient, "", databaseBounds},
	{"http.client.request.duration", "Time that requests took, as who made them saw it", "http", otlp.SpanKindClient, "", callBounds},
	{"http.server.request.duration", "Time that answering requests took", "http", otlp.SpanKindServer, "", callBounds},
	{"messaging.client.consumed.messages", "Messages that were consumed", "messaging", otlp.SpanKindConsumer, "messaging.batch.message_count", nil},
	{"messaging.client.operation.duration", "Time that sending messages took", "messaging", otlp.SpanKindProducer, "", callBounds},
	{"messaging.client.sent.messages", "Messages that were sent", "messaging", otlp.SpanKindProducer, "", nil},
	{"messaging.process.duration", "Time that processing messages took", "messaging", otlp.SpanKindConsumer, "", callBounds},
	{"rpc.client.call.duration", "Time that calls took, as who made them saw it", "rpc", otlp.SpanKindClient, "", callBounds},
	{"rpc.server.call.duration", "Time that answering calls took", "rpc", otlp.SpanKindServer, "", callBounds},
}

// marks are the attributes that tell spans of one protocol from those of others.
var marks = map[string]string{
	"db": "db.system.name", "http": "http.request.method", "messaging": "messaging.system", "rpc": "rpc.system.name",
}

// unbounded are recommended attributes of which a service may meet any number of
// values: they are no dimensions.
var unbounded = []string{"network.peer.address", "network.peer.port", "messaging.destination.partition.id"}

// spanOf names spans of systems: several types may have one name.
type spanOf struct {
	service, name otlp.StringID
	kind          uint8
}

// systemType is a type of the spans of one name.
type systemType struct {
	mark     otlp.StringID // the attribute that its spans have; 0: of no protocol
	protocol string        // http, rpc, db, messaging ...; empty: of none
	class    class
}

// member is a service of a scenario that is a system.
type member struct {
	name     otlp.StringID
	resource uint32          // of its first instance
	count    int             // of instances at a time
	agents   bool            // it has spans of agents, too
	ids      []otlp.StringID // of the instances, by plan.Slot

	anonymous bool // resources of its spans have none of these
}

// systems compiles what the spans of systems become. Rules for plans without them
// are what they were before there were any.
func (c *compiler) systems() {
	systems := semconv.SortedSystems(c.in.Plan.Systems())
	if len(systems) == 0 {
		return
	}
	c.out.serviceKey, c.out.instanceKey = c.strs.ID("service.name"), c.strs.ID(instanceKey)
	c.out.spansOf = make(map[spanOf][]systemType)
	made := make(map[string]uint32) // indices of metrics
	of := c.givers()
	for i := range systems {
		own := c.ownMetrics(&systems[i], of)
		for k := range systems[i].Spans {
			s := &systems[i].Spans[k]
			protocol, _, _ := strings.Cut(s.Type, ".")
			if s.Plain {
				protocol = ""
			}
			if protocol = cmp.Or(s.Measured, protocol); protocol == "grpc" {
				protocol = "rpc"
			}
			t := systemType{mark: c.strs.ID(marks[protocol]), protocol: protocol}
			for n := range systemInstruments {
				x := &systemInstruments[n]
				if x.protocol != protocol || x.kind != s.Kind {
					continue
				}
				if _, ok := made[x.name]; !ok {
					made[x.name] = uint32(len(c.out.metrics))
					c.out.metrics = append(c.out.metrics, c.systemMetric(x))
				}
				t.class.metrics = append(t.class.metrics, made[x.name])
			}
			key := spanOf{c.strs.ID(systems[i].Service), c.strs.ID(s.Name), s.Kind}
			t.class.metrics = append(t.class.metrics, own[key]...)
			c.out.spansOf[key] = append(c.out.spansOf[key], t)
		}
	}
	defer c.checkPulses()
	firsts := make(map[string]uint32) // indices of resources by what they say
	for i := range c.out.scenarios {
		s := &c.out.scenarios[i]
		for k := range s.scenario.Groups {
			g := &s.scenario.Groups[k]
			if g.Name == "" || slices.ContainsFunc(s.members, func(m member) bool { return c.strs.String(m.name) == g.Name }) {
				continue
			}
			var of semconv.System
			if at := slices.IndexFunc(systems, func(x semconv.System) bool { return x.Service == g.Name }); at >= 0 {
				of = systems[at]
			}
			m := c.member(g, of.Differs, firsts)
			m.agents = of.Agents
			s.members = append(s.members, m)
		}
	}
}

// systemMetric compiles an instrument, with the attributes that the registry
// requires or recommends as dimensions: those of them that a span has.
func (c *compiler) systemMetric(x *instrument) metric {
	def, _ := registry.Bundled().Metric(x.name)
	m := metric{
		name: c.strs.ID(x.name), unit: c.strs.ID(def.Unit), description: c.strs.ID(x.description),
		per: 1, slots: 1, ofSystem: true,
		sources: []source{{from: fromOne}},
	}
	if x.count != "" {
		m.sources = []source{c.attribute(fromCount, x.count, 0)}
	}
	if x.bounds != nil {
		m.sources, m.per = []source{{from: fromDuration}}, timeUnits[def.Unit]
		m.shape("histogram", x.bounds)
		m.boundsID = c.boundsID(m.bounds)
	} else {
		m.shape("counter", nil)
	}
	for _, key := range dimensionsOf(def) {
		m.dims = append(m.dims, dimension{key: c.strs.ID(key), slot: c.slot(key), optional: true})
	}
	return m
}

// dimensionsOf are the keys of the dimensions that a metric of systems may have.
func dimensionsOf(def *registry.Metric) (keys []string) {
	for _, use := range def.Attributes {
		if key := use.Attribute.Key; use.Level != registry.OptIn && !slices.Contains(unbounded, key) {
			keys = append(keys, key)
		}
	}
	return keys
}

// DimensionOf returns a metric that spans of a protocol and a kind give values to, of
// which an attribute is a dimension. The protocol is what the registry's types of its
// spans begin with.
func DimensionOf(protocol string, kind uint8, key string) (metric string, ok bool) {
	for i := range systemInstruments {
		x := &systemInstruments[i]
		if x.protocol != protocol || x.kind != kind {
			continue
		}
		if def, _ := registry.Bundled().Metric(x.name); slices.Contains(dimensionsOf(def), key) {
			return x.name, true
		}
	}
	return "", false
}

// member makes the resources of a service, one for each instance, which scenarios
// have in common that say the same of it. They say nothing of that in which the resources
// of its spans differ: what an instance tells is of all of them.
func (c *compiler) member(g *plan.Group, differs []string, firsts map[string]uint32) member {
	out := member{name: c.strs.ID(g.Name), count: g.Count, ids: g.Instance, anonymous: g.Anonymous}
	common := plan.Group{Attrs: slices.Clone(g.Attrs), Instance: g.Instance, SchemaURL: g.SchemaURL, Scope: g.Scope}
	common.Attrs = slices.DeleteFunc(common.Attrs, func(a plan.Attr) bool { return slices.Contains(differs, c.strs.String(a.Key)) })
	form := common.Form(c.strs)
	first, ok := firsts[form]
	if !ok {
		first = uint32(len(c.out.resources))
		firsts[form] = first
		program := c.programOf(g)
		for k := range g.Count {
			r := resource{plane: dataPlane, service: g.Shared + 1, schemaURL: g.SchemaURL, scope: g.Scope, ofSystem: true, program: program}
			for turn := range uint64(plan.Turns) {
				r.instances = append(r.instances, g.Instance[plan.Slot(turn, k, g.Count)])
			}
			for _, a := range common.Attrs {
				switch a.Op {
				case plan.OpInstance:
					r.instance = len(r.attrs)
					a.Attr = otlp.Attr{Key: a.Key, Kind: otlp.KindString, Word: uint64(r.instances[0])}
				case plan.OpByInstance:
					a.Attr = a.OfInstance(k)
				}
				r.attrs = append(r.attrs, a.Attr)
			}
			c.out.resources = append(c.out.resources, r)
		}
	}
	out.resource = first
	return out
}

// act is what a span is in a system.
type act struct {
	is       bool        // of one, and not of agents
	typ      *systemType // nil: of none that gives values
	resource uint32      // of its instance
}

// roles finds out which spans from first on are of systems. Others are of agents, in
// whatever scenario they stand.
func (d *Deriver) roles(rules *scenarioRules, t *otlp.Traces, first int) {
	if len(rules.members) == 0 && first == d.base {
		return
	}
	for len(d.acts) < first-d.base {
		d.acts = append(d.acts, act{})
	}
	if len(rules.members) == 0 {
		return
	}
	d.members = resize(d.members, len(t.Resources))
	clear(d.members)
	for i := first; i < len(t.Spans); i++ {
		s := &t.Spans[i]
		x := act{}
		if service := d.memberOf(rules, t, s); service != nil {
			x.typ = d.typeOf(service, t, s)
			x.is = x.typ != nil || !service.agents
			x.resource = service.resource + d.members[s.Resource]&(1<<memberBits-1)
		}
		d.acts = append(d.acts, x)
	}
}

// ofSystem reports whether a span of the request, by its index, is of a system.
func (d *Deriver) ofSystem(i int) bool { return i-d.base < len(d.acts) && d.acts[i-d.base].is }

// memberOf returns the service that a span is of, and notes the resource of its
// instance.
func (d *Deriver) memberOf(rules *scenarioRules, t *otlp.Traces, s *otlp.Span) *member {
	switch at := d.members[s.Resource]; at {
	case 0:
	case noMember:
		return nil
	default:
		return &rules.members[at>>memberBits-1]
	}
	attrs := t.Resources[s.Resource].Attrs
	name, _ := lookup(t, attrs, d.rules.serviceKey)
	id, _ := lookup(t, attrs, d.rules.instanceKey)
	for i := range rules.members {
		x := &rules.members[i]
		if name.Kind != otlp.KindString || otlp.StringID(name.Word) != x.name {
			continue
		}
		if x.anonymous { // and gives no metrics: of which instance it is does not matter
			d.members[s.Resource] = uint32(i+1) << memberBits
			return x
		}
		ids := x.ids[plan.Slot(d.segment, 0, x.count):]
		if k := slices.Index(ids[:x.count], otlp.StringID(id.Word)); k >= 0 {
			d.members[s.Resource] = uint32(i+1)<<memberBits | uint32(k)
			return x
		}
	}
	d.members[s.Resource] = noMember
	return nil
}

// memberAt is which instance of which service of a system a span is of: see
// Deriver.members.
func (d *Deriver) memberAt(rules *scenarioRules, s *otlp.Span) uint32 {
	if len(rules.members) == 0 {
		return noMember
	}
	return d.members[s.Resource]
}

// noMember stands for resources of no service of a system.
const noMember = ^uint32(0)

// memberBits are those of the number of an instance: a service has up to 1000.
const memberBits = 10

// typeOf returns the type of a span: of several of its name the first one whose
// mark it has.
func (d *Deriver) typeOf(service *member, t *otlp.Traces, s *otlp.Span) *systemType {
	types := d.rules.spansOf[spanOf{service.name, s.Name, s.Kind}]
	if len(types) == 0 {
		return nil
	}
	if len(types) > 1 {
		for i := range types {
			if _, ok := lookup(t, s.Attrs, types[i].mark); ok {
				return &types[i]
			}
		}
	}
	return &types[0]
}
