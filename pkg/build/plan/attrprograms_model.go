package plan

import (
	"slices"
	"strings"

	"github.com/otelsim/otelsim/pkg/build/semconv"
	"github.com/otelsim/otelsim/pkg/build/vocab"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

func (b *builder) programOfModel(bare string) (a Attr, omit, ok bool) {
	if a, ok := b.programOfCalled(bare); ok {
		return a, false, true
	}
	switch bare {
	case "gen_ai.response.finish_reason", "gen_ai.response.finish_reasons":
		def, _ := b.dict.OnSpan(vocab.LLM, bare)
		return b.finishReason(def, strings.HasSuffix(bare, "s")), false, true
	case "gen_ai.usage.input_tokens":
		return op(OpInputTokens), false, true
	case "gen_ai.usage.output_tokens":
		return op(OpOutputTokens), false, true
	case "gen_ai.usage.cache_read.input_tokens":
		return op(OpCacheRead), false, true
	case "gen_ai.usage.cache_write.input_tokens", "gen_ai.usage.cache_creation.input_tokens":
		return op(OpCacheWrite), false, true
	case "gen_ai.usage.reasoning.output_tokens":
		return op(OpReasoning), false, true
	case "llm.turn.count":
		return op(OpTurn), false, true
	case "llm.tool.request.count", "llm.tool.execution.count":
		return op(OpAsked), false, true
	case "llm.streaming":
		return op(OpStreaming), false, true
	case "llm.content.capture.enabled":
		return op(OpCaptured), false, true
	case "llm.content.redaction.enabled":
		return op(OpRedacted), false, true
	case "gen_ai.input.messages":
		return op(OpInput), false, true
	case "gen_ai.output.messages":
		return op(OpOutput), false, true
	case "gen_ai.input.redacted":
		return op(OpRedactedIn), false, true
	case "gen_ai.output.redacted":
		return op(OpRedactedOut), false, true
	case "gen_ai.system_instructions":
		return b.instructions(), false, true
	case "gen_ai.tool.definitions":
		a, ok := b.definitions()
		return a, !ok, true
	case "gen_ai.tool.name", "gen_ai.tool.call.id":
		return Attr{}, true, true
	}
	return Attr{}, false, false
}

// programOfCalled covers what depends on the model that is called, and what any
// request to it says.
func (b *builder) programOfCalled(bare string) (a Attr, ok bool) {
	switch bare {
	case "gen_ai.system", "gen_ai.provider.name":
		return op(OpProvider), true
	case requestModel:
		return op(OpModel), true
	case responseModel:
		return op(OpAnswering), true
	case serverAddress:
		return op(OpAddress), true
	case serverPort:
		return op(OpPort), true
	case "gen_ai.response.id":
		return op(OpReply), true
	case "gen_ai.request.stream":
		a := boolean(true)
		a.Op = OpIfStreaming
		return a, true
	case "gen_ai.response.time_to_first_chunk":
		return op(OpFirstChunk), true
	case "gen_ai.output.type":
		return b.str("text"), true
	case "gen_ai.request.type":
		return b.str("chat"), true
	}
	return op(OpParam), strings.HasPrefix(bare, "gen_ai.request.")
}

// finishReason is stop, or the conventions' word for asking for tools.
func (b *builder) finishReason(def semconv.Attribute, array bool) Attr {
	tool := "tool_calls"
	if slices.Contains(def.Allowed, "tool_call") {
		tool = "tool_call"
	}
	out := Attr{Op: OpFinish}
	for _, v := range []string{"stop", tool, "error"} {
		x := b.str(v).Attr
		if array {
			x.Kind = otlp.KindArray // one element: the string of that id
		}
		out.Values = append(out.Values, x)
	}
	return out
}
