package conform

import (
	"fmt"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// teller makes the spans of one turn.
type teller struct {
	*turn
	turnNumber int
	unified    *telling
	ids        byte
}

// components are the resources of a story, by their index.
var components = []string{"gateway", "orchestrator", "planning", "retrieval", "llm", "mcp_client", "tool_recommender"}

// tell returns a session of two turns: in the first a tool call takes two
// attempts and everything succeeds.
func tell(unified bool) *story {
	st := &story{}
	for i, c := range components {
		r := &telling{name: c}
		module := "data-plane"
		if i == 0 {
			module = "control-plane"
		}
		for _, a := range [][2]string{{"service.name", "assist"}, {"service.version", "1.0.0"}, {"deployment.environment.name", "production"},
			{"*.module", module}, {"*.component", c}, {"*.tenant.id", "tenant-1"}, {"service.instance.id", "assist-3"}} {
			r.set(a[0], a[1])
		}
		st.resources = append(st.resources, r)
	}
	var last *telling
	for n := range 2 {
		tl := &teller{turn: &turn{}, turnNumber: n}
		last = tl.request(uint64(n)*100_000, last, unified)
		st.turns = append(st.turns, tl.turn)
	}
	return st
}

// span adds a span.
func (tl *teller) span(parent *telling, class string, resource int, kind uint8, start, end uint64, attrs ...said) *telling {
	tl.ids++
	s := &telling{name: "*." + class, parent: parent, kind: kind, start: start, end: end, resource: resource, id: tl.ids}
	switch class {
	case "rag.retrieve", "a2a.call", "cp.request":
		s.name = class
	}
	if parent != nil {
		s.trace = parent.trace
	}
	for _, a := range [][2]string{{"*.span.class", class}, {"*.session.id", "sess_1"}, {"gen_ai.conversation.id", "sess_1"},
		{"*.tenant.id", "tenant-1"}, {"*.request.id", fmt.Sprintf("req_%d", tl.turnNumber)}} {
		s.set(a[0], a[1])
	}
	for _, a := range attrs {
		s.set(a.name, a.value)
	}
	tl.spans = append(tl.spans, s)
	return s
}

// part adds the root of a part of the request.
func (tl *teller) part(class string, resource int, start, end uint64, attrs ...said) *telling {
	s := tl.span(tl.unified, class, resource, otlp.SpanKindServer, start, end, attrs...)
	if tl.unified == nil {
		s.trace = byte(len(tl.roots())) + byte(10*tl.turnNumber)
	}
	return s
}

func (tl *teller) roots() (out []*telling) {
	for _, s := range tl.spans {
		if s.parent == nil {
			out = append(out, s)
		}
	}
	return out
}

func hexOf(s *telling) string { return fmt.Sprintf("%x", traceID(s.trace)) }

func step(outcome string) said { return said{"*.step.outcome", outcome} }

// request tells one request from a time on and returns its last root.
func (tl *teller) request(at uint64, last *telling, unified bool) *telling {
	if unified {
		tl.unified = tl.span(nil, "cp.request", 0, otlp.SpanKindServer, at, at+1000,
			said{"*.request.outcome", "allowed"}, said{"*.response.outcome", "allowed"})
		tl.unified.trace = byte(1 + 10*tl.turnNumber)
		tl.unified.set("*.cp.incoming_trace_id", hexOf(tl.unified))
	}
	request := tl.part("request.validation", 0, at, at+50, said{"*.request.outcome", "allowed"}, said{"*.enduser.pseudo.id", "usr_1"})
	tl.span(request, "validation.payload", 0, otlp.SpanKindInternal, at+1, at+10, step("pass"), said{"*.validation.result", "valid"})
	tl.span(request, "validation.policy", 0, otlp.SpanKindInternal, at+10, at+20, step("pass"),
		said{"*.policy.engine", "guard"}, said{"*.policy.decision", "allow"})
	tl.span(request, "augmentation", 0, otlp.SpanKindInternal, at+20, at+30, step("pass"), said{"*.augment.request_id.action", "created"})

	work := tl.work(at+50, hexOf(request))
	response := tl.part("response.validation", 0, at+900, at+950, said{"*.response.outcome", "allowed"},
		said{"*.cp.incoming_trace_id", hexOf(request)}, said{"*.dp.trace_id", hexOf(work)})
	response.set("*.cp.outgoing_trace_id", hexOf(response))
	tl.span(response, "validation.policy", 0, otlp.SpanKindInternal, at+910, at+920, step("pass"),
		said{"*.policy.engine", "guard"}, said{"*.policy.decision", "allow"})
	roots := tl.roots()
	for i, r := range roots {
		if i > 0 {
			last = roots[i-1]
		}
		if last != nil {
			r.links = []*telling{last}
		}
	}
	return roots[len(roots)-1]
}

// task adds a task around a step.
func (tl *teller) task(root *telling, n int, kind string, start, end uint64) *telling {
	return tl.span(root, "task.execute", 1, otlp.SpanKindInternal, start, end, step("success"),
		said{"*.task.id", fmt.Sprintf("task_%d", n)}, said{"*.task.type", kind}, said{"*.task.fallback.used", false})
}

// What is said in a turn: the model chooses two tools, is told what came of
// them, and answers.
const (
	asked    = `{"role":"user","parts":[{"type":"text","content":"My phone is broken."}]}`
	chosen   = `{"role":"assistant","parts":[{"type":"tool_call","id":"call_1","name":"diagnose","arguments":{"imei":"35"}},{"type":"tool_call","id":"call_2","name":"new_claim","arguments":{"what":"phone"}}]}`
	outcomes = `{"role":"tool","parts":[{"type":"tool_call_response","id":"call_1","response":{"battery":"bad"}}]},{"role":"tool","parts":[{"type":"tool_call_response","id":"call_2","response":{"claim":"CLM-1"}}]}`
	question = `[` + asked + `]`
	choice   = `[` + chosen + `]`
	history  = `[` + asked + `, ` + chosen + `,` + outcomes + `]`
	answer   = `[{"role":"assistant","parts":[{"type":"text","content":"I am sorry."}],"finish_reason":"stop"}]`
)

// model tells a call of a model.
func (tl *teller) model(task *telling, start, end uint64, in, out, reason string, tokens int) {
	tl.span(task, "llm.call", 4, otlp.SpanKindClient, start, end, step("success"), said{"gen_ai.operation.name", "chat"},
		said{"gen_ai.provider.name", "openai"}, said{"gen_ai.request.model", "gpt-4.1-mini"}, said{"gen_ai.response.model", "gpt-4.1-mini-2025-04-14"},
		said{"*.redaction.applied", "none"}, said{"server.address", "api.openai.com"},
		said{"gen_ai.response.finish_reasons", []string{reason}}, said{"gen_ai.usage.input_tokens", tokens}, said{"gen_ai.usage.output_tokens", 20},
		said{"gen_ai.usage.cache_read.input_tokens", tokens / 2}, said{"gen_ai.usage.cache_write.input_tokens", tokens / 4},
		said{"gen_ai.usage.reasoning.output_tokens", 5}, said{"*.llm.streaming", false},
		said{"*.llm.content.capture.enabled", true}, said{"*.llm.content.redaction.enabled", false},
		said{"*.llm.tool.request.count", 2}, said{"*.llm.tool.execution.count", 2},
		said{"gen_ai.input.messages", in}, said{"gen_ai.output.messages", out})
}

// work tells the orchestration.
func (tl *teller) work(at uint64, incoming string) *telling {
	who := []said{{"enduser.id", "usr_1"}, {"deployment.environment.name", "production"}, {"*.redaction.applied", "none"}}
	root := tl.part("a2a.orchestrate", 1, at, at+800, append(who, said{"*.a2a.outcome", "success"}, said{"*.a2a.agent.target.id", "agent-1"},
		said{"*.enduser.pseudo.id", "usr_1"}, said{"*.cp.incoming_trace_id", incoming})...)
	tl.span(root, "planner", 2, otlp.SpanKindInternal, at+1, at+20, step("success")).
		happens("*.planning.result", said{"*.planning.tasks", "[]"})
	lookup := tl.span(tl.task(root, 1, "context_augmentation", at+20, at+80), "context.augment", 3, otlp.SpanKindInternal, at+21, at+79,
		append(who, step("success"), said{"*.rag.query.count", 1}, said{"*.rag.result.count", 4}, said{"*.rag.latency.ms", 50})...)
	lookup.happens("*.retrieval.summary", said{"*.retrieval.hit_count", 4}, said{"*.retrieval.top_k", 10})
	tl.span(lookup, "rag.retrieve", 3, otlp.SpanKindInternal, at+22, at+70, step("success"), said{"*.rag.query.count", 1}, said{"*.rag.result.count", 4})
	model := tl.task(root, 2, "llm_call", at+80, at+300)
	tl.model(model, at+90, at+290, question, choice, "tool_call", 100)
	tl.span(model, "llm.tool.response.bridge", 4, otlp.SpanKindInternal, at+290, at+295,
		append(who, step("success"), said{"gen_ai.tool.call.id", "call_1"})...)
	tl.span(tl.task(root, 3, "tool_recommendation", at+300, at+350), "tools.recommend", 6, otlp.SpanKindInternal, at+301, at+340,
		step("success"), said{"*.redaction.applied", "none"}, said{"*.mcp.tools.available.count", 9}, said{"*.mcp.tools.selected.count", 2},
		said{"*.mcp.selection.latency.ms", 30}).
		happens("*.tools.recommended", said{"*.tools.list", `["a","b"]`}, said{"*.tools.count", 2})
	tl.tool(tl.task(root, 4, "tool_execution", at+350, at+600), at+351, 2, "call_1", "diagnose", `{"imei":"35"}`, `{"battery":"bad"}`)
	tl.tool(tl.task(root, 5, "tool_execution", at+600, at+700), at+601, 1, "call_2", "new_claim", `{"what":"phone"}`, `{"claim":"CLM-1"}`)
	tl.span(tl.task(root, 6, "other", at+700, at+750), "a2a.call", 1, otlp.SpanKindClient, at+701, at+740, step("success"),
		said{"*.a2a.agent.target.id", "agent-2"}, said{"a2a.protocol", "grpc"}, said{"a2a.operation", "delegate"}, said{"a2a.request.id", "a2a_1"},
		said{"server.address", "agent-2"})
	tl.model(tl.task(root, 7, "llm_call", at+750, at+770), at+751, at+769, history, answer, "stop", 160)
	tl.span(root, "response.compose", 1, otlp.SpanKindInternal, at+770, at+790, step("success"), said{"*.response.format", "a2a_json"})
	return root
}

// tool tells a tool call whose last attempt succeeds.
func (tl *teller) tool(task *telling, at uint64, attempts int, call, name, arguments, result string) {
	policy := "none"
	if attempts > 1 {
		policy = "exponential"
	}
	tool := tl.span(task, "mcp.tool.execute", 5, otlp.SpanKindClient, at, at+90*uint64(attempts), step("success"), said{"*.mcp.tool.call.id", call},
		said{"gen_ai.tool.call.id", call}, said{"*.mcp.server.uuid", "1f5a0c63-8e2d-4b97-a4d0-7c3e9b1f6258"},
		said{"*.mcp.tool.uuid", "b82d4f19-06c7-4e3a-9d51-e7a0c2f83b64"}, said{"*.retry.count", attempts - 1}, said{"*.retry.policy", policy},
		said{"server.address", "tools.example.com"},
		said{"gen_ai.tool.name", name}, said{"gen_ai.tool.call.arguments", arguments}, said{"gen_ai.tool.call.result", result})
	for n := range attempts {
		start := at + 90*uint64(n)
		a := tl.span(tool, "mcp.tool.execute.attempt", 5, otlp.SpanKindClient, start, start+40,
			said{"*.mcp.tool.call.id", call}, said{"*.mcp.attempt.index", n + 1}, said{"*.mcp.attempt.outcome", "success"},
			said{"server.address", "tools.example.com"})
		if n > 0 {
			a.set("*.retry.reason", "timeout")
			a.set("*.retry.backoff.ms", 50)
		}
		if n < attempts-1 {
			a.fails("*.mcp.attempt.outcome", "fail")
		}
	}
}
