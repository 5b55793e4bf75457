package conform

import (
	"strings"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// auditType is a type of span as an audit sees it.
type auditType struct {
	bare    string         // its name, without namespace
	metrics []*auditMetric // that its spans count in
	event   string         // that its spans log when they end, where that is all; empty: none
	fails   bool           // and only when they fail
	plain   bool           // its spans are called after it
	story   auditStory
}

// auditStory is how the log records of a type follow from its spans.
type auditStory uint8

const (
	storyEnds auditStory = iota // by event and fails
	storyRequest
	storyResponse
	storyPayload
	storyPolicy
	storyOrchestrate
	storyAttempt
)

// stories are those of the types that log otherwise than when they end.
var stories = map[string]auditStory{
	"request.validation": storyRequest, "response.validation": storyResponse, "validation.payload": storyPayload,
	"validation.policy": storyPolicy, "a2a.orchestrate": storyOrchestrate, attemptType: storyAttempt,
}

// auditKnown are the numbers of names that an audit asks for.
type auditKnown struct {
	input, output          uint32
	class, attempt         uint32
	decision, orchestrated uint32
	request, requestFlag   uint32
	response, responseFlag uint32
	invalid                uint32 // the event of a finding

	evaluation, score, label, explanation, answer, captured uint32
}

func (a *Audit) knownNames() auditKnown {
	own := func(name string) uint32 { return a.names.number(a.prefix + "." + name) }
	return auditKnown{
		input: a.names.number("gen_ai.usage.input_tokens"), output: a.names.number("gen_ai.usage.output_tokens"),
		class: a.names.number(a.naming.full("span.class")), attempt: a.names.number(a.naming.full("mcp.attempt.index")),
		decision: own("policy.decision"), orchestrated: own("a2a.outcome"),
		request: own("request.outcome"), requestFlag: own("request.audit.flag"),
		response: own("response.outcome"), responseFlag: own("response.audit.flag"),
		invalid:    own("validation.error"),
		evaluation: a.names.number("gen_ai.evaluation.name"), score: a.names.number("gen_ai.evaluation.score.value"),
		label: a.names.number("gen_ai.evaluation.score.label"), explanation: a.names.number("gen_ai.evaluation.explanation"),
		answer: a.names.number("gen_ai.response.id"), captured: own("llm.content.capture.enabled"),
	}
}

// typeOf returns the type of a span of the record.
func (a *Audit) typeOf(x *auditSpan, s *otlp.Span) *auditType {
	n := a.names.of(s.Name)
	for int(n) >= len(a.called) {
		a.called = append(a.called, nil)
	}
	if a.called[n] == nil {
		a.called[n] = a.typeCalled(strings.TrimPrefix(x.name, a.prefix+"."))
	}
	if !a.naming.templated || a.called[n].plain {
		return a.called[n]
	}
	class := ""
	if c := attrOf(x.said, a.known.class); c != nil && c.kind == otlp.KindText {
		class = string(a.textOf(c))
	}
	of, ok := a.naming.typeOf(x.name, s.Kind, class, func(name string) (string, bool) {
		v := attrOf(x.said, a.names.number(name))
		if v == nil || v.kind != otlp.KindText {
			return "", false
		}
		return string(a.textOf(v)), true
	})
	if !ok {
		return a.called[n]
	}
	return a.typeCalled(of)
}

// typeCalled returns the type of a name without namespace.
func (a *Audit) typeCalled(bare string) *auditType {
	t := a.types[bare]
	if t == nil {
		t = &auditType{bare: bare, plain: a.naming.plainly(bare), story: stories[bare]}
		t.event, t.fails = eventOfType(bare)
		for _, m := range a.metrics {
			if m.def.Span == bare {
				t.metrics = append(t.metrics, m)
			}
		}
		a.types[bare] = t
	}
	return t
}

// auditScratch is memory that an audit uses again and again.
type auditScratch struct {
	ticks     []uint64
	sorted    []int
	got, want []expectedLog
	buckets   []uint64
	exemplars []int
}
