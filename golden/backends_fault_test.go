package golden

import (
	"slices"
	"strings"
	"testing"
)

// sketch returns a turn in the genai vocabulary, drawn by hand: a line is a
// span, further in than the one it is below, with its kind, its name and the
// attributes besides those of every span.
func sketch(text string) (trace []*observed) {
	depth := make(map[*observed]int)
	for line := range strings.Lines(strings.TrimSpace(text)) {
		indent := len(line) - len(strings.TrimLeft(line, "\t"))
		f := strings.Split(strings.TrimSpace(line), " | ")
		s := &observed{kind: f[0], name: f[1], bare: f[1], at: f[1], attrs: attributes{"session.id": "s", "user.id": "u"}}
		if len(f) > 2 {
			for pair := range strings.FieldsSeq(f[2]) {
				k, v, _ := strings.Cut(pair, "=")
				s.attrs[k] = v
			}
		}
		if s.attrs["gen_ai.operation.name"] != nil {
			s.attrs["gen_ai.conversation.id"] = "s"
		}
		for _, above := range slices.Backward(trace) {
			if s.parent == nil && depth[above] < indent {
				s.parent = above
			}
		}
		depth[s] = indent
		s.classify()
		trace = append(trace, s)
	}
	return trace
}

func aTurn() []*observed {
	return sketch(`
SERVER | POST /agents/a | http.request.method=POST
	INTERNAL | invoke_agent a | gen_ai.operation.name=invoke_agent gen_ai.agent.name=a
		INTERNAL | plan a | gen_ai.operation.name=plan gen_ai.agent.name=a
		CLIENT | chat m | gen_ai.operation.name=chat gen_ai.agent.name=a gen_ai.request.model=m gen_ai.usage.input_tokens=9
		INTERNAL | *.tools.recommend
		INTERNAL | execute_tool t | gen_ai.operation.name=execute_tool gen_ai.agent.name=a gen_ai.tool.name=t gen_ai.tool.call.id=1
			CLIENT | tools/call t | mcp.method.name=tools/call gen_ai.tool.name=t
				SERVER | tools/call t | mcp.method.name=tools/call gen_ai.tool.name=t
		CLIENT | invoke_agent b | gen_ai.operation.name=invoke_agent gen_ai.agent.name=b
			CLIENT | chat m | gen_ai.operation.name=chat gen_ai.agent.name=b gen_ai.request.model=m gen_ai.usage.input_tokens=9
		CLIENT | retrieval d | gen_ai.operation.name=retrieval gen_ai.data_source.id=d
		INTERNAL | *.response.compose
`)
}

