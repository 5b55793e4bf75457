package conform

import (
	"bytes"
	"cmp"
	"slices"
	"strings"

	"github.com/otelsim/otelsim/pkg/build/vocab"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// expectedLog is a log record that a span has to have.
type expectedLog struct {
	event    string // without the prefix
	time     uint64
	severity uint8
}

// ended are the events of span types that tell that their work ended, whatever
// came of it.
var ended = map[string]string{
	"llm.call": "llm.call", "mcp.tool.execute": "tool.call", "context.augment": "context.augment",
	"rag.retrieve": "rag.retrieve", "a2a.call": "a2a.call",
}

// steps are the span types that are told of only when they fail.
var steps = []string{"augmentation", "planner", "llm.tool.response.bridge", "tools.recommend", "response.compose"}

// missing reports every log record that follows from a span and is not there,
// is there too often, or tells another severity.
func (a *Audit) missing(fail func(rule, format string, args ...any)) {
	have := make(map[spanKey][]expectedLog)
	for i := range a.logs {
		l := &a.logs[i]
		if l.name == evaluationEvent {
			continue // nobody but the scenario knows which spans are judged
		}
		have[l.key] = append(have[l.key], expectedLog{strings.TrimPrefix(l.name, a.prefix+"."), l.time, l.severity})
	}
	followed := a.followed()
	for _, s := range a.order {
		want := a.expectedLogs(s, followed[s.key])
		if a.o.Logged != nil && !a.o.Logged(s.key.trace) {
			want = nil
		}
		got := have[s.key]
		slices.SortFunc(got, compareLogs)
		slices.SortFunc(want, compareLogs)
		for len(got)+len(want) > 0 {
			order := 0
			switch {
			case len(got) == 0:
				order = 1
			case len(want) == 0:
				order = -1
			default:
				order = compareLogs(got[0], want[0])
			}
			if order > 0 {
				fail("audit-log-missing", "span %x of trace %x, %s, has no log %s of severity %d at %d",
					s.key.span, s.key.trace, s.name, want[0].event, want[0].severity, want[0].time)
				want = want[1:]
				continue
			}
			if order < 0 {
				fail("audit-log", "log %s of severity %d at %d does not follow from span %x of trace %x, %s",
					got[0].event, got[0].severity, got[0].time, s.key.span, s.key.trace, s.name)
				got = got[1:]
				continue
			}
			got, want = got[1:], want[1:]
		}
	}
}

func compareLogs(a, b expectedLog) int {
	return cmp.Or(cmp.Compare(a.time, b.time), cmp.Compare(a.event, b.event), cmp.Compare(a.severity, b.severity))
}

// followed tells of attempts whether another one of the same call comes after
// them: an id of a span for each that has one.
func (a *Audit) followed() map[spanKey]bool {
	type place struct {
		trace  otlp.TraceID
		parent otlp.SpanID
	}
	attempts := make(map[place][]*auditSpan)
	for _, s := range a.order {
		if s.bare == "mcp.tool.execute.attempt" {
			p := place{s.key.trace, s.parent}
			attempts[p] = append(attempts[p], s)
		}
	}
	out := make(map[spanKey]bool)
	for _, list := range attempts { // order-free: each list is looked at by itself
		slices.SortFunc(list, func(x, y *auditSpan) int {
			return cmp.Or(cmp.Compare(x.start, y.start), cmp.Compare(x.end, y.end), bytes.Compare(x.key.span[:], y.key.span[:]))
		})
		for _, s := range list[:len(list)-1] {
			out[s.key] = true
		}
	}
	return out
}

// expectedLogs returns the log records that a span has to have.
func (a *Audit) expectedLogs(s *auditSpan, followed bool) []expectedLog {
	severity := uint8(otlp.SeverityInfo)
	if s.failed {
		severity = otlp.SeverityError
	}
	at := func(event string) []expectedLog { return []expectedLog{{event, s.end, severity}} }
	switch bare := s.bare; bare {
	case "request.validation", "response.validation":
		return a.verdict(s, strings.TrimSuffix(bare, ".validation"))
	case "validation.payload":
		var out []expectedLog
		for _, time := range s.findings {
			out = append(out, expectedLog{"validation.error", time, severity})
		}
		return out
	case "validation.policy":
		if !s.failed && s.attrs[a.prefix+".policy.decision"] != "allow" {
			severity = otlp.SeverityWarn
		}
		return []expectedLog{{"policy.decision", s.end, severity}}
	case "a2a.orchestrate":
		if !s.failed && s.attrs[a.prefix+".a2a.outcome"] == "partial" {
			severity = otlp.SeverityWarn
		}
		return []expectedLog{{"turn.start", s.start, otlp.SeverityInfo}, {"turn.end", s.end, severity}}
	case "mcp.tool.execute.attempt":
		var out []expectedLog
		if n, ok := s.attrs[a.naming.full("mcp.attempt.index")].(int64); ok && n > 1 {
			out = append(out, expectedLog{"tool.retry", s.start, otlp.SeverityWarn})
		}
		if s.failed && followed {
			out = append(out, expectedLog{"tool.attempt.failed", s.end, otlp.SeverityWarn})
		} else if s.failed {
			out = append(out, expectedLog{"tool.attempt.failed", s.end, otlp.SeverityError})
		}
		return out
	default:
		if event, ok := ended[bare]; ok {
			return at(event)
		}
		if s.failed && slices.Contains(steps, bare) {
			return at("step.failed")
		}
		switch log := addedLog(bare); {
		case log.Story == vocab.Ended, log.Story == vocab.FailedStep && s.failed:
			return at(log.Event)
		}
	}
	return nil
}

// addedLog is how a span type is logged of which the rules do not know by
// themselves; of all others it is silent.
func addedLog(bare string) vocab.Log {
	if classOf(bare) != classAdded {
		return vocab.Log{}
	}
	return vocab.Of(bare).Log
}

// verdict returns the log record that tells what became of a request or a
// response.
func (a *Audit) verdict(s *auditSpan, noun string) []expectedLog {
	switch {
	case s.failed:
		return []expectedLog{{noun + ".failed", s.end, otlp.SeverityError}}
	case s.attrs[a.prefix+"."+noun+".outcome"] == "blocked":
		return []expectedLog{{noun + ".blocked", s.end, otlp.SeverityWarn}}
	case s.attrs[a.prefix+"."+noun+".audit.flag"] == true:
		return []expectedLog{{noun + ".flagged", s.end, otlp.SeverityWarn}}
	}
	return []expectedLog{{noun + ".allowed", s.end, otlp.SeverityInfo}}
}
