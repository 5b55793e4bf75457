package conform

import (
	"strings"

	"github.com/otelsim/otelsim/pkg/build/registry"
	"github.com/otelsim/otelsim/pkg/build/semconv"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// protocol is how a span of a system is asked for, by its registry type.
type protocol uint8

const (
	noProtocol protocol = iota
	overHTTP
	overRPC
	overDB
	byMessage
	otherProtocol
)

// protocolOf returns the protocol of a span by its registry type. One that is plain
// has none, whatever its type is.
func protocolOf(s *semconv.SystemSpan) protocol {
	if s.Plain {
		return noProtocol
	}
	switch first, _, _ := strings.Cut(s.Type, "."); first {
	case "":
		return noProtocol
	case "http":
		return overHTTP
	case "rpc":
		return overRPC
	case "db":
		return overDB
	case "messaging":
		return byMessage
	}
	return otherProtocol
}

// measuredBy returns the protocol by whose metrics a span counts: its own, or the one that
// a span of none says.
func measuredBy(s *semconv.SystemSpan) protocol {
	switch s.Measured {
	case "http":
		return overHTTP
	case "grpc":
		return overRPC
	case "db":
		return overDB
	case "messaging":
		return byMessage
	}
	return protocolOf(s)
}

// fact is an attribute that a rule of systems reads.
type fact uint8

const (
	noFact fact = iota
	factMethod
	factStatusCode
	factPath
	factFull
	factRPCSystem
	factRPCMethod
	factRPCCode
	factDBSystem
	factDBCode
	factMessaging
	factMessage
	factDestination
	factBatch
	factErrorType
	factSession
	factAddress
	numFacts
)

// facts are their names.
var facts = [numFacts]string{
	factMethod: "http.request.method", factStatusCode: "http.response.status_code", factPath: "url.path", factFull: "url.full",
	factRPCSystem: "rpc.system.name", factRPCMethod: "rpc.method", factRPCCode: "rpc.status_code",
	factDBSystem: "db.system.name", factDBCode: "db.response.status_code",
	factMessaging: "messaging.system", factMessage: "messaging.message.id", factDestination: "messaging.destination.name",
	factBatch: "messaging.batch.message_count", factErrorType: "error.type", factSession: "session.id",
	factAddress: "server.address",
}

// marks are what the spans of a protocol carry, and no others.
var marks = [...]fact{overHTTP: factMethod, overRPC: factRPCSystem, overDB: factDBSystem, byMessage: factMessaging, otherProtocol: noFact}

// service is what the conventions say of a service of a system.
type service struct {
	def   *semconv.System
	spans map[string][]*emitted // by name
}

// emitted is a span that a service emits.
type emitted struct {
	def      *semconv.SystemSpan
	protocol protocol
	required []int // numbers of the names
}

// systemSpan is what the rules see of a span of a system.
type systemSpan struct {
	service  *service
	span     *emitted        // nil: the service emits none such
	facts    [numFacts]int32 // one more than the index of the attribute; 0: none
	raised   bool            // it has an exception
	answered int32           // of a client: one more than the index of the first server below it; 0: none
	consumed bool            // of a message: somebody has consumed it
}

// serviceOf returns the service of a system that a resource is of, nil for all
// others.
func (k *Checker) serviceOf(t *otlp.Traces, list otlp.Range) *service {
	for i := list.Start; i < list.End; i++ {
		a := &t.Attrs[i]
		if t.Strings.String(a.Key) != "service.name" || a.Kind != otlp.KindString && a.Kind != otlp.KindText {
			continue
		}
		if a.Kind == otlp.KindText {
			return k.services[string(textOf(t, a))]
		}
		return k.services[t.Strings.String(otlp.StringID(a.Word))]
	}
	return nil
}

// emits reports whether a span of the service by a name is one of a system: of a tool
// server others are spans of agents.
func (s *service) emits(name string) bool { return !s.def.Agents || s.spans[name] != nil }

// ofService returns the service that a span of a system is of, nil for all others.
func (k *Checker) ofService(t *otlp.Traces, s *otlp.Span) *service {
	if int(s.Resource) >= len(t.Resources) {
		return nil
	}
	of := k.serviceOf(t, t.Resources[s.Resource].Attrs)
	if of == nil || !of.emits(t.Strings.String(s.Name)) {
		return nil
	}
	return of
}

// systems looks up what the conventions say of systems.
func (k *Checker) systems() {
	k.services = nil
	for i := range k.c.Systems {
		if k.services == nil {
			k.services = make(map[string]*service, len(k.c.Systems))
			k.inRegistry = k.Registry
			if k.inRegistry == nil {
				k.inRegistry = registry.Bundled()
			}
			k.inRegistry = k.inRegistry.Accept(k.inConventions)
		}
		def := &k.c.Systems[i]
		s := &service{def: def, spans: make(map[string][]*emitted, len(def.Spans))}
		for n := range def.Spans {
			e := &emitted{def: &def.Spans[n], protocol: protocolOf(&def.Spans[n])}
			if mark := marks[e.protocol]; mark != noFact {
				e.required = append(e.required, k.number(facts[mark]))
			}
			if typ, ok := k.inRegistry.Span(e.def.Type); ok {
				for _, use := range typ.Required() {
					// Of templates nobody knows the keys, and what is deprecated is left out.
					if use.Attribute.Type.Template || k.inRegistry.Deprecated(use.Attribute.Key) != nil {
						continue
					}
					e.required = appendNew(e.required, k.number(use.Attribute.Key))
				}
			}
			s.spans[e.def.Name] = append(s.spans[e.def.Name], e)
		}
		k.services[def.Service] = s
	}
}

// systemOf returns the service of a system that a resource is of, nil for all others.
func systemOf(c *semconv.Conventions, resource map[string]any) *semconv.System {
	name, ok := resource["service.name"].(string)
	if !ok || len(c.Systems) == 0 {
		return nil
	}
	return c.System(name)
}

// factOf returns which fact a name is, noFact for others.
func factOf(name string) fact {
	for i, f := range facts {
		if i > 0 && f == name {
			return fact(i)
		}
	}
	return noFact
}

// system returns what the rules see of a span of a system, nil for other spans.
func (r *recordState) system(i int) *systemSpan {
	if n := r.spans[i].system; n > 0 {
		return &r.systems[n-1]
	}
	return nil
}

// fact returns an attribute of a span of a system, or nil.
func (r *recordState) fact(x *systemSpan, f fact) *otlp.Attr {
	if n := x.facts[f]; n > 0 {
		return &r.t.Attrs[n-1]
	}
	return nil
}

// isFact reports whether a span of a system has that text under a name.
func (r *recordState) isFact(x *systemSpan, f fact, text string) bool {
	a := r.fact(x, f)
	return a != nil && isText(r.t, a, text)
}

// number returns an attribute of a span of a system as an integer, and whether it
// is one.
func (r *recordState) number(x *systemSpan, f fact) (int64, bool) {
	if a := r.fact(x, f); a != nil && a.Kind == otlp.KindInt {
		return int64(a.Word), true
	}
	return 0, false
}
