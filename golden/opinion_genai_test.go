package golden

import (
	"slices"
	"strings"
)

// genaiKinds are the spans of the genai vocabulary: those that OpenTelemetry's
// conventions for agents, models, tools and retrieval name, as they have them;
// of the others, the vendor's without a word of those conventions. "name" is
// what a span is called by what it carries.
var genaiKinds = genai(`
a2a.forward CLIENT cp.request
  name {http.request.method}
  need http.request.method=POST server.address
  may server.port:i http.response.status_code:i url.full
a2a.serve SERVER -
  name {http.request.method} {http.route}
  need http.request.method=POST http.route *.cp.incoming_trace_id
  may http.response.status_code:i url.path url.scheme server.address server.port:i
a2a.orchestrate INTERNAL a2a.serve
  name invoke_agent {gen_ai.agent.name}
  need gen_ai.operation.name=invoke_agent gen_ai.agent.name gen_ai.conversation.id
  may gen_ai.agent.description
  need *.a2a.agent.target.id *.a2a.outcome=success|partial|error $identity *.redaction.applied=none|basic|strict
planner INTERNAL a2a.orchestrate
  name plan {gen_ai.agent.name}
  need gen_ai.operation.name=plan gen_ai.agent.name *.step.outcome=success|fail
  may gen_ai.conversation.id
llm.call CLIENT task.execute
  name chat {gen_ai.request.model}
  need gen_ai.operation.name=chat gen_ai.provider.name=$providers gen_ai.request.model gen_ai.conversation.id
  need *.step.outcome=success|fail|partial *.redaction.applied=none|basic|strict
  may gen_ai.agent.name $inference gen_ai.response.finish_reasons:a=stop|length|tool_call|content_filter|error gen_ai.response.model
  may gen_ai.usage.input_tokens:i gen_ai.usage.output_tokens:i gen_ai.usage.cache_read.input_tokens:i
  may gen_ai.usage.cache_write.input_tokens:i gen_ai.usage.reasoning.output_tokens:i
  may gen_ai.input.messages gen_ai.output.messages gen_ai.system_instructions gen_ai.tool.definitions
  may *.gen_ai.input.redacted *.gen_ai.output.redacted *.llm.content.capture.enabled:b *.llm.content.redaction.enabled:b
  may *.llm.turn.count:i *.llm.tool.request.count:i *.llm.tool.execution.count:i *.llm.streaming:b $retry
mcp.tool.execute INTERNAL llm.call,task.execute
  name execute_tool {gen_ai.tool.name}
  need gen_ai.operation.name=execute_tool gen_ai.tool.name gen_ai.conversation.id
  need *.step.outcome=success|fail|skipped *.mcp.server.uuid *.mcp.tool.uuid *.mcp.tool.call.id
  may gen_ai.agent.name gen_ai.tool.call.id gen_ai.tool.description gen_ai.tool.type=function|extension|datastore
  may gen_ai.tool.call.arguments gen_ai.tool.call.result *.retry.count:i
  may *.retry.policy=none|fixed|exponential|exponential_jitter|circuit_breaker
mcp.tool.execute.attempt CLIENT mcp.tool.execute
  name tools/call {gen_ai.tool.name}
  need mcp.method.name=tools/call gen_ai.tool.name *.mcp.tool.call.id *.mcp.attempt.index:i *.mcp.attempt.outcome=success|fail
  may $mcp server.address server.port:i $retry http.response.status_code:i
mcp.tool.serve SERVER mcp.tool.execute.attempt
  name tools/call {gen_ai.tool.name}
  need mcp.method.name=tools/call gen_ai.tool.name
  may $mcp client.address client.port:i *.mcp.tool.call.id *.mcp.server.uuid *.mcp.tool.uuid *.step.outcome=success|fail
llm.tool.response.bridge INTERNAL task.execute,llm.call
  need *.step.outcome=success|fail|skipped *.mcp.tool.call.id $identity *.redaction.applied=none|basic|strict
!rag.retrieve CLIENT context.augment,task.execute,a2a.orchestrate
  name retrieval {gen_ai.data_source.id}
  need gen_ai.operation.name=retrieval gen_ai.data_source.id gen_ai.conversation.id
  may gen_ai.retrieval.top_k:i server.address server.port:i *.step.outcome=success|fail|skipped $rag *.rag.query.count:i *.rag.result.count:i
!a2a.call CLIENT task.execute,a2a.orchestrate
  name invoke_agent {gen_ai.agent.name}
  need gen_ai.operation.name=invoke_agent gen_ai.agent.name gen_ai.provider.name=$providers gen_ai.conversation.id
  need *.a2a.agent.target.id *.step.outcome=success|fail|skipped
  need a2a.protocol=grpc|https+json a2a.operation=delegate|summarize|retrieve|validate a2a.request.id
  may gen_ai.agent.id gen_ai.agent.description server.address server.port:i a2a.trust.boundary=internal|external
`)

