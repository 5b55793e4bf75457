package conform

import (
	"math"
	"strings"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// auditLog is what an audit keeps of a log record.
type auditLog struct {
	key            spanKey
	name           string
	severity       uint8
	time, observed uint64
	said           []auditAttr
	resource       *auditResource
	twice          string // an attribute that it has twice, if any
	of             *auditSpan
	before         int32 // one more than the index of another one of its span; 0: none
}

// Logs takes a logs record of the segment.
func (a *Audit) Logs(l *otlp.Logs) {
	base := a.take(l.Strings, l.Attrs, l.Text, l.Resources)
	for i := range l.Records {
		r := &l.Records[i]
		resource := a.of[r.Resource]
		s := resource.system
		if s != nil && !s.Agents {
			a.systems.logs = append(a.systems.logs, systemLogOf(l, r, resource.attrs))
			continue
		}
		x := auditLog{
			key: spanKey{r.TraceID, r.SpanID}, name: l.Strings.String(r.EventName), severity: r.Severity, time: r.Time, observed: r.Observed,
			said: a.keep(l.Strings, l.Attrs, r.Attrs, base), resource: resource,
			twice: twice(l, r.Attrs),
		}
		if s != nil {
			a.either = append(a.either, eitherLog{x, systemLogOf(l, r, resource.attrs)})
		} else {
			a.logs = append(a.logs, x)
		}
	}
}

// eitherLog is a log record of a tool server that is a service of a system: it is what
// its span is, which may come later.
type eitherLog struct {
	agents auditLog
	system systemLog
}

// sortLogs finds out which log records of tool servers are of agents, now that all
// spans are known.
func (a *Audit) sortLogs() {
	for _, l := range a.either {
		if a.spans.find(l.agents.key) != nil {
			a.logs = append(a.logs, l.agents)
		} else {
			a.systems.logs = append(a.systems.logs, l.system)
		}
	}
}

// twice returns the name of an attribute that a list has more than once.
func twice(l *otlp.Logs, r otlp.Range) string {
	list := l.Attrs[r.Start:r.End]
	for i := range list {
		for j := range i {
			if list[i].Key == list[j].Key {
				return l.Strings.String(list[i].Key)
			}
		}
	}
	return ""
}

// log compares a record with its span.
func (a *Audit) log(l *auditLog, fail func(rule, format string, args ...any)) {
	s := a.spans.find(l.key)
	l.of = s
	if s == nil {
		fail("audit-log", "log %s: no span %x in trace %x", l.name, l.key.span, l.key.trace)
		return
	}
	if l.time < s.start || l.time > s.end {
		fail("audit-log", "log %s: its time is outside of span %x of trace %x", l.name, l.key.span, l.key.trace)
	}
	if l.observed < l.time {
		fail("audit-log", "log %s: observed before it happened, on span %x of trace %x", l.name, l.key.span, l.key.trace)
	}
	if l.twice != "" {
		fail("audit-log", "log %s: %s is there twice, on span %x of trace %x", l.name, l.twice, l.key.span, l.key.trace)
	}
	if !a.repeats(l, s) {
		a.differs(l, s, fail)
	}
}

// repeats reports whether a record says nothing but what its span does, as far as it has
// to.
func (a *Audit) repeats(l *auditLog, s *auditSpan) bool {
	for i := range l.said {
		x := &l.said[i]
		name := &a.names.list[x.name]
		if name.evaluation && l.name == evaluationEvent {
			continue // what a finding says is on the event of the span
		}
		if want := attrOf(s.said, x.name); want == nil && !name.finding || want != nil && !a.equal(x, want) {
			return false
		}
	}
	return l.resource == s.resource && !s.resource.odd
}

// differs tells where a record and its span differ, attribute by attribute.
func (a *Audit) differs(l *auditLog, s *auditSpan, fail func(rule, format string, args ...any)) {
	said, attrs := a.mapOf(l.said), a.mapOf(s.said)
	for _, k := range sortedKeys(said) {
		// What a finding says is on the event of the span.
		if _, own := evaluationTypes[k]; own && l.name == evaluationEvent {
			continue
		}
		if want, ok := attrs[k]; (ok || !strings.Contains(k, ".validation.error.")) && said[k] != want {
			fail("audit-log", "log %s: %s is %v, on span %x of trace %x it is %v", l.name, k, said[k], l.key.span, l.key.trace, want)
		}
	}
	of, resource := l.resource.attrs, s.resource.attrs
	for _, k := range sortedKeys(resource) {
		if of[k] != resource[k] {
			fail("audit-log", "log %s: resource attribute %s is %v, for span %x of trace %x it is %v",
				l.name, k, of[k], l.key.span, l.key.trace, resource[k])
		}
	}
}

// scalarOf returns a scalar attribute as a Go value, nil for anything else.
func scalarOf(strs *otlp.Strings, text []byte, a otlp.Attr) any {
	switch a.Kind {
	case otlp.KindString:
		return strs.String(otlp.StringID(a.Word))
	case otlp.KindText:
		r := otlp.UnpackRange(a.Word)
		return string(text[r.Start:r.End])
	case otlp.KindInt:
		return int64(a.Word)
	case otlp.KindBool:
		return a.Word == 1
	case otlp.KindDouble:
		return math.Float64frombits(a.Word)
	}
	return nil
}
