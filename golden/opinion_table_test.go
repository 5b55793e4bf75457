package golden

import (
	"fmt"
	"strings"
)

// kind is a type of span.
type kind struct {
	name    string
	bare    bool     // without the prefix
	kind    string   // INTERNAL, SERVER, CLIENT
	parents []string // or "-": none, or cp.request in the unified shape
	need    []rule
	may     []rule

	template string // what a span is called by what it carries; "": after the kind
}

// rule is what an attribute may be.
type rule struct {
	key    string
	kind   byte     // s, i, b, f, or a for an array of strings
	values []string // nil: any
}

// kinds says what spans there are: name, kind, parents, and the attributes that
// it must have and may have, those that it should have among these. "*" is the
// prefix of the vendor, which names of spans have too, except after a "!".
var kinds = parseKinds(`
request.validation SERVER -
  need *.request.outcome=allowed|blocked|error *.tenant.id
  may *.enduser.pseudo.id *.block.reason=$reasons *.request.audit.flag:b *.request.audit.source=policy
  may *.policy.fail_mode=closed|open
validation.payload INTERNAL request.validation
  need *.step.outcome=$cp *.validation.result=valid|invalid
  may *.block.reason=$reasons
validation.policy INTERNAL request.validation,response.validation
  need *.policy.engine *.policy.decision=allow|block|allow_with_audit *.step.outcome=$cp
  may *.policy.rule.id *.policy.reason *.policy.severity=low|medium|high *.policy.fail_mode=closed|open
augmentation INTERNAL request.validation
  need *.step.outcome=$cp
  may *.augment.conversation_id.action=$action *.augment.enduser_id.action=$action
  may *.augment.target_agent_id.action=$action *.augment.request_id.action=$action *.block.reason=$reasons
response.validation SERVER -
  need *.response.outcome=allowed|blocked|error *.cp.incoming_trace_id *.cp.outgoing_trace_id *.dp.trace_id
  may *.enduser.pseudo.id *.block.reason=response_policy *.response.audit.flag:b *.response.audit.source=policy
  may *.policy.fail_mode=closed|open
a2a.forward CLIENT cp.request
  need server.address
  may http.request.method=POST http.response.status_code:i
a2a.orchestrate SERVER -
  need *.a2a.agent.target.id *.a2a.outcome=success|partial|error *.enduser.pseudo.id $common *.cp.incoming_trace_id
  may gen_ai.agent.id gen_ai.agent.name gen_ai.agent.description gen_ai.operation.name=invoke_agent
planner INTERNAL a2a.orchestrate
  need *.step.outcome=success|fail
task.execute INTERNAL planner,a2a.orchestrate
  need *.task.id *.task.type=context_augmentation|llm_call|tool_recommendation|tool_execution|other
  need *.step.outcome=success|fail|skipped
  may *.task.retry.count:i *.task.fallback.used:b
context.augment INTERNAL task.execute
  need *.step.outcome=success|fail|skipped *.rag.query.count:i *.rag.result.count:i $common
  may $rag *.rag.approach=vector|keyword|hybrid|rerank
llm.call CLIENT task.execute
  need *.step.outcome=success|fail|partial gen_ai.provider.name=$providers gen_ai.request.model gen_ai.operation.name=chat
  may gen_ai.request.type=completion|chat|tool_call gen_ai.response.finish_reasons:a=stop|length|tool_call|content_filter|error
  may gen_ai.response.model gen_ai.usage.input_tokens:i gen_ai.usage.output_tokens:i
  may *.llm.turn.count:i *.llm.tool.request.count:i *.llm.tool.execution.count:i *.llm.streaming:b
  may $retry
  may *.llm.content.capture.enabled:b *.llm.content.redaction.enabled:b *.redaction.applied=none|basic|strict
  may gen_ai.usage.cache_read.input_tokens:i gen_ai.usage.cache_write.input_tokens:i gen_ai.usage.reasoning.output_tokens:i
  may $inference
  may gen_ai.input.messages gen_ai.output.messages gen_ai.system_instructions *.gen_ai.input.redacted *.gen_ai.output.redacted
llm.tool.response.bridge INTERNAL task.execute,llm.call
  need *.step.outcome=success|fail|skipped gen_ai.tool.call.id $common
tools.recommend INTERNAL task.execute
  need *.step.outcome=success|fail|skipped *.mcp.tools.available.count:i *.mcp.tools.selected.count:i
  may *.mcp.selection.strategy=capability_match|semantic_match|policy_filtered|hybrid|default
  may *.mcp.selection.constraints=policy|permissions|environment|latency_budget|none *.mcp.selection.latency.ms:i
  may *.mcp.selection.fallback.used:b *.tools.recommended.source=static|learned|hybrid
  may *.redaction.applied=none|basic|strict
mcp.tool.execute CLIENT llm.call,task.execute
  need *.step.outcome=success|fail|skipped *.mcp.server.uuid *.mcp.tool.uuid *.mcp.tool.call.id
  may *.retry.count:i *.retry.policy=none|fixed|exponential|exponential_jitter|circuit_breaker
  may gen_ai.tool.name gen_ai.tool.call.id gen_ai.operation.name=execute_tool mcp.method.name=tools/call server.address server.port:i
  may gen_ai.tool.call.arguments gen_ai.tool.call.result
mcp.tool.execute.attempt CLIENT mcp.tool.execute
  need *.mcp.tool.call.id *.mcp.attempt.index:i *.mcp.attempt.outcome=success|fail
  need server.address
  may $retry http.response.status_code:i gen_ai.tool.name server.port:i mcp.method.name=tools/call mcp.protocol.version mcp.session.id jsonrpc.request.id network.transport
mcp.tool.serve SERVER mcp.tool.execute.attempt
  need *.step.outcome=success|fail *.mcp.server.uuid *.mcp.tool.uuid *.mcp.tool.call.id
  may gen_ai.tool.name mcp.method.name=tools/call mcp.protocol.version mcp.session.id jsonrpc.request.id network.transport
response.compose INTERNAL a2a.orchestrate
  need *.response.format=a2a_json|a2a_stream *.step.outcome=success|fail
!rag.retrieve INTERNAL context.augment,task.execute,a2a.orchestrate
  may *.step.outcome=success|fail|skipped $rag *.rag.query.count:i *.rag.result.count:i
!a2a.call CLIENT task.execute,a2a.orchestrate
  need a2a.protocol=http|grpc|mcp|internal_queue|https+json *.a2a.agent.target.id
  need a2a.operation=delegate|summarize|retrieve|validate|plan|execute a2a.request.id
  may a2a.target.service a2a.trust.boundary=internal|external *.step.outcome=success|fail|skipped
  may server.address a2a.payload.schema a2a.payload.size_bytes:i a2a.result.size_bytes:i a2a.retry.count:i a2a.latency_ms:i
!cp.request SERVER -
  need *.cp.incoming_trace_id *.request.outcome=allowed|blocked|error
  may *.response.outcome=allowed|blocked|error *.block.reason=$reasons *.enduser.pseudo.id *.tenant.id
  may *.request.audit.flag:b *.request.audit.source=policy *.response.audit.flag:b *.response.audit.source=policy
  may *.cp.outgoing_trace_id *.dp.trace_id *.policy.fail_mode=closed|open
`)

