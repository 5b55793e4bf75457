package conform

import (
	"strings"

	"github.com/otelsim/otelsim/pkg/build/vocab"
)

// slot is an attribute that a rule reads by its meaning. Names that no rule
// reads get the numbers from numSlots on.
type slot uint8

const (
	noSlot slot = iota
	slotClass
	slotSession
	slotConversation
	slotTenant
	slotRequest
	slotUser
	slotPseudo
	slotStep
	slotOrchestrated
	slotRequestOutcome
	slotResponseOutcome
	slotAttemptOutcome
	slotErrorType
	slotErrorCategory
	slotRedaction
	slotTaskID
	slotTaskType
	slotFallback
	slotProvider
	slotSystem
	slotModel
	slotAnswering
	slotFinish
	slotFinishes
	slotInputTokens
	slotOutputTokens
	slotAsked
	slotMade
	slotStreaming
	slotCapture
	slotRedacting
	slotInput
	slotOutput
	slotInstructions
	slotInputRedacted
	slotOutputRedacted
	slotQueries
	slotResults
	slotRetrieval
	slotAvailable
	slotSelected
	slotSelection
	slotServer
	slotTool
	slotCall
	slotModelCall
	slotRetries
	slotPolicy
	slotIndex
	slotReason
	slotBackoff
	slotFormat
	slotBlock
	slotRequestFlag
	slotRequestSource
	slotResponseFlag
	slotResponseSource
	slotDecision
	slotFailMode
	slotResult
	slotIncoming
	slotData
	slotOutgoing
	slotModule
	slotComponent
	slotHits
	slotMost
	slotRaw
	slotToolName
	slotArguments
	slotToolResult
	slotCacheRead
	slotCacheWrite
	slotReasoning
	slotFirstChunk
	slotStream
	slotCompacted
	slotOperation
	slotPeer
	slotDefinitions
	slotService
	slotInstance
	numSlots
)

// slotNames are the attributes of the slots; an asterisk stands for the
// namespace.
var slotNames = [numSlots]string{
	slotClass:           "*.span.class",
	slotSession:         "*.session.id",
	slotConversation:    "gen_ai.conversation.id",
	slotTenant:          "*.tenant.id",
	slotRequest:         "*.request.id",
	slotUser:            "enduser.id",
	slotPseudo:          "*.enduser.pseudo.id",
	slotStep:            "*.step.outcome",
	slotOrchestrated:    "*.a2a.outcome",
	slotRequestOutcome:  "*.request.outcome",
	slotResponseOutcome: "*.response.outcome",
	slotAttemptOutcome:  "*.mcp.attempt.outcome",
	slotErrorType:       "error.type",
	slotErrorCategory:   "*.error.category",
	slotRedaction:       "*.redaction.applied",
	slotTaskID:          "*.task.id",
	slotTaskType:        "*.task.type",
	slotFallback:        "*.task.fallback.used",
	slotProvider:        "gen_ai.provider.name",
	slotSystem:          "gen_ai.system",
	slotModel:           "gen_ai.request.model",
	slotAnswering:       "gen_ai.response.model",
	slotFinish:          "gen_ai.response.finish_reason",
	slotFinishes:        "gen_ai.response.finish_reasons",
	slotInputTokens:     "gen_ai.usage.input_tokens",
	slotOutputTokens:    "gen_ai.usage.output_tokens",
	slotAsked:           "*.llm.tool.request.count",
	slotMade:            "*.llm.tool.execution.count",
	slotStreaming:       "*.llm.streaming",
	slotCapture:         "*.llm.content.capture.enabled",
	slotRedacting:       "*.llm.content.redaction.enabled",
	slotInput:           "gen_ai.input.messages",
	slotOutput:          "gen_ai.output.messages",
	slotInstructions:    "gen_ai.system_instructions",
	slotInputRedacted:   "*.gen_ai.input.redacted",
	slotOutputRedacted:  "*.gen_ai.output.redacted",
	slotQueries:         "*.rag.query.count",
	slotResults:         "*.rag.result.count",
	slotRetrieval:       "*.rag.latency.ms",
	slotAvailable:       "*.mcp.tools.available.count",
	slotSelected:        "*.mcp.tools.selected.count",
	slotSelection:       "*.mcp.selection.latency.ms",
	slotServer:          "*.mcp.server.uuid",
	slotTool:            "*.mcp.tool.uuid",
	slotCall:            "*.mcp.tool.call.id",
	slotModelCall:       "gen_ai.tool.call.id",
	slotRetries:         "*.retry.count",
	slotPolicy:          "*.retry.policy",
	slotIndex:           "*.mcp.attempt.index",
	slotReason:          "*.retry.reason",
	slotBackoff:         "*.retry.backoff.ms",
	slotFormat:          "*.response.format",
	slotBlock:           "*.block.reason",
	slotRequestFlag:     "*.request.audit.flag",
	slotRequestSource:   "*.request.audit.source",
	slotResponseFlag:    "*.response.audit.flag",
	slotResponseSource:  "*.response.audit.source",
	slotDecision:        "*.policy.decision",
	slotFailMode:        "*.policy.fail_mode",
	slotResult:          "*.validation.result",
	slotIncoming:        "*.cp.incoming_trace_id",
	slotData:            "*.dp.trace_id",
	slotOutgoing:        "*.cp.outgoing_trace_id",
	slotModule:          "*.module",
	slotComponent:       "*.component",
	slotHits:            "*.retrieval.hit_count",
	slotMost:            "*.retrieval.top_k",
	slotRaw:             "*.agent.tool_selection.input.raw",
	slotToolName:        "gen_ai.tool.name",
	slotArguments:       "gen_ai.tool.call.arguments",
	slotToolResult:      "gen_ai.tool.call.result",
	slotCacheRead:       "gen_ai.usage.cache_read.input_tokens",
	slotCacheWrite:      "gen_ai.usage.cache_write.input_tokens",
	slotReasoning:       "gen_ai.usage.reasoning.output_tokens",
	slotFirstChunk:      "gen_ai.response.time_to_first_chunk",
	slotStream:          "gen_ai.request.stream",
	slotCompacted:       "gen_ai.conversation.compacted",
	slotOperation:       "gen_ai.operation.name",
	slotPeer:            "server.address",
	slotDefinitions:     "gen_ai.tool.definitions",
	slotService:         "service.name",
	slotInstance:        "service.instance.id",
}

