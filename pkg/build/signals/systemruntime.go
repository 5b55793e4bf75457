package signals

import (
	"slices"

	"github.com/otelsim/otelsim/pkg/build/plan"
	"github.com/otelsim/otelsim/pkg/build/registry"
	"github.com/otelsim/otelsim/pkg/build/rng"
	"github.com/otelsim/otelsim/pkg/build/scenario"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// program is what the instances of a service tell of themselves at every tick.
type program struct {
	name    uint64            // of its streams
	runtime *scenario.Runtime // nil: only metrics of its own
	pulses  []pulse
	watches bool // a histogram takes a value whenever a request ends

	// Of metrics that are counted from spans: one more than their indices. 0: none.
	active, pools, queues uint32
}

// pulse is a series that an instance has at every tick.
type pulse struct {
	metric uint32
	dims   []otlp.Attr
	of     func(now *reading) int64 // nil: a metric of the service's own
	own    *scenario.OwnMetric
	name   uint64 // of its streams
}

// The attributes that tell apart what is counted from spans.
const (
	connectionState = "db.client.connection.state"
	poolName        = "db.client.connection.pool.name"
)

// keys of systems are the ids of attributes that are read off spans.
type systemKeys struct {
	method, scheme, address, port, namespace, destination, group otlp.StringID
	state, pool, idle, used                                      otlp.StringID
}

// programOf returns one more than the index of the program of a service, 0 when it
// tells nothing.
func (c *compiler) programOf(g *plan.Group) int {
	if g.Tells.Runtime == nil && !slices.ContainsFunc(g.Tells.Metrics, func(m scenario.OwnMetric) bool { return len(m.From) == 0 }) {
		return 0
	}
	if len(c.out.programs) == 0 {
		c.out.keys = systemKeys{
			method: c.strs.ID("http.request.method"), scheme: c.strs.ID("url.scheme"), address: c.strs.ID("server.address"),
			port: c.strs.ID("server.port"), namespace: c.strs.ID("db.namespace"),
			destination: c.strs.ID("messaging.destination.name"), group: c.strs.ID("messaging.consumer.group.name"),
			state: c.strs.ID(connectionState), pool: c.strs.ID(poolName), idle: c.strs.ID("idle"), used: c.strs.ID("used"),
		}
	}
	x := program{name: rng.Hash(g.Name), runtime: g.Tells.Runtime}
	if x.runtime != nil {
		x.active = 1 + c.counted("http.server.active_requests", "Requests that are being answered", "{request}")
		x.pools = 1 + c.counted("db.client.connection.count", "Connections of a pool, by what they do", "{connection}")
		x.queues = 1 + c.counted(scenario.QueueLength, "Messages that were sent and that nobody has begun to consume", "{message}")
		for i := range vitals {
			if v := &vitals[i]; v.kind == "" || v.kind == x.runtime.Kind {
				x.pulses = append(x.pulses, c.vital(v))
			}
		}
	}
	for i := range g.Tells.Metrics {
		m := &g.Tells.Metrics[i]
		if len(m.From) > 0 { // its spans give it values
			continue
		}
		x.watches = x.watches || m.Histogram()
		x.pulses = append(x.pulses, c.ofOwn(m))
	}
	c.out.programs = append(c.out.programs, x)
	return len(c.out.programs)
}

// counted returns the index of an up-down counter of whole things.
func (c *compiler) counted(name, description, unit string) uint32 {
	return c.metricOf(metric{
		name: c.strs.ID(name), unit: c.strs.ID(unit), description: c.strs.ID(description),
		kind: otlp.MetricSum, cumulative: true, negative: true, per: 1, slots: 1,
	})
}

// metricOf adds a metric of instances unless it is there.
func (c *compiler) metricOf(m metric) uint32 {
	m.ofSystem, m.sources = true, []source{{from: fromOne}}
	at := slices.IndexFunc(c.out.metrics, func(x metric) bool { return x.ofSystem && !x.own && x.name == m.name })
	if at < 0 {
		at = len(c.out.metrics)
		c.out.metrics = append(c.out.metrics, m)
	}
	return uint32(at)
}

// vital compiles a metric of a runtime by the registry.
func (c *compiler) vital(v *vital) pulse {
	def, _ := registry.Bundled().Metric(v.name)
	m := metric{
		name: c.strs.ID(v.name), unit: c.strs.ID(def.Unit), description: c.strs.ID(v.description), per: perOf(def.Unit), slots: 1,
	}
	m.shape(def.Instrument.String(), v.bounds)
	m.boundsID = c.boundsID(m.bounds)
	p := pulse{metric: c.metricOf(m), of: v.of, name: rng.Hash(v.name)}
	for i := 0; i < len(v.attrs); i += 2 {
		a := otlp.Attr{Key: c.strs.ID(v.attrs[i]), Kind: otlp.KindString, Word: uint64(c.strs.ID(v.attrs[i+1]))}
		if v.attrs[i] == threadDaemon {
			a.Kind, a.Word = otlp.KindBool, 0
			if v.attrs[i+1] == "true" {
				a.Word = 1
			}
		}
		p.dims = append(p.dims, a)
	}
	return p
}

// ofOwn compiles a metric of a service's own.
func (c *compiler) ofOwn(x *scenario.OwnMetric) pulse {
	m := metric{
		name: c.strs.ID(x.Name), unit: c.strs.ID(x.Unit), description: c.strs.ID(x.Description), per: millionths, slots: 1,
		ofSystem: true, own: true, sources: []source{{from: fromOne}},
	}
	if x.Whole() {
		m.per = 1
	}
	m.shape(x.Instrument, boundsOf(x.Unit))
	m.boundsID = c.boundsID(m.bounds)
	p := pulse{metric: uint32(len(c.out.metrics)), own: x, name: rng.Hash(x.Name)}
	c.out.metrics = append(c.out.metrics, m)
	for _, a := range x.Attributes {
		p.dims = append(p.dims, otlp.Attr{Key: c.strs.ID(a.Key), Kind: otlp.KindString, Word: uint64(c.strs.ID(a.Value.Str))})
	}
	return p
}

// perOf is how many parts of a unit metrics of runtimes are counted in: times by the
// nanosecond, shares by the millionth, and all else whole.
func perOf(unit string) uint64 {
	if unit == "1" {
		return millionths
	}
	return max(timeUnits[unit], 1)
}

// maxPulses bounds the series that the instances of a plan have at every tick.
const maxPulses = 50_000

// Pulses returns how many series instances of services have at every tick, at most,
// beside those that are counted from their spans.
func (r *Rules) Pulses() int { return r.pulses }

// checkPulses refuses more series than records of metrics should hold, and says what
// most of them are for.
func (c *compiler) checkPulses() {
	all, most := 0, -1
	of := func(r *resource) int {
		if r.program == 0 {
			return 0
		}
		return len(c.out.programs[r.program-1].pulses)
	}
	sums := make(map[int]int) // by service
	for i := range c.out.resources {
		r := &c.out.resources[i]
		n := of(r)
		all += n
		if sums[r.service] += n; n > 0 && (most < 0 || sums[r.service] > sums[most]) {
			most = r.service
		}
	}
	c.out.pulses = all
	if all <= maxPulses {
		return
	}
	for _, s := range c.in.Plan.Scenarios {
		for i := range s.Groups {
			if g := &s.Groups[i]; g.Shared+1 == most {
				c.p.Errorf(g.Tells.Pos, "services.%s.instances: runtime and metrics make %d series of its %d instances, and %d in all: more than the limit of %d",
					g.Name, sums[most], g.Count, all, maxPulses)
				return
			}
		}
	}
}
