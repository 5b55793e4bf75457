package scenario

import (
	"regexp"
	"slices"
	"strings"

	"github.com/otelsim/otelsim/pkg/build/input"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// work reads what an operation does.
func (r *members) work(ref OperationRef) {
	body := r.bodies[ref.Service][ref.Operation]
	if !body.ok {
		return
	}
	op := r.operation(ref)
	r.body(body.m, op, usualOwn)
	r.ofDatabase(body.m, op)
	if len(op.Variants) > 0 {
		r.ways(body.m, op)
	}
}

// ofDatabase reports what an operation cannot say of what has no spans of its own.
func (r *members) ofDatabase(m input.Map, op *Operation) {
	if op.Protocol != ProtocolDB {
		return
	}
	for _, key := range []string{"calls", "logs", "resource"} {
		if m.Get(key) != nil {
			m.Fail(key, "a db has no spans of its own, so nothing is known of what it does")
		}
	}
}

func (r *members) operation(ref OperationRef) *Operation {
	return &r.s.Services[ref.Service].Operations[ref.Operation]
}

// body reads what operations and spans within them have in common. usual is the
// mean of their own time when they say none.
func (r *members) body(m input.Map, op *Operation, usual float64) {
	op.Latency, op.Own, op.Lead = around(usual, defaultCV), true, usualLead
	r.lasts(m, op)
	op.Error = r.failures(m.Get("error"), op.Protocol)
	op.Status = m.Str("status", "")
	op.Attributes, op.Resource = r.spanAttributes(m, op.Protocol), r.differing(m)
	op.Events = r.events(m)
	if len(op.Variants) == 0 { // whose spans may have more attributes to tell of
		op.Logs = r.logs(m, op.Attributes)
	}
	op.Parallel = m.Bool("parallel", false)
	op.Calls = r.calls(m, "calls")
	if op.Parallel && len(op.Calls) == 0 && len(op.Variants) == 0 {
		m.Warn("parallel", "has no effect: it is about calls, and there are none")
	}
}

// lasts reads how long something takes, where it is said.
func (r *members) lasts(m input.Map, op *Operation) {
	op.Lead = r.share(m.Get("lead"), op.Lead)
	if n := m.Get("own"); n != nil {
		op.Own = true
		op.Latency = r.duration(n)
		if m.Get("latency") != nil {
			m.Fail("latency", "beside own: one of them says how long it takes, latency all in all, own without its calls")
		}
	} else if n := m.Get("latency"); n != nil {
		op.Latency, op.Own = r.duration(n), false
	}
}

// OutcomeAttributes are those that the outcome of a span decides, the first of all
// spans, the others of those of a protocol.
var OutcomeAttributes = []string{"error.type", "http.response.status_code", "rpc.response.status_code", "rpc.status_code",
	"rpc.grpc.status_code", "db.response.status_code"}

// spanAttributes reads attributes of a span of a protocol.
func (r *members) spanAttributes(m input.Map, protocol Protocol) []Attribute {
	section, _ := m.Map("attributes")
	var out []Attribute
	for _, e := range section.Entries() {
		if slices.Contains(OutcomeAttributes, e.Key) && (protocol != ProtocolNone || e.Key == OutcomeAttributes[0]) {
			r.p.Errorf(e.Pos, "attribute %s: follows from the outcome of the span, which error decides", e.Key)
			continue
		}
		if a, ok := r.attributeOrUse(e, true); ok {
			out = append(out, a)
		}
	}
	return out
}

// events reads the events of a span.
func (r *members) events(m input.Map) []SpanEvent {
	var out []SpanEvent
	for _, item := range m.List("events") {
		e, ok := item.Map(r.p, spanEventKeys...)
		if !ok {
			continue
		}
		event := SpanEvent{Name: e.Need("name"), Pos: item.Pos, When: r.when(e), Attributes: r.eventAttributes(e)}
		event.Probability, event.Count = r.share(e.Get("probability"), 1), r.count(e.Get("count"))
		if event.Name == ExceptionEvent {
			r.exception(e, &event)
		}
		out = append(out, event)
	}
	return out
}

// ExceptionEvent is what the event is called that spans have which fail by themselves. Where
// it is among the events, that one takes its place.
const ExceptionEvent = "exception"

// exception checks an event that takes the place of the one that failed spans have.
func (r *members) exception(m input.Map, event *SpanEvent) {
	if event.When != WhenFailed {
		m.Fail("when", "spans that do not fail tell of no exception; want failed")
	}
	says := func(a Attribute) bool { return a.Key == "exception.type" || a.Key == "exception.message" }
	if !slices.ContainsFunc(event.Attributes, says) {
		m.Fail("attributes", "want exception.type or exception.message, which say what happened")
	}
}

// eventAttributes reads attributes of what is told of a span.
func (r *members) eventAttributes(m input.Map) []Attribute {
	section, _ := m.Map("attributes")
	var out []Attribute
	for _, e := range section.Entries() {
		if a, ok := r.attributeOrUse(e, false); ok {
			out = append(out, a)
		}
	}
	return out
}

func (r *members) when(m input.Map) When {
	return When(slices.Index(whens, m.OneOf("when", whens[Always], whens...)))
}

// severityOf are the numbers of severities.
var severityOf = []uint8{otlp.SeverityTrace, otlp.SeverityDebug, otlp.SeverityInfo, otlp.SeverityWarn, otlp.SeverityError, otlp.SeverityFatal}

// maxBody bounds the text of a log record, in bytes.
const maxBody = 16 << 10

// logs reads the log records of a span which has the attributes.
func (r *members) logs(m input.Map, given []Attribute) []LogLine {
	var out []LogLine
	for _, item := range m.List("logs") {
		x, ok := item.Map(r.p, logLineKeys...)
		if !ok {
			continue
		}
		line := LogLine{Pos: item.Pos, When: r.when(x), Start: x.OneOf("at", moments[0], moments...) == moments[1]}
		line.Severity = severityOf[slices.Index(severities, x.OneOf("severity", "info", severities...))]
		line.Event = x.Str("event", "")
		line.Body = x.Str("body", "")
		line.Attributes, line.Chance = r.eventAttributes(x), r.share(x.Get("probability"), 1)
		if line.Fill = r.fill(x); line.Fill != FillNone && line.Event == "" {
			x.Fail("fill", "it is about what the registry gives an event; say which event it is")
		}
		if x.Get("body") == nil && x.Get("event") == nil {
			x.Fail("body", "missing; a log record has a body, the name of an event, or both")
		}
		if len(line.Body) > maxBody {
			x.Fail("body", "text of %d bytes is longer than the limit of %d", len(line.Body), maxBody)
		}
		r.mentioned(x, line.Body, given)
		if line.Start && line.When != Always {
			x.Fail("when", "whether it fails is not known yet at its start")
		}
		out = append(out, line)
	}
	return out
}

// bodyPart matches what stands for an attribute in the body of a log record.
var bodyPart = regexp.MustCompile(`\{([A-Za-z][A-Za-z0-9_.-]*)\}`)

// protocolNames are the namespaces of attributes that spans have by their protocol.
var protocolNames = []string{"http", "url", "rpc", "db", "messaging", "server", "network", "error", "session"}

// mentioned checks the attributes that the body of a log record names.
func (r *members) mentioned(m input.Map, body string, given []Attribute) {
	var names []string
	for _, a := range given {
		names = append(names, a.Key)
	}
	for _, found := range bodyPart.FindAllStringSubmatch(body, -1) {
		space, _, dotted := strings.Cut(found[1], ".")
		if !slices.Contains(names, found[1]) && (!dotted || !slices.Contains(protocolNames, space)) {
			m.Fail("body", "%s", input.Unknown("attribute of the span", found[1], names))
		}
	}
}

// refs lists the operations as calls name them.
func (r *members) refs() []string {
	if r.named == nil {
		for _, s := range r.s.Services {
			for _, o := range s.Operations {
				r.named = append(r.named, s.Name+"."+o.Name)
			}
		}
	}
	return r.named
}

// target finds the operation that a call names. Names of services may have dots:
// of several that fit, the longest is meant.
func (r *members) target(n *input.Node) (OperationRef, bool) {
	text, ok := n.Str(r.p)
	if !ok {
		return OperationRef{}, false
	}
	text = strings.TrimSpace(text)
	service := -1
	for dot := len(text); dot > 0; {
		dot = strings.LastIndexByte(text[:dot], '.')
		if dot < 0 {
			break
		}
		i, ok := r.index[text[:dot]]
		if !ok {
			continue
		}
		if at, ok := r.places[i][text[dot+1:]]; ok {
			return OperationRef{i, at}, true
		}
		if service < 0 {
			service = i
		}
	}
	r.unknownTarget(n, text, service)
	return OperationRef{}, false
}

// maxCompared bounds how many names are looked through for the nearest: a file can
// have tens of thousands of operations, and as many calls that are wrong.
const maxCompared = 200_000

// unknownTarget says what is wrong with the name of an operation whose service
// is known, or not (-1).
func (r *members) unknownTarget(n *input.Node, text string, service int) {
	if r.compared += len(r.index) + len(r.refs()); r.compared > maxCompared {
		n.Fail(r.p, "unknown operation %s", input.Quote(text))
		return
	}
	var names, same []string
	for i := range r.s.Services {
		s := &r.s.Services[i]
		names = append(names, s.Name)
		if s.Name == text {
			n.Fail(r.p, "%s is a service; want one of its operations, such as %q", input.Quote(text), s.Name+"."+firstName(s))
			return
		}
		if _, ok := r.places[i][text]; ok {
			same = append(same, s.Name+"."+text)
		}
	}
	switch {
	case service >= 0:
		s := &r.s.Services[service]
		var operations []string
		for _, o := range s.Operations {
			operations = append(operations, o.Name)
		}
		n.Fail(r.p, "service %s: %s", input.Quote(s.Name), input.Unknown("operation", text[len(s.Name)+1:], operations))
	case len(same) > 0:
		n.Fail(r.p, "operation %s without its service; did you mean %q?", input.Quote(text), same[0])
	default:
		head, operation, dot := strings.Cut(text, ".")
		for i := range r.s.Services {
			if _, ok := r.places[i][operation]; ok && dot { // the service alone is wrong
				n.Fail(r.p, "%s", input.Unknown("service", head, names))
				return
			}
		}
		n.Fail(r.p, "%s", input.Unknown("operation", text, r.refs()))
	}
}

func firstName(s *Member) string {
	if len(s.Operations) == 0 {
		return "OPERATION"
	}
	return s.Operations[0].Name
}
