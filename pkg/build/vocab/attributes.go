package vocab

import "strings"

// attributes are the names of what the product gives a meaning on spans, in byte
// order. A conventions file may call them otherwise.
var attributes = []string{
	"a2a.agent.target.id", "a2a.outcome", "a2a.request.id", "block.reason", "cp.incoming_trace_id",
	"cp.outgoing_trace_id", "deployment.environment.name", "dp.trace_id", "enduser.id", "enduser.pseudo.id",
	"error.category", "error.message", "error.type", "gen_ai.agent.id", "gen_ai.agent.name", "gen_ai.conversation.id",
	"gen_ai.input.messages", "gen_ai.input.redacted", "gen_ai.operation.name", "gen_ai.output.messages",
	"gen_ai.output.redacted", "gen_ai.output.type", "gen_ai.provider.name", "gen_ai.request.model",
	"gen_ai.request.stream", "gen_ai.request.type", "gen_ai.response.finish_reason", "gen_ai.response.finish_reasons",
	"gen_ai.response.id", "gen_ai.response.model", "gen_ai.response.time_to_first_chunk", "gen_ai.system",
	"gen_ai.system_instructions", "gen_ai.tool.call.arguments", "gen_ai.tool.call.id", "gen_ai.tool.call.result",
	"gen_ai.tool.definitions", "gen_ai.tool.description", "gen_ai.tool.name", "gen_ai.tool.type",
	"gen_ai.usage.cache_creation.input_tokens", "gen_ai.usage.cache_read.input_tokens",
	"gen_ai.usage.cache_write.input_tokens", "gen_ai.usage.input_tokens", "gen_ai.usage.output_tokens",
	"gen_ai.usage.reasoning.output_tokens", "http.response.status_code", "jsonrpc.request.id",
	"llm.content.capture.enabled", "llm.content.redaction.enabled", "llm.streaming", "llm.tool.execution.count",
	"llm.tool.request.count", "llm.turn.count", "mcp.attempt.index", "mcp.attempt.outcome", "mcp.method.name",
	"mcp.protocol.version", "mcp.selection.fallback.used", "mcp.selection.latency.ms", "mcp.server.uuid",
	"mcp.session.id", "mcp.tool.call.id", "mcp.tool.uuid", "mcp.tools.available.count", "mcp.tools.selected.count",
	"network.protocol.name", "network.protocol.version", "network.transport", "otel.source", "rag.documents.returned",
	"rag.latency.ms", "rag.query.count", "rag.result.count", "redaction.applied", "request.id", "request.outcome",
	"response.format", "response.outcome", "retry.backoff.ms", "retry.count", "retry.policy", "retry.reason",
	"server.address", "server.port", "session.id", "span.class", "step.outcome", "task.fallback.used", "task.id",
	"task.retry.count", "task.type", "tenant.id", "validation.result",
}

// Attributes returns the bare names of the attributes that the product knows, in
// byte order. The slice is lent.
func Attributes() []string { return attributes }

// kept are the beginnings and ends of names by which spans are told apart and
// judged in every vocabulary, and those that belong to nobody's product.
var kept = struct{ begin, end []string }{
	[]string{"gen_ai.", "error.", "http.", "deployment.", "span.class", "block.reason", "validation.", "cp.", "dp.", "otel.",
		"server.", "network.", "jsonrpc.", "mcp.method.", "mcp.protocol.", "mcp.session."},
	[]string{".outcome"},
}

// Renamable reports whether a conventions file may call an attribute that the
// product knows otherwise.
func Renamable(name string) bool {
	for _, s := range kept.begin {
		if strings.HasPrefix(name, s) {
			return false
		}
	}
	for _, s := range kept.end {
		if strings.HasSuffix(name, s) {
			return false
		}
	}
	return true
}

// twins are attributes of one value that have two names.
var twins = map[string]string{"session.id": "gen_ai.conversation.id", "mcp.tool.call.id": "gen_ai.tool.call.id"}

// Free reports whether an attribute that the product knows may be called by a name:
// nothing else that is emitted goes by it in every vocabulary.
func Free(known, name string) bool {
	return twins[known] == name || Renamable(name) && !strings.HasPrefix(name, "service.") && !strings.HasPrefix(name, "exception.")
}
