package conform

import (
	"strings"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// calls judges what the spans of systems say together: who called whom, what
// became of it, and when.
func (k *Checker) calls() {
	r := &k.record
	if len(r.systems) == 0 {
		return
	}
	for i := range r.spans {
		if x := r.system(i); x != nil {
			k.below(i, x)
			k.during(i, x)
		}
	}
	for i := range r.spans {
		if x := r.system(i); x != nil {
			k.unanswered(i, x)
			k.raises(i, x)
			k.consumes(i, x)
		}
	}
	k.messages()
}

// below judges where a span of a system stands. What a client asks for is done by
// the server below it, in another process as a rule, and likewise with messages.
// Spans of no protocol may be of any kind and stand anywhere.
func (k *Checker) below(i int, x *systemSpan) {
	r := &k.record
	s, p := &r.t.Spans[i], int(r.spans[i].parent)
	if p == int(isOrphan) {
		k.fail(i, "span-orphan", "its parent is not in the record")
		return
	}
	if x.span == nil || x.span.protocol == noProtocol && p < 0 {
		return
	}
	if p < 0 {
		if s.Kind == otlp.SpanKindClient || s.Kind == otlp.SpanKindProducer {
			k.fail(i, "system-root", "a trace begins with a span of kind %s", kindName(s.Kind))
		}
		return
	}
	parent, from := &r.t.Spans[p], r.system(p)
	if from == nil {
		k.forTool(i, p, x)
		return
	}
	asks := from.asks(parent.Kind)
	switch {
	case x.span.protocol != noProtocol && s.Kind == otlp.SpanKindServer && parent.Kind == otlp.SpanKindClient:
		k.answers(i, p, x, from)
	case x.span.protocol != noProtocol && s.Kind == otlp.SpanKindConsumer && parent.Kind == otlp.SpanKindProducer:
	case asks, x.span.protocol != noProtocol && (s.Kind == otlp.SpanKindServer || s.Kind == otlp.SpanKindConsumer):
		k.fail(i, "system-parent", "a span of kind %s stands below one of kind %s", kindName(s.Kind), kindName(parent.Kind))
	case x.span.protocol != noProtocol && !r.oneProcess(parent.Resource, s.Resource):
		k.fail(i, "system-parent", "a span of kind %s stands below one of another process", kindName(s.Kind))
	}
}

// forTool judges a span of a system that stands below one of agents: what a tool needs
// is called by its server, or in the attempt where servers have no spans.
func (k *Checker) forTool(i, p int, x *systemSpan) {
	r := &k.record
	s, parent := &r.t.Spans[i], &r.spans[p]
	_, served := k.c.Span(toolServer)
	switch {
	case parent.rules.bare != toolServer && (served || parent.rules.class != classAttempt):
		k.fail(i, "system-parent", "a span of a service stands below one of type %s, which calls none", parent.rules.bare)
	case x.span.protocol == noProtocol:
	case s.Kind == otlp.SpanKindServer || s.Kind == otlp.SpanKindConsumer:
		k.fail(i, "system-parent", "a span of kind %s stands below one of type %s", kindName(s.Kind), parent.rules.bare)
	case served && !r.oneProcess(r.t.Spans[p].Resource, s.Resource):
		k.fail(i, "system-parent", "a span of kind %s stands below one of another process", kindName(s.Kind))
	}
}

// answers judges a server by the client above it.
func (k *Checker) answers(i, p int, x, from *systemSpan) {
	r := &k.record
	if from.answered > 0 {
		k.fail(i, "server-twice", "another server has answered its client")
		return
	}
	from.answered = int32(i) + 1
	if x.span == nil || from.span == nil {
		return
	}
	if x.span.protocol != from.span.protocol {
		k.fail(i, "server-call", "a span of type %s answers one of type %s", x.span.def.Type, from.span.def.Type)
		return
	}
	for _, f := range [...]fact{factMethod, factRPCMethod, factRPCSystem} {
		if a, b := r.fact(x, f), r.fact(from, f); a != nil && b != nil && !sayAlike(r.t, a, b) {
			k.fail(i, "server-call", "%s is %s, and %s on its client", facts[f], quoted(r.t, a), quoted(r.t, b))
		}
	}
	if path, full := r.fact(x, factPath), r.fact(from, factFull); path != nil && full != nil && !hasPath(valueText(r.t, full), valueText(r.t, path)) {
		k.fail(i, "server-call", "%s is %s, and %s on its client %s", facts[factPath], quoted(r.t, path), facts[factFull], quoted(r.t, full))
	}
	if r.gaveUp(from) {
		return
	}
	for _, f := range [...]fact{factStatusCode, factRPCCode} {
		a, b := r.fact(x, f), r.fact(from, f)
		if (a == nil) != (b == nil) || a != nil && !sayAlike(r.t, a, b) {
			k.fail(i, "server-call", "%s is %s, and %s on its client", facts[f], quoted(r.t, a), quoted(r.t, b))
		}
	}
	if code, _ := k.code(p, from); code == nil && r.spans[i].failed != r.spans[p].failed {
		k.fail(i, "server-outcome", "it failed: %t, and its client: %t", r.spans[i].failed, r.spans[p].failed)
	}
}

// hasPath reports whether a URL is one of a path.
func hasPath(url, path string) bool {
	if end := strings.IndexAny(url, "?#"); end >= 0 {
		url = url[:end]
	}
	_, rest, _ := strings.Cut(url, "://")
	slash := strings.IndexByte(rest, '/')
	return slash >= 0 && rest[slash:] == path || slash < 0 && path == "/"
}

// gaveUp reports whether a client waited for its server in vain. What became of
// the call later it cannot know.
func (r *recordState) gaveUp(x *systemSpan) bool {
	return r.isFact(x, factErrorType, "timeout") || r.isFact(x, factRPCCode, "DEADLINE_EXCEEDED")
}

// during judges the times of a span of a system: it is inside its parent, unless
// nobody waits for it.
func (k *Checker) during(i int, x *systemSpan) {
	r := &k.record
	s, parent := &r.t.Spans[i], k.around(i)
	switch {
	case parent == nil:
	case s.Start < parent.Start:
		k.fail(i, "time-parent", "starts before its parent %s", k.strings.String(parent.Name))
	case s.End > parent.End && !k.outlasts(i, x):
		k.fail(i, "time-parent", "ends after its parent %s", k.strings.String(parent.Name))
	}
}

// outlasts reports whether a span may end after its parent: one that is free, a
// message, and a server whose client has given up, by its protocol.
func (k *Checker) outlasts(i int, x *systemSpan) bool {
	r := &k.record
	switch {
	case x.span == nil:
		return true // which was told
	case x.span.protocol == noProtocol || r.t.Spans[i].Kind == otlp.SpanKindClient || r.t.Spans[i].Kind == otlp.SpanKindProducer:
		return x.span.def.Free
	case r.t.Spans[i].Kind == otlp.SpanKindServer:
		from := r.system(int(r.spans[i].parent))
		return from != nil && r.gaveUp(from)
	}
	return true
}

// Systems tells of the spans of a record whether they are of services of systems, and
// whether they may end after their parents, as far as each shows it by itself: those
// that nobody waits for, messages, and servers, whose clients may give up. Of others,
// which are not of services and may not, it does not tell.
func (k *Checker) Systems(t *otlp.Traces, tell func(span int, of, outlasts bool)) {
	k.begin(t, nil)
	if k.services == nil {
		return
	}
	r := &k.record
	r.services = r.services[:0]
	for i := range t.Resources {
		r.services = append(r.services, k.serviceOf(t, t.Resources[i].Attrs))
	}
	for i := range t.Spans {
		s := &t.Spans[i]
		if int(s.Resource) >= len(r.services) || r.services[s.Resource] == nil || !r.services[s.Resource].emits(t.Strings.String(s.Name)) {
			if s.ParentID != (otlp.SpanID{}) && k.rulesFor(t, s).class == classUnified {
				tell(i, false, true) // a service has asked for it
			}
			continue
		}
		free := s.Kind == otlp.SpanKindServer || s.Kind == otlp.SpanKindConsumer
		for _, e := range r.services[s.Resource].spans[t.Strings.String(s.Name)] {
			free = free || e.def.Kind == s.Kind && e.def.Free
		}
		tell(i, true, free)
	}
}

// unanswered judges a client that nobody answers: it names whom it has called,
// and unless that is somebody who has no spans, it could not reach them.
func (k *Checker) unanswered(i int, x *systemSpan) {
	r := &k.record
	if r.t.Spans[i].Kind != otlp.SpanKindClient || x.answered > 0 || x.span == nil || x.span.protocol == noProtocol {
		return
	}
	if r.fact(x, factAddress) == nil {
		k.fail(i, "peer", "a client without a server below it, and without %s", facts[factAddress])
		return
	}
	switch x.span.protocol {
	case overHTTP:
		if code := r.fact(x, factStatusCode); code != nil || !r.spans[i].failed {
			k.fail(i, "peer", "nobody answers below it, and it did not fail to reach them: the code is %s", quoted(r.t, code))
		}
	case overRPC:
		if code := r.fact(x, factRPCCode); !r.isFact(x, factRPCCode, "UNAVAILABLE") {
			k.fail(i, "peer", "nobody answers below it, and it did not fail to reach them: the code is %s", quoted(r.t, code))
		}
	}
}

// raises judges whether a span that failed by itself says what was raised.
func (k *Checker) raises(i int, x *systemSpan) {
	r := &k.record
	if !r.spans[i].failed || x.raised || x.asks(r.t.Spans[i].Kind) || x.span != nil && x.span.def.Silent {
		return
	}
	for c := r.child(i); c >= 0; c = r.sibling(c) {
		if r.spans[c].failed {
			return
		}
	}
	k.fail(i, "exception", "a span that failed by itself without an exception event")
}