// everywhere holds what any span may have: what tells sessions and requests
// apart, and the words about errors.
func (c *court) everywhere() []rule {
	identity := "gen_ai.conversation.id"
	if c.genai {
		identity = "*.enduser.pseudo.id"
	}
	return parseRules(identity + ` *.span.class *.session.id *.request.id *.tenant.id
		error.type=timeout|unavailable|invalid_arguments|tool_error|protocol_error *.error.category=validation|policy|runtime`)
}

// ofResource holds what every resource must have, and ofSome what it may.
var ofResource = parseRules(`service.name service.version *.tenant.id
	deployment.environment.name=development|staging|production`)

// The gateway and tool servers are components that the bundled conventions add.
var ofSome = parseRules(`service.namespace service.instance.id *.module=data-plane|control-plane *.otel.source=propagated|generated
	*.component=orchestrator|planning|retrieval|llm|mcp_client|tool_recommender|gateway|tool_server`)

// events says on which spans an event may be, and what it must have.
var events = map[string]struct {
	on   string
	need []rule
}{
	"exception":                                 {"", parseRules("exception.type exception.message")},
	"*.validation.error":                        {"validation.payload", parseRules("*.validation.error.path *.validation.error.rule *.validation.error.code")},
	"*.planning.result":                         {"planner", parseRules("*.planning.tasks")},
	"*.retrieval.summary":                       {"context.augment", parseRules("*.retrieval.hit_count:i *.retrieval.top_k:i *.retrieval.latency_ms:i")},
	"*.tools.recommended":                       {"tools.recommend", parseRules("*.tools.list *.tools.count:i")},
	"*.agent.tool_selection":                    {"tools.recommend", parseRules("*.agent.tool_selection.tool.plan")},
	"gen_ai.turn":                               {"llm.call", parseRules("gen_ai.turn.index:i gen_ai.turn.role=system|user|assistant|tool")},
	"gen_ai.tool.request":                       {"llm.call", parseRules("gen_ai.tool.name gen_ai.tool.call.id")},
	"gen_ai.tool.response":                      {"llm.call", parseRules("gen_ai.tool.name gen_ai.tool.call.id gen_ai.tool.success:b")},
	"gen_ai.client.inference.operation.details": {"llm.call", parseRules("gen_ai.operation.name")},
}

