package signals

import (
	"strings"

	"github.com/otelsim/otelsim/pkg/build/scenario"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// event says what the logs of a span type tell.
type event uint8

const (
	eventNone     event = iota
	eventRequest        // the verdict on a request
	eventResponse       // the verdict on a response
	eventPayload        // validation errors
	eventPolicy         // the decision of a policy engine
	eventTurn           // start and end
	eventModel
	eventTool
	eventAttempt // failures and retries
	eventAugment
	eventRetrieve
	eventAgent
	eventStep // only when it failed
)

// eventOf gives the events of span types.
var eventOf = map[string]event{
	"request.validation":       eventRequest,
	"response.validation":      eventResponse,
	"validation.payload":       eventPayload,
	"validation.policy":        eventPolicy,
	"augmentation":             eventStep,
	"a2a.orchestrate":          eventTurn,
	"planner":                  eventStep,
	"context.augment":          eventAugment,
	"llm.call":                 eventModel,
	"llm.tool.response.bridge": eventStep,
	"tools.recommend":          eventStep,
	"mcp.tool.execute":         eventTool,
	"mcp.tool.execute.attempt": eventAttempt,
	"response.compose":         eventStep,
	"rag.retrieve":             eventRetrieve,
	"a2a.call":                 eventAgent,
}

// everywhere are the attributes that tie records to each other and to the rest
// of a request, of every event whose span has them.
const everywhere = `* session.id  gen_ai.conversation.id  * tenant.id  * request.id
	* cp.incoming_trace_id  * cp.outgoing_trace_id  * dp.trace_id
	* request.outcome  * request.audit.flag  * request.audit.source
	* response.outcome  * response.audit.flag  * response.audit.source
	error.type  * error.category`

// about are the attributes that say what an event is about. A star stands for
// the prefix of the name after it.
var about = map[event]string{
	eventRequest:  "* block.reason  * policy.fail_mode",
	eventResponse: "* block.reason  * policy.fail_mode",
	eventPayload:  "* validation.result  * step.outcome",
	eventPolicy: `* policy.engine  * policy.decision  * policy.rule.id  * policy.reason
		* policy.severity  * step.outcome`,
	eventTurn: "* a2a.agent.target.id  * a2a.outcome",
	eventModel: `gen_ai.operation.name  gen_ai.provider.name  gen_ai.system  gen_ai.request.model
		gen_ai.response.model  gen_ai.usage.input_tokens  gen_ai.usage.output_tokens
		gen_ai.response.finish_reason  gen_ai.response.finish_reasons  * step.outcome
		* redaction.applied  gen_ai.input.messages  gen_ai.output.messages
		* gen_ai.input.redacted  * gen_ai.output.redacted`,
	eventTool: "gen_ai.tool.name  * mcp.tool.call.id  * mcp.server.uuid  * mcp.tool.uuid  * retry.count  * step.outcome",
	eventAttempt: `gen_ai.tool.name  * mcp.tool.call.id  * mcp.attempt.index  * mcp.attempt.outcome
		* retry.reason  * retry.backoff.ms  http.response.status_code`,
	eventAugment:  "* rag.source  * rag.strategy  * rag.query.count  * rag.result.count  * step.outcome",
	eventRetrieve: "* rag.source  * rag.strategy  * rag.query.count  * rag.result.count  * step.outcome",
	eventAgent:    "* a2a.agent.target.id  a2a.protocol  a2a.operation  a2a.request.id  a2a.trust.boundary  * step.outcome",
	eventStep:     "* span.class  * step.outcome  * block.reason",
}

// later are the attributes that say how something ended, or what comes after it:
// no record of its start has them.
const later = `* a2a.outcome  * step.outcome  * mcp.attempt.outcome  error.type  * error.category
	http.response.status_code  * cp.outgoing_trace_id
	* response.outcome  * response.audit.flag  * response.audit.source`

// words are the strings that logs are made of, and the keys and values that
// decide about them.
type words struct {
	requests, responses verdictWords
	validationError     otlp.StringID // the same on spans and as the name of the log
	policyDecision      otlp.StringID // the key, and the name of the log
	turnStart, turnEnd  otlp.StringID
	llmCall, toolCall   otlp.StringID
	toolRetry           otlp.StringID
	attemptFailed       otlp.StringID
	augment, retrieve   otlp.StringID
	agentCall           otlp.StringID
	stepFailed          otlp.StringID

	info, warn, fail otlp.StringID // severities

	blockReason, policyEngine, errorType     otlp.StringID
	a2aOutcome, attemptIndex, agent, class   otlp.StringID
	toolName, model, rule, path              otlp.StringID
	blocked, partial, allow                  otlp.StringID
	bodyTurnStart, bodyTurnEnd, bodyTurnPart otlp.StringID

	later []otlp.StringID // keys of what nobody knows before a span ends
}

// verdictWords name the logs of a validation, and what its outcome is read
// from.
type verdictWords struct {
	allowed, flagged, blocked, failed otlp.StringID
	outcome, flag                     otlp.StringID
	noun                              string
}

// logs compiles the words, and which attributes logs copy.
func (c *compiler) logs() {
	own := func(bare string) otlp.StringID { return c.strs.ID(c.in.Plan.Prefix + "." + bare) }
	verdict := func(noun string) verdictWords {
		return verdictWords{
			allowed: own(noun + ".allowed"), flagged: own(noun + ".flagged"),
			blocked: own(noun + ".blocked"), failed: own(noun + ".failed"),
			outcome: own(noun + ".outcome"), flag: own(noun + ".audit.flag"), noun: noun,
		}
	}
	c.out.words = words{
		requests: verdict("request"), responses: verdict("response"),
		validationError: own("validation.error"), policyDecision: own("policy.decision"),
		turnStart: own("turn.start"), turnEnd: own("turn.end"),
		llmCall: own("llm.call"), toolCall: own("tool.call"), toolRetry: own("tool.retry"),
		attemptFailed: own("tool.attempt.failed"), augment: own("context.augment"),
		retrieve: own("rag.retrieve"), agentCall: own("a2a.call"), stepFailed: own("step.failed"),

		info: c.strs.ID("INFO"), warn: c.strs.ID("WARN"), fail: c.strs.ID("ERROR"),

		blockReason: own("block.reason"), policyEngine: own("policy.engine"), errorType: c.strs.ID("error.type"),
		a2aOutcome: own("a2a.outcome"), attemptIndex: own("mcp.attempt.index"),
		agent: own("a2a.agent.target.id"), class: own("span.class"), toolName: c.strs.ID("gen_ai.tool.name"),
		model: c.strs.ID("gen_ai.request.model"), rule: own("validation.error.rule"), path: own("validation.error.path"),
		blocked: c.strs.ID("blocked"), partial: c.strs.ID("partial"), allow: c.strs.ID("allow"),

		bodyTurnStart: c.strs.ID("turn started"), bodyTurnEnd: c.strs.ID("turn ended"),
		bodyTurnPart: c.strs.ID("turn ended with a part of the answer"),
	}
	c.each(later, func(id otlp.StringID) { c.out.words.later = append(c.out.words.later, id) })
	for i, t := range scenario.SpanTypes {
		if e := c.out.classes[i].event; e != eventNone {
			c.want(i, everywhere)
			c.want(i, about[e])
			if t.Name == "a2a.call" {
				c.want(i, "* a2a.outcome")
			}
		}
	}
}

// want makes the logs of a class copy the attributes of a list.
func (c *compiler) want(class int, list string) {
	c.each(list, func(id otlp.StringID) {
		for len(c.out.wanted) <= int(id) {
			c.out.wanted = append(c.out.wanted, 0)
		}
		c.out.wanted[id] |= 1 << class
	})
}

// each calls f with the attributes of a list, in which a star stands for the
// prefix of the name after it.
func (c *compiler) each(list string, f func(otlp.StringID)) {
	prefix := ""
	for name := range strings.FieldsSeq(list) {
		if name == "*" {
			prefix = c.in.Plan.Prefix + "."
			continue
		}
		f(c.strs.ID(prefix + name))
		prefix = ""
	}
}
