package vocab

// failedStep is the log of what is told of only when it fails.
var failedStep = Log{
	Story: FailedStep, Event: "step.failed", Noun: "step", About: "* span.class",
	Copy: "* span.class  * step.outcome  * block.reason",
}

// types are the span types, in byte order of their names.
var types = []Type{
	{
		Name: Call, Kind: client, Component: "orchestrator", Bare: true, Role: RoleTask,
		Latency: 100, Operation: "invoke_agent", Phases: SlowedAndFailed,
		Log: Log{
			Story: Ended, Event: "a2a.call", Noun: "call of agent", About: "* a2a.agent.target.id",
			Copy: `* a2a.agent.target.id  a2a.protocol  a2a.operation  a2a.request.id  a2a.trust.boundary
				* step.outcome  * a2a.outcome`,
		},
	},
	{
		Name: Forward, Kind: client, Role: RoleTask, Made: true,
	},
	{
		Name: Orchestrate, Kind: server, Component: "orchestrator", Role: RoleTurn,
		Latency: 1500, LatencyKey: "a2a_orchestrate", Operation: "invoke_agent",
		Carries: []string{"a2a.agent.target.id", "a2a.outcome", "enduser.id", "enduser.pseudo.id", "redaction.applied"},
		Section: "a2a_orchestration_attributes",
		Log:     Log{Story: Turn, Copy: "* a2a.agent.target.id  * a2a.outcome"},
	},
	{
		Name: Entry, Kind: server, Component: "orchestrator", Role: RoleTask, Made: true,
	},
	{
		Name: Augmentation, Kind: internal, Role: RoleFixed, Latency: 20, LatencyKey: "augmentation",
		Verdicts: []string{"step.outcome"}, Log: failedStep,
	},
	{
		Name: Augment, Kind: internal, Component: "retrieval", Role: RoleTask,
		Latency: 100, Task: "context_augmentation", Phases: SlowedAndFailed,
		Carries: []string{"step.outcome", "rag.query.count", "rag.result.count"},
		Log:     Log{Story: Ended, Event: "context.augment", Noun: "lookup of documents", Copy: retrieval},
	},
	{
		Name: Unified, Kind: server, Bare: true, Role: RoleFixed,
		Carries: []string{"enduser.pseudo.id"}, Verdicts: []string{"request.outcome"},
	},
	{
		Name: LLM, Kind: client, Component: "llm",
		Latency: 400, LatencyKey: "llm_call", Operation: "chat", Retried: true, Phases: SlowedAndFailed, Task: "llm_call", Wrapped: true,
		Carries:  []string{"step.outcome", "gen_ai.request.model", "gen_ai.usage.input_tokens", "gen_ai.usage.output_tokens"},
		Sections: []string{"llm_inference_attributes", "llm_content_capture_attributes"},
		Log: Log{
			Story: Ended, Event: "llm.call", Noun: "model call", About: "gen_ai.request.model",
			Copy: `gen_ai.operation.name  gen_ai.provider.name  gen_ai.system  gen_ai.request.model
				gen_ai.response.model  gen_ai.usage.input_tokens  gen_ai.usage.output_tokens
				gen_ai.response.finish_reason  gen_ai.response.finish_reasons  * step.outcome
				* redaction.applied  gen_ai.input.messages  gen_ai.output.messages
				* gen_ai.input.redacted  * gen_ai.output.redacted`,
		},
	},
	{
		Name: Bridge, Kind: internal, Component: "llm", Role: RoleTask, Latency: 100, Failure: "protocol_error",
		Carries: []string{"step.outcome", "gen_ai.tool.call.id"}, Log: failedStep,
	},
	{
		Name: Tool, Kind: client, Component: "mcp_client", Role: RoleTool,
		Operation: "execute_tool", Failure: "tool_error", Retried: true, Task: "tool_execution", Wrapped: true,
		Carries: []string{"step.outcome", "mcp.server.uuid", "mcp.tool.uuid", "mcp.tool.call.id", "gen_ai.tool.name", "retry.count"},
		Section: "mcp_tool_attributes",
		Log: Log{
			Story: Ended, Event: "tool.call", Noun: "tool call", About: "gen_ai.tool.name",
			Copy: "gen_ai.tool.name  * mcp.tool.call.id  * mcp.server.uuid  * mcp.tool.uuid  * retry.count  * step.outcome",
		},
	},
	{
		Name: Attempt, Kind: client, Component: "mcp_client",
		Latency: 150, LatencyKey: "mcp_tool_execute", Operation: "execute_tool",
		Failure: "tool_error", Retried: true, Phases: SlowedAndFailed,
		Carries: []string{"mcp.tool.call.id", "mcp.attempt.index", "mcp.attempt.outcome", "retry.reason", "retry.backoff.ms"},
		Section: "mcp_tool_attempt_attributes",
		Log: Log{
			Story: Attempts,
			Copy: `gen_ai.tool.name  * mcp.tool.call.id  * mcp.attempt.index  * mcp.attempt.outcome
				* retry.reason  * retry.backoff.ms  http.response.status_code`,
		},
	},
	{
		Name: Serve, Kind: server, Component: "tool_server", Latency: 4, Failure: "tool_error", Made: true,
		Carries: []string{"step.outcome", "mcp.tool.call.id"},
	},
	{
		Name: Planner, Kind: internal, Component: "planning", Latency: 250, LatencyKey: "planner",
		Carries: []string{"step.outcome"}, Log: failedStep,
	},
	{
		Name: Retrieve, Kind: internal, Component: "retrieval", Bare: true,
		Latency: 100, Task: "context_augmentation", Phases: Slowed,
		Log: Log{Story: Ended, Event: "rag.retrieve", Noun: "query of documents", Copy: retrieval},
	},
	{
		Name: Request, Kind: server, Role: RoleFixed, Latency: 40, LatencyKey: "request_validation",
		Carries: []string{"enduser.pseudo.id"}, Verdicts: []string{"request.outcome"},
		Log: Log{Story: Verdict, Noun: "request", Copy: "* block.reason  * policy.fail_mode"},
	},
	{
		Name: Compose, Kind: internal, Component: "orchestrator", Role: RoleCompose,
		Latency: 60, LatencyKey: "response_compose", Failure: "protocol_error",
		Carries: []string{"response.format", "step.outcome"}, Log: failedStep,
	},
	{
		Name: Response, Kind: server, Role: RoleFixed, Latency: 40, LatencyKey: "response_validation",
		Verdicts: []string{"response.outcome"},
		Log:      Log{Story: Verdict, Noun: "response", Copy: "* block.reason  * policy.fail_mode"},
	},
	{
		Name: Task, Kind: internal, Component: "orchestrator", Role: RoleTask,
		Latency: 80, LatencyKey: "task_execute", Failure: "tool_error",
		Carries: []string{"task.id", "task.type", "step.outcome"},
	},
	{
		Name: Recommend, Kind: internal, Component: "tool_recommender",
		Latency: 50, LatencyKey: "tools_recommend", Failure: "protocol_error", Task: "tool_recommendation", Wrapped: true,
		Carries: []string{"step.outcome", "mcp.tools.available.count", "mcp.tools.selected.count"}, Log: failedStep,
	},
	{
		Name: Payload, Kind: internal, Role: RoleFixed, Latency: 20, LatencyKey: "validation_payload",
		Verdicts: []string{"step.outcome", "validation.result"},
		Log:      Log{Story: Findings, Copy: "* validation.result  * step.outcome"},
	},
	{
		Name: Policy, Kind: internal, Role: RoleFixed, Latency: 20, LatencyKey: "validation_policy",
		Verdicts: []string{"step.outcome"},
		Log: Log{
			Story: Decision,
			Copy: `* policy.engine  * policy.decision  * policy.rule.id  * policy.reason
				* policy.severity  * step.outcome`,
		},
	},
}

// retrieval are the attributes that say what was looked up.
const retrieval = "* rag.source  * rag.strategy  * rag.query.count  * rag.result.count  * step.outcome"