var shorthand = strings.NewReplacer(
	"$common", "*.session.id enduser.id *.tenant.id deployment.environment.name=development|staging|production *.redaction.applied=none|basic|strict",
	"$cp", "pass|fail|block|skip",
	"$action", "created|propagated|attached|missing",
	"$reasons", "invalid_payload|request_policy|response_policy|invalid_context|not_found|rate_limited|unknown",
	"$retry", "*.retry.reason=timeout|unavailable|rate_limited|transient_error|unknown *.retry.backoff.ms:i",
	"$rag", "*.rag.latency.ms:i *.rag.source=vector_db|search_index|knowledge_graph|cache|other "+
		"*.rag.strategy=semantic|keyword|hybrid|direct_lookup *.rag.rerank.used:b *.rag.cache.hit:b",
	"$inference", "gen_ai.output.type=text|json gen_ai.request.choice.count:i gen_ai.request.seed:i gen_ai.request.stream:b gen_ai.request.top_k:i "+
		"gen_ai.conversation.compacted:b gen_ai.request.frequency_penalty:f gen_ai.request.max_tokens:i gen_ai.request.presence_penalty:f "+
		"gen_ai.request.previous_response.id gen_ai.request.reasoning.level gen_ai.request.stop_sequences:a gen_ai.request.temperature:f "+
		"gen_ai.request.top_p:f gen_ai.response.id gen_ai.response.time_to_first_chunk:f server.address server.port:i",
	"$providers", "openai|anthropic|azure.ai.openai|azure.ai.inference|gcp.vertex_ai|gcp.gemini|gcp.gen_ai|aws.bedrock|"+
		"cohere|mistral_ai|deepseek|groq|perplexity|x_ai|ibm.watsonx.ai",
)

func parseKinds(text string) (out []*kind) {
	for line := range strings.Lines(strings.TrimSpace(text)) {
		word, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		switch word {
		case "need":
			k := out[len(out)-1]
			k.need = append(k.need, parseRules(rest)...)
		case "name":
			out[len(out)-1].template = rest
		case "may":
			k := out[len(out)-1]
			k.may = append(k.may, parseRules(rest)...)
		default:
			f := strings.Fields(rest)
			out = append(out, &kind{name: strings.TrimPrefix(word, "!"), bare: word[0] == '!', kind: f[0], parents: strings.Split(f[1], ",")})
		}
	}
	return out
}

func parseRules(text string) (out []rule) {
	for f := range strings.FieldsSeq(shorthand.Replace(text)) {
		key, values, some := strings.Cut(f, "=")
		r := rule{kind: 's'}
		r.key, _, _ = strings.Cut(key, ":")
		if len(r.key) < len(key) {
			r.kind = key[len(key)-1]
		}
		if some {
			r.values = strings.Split(values, "|")
		}
		out = append(out, r)
	}
	return out
}

// check returns what is wrong with an attribute by its rule.
func (r *rule) check(v any) string {
	var is byte
	var values []string
	switch v := v.(type) {
	case string:
		is, values = 's', []string{v}
		if v == "" {
			return r.key + " is empty"
		}
	case int64:
		is = 'i'
		if v < 0 {
			return r.key + " is negative"
		}
	case bool:
		is = 'b'
	case float64:
		is = 'f'
	case []string:
		is, values = 'a', v
	}
	if is != r.kind {
		return fmt.Sprintf("%s has the wrong type", r.key)
	}
	for _, got := range values {
		ok := r.values == nil
		for _, w := range r.values {
			ok = ok || w == got
		}
		if !ok {
			return fmt.Sprintf("%s must not be %q", r.key, got)
		}
	}
	return ""
}
