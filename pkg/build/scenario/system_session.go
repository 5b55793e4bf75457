package scenario

import (
	"slices"
	"strings"

	"github.com/otelsim/otelsim/pkg/build/input"
)

// session reads the requests of a session; none when the keys are absent.
func (r *members) session(m input.Map) {
	if m.Get("sessions") != nil {
		r.visits(m)
		return
	}
	if n := m.Get("session"); n != nil {
		r.requestList(n, "no requests; leave the key out to have one for any operation that nobody calls")
	}
}

// requestList reads the requests of a session, or one. empty says what is wrong with none.
func (r *members) requestList(n *input.Node, empty string) {
	items, ok := n.Items(r.p, input.String, input.Mapping)
	if ok && len(items) == 0 {
		n.Fail(r.p, "%s", empty)
	}
	for i, item := range items {
		c, ok := r.request(item)
		if !ok {
			continue
		}
		if i == 0 && (c.Continues || c.Linked && c.Count == nil) { // of several those after the first link
			item.Fail(r.p, "the first request of a session has none before it that it could continue or link to")
		}
		r.s.Session = append(r.s.Session, c)
	}
}

// visits reads what a session may be.
func (r *members) visits(m input.Map) {
	if m.Get("session") != nil {
		m.Fail("session", "beside sessions; put its requests into one of them")
	}
	before := r.p.Found()
	total := 0.0
	for _, item := range m.List("sessions") {
		x, ok := item.Map(r.p, visitKeys...)
		if !ok {
			continue
		}
		v := Visit{Pos: item.Pos, Weight: x.Float("weight", 1, 0, maxNumber)}
		first := len(r.s.Session)
		if n := x.Get("requests"); n != nil {
			r.requestList(n, "no requests; a session has one at least")
		} else {
			x.Fail("requests", "missing")
		}
		v.Requests = len(r.s.Session) - first
		total += v.Weight
		r.s.Sessions = append(r.s.Sessions, v)
	}
	if total == 0 && r.p.Found() == before {
		m.Fail("sessions", "nothing in it has a weight above 0")
	}
}

// request reads one item of a session.
func (r *members) request(n *input.Node) (Call, bool) {
	out := Call{Pos: n.Pos, Probability: 1, Batch: 1}
	if n.Kind == input.String {
		return out, r.requested(n, &out)
	}
	if n.Kind != input.Mapping {
		n.Fail(r.p, "found %s, want SERVICE.OPERATION or a mapping", n.Describe())
		return out, false
	}
	m, _ := n.Map(r.p)
	if m.Has("agent") {
		m.Fail("agent", "a session asks services; let an operation of one call the agents")
		return out, false
	}
	if !m.Has("one_of") {
		m, _ = n.Map(r.p, requestCallKeys...)
		r.times(m, &out)
		ok := r.requestedBy(n, m, &out)
		r.linked(m, out.Linked, out.To)
		return out, ok
	}
	m, _ = n.Map(r.p, requestEitherKeys...)
	r.times(m, &out)
	r.alternatives(m, &out, func(item *input.Node) (Call, bool) {
		c := Call{Pos: item.Pos, Probability: 1, Batch: 1}
		if item.Kind == input.String {
			return c, r.requested(item, &c)
		}
		a, ok := item.Map(r.p, "call", "variant", "weight", "description")
		return c, ok && r.requestedBy(item, a, &c)
	})
	for i := range out.Calls {
		r.linked(m, out.Linked, out.Calls[i].To)
	}
	return out, true
}

// linked reports a message that is to link to a request: it links to who sent it.
func (r *members) linked(m input.Map, linked bool, to []OperationRef) {
	for _, ref := range to {
		if linked && r.operation(ref).Protocol == ProtocolMessaging {
			m.Fail("linked", "a message links to who sent it")
		}
	}
}

// times reads how many requests an item is, and what they have to do with those before.
func (r *members) times(m input.Map, out *Call) {
	out.Continues, out.Linked = m.Bool("continues", false), m.Bool("linked", false)
	out.Count = r.count(m.Get("count"))
	out.Probability = r.share(m.Get("probability"), 1)
}

// requestedBy reads the operation that a mapping names.
func (r *members) requestedBy(n *input.Node, m input.Map, out *Call) bool {
	if m.Get("call") == nil {
		m.Fail("call", "missing")
		return false
	}
	ok := r.requested(m.Get("call"), out)
	out.Way = r.way(m, out.To)
	return ok
}

// requested reads the operation that a user asks for.
func (r *members) requested(n *input.Node, out *Call) bool {
	ref, ok := r.target(n)
	if !ok {
		return false
	}
	if r.operation(ref).Protocol == ProtocolDB {
		n.Fail(r.p, "a session asks services; a db has no spans of its own")
		return false
	}
	out.To = []OperationRef{ref}
	return true
}

