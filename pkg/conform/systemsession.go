package conform

import (
	"cmp"
	"slices"

	"github.com/otelsim/otelsim/pkg/build/semconv"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// systemSession is what is remembered of the records before: who answered for a
// session.
type systemSession struct {
	begun   bool
	session uint64
	id      []byte // session.id
	members []member
	order   []request // scratch
	single  uint64    // traces that are a session of their own
	last    askedRoot // of the request before
}

// askedRoot is what a request of a session began with.
type askedRoot struct {
	known   bool
	session uint64
	span    spanKey
}

// member is a service of a system with the instance that answered last.
type member struct {
	def              *semconv.System
	id               []byte
	session, request uint64
}

// request says which request a trace of the record is of.
type request struct {
	session, request uint64
	trace            int
}

func (s *systemSession) reset() { s.begun, s.members, s.last = false, s.members[:0], askedRoot{} }

// systems judges who answers in the traces of the record: one instance of each
// service for a request, and where it stays so for a session, under one id.
func (s *Session) systems() {
	r, x := &s.k.record, &s.system
	if len(r.systems) == 0 {
		return
	}
	x.order = x.order[:0]
	for i := range r.traces {
		if r.traces[i].visit {
			continue
		}
		at := request{trace: i}
		if s.k.Origin != nil {
			at.session, at.request = s.k.Origin(r.t.Spans[r.traces[i].span].TraceID)
		} else {
			at.session, x.single = x.single, x.single+1
		}
		x.order = append(x.order, at)
	}
	slices.SortStableFunc(x.order, func(a, b request) int {
		start := func(at request) uint64 {
			trace := &r.traces[at.trace]
			if trace.root >= 0 {
				return r.t.Spans[trace.root].Start
			}
			return r.t.Spans[trace.span].Start
		}
		return cmp.Or(cmp.Compare(a.session, b.session), cmp.Compare(a.request, b.request), cmp.Compare(start(a), start(b)))
	})
	for i, at := range x.order {
		s.systemTrace(at)
		first := i == 0 || x.order[i-1].session != at.session || x.order[i-1].request != at.request
		s.begins(at, first)
	}
}

// begins judges the root of a trace. The first trace of a request is of who was asked
// from outside, be it by a message, and names the session when there are several
// requests; all others are of messages that were sent in the request.
func (s *Session) begins(at request, first bool) {
	k, r := s.k, &s.k.record
	trace := &r.traces[at.trace]
	root := int(trace.root)
	if root < 0 {
		return
	}
	x := r.system(root)
	if first && x != nil {
		s.linked(at, root)
	}
	switch {
	case x == nil || x.span == nil:
	case first && at.request > 0 && trace.named == nil && !x.span.def.Unnamed:
		k.fail(root, "session", "a later request of a session without session.id")
	case !first && r.t.Spans[root].Links.Len() == 0 && r.t.Spans[root].Kind == otlp.SpanKindConsumer && x.span.protocol == byMessage:
		k.fail(root, "message-link", "a consumer of no message")
	}
}

// linked judges what the root of a request links to: the root of the request before it.
func (s *Session) linked(at request, root int) {
	r, last := &s.k.record, &s.system.last
	span := &r.t.Spans[root]
	now := askedRoot{true, at.session, spanKey{span.TraceID, span.SpanID}}
	for _, l := range r.t.Links[span.Links.Start:span.Links.End] {
		switch {
		case span.Kind == otlp.SpanKindConsumer, s.k.Origin == nil: // see Checker.consumes; whose request it is is not known
		case !last.known || last.session != at.session:
			s.k.fail(root, "link", "the first request of a session links to trace %x", l.TraceID)
		case last.span != spanKey{l.TraceID, l.SpanID}:
			s.k.fail(root, "link", "links to span %x of trace %x, and the request before it began with %x of %x", l.SpanID, l.TraceID, last.span.span, last.span.trace)
		}
	}
	*last = now
}

// systemTrace judges the resources of one trace.
func (s *Session) systemTrace(at request) {
	k, r, x := s.k, &s.k.record, &s.system
	trace := &r.traces[at.trace]
	if !x.begun || x.session != at.session {
		x.begun, x.session, x.id = true, at.session, x.id[:0]
	}
	switch {
	case trace.named == nil:
	case len(x.id) == 0:
		x.id = kept(x.id, r.t, trace.named)
	case !isKept(x.id, r.t, trace.named):
		k.fail(int(trace.span), "session", "session.id is %s, and was %q in the session", quoted(r.t, trace.named), x.id)
	}
	for n := trace.uses; n > 0; n = r.uses[n-1].next {
		res := &r.resources[r.uses[n-1].resource]
		if id := res.slots[slotInstance]; res.service != nil && id > 0 {
			s.member(at, int(trace.span), res.service, &r.t.Attrs[id-1])
		}
	}
}

// member judges which instance of a service answers in a trace.
func (s *Session) member(at request, span int, of *service, id *otlp.Attr) {
	x := &s.system
	for i := range x.members {
		m := &x.members[i]
		if m.def != of.def {
			continue
		}
		if m.session == at.session && (m.request == at.request || of.def.Sticky) && !isKept(m.id, s.k.record.t, id) {
			s.k.fail(span, "resource-instance", "instance %s of %s, and %q before in the %s", quoted(s.k.record.t, id), of.def.Service, m.id,
				unitName(m.request == at.request))
		}
		m.id, m.session, m.request = kept(m.id, s.k.record.t, id), at.session, at.request
		return
	}
	if len(x.members) < maxInstances {
		x.members = append(x.members, member{of.def, kept(nil, s.k.record.t, id), at.session, at.request})
	}
}

func unitName(request bool) string {
	if request {
		return "request"
	}
	return "session"
}
