package conform

import (
	"bytes"
	"cmp"
	"slices"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// Session judges the records of sessions, fed in order, by each other too: a
// session is one user with one tenant, its traces link to those before them
// and name each other. Sessions may follow one another; the records of one are
// not mixed with those of another.
type Session struct {
	k     *Checker
	knows bool // all records since the start of the session were seen

	begun        bool
	id           []byte
	user, tenant []byte
	roots        []seenRoot // of the session, in order
	request      int        // index of the first root of the current request
	asked        []byte     // its id
	units        []unit     // scratch
	parts        []int      // scratch
	sent, said   []byte     // the messages of the latest call of a model by the agent of a turn
	instances    []instance // of the session, by service

	system systemSession
}

// seenRoot is the root of a part of a request, or of anything else that is a
// trace of its own.
type seenRoot struct {
	trace      otlp.TraceID
	span       otlp.SpanID
	start, end uint64
	class      class
	outcome    string
}

// unit is a trace of the record that is about to be judged.
type unit struct {
	root, session int
}

// Session returns an empty session.
func (k *Checker) Session() *Session { return &Session{k: k, knows: true} }

// Traces judges the next record, by itself and by those before it.
func (s *Session) Traces(t *otlp.Traces, report func(Finding)) { s.k.judge(t, s, report) }

// reset forgets the records so far.
func (s *Session) reset() {
	s.begun, s.roots, s.request, s.instances = false, s.roots[:0], 0, s.instances[:0]
	s.id, s.user, s.tenant, s.asked = s.id[:0], s.user[:0], s.tenant[:0], s.asked[:0]
	s.sent, s.said = s.sent[:0], s.said[:0]
}

// take judges the traces of the checker's record, session by session and each
// in the order of time.
func (s *Session) take() {
	r := &s.k.record
	s.units = s.units[:0]
	for i := range r.traces {
		if root := int(r.traces[i].root); root >= 0 && r.spans[root].system == 0 {
			s.units = append(s.units, unit{root, s.ordinal(i)})
		}
	}
	slices.SortStableFunc(s.units, func(a, b unit) int {
		return cmp.Or(cmp.Compare(a.session, b.session), cmp.Compare(r.t.Spans[a.root].Start, r.t.Spans[b.root].Start),
			cmp.Compare(r.spans[a.root].rules.class.order(), r.spans[b.root].rules.class.order()))
	})
	for _, u := range s.units {
		s.trace(u.root)
	}
}

// order is the order of the parts of a request.
func (c class) order() int {
	switch c {
	case classRequest, classUnified:
		return 0
	case classResponse:
		return 2
	}
	return 1
}

// ordinal numbers the sessions of a record in the order of their first traces.
func (s *Session) ordinal(trace int) int {
	r := &s.k.record
	id := r.traces[trace].session
	if id == nil {
		return trace
	}
	for i := range trace {
		if other := r.traces[i].session; other != nil && same(r.t, id, other) {
			return i
		}
	}
	return trace
}

// trace judges one trace by its root.
func (s *Session) trace(root int) {
	r := &s.k.record
	trace := &r.traces[r.spans[root].trace]
	fresh := s.enter(root, trace)
	if fresh {
		s.request = len(s.roots)
		s.asked = kept(s.asked, r.t, trace.asked)
	}
	s.constant(root, trace.user, &s.user, "user")
	s.constant(root, trace.tenant, &s.tenant, "tenant")
	s.stays(root)
	s.remembers(trace)
	s.links(root)
	if n := len(s.roots); fresh && n > 0 && r.t.Spans[root].Start < s.roots[n-1].end {
		s.k.fail(root, "trace-order", "starts before the request before it has ended")
	}
	if r.spans[root].rules.class != classUnified {
		s.part(root)
		return
	}
	for _, sl := range [...]slot{slotIncoming, slotData, slotOutgoing} {
		s.names(root, sl, r.t.Spans[root].TraceID)
	}
	s.unified(root)
}

// unified judges the parts below the one root of a request.
func (s *Session) unified(root int) {
	r := &s.k.record
	from := len(s.roots)
	s.parts = s.parts[:0]
	for c := r.child(root); c >= 0; c = r.sibling(c) {
		s.parts = append(s.parts, c)
	}
	slices.SortStableFunc(s.parts, func(a, b int) int {
		return cmp.Or(cmp.Compare(r.t.Spans[a].Start, r.t.Spans[b].Start), cmp.Compare(r.spans[a].rules.class.order(), r.spans[b].rules.class.order()))
	})
	for _, c := range s.parts {
		s.part(c)
	}
	span := &r.t.Spans[root]
	if from == len(s.roots) {
		s.roots = append(s.roots, seenRoot{class: classUnified, trace: span.TraceID})
	}
	// What links to this request links to the span around it.
	for i := from; i < len(s.roots); i++ {
		s.roots[i].span = span.SpanID
		s.roots[i].end = max(s.roots[i].end, span.End)
	}
}

// enter begins a new session when the trace is of one, and reports whether the
// trace is the first of a request.
func (s *Session) enter(root int, trace *traceState) bool {
	k, r := s.k, &s.k.record
	linked := r.t.Spans[root].Links.Len() > 0
	same := s.begun && isKept(s.id, r.t, trace.session)
	fresh := !same || trace.asked == nil && r.spans[root].rules.class.order() == 0 || trace.asked != nil && !isKept(s.asked, r.t, trace.asked)
	switch {
	case !same, k.Lenient && fresh && !linked:
		s.reset()
		s.begun = true
		s.id = kept(s.id, r.t, trace.session)
	case !linked && len(s.roots) > 0:
		k.fail(root, "link-missing", "no link to the trace before it")
	}
	return fresh
}

// kept replaces a kept string by a value of a record; nil is the empty one.
func kept(dst []byte, t *otlp.Traces, a *otlp.Attr) []byte {
	dst = dst[:0]
	switch {
	case a == nil:
	case a.Kind == otlp.KindText:
		dst = append(dst, textOf(t, a)...)
	case a.Kind == otlp.KindString:
		dst = append(dst, t.Strings.String(otlp.StringID(a.Word))...)
	}
	return dst
}

// isKept reports whether a value is the kept string; nil is the empty one.
func isKept(s []byte, t *otlp.Traces, a *otlp.Attr) bool {
	switch {
	case a == nil:
	case a.Kind == otlp.KindText:
		return bytes.Equal(s, textOf(t, a))
	case a.Kind == otlp.KindString:
		return string(s) == t.Strings.String(otlp.StringID(a.Word))
	}
	return len(s) == 0
}

// constant judges a value that all traces of a session share.
func (s *Session) constant(root int, a *otlp.Attr, first *[]byte, rule string) {
	t := s.k.record.t
	switch {
	case a == nil:
	case len(*first) == 0:
		*first = kept(*first, t, a)
	case !isKept(*first, t, a):
		s.k.fail(root, rule, "it is %s, and was %q in the session", quoted(t, a), *first)
	}
}

// links judges the links of a root: to the root of the trace before it.
func (s *Session) links(root int) {
	k, r := s.k, &s.k.record
	span := &r.t.Spans[root]
	for i := span.Links.Start; i < span.Links.End; i++ {
		link := &r.t.Links[i]
		switch {
		case link.TraceID == span.TraceID:
			k.fail(root, "link", "links to its own trace")
			continue
		case len(s.roots) == 0:
			if s.knows && !k.Lenient {
				k.fail(root, "link", "links to trace %x, which is not in the session", link.TraceID)
			}
			continue
		}
		last := &s.roots[len(s.roots)-1]
		if link.TraceID != last.trace || link.SpanID != last.span {
			k.fail(root, "link", "links to span %x of trace %x, and the root before it is %x of %x", link.SpanID, link.TraceID, last.span, last.trace)
		}
	}
}

// part judges a part of a request by those before it.
func (s *Session) part(i int) {
	k, r := s.k, &s.k.record
	span, turn := &r.t.Spans[i], s.within(i)
	class := r.spans[turn].rules.class
	before := s.roots[s.request:]
	x := seenRoot{trace: span.TraceID, span: span.SpanID, start: span.Start, end: span.End, class: class}
	switch class {
	case classRequest:
		x.outcome = r.word(i, slotRequestOutcome)
	case classResponse:
		x.outcome = r.word(i, slotResponseOutcome)
		s.answered(i, before, x.outcome)
	case classOrchestrate:
		x.outcome = r.word(turn, slotOrchestrated)
	}
	for n := range before {
		b := &before[n]
		if span.Start < b.end {
			k.fail(i, "trace-order", "starts before what it follows has ended")
		}
		switch {
		case b.class == class:
			k.fail(i, "part-twice", "the request has a %s already", r.spans[i].rules.name)
		case b.class == classRequest && oneOf(b.outcome, "blocked", "error"):
			k.fail(i, "blocked-flow", "the request was not let in (%s)", b.outcome)
		}
		switch {
		case b.class == classRequest:
			s.namesWithin(i, turn, slotIncoming, b.trace)
		case b.class != classResponse:
			s.namesWithin(i, turn, slotData, b.trace)
		}
	}
	if class == classResponse {
		s.names(i, slotOutgoing, x.trace)
	}
	s.roots = append(s.roots, x)
}

// answered judges the outcome of a response by that of its orchestration.
func (s *Session) answered(i int, before []seenRoot, outcome string) {
	k, r := s.k, &s.k.record
	for n := range before {
		if before[n].class != classOrchestrate || before[n].outcome == "" {
			continue
		}
		failed := before[n].outcome == "error"
		if failed && outcome != "error" || !failed && outcome == "error" && !r.spans[i].trouble {
			k.fail(i, "response-outcome", "response.outcome is %q after an orchestration of outcome %q", outcome, before[n].outcome)
		}
	}
}

// within is the orchestration that only the two sides of a request to the runtime
// stand around, or i.
func (s *Session) within(i int) int {
	r := &s.k.record
	for at := i; ; {
		switch r.spans[at].rules.bare {
		case agentForward, agentServer:
		default:
			if r.spans[at].rules.class == classOrchestrate {
				return at
			}
			return i
		}
		if at = r.child(at); at < 0 {
			return i
		}
	}
}

// The span types of the two sides of a request to the runtime.
const (
	agentForward = "a2a.forward"
	agentServer  = "a2a.serve"
)

// namesWithin is names for the spans from i down to an orchestration.
func (s *Session) namesWithin(i, turn int, sl slot, want otlp.TraceID) {
	for s.names(i, sl, want); i != turn; s.names(i, sl, want) {
		i = s.k.record.child(i)
	}
}

// names judges an attribute that names a trace.
func (s *Session) names(i int, sl slot, want otlp.TraceID) {
	r := &s.k.record
	if a := r.attr(i, sl); a != nil && !isHex(r.t, a, want) {
		s.k.fail(i, "trace-reference", "%s is %s, want %x", s.k.emitted(s.k.slots[sl]), quoted(r.t, a), want)
	}
}
