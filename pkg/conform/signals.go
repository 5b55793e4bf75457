package conform

import (
	"fmt"
	"slices"

	"github.com/otelsim/otelsim/pkg/build/semconv"
	"github.com/otelsim/otelsim/pkg/build/vocab"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// SignalChecker holds emitted metrics and logs to the conventions. It remembers what it
// has looked up and is not safe for concurrent use.
type SignalChecker struct {
	conv    *semconv.Conventions
	dict    *semconv.Dictionary
	prefix  string
	naming  naming
	metrics map[string]*signalMetric // by emitted name
	ofSpans metricsOfSystems
	told    toldMetrics // by their instances, by service
	sourced sourcedMetrics

	names   nameTable
	fixed   int // how many of names are there from the beginning
	session uint32
	class   uint32
	every   []everyName
	events  []*signalEvent           // by number of a name; nil: not looked up
	spans   map[string]*signalValues // by type of span
	result  *signalValues            // of evaluations

	// Lenient lets pass what the conventions do not define: they may be another's,
	// who has left out what he does not look at.
	Lenient bool

	report  func(item int, rule, text string)
	item    int    // that is judged
	about   string // what findings about it begin with
	fail    func(rule, format string, args ...any)
	counted []*otlp.Attr // scratch
	spelt   []byte       // scratch
}

// everyName is an attribute that log records carry.
type everyName struct {
	name     uint32
	optional bool
}

// signalMetric is a definition with its dimensions as they are emitted.
type signalMetric struct {
	*semconv.Metric
	dims   []everyName
	values *signalValues
}

// NewSignalChecker returns a checker for telemetry with the given runtime prefix.
func NewSignalChecker(c *semconv.Conventions, prefix string) *SignalChecker {
	k := &SignalChecker{
		conv: c, dict: c.Dictionary(prefix), prefix: prefix, naming: newNaming(c, prefix), metrics: make(map[string]*signalMetric),
		ofSpans: metricsOfSpans(c), told: toldBy(c), sourced: sourcedBy(c), spans: make(map[string]*signalValues),
	}
	k.fail = k.tell
	k.session, k.class = k.names.number(k.naming.full("session.id")), k.names.number(k.naming.full("span.class"))
	for _, known := range c.Vocabulary.Every {
		k.every = append(k.every, everyName{k.names.number(k.naming.full(known)), oneOf(known, "span.class", "request.id")})
	}
	for i := range c.Metrics {
		m := &signalMetric{Metric: &c.Metrics[i]}
		for _, d := range m.Dimensions {
			n := k.names.number(c.Rename(d, prefix))
			m.dims = append(m.dims, everyName{n, n == k.session || k.names.list[n].name == "error.type"})
		}
		k.metrics[c.Rename(m.Name, prefix)] = m
	}
	k.fixed = len(k.names.list)
	k.forget()
	return k
}

// tell reports a finding about what is judged.
func (k *SignalChecker) tell(rule, format string, args ...any) {
	k.report(k.item, rule, k.about+fmt.Sprintf(format, args...))
}

// kinds are the kinds of data that types of metrics have.
var kinds = map[string]otlp.MetricKind{
	"counter": otlp.MetricSum, "updowncounter": otlp.MetricSum, "gauge": otlp.MetricGauge,
	"histogram": otlp.MetricHistogram, "exponential_histogram": otlp.MetricExpHistogram,
}

// Metrics reports everything in m that the conventions do not allow: names,
// types and units that are not theirs, dimensions that are missing or too many
// or have values of another type or outside of the allowed set, and resources
// with a session. metric is an index into m.Metrics.
func (k *SignalChecker) Metrics(m *otlp.Metrics, report func(metric int, rule, text string)) {
	k.begin(m.Strings, report)
	for i := range m.Metrics {
		x := &m.Metrics[i]
		k.item, k.about = i, ""
		name := m.Strings.String(x.Name)
		if len(k.conv.Systems) > 0 {
			resource := attrMap(m.Strings, m.Attrs, m.Text, m.Resources[x.Resource].Attrs)
			if k.ofSpans.owns(systemOf(k.conv, resource), name) || k.told.tells(resource, name) || k.sourced.of(resource)[name] != nil {
				k.systemMetric(m, x, resource)
				continue
			}
		}
		k.metric(m, x, k.metrics[name])
	}
}

func (k *SignalChecker) metric(m *otlp.Metrics, x *otlp.Metric, def *signalMetric) {
	if def == nil {
		if !k.Lenient {
			k.tell("metric-unknown", "is not defined")
		}
		return
	}
	if unit := m.Strings.String(x.Unit); unit != def.Unit {
		k.tell("metric-unit", "unit is %q, want %q", unit, def.Unit)
	}
	if x.Kind != kinds[def.Type] || x.Kind == otlp.MetricSum && x.Monotonic != (def.Type == "counter") {
		k.tell("metric-type", "its data is not that of a %s", def.Type)
	}
	if (x.Temporality == otlp.TemporalityUnspecified) != (x.Kind == otlp.MetricGauge) {
		k.tell("metric-type", "temporality is %d", x.Temporality)
	}
	if k.carries(m.Attrs, m.Resources[x.Resource].Attrs, k.session) {
		k.tell("metric-resource", "its resource has a %s", k.names.list[k.session].name)
	}
	for i := x.Points.Start; i < x.Points.End; i++ {
		p := &m.Points[i]
		k.dimensions(m, def, p)
		if have := m.Bounds[p.Bounds.Start:p.Bounds.End]; def.Buckets != nil && !slices.Equal(have, def.Buckets) {
			k.tell("metric-buckets", "the bounds of its buckets are %v, want %v", have, def.Buckets)
		}
	}
}

func (k *SignalChecker) dimensions(m *otlp.Metrics, def *signalMetric, p *otlp.Point) {
	if def.values == nil {
		def.values = k.valuesOf([]byte(def.Span))
	}
	list := k.count(m.Attrs, p.Attrs)
	wrong := false
	for _, a := range list {
		wrong = wrong || !def.has(k.names.of(a.Key)) || k.fault(k.definition(def.values, a), m.Strings, m.Text, a) != ""
	}
	if wrong {
		k.sort(list)
		for _, a := range list {
			if !def.has(k.names.of(a.Key)) {
				k.tell("metric-dimension", "%s is not one of its dimensions", m.Strings.String(a.Key))
			} else {
				k.value(def.values, m.Strings, m.Text, a)
			}
		}
	}
	if len(list) != p.Attrs.Len() {
		k.tell("metric-dimension", "a dimension is there twice, or is no single value")
	}
	for _, d := range def.dims {
		if !d.optional && k.one(list, d.name) == nil {
			k.tell("metric-dimension", "dimension %s is missing", k.names.list[d.name].name)
		}
	}
}

// has reports whether a name is one of the dimensions.
func (m *signalMetric) has(name uint32) bool {
	for i := range m.dims {
		if m.dims[i].name == name {
			return true
		}
	}
	return false
}

// Logs reports everything in l that is not as logs are, or
// that the conventions do not allow: event names, severities, attributes. record is an
// index into l.Records.
func (k *SignalChecker) Logs(l *otlp.Logs, report func(record int, rule, text string)) {
	k.begin(l.Strings, report)
	for i := range l.Records {
		r := &l.Records[i]
		x := k.event(r.EventName)
		k.item, k.about = i, x.about
		if k.ofSystem(l, r, x.event) {
			k.systemLog(l, r, k.fail)
		} else {
			k.log(l, r, x)
		}
	}
}

// ofSystem reports whether a log record is one of a system: those of a tool server
// that tell of what agents do are not.
func (k *SignalChecker) ofSystem(l *otlp.Logs, r *otlp.LogRecord, event string) bool {
	if len(k.conv.Systems) == 0 {
		return false
	}
	s := systemOf(k.conv, attrMap(l.Strings, l.Attrs, l.Text, l.Resources[r.Resource].Attrs))
	if s == nil || !s.Agents {
		return s != nil
	}
	_, known := events[event]
	_, added := addedEvent(event)
	return !known && !added && event != evaluationEvent
}

// events are the span types that log under a name. Of steps it is any that can
// fail.
var events = map[string]string{
	"request.allowed": "request.validation", "request.flagged": "request.validation",
	"request.blocked": "request.validation", "request.failed": "request.validation",
	"response.allowed": "response.validation", "response.flagged": "response.validation",
	"response.blocked": "response.validation", "response.failed": "response.validation",
	"validation.error": "validation.payload", "policy.decision": "validation.policy",
	"turn.start": "a2a.orchestrate", "turn.end": "a2a.orchestrate",
	"llm.call": "llm.call", "tool.call": "mcp.tool.execute", "tool.retry": "mcp.tool.execute.attempt",
	"tool.attempt.failed": "mcp.tool.execute.attempt", "context.augment": "context.augment",
	"rag.retrieve": "rag.retrieve", "a2a.call": "a2a.call", "step.failed": "",
}

// addedEvent is the span type that logs under a name, of those that the rules do
// not know by themselves.
func addedEvent(event string) (span string, ok bool) {
	for _, t := range vocab.All() {
		if log := addedLog(t.Name); log.Story == vocab.Ended && log.Event == event {
			return t.Name, true
		}
	}
	return "", false
}

// severityTexts are the texts of the severities that there are.
func severityText(severity uint8) string {
	switch severity {
	case otlp.SeverityInfo:
		return "INFO"
	case otlp.SeverityWarn:
		return "WARN"
	case otlp.SeverityError:
		return "ERROR"
	}
	return ""
}

func (k *SignalChecker) log(l *otlp.Logs, r *otlp.LogRecord, x *signalEvent) {
	if !x.known {
		k.tell("log-event", "there is no event of that name")
		return
	}
	if text := l.Strings.String(r.SeverityText); text == "" || text != severityText(r.Severity) {
		k.tell("log-severity", "severity is %d %q", r.Severity, text)
	}
	if r.Flags != otlp.FlagSampled {
		k.tell("log-flags", "flags are %#x, want %#x", r.Flags, otlp.FlagSampled)
	}
	if len(k.word(l.Strings, l.Text, &r.Body)) == 0 {
		k.tell("log-body", "it has no body")
	}
	list := k.count(l.Attrs, r.Attrs)
	values := x.values
	if class := k.one(list, k.class); values == nil && class != nil && isWord(class.Kind) {
		values = k.valuesOf(k.word(l.Strings, l.Text, class))
	}
	if values == nil || !values.known {
		k.tell("log-event", "it is about no type of span")
		return
	}
	wrong := false
	for _, a := range list {
		wrong = wrong || k.fault(k.definition(values, a), l.Strings, l.Text, a) != ""
	}
	if wrong {
		k.sort(list)
		for _, a := range list {
			k.value(values, l.Strings, l.Text, a)
		}
	}
	k.missing(list, values.required)
	k.missing(list, k.every)
}

// missing reports which of the attributes are not in the list.
func (k *SignalChecker) missing(list []*otlp.Attr, want []everyName) {
	for _, x := range want {
		if !x.optional && k.one(list, x.name) == nil {
			k.tell("attribute-missing", "attribute %s is missing", k.names.list[x.name].name)
		}
	}
}