// called is a canonical name in the vocabulary of the conventions.
func (k *Checker) called(canonical string) string {
	if name, ok := k.c.Renamed(strings.TrimPrefix(canonical, "*.")); ok {
		return k.keyOf(name)
	}
	return canonical
}

// slotsCalled are slotNames in the vocabulary of the conventions.
func (k *Checker) slotsCalled() (names [numSlots]string) {
	for i, name := range slotNames {
		names[i] = k.called(name)
	}
	return names
}

// class is a span type that rules speak of.
type class uint8

const (
	otherClass class = iota
	classRequest
	classPayload
	classPolicy
	classAugmentation
	classResponse
	classUnified
	classOrchestrate
	classPlanner
	classTask
	classAugment
	classRetrieve
	classLLM
	classBridge
	classRecommend
	classTool
	classAttempt
	classCompose
	classCall
	classAdded // one of vocab that no rule speaks of by itself
	numClasses
)

// spanClass is what the rules know of a span type by themselves.
type spanClass struct {
	name      string // without namespace
	bare      bool   // and never with one
	control   bool   // of the control plane
	outcome   slot   // the attribute that says how it ended
	component string // of its resource
	required  []string
}

// classes has what every span of a type must carry, whatever a conventions
// file says of it.
var classes = [numClasses]spanClass{
	classRequest: {name: "request.validation", control: true, outcome: slotRequestOutcome, required: []string{"*.request.outcome", "*.tenant.id"}},
	classPayload: {name: "validation.payload", control: true, outcome: slotStep, required: []string{"*.step.outcome", "*.validation.result"}},
	classPolicy: {name: "validation.policy", control: true, outcome: slotStep,
		required: []string{"*.step.outcome", "*.policy.engine", "*.policy.decision"}},
	classAugmentation: {name: "augmentation", control: true, outcome: slotStep, required: []string{"*.step.outcome"}},
	classResponse:     {name: "response.validation", control: true, outcome: slotResponseOutcome, required: []string{"*.response.outcome"}},
	classUnified:      {name: "cp.request", bare: true, control: true, required: []string{"*.request.outcome"}},
	classOrchestrate: {name: "a2a.orchestrate", outcome: slotOrchestrated, component: "orchestrator", required: []string{
		"*.a2a.agent.target.id", "*.a2a.outcome", "*.enduser.pseudo.id", "*.session.id", "enduser.id", "*.tenant.id",
		"deployment.environment.name", "*.redaction.applied"}},
	classPlanner: {name: "planner", outcome: slotStep, component: "planning", required: []string{"*.step.outcome"}},
	classTask: {name: "task.execute", outcome: slotStep, component: "orchestrator",
		required: []string{"*.task.id", "*.task.type", "*.step.outcome"}},
	classAugment: {name: "context.augment", outcome: slotStep, component: "retrieval",
		required: []string{"*.step.outcome", "*.rag.query.count", "*.rag.result.count"}},
	classRetrieve: {name: "rag.retrieve", bare: true, outcome: slotStep, component: "retrieval"},
	classLLM:      {name: "llm.call", outcome: slotStep, component: "llm", required: []string{"*.step.outcome", "gen_ai.request.model"}},
	classBridge: {name: "llm.tool.response.bridge", outcome: slotStep, component: "llm",
		required: []string{"*.step.outcome", "gen_ai.tool.call.id"}},
	classRecommend: {name: "tools.recommend", outcome: slotStep, component: "tool_recommender",
		required: []string{"*.step.outcome", "*.mcp.tools.available.count", "*.mcp.tools.selected.count"}},
	classTool: {name: "mcp.tool.execute", outcome: slotStep, component: "mcp_client",
		required: []string{"*.step.outcome", "*.mcp.server.uuid", "*.mcp.tool.uuid", "*.mcp.tool.call.id"}},
	classAttempt: {name: "mcp.tool.execute.attempt", outcome: slotAttemptOutcome, component: "mcp_client",
		required: []string{"*.mcp.tool.call.id", "*.mcp.attempt.index", "*.mcp.attempt.outcome"}},
	classCompose: {name: "response.compose", outcome: slotStep, component: "orchestrator", required: []string{"*.response.format", "*.step.outcome"}},
	classCall:    {name: "a2a.call", bare: true, outcome: slotStep, component: "orchestrator"},
}

// classOf returns the class of a span type without namespace.
func classOf(bare string) class {
	for c := otherClass + 1; c < classAdded; c++ {
		if classes[c].name == bare {
			return c
		}
	}
	if _, ok := vocab.Find(bare); ok {
		return classAdded
	}
	return otherClass
}

// specOf returns what the rules know of a span type. Of one that was added to
// vocab they know what follows from its class and role, and hold it to the
// conventions for all else.
func specOf(c class, bare string) *spanClass {
	if c != classAdded {
		return &classes[c]
	}
	t := vocab.Of(bare)
	return &spanClass{name: bare, bare: t.Bare, control: t.IsControl(), outcome: slotStep}
}
