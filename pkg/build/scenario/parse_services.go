package scenario

import (
	"github.com/otelsim/otelsim/pkg/build/input"
)

// The services of a config: tool servers that are more than who answers, and whom
// they call for it. They are written as those of a system.

// services reads them; nil when the config has none.
func (l *loader) services(m input.Map) *members {
	for _, key := range []string{"services", "values"} {
		if !m.Has(key) {
			continue
		}
		r := &members{loader: l, s: &System{}, index: make(map[string]int), used: make(map[string]bool), tools: true}
		r.shared(m)
		if m.Has("services") {
			r.services(m)
		}
		each(r.s, func(ref OperationRef, _ *Operation) { r.work(ref) })
		r.checkCycles()
		l.c.Services = r.s
		return r
	}
	return nil
}

// toolCalls reads whom a tool calls.
func (l *loader) toolCalls(t input.Map) []Call {
	if t.Get("calls") == nil {
		return nil
	}
	if l.behind == nil {
		t.Fail("calls", "there is nobody to call: the config has no services")
		return nil
	}
	return l.behind.calls(t, "calls")
}

// serviceNamed reads the service that a tool server is, by its name.
func (l *loader) serviceNamed(n *input.Node) *Service {
	s, ok := n.Str(l.p)
	if !ok {
		return nil
	}
	if l.behind == nil {
		n.Fail(l.p, "unknown service %s: the config has no services; name one of them, or write {name: %s}", input.Quote(s), s)
		return nil
	}
	at, ok := l.behind.index[s]
	if !ok {
		var names []string
		for i := range l.c.Services.Services {
			names = append(names, l.c.Services.Services[i].Name)
		}
		n.Fail(l.p, "%s", input.Unknown("service", s, names))
		return nil
	}
	m := &l.c.Services.Services[at]
	if m.Protocol == ProtocolDB {
		n.Fail(l.p, "service %s is a db, which has no spans of its own", input.Quote(s))
		return nil
	}
	return &Service{Pos: n.Pos, Address: m.Address, Port: m.Port, Member: at + 1}
}

// checkCallers wants who calls services to be one.
func (l *loader) checkCallers(s input.Map, server *Server) {
	if server.Service != nil && server.Service.Member > 0 || s.Get("service") != nil && server.Service == nil {
		return
	}
	for _, item := range s.List("tools") {
		if t, _ := item.Map(&input.Problems{}); t.Get("calls") != nil && l.behind != nil {
			l.p.Errorf(t.At("calls"), "calls: mcp_server %s is none of the services that could call others; say service: NAME", input.Quote(server.Key))
			return
		}
	}
}

// EachCalls calls visit with what each tool calls of Services.
func (c *Config) EachCalls(visit func([]Call)) {
	for i := range c.Servers {
		for k := range c.Servers[i].Tools {
			visit(c.Servers[i].Tools[k].Calls)
		}
	}
}

// idleServices warns of what no tool comes to, and reports services that do nothing.
func (l *loader) idleServices(file string) {
	r := l.behind
	if r == nil || r.p.Errors() > 0 {
		return
	}
	named := make(map[int]bool)
	var calls []Call // of all tools
	l.c.EachCalls(func(of []Call) { calls = append(calls, of...) })
	for i := range l.c.Servers {
		s := &l.c.Servers[i]
		if s.Service != nil && s.Service.Member > 0 {
			named[s.Service.Member-1] = true
		}
	}
	for i := range r.s.Services {
		if s := &r.s.Services[i]; len(s.Operations) == 0 && !named[i] {
			r.p.Errorf(s.Pos, "services.%s: no operations, and no mcp_server is it", s.Name)
		}
	}
	r.unreached(calls, file, "no tool comes to it")
	r.idleVariants(calls, file)
	r.idleValues(file)
}
