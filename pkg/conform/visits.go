package conform

import "github.com/otelsim/otelsim/pkg/corpus/otlp"

// A service may ask agents for something: what answers is a whole request in one
// piece, below the span of who asks. It is a session of its own, so what is judged of
// the trace of a request of agents is judged of it.

// visits makes a trace of its own of each request that services make to agents.
func (r *recordState) visits() {
	if len(r.systems) == 0 {
		return
	}
	for i := range r.spans {
		x := &r.spans[i]
		if x.system > 0 || x.parent < 0 || r.spans[x.parent].system == 0 {
			continue
		}
		n := int32(len(r.traces))
		r.traces = append(r.traces, traceState{root: int32(i), span: int32(i), visit: true})
		r.visit(i, n)
	}
}

// visit takes a span of agents and those below it into a trace.
func (r *recordState) visit(i int, trace int32) {
	r.spans[i].trace = trace
	r.use(trace, r.t.Spans[i].Resource)
	for c := r.child(i); c >= 0; c = r.sibling(c) {
		if r.spans[c].system == 0 {
			r.visit(c, trace)
		}
	}
}

// visited judges a span of agents below one of a service: it is the server of a
// request, and ends as its client has seen it, who is a client of http.
func (k *Checker) visited(i int) {
	r := &k.record
	p := int(r.spans[i].parent)
	s, parent, from := &r.t.Spans[i], &r.t.Spans[p], r.system(p)
	switch {
	case parent.Kind != otlp.SpanKindClient || from.span == nil || from.span.protocol != overHTTP:
		k.fail(i, "span-parent", "a span of type %s stands below one of a service that does not ask for it", r.spans[i].rules.bare)
		return
	case r.spans[i].rules.class != classUnified || s.Kind != otlp.SpanKindServer:
		k.fail(i, "span-parent", "a span of type %s stands below one of a service, which asks for whole requests", r.spans[i].rules.bare)
		return
	case from.answered > 0:
		k.fail(i, "server-twice", "another server has answered its client")
		return
	}
	from.answered = int32(i) + 1
	if parent.Resource == s.Resource {
		k.fail(i, "server-resource", "it has the resource of the client that it answers")
	}
	if code, _ := r.number(from, factStatusCode); !r.gaveUp(from) && r.spans[i].failed != (code >= 500) {
		k.fail(i, "server-outcome", "it failed: %t, and the code of its client is %d", r.spans[i].failed, code)
	}
}

// unwaited reports whether a span is the server of a request to agents whose client
// has given up.
func (k *Checker) unwaited(i int) bool {
	r := &k.record
	if p := r.spans[i].parent; p >= 0 && r.system(int(p)) != nil {
		return r.gaveUp(r.system(int(p)))
	}
	return false
}

// visit returns which request that a service has made to agents a span is of: the first
// span of it, none of one that no service has made.
func (a *Audit) visit(s *auditSpan) spanKey {
	if len(a.conv.Systems) == 0 {
		return spanKey{}
	}
	for range maxAbove {
		up := a.spans.find(spanKey{s.key.trace, s.parent})
		if up == nil {
			break
		}
		s = up
	}
	if s.parent == (otlp.SpanID{}) {
		return spanKey{}
	}
	return s.key
}
