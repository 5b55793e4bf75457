package conform

import (
	"strings"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// dialogueViolations are those in what a model and its agent say to each other,
// and in whom they call.
var dialogueViolations = []violation{
	{"messages", "an input that is cut short", false, messages("gen_ai.input.messages", 1, `,"response":{"claim":"CLM-1"}}]}`, ``)},
	{"messages", "a call without a name", false, messages("gen_ai.output.messages", 0, `"name":"diagnose",`, ``)},
	{"messages", "a call with a number for a name", false, messages("gen_ai.output.messages", 0, `"name":"diagnose"`, `"name":7`)},
	{"messages", "a number for an id", false, messages("gen_ai.output.messages", 0, `"call_1"`, `1`)},
	{"messages", "a response under another key", false, messages("gen_ai.input.messages", 1, `"response":`, `"result":`)},
	{"messages", "a text without words", false, messages("gen_ai.input.messages", 0, `"content"`, `"text"`)},
	{"messages", "words that are none", false, messages("gen_ai.input.messages", 0, `"My phone is broken."`, `["x"]`)},
	{"messages", "a part of no type", false, messages("gen_ai.input.messages", 0, `"type":"text"`, `"type":"speech"`)},
	{"messages", "a user who calls tools", false, messages("gen_ai.output.messages", 0, `"role":"assistant"`, `"role":"user"`)},
	{"messages", "a role twice", false, messages("gen_ai.input.messages", 0, `"role":"user"`, `"role":"user","role":"user"`)},
	{"messages", "a list in a list", false, messages("gen_ai.input.messages", 0, `[{"role"`, strings.Repeat("[", 200)+`[{"role"`)},
	{"messages", "two lists", false, messages("gen_ai.input.messages", 0, `}]}]`, `}]}][]`)},
	{"messages", "an escape that there is not", false, messages("gen_ai.input.messages", 0, "My phone", `My\x20phone`)},
	{"messages", "a number that is none", false, messages("gen_ai.output.messages", 0, `{"imei":"35"}`, `{"imei":035}`)},
	{"messages", "instructions in one string", false, func(_ *story, t *turn) { t.the("llm.call", 0).set("gen_ai.system_instructions", "help") }},
	{"definitions", "words", false, func(_ *story, t *turn) { t.the("llm.call", 0).set("gen_ai.tool.definitions", "diagnose") }},
	{"definitions", "a tool without a name", false, func(_ *story, t *turn) {
		t.the("llm.call", 0).set("gen_ai.tool.definitions", `[{"type":"function","name":"diagnose"},{"type":"function"}]`)
	}},

	{"provider-model", "another maker's answer", false, func(_ *story, t *turn) {
		t.the("llm.call", 0).set("gen_ai.provider.name", "aws.bedrock")
		t.the("llm.call", 0).set("gen_ai.request.model", "us.anthropic.claude-haiku-4-5")
		t.the("llm.call", 0).set("gen_ai.response.model", "amazon.nova-pro-v1:0")
	}},
	{"finish-reason", "a choice that is an end", false, func(_ *story, t *turn) {
		t.the("llm.call", 0).set("gen_ai.response.finish_reasons", []string{"stop"})
	}},
	{"finish-reason", "two for one answer", false, func(_ *story, t *turn) {
		t.the("llm.call", 1).set("gen_ai.response.finish_reasons", []string{"stop", "stop"})
	}},
	{"finish-reason", "another one in the message", false, func(_ *story, t *turn) {
		t.the("llm.call", 1).set("gen_ai.response.finish_reasons", []string{"length"})
	}},
	{"finish-reason", "an end of a call that failed", false, func(_ *story, t *turn) {
		speechless(t)
		brokenEnd(t)
		t.the("llm.call", 1).set("gen_ai.response.finish_reasons", []string{"stop"})
	}},
	{"answer-failed", "an answer of a call that failed", false, func(_ *story, t *turn) { brokenEnd(t) }},
	{"tokens-cached", "more than there are", false, func(_ *story, t *turn) {
		t.the("llm.call", 0).set("gen_ai.usage.cache_read.input_tokens", 101)
	}},
	{"tokens-cached", "read and written", false, func(_ *story, t *turn) {
		t.the("llm.call", 0).set("gen_ai.usage.cache_write.input_tokens", 51)
	}},
	{"tokens-reasoning", "more than there are", false, func(_ *story, t *turn) {
		t.the("llm.call", 0).set("gen_ai.usage.reasoning.output_tokens", 21)
	}},
	{"tokens-history", "fewer in the second call", false, func(_ *story, t *turn) {
		t.the("llm.call", 1).set("gen_ai.usage.input_tokens", 99)
		t.the("llm.call", 1).set("gen_ai.usage.cache_read.input_tokens", 9)
	}},
	{"first-chunk", "of what came at once", false, func(_ *story, t *turn) {
		t.the("llm.call", 0).set("gen_ai.response.time_to_first_chunk", 0.1)
	}},
	{"first-chunk", "after the end", false, func(_ *story, t *turn) {
		t.the("llm.call", 0).set("gen_ai.response.time_to_first_chunk", 0.3)
		t.the("llm.call", 0).set("gen_ai.request.stream", true)
	}},

	{"tool-choice", "a call that was not made", false, func(_ *story, t *turn) { t.without(t.the("task.execute", 4)) }},
	{"tool-choice", "a call that nobody asked for", false, func(_ *story, t *turn) {
		for _, s := range []*telling{t.the("llm.call", 0), t.the("llm.call", 1)} {
			for _, key := range []string{"gen_ai.output.messages", "gen_ai.input.messages"} {
				s.edit(key, `,{"type":"tool_call","id":"call_2","name":"new_claim","arguments":{"what":"phone"}}`, "")
				s.edit(key, `,{"role":"tool","parts":[{"type":"tool_call_response","id":"call_2","response":{"claim":"CLM-1"}}]}`, "")
			}
		}
	}},
	{"tool-choice", "one id for two calls", false, func(_ *story, t *turn) {
		for _, s := range []*telling{t.the("llm.call", 0), t.the("llm.call", 1)} {
			for _, key := range []string{"gen_ai.output.messages", "gen_ai.input.messages"} {
				s.edit(key, `"tool_call","id":"call_2"`, `"tool_call","id":"call_1"`)
				s.edit(key, `,{"role":"tool","parts":[{"type":"tool_call_response","id":"call_2","response":{"claim":"CLM-1"}}]}`, "")
			}
		}
	}},
	{"tool-choice", "another tool", false, func(_ *story, t *turn) { t.the("mcp.tool.execute", 0).set("gen_ai.tool.name", "pay") }},
	{"tool-choice", "none in spite of the reason", false, func(_ *story, t *turn) {
		speechless(t)
		t.without(t.the("task.execute", 3))
		t.without(t.the("task.execute", 3))
		t.without(t.the("llm.tool.response.bridge", 0))
	}},
	{"tool-choice", "by a call that failed", false, func(_ *story, t *turn) {
		speechless(t)
		t.the("llm.call", 0).fails("*.step.outcome", "fail")
		t.the("llm.call", 0).set("gen_ai.response.finish_reasons", []string{"error"})
		t.the("task.execute", 1).fails("*.step.outcome", "fail")
		t.the("a2a.orchestrate", 0).set("*.a2a.outcome", "partial")
	}},
	{"tool-arguments", "others on the span", false, func(_ *story, t *turn) {
		t.the("mcp.tool.execute", 0).set("gen_ai.tool.call.arguments", `{"imei":"36"}`)
	}},
	{"tool-arguments", "a list", false, func(_ *story, t *turn) {
		speechless(t)
		t.the("mcp.tool.execute", 0).set("gen_ai.tool.call.arguments", `["35"]`)
	}},
	{"tool-result", "plain words", false, func(_ *story, t *turn) {
		speechless(t)
		t.the("mcp.tool.execute", 0).set("gen_ai.tool.call.result", "done")
	}},
	{"tool-result", "of a failure", false, func(_ *story, t *turn) {
		partial(t)
		t.the("mcp.tool.execute", 1).set("gen_ai.tool.call.result", `{"claim":"CLM-1"}`)
	}},
	{"tool-response", "another result on the span", false, func(_ *story, t *turn) {
		t.the("mcp.tool.execute", 0).set("gen_ai.tool.call.result", `{"battery":"good"}`)
	}},
	{"tool-response", "none", false, messages("gen_ai.input.messages", 1,
		`,{"role":"tool","parts":[{"type":"tool_call_response","id":"call_2","response":{"claim":"CLM-1"}}]}`, ``)},
	{"tool-response", "two to one call", false, messages("gen_ai.input.messages", 1, `{"role":"tool"`,
		`{"role":"tool","parts":[{"type":"tool_call_response","id":"call_1","response":{"battery":"bad"}}]},{"role":"tool"`)},
	{"tool-response", "one to no call", false, messages("gen_ai.input.messages", 1, `{"role":"tool"`,
		`{"role":"tool","parts":[{"type":"tool_call_response","id":"call_9","response":0}]},{"role":"tool"`)},
	{"tool-response", "a choice that is the end", false, func(_ *story, t *turn) { t.without(t.the("task.execute", 6)) }},
	{"tool-name", "on a model", false, func(_ *story, t *turn) { t.the("llm.call", 0).set("gen_ai.tool.name", "diagnose") }},
	{"tool-name", "on a recommendation", false, func(_ *story, t *turn) { t.the("tools.recommend", 0).set("gen_ai.tool.name", "diagnose") }},
	{"answer-order", "a tool before its choice", false, func(_ *story, t *turn) {
		t.the("task.execute", 3).start, t.the("mcp.tool.execute", 0).start = t.the("llm.call", 0).end-1, t.the("llm.call", 0).end-1
	}},
	{"answer-order", "an answer before the end of a tool", false, func(_ *story, t *turn) {
		t.the("task.execute", 4).end, t.the("mcp.tool.execute", 1).end = t.the("llm.call", 1).end, t.the("llm.call", 1).end
	}},
	{"answer-order", "an end, and tools all the same", false, func(_ *story, t *turn) {
		speechless(t)
		t.the("llm.call", 0).set("gen_ai.response.finish_reasons", []string{"stop"})
	}},
	{"history", "another question", false, messages("gen_ai.input.messages", 1, "My phone is broken.", "My phone is fine.")},
	{"history", "another choice", false, func(_ *story, t *turn) {
		t.the("llm.call", 1).edit("gen_ai.input.messages", `{"imei":"35"}`, `{"imei":"36"}`)
	}},
	{"history", "something between", false, messages("gen_ai.input.messages", 1, `{"role":"tool"`,
		`{"role":"user","parts":[{"type":"text","content":"Hurry."}]},{"role":"tool"`)},
	{"history", "something short for what was not said", false, messages("gen_ai.input.messages", 1, asked,
		`{"role":"user","parts":[{"type":"compaction","content":"Hello."}]},{"role":"user","parts":[{"type":"text","content":"Hurry."}]}`)},

	{"history", "another turn before", false, func(_ *story, t *turn) {
		remember(t)
		for n := range 2 {
			t.the("llm.call", n).edit("gen_ai.input.messages", "I am sorry.", "I am glad.")
		}
	}},
	{"history", "something short for another turn", false, func(_ *story, t *turn) {
		remember(t)
		for n := range 2 {
			t.the("llm.call", n).edit("gen_ai.input.messages", asked, `{"role":"assistant","parts":[{"type":"compaction"}]}`)
			t.the("llm.call", n).edit("gen_ai.input.messages", "I am sorry.", "I am glad.")
		}
	}},

	{"peer", "a model of nobody", false, func(_ *story, t *turn) { t.the("llm.call", 0).drop("server.address") }},
	{"server-resource", "a tool that serves itself", false, func(_ *story, t *turn) { serve(t).resource = 5 }},
	{"server-outcome", "an error of the server alone", false, func(_ *story, t *turn) { serve(t).fails("*.step.outcome", "fail") }},
}

// messages returns a change of what is said in a call of a model.
func messages(key string, n int, from, to string) func(*story, *turn) {
	return func(_ *story, t *turn) { t.the("llm.call", n).edit(key, from, to) }
}

// edit replaces the first occurrence of a text in an attribute.
func (s *telling) edit(key, from, to string) {
	for i := range s.attrs {
		if s.attrs[i].name == key {
			s.attrs[i].value = strings.Replace(s.attrs[i].value.(string), from, to, 1)
		}
	}
}

// speechless takes the words out of a turn.
func speechless(t *turn) {
	for n := range 2 {
		s := t.the("llm.call", n)
		s.drop("gen_ai.input.messages")
		s.drop("gen_ai.output.messages")
		s.set("*.llm.content.capture.enabled", false)
	}
}

// brokenEnd lets the last call of the model fail.
func brokenEnd(t *turn) {
	s := t.the("llm.call", 1)
	s.fails("*.step.outcome", "fail")
	s.set("gen_ai.response.finish_reasons", []string{"error"})
	t.the("task.execute", 6).fails("*.step.outcome", "fail")
	t.the("a2a.orchestrate", 0).set("*.a2a.outcome", "partial")
}

// remember puts the turn before into what the model is sent.
func remember(t *turn) {
	before := asked + `,` + chosen + `,` + outcomes + `,{"role":"assistant","parts":[{"type":"text","content":"I am sorry."}]},`
	for n := range 2 {
		t.the("llm.call", n).edit("gen_ai.input.messages", `[`, `[`+before)
	}
}

// serve adds the other side of an attempt, of a resource of its own.
func serve(t *turn) *telling {
	a := t.the("mcp.tool.execute.attempt", 2)
	a.drop("server.address")
	s := &telling{name: "*.mcp.tool.serve", parent: a, trace: a.trace, kind: otlp.SpanKindServer, start: a.start, end: a.end, resource: 6, id: 250}
	for _, said := range a.attrs[:5] { // who and what it is
		s.set(said.name, said.value)
	}
	s.set("*.span.class", "mcp.tool.serve")
	s.set("*.step.outcome", "success")
	s.set("*.mcp.tool.call.id", "call_2")
	s.set("*.mcp.server.uuid", "1f5a0c63-8e2d-4b97-a4d0-7c3e9b1f6258")
	s.set("*.mcp.tool.uuid", "b82d4f19-06c7-4e3a-9d51-e7a0c2f83b64")
	t.spans = append(t.spans, s)
	return s
}
