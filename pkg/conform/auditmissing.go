package conform

import (
	"bytes"
	"cmp"
	"slices"

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
	for i := range a.logs {
		l := &a.logs[i]
		s := l.of
		if s == nil || l.name == evaluationEvent {
			continue // nobody but the scenario knows which spans are judged
		}
		l.before, s.logs = s.logs, int32(i)+1
	}
	a.follow()
	for _, s := range a.spans.order {
		want := a.expectedLogs(a.scratch.want[:0], s)
		a.scratch.want = want
		if a.o.Logged != nil && !a.o.Logged(s.key.trace) {
			want = nil
		}
		got := a.got(s)
		slices.SortFunc(got, compareLogs)
		slices.SortFunc(want, compareLogs)
		if !slices.Equal(got, want) {
			a.unlike(s, got, want, fail)
		}
	}
}

// got returns the log records of a span.
func (a *Audit) got(s *auditSpan) []expectedLog {
	s = a.spans.find(s.key) // of several of one id the last
	got := a.scratch.got[:0]
	for n := s.logs; n > 0; n = a.logs[n-1].before {
		l := &a.logs[n-1]
		got = append(got, expectedLog{a.eventOf(l.name), l.time, l.severity})
	}
	a.scratch.got = got
	return got
}

// eventOf is the name of an event without the prefix.
func (a *Audit) eventOf(name string) string {
	if n := len(a.prefix); len(name) > n && name[n] == '.' && name[:n] == a.prefix {
		return name[n+1:]
	}
	return name
}

// unlike reports where the log records of a span are others than it should have.
func (a *Audit) unlike(s *auditSpan, got, want []expectedLog, fail func(rule, format string, args ...any)) {
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

func compareLogs(a, b expectedLog) int {
	if a.time != b.time {
		return cmp.Compare(a.time, b.time)
	}
	return cmp.Or(cmp.Compare(a.event, b.event), cmp.Compare(a.severity, b.severity))
}

// attemptType is the type of the attempts of a call.
const attemptType = "mcp.tool.execute.attempt"

// follow finds out after which attempts another one of the same call comes.
func (a *Audit) follow() {
	slices.SortFunc(a.attempts, func(x, y *auditSpan) int {
		if c := bytes.Compare(x.key.trace[:], y.key.trace[:]); c != 0 {
			return c
		}
		return cmp.Or(bytes.Compare(x.parent[:], y.parent[:]),
			cmp.Compare(x.start, y.start), cmp.Compare(x.end, y.end), bytes.Compare(x.key.span[:], y.key.span[:]))
	})
	for i, s := range a.attempts {
		if i+1 < len(a.attempts) && a.attempts[i+1].key.trace == s.key.trace && a.attempts[i+1].parent == s.parent {
			a.followed[s.key] = true
		}
	}
}

// expectedLogs appends the log records that a span has to have.
func (a *Audit) expectedLogs(out []expectedLog, s *auditSpan) []expectedLog {
	k := &a.known
	severity := uint8(otlp.SeverityInfo)
	if s.failed {
		severity = otlp.SeverityError
	}
	switch s.typ.story {
	case storyRequest:
		return append(out, a.verdict(s, "request", k.request, k.requestFlag))
	case storyResponse:
		return append(out, a.verdict(s, "response", k.response, k.responseFlag))
	case storyPayload:
		for _, time := range s.findings {
			out = append(out, expectedLog{"validation.error", time, severity})
		}
	case storyPolicy:
		if !s.failed && !a.is(s.said, k.decision, "allow") {
			severity = otlp.SeverityWarn
		}
		return append(out, expectedLog{"policy.decision", s.end, severity})
	case storyOrchestrate:
		if !s.failed && a.is(s.said, k.orchestrated, "partial") {
			severity = otlp.SeverityWarn
		}
		return append(out, expectedLog{"turn.start", s.start, otlp.SeverityInfo}, expectedLog{"turn.end", s.end, severity})
	case storyAttempt:
		if n := attrOf(s.said, k.attempt); n != nil && n.kind == otlp.KindInt && int64(n.word) > 1 {
			out = append(out, expectedLog{"tool.retry", s.start, otlp.SeverityWarn})
		}
		if s.failed && a.followed[s.key] {
			out = append(out, expectedLog{"tool.attempt.failed", s.end, otlp.SeverityWarn})
		} else if s.failed {
			out = append(out, expectedLog{"tool.attempt.failed", s.end, otlp.SeverityError})
		}
	default:
		if event := s.typ.event; event != "" && (s.failed || !s.typ.fails) {
			return append(out, expectedLog{event, s.end, severity})
		}
	}
	return out
}

// eventOfType returns what spans of a type log when they end, and whether they do so only
// when they fail; an empty name: nothing.
func eventOfType(bare string) (event string, fails bool) {
	if event, ok := ended[bare]; ok {
		return event, false
	}
	if slices.Contains(steps, bare) {
		return "step.failed", true
	}
	switch log := addedLog(bare); log.Story {
	case vocab.Ended:
		return log.Event, false
	case vocab.FailedStep:
		return log.Event, true
	}
	return "", false
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
// response: what they are called, and the names of their outcome and the flag for an audit.
func (a *Audit) verdict(s *auditSpan, noun string, outcome, flagged uint32) expectedLog {
	events := verdicts[noun]
	set, _ := flag(s.said, flagged)
	switch {
	case s.failed:
		return expectedLog{events.failed, s.end, otlp.SeverityError}
	case a.is(s.said, outcome, "blocked"):
		return expectedLog{events.blocked, s.end, otlp.SeverityWarn}
	case set:
		return expectedLog{events.flagged, s.end, otlp.SeverityWarn}
	}
	return expectedLog{events.allowed, s.end, otlp.SeverityInfo}
}

// verdicts are the events that tell of a request or a response.
var verdicts = map[string]struct{ failed, blocked, flagged, allowed string }{
	"request":  {"request.failed", "request.blocked", "request.flagged", "request.allowed"},
	"response": {"response.failed", "response.blocked", "response.flagged", "response.allowed"},
}
