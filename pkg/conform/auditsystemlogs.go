package conform

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/otelsim/otelsim/pkg/build/semconv"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// systemLog is what an audit keeps of a log record of a service of a system.
type systemLog struct {
	key            spanKey
	time, observed uint64
	says           string // what follows from the span but for attributes: see toldAs
	keys           []string
	origin, twice  string
	attrs          map[string]any
}

// toldAs spells what a log record says.
func toldAs(time uint64, severity uint8, event, body string) string {
	b := strconv.AppendUint(nil, time, 10)
	b = strconv.AppendUint(append(b, " severity "...), uint64(severity), 10)
	b = strconv.AppendQuote(append(b, " event "...), event)
	b = strconv.AppendQuote(append(b, " body "...), body)
	return string(b)
}

// with spells what a log record says and which attributes it has.
func with(says string, attributes []string) string {
	if len(attributes) > 0 {
		says += " with " + strings.Join(attributes, ", ")
	}
	return says
}

// systemLogOf takes a log record of a service of a system.
func systemLogOf(l *otlp.Logs, r *otlp.LogRecord, resource map[string]any) systemLog {
	body := ""
	if r.Body.Kind != otlp.KindEmpty {
		body, _ = scalarOf(l.Strings, l.Text, r.Body).(string)
	}
	var keys []string
	for _, a := range l.Attrs[r.Attrs.Start:r.Attrs.End] {
		keys = append(keys, l.Strings.String(a.Key))
	}
	slices.Sort(keys)
	return systemLog{
		key: spanKey{r.TraceID, r.SpanID}, time: r.Time, observed: r.Observed,
		says: toldAs(r.Time, r.Severity, l.Strings.String(r.EventName), body), keys: keys,
		origin: originOf(resource, l.Strings, l.Scopes[r.Scope]), twice: twice(l, r.Attrs),
		attrs: attrMap(l.Strings, l.Attrs, l.Text, r.Attrs),
	}
}

// spelt is the body that a span gives a log record.
func (s *auditSpan) spelt(pieces []string) string {
	var b strings.Builder
	for i, piece := range pieces {
		if i%2 == 0 {
			b.WriteString(piece)
			continue
		}
		switch v := s.attrs[piece].(type) {
		case string:
			b.WriteString(v)
		case int64:
			b.WriteString(strconv.FormatInt(v, 10))
		case float64:
			b.WriteString(strconv.FormatFloat(v, 'g', -1, 64))
		case bool:
			b.WriteString(strconv.FormatBool(v))
		}
	}
	return b.String()
}

// follows is a log record that follows from a span.
type follows struct {
	says string
	line *semconv.SystemLog
}

// tells are the log records that follow from a span.
func (s *auditSpan) tells(lines []semconv.SystemLog) (out []follows) {
	for i := range lines {
		l := &lines[i]
		if l.OK && s.failed || l.Failed && !s.failed {
			continue
		}
		at := s.end
		if l.Start {
			at = s.start
		}
		out = append(out, follows{toldAs(at, l.Severity, l.Event, s.spelt(l.Body)), l})
	}
	return out
}

// finishLogs reports every log record of systems that does not follow from its
// span, and every one that is missing, and returns how many it looked at.
func (x *systemsAudit) finishLogs(logged func(otlp.TraceID) bool, fail func(rule, format string, args ...any)) int {
	spans := make(map[spanKey]*auditSpan, len(x.seen))
	for _, s := range x.seen {
		spans[s.key] = s
	}
	have := make(map[spanKey][]*systemLog)
	for i := range x.logs {
		l := &x.logs[i]
		s := spans[l.key]
		if s == nil {
			fail("audit-log", "log %s: no span %x in trace %x", with(l.says, l.keys), l.key.span, l.key.trace)
			continue
		}
		have[l.key] = append(have[l.key], l)
		if l.observed < l.time {
			fail("audit-log", "log %s: observed before it happened, on span %x of trace %x", with(l.says, l.keys), l.key.span, l.key.trace)
		}
		if l.origin != s.origin {
			fail("audit-log", "log %s is%s, span %x of trace %x is%s", with(l.says, l.keys), l.origin, l.key.span, l.key.trace, s.origin)
		}
		if l.twice != "" {
			fail("audit-log", "log %s: %s is there twice, on span %x of trace %x", with(l.says, l.keys), l.twice, l.key.span, l.key.trace)
		}
	}
	for _, s := range x.seen {
		if s.system == nil {
			continue
		}
		var want []follows
		if logged == nil || logged(s.key.trace) {
			want = s.tells(s.system.Logs)
		}
		for _, l := range have[s.key] {
			i, wrong := l.among(want)
			switch {
			case i < 0:
				fail("audit-log", "log %s does not follow from span %x of trace %x, %s", with(l.says, l.keys), s.key.span, s.key.trace, s.name)
				continue
			case wrong != "":
				fail("audit-log", "log %s: %s is %s, which it never is, on span %x of trace %x, %s", with(l.says, l.keys), wrong, spokenOf(l.attrs[wrong]), s.key.span, s.key.trace, s.name)
			}
			if !s.system.Varied {
				want = slices.Delete(want, i, i+1)
			}
		}
		for _, x := range want {
			if !s.system.Varied {
				fail("audit-log-missing", "span %x of trace %x, %s, has no log %s", s.key.span, s.key.trace, s.name, with(x.says, x.line.Attributes))
			}
		}
	}
	return len(x.logs)
}

// among returns which of the log records that follow from a span this one is, -1 for
// none, and an attribute that has a value which it never has: of several that say the
// same, one of which it has all values.
func (l *systemLog) among(want []follows) (at int, wrong string) {
	at = -1
	for i := range want {
		if want[i].says != l.says || !l.hasThose(want[i].line) {
			continue
		}
		bad := ""
		for k := range want[i].line.Values {
			name := want[i].line.Attributes[k]
			if v, ok := l.attrs[name]; ok && !allows(&want[i].line.Values[k], v) {
				bad = name
				break
			}
		}
		if bad == "" {
			return i, ""
		}
		if at < 0 {
			at, wrong = i, bad
		}
	}
	return at, wrong
}

// hasThose reports whether a log record has the attributes of one that follows from a
// span, but for those that it may lack, and no others.
func (l *systemLog) hasThose(line *semconv.SystemLog) bool {
	found := 0
	for i, name := range line.Attributes {
		switch {
		case slices.Contains(l.keys, name):
			found++
		case i >= len(line.Values) || !line.Values[i].Optional:
			return false
		}
	}
	return found == len(l.keys)
}

// spokenOf is a value for people.
func spokenOf(v any) string {
	if s, ok := v.(string); ok {
		return strconv.Quote(s[:min(len(s), maxText)])
	}
	return fmt.Sprint(v)
}

// severityWords are the texts of the severities that services log with.
var severityWords = map[uint8]string{1: "TRACE", 5: "DEBUG", 9: "INFO", 13: "WARN", 17: "ERROR", 21: "FATAL"}

// systemLog judges the form of a log record of a service of a system.
func (k *SignalChecker) systemLog(l *otlp.Logs, r *otlp.LogRecord, fail func(rule, format string, args ...any)) {
	if text := l.Strings.String(r.SeverityText); text == "" || text != severityWords[r.Severity] {
		fail("log-severity", "severity is %d %q", r.Severity, text)
	}
	if r.Flags != otlp.FlagSampled {
		fail("log-flags", "flags are %#x, want %#x", r.Flags, otlp.FlagSampled)
	}
	if r.EventName == 0 && r.Body.Kind == otlp.KindEmpty {
		fail("log-body", "it has neither a body nor the name of an event")
	}
}
