package scenario

import "github.com/otelsim/otelsim/pkg/build/vocab"

// The keys of config.yaml, resource.yaml and scenario files, level by level.
// Anything else is an error. Keys marked as unused carry information for
// people, or for other readers of the same files.

var (
	configKeys = []string{"id_formats", "happy_path_latencies_ms", "tenants", "agents", "mcp_servers",
		"tools", "models", "realistic_scenarios", "control_plane", "conversation_samples", "phases", "cardinality", "arrivals", "services", "values"}
	idFormatKeys   = []string{"session_id", "conversation_id", "request_id", "mcp_tool_call_id"}
	latencyKeys    = keysOfLatencies(func(vocab.Type) bool { return true })
	tenantKeys     = []string{"id", "display_name", "description"}                 // the last two unused
	agentKeys      = []string{"id", "description", "instructions", "display_name"} // the last unused
	serverKeys     = []string{"mcp_server_uuid", "protocol_version", "tools", "service", "display_name", "description"}
	serviceKeys    = []string{"name", "version", "namespace", "instance", "attributes", "address", "port", "description"} // the last unused
	toolKeys       = append([]string{"name", "tool_uuid", "display_name", "calls"}, structureKeys...)
	structureKeys  = []string{"description", "arguments", "result", "samples"}
	fieldKeys      = []string{"type", "description", "required", "enum", "fields", "items"}
	toolSampleKeys = []string{"arguments", "result"}
	realisticKeys  = []string{"divisions", "error_templates", "workflow_templates"}
	errorKeys      = []string{"error_type", "http_status_codes", "description"}     // description unused
	samplesKeys    = []string{"samples", "status_enum", "description"}              // the last two unused
	sampleKeys     = []string{"user_input", "llm_response", "tools", "description"} // description unused
	controlKeys    = []string{"latencies_ms", "default_data_plane_workflow", "trace_flow", "request_validation_templates", "response_validation_templates", "request_scenarios"}
	cpLatencyKeys  = keysOfLatencies(vocab.Type.IsControl)
	flowKeys       = []string{"allowed", "blocked", "error"}
	requestKeys    = []string{"root", "payload", "policy", "augmentation", "error_rate", "include_policy", "include_augmentation", "description"}
	responseKeys   = []string{"root", "policy", "error_rate", "description"}
	rateKeys       = []string{"root", "payload", "policy", "augmentation"}
	responseRates  = []string{"root", "policy"}
	findingKeys    = []string{"path", "rule", "code"}
	exceptionKeys  = []string{"type", "message"}
	registeredKeys = []string{"template", "description", "display_name", "workload_weight"} // display_name unused

	phaseKeys = []string{"name", "description", "from", "to", "scenarios", "tools", "divisions", "services", "operations", "latency_factor",
		"error_rate", "error_type", "weights"} // description unused
	cardinalityKeys = []string{"users", "instances"}

	modelKeys        = []string{"name", "provider", "response_model", "server", "tokens", "latency", "request", "in_mix", "description"} // description unused
	tokenKeys        = []string{"prompt", "output", "cache", "reasoning"}
	modelLatencyKeys = []string{"first_chunk_ms", "ms_per_token"}

	resourceKeys = []string{"schema_url", "control_plane", "data_plane"}
	sectionKeys  = []string{"attributes", "description"} // description unused

	scenarioKeys = []string{"name", "display_name", "description", "tags", "repeat_count", "interval_ms",
		"interval_deviation_ms", "workload_weight", "in_mix", "emit_metrics", "emit_logs", "redaction_applied",
		"mcp_server", "simulation_goal", "realistic_overrides", "expected", "context", "data_plane",
		"control_plane", "conversation", "root", "tools", "model", "evaluations"} // display_name and expected unused
	expectedKeys = []string{"mcp_server", "tools"}
	contextKeys  = []string{"tenant", "agent", "mcp_server", "workflow", "correct_flow", "error_pattern",
		"error_config", "redaction_applied", "model"}
	flowStepsKeys    = []string{"steps"}
	errorConfigKeys  = []string{"rate", "step_index"}
	dataPlaneKeys    = []string{"workflow", "simulation_goal", "control_plane_template", "steps"}
	settingKeys      = []string{"latency", "error", "retry", "model"}
	requestPlaneKeys = []string{"request_outcome", "block_reason", "template", "policy_exception", "response_template"}
	conversationKeys = []string{"turns", "think_time", "history", "compact_at", "result_tokens"}
	turnKeys         = []string{"user_input", "llm_response", "tools", "workflow", "steps"}
	messageKeys      = []string{"role", "text", "tools", "workflow", "steps"}
	overlayKeys      = []string{"samples"}
	evaluationKeys   = []string{"name", "of", "score", "labels", "probability", "explanations", "description"} // description unused
	overrideKeys     = []string{"step_index_for_4xx", "wrong_division_target", "step_index_wrong_division",
		"mcp_server_key", "actual_steps", "skip_steps"}

	nodeKeys = []string{"type", "latency", "error", "count", "probability", "retry", "parallel", "attributes", "children", "one_of",
		"model", "task", "report", "description"} // description unused
	oneOfKeys       = []string{"one_of", "count", "probability", "description"} // description unused
	alternativeKeys = append([]string{"weight"}, nodeKeys...)
	errorModelKeys  = []string{"rate", "types", "retryable_types", "type_weights", "base_rate", "propagation"}
	propagationKeys = []string{"from_parent", "cascade_to_siblings"}
	retryKeys       = []string{"enabled", "max_attempts", "force_initial_failure", "backoff_base_ms",
		"backoff_multiplier", "backoff_jitter", "success_rate_per_attempt", "retryable_errors", "retryable_types"}
	plainLatencyKeys = []string{"mean", "mean_ms", "variance", "spike_rate", "spike_multiplier"}
)

// The closed sets of values.
var (
	goals = []string{"happy_path", // the one that is no failure comes first
		"4xx_invalid_arguments", "wrong_division", "partial_workflow", "ungrounded_response"}
	errorPatterns = []string{"happy_path", "none", "single_tool_failure", "first_tool_failure", "last_tool_failure", "cascade", "random"}
	errorTypes    = []string{"timeout", "unavailable", "invalid_arguments", "tool_error", "protocol_error"}
	redactions    = []string{"none", "basic", "strict"}
	outcomes      = []string{"allowed", "blocked", "error"} // by Outcome
	histories     = []string{HistoryCall, HistoryFull}
	flowParts     = []string{"incoming_validation", "data_plane", "response_validation"}
)

// keysOfLatencies are the keys of the durations of the types for which f holds.
func keysOfLatencies(f func(vocab.Type) bool) (keys []string) {
	for _, t := range vocab.All() {
		if t.LatencyKey != "" && f(t) {
			keys = append(keys, t.LatencyKey)
		}
	}
	return keys
}
