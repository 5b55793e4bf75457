package golden

import "testing"

// TestBackendRules: the tables say of these spans what the backends' own tests
// and documents say.
func TestBackendRules(t *testing.T) {
	chat := attributes{"gen_ai.operation.name": "chat", "gen_ai.request.model": "m", "gen_ai.tool.name": "t"}
	for _, tt := range []struct {
		backend, name string
		attrs         attributes
		want          string
	}{
		{"Langfuse", "x", chat, "GENERATION"},
		{"Langfuse", "x", attributes{"gen_ai.tool.call.id": "1"}, "TOOL"},
		{"Langfuse", "x", attributes{"gen_ai.operation.name": "plan"}, "SPAN"},
		{"Langfuse", "x", attributes{"gen_ai.operation.name": "plan", "gen_ai.request.model": "m"}, "GENERATION"},
		{"Langfuse", "x", attributes{"gen_ai.conversation.id": "c"}, "SPAN"},
		{"Jaeger", "x", chat, "LLM_CALL"},
		{"Jaeger", "x", attributes{"gen_ai.tool.call.id": "1"}, "-"},
		{"Jaeger", "x", attributes{"gen_ai.tool.call.id": "1", "gen_ai.system": "s"}, "UNKNOWN_GENAI"},
		{"Jaeger", "x", attributes{"gen_ai.operation.name": "new", "gen_ai.tool.name": "t"}, "TOOL_CALL"},
		{"Jaeger", "x", attributes{"gen_ai.operation.name": "plan"}, "UNKNOWN_GENAI"},
		{"Jaeger", "x", attributes{"gen_ai.conversation.id": "c"}, "UNKNOWN_GENAI"},
		{"Jaeger", "x", attributes{"custom.gen_ai.tag": "c"}, "-"},
		{"OpenInference", "x", chat, "TOOL"},
		{"OpenInference", "x", attributes{"gen_ai.conversation.id": "c"}, "LLM"},
		{"OpenInference", "x", attributes{"gen_ai.operation.name": "chat", "gen_ai.agent.name": "a"}, "LLM"},
		{"OpenInference", "x", attributes{"gen_ai.operation.name": "invoke_workflow", "gen_ai.agent.name": "a"}, "AGENT"},
		{"OpenInference", "x", attributes{"gen_ai.operation.name": "invoke_workflow"}, "CHAIN"},
		{"OpenInference", "x", attributes{"http.route": "/"}, "-"},
		{"Phoenix", "x", chat, "LLM"},
		{"Phoenix", "x", attributes{"gen_ai.conversation.id": "c"}, "-"},
		{"Phoenix", "x", attributes{"gen_ai.operation.name": "plan", "gen_ai.request.model": "m"}, "-"},
		{"Phoenix", "x", attributes{"gen_ai.tool.call.id": "1", "gen_ai.input.messages": "[]"}, "TOOL"},
		{"inference-perf", "chat m", attributes{}, "LLM"},
		{"inference-perf", "chat", attributes{}, "-"},
		{"inference-perf", "vendor.llm.call", attributes{"gen_ai.input.messages": "[]"}, "LLM"},
		{"Honeycomb", "x", attributes{"gen_ai.operation.name": "chat", "gen_ai.conversation.id": "c"}, "-"},
		{"Honeycomb", "x", attributes{"gen_ai.operation.name": "chat", "gen_ai.conversation.id": "c", "gen_ai.agent.name": "a"}, "LLM"},
		{"Datadog", "x", attributes{"gen_ai.operation.name": "chat", "gen_ai.system": "s"}, "-"},
		{"Traceloop", "x", attributes{"traceloop.span.kind": "task"}, "task"},
	} {
		b := backendNamed(tt.backend)
		if got := b.typeOf(&observed{name: tt.name, attrs: tt.attrs}); got != tt.want {
			t.Errorf("%s of %v: got %s, want %s", tt.backend, tt.attrs, got, tt.want)
		}
	}
}

func backendNamed(name string) *backend {
	for _, b := range backends {
		if b.name == name {
			return b
		}
	}
	panic("no backend " + name)
}