// genai completes the kinds of the vocabulary.
func genai(text string) (out []*kind) {
	text = strings.NewReplacer(
		"$identity", "*.tenant.id deployment.environment.name=development|staging|production",
		"$mcp", "mcp.protocol.version mcp.session.id jsonrpc.request.id network.transport=tcp|quic|pipe network.protocol.name "+
			"network.protocol.version rpc.response.status_code error.type",
	).Replace(text)
	out = parseKinds(text)
	for _, k := range kinds {
		if slices.ContainsFunc(out, func(o *kind) bool { return o.name == k.name }) {
			continue
		}
		other := *k
		other.need, other.may = theirs(k.need), theirs(k.may)
		out = append(out, &other)
	}
	return out
}

// theirs are the rules about attributes that are not of the GenAI conventions,
// and not of the user, whom every span names.
func theirs(list []rule) []rule {
	return slices.DeleteFunc(slices.Clone(list), func(r rule) bool {
		return strings.HasPrefix(r.key, "gen_ai.") || strings.Contains(r.key, "enduser.")
	})
}

// called is the name that a span has by its kind, "" if it lacks what that
// takes.
func (s *span) called(k *kind) string {
	name := ""
	for rest := k.template; rest != ""; {
		text, after, some := strings.Cut(rest, "{")
		name += text
		if !some {
			break
		}
		key, end, _ := strings.Cut(after, "}")
		if s.attrs.str(key) == "" {
			return ""
		}
		name, rest = name+s.attrs.str(key), end
	}
	return name
}

// sort finds the kind of a span.
func (c *court) sort(s *span) {
	if !c.genai {
		for _, k := range kinds {
			if name := c.prefix + "." + k.name; s.Name == name && !k.bare || s.Name == k.name && k.bare {
				s.kind = k
			}
		}
		return
	}
	for _, k := range genaiKinds {
		switch {
		case s.Kind.String() != "SPAN_KIND_"+k.kind:
		case k.template == "" && (s.Name == c.prefix+"."+k.name && !k.bare || s.Name == k.name && k.bare):
			s.kind = k
		case k.template != "" && s.Name == s.called(k):
			s.kind = k
		}
	}
}

// known puts what every span of the genai vocabulary says of a session under the
// names that the rules know it by.
func (c *court) known(s *span) {
	if !c.genai {
		return
	}
	for theirs, ours := range map[string]string{"session.id": "*.session.id", "user.id": "*.enduser.pseudo.id"} {
		_, twice := s.attrs[ours]
		v, ok := s.attrs[theirs]
		c.must(ok && !twice, s, "has no %s, or another name for it", theirs)
		delete(s.attrs, theirs)
		s.attrs[ours] = v
	}
}

// never holds a span of the genai vocabulary to what must not be set.
func (c *court) never(s *span) {
	if !c.genai {
		return
	}
	_, operation := s.attrs["gen_ai.operation.name"]
	_, conversation := s.attrs["gen_ai.conversation.id"]
	c.must(!conversation || operation, s, "a conversation, and no operation")
	for key, wrong := range map[string]any{"gen_ai.conversation.compacted": false, "gen_ai.request.stream": false} {
		v, ok := s.attrs[key]
		c.must(!ok || v != wrong, s, "%s is there, and false", key)
	}
	version := s.attrs.str("mcp.protocol.version")
	_, session := s.attrs["mcp.session.id"]
	c.must(!session || version != "" && version < "2026-07-28", s, "a session of MCP, which %s does not have", version)
	for key := range s.attrs {
		c.must(!strings.HasPrefix(key, "openai.") || s.attrs["gen_ai.provider.name"] == "openai", s, "%s of another provider", key)
	}
	if s.is("llm.call") && !s.failed() {
		for _, key := range []string{"gen_ai.response.id", "gen_ai.response.model"} {
			c.must(s.attrs.str(key) != "", s, "went well without %s", key)
		}
	}
	streams, _ := s.attrs["gen_ai.request.stream"].(bool)
	_, first := s.attrs["gen_ai.response.time_to_first_chunk"]
	c.must(!s.is("llm.call") || s.failed() || streams == first, s, "streams %t, and has a first chunk %t", streams, first)
}