// called goes through the operations that calls name, those within them too.
func called(calls []Call, visit func(c *Call, to OperationRef)) {
	for i := range calls {
		c := &calls[i]
		for _, to := range c.To {
			visit(c, to)
		}
		if c.Inner != nil {
			called(c.Inner.Calls, visit)
		}
		called(c.Calls, visit)
	}
}

// calledBy goes through the operations that an operation calls, in any way it goes.
func calledBy(op *Operation, visit func(c *Call, to OperationRef)) {
	for _, way := range op.Ways() {
		called(way.Calls, visit)
	}
}

// usualSession fills in the session of a file that says none: one request for
// any of the operations that nobody calls.
func (r *members) usualSession(m input.Map) {
	if m.Get("session") != nil || m.Get("sessions") != nil {
		return
	}
	asked := make(map[OperationRef]bool)
	each(r.s, func(_ OperationRef, op *Operation) {
		calledBy(op, func(_ *Call, to OperationRef) { asked[to] = true })
	})
	var entries []Call
	each(r.s, func(ref OperationRef, op *Operation) {
		if !asked[ref] && op.Protocol != ProtocolDB {
			entries = append(entries, Call{Pos: op.Pos, To: []OperationRef{ref}, Probability: 1, Batch: 1})
		}
	})
	switch len(entries) {
	case 0:
		m.Fail("services", "nothing begins: every operation is a db's; say a session, or have a service that calls them")
	case 1:
		r.s.Session = entries
	default:
		all := Call{Pos: m.At("services"), Calls: entries, Probability: 1, Batch: 1}
		for range entries {
			all.OneOf = append(all.OneOf, 1)
		}
		r.s.Session = []Call{all}
	}
}

// each goes through the operations of a system.
func each(s *System, visit func(OperationRef, *Operation)) {
	for i := range s.Services {
		for j := range s.Services[i].Operations {
			visit(OperationRef{i, j}, &s.Services[i].Operations[j])
		}
	}
}

// idleOperations warns of operations of the file that no request comes to.
func (r *members) idleOperations(file string) {
	r.unreached(r.s.Session, file, "no request comes to it")
}

// unreached warns of operations of the file that nothing comes to which begins with
// some calls.
func (r *members) unreached(from []Call, file, text string) {
	reached := make(map[OperationRef]bool)
	var reach func(*Call, OperationRef)
	reach = func(_ *Call, to OperationRef) {
		if !reached[to] {
			reached[to] = true
			calledBy(r.operation(to), reach)
		}
	}
	called(from, reach)
	each(r.s, func(ref OperationRef, op *Operation) {
		if !reached[ref] && op.Pos.File == file {
			r.p.Warnf(op.Pos, "operation %s: %s", input.Quote(r.name(ref)), text)
		}
	})
}

// idleSession warns of what is about several requests of a session that has one.
func (r *members) idleSession(m input.Map) {
	if len(r.s.Session) > 1 || r.s.Session[0].Count != nil {
		return
	}
	if talk, _ := m.Map("conversation"); talk.Get("session_id") != nil {
		talk.Warn("session_id", "has no effect: a session is one request, whose spans have none")
	}
	section, _ := m.Map("services")
	for _, e := range section.Entries() {
		if s, _ := e.Value.Map(r.p); s.Bool("sticky", false) && r.s.Services[r.index[e.Key]].Instances > 1 {
			s.Warn("sticky", "has no effect: a session is one request")
		}
	}
}

// name returns an operation as calls name it.
func (r *members) name(ref OperationRef) string {
	return r.s.Services[ref.Service].Name + "." + r.operation(ref).Name
}

// checkCycles reports operations that come to call themselves.
func (r *members) checkCycles() {
	done := make(map[OperationRef]bool)
	var path []OperationRef
	on := make(map[OperationRef]bool) // the path
	var visit func(OperationRef)
	visit = func(from OperationRef) {
		path, on[from] = append(path, from), true
		calledBy(r.operation(from), func(c *Call, to OperationRef) {
			if on[to] {
				at := slices.Index(path, to)
				r.cycle(c, append(slices.Clone(path[at:]), to))
			} else if !done[to] {
				visit(to)
			}
		})
		path, on[from] = path[:len(path)-1], false
		done[from] = true
	}
	each(r.s, func(ref OperationRef, _ *Operation) {
		if !done[ref] {
			visit(ref)
		}
	})
}

// cycle reports one way of an operation to itself, at the call that closes it.
func (r *members) cycle(c *Call, path []OperationRef) {
	names := make([]string, len(path))
	for i, ref := range path {
		names[i] = r.name(ref)
	}
	r.p.Errorf(c.Pos, "operation %s comes to call itself: %s", input.Quote(names[0]), strings.Join(names, " > "))
}
