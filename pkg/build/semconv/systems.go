package semconv

import (
	"slices"

	"github.com/otelsim/otelsim/pkg/build/input"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// System says what spans a service of a system emits. A corpus keeps it in its
// conventions file, so that who judges the corpus needs nothing else.
type System struct {
	Service   string   // service.name of the resource
	Instances int64    // at a time, at least 1: each request is answered by one
	Anonymous bool     // its resources do not say which one they are of
	Sticky    bool     // which is the same in all of a session
	Agents    bool     // it has spans of agents beside Spans, by other names: it is a tool server
	Differs   []string // sorted: attributes of which the resources of its spans may have different values, and those of its metrics none
	Spans     []SystemSpan
	Runtime   *SystemRuntime // nil: instances tell nothing of themselves
	Metrics   []OwnMetric
}

// SystemSpan is a span that a service emits.
type SystemSpan struct {
	Name string
	Kind uint8  // an otlp.SpanKind
	Type string // of the registry: http.server, rpc.grpc.call.client, db.client ...; empty: of none

	Plain bool // nothing follows from Type but what it requires: the span is of no protocol
	Free  bool // nobody waits for it: it may end after its parent, and start after its end

	Unnamed  bool   // it may begin a later request of a session without session.id
	Measured string // the protocol by whose metrics it counts, though it is of none: http, grpc, db, messaging; empty: of none
	Silent   bool   // it may fail by itself without telling of an exception

	Logs   []SystemLog // that it writes
	Varied bool        // spans of that name differ in what they log: each of Logs is there any number of times
}

// System returns what a service emits, nil when it is of no system.
func (c *Conventions) System(service string) *System {
	for i := range c.Systems {
		if c.Systems[i].Service == service {
			return &c.Systems[i]
		}
	}
	return nil
}

// systemsKey is the section of what the services of systems emit.
const systemsKey = "systems"

// maxInstances bounds the instances of a service.
const maxInstances = 1 << 20

// maxSystemText bounds the names of services, spans and types.
const maxSystemText = 1000

// systems reads the section, which the product writes itself.
func (r *parser) systems(m input.Map) {
	if !m.Has(systemsKey) {
		return
	}
	r.c.SystemsPos = m.At(systemsKey)
	section, ok := m.Map(systemsKey)
	if len(section.Entries()) == 0 && (ok || m.Get(systemsKey) == nil) {
		m.Fail(systemsKey, "no services")
	}
	for _, e := range section.Entries() {
		s := System{Service: e.Key, Instances: 1}
		if e.Key == "" || len(e.Key) > maxSystemText {
			e.Name.Fail(r.p, "a service has a name of up to %d bytes", maxSystemText)
		}
		if service, ok := e.Value.Map(r.p, "instances", "anonymous", "sticky", "agents", "differs", "spans", "runtime", "metrics"); ok {
			s.Instances = service.Int("instances", 1, 1, maxInstances)
			s.Anonymous, s.Sticky = service.Bool("anonymous", false), service.Bool("sticky", false)
			s.Agents = service.Bool("agents", false)
			s.Differs = r.differs(service)
			s.Spans = r.systemSpans(service, s.Agents)
			s.Runtime, s.Metrics = r.systemRuntime(service), r.ownMetrics(service)
		}
		r.c.Systems = append(r.c.Systems, s)
	}
}

// differs reads in which attributes the resources of a service differ.
func (r *parser) differs(service input.Map) (out []string) {
	for _, item := range service.List("differs") {
		key, ok := item.Str(r.p)
		switch {
		case !ok:
		case key == "" || len(key) > maxSystemText:
			item.Fail(r.p, "an attribute has a name of up to %d bytes", maxSystemText)
		default:
			out = Joined(out, []string{key})
		}
	}
	return out
}

// Joined is the union of two lists, sorted; nil where there is nothing in either.
func Joined(a, b []string) []string {
	out := slices.Concat(a, b)
	slices.Sort(out)
	return slices.Compact(out)
}

// systemSpans reads the spans of a service, which needs some unless it has others.
func (r *parser) systemSpans(service input.Map, others bool) (out []SystemSpan) {
	type identity struct {
		name, typ string
		kind      uint8
		plain     bool
		measured  string
	}
	items := service.List("spans")
	if len(items) == 0 && !others {
		service.Fail("spans", "missing")
	}
	seen := make(map[identity]bool)
	for _, item := range items {
		m, ok := item.Map(r.p, "name", "kind", "type", "plain", "free", "unnamed", "logs", "varied", "measured", "silent")
		if !ok {
			continue
		}
		s := SystemSpan{Kind: otlp.SpanKindInternal, Plain: m.Bool("plain", false), Free: m.Bool("free", false)}
		s.Unnamed = m.Bool("unnamed", false)
		s.Logs, s.Varied = r.systemLogs(m), m.Bool("varied", false)
		s.Measured, s.Silent = r.exactly(m, "measured"), m.Bool("silent", false)
		s.Name, s.Type = r.exactly(m, "name"), r.exactly(m, "type")
		if !m.Has("name") {
			m.Fail("name", "missing")
		}
		if n := m.Get("kind"); n != nil {
			s.Kind, _ = r.kind(n)
		}
		if id := (identity{s.Name, s.Type, s.Kind, s.Plain, s.Measured}); seen[id] {
			item.Fail(r.p, "the span stands there twice")
		} else {
			seen[id] = true
		}
		out = append(out, s)
	}
	return out
}

// exactly reads a string with the white space around it: what spans are called is
// compared as it is. It is empty when it is not there.
func (r *parser) exactly(m input.Map, key string) string {
	n := m.Get(key)
	if n == nil {
		return ""
	}
	s, _ := n.Str(r.p)
	if len(s) > maxSystemText {
		n.Fail(r.p, "%d bytes are too many, want up to %d", len(s), maxSystemText)
	}
	return s
}
