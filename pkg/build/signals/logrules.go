package signals

import (
	"strings"

	"github.com/otelsim/otelsim/pkg/build/vocab"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// everywhere are the attributes that tie records to each other and to the rest
// of a request, of every event whose span has them. A star stands for the prefix
// of the name after it.
const everywhere = `* session.id  gen_ai.conversation.id  * tenant.id  * request.id
	* cp.incoming_trace_id  * cp.outgoing_trace_id  * dp.trace_id
	* request.outcome  * request.audit.flag  * request.audit.source
	* response.outcome  * response.audit.flag  * response.audit.source
	error.type  * error.category`

// later are the attributes that say how something ended, or what comes after it:
// no record of its start has them.
const later = `* a2a.outcome  * step.outcome  * mcp.attempt.outcome  error.type  * error.category
	http.response.status_code  * cp.outgoing_trace_id
	* response.outcome  * response.audit.flag  * response.audit.source`

// telling is how a class of spans is logged.
type telling struct {
	story   vocab.Story
	event   otlp.StringID // name of the record, of stories that have one
	noun    string        // that the body begins with
	about   otlp.StringID // key of the value that the body adds; 0: none
	verdict verdictWords  // of vocab.Verdict
}

// telling compiles how spans of a type are logged.
func (c *compiler) telling(l vocab.Log) telling {
	out := telling{story: l.Story, noun: l.Noun}
	if l.Event != "" {
		out.event = c.own(l.Event)
	}
	c.each(l.About, func(id otlp.StringID) { out.about = id })
	if l.Story == vocab.Verdict {
		out.verdict = verdictWords{
			allowed: c.own(l.Noun + ".allowed"), flagged: c.own(l.Noun + ".flagged"),
			blocked: c.own(l.Noun + ".blocked"), failed: c.own(l.Noun + ".failed"),
			outcome: c.own(l.Noun + ".outcome"), flag: c.own(l.Noun + ".audit.flag"),
		}
	}
	return out
}

// own is a name under the prefix.
func (c *compiler) own(bare string) otlp.StringID { return c.strs.ID(c.in.Plan.Prefix + "." + bare) }

// words are the strings that logs are made of, and the keys and values that
// decide about them.
type words struct {
	validationError    otlp.StringID // the same on spans and as the name of the log
	policyDecision     otlp.StringID // the key, and the name of the log
	turnStart, turnEnd otlp.StringID
	toolRetry          otlp.StringID
	attemptFailed      otlp.StringID

	info, warn, fail otlp.StringID // severities

	blockReason, policyEngine, errorType     otlp.StringID
	a2aOutcome, attemptIndex, rule, path     otlp.StringID
	blocked, partial, allow                  otlp.StringID
	bodyTurnStart, bodyTurnEnd, bodyTurnPart otlp.StringID

	evaluation, label otlp.StringID // keys of notes

	later []otlp.StringID // keys of what nobody knows before a span ends
}

// verdictWords name the logs of a validation, and what its outcome is read
// from.
type verdictWords struct {
	allowed, flagged, blocked, failed otlp.StringID
	outcome, flag                     otlp.StringID
}

// logs compiles the words, and which attributes logs copy.
func (c *compiler) logs() {
	c.out.words = words{
		validationError: c.own("validation.error"), policyDecision: c.own("policy.decision"),
		turnStart: c.own("turn.start"), turnEnd: c.own("turn.end"),
		toolRetry: c.own("tool.retry"), attemptFailed: c.own("tool.attempt.failed"),

		info: c.strs.ID("INFO"), warn: c.strs.ID("WARN"), fail: c.strs.ID("ERROR"),

		blockReason: c.own("block.reason"), policyEngine: c.own("policy.engine"), errorType: c.strs.ID("error.type"),
		a2aOutcome: c.own("a2a.outcome"), attemptIndex: c.strs.ID(c.full("mcp.attempt.index")),
		rule: c.own("validation.error.rule"), path: c.own("validation.error.path"),
		blocked: c.strs.ID("blocked"), partial: c.strs.ID("partial"), allow: c.strs.ID("allow"),

		bodyTurnStart: c.strs.ID("turn started"), bodyTurnEnd: c.strs.ID("turn ended"),
		bodyTurnPart: c.strs.ID("turn ended with a part of the answer"),
	}
	c.out.words.evaluation, c.out.words.label = c.in.Plan.Judgement.Name, c.in.Plan.Judgement.Label
	c.identify(noted)
	c.want(noted, ofNotes)
	c.each(later, func(id otlp.StringID) { c.out.words.later = append(c.out.words.later, id) })
	for i, t := range vocab.All() {
		c.out.classes[i].telling = c.telling(t.Log)
		if t.Log.Story != vocab.Silent {
			c.identify(i)
			c.want(i, t.Log.Copy)
		}
	}
}

// identify makes the logs of a class copy what ties records to each other.
func (c *compiler) identify(class int) {
	c.want(class, everywhere)
	for _, known := range c.in.Conventions.Vocabulary.Every {
		if known != "span.class" { // of the records that say it, see Copy
			c.want(class, c.full(known))
		}
	}
}

// want makes the logs of a class copy the attributes of a list.
func (c *compiler) want(class int, list string) {
	c.each(list, func(id otlp.StringID) {
		for len(c.out.wanted) <= int(id) {
			c.out.wanted = append(c.out.wanted, 0)
		}
		c.out.wanted[id] |= uint64(1) << class
	})
}

// each calls f with the attributes of a list, in which a star stands for the
// prefix of the name after it.
func (c *compiler) each(list string, f func(otlp.StringID)) {
	own := false
	for name := range strings.FieldsSeq(list) {
		if own = name == "*" || own; name == "*" {
			continue
		}
		if own {
			name = c.full(name)
		}
		f(c.strs.ID(name))
		own = false
	}
}
