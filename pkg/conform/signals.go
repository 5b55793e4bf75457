package conform

import (
	"fmt"
	"slices"
	"strings"

	"github.com/otelsim/otelsim/pkg/build/semconv"
	"github.com/otelsim/otelsim/pkg/build/vocab"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// SignalChecker holds emitted metrics and logs to the conventions. It is not safe
// for concurrent use.
type SignalChecker struct {
	conv    *semconv.Conventions
	dict    *semconv.Dictionary
	prefix  string
	naming  naming
	metrics map[string]*semconv.Metric // by emitted name
	ofSpans metricsOfSystems
	told    toldMetrics // by their instances, by service

	// Lenient lets pass what the conventions do not define: they may be another's,
	// who has left out what he does not look at.
	Lenient bool
}

// NewSignalChecker returns a checker for telemetry with the given runtime prefix.
func NewSignalChecker(c *semconv.Conventions, prefix string) *SignalChecker {
	k := &SignalChecker{conv: c, dict: c.Dictionary(prefix), prefix: prefix, naming: newNaming(c, prefix), metrics: make(map[string]*semconv.Metric), ofSpans: metricsOfSpans(c), told: toldBy(c)}
	for i := range c.Metrics {
		k.metrics[c.Rename(c.Metrics[i].Name, prefix)] = &c.Metrics[i]
	}
	return k
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
	for i := range m.Metrics {
		fail := func(rule, format string, args ...any) { report(i, rule, fmt.Sprintf(format, args...)) }
		resource := attrMap(m.Strings, m.Attrs, m.Text, m.Resources[m.Metrics[i].Resource].Attrs)
		if name := m.Strings.String(m.Metrics[i].Name); k.ofSpans.owns(k.conv, resource, name) || k.told.tells(resource, name) {
			k.systemMetric(m, &m.Metrics[i], resource, fail)
		} else {
			k.metric(m, &m.Metrics[i], resource, fail)
		}
	}
}

func (k *SignalChecker) metric(m *otlp.Metrics, x *otlp.Metric, resource map[string]any, fail func(rule, format string, args ...any)) {
	def := k.metrics[m.Strings.String(x.Name)]
	if def == nil {
		if !k.Lenient {
			fail("metric-unknown", "is not defined")
		}
		return
	}
	if unit := m.Strings.String(x.Unit); unit != def.Unit {
		fail("metric-unit", "unit is %q, want %q", unit, def.Unit)
	}
	if x.Kind != kinds[def.Type] || x.Kind == otlp.MetricSum && x.Monotonic != (def.Type == "counter") {
		fail("metric-type", "its data is not that of a %s", def.Type)
	}
	if (x.Temporality == otlp.TemporalityUnspecified) != (x.Kind == otlp.MetricGauge) {
		fail("metric-type", "temporality is %d", x.Temporality)
	}
	session := k.naming.full("session.id")
	if resource[session] != nil {
		fail("metric-resource", "its resource has a %s", session)
	}
	for _, p := range m.Points[x.Points.Start:x.Points.End] {
		k.dimensions(m, def, &p, fail)
		if have := m.Bounds[p.Bounds.Start:p.Bounds.End]; def.Buckets != nil && !slices.Equal(have, def.Buckets) {
			fail("metric-buckets", "the bounds of its buckets are %v, want %v", have, def.Buckets)
		}
	}
}

func (k *SignalChecker) dimensions(m *otlp.Metrics, def *semconv.Metric, p *otlp.Point, fail func(rule, format string, args ...any)) {
	var dims []string
	for _, d := range def.Dimensions {
		dims = append(dims, k.conv.Rename(d, k.prefix))
	}
	attrs := attrMap(m.Strings, m.Attrs, m.Text, p.Attrs)
	for _, name := range sortedKeys(attrs) {
		if !slices.Contains(dims, name) {
			fail("metric-dimension", "%s is not one of its dimensions", name)
			continue
		}
		k.value(def.Span, name, attrs[name], fail)
	}
	if len(attrs) != p.Attrs.Len() {
		fail("metric-dimension", "a dimension is there twice, or is no single value")
	}
	for _, d := range dims {
		if attrs[d] == nil && d != "error.type" && d != k.naming.full("session.id") {
			fail("metric-dimension", "dimension %s is missing", d)
		}
	}
}

// value checks an attribute of something about spans of a type.
func (k *SignalChecker) value(span, name string, v any, fail func(rule, format string, args ...any)) {
	def, ok := k.dict.OnSpan(span, name)
	if !ok {
		if !k.Lenient {
			fail("attribute-unknown", "attribute %s is not defined", name)
		}
		return
	}
	if !isOf(def.Type, v) {
		fail("attribute-type", "attribute %s is not of type %s", name, def.Type)
	} else if text := fmt.Sprint(v); !def.Allows(text) {
		fail("attribute-value", "attribute %s has the value %q, allowed are %s", name, text, strings.Join(def.Allowed, ", "))
	}
}

func isOf(t semconv.Type, v any) bool {
	switch v.(type) {
	case string:
		return t == semconv.String || t == semconv.Any
	case int64:
		return t == semconv.Int || t == semconv.Any
	case bool:
		return t == semconv.Boolean || t == semconv.Any
	case float64:
		return t == semconv.Double || t == semconv.Any
	}
	return false
}

// Logs reports everything in l that is not as logs are, or
// that the conventions do not allow: event names, severities, attributes. record is an
// index into l.Records.
func (k *SignalChecker) Logs(l *otlp.Logs, report func(record int, rule, text string)) {
	for i := range l.Records {
		r := &l.Records[i]
		name := l.Strings.String(r.EventName)
		fail := func(rule, format string, args ...any) {
			report(i, rule, "log "+name+": "+fmt.Sprintf(format, args...))
		}
		if event := strings.TrimPrefix(name, k.prefix+"."); k.ofSystem(l, r, event) {
			k.systemLog(l, r, fail)
		} else {
			k.log(l, r, event, fail)
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

var severityTexts = map[uint8]string{otlp.SeverityInfo: "INFO", otlp.SeverityWarn: "WARN", otlp.SeverityError: "ERROR"}

func (k *SignalChecker) log(l *otlp.Logs, r *otlp.LogRecord, event string, fail func(rule, format string, args ...any)) {
	span, ok := events[event]
	ok = ok || event == evaluationEvent
	if !ok {
		span, ok = addedEvent(event)
	}
	if !ok {
		fail("log-event", "there is no event of that name")
		return
	}
	if text := l.Strings.String(r.SeverityText); text == "" || text != severityTexts[r.Severity] {
		fail("log-severity", "severity is %d %q", r.Severity, text)
	}
	if r.Flags != otlp.FlagSampled {
		fail("log-flags", "flags are %#x, want %#x", r.Flags, otlp.FlagSampled)
	}
	if body, _ := scalarOf(l.Strings, l.Text, r.Body).(string); body == "" {
		fail("log-body", "it has no body")
	}
	attrs := attrMap(l.Strings, l.Attrs, l.Text, r.Attrs)
	if class, ok := attrs[k.naming.full("span.class")].(string); ok && span == "" {
		span = class
	}
	if event == evaluationEvent {
		k.evaluation(attrs, fail)
	} else if _, known := vocab.Find(span); !known {
		fail("log-event", "it is about no type of span")
		return
	} else {
		for _, name := range sortedKeys(attrs) {
			k.value(span, name, attrs[name], fail)
		}
	}
	for _, known := range k.conv.Vocabulary.Every {
		want := k.naming.full(known)
		if attrs[want] == nil && !oneOf(known, "span.class", "request.id") {
			fail("attribute-missing", "attribute %s is missing", want)
		}
	}
}
