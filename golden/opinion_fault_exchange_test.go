package golden

import (
	"strings"

	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
)

// holds selects spans by what the text of an attribute holds.
func holds(key, text string) func(*tracepb.Span) bool {
	return func(s *tracepb.Span) bool {
		for _, kv := range s.Attributes {
			if kv.Key == key {
				return strings.Contains(kv.Value.GetStringValue(), text)
			}
		}
		return false
	}
}

// swap returns a change of the first of a text in an attribute.
func swap(key, from, to string) func(*tracepb.Span) {
	return func(s *tracepb.Span) {
		for _, kv := range s.Attributes {
			if kv.Key == key {
				set(key, strings.Replace(kv.Value.GetStringValue(), from, to, 1))(s)
				return
			}
		}
	}
}

const (
	input  = "gen_ai.input.messages"
	output = "gen_ai.output.messages"
)

// exchangeFaults are in what an agent and its model say to each other.
var exchangeFaults = []fault{
	{"vendor.llm.call", holds(output, "tool_call"), swap(output, `"id":"call_`, `"id":"call__`), "asks for a tool that does not run once"},
	{"vendor.llm.call", holds(output, "tool_call"), set("gen_ai.response.finish_reasons", []string{"stop"}), "asks for tools: true"},
	{"vendor.llm.call", holds(output, "tool_call"), set("gen_ai.response.finish_reasons", []string{"stop"}), "and tools run before the next call"},
	{"vendor.llm.call", holds(output, `"text"`), set("gen_ai.response.finish_reasons", []string{"tool_call"}), "asks for tools: false"},
	{"vendor.llm.call", holds(output, `"text"`), set("gen_ai.response.finish_reasons", []string{"stop", "stop"}), "another number of answers than of reasons"},
	{"vendor.llm.call", holds(output, `"text"`), set(output, `[{"role":"user","parts":[{"type":"text","content":"x"}]}]`), "answers as user"},
	{"vendor.llm.call", has("error.type", ""), set(output, `[{"role":"assistant","parts":[{"type":"text","content":"x"}]}]`), "failed, and says something"},
	{"vendor.llm.call", holds(input, "tool_call_response"), swap(input, `"content":"`, `"content":"Well, `), "is not sent what the call before it was sent and said"},
	{"vendor.llm.call", holds(input, "tool_call_response"), swap(input, `{"role":"tool"`, `{"role":"user","parts":[{"type":"text","content":"x"}]},{"role":"tool"`), "between a request for tools and its responses"},
	{"vendor.llm.call", holds(input, "tool_call_response"), swap(input, `"type":"tool_call_response","id":"call_`, `"type":"tool_call_response","id":"call__`), "is told of a tool that did not run once"},
	{"vendor.llm.call", holds(input, "tool_call_response"), swap(input, `{"role":"tool"`, `{"role":"tool","parts":[{"type":"tool_call_response","response":1}]},{"role":"tool"`), "is told of another number of tools"},
	{"vendor.llm.call", holds(input, "tool_call_response"), set("gen_ai.usage.input_tokens", 1), "is sent fewer tokens"},
	{"vendor.llm.call", nil, swap(input, `"type":"text"`, `"type":"poem"`), `part of type "poem"`},
	{"vendor.llm.call", nil, swap(input, `"content":`, `"words":`), "text without content"},
	{"vendor.llm.call", holds(input, "tool_call_response"), swap(input, `"response":`, `"result":`), "tool_call_response without response"},
	{"vendor.llm.call", holds(input, "tool_call_response"), swap(input, `"role":"tool"`, `"role":"user"`), "tool_call_response of role user"},
	{"vendor.llm.call", nil, set("gen_ai.usage.cache_read.input_tokens", 1<<30), "more tokens of the cache"},
	{"vendor.llm.call", nil, set("gen_ai.usage.reasoning.output_tokens", 1<<30), "more tokens of reasoning"},
	{"vendor.mcp.tool.execute", nil, set("gen_ai.tool.name", "x"), "is another tool than was asked for"},
	{"vendor.mcp.tool.execute", nil, set("gen_ai.tool.call.arguments", `{"x":1}`), "has other arguments"},
	{"vendor.mcp.tool.execute", holds("gen_ai.tool.call.result", "{"), set("gen_ai.tool.call.result", `{"x":1}`), "has another result"},
	{"vendor.mcp.tool.execute", has("error.type", ""), set("gen_ai.tool.call.result", `{"x":1}`), "failed, and has a result"},
	{"vendor.mcp.tool.execute", nil, func(s *tracepb.Span) { s.StartTimeUnixNano -= 600e9 }, "begins before the call ends that asks for it"},
	{"vendor.mcp.tool.execute", nil, func(s *tracepb.Span) { s.EndTimeUnixNano += 600e9 }, "ends after the next model call began"},
}

// is selects spans of the genai vocabulary.
func is(class string) func(*tracepb.Span) bool { return has("vendor.span.class", class) }

// genaiFaults are the same for a corpus of the genai vocabulary.
var genaiFaults = []fault{
	{"", is("llm.call"), func(s *tracepb.Span) { s.Name = "chat" }, "no name of a span"},
	{"", is("llm.call"), func(s *tracepb.Span) { s.Kind = tracepb.Span_SPAN_KIND_INTERNAL }, "no name of a span"},
	{"", is("mcp.tool.execute"), set("gen_ai.tool.name", nil), "no name of a span"},
	{"", is("a2a.orchestrate"), set("gen_ai.agent.id", "x"), "gen_ai.agent.id is no attribute of it"},
	{"", is("a2a.orchestrate"), set("gen_ai.provider.name", "openai"), "gen_ai.provider.name is no attribute of it"},
	{"", is("a2a.call"), set("gen_ai.provider.name", nil), "gen_ai.provider.name"},
	{"", is("a2a.call"), set("gen_ai.provider.name", "somebody"), "gen_ai.provider.name"},
	{"", is("task.execute"), set("gen_ai.operation.name", "execute_task"), "gen_ai.operation.name is no attribute of it"},
	{"", is("task.execute"), set("gen_ai.conversation.id", "sess_0"), "a conversation, and no operation"},
	{"", is("mcp.tool.execute.attempt"), set("gen_ai.operation.name", "execute_tool"), "gen_ai.operation.name is no attribute of it"},
	{"", is("task.execute"), set("session.id", nil), "has no session.id"},
	{"", is("task.execute"), set("vendor.session.id", "sess_0"), "or another name for it"},
	{"", is("task.execute"), set("user.id", nil), "has no user.id"},
	{"", is("llm.call"), set("gen_ai.request.stream", false), "gen_ai.request.stream is there, and false"},
	{"", is("llm.call"), set("gen_ai.conversation.compacted", false), "gen_ai.conversation.compacted is there, and false"},
	{"", is("llm.call"), set("gen_ai.response.time_to_first_chunk", 1e6), "a first chunk after the end"},
	{"", is("llm.call"), set("openai.request.service_tier", "flex"), "openai.request.service_tier is no attribute of it"},
	{"", is("mcp.tool.execute.attempt"), set("mcp.protocol.version", "2026-07-28"), "a session of MCP"},
}
