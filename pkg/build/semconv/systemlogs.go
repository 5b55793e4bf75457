package semconv

import (
	"slices"
	"strconv"
	"strings"

	"github.com/otelsim/otelsim/pkg/build/input"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// SystemLog is a log record that each span of a name writes.
type SystemLog struct {
	Severity   uint8 // the first of an otlp.Severity range
	OK, Failed bool  // only of spans that did not fail, or that did
	Start      bool  // at the start of the span, not at its end
	Event      string
	Body       []string   // text, and at odd places attributes of the span, whose values stand there; nil: none
	Attributes []string   // names of those of the record, in byte order
	Values     []LogValue // what they may be, each at the place of its name; nil: nothing is known of it
}

// Join makes s what all spans of its name are, those of o too. Where the two log
// different things, a span may log any of it, any number of times.
func (s *SystemSpan) Join(o *SystemSpan) {
	s.Free, s.Unnamed, s.Silent = s.Free || o.Free, s.Unnamed || o.Unnamed, s.Silent || o.Silent
	same := func(a, b SystemLog) bool { return logText(&a) == logText(&b) }
	if !s.Varied && !o.Varied && slices.EqualFunc(s.Logs, o.Logs, same) {
		return
	}
	s.Varied = true
	s.Logs = slices.Concat(s.Logs, o.Logs)
	slices.SortFunc(s.Logs, func(a, b SystemLog) int { return strings.Compare(logText(&a), logText(&b)) })
	s.Logs = slices.CompactFunc(s.Logs, same)
}

// The words of severities, with the numbers at the same places.
var (
	severityWords   = []string{"trace", "debug", "info", "warn", "error", "fatal"}
	severityNumbers = []uint8{otlp.SeverityTrace, otlp.SeverityDebug, otlp.SeverityInfo, otlp.SeverityWarn, otlp.SeverityError, otlp.SeverityFatal}
)

// The moments and outcomes of log records.
const (
	always, whenOK, whenFailed = "always", "ok", "failed"
	atEnd, atStart             = "end", "start"
)

// maxLogText bounds the pieces of bodies.
const maxLogText = 1 << 20

// systemLogs reads the log records of a span.
func (r *parser) systemLogs(span input.Map) (out []SystemLog) {
	for _, item := range span.List("logs") {
		m, ok := item.Map(r.p, "severity", "when", "at", "event", "body", "attributes")
		if !ok {
			continue
		}
		l := SystemLog{Event: r.exactly(m, "event")}
		word := m.OneOf("severity", "info", severityWords...)
		l.Severity = severityNumbers[max(0, slices.Index(severityWords, word))]
		when := m.OneOf("when", always, always, whenOK, whenFailed)
		l.OK, l.Failed = when == whenOK, when == whenFailed
		l.Start = m.OneOf("at", atEnd, atEnd, atStart) == atStart
		l.Body = r.pieces(m, "body", maxLogText)
		l.Attributes, l.Values = r.logAttributes(m)
		out = append(out, l)
	}
	return out
}

// pieces reads a list of texts with the white space around them.
func (r *parser) pieces(m input.Map, key string, most int) (out []string) {
	for _, n := range m.List(key) {
		s, _ := n.Str(r.p)
		if len(s) > most {
			n.Fail(r.p, "%d bytes are too many, want up to %d", len(s), most)
		}
		out = append(out, s)
	}
	return out
}

// logText is a log record in braces.
func logText(l *SystemLog) string {
	var parts []string
	add := func(key, value string) { parts = append(parts, key+": "+value) }
	if i := slices.Index(severityNumbers, l.Severity); i >= 0 && l.Severity != otlp.SeverityInfo {
		add("severity", severityWords[i])
	}
	switch {
	case l.OK:
		add("when", whenOK)
	case l.Failed:
		add("when", whenFailed)
	}
	if l.Start {
		add("at", atStart)
	}
	if l.Event != "" {
		add("event", strconv.Quote(l.Event))
	}
	if l.Body != nil {
		add("body", textsText(l.Body))
	}
	if l.Attributes != nil {
		add("attributes", attributesText(l))
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

// textsText is a list of texts in brackets.
func textsText(list []string) string {
	quoted := make([]string, len(list))
	for i, s := range list {
		quoted[i] = strconv.Quote(s)
	}
	return "[" + strings.Join(quoted, ", ") + "]"
}
