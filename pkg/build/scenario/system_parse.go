package scenario

import (
	"slices"
	"strings"

	"github.com/otelsim/otelsim/pkg/build/input"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// members reads one scenario of services. It goes through the file twice: names
// first, so that calls can be checked against them where they stand.
type members struct {
	*loader
	s      *System
	index  map[string]int    // services by name
	places []map[string]int  // operations of each service by name
	bodies [][]operationBody // of each service
	unsure []bool            // of each service: whether its protocol is not known for a mistake
	used   map[string]bool   // values that something names
	values map[string]SharedValue

	tools bool // of a config: services may do nothing but answer for tool servers

	named    []string // see refs
	compared int      // names that were looked through for one that is near
}

// operationBody is an operation whose content is still to be read.
type operationBody struct {
	m  input.Map
	ok bool // it is a mapping
}

// system reads a file with services into a scenario that has its name and what
// all scenarios have.
func (l *loader) system(m input.Map, d *Definition) {
	r := &members{loader: l, s: &System{}, index: make(map[string]int), used: make(map[string]bool)}
	before := l.p.Found()
	r.ownKeys(m, "", systemKeys, scenarioKeys)
	r.thinkTime(m, d)
	r.s.InStep = r.share(m.Get("in_step"), 0)
	r.shared(m)
	r.services(m)
	for i := range r.s.Services {
		for j := range r.s.Services[i].Operations {
			r.work(OperationRef{i, j})
		}
	}
	r.session(m)
	r.phases(m)
	r.checkCycles()
	if l.p.Found() == before {
		r.usualSession(m)
	}
	if l.p.Found() == before {
		r.idleValues(d.Pos.File)
		r.idleOperations(d.Pos.File)
		r.idleVariants(r.s.Session, d.Pos.File)
		r.idleSession(m)
	}
	d.System = r.s
	d.Redaction, d.History, d.CompactAt, d.Goals = "none", HistoryCall, MaxMessages, nowhere
}

// ownKeys checks the keys of a section that scenarios of agents have, too, with keys
// of theirs. path is what it is called, with a dot at its end.
func (r *members) ownKeys(m input.Map, path string, ours, theirs []string) {
	for _, e := range m.Entries() {
		switch {
		case slices.Contains(ours, e.Key):
		case slices.Contains(theirs, e.Key):
			r.p.Errorf(e.Pos, "%s%s: belongs to scenarios of agents; a file with services has none", path, e.Key)
		default:
			r.p.Errorf(e.Pos, "%s", input.Unknown("key", e.Key, ours))
		}
	}
}

func (r *members) thinkTime(m input.Map, d *Definition) {
	section, _ := m.Map("conversation")
	r.ownKeys(section, "conversation.", systemConversationKeys, conversationKeys)
	d.ThinkTime = r.duration(section.Get("think_time"))
	r.s.Unnamed = !section.Bool("session_id", true)
}

// services reads the services and the names of their operations.
func (r *members) services(m input.Map) {
	if n := m.Get("services"); n != nil && n.Kind == input.List {
		n.Fail(r.p, "found a list, want a mapping: a service has its name as its key")
		return
	}
	section, ok := m.Map("services")
	if len(section.Entries()) == 0 && (ok || m.Get("services") == nil) {
		m.Fail("services", "no services; a system needs at least one")
	}
	for _, e := range section.Entries() {
		before := r.p.Found()
		s, ok := e.Value.Map(r.p, memberKeys...)
		unsure := r.p.Found() > before
		if e.Key == "" || e.Key != strings.TrimSpace(e.Key) {
			r.p.Errorf(e.Pos, "%s is no name of a service", input.Quote(e.Key))
			ok = false
		}
		if ok {
			r.member(e, s, unsure)
		}
	}
}

// maxMembers bounds the instances of a service.
const maxMembers = 1000

// member reads a service. unsure says that its keys are not all known: one may be
// its protocol.
func (r *members) member(e input.Entry, m input.Map, unsure bool) {
	s := Member{Name: e.Key, Pos: e.Pos}
	before := r.p.Found()
	s.Protocol = r.protocolOf(m, ProtocolHTTP)
	unsure = unsure || r.p.Found() > before
	s.Instances = m.Int("instances", 1, 1, maxMembers)
	s.Anonymous, s.Sticky = !m.Bool("instance_id", true), m.Bool("sticky", false)
	s.Capacity = m.Float("capacity", 0, leastCapacity, mostCapacity)
	s.Scope = m.Str("scope", "otelsim/"+s.Name)
	s.System = m.Str("system", usualSystems[s.Protocol])
	s.Database = m.Str("database", "")
	s.Address = m.Str("address", s.usualAddress())
	s.Port = m.Int("port", s.usualPort(), 1, 65535)
	s.Attributes, s.Entities = r.resource(e, m), r.entities(m)
	s.Runtime, s.Metrics = r.runtime(m), r.ownMetrics(m)
	places := make(map[string]int)
	var bodies []operationBody
	section, ok := m.Map("operations")
	if len(section.Entries()) == 0 && (ok || m.Get("operations") == nil) && !r.tools {
		m.Fail("operations", "no operations; a service needs at least one")
	}
	for _, o := range section.Entries() {
		places[o.Key] = len(s.Operations)
		op, body := r.operationName(&s, o, unsure)
		s.Operations, bodies = append(s.Operations, op), append(bodies, body)
	}
	if !unsure && len(s.Operations) > 0 {
		r.idleMember(&s, m)
	}
	r.index[s.Name] = len(r.s.Services)
	r.s.Services = append(r.s.Services, s)
	r.places, r.bodies, r.unsure = append(r.places, places), append(r.bodies, bodies), append(r.unsure, unsure)
}

// The bounds of capacities: near 1 a service would be lost at its mean load.
const (
	leastCapacity = 1.01
	mostCapacity  = 1000
)

// idleMember reports what a service says that its protocol has no use for.
func (r *members) idleMember(s *Member, m input.Map) {
	if s.Sticky && s.Instances == 1 {
		m.Warn("sticky", "has no effect: there is one instance")
	}
	own := slices.ContainsFunc(s.Operations, func(o Operation) bool { return o.Protocol == s.Protocol && s.Protocol != ProtocolNone })
	consumes := slices.ContainsFunc(s.Operations, func(o Operation) bool { return o.Protocol == ProtocolMessaging })
	if m.Get("system") != nil && !consumes && (!own || usualSystems[s.Protocol] == "") {
		m.Warn("system", "has no effect: it is about operations of protocol grpc, db or messaging, and there are none")
	}
	for _, key := range []string{"address", "port"} {
		if m.Get(key) != nil && !own {
			m.Warn(key, "has no effect: no operation is called over a network by protocol %s", protocols[s.Protocol])
		}
	}
	for i := range s.Metrics {
		if s.Metrics[i].PerWaiting != 0 && !consumes {
			r.p.Warnf(s.Metrics[i].Pos, "metric %s: per_waiting has no effect: the service consumes no messages", s.Metrics[i].Name)
		}
	}
	if m.Get("database") != nil && s.Protocol != ProtocolDB {
		m.Fail("database", "belongs to services of protocol db")
	}
	if s.Protocol != ProtocolDB {
		return
	}
	for _, key := range []string{"version", "namespace", "instances", "sticky", "scope", "attributes", "entities", "runtime", "metrics"} {
		if m.Get(key) != nil {
			m.Warn(key, "has no effect: a db has no spans of its own, only those of its callers")
		}
	}
}

// entities reads which entities the resource of a service tells of: a list, or one.
func (r *members) entities(m input.Map) (out []Entity) {
	n := m.Get("entities")
	if n == nil {
		return nil
	}
	items, _ := n.Items(r.p, input.String)
	for _, item := range items {
		typ, ok := item.Str(r.p)
		switch {
		case !ok:
		case slices.ContainsFunc(out, func(x Entity) bool { return x.Type == typ }):
			item.Fail(r.p, "%s is there twice", input.Quote(typ))
		default:
			out = append(out, Entity{typ, item.Pos})
		}
	}
	return out
}

func (r *members) protocolOf(m input.Map, fallback Protocol) Protocol {
	if n := m.Get("protocol"); n != nil && n.Kind == input.String {
		if p := protocolOfSystem(name(n.Text())); p != "" {
			n.Fail(r.p, "%s is a system; write protocol: %s, system: %s", input.Quote(n.Text()), p, name(n.Text()))
			return fallback
		}
	}
	return Protocol(slices.Index(protocols, m.OneOf("protocol", protocols[fallback], protocols...)))
}

// operationName reads what calls of an operation have to know of it. unsure says
// that the protocol of its service is not known; that of an operation is not when
// there are mistakes in its keys.
func (r *members) operationName(s *Member, e input.Entry, unsure bool) (Operation, operationBody) {
	before := r.p.Found()
	m, ok := r.operationBody(e.Value)
	op := Operation{Name: e.Key, Pos: e.Pos, Protocol: r.protocolOf(m, s.Protocol)}
	unsure = unsure || r.p.Found() > before
	op.Kind = usualKinds[op.Protocol]
	op.Destination, op.Group = m.Str("destination", ""), m.Str("group", "")
	switch {
	case unsure:
	case (op.Protocol == ProtocolDB) != (s.Protocol == ProtocolDB):
		m.Fail("protocol", "a service is a db with all of its operations or with none; service %s is of protocol %s",
			input.Quote(s.Name), protocols[s.Protocol])
	default:
		r.operationForm(&op)
		r.ofProtocol(m, &op)
	}
	if op.Protocol == ProtocolMessaging && op.Destination == "" {
		op.Destination = op.Name
	}
	op.Variants = r.variants(m)
	return op, operationBody{m, ok}
}

// operationBody reads the mapping that an operation is.
func (r *members) operationBody(n *input.Node) (input.Map, bool) {
	switch n.Kind {
	case input.List, input.String:
		n.Fail(r.p, "found %s, want a mapping; are these its calls? Write {calls: ...}", n.Describe())
		return (&input.Node{Kind: input.Null, Pos: n.Pos}).Map(r.p)
	case input.Int, input.Float:
		n.Fail(r.p, "found %s, want a mapping; did you mean {latency: %s}?", n.Describe(), n.Text())
		return (&input.Node{Kind: input.Null, Pos: n.Pos}).Map(r.p)
	}
	return n.Map(r.p, operationKeys...)
}

// ofProtocol reads what operations of some protocols alone can say.
func (r *members) ofProtocol(m input.Map, op *Operation) {
	before := r.p.Found()
	word := m.OneOf("kind", kindWords[op.Kind-1], kindWords...)
	switch kind := kindOf(word); {
	case r.p.Found() > before:
	case op.Protocol == ProtocolNone:
		op.Kind = kind
	case op.Kind != kind:
		m.Fail("kind", "an operation of protocol %s is of kind %s; only those of protocol none have a choice",
			protocols[op.Protocol], KindWord(op.Kind))
	}
	if op.Span = m.Str("name", ""); m.Get("name") != nil && op.Protocol != ProtocolNone {
		m.Fail("name", "belongs to operations of protocol none: what spans of protocol %s are called follows from the operation", protocols[op.Protocol])
	} else if m.Get("name") != nil && op.Span == "" {
		m.Fail("name", "empty")
	}
	if op.Measured = r.measured(m); op.Measured != "" && op.Protocol != ProtocolNone {
		m.Fail("measured", "belongs to operations of protocol none: spans of protocol %s count anyway", protocols[op.Protocol])
	}
	r.typeOf(m, op)
	if op.Fill = r.fill(m); op.Fill != FillNone && op.Protocol == ProtocolNone && op.Type == "" {
		m.Warn("fill", "has no effect: it is about what the registry gives the type of the span, and it has none")
	}
	if op.Protocol == ProtocolMessaging {
		return
	}
	for _, key := range []string{"destination", "group"} {
		if m.Get(key) != nil {
			m.Fail(key, "belongs to operations of protocol messaging")
		}
	}
}

// typeOf reads the type of the span of an operation, whose kind follows from it where
// nobody says it. What the types are the registry knows, which is asked later.
func (r *members) typeOf(m input.Map, op *Operation) {
	if m.Get("type") == nil {
		return
	}
	if op.Protocol != ProtocolNone {
		m.Fail("type", "belongs to operations of protocol none: those of protocol %s are of the type that it has in the registry", protocols[op.Protocol])
		return
	}
	if op.Type, op.TypePos = m.Need("type"), m.At("type"); m.Get("kind") == nil {
		op.Kind = otlp.SpanKindUnspecified
	}
}

// fill reads which attributes are filled in.
func (r *members) fill(m input.Map) Fill {
	if m.Get("fill") == nil {
		return FillNone
	}
	return FillRequired + Fill(max(0, slices.Index(fills, m.OneOf("fill", fills[0], fills...))))
}

// operationForm checks that the name of an operation has the form that its
// protocol asks for.
func (r *members) operationForm(op *Operation) {
	fail := func(format string, args ...any) { r.p.Errorf(op.Pos, format, args...) }
	quoted := input.Quote(op.Name)
	switch {
	case op.Name == "" || op.Name != strings.TrimSpace(op.Name):
		fail("%s is no name of an operation", quoted)
	case op.Protocol == ProtocolHTTP:
		method, route, _ := strings.Cut(op.Name, " ")
		switch {
		case strings.HasPrefix(op.Name, "/"):
			fail("operation %s: want a method before the route, such as %q", quoted, "GET "+op.Name)
		case !strings.HasPrefix(route, "/"):
			fail("operation %s: want a method and a route, such as %q; or say that the protocol is grpc, db, messaging or none",
				quoted, "POST /"+routeOf(op.Name))
		case !slices.Contains(HTTPMethods, method):
			fail("operation %s: %s", quoted, input.Unknown("HTTP method", method, HTTPMethods))
		case strings.Contains(route, " "):
			fail("operation %s: a route has no spaces", quoted)
		}
		r.parameters(route)
	case op.Protocol == ProtocolGRPC:
		service, method, slash := strings.Cut(op.Name, "/")
		if slash && (service == "" || method == "" || strings.Contains(method, "/")) {
			fail("operation %s: want package.Service/Method, or a method alone", quoted)
		} else if strings.Contains(op.Name, " ") {
			fail("operation %s: a method has no spaces", quoted)
		}
	}
}

// parameters notes which values stand in a route, as {name} or :name.
func (r *members) parameters(route string) {
	for segment := range strings.SplitSeq(route, "/") {
		name, ok := strings.CutPrefix(segment, ":")
		if inner, braced := strings.CutPrefix(segment, "{"); braced {
			name, ok = strings.CutSuffix(inner, "}")
		}
		if _, known := r.values[name]; ok && known {
			r.used[name] = true
		}
	}
}

// routeOf makes a route of a name: "PlaceOrder" is /placeorder.
func routeOf(name string) string {
	name = strings.Trim(strings.ToLower(name), "/ ")
	if method, rest, ok := strings.Cut(name, " "); ok && slices.Contains(HTTPMethods, strings.ToUpper(method)) {
		name = rest
	}
	return strings.ReplaceAll(name, " ", "-")
}