// TestBackendFaults: a turn as it should be has no complaint, and what is
// planted in it has the one that it must.
func TestBackendFaults(t *testing.T) {
	checks := func(trace []*observed) []complaint {
		all := [][]*observed{trace}
		return slices.Concat(misread(all), untreed(all), unnamed(all))
	}
	for _, c := range checks(aTurn()) {
		t.Errorf("nothing is wrong, but %s at %s", c.rule, c.where)
	}
	set := func(key, value string) func(*observed) { return func(s *observed) { s.attrs[key] = value } }
	without := func(key string) func(*observed) { return func(s *observed) { delete(s.attrs, key) } }
	for _, tt := range []struct {
		span   string
		change func(*observed)
		want   string
	}{
		{"*.response.compose", set("gen_ai.conversation.id", "s"), "Jaeger: response.compose is GenAI that it does not know"},
		{"*.response.compose", set("gen_ai.conversation.id", "s"), "OpenInference: response.compose is taken for LLM"},
		{"*.tools.recommend", set("gen_ai.tool.name", "t"), "Jaeger: tools.recommend is taken for TOOL_CALL"},
		{"*.tools.recommend", set("gen_ai.tool.name", "t"), "Langfuse: tools.recommend is shown as another name"},
		{"*.tools.recommend", set("gen_ai.tool.call.id", "1"), "Phoenix: tools.recommend is taken for TOOL"},
		{"plan a", set("gen_ai.operation.name", "chat"), "Langfuse: planner is taken for GENERATION"},
		{"*.response.compose", set("gen_ai.request.model", "m"), "Traceloop: response.compose is taken for LLM"},
		{"chat m", without("gen_ai.operation.name"), "Jaeger: llm.call is GenAI that it does not know"},
		{"chat m", without("gen_ai.operation.name"), "OpenLIT: llm.call is missed, being -"},
		{"chat m", without("gen_ai.agent.name"), "Honeycomb: llm.call is missed, being -"},
		{"chat m", set("gen_ai.tool.name", "t"), "OpenInference: llm.call is taken for TOOL"},
		{"execute_tool t", without("gen_ai.operation.name"), "Honeycomb: mcp.tool.execute is missed, being -"},
		{"execute_tool t", set("gen_ai.tool.name", "u"), "Langfuse: mcp.tool.execute is shown as another name"},
		{"invoke_agent a", without("gen_ai.operation.name"), "Phoenix: a2a.orchestrate is missed, being -"},
		{"invoke_agent a", func(s *observed) { s.kind = "PRODUCER"; s.of = nil; s.classify() }, "no span of this vocabulary"},
		{"POST /agents/a", set("gen_ai.agent.name", "a"), "OpenInference: a2a.serve is taken for AGENT"},
		{"chat m", func(s *observed) { s.parent = nil }, "stands below no agent"},
		{"invoke_agent b", func(s *observed) { s.parent = s.parent.parent }, "Langfuse: 2 agents at the top of a trace"},
		{"tools/call t", without("session.id"), "Langfuse: tools/call t has no session"},
		{"*.response.compose", without("user.id"), "Langfuse: *.response.compose has no user"},
		{"chat m", without("gen_ai.request.model"), "Phoenix: chat m has no model"},
		{"chat m", without("gen_ai.usage.input_tokens"), "Jaeger: chat m has no tokens"},
		{"retrieval d", set("user.id", "v"), "Langfuse: a trace of 2 users"},
		{"chat m", set("gen_ai.conversation.id", "z"), "Honeycomb: a trace of 2 sessions"},
	} {
		trace := aTurn()
		i := slices.IndexFunc(trace, func(s *observed) bool { return s.name == tt.span })
		tt.change(trace[i])
		if !slices.ContainsFunc(checks(trace), func(c complaint) bool { return strings.Contains(c.rule, tt.want) }) {
			t.Errorf("%s: no complaint %q", tt.span, tt.want)
		}
	}
}

// TestReplayFaults: an answer that was given is an edge, another one is not.
func TestReplayFaults(t *testing.T) {
	const call, answer = `[{"type":"tool_call","id":"1","name":"t"}]`, `[{"role":"assistant","parts":PARTS}]`
	given := strings.Replace(answer, "PARTS", call, 1)
	for input, want := range map[string]struct{ edges, found int }{
		given:                                   {1, 0},
		strings.Replace(given, `"1"`, `"2"`, 1): {0, 1},
		strings.Replace(answer, "PARTS", `[{"type":"compaction"}]`, 1):      {0, 0},
		`[{"role":"user","parts":[{"type":"text","content":"t"}]}]`:         {0, 0},
		strings.Replace(given, `"assistant"`, `"user"`, 1):                  {0, 0},
		strings.Replace(given, `"name":"t"`, `"name":"t","arguments":1`, 1): {0, 1},
	} {
		trace := sketch("CLIENT | chat m | gen_ai.output.messages=" + given + "\nCLIENT | chat m | gen_ai.input.messages=" + input)
		if edges, found := unreplayable([][]*observed{trace}); edges != want.edges || len(found) != want.found {
			t.Errorf("%s: %d edges and %v, want %d and %d complaints", input, edges, found, want.edges, want.found)
		}
	}
}

// TestRequestFaults: the sides of a request to a tool server agree, or it is said.
func TestRequestFaults(t *testing.T) {
	const sides = "CLIENT | tools/call t | ATTRS\n\tSERVER | tools/call t | ATTRS\n"
	const attrs = "gen_ai.tool.name=t mcp.method.name=tools/call mcp.protocol.version=1 network.transport=tcp jsonrpc.request.id="
	one := strings.ReplaceAll(sides, "ATTRS", attrs+"1")
	for text, want := range map[string]int{
		one: 0,
		one + strings.ReplaceAll(one, "id=1", "id=2"): 0,
		one + one:                               1,
		strings.Replace(one, "id=1", "id=2", 1): 1,
		strings.Replace(one, "jsonrpc.request.id=1", "", 1):                2,
		strings.Replace(one, "mcp.protocol.version=1", "", 1):              1,
		strings.ReplaceAll(one, "network.transport=tcp", "network.type=4"): 1,
	} {
		if _, found := unpaired([][]*observed{sketch(text)}); len(found) != want {
			t.Errorf("%s: complaints %v, want %d", text, found, want)
		}
	}
}
