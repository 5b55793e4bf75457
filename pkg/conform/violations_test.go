package conform

import (
	"slices"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// violation is what can be planted in the last turn of a valid story.
type violation struct {
	rule, why string
	unified   bool
	plant     func(st *story, t *turn)
}

// violations are those in spans, traces and sessions.
var violations = []violation{
	{"namespace", "an attribute in that of the conventions", false, func(_ *story, t *turn) {
		t.the("planner", 0).rename("*.step.outcome", "vendor.step.outcome")
	}},
	{"namespace", "a span in that of the conventions", false, func(_ *story, t *turn) { t.the("planner", 0).name = "vendor.planner" }},
	{"namespace", "a span without any", false, func(_ *story, t *turn) { t.the("planner", 0).name = "planner" }},
	{"namespace", "one of the three bare types with the prefix", false, func(_ *story, t *turn) { t.the("rag.retrieve", 0).name = "*.rag.retrieve" }},
	{"namespace", "an attribute of a resource", false, func(st *story, _ *turn) { st.resources[2].rename("*.tenant.id", "vendor.tenant.id") }},
	{"namespace", "an event", false, func(_ *story, t *turn) { t.the("planner", 0).events[0].name = "vendor.planning.result" }},
	{"namespace-missing", "a bare tenant", false, func(_ *story, t *turn) { t.the("planner", 0).rename("*.tenant.id", "tenant.id") }},

	{"span-unknown", "a type that nothing defines", false, func(_ *story, t *turn) {
		s := t.the("a2a.call", 0)
		s.name = "*.a2a.shout"
		s.drop("*.span.class")
		s.drop("a2a.protocol")
		s.drop("a2a.operation")
		s.drop("a2a.request.id")
	}},
	{"span-kind", "a planner that is a client", false, func(_ *story, t *turn) { t.the("planner", 0).kind = otlp.SpanKindClient }},
	{"span-class", "another type", false, func(_ *story, t *turn) { t.the("llm.call", 0).set("*.span.class", "planner") }},
	{"span-class", "no type at all", false, func(_ *story, t *turn) { t.the("llm.call", 0).set("*.span.class", "odd") }},
	{"span-root", "a planner", false, func(_ *story, t *turn) {
		s := t.the("planner", 0)
		s.parent, s.trace, s.start, s.end = nil, 99, 200_000, 200_010
		s.events[0].at = s.end
		s.links = []*telling{t.the("response.validation", 0)}
		s.set("*.request.id", "req_2")
	}},
	{"span-parent", "a model call below the orchestration", false, func(_ *story, t *turn) {
		t.the("llm.call", 0).parent = t.the("a2a.orchestrate", 0)
	}},
	{"span-parent", "a validation in an orchestration", false, func(_ *story, t *turn) {
		t.the("validation.payload", 0).parent, t.the("validation.payload", 0).trace = t.the("a2a.orchestrate", 0), t.the("a2a.orchestrate", 0).trace
		t.the("validation.payload", 0).start += 60
		t.the("validation.payload", 0).end += 60
	}},
	{"span-orphan", "a parent that is not there", false, func(_ *story, t *turn) { t.the("planner", 0).orphan = true }},
	{"task-type", "a tool call in a task for models", false, func(_ *story, t *turn) { t.the("task.execute", 4).set("*.task.type", "llm_call") }},
	{"time-order", "an end before the start", false, func(_ *story, t *turn) {
		s := t.the("a2a.call", 0)
		s.start, s.end = s.end, s.start
	}},
	{"time-parent", "a child that outlives its parent", false, func(_ *story, t *turn) { t.the("a2a.call", 0).end += 60 }},
	{"time-parent", "a child that comes too early", false, func(_ *story, t *turn) { t.the("a2a.call", 0).start -= 60 }},

	{"attribute-unknown", "an attribute of nobody", false, func(_ *story, t *turn) { t.the("planner", 0).set("house.colour", "red") }},
	{"attribute-unknown", "one in the namespace", false, func(_ *story, t *turn) { t.the("planner", 0).set("*.colour", "red") }},
	{"attribute-unknown", "one of a resource", false, func(st *story, _ *turn) { st.resources[1].set("house.colour", "red") }},
	{"attribute-missing", "a class", false, func(_ *story, t *turn) { t.the("planner", 0).drop("*.span.class") }},
	{"attribute-missing", "an outcome", false, func(_ *story, t *turn) { t.the("llm.call", 0).drop("*.step.outcome") }},
	{"attribute-missing", "a provider", false, func(_ *story, t *turn) { t.the("llm.call", 0).drop("gen_ai.provider.name") }},
	{"attribute-missing", "an environment", false, func(_ *story, t *turn) { t.the("a2a.orchestrate", 0).drop("deployment.environment.name") }},
	{"attribute-missing", "a call id", false, func(_ *story, t *turn) { t.the("mcp.tool.execute.attempt", 0).drop("*.mcp.tool.call.id") }},
	{"attribute-type", "a number as text", false, func(_ *story, t *turn) { t.the("llm.call", 0).set("gen_ai.usage.input_tokens", "many") }},
	{"attribute-type", "a list as text", false, func(_ *story, t *turn) { t.the("llm.call", 0).set("gen_ai.response.finish_reasons", "stop") }},
	{"attribute-value", "a type of task", false, func(_ *story, t *turn) { t.the("task.execute", 5).set("*.task.type", "llm_calls") }},
	{"attribute-value", "an element of a list", false, func(_ *story, t *turn) {
		t.the("llm.call", 1).edit("gen_ai.output.messages", `,"finish_reason":"stop"`, "")
		t.the("llm.call", 1).set("gen_ai.response.finish_reasons", []string{"tired"})
	}},
	{"attribute-value", "an outcome of the control plane on a data plane span", false, func(_ *story, t *turn) {
		t.the("planner", 0).set("*.step.outcome", "pass")
	}},
	{"attribute-value", "an outcome of the data plane on a control plane span", false, func(_ *story, t *turn) {
		t.the("augmentation", 0).set("*.step.outcome", "success")
	}},
	{"attribute-value", "the environment of a resource", false, func(st *story, _ *turn) {
		st.resources[3].set("deployment.environment.name", "prod")
	}},
	{"attribute-value", "an error type beside the five", false, func(_ *story, t *turn) {
		partial(t)
		t.the("mcp.tool.execute", 1).set("error.type", "bad_luck")
	}},
	{"attribute-twice", "a tenant", false, func(_ *story, t *turn) {
		s := t.the("planner", 0)
		s.attrs = append(s.attrs, said{"*.tenant.id", "tenant-1"})
	}},
	{"resource-missing", "a version", false, func(st *story, _ *turn) { st.resources[4].drop("service.version") }},
	{"resource-session", "the session", false, func(st *story, _ *turn) { st.resources[4].set("*.session.id", "sess_1") }},
	{"resource-instance", "another one in a later turn", false, func(st *story, t *turn) {
		st.resources = append(st.resources, &telling{name: "gateway", attrs: slices.Clone(st.resources[0].attrs)})
		st.resources[len(st.resources)-1].set("service.instance.id", "desk-3-1")
		t.the("request.validation", 0).resource = len(st.resources) - 1
	}},
	{"resource-module", "an agent call of the control plane", false, func(_ *story, t *turn) { t.the("a2a.call", 0).resource = 0 }},
	{"resource-component", "a planner of the model client", false, func(_ *story, t *turn) { t.the("planner", 0).resource = 4 }},

	{"event-unknown", "something that happens", false, func(_ *story, t *turn) { t.the("planner", 0).happens("*.coffee.break") }},
	{"event-span", "a plan in a model call", false, func(_ *story, t *turn) {
		t.the("llm.call", 0).happens("*.planning.result", said{"*.planning.tasks", "[]"})
	}},
	{"event-missing", "a validation error without path", false, func(_ *story, t *turn) {
		refuse(t, "invalid_payload")
		t.the("validation.payload", 0).events[0].attrs = t.the("validation.payload", 0).events[0].attrs[1:]
	}},
	{"event-time", "after the end", false, func(_ *story, t *turn) { t.the("planner", 0).events[0].at += 100 }},
	{"event-value", "other hits than results", false, func(_ *story, t *turn) {
		t.the("context.augment", 0).events[0].attrs[0].value = 3
	}},

	{"status-ok", "on a planner", false, func(_ *story, t *turn) { t.the("planner", 0).ok = true }},
	{"status-outcome", "a fail that is none", false, func(_ *story, t *turn) { t.the("planner", 0).set("*.step.outcome", "fail") }},
	{"status-outcome", "a policy that failed and passed", false, func(_ *story, t *turn) {
		t.the("validation.policy", 1).fails("*.step.outcome", "pass")
		t.the("response.validation", 0).fails("*.response.outcome", "error")
	}},
	{"status-outcome", "an attempt that failed with success", false, func(_ *story, t *turn) {
		t.the("mcp.tool.execute.attempt", 0).set("*.mcp.attempt.outcome", "success")
	}},
	{"status-outcome", "a blocked request is no error", false, func(_ *story, t *turn) {
		refuse(t, "invalid_payload")
		t.the("request.validation", 0).fails("*.request.outcome", "blocked")
	}},
	{"status-outcome", "a request that fails alone", true, func(_ *story, t *turn) {
		t.the("cp.request", 0).fails("*.request.outcome", "allowed")
	}},
	{"error-type", "on a success", false, func(_ *story, t *turn) { t.the("mcp.tool.execute", 1).set("error.type", "timeout") }},
	{"error-type", "missing on an error", false, func(_ *story, t *turn) { t.the("mcp.tool.execute.attempt", 0).drop("error.type") }},
	{"error-category", "on a success", false, func(_ *story, t *turn) { t.the("planner", 0).set("*.error.category", "runtime") }},
	{"exception", "missing on an error", false, func(_ *story, t *turn) { t.the("mcp.tool.execute.attempt", 0).events = nil }},
	{"exception", "on a success", false, func(_ *story, t *turn) {
		t.the("planner", 0).happens("exception", said{"exception.type", "E"}, said{"exception.message", "e"})
	}},

	{"attempt-index", "from 0", false, func(_ *story, t *turn) {
		t.the("mcp.tool.execute.attempt", 0).set("*.mcp.attempt.index", 0)
		t.the("mcp.tool.execute.attempt", 1).set("*.mcp.attempt.index", 1)
	}},
	{"attempt-order", "both at once", false, func(_ *story, t *turn) {
		a, b := t.the("mcp.tool.execute.attempt", 0), t.the("mcp.tool.execute.attempt", 1)
		b.start = a.start
	}},
	{"retry-first", "a reason", false, func(_ *story, t *turn) { t.the("mcp.tool.execute.attempt", 2).set("*.retry.reason", "timeout") }},
	{"retry-first", "a backoff", false, func(_ *story, t *turn) { t.the("mcp.tool.execute.attempt", 0).set("*.retry.backoff.ms", 0) }},
	{"retry-backoff", "shorter than it says", false, func(_ *story, t *turn) {
		t.the("mcp.tool.execute.attempt", 1).set("*.retry.backoff.ms", 60)
	}},
	{"retry-count", "as many as attempts", false, func(_ *story, t *turn) { t.the("mcp.tool.execute", 0).set("*.retry.count", 2) }},
	{"retry-policy", "with one attempt", false, func(_ *story, t *turn) { t.the("mcp.tool.execute", 1).set("*.retry.policy", "fixed") }},
	{"retry-policy", "none with two", false, func(_ *story, t *turn) { t.the("mcp.tool.execute", 0).set("*.retry.policy", "none") }},
	{"tool-attempts", "none", false, func(_ *story, t *turn) { t.without(t.the("mcp.tool.execute.attempt", 2)) }},
	{"tool-outcome", "a failure that succeeds", false, func(_ *story, t *turn) {
		t.the("mcp.tool.execute.attempt", 2).fails("*.mcp.attempt.outcome", "fail")
		t.the("task.execute", 4).fails("*.step.outcome", "fail")
		t.the("a2a.orchestrate", 0).set("*.a2a.outcome", "partial")
	}},
	{"tool-outcome", "a success that fails", false, func(_ *story, t *turn) {
		t.the("mcp.tool.execute", 0).fails("*.step.outcome", "fail")
		t.the("task.execute", 3).fails("*.step.outcome", "fail")
		t.the("a2a.orchestrate", 0).set("*.a2a.outcome", "partial")
	}},
	{"call-id", "an attempt of another call", false, func(_ *story, t *turn) {
		t.the("mcp.tool.execute.attempt", 2).set("*.mcp.tool.call.id", "call_9")
	}},
	{"call-id", "a result of no call", false, func(_ *story, t *turn) {
		t.the("llm.tool.response.bridge", 0).set("gen_ai.tool.call.id", "call_9")
	}},
	{"call-id-unique", "the same call twice", false, func(_ *story, t *turn) {
		for _, s := range []*telling{t.the("mcp.tool.execute", 1), t.the("mcp.tool.execute.attempt", 2)} {
			s.set("*.mcp.tool.call.id", "call_1")
		}
	}},
	{"task-id", "the same task twice", false, func(_ *story, t *turn) { t.the("task.execute", 3).set("*.task.id", "task_1") }},
	{"task-outcome", "a task that does not mind", false, func(_ *story, t *turn) {
		partial(t)
		s := t.the("task.execute", 4)
		s.failed, s.events = false, nil
		s.set("*.step.outcome", "success")
		s.drop("error.type")
		s.drop("*.error.category")
	}},
	{"orchestration-outcome", "success with a failed task", false, func(_ *story, t *turn) {
		partial(t)
		t.the("a2a.orchestrate", 0).set("*.a2a.outcome", "success")
	}},
	{"orchestration-outcome", "partial without a failure", false, func(_ *story, t *turn) {
		t.the("a2a.orchestrate", 0).set("*.a2a.outcome", "partial")
	}},
	{"orchestration-own", "error although there is an answer", false, func(_ *story, t *turn) {
		partial(t)
		t.the("a2a.orchestrate", 0).fails("*.a2a.outcome", "error")
		t.the("response.validation", 0).fails("*.response.outcome", "error")
	}},
	{"orchestration-outcome", "partial without an answer", false, func(_ *story, t *turn) {
		t.the("response.compose", 0).fails("*.step.outcome", "fail")
		t.the("a2a.orchestrate", 0).set("*.a2a.outcome", "partial")
	}},
	{"orchestration-outcome", "success of a failure, and nothing composed", false, func(_ *story, t *turn) {
		partial(t)
		t.without(t.the("response.compose", 0))
		t.the("a2a.orchestrate", 0).set("*.a2a.outcome", "success")
	}},
	{"orchestration-own", "a failure of nothing", false, func(_ *story, t *turn) {
		t.the("a2a.orchestrate", 0).fails("*.a2a.outcome", "error")
		t.the("response.validation", 0).fails("*.response.outcome", "error")
	}},
	{"response-format", "a stream of what came at once", false, func(_ *story, t *turn) {
		t.the("response.compose", 0).set("*.response.format", "a2a_stream")
	}},

	{"validation-result", "valid and failed", false, func(_ *story, t *turn) {
		refuse(t, "invalid_payload")
		t.the("validation.payload", 0).set("*.validation.result", "valid")
	}},
	{"policy-decision", "passed by a block", false, func(_ *story, t *turn) {
		t.the("validation.policy", 1).set("*.policy.decision", "block")
		t.the("response.validation", 0).set("*.response.outcome", "blocked")
		t.the("response.validation", 0).set("*.block.reason", "response_policy")
	}},
	{"request-outcome", "allowed with a failed step", false, func(_ *story, t *turn) { t.the("augmentation", 0).fails("*.step.outcome", "fail") }},
	{"request-outcome", "allowed against a policy", false, func(_ *story, t *turn) {
		t.the("validation.policy", 0).set("*.policy.decision", "block")
		t.the("validation.policy", 0).set("*.step.outcome", "block")
	}},
	{"response-verdict", "allowed against a policy", false, func(_ *story, t *turn) {
		t.the("validation.policy", 1).set("*.policy.decision", "block")
		t.the("validation.policy", 1).set("*.step.outcome", "block")
	}},
	{"block-reason", "none", false, func(_ *story, t *turn) {
		refuse(t, "invalid_payload")
		t.the("request.validation", 0).drop("*.block.reason")
	}},
	{"block-reason", "for something that is allowed", false, func(_ *story, t *turn) {
		t.the("request.validation", 0).set("*.block.reason", "unknown")
	}},
	{"block-step", "another step", false, func(_ *story, t *turn) { refuse(t, "request_policy") }},
	{"block-step", "no step", false, func(_ *story, t *turn) { refuse(t, "rate_limited") }},
	{"audit-flag", "none", false, func(_ *story, t *turn) { t.the("validation.policy", 0).set("*.policy.decision", "allow_with_audit") }},
	{"audit-flag", "for nothing", false, func(_ *story, t *turn) {
		t.the("response.validation", 0).set("*.response.audit.flag", true)
		t.the("response.validation", 0).set("*.response.audit.source", "policy")
	}},
	{"audit-source", "none", false, func(_ *story, t *turn) {
		flagged(t)
		t.the("request.validation", 0).drop("*.request.audit.source")
	}},
	{"outcome-mirror", "blocked, and was not", true, func(_ *story, t *turn) { t.the("cp.request", 0).set("*.response.outcome", "blocked") }},

	{"content-capture", "messages without it", false, func(_ *story, t *turn) {
		t.the("llm.call", 0).set("*.llm.content.capture.enabled", false)
	}},
	{"content-capture", "redacted messages without it", false, func(_ *story, t *turn) {
		redact(t)
		t.the("llm.call", 0).drop("*.llm.content.capture.enabled")
	}},
	{"content-redacted", "without redaction", false, func(_ *story, t *turn) {
		redact(t)
		t.the("llm.call", 0).set("*.llm.content.redaction.enabled", false)
	}},
	{"content-raw", "beside redaction", false, func(_ *story, t *turn) { t.the("llm.call", 0).set("*.llm.content.redaction.enabled", true) }},
	{"content-raw", "at level basic", false, func(_ *story, t *turn) { t.the("llm.call", 0).set("*.redaction.applied", "basic") }},
	{"content-raw", "in an event", false, func(_ *story, t *turn) {
		s := t.the("tools.recommend", 0)
		s.set("*.redaction.applied", "basic")
		s.happens("*.agent.tool_selection", said{"*.agent.tool_selection.input.raw", "help"}, said{"*.agent.tool_selection.tool.plan", "{}"})
	}},
	{"messages", "plain words", false, func(_ *story, t *turn) { t.the("llm.call", 0).set("gen_ai.input.messages", "help") }},
	{"messages", "content in place of parts", false, func(_ *story, t *turn) {
		t.the("llm.call", 0).set("gen_ai.output.messages", `[{"role":"assistant","content":"x"}]`)
	}},
	{"messages", "a part without type", false, func(_ *story, t *turn) {
		redact(t)
		t.the("llm.call", 0).set("*.gen_ai.input.redacted", `[{"role":"user","parts":[{"content":"x"}]}]`)
	}},

	{"provider-model", "somebody else's", false, func(_ *story, t *turn) { t.the("llm.call", 0).set("gen_ai.provider.name", "anthropic") }},
	{"provider-model", "somebody else answers", false, func(_ *story, t *turn) { t.the("llm.call", 0).set("gen_ai.response.model", "claude-x") }},
	{"finish-reason", "an error in a success", false, func(_ *story, t *turn) {
		t.the("llm.call", 0).set("gen_ai.response.finish_reasons", []string{"error"})
	}},
	{"tools-selected", "more than there are", false, func(_ *story, t *turn) {
		t.the("tools.recommend", 0).set("*.mcp.tools.available.count", 1)
	}},
	{"tools-executed", "more than asked for", false, func(_ *story, t *turn) { t.the("llm.call", 0).set("*.llm.tool.request.count", 1) }},
	{"negative", "tokens", false, func(_ *story, t *turn) { t.the("llm.call", 0).set("gen_ai.usage.cache_write.input_tokens", -1) }},
	{"latency", "of a choice", false, func(_ *story, t *turn) { t.the("tools.recommend", 0).set("*.mcp.selection.latency.ms", 42) }},

	{"session", "another one on a span", false, func(_ *story, t *turn) { t.the("planner", 0).set("*.session.id", "sess_2") }},
	{"conversation", "another one", false, func(_ *story, t *turn) { t.the("planner", 0).set("gen_ai.conversation.id", "sess_2") }},
	{"user", "two in a trace", false, func(_ *story, t *turn) { t.the("context.augment", 0).set("enduser.id", "usr_2") }},
	{"user", "two in a session", false, func(_ *story, t *turn) {
		t.all(func(s *telling) {
			for i := range s.attrs {
				if s.attrs[i].value == "usr_1" {
					s.attrs[i].value = "usr_2"
				}
			}
		})
	}},
	{"tenant", "two in a trace", false, func(_ *story, t *turn) { t.the("planner", 0).set("*.tenant.id", "tenant-2") }},
	{"request-id", "two in a trace", false, func(_ *story, t *turn) { t.the("planner", 0).set("*.request.id", "req_0") }},
	{"trace-reference", "the request's", false, func(_ *story, t *turn) {
		t.the("a2a.orchestrate", 0).set("*.cp.incoming_trace_id", hexOf(t.the("a2a.orchestrate", 0)))
	}},
	{"trace-reference", "the orchestration's", false, func(_ *story, t *turn) {
		t.the("response.validation", 0).set("*.dp.trace_id", hexOf(t.the("request.validation", 0)))
	}},
	{"trace-reference", "its own", true, func(_ *story, t *turn) {
		t.the("cp.request", 0).set("*.cp.incoming_trace_id", "00000000000000000000000000000001")
	}},
	{"trace-order", "a response before the end of the work", false, func(_ *story, t *turn) {
		t.the("a2a.orchestrate", 0).end += 100
	}},
	{"trace-order", "parts of one trace", true, func(_ *story, t *turn) {
		t.the("a2a.orchestrate", 0).end += 100
	}},
	{"trace-order", "a turn before the end of the one before", false, func(st *story, _ *turn) {
		st.turns[0].the("response.validation", 0).end = 100_010
	}},
	{"link", "forward", false, func(_ *story, t *turn) {
		t.the("a2a.orchestrate", 0).links = []*telling{t.the("response.validation", 0)}
	}},
	{"link", "to itself", false, func(_ *story, t *turn) {
		t.the("a2a.orchestrate", 0).links = []*telling{t.the("a2a.orchestrate", 0)}
	}},
	{"link", "to a span below the root", false, func(_ *story, t *turn) {
		t.the("a2a.orchestrate", 0).links = []*telling{t.the("augmentation", 0)}
	}},
	{"link-missing", "of the second turn", false, func(_ *story, t *turn) { t.the("request.validation", 0).links = nil }},
	{"part-twice", "two requests", true, func(_ *story, t *turn) {
		s := *t.the("augmentation", 0)
		s.name, s.id, s.kind, s.parent = "*.request.validation", 200, otlp.SpanKindServer, t.the("cp.request", 0)
		s.start, s.end = t.the("response.validation", 0).end, t.the("response.validation", 0).end+1
		s.attrs = t.the("request.validation", 0).attrs
		t.spans = append(t.spans, &s)
	}},
	{"blocked-flow", "work for a blocked request", false, func(_ *story, t *turn) {
		s := t.the("request.validation", 0)
		s.set("*.request.outcome", "blocked")
		s.set("*.block.reason", "rate_limited")
	}},
	{"response-outcome", "allowed after an error", false, func(_ *story, t *turn) {
		t.the("response.compose", 0).fails("*.step.outcome", "fail")
		t.the("a2a.orchestrate", 0).fails("*.a2a.outcome", "error")
	}},
	{"response-outcome", "an error after a success", false, func(_ *story, t *turn) {
		t.the("response.validation", 0).fails("*.response.outcome", "error")
	}},
	{"response-outcome", "an error after a success, in one trace", true, func(_ *story, t *turn) {
		t.the("response.validation", 0).fails("*.response.outcome", "error")
		t.the("cp.request", 0).fails("*.request.outcome", "allowed")
		t.the("cp.request", 0).set("*.response.outcome", "error")
	}},
}
