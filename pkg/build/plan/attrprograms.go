package plan

import (
	"slices"
	"strings"

	"github.com/otelsim/otelsim/pkg/build/dist"
	"github.com/otelsim/otelsim/pkg/build/scenario"
	"github.com/otelsim/otelsim/pkg/build/semconv"
	"github.com/otelsim/otelsim/pkg/build/vocab"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// onFailure are the attributes of spans that can fail, when they do.
var onFailure = []string{"error.type", "error.category"}

// facts are what an attribute may say of the node that carries it.
type facts struct {
	taskType string
	server   *scenario.Server
	tool     *scenario.Tool
	agent    string // that is asked for
}

// program returns the program of an attribute that the model of a request
// gives a meaning. ok is false when it knows nothing of the name, omit is true
// when the name must not appear on a span like this one.
func (b *builder) program(class, bare string, f facts) (a Attr, omit, ok bool) {
	if class == vocab.Call && slices.Contains(agentNames, bare) {
		return b.str(b.colleague()), false, true
	}
	if a, omit, ok = b.programOfAny(class, bare); ok {
		return a, omit, ok
	}
	if a, omit, ok = b.programOfMCP(class, bare, f); ok {
		return a, omit, ok
	}
	switch class {
	case vocab.Task:
		switch bare {
		case "task.id":
			return op(OpTask), false, true
		case "task.type":
			return b.str(f.taskType), f.taskType == "", true
		case "task.retry.count":
			return op(OpTaskRetries), false, true
		case "task.fallback.used":
			return boolean(false), false, true
		}
	case vocab.LLM:
		return b.programOfModel(bare)
	case vocab.Recommend:
		return b.programOfRecommendation(bare, f)
	case vocab.Tool, vocab.Attempt, vocab.Serve:
		return b.programOfTool(class, bare, f)
	case vocab.Entry, vocab.Forward:
		return b.programOfRequest(class, bare, f)
	case vocab.Compose:
		if bare == "response.format" {
			def, _ := b.dict.OnSpan(class, b.full(bare))
			return b.format(def), false, true
		}
	case vocab.Augment, vocab.Retrieve:
		return programOfRetrieval(bare)
	case vocab.Bridge:
		switch bare {
		case "gen_ai.tool.call.id", "mcp.tool.call.id":
			return op(OpCall), false, true
		case toolName:
			return Attr{}, true, true // it runs none
		}
	case vocab.Call:
		switch bare {
		case serverAddress:
			return b.str(b.colleague()), false, true
		case providerName, systemName:
			return op(OpProvider), false, true
		case "a2a.request.id":
			return Attr{Op: OpHex, Prefix: "a2a_", Attr: otlp.Attr{Word: 16}}, false, true
		}
	}
	return Attr{}, false, false
}

// programOfAny covers names that mean the same on every span.
func (b *builder) programOfAny(class, bare string) (a Attr, omit, ok bool) {
	switch bare {
	case "span.class":
		// The bare types are no classes of conventions that list them all.
		typ := vocab.Of(class)
		def, _ := b.dict.OnSpan(class, b.full(bare))
		return b.str(class), typ.Bare && !def.Allows(class), true
	case "session.id", "gen_ai.conversation.id":
		return op(OpSession), false, true
	case "request.id":
		return op(OpRequest), false, true
	case "tenant.id":
		return b.str(b.tenant), false, true
	case "enduser.id", "enduser.pseudo.id":
		return op(OpUser), false, true
	case agentText:
		text := b.describes(b.agent)
		return b.str(text), text == "" || class != vocab.Orchestrate, true
	case agentTarget, "gen_ai.agent.id", "gen_ai.agent.name":
		return b.str(b.agent), false, true
	case environment:
		v := resourceValue(b.res.DataPlane, bare)
		return b.str(v), v == "", true
	case "otel.source":
		v := resourceValue(b.res.DataPlane, bare)
		return b.str(v), v == "", true
	case "redaction.applied":
		return b.str(b.redaction()), false, true
	case "a2a.outcome":
		return b.outcome("success", "partial", "error"), class != vocab.Orchestrate, true
	case "step.outcome":
		return b.outcome("success", "partial", "fail"), vocab.IsControl(class), true
	case "gen_ai.operation.name":
		return b.operation(class)
	case "cp.incoming_trace_id", "cp.outgoing_trace_id", "dp.trace_id":
		// Roots are given theirs where they are compiled.
		return op(OpRequestTrace), class != vocab.Unified || bare != "cp.incoming_trace_id", true
	}
	// What only a failure has is absent from a span without one.
	switch control := vocab.IsControl(class); bare {
	case "error.type":
		return op(OpErrorType), control, true
	case "error.category":
		return op(OpCategory), control, true
	case "retry.reason":
		return op(OpReason), class != vocab.Attempt, true
	case "retry.backoff.ms":
		return op(OpBackoff), class != vocab.Attempt, true
	}
	for _, s := range []string{"error.type", "error.category", "error.message", "block.reason", "retry.reason", "retry.backoff.ms"} {
		if bare == s || strings.HasSuffix(bare, "."+s) {
			return Attr{}, true, true
		}
	}
	return Attr{}, false, false
}

// operation is the GenAI operation of a class, where it has one: the only one that
// the conventions allow, else the usual.
func (b *builder) operation(class string) (a Attr, omit, ok bool) {
	name := vocab.Of(class).Operation
	for _, def := range b.attributesOf(class) {
		if def.Name == "gen_ai.operation.name" && len(def.Allowed) == 1 {
			name = def.Allowed[0]
		}
	}
	if name == "" {
		return Attr{}, true, true
	}
	return b.str(name), false, true
}

// How much a retrieval looks for and finds.
var (
	queryCount  = compile(dist.Spec{Kind: dist.Uniform, Low: 0.5, High: 3.499}, 1)
	resultCount = compile(dist.Spec{Kind: dist.Uniform, Low: -0.499, High: 12.499}, 1)
)

func (b *builder) programOfRecommendation(bare string, f facts) (a Attr, omit, ok bool) {
	switch bare {
	case "mcp.tools.available.count":
		return integer(int64(toolCount(f.server))), false, true
	case "mcp.tools.selected.count":
		return Attr{Op: OpTools, Attr: otlp.Attr{Word: uint64(toolCount(f.server)) + 1}}, false, true
	case "mcp.selection.latency.ms":
		return op(OpDuration), false, true
	case "mcp.selection.fallback.used":
		return boolean(false), false, true
	case toolName:
		return Attr{}, true, true // it runs none
	}
	return Attr{}, false, false
}

func (b *builder) programOfTool(class, bare string, f facts) (a Attr, omit, ok bool) {
	text := func(v string) (Attr, bool, bool) { return b.str(v), v == "", true }
	var server, uuid, name string
	if f.server != nil {
		server = f.server.UUID
	}
	if f.tool != nil {
		uuid, name = f.tool.UUID, f.tool.Name
	}
	switch bare {
	case serverAddress:
		return text(addressOf(f.server))
	case serverPort:
		return portOf(f.server)
	case "mcp.server.uuid":
		return text(server)
	case "mcp.tool.uuid":
		return text(uuid)
	case "gen_ai.tool.name":
		return text(name)
	case "mcp.tool.call.id", "gen_ai.tool.call.id":
		return op(OpCall), false, true
	case "gen_ai.tool.call.arguments":
		return op(OpArguments), class != vocab.Tool, true
	case "gen_ai.tool.call.result":
		return op(OpResult), class != vocab.Tool, true
	case "retry.count":
		return op(OpRetries), false, true
	case "retry.policy":
		return Attr{Op: OpPolicy, Values: []otlp.Attr{b.str("none").Attr, b.str("fixed").Attr}}, false, true
	case "mcp.attempt.index":
		return op(OpAttempt), false, true
	case "mcp.attempt.outcome":
		return b.outcome("success", "success", "fail"), false, true
	case "http.response.status_code":
		return op(OpStatusCode), false, true
	}
	return Attr{}, false, false
}

func programOfRetrieval(bare string) (a Attr, omit, ok bool) {
	switch bare {
	case "rag.query.count":
		return Attr{Op: OpInt, Table: queryCount}, false, true
	case "rag.result.count", "rag.documents.returned":
		return Attr{Op: OpInt, Table: resultCount}, false, true
	case "rag.latency.ms":
		return op(OpDuration), false, true
	}
	return Attr{}, false, false
}

// outcome is the word for how a span ended.
func (b *builder) outcome(success, partial, failed string) Attr {
	return Attr{Op: OpOutcome, Values: []otlp.Attr{b.str(success).Attr, b.str(partial).Attr, b.str(failed).Attr}}
}

// format is the format of the composed response: the first allowed value, or
// the first one that streams.
func (b *builder) format(def semconv.Attribute) Attr {
	block, stream := "a2a_json", "a2a_stream"
	if len(def.Allowed) > 0 {
		block, stream = def.Allowed[0], def.Allowed[0]
		for _, v := range def.Allowed {
			if strings.Contains(v, "stream") {
				stream = v
			}
		}
	}
	return Attr{Op: OpFormat, Values: []otlp.Attr{b.str(block).Attr, b.str(stream).Attr}}
}

func toolCount(s *scenario.Server) int {
	if s == nil {
		return 0
	}
	return len(s.Tools)
}

// resourceValue returns the value of a resource attribute, or "".
func resourceValue(attrs []scenario.Attribute, key string) string {
	for _, a := range attrs {
		if a.Key == key {
			return a.Value.Str
		}
	}
	return ""
}
