package scenario

import "testing"

const (
	nodeKeyList  = "attributes, children, count, description, error, latency, model, one_of, parallel, probability, report, retry, task, type"
	spanTypeList = "a2a.call, a2a.orchestrate, augmentation, context.augment, cp.request, llm.call, llm.tool.response.bridge, mcp.tool.execute, " +
		"mcp.tool.execute.attempt, planner, rag.retrieve, request.validation, response.compose, response.validation, task.execute, " +
		"tools.recommend, validation.payload, validation.policy"
	templateList     = "allowed, bare_allowed, blocked_invalid_context, blocked_invalid_payload, blocked_rate_limited, error, flagged_visit, odd_one_out"
	distributionList = "bernoulli, categorical, constant, empirical, exponential, geometric, log_normal, mixture, normal, pareto, poisson, uniform"
	errorTypeList    = "invalid_arguments, protocol_error, timeout, tool_error, unavailable"
	goalList         = "4xx_invalid_arguments, happy_path, none, partial_workflow, ungrounded_response, wrong_division"
	stepList         = "claim_status, file_claim, planner, response_compose, task, tools_recommend"
	ctx              = "context: {tenant: tarnmere, agent: desk-1, mcp_server: handset}\n"
)

// flawed are scenarios with what is said about them, in order: every check once.
var flawed = []struct {
	why, text string
	want      []string
}{
	{"an unknown key", "name: x\nroot: {type: planner, lattency: 5}\n", []string{
		`a.yaml:2:23: unknown key "lattency"; did you mean "latency"? allowed: ` + nodeKeyList}},
	{"a key of the top level", "nam: x\n", []string{
		`a.yaml:1:1: unknown key "nam"; did you mean "name"? allowed: context, control_plane, conversation, data_plane, description, display_name, emit_logs, emit_metrics, evaluations, expected, extends, in_mix, interval_deviation_ms, interval_ms, mcp_server, model, name, realistic_overrides, redaction_applied, repeat_count, root, services, simulation_goal, tags, tools, workload_weight`}},
	{"a span type", "root: {type: plannner}\n", []string{
		`a.yaml:1:14: root.type: unknown span type "plannner"; did you mean "planner"? allowed: ` + spanTypeList}},
	{"a span type with a namespace", "root:\n  type: a2a.orchestrate\n  children:\n    - type: bracken.llm.cal\n", []string{
		`a.yaml:4:13: root.children[0].type: unknown span type "bracken.llm.cal"; did you mean "bracken.llm.call"? allowed: bracken.a2a.call, bracken.a2a.orchestrate, bracken.augmentation, bracken.context.augment, bracken.cp.request, bracken.llm.call, bracken.llm.tool.response.bridge, bracken.mcp.tool.execute, bracken.mcp.tool.execute.attempt, bracken.planner, bracken.rag.retrieve, bracken.request.validation, bracken.response.compose, bracken.response.validation, bracken.task.execute, bracken.tools.recommend, bracken.validation.payload, bracken.validation.policy`}},
	{"a namespace that is none", "root: {type: acme.planner}\n", []string{
		`a.yaml:1:14: root.type: unknown span type "acme.planner"; allowed: ` + spanTypeList}},
	{"a child without type", "root: {children: [{latency: 5}]}\n", []string{"a.yaml:1:19: root.children[0].type: missing"}},
	{"children that are none", "root: {children: [planner, ~]}\n", []string{
		`a.yaml:1:19: root.children[0]: found string "planner", want a mapping`,
		`a.yaml:1:28: root.children[1]: found nothing, want a mapping`}},
	{"two trees", "root: [{type: planner}, {type: planner}]\n", []string{"a.yaml:1:7: root: found a list of 2 trees, want one"}},
	{"a tool that the server does not have", "context: {tenant: tarnmere, agent: desk-1, mcp_server: handset, correct_flow: [planner, book_visit]}\n", []string{
		`a.yaml:1:89: context.correct_flow[1]: unknown step or tool "book_visit"; allowed: claim_status, file_claim, planner, response_compose, task, tools_recommend`}},
	{"a tool with a typing mistake", "context: {tenant: tarnmere, agent: desk-1, mcp_server: handset, correct_flow: {steps: [planner, file_clam]}}\n", []string{
		`a.yaml:1:97: context.correct_flow.steps[1]: unknown step or tool "file_clam"; did you mean "file_claim"? allowed: claim_status, file_claim, planner, response_compose, task, tools_recommend`}},
	{"a workflow whose tool the server does not have", ctx + "data_plane: {workflow: book_visit}\n", []string{
		`a.yaml:2:24: workflow "book_visit": mcp_server "handset": unknown tool "Book_Visit"; allowed: claim_status, file_claim`}},
	{"a workflow with tools and no server", "context: {tenant: tarnmere, agent: desk-1}\ndata_plane: {workflow: file_claim}\n", []string{
		`a.yaml:2:24: workflow "file_claim" calls the tool "file_claim", and no mcp_server is named; allowed: handset, appliance`}},
	{"the default workflow needs a server, too", "context: {tenant: tarnmere, agent: desk-1}\n", []string{
		`a.yaml:1:10: workflow "claim_status" calls the tool "claim_status", and no mcp_server is named; allowed: handset, appliance`}},
	{"a workflow that is not there, and no server", "context: {tenant: tarnmere, agent: desk-1}\ndata_plane: {workflow: file_claims}\n", []string{
		`a.yaml:2:24: data_plane.workflow: unknown workflow "file_claims"; did you mean "file_claim"? allowed: book_visit, claim_status, file_claim`}},
	{"a server that is not there, and the default workflow", "context: {tenant: tarnmere, agent: desk-1, mcp_server: handsets}\n", []string{
		`a.yaml:1:56: context.mcp_server: unknown mcp_server "handsets"; did you mean "handset"? allowed: appliance, handset`}},
	{"a tool in a tree", ctx + "root: {children: [{type: mcp.tool.execute, attributes: {gen_ai.tool.name: file_clam}}]}\n", []string{
		`a.yaml:2:57: mcp_server "handset": unknown tool "file_clam"; did you mean "file_claim"? allowed: claim_status, file_claim`}},
	{"names of the config", "mcp_server: handsett\ncontext: {tenant: tarnmeer, agent: desk-3, mcp_server: appliances, workflow: file_claims}\ndata_plane: {workflow: claim_statu}\ncontrol_plane: {template: eror}\n", []string{
		`a.yaml:1:13: mcp_server: unknown mcp_server "handsett"; did you mean "handset"? allowed: appliance, handset`,
		`a.yaml:2:19: context.tenant: unknown tenant "tarnmeer"; did you mean "tarnmere"? allowed: brackenwell, tarnmere`,
		`a.yaml:2:36: context.agent: unknown agent "desk-3"; did you mean "desk-1"? allowed: desk-1, desk-2`,
		`a.yaml:2:56: context.mcp_server: unknown mcp_server "appliances"; did you mean "appliance"? allowed: appliance, handset`,
		`a.yaml:2:78: context.workflow: unknown workflow "file_claims"; did you mean "file_claim"? allowed: book_visit, claim_status, default, file_claim, upload`,
		`a.yaml:3:24: data_plane.workflow: unknown workflow "claim_statu"; did you mean "claim_status"? allowed: book_visit, claim_status, file_claim`,
		`a.yaml:4:27: control_plane.template: unknown request validation template "eror"; did you mean "error"? allowed: ` + templateList}},
	{"a context without tenant and agent", "context: {mcp_server: handset}\n", []string{
		"a.yaml:1:10: context.tenant: missing", "a.yaml:1:10: context.agent: missing"}},
	{"a workflow without context", "mcp_server: handset\ndata_plane: {workflow: file_claim}\n", []string{
		"a.yaml:2:13: data_plane: needs a context with tenant and agent"}},
	{"an empty workflow", "context: {tenant: tarnmere, agent: desk-1, mcp_server: handset, correct_flow: []}\n", []string{
		"a.yaml:1:79: context.correct_flow: no steps; a workflow needs at least one"}},
	{"a reason without template", ctx + "control_plane: {request_outcome: blocked, block_reason: rate-limit}\n", []string{
		`a.yaml:2:57: control_plane.block_reason: unknown request validation template "blocked_rate_limit"; did you mean "blocked_rate_limited"? allowed: ` + templateList}},
	{"an outcome", ctx + "control_plane: {request_outcome: denied}\n", []string{
		`a.yaml:2:34: control_plane.request_outcome: unknown value "denied"; allowed: allowed, blocked, error`}},
	{"an outcome that the template contradicts", ctx + "control_plane: {request_outcome: blocked, block_reason: x, template: error}\n", []string{
		`a.yaml:2:34: warning: control_plane.request_outcome: has no effect: template "error" says error`,
		`a.yaml:2:57: warning: control_plane.block_reason: has no effect: the request is not blocked`}},
	{"a reason for what is not blocked", ctx + "control_plane: {block_reason: rate_limited}\n", []string{
		`a.yaml:2:31: warning: control_plane.block_reason: has no effect: the request is not blocked`}},
	{"wrong types", "name: 5\nrepeat_count: '2'\ninterval_ms: fast\nemit_logs: 1\nroot: planner\n", []string{
		"a.yaml:1:7: name: found integer 5, want a string (quote it)",
		`a.yaml:2:15: repeat_count: found string "2", want an integer; did you mean 2, without quotes?`,
		`a.yaml:3:14: interval_ms: found string "fast", want a number`,
		"a.yaml:4:12: emit_logs: found integer 1, want true or false",
		`a.yaml:5:7: root: found string "planner", want a mapping`}},
	{"negative numbers", "repeat_count: -1\ninterval_ms: -5\nroot: {latency: -5}\n", []string{
		"a.yaml:1:15: repeat_count: -1 is negative",
		"a.yaml:2:14: interval_ms: -5 is negative",
		"a.yaml:3:17: root.latency: -5 is negative"}},
	{"a probability outside 0..1", "root: {children: [{type: planner, probability: 1.5}, {type: planner, probability: -0.1, error: 2}]}\n", []string{
		"a.yaml:1:48: root.children[0].probability: 1.5 is not between 0 and 1",
		"a.yaml:1:83: root.children[1].probability: -0.1 is not between 0 and 1",
		"a.yaml:1:96: root.children[1].error: 2 is not between 0 and 1"}},
	{"no turns", "conversation: {turns: []}\n", []string{"a.yaml:1:23: conversation.turns: no turns; a conversation needs at least one"}},
	{"turns without a value", "conversation:\n  turns:\n", []string{"a.yaml:2:3: conversation.turns: no turns; a conversation needs at least one"}},
	{"a conversation about nothing", "conversation: {think_time: 5}\n", []string{"a.yaml:1:15: conversation.turns: no turns; a conversation needs at least one"}},
	{"half a turn", "conversation: {turns: [{user_input: a}, {llm_response: b, role: user}]}\n", []string{
		"a.yaml:1:24: conversation.turns[0].llm_response: missing",
		"a.yaml:1:41: conversation.turns[1].user_input: missing",
		`a.yaml:1:59: unknown key "role"; allowed: llm_response, steps, tools, user_input, workflow`}},
	{"messages out of order", "conversation: {turns: [{role: assistant, text: a}, {role: system, text: b}, {text: c}]}\n", []string{
		`a.yaml:1:31: conversation.turns[0].role: found "assistant", want "user": messages alternate, user first`,
		`a.yaml:1:59: conversation.turns[1].role: unknown value "system"; allowed: assistant, user`,
		"a.yaml:1:77: conversation.turns[2].role: missing",
		"a.yaml:1:77: conversation.turns[2]: a user message without an answer"}},
	{"a distribution", "root: {latency: {distribution: lognormal}}\n", []string{
		`a.yaml:1:32: root.latency.distribution: unknown distribution "lognormal"; did you mean "log_normal"? allowed: ` + distributionList}},
	{"a parameter of another distribution", "root: {latency: {distribution: log_normal, mean_ms: 5}}\n", []string{
		`a.yaml:1:44: unknown key "mean_ms"; did you mean "median_ms"? allowed: distribution, median, median_ms, sigma`}},
	{"a median needs its distribution", "root: {latency: {median_ms: 5, sigma: 1}}\n", []string{
		`a.yaml:1:18: unknown key "median_ms"; did you mean "mean_ms"? allowed: distribution, mean, mean_ms, spike_multiplier, spike_rate, variance`,
		`a.yaml:1:32: unknown key "sigma"; allowed: distribution, mean, mean_ms, spike_multiplier, spike_rate, variance`}},
	{"one parameter in two spellings", "root: {latency: {mean: 5, mean_ms: 5}}\n", []string{
		`a.yaml:1:36: root.latency.mean_ms: means the same as "mean"; write one of them`}},
	{"parameters out of range", `root:
  children:
    - {type: planner, latency: {distribution: normal, mean: -1, stddev: -2}}
    - {type: planner, latency: {distribution: log_normal, median: 0, sigma: -0.5}}
    - {type: planner, latency: {distribution: exponential, mean: 0}}
    - {type: planner, latency: {distribution: uniform, low: 9, high: 2}}
    - {type: planner, latency: {distribution: geometric, p: 0}}
    - {type: planner, latency: {distribution: bernoulli, p: 1.1}}
    - {type: planner, latency: {mean: 5, variance: -1}}
    - {type: planner, latency: .inf}
    - {type: planner, latency: 1.0e+300}
`, []string{
		"a.yaml:3:61: root.children[0].latency.mean: -1 is negative",
		"a.yaml:3:73: root.children[0].latency.stddev: -2 is negative",
		"a.yaml:4:67: root.children[1].latency.median: 0 is not above zero",
		"a.yaml:4:77: root.children[1].latency.sigma: -0.5 is negative",
		"a.yaml:5:66: root.children[2].latency.mean: 0 is not above zero",
		"a.yaml:6:32: root.children[3].latency: low 9 is above high 2",
		"a.yaml:7:61: root.children[4].latency.p: 0 is not between 1e-06 and 1",
		"a.yaml:8:61: root.children[5].latency.p: 1.1 is not between 0 and 1",
		"a.yaml:9:52: root.children[6].latency.variance: -1 is negative",
		"a.yaml:10:32: root.children[7].latency: found number .inf, want a finite number",
		"a.yaml:11:32: root.children[8].latency: 1e+300 is not between 0 and 1e+10"}},
	{"paretos and quantiles", `root:
  children:
    - {type: planner, latency: {distribution: pareto, scale_ms: 0, alpha: 2}}
    - {type: planner, latency: {distribution: pareto, alpha: 1, max: 50}}
    - {type: planner, latency: {distribution: pareto, scale: 5}}
    - {type: planner, latency: {distribution: empirical}}
    - {type: planner, latency: {distribution: empirical, quantiles: [1, 5, 4, -1]}}
    - {type: planner, latency: {distribution: empirical, quantiles: [1]}}
    - {type: planner, latency: {distribution: empirical, quantiles: {p50: 1}}}
    - {type: planner, latency: {distribution: empirical, quantiles: [1, 2, 3], at: [0, 1]}}
    - {type: planner, latency: {distribution: empirical, quantiles: [1, 2, 3], at: [0, 0.5, 0.5]}}
    - {type: planner, latency: {distribution: empirical, quantiles: [1, 2], at: [0.1, 1]}}
    - {type: planner, latency: {distribution: empirical, quantiles: [1, 2], at: [0, 0.9]}}
`, []string{
		"a.yaml:3:65: root.children[0].latency.scale_ms: 0 is not above zero",
		"a.yaml:4:62: root.children[1].latency.alpha: 1 is not above 1, so there would be no mean",
		"a.yaml:4:70: root.children[1].latency.max: 50 is not above the scale 100",
		"a.yaml:5:32: root.children[2].latency.alpha: missing",
		"a.yaml:6:32: root.children[3].latency.quantiles: found 0 quantiles, want 2 to 10000: the least value, any between, the greatest",
		"a.yaml:7:76: root.children[4].latency.quantiles[2]: 4 is below the quantile before it; quantiles ascend",
		"a.yaml:7:79: root.children[4].latency.quantiles[3]: -1 is negative",
		"a.yaml:8:69: root.children[5].latency.quantiles: found 1 quantiles, want 2 to 10000: the least value, any between, the greatest",
		"a.yaml:9:69: root.children[6].latency.quantiles: found a mapping, want a list (items begin with a dash)",
		"a.yaml:10:84: root.children[7].latency.at: 2 shares for 3 quantiles; want one for each",
		"a.yaml:11:93: root.children[8].latency.at[2]: 0.5 is not above the share before it by 1e-09 at least; shares ascend",
		"a.yaml:12:82: root.children[9].latency.at[0]: 0.1, want 0: the least value is the first quantile",
		"a.yaml:13:85: root.children[10].latency.at[1]: 0.9, want 1: the greatest value is the last quantile"}},
	{"choices", `root:
  attributes:
    a: {distribution: categorical}
    b: {distribution: categorical, values: {}}
    c: {distribution: categorical, values: {x: 0, y: 0}}
    d: {distribution: categorical, values: {x: -1}}
    e: {distribution: categorical, values: [x, y], weights: [1]}
    f: {distribution: categorical, values: {x: 1}, weights: [1]}
    g: {values: [x]}
    h: [x]
  latency: {distribution: categorical, values: [fast]}
`, []string{
		"a.yaml:3:8: root.attributes.a.values: missing",
		"a.yaml:4:44: root.attributes.b.values: no values",
		"a.yaml:5:44: root.attributes.c.values: all weights are zero",
		"a.yaml:6:48: root.attributes.d.values.x: -1 is negative",
		"a.yaml:7:61: root.attributes.e.weights: found 1 weights for 2 values",
		"a.yaml:8:61: root.attributes.f.weights: the values carry their weights already",
		"a.yaml:9:8: root.attributes.g.distribution: missing",
		"a.yaml:10:8: root.attributes.h: found a list, want a string, a number or a boolean",
		"a.yaml:11:48: root.latency.values: want numbers here"}},
	{"mixtures", "root: {latency: {distribution: mixture, components: [{distribution: constant, weight: 0}]}, attributes: {a: {distribution: mixture}}}\n", []string{
		"a.yaml:1:53: root.latency.components: all weights are zero",
		"a.yaml:1:109: root.attributes.a.components: no components; a mixture needs at least one"}},
	{"counts", `root:
  count: 2
  children:
    - {type: planner, count: -1}
    - {type: planner, count: 1.5}
    - {type: planner, count: {min: 5, max: 2}}
    - {type: planner, count: {distribution: poisson, lambda: 3, min: 5, max: 2}}
    - {type: planner, count: {min: 5, maximum: 9}}
    - {type: planner, count: 10001}
    - {type: planner, count: {distribution: normal, mean: 3, min: 0, max: -2}}
`, []string{
		"a.yaml:2:10: root.count: the root of a tree is there exactly once",
		"a.yaml:4:30: root.children[0].count: -1 is not between 0 and 10000",
		"a.yaml:5:30: root.children[1].count: found number 1.5, want an integer",
		"a.yaml:6:30: root.children[2].count: min 5 is above max 2",
		"a.yaml:7:30: root.children[3].count: min 5 is above max 2",
		`a.yaml:8:39: unknown key "maximum"; allowed: distribution, max, min`,
		"a.yaml:9:30: root.children[5].count: 10001 is not between 0 and 10000",
		"a.yaml:10:75: root.children[6].count.max: -2 is negative"}},
	{"places", `root:
  children:
    - one_of: []
    - {one_of: [{type: planner, weight: 0}, {weight: 0, type: planner}]}
    - {one_of: [{type: planner, count: 2}, {one_of: [{type: planner}]}, {probability: 0.5}, 3], type: task.execute}
    - {one_of: [{type: planner, weigth: 2}, {type: planner, weight: -1}], count: 1.5}
    - {type: planner, weight: 2}
`, []string{
		"a.yaml:3:15: root.children[0].one_of: nothing in it has a weight above 0",
		"a.yaml:4:16: root.children[1].one_of: nothing in it has a weight above 0",
		"a.yaml:5:40: root.children[2].one_of[0].count: belongs to the place, not to one of what can stand there",
		"a.yaml:5:53: root.children[2].one_of[1].one_of: belongs to the place, not to one of what can stand there",
		"a.yaml:5:73: root.children[2].one_of[2].type: missing",
		"a.yaml:5:87: root.children[2].one_of[2].probability: belongs to the place, not to one of what can stand there",
		"a.yaml:5:93: root.children[2].one_of[3]: found integer 3, want a mapping",
		"a.yaml:5:97: unknown key \"type\"; allowed: count, description, one_of, probability",
		"a.yaml:6:33: unknown key \"weigth\"; did you mean \"weight\"? allowed: " + nodeKeyList + ", weight",
		"a.yaml:6:69: root.children[3].one_of[1].weight: -1 is negative",
		"a.yaml:6:82: root.children[3].count: found number 1.5, want an integer",
		"a.yaml:7:23: unknown key \"weight\"; allowed: " + nodeKeyList,
	}},
	{"a place as the root", "root: {one_of: [{type: planner}]}\n", []string{"a.yaml:1:16: root.one_of: the root of a tree is one span"}},
	{"closed sets", ctx[:len(ctx)-2] + ", error_pattern: cascad, redaction_applied: full}\nsimulation_goal: wrong_divison\nredaction_applied: basics\n", []string{
		`a.yaml:1:80: context.error_pattern: unknown value "cascad"; did you mean "cascade"? allowed: cascade, first_tool_failure, happy_path, last_tool_failure, none, random, single_tool_failure`,
		`a.yaml:1:107: context.redaction_applied: unknown value "full"; allowed: basic, none, strict`,
		`a.yaml:2:18: simulation_goal: unknown value "wrong_divison"; did you mean "wrong_division"? allowed: ` + goalList,
		`a.yaml:3:20: redaction_applied: unknown value "basics"; did you mean "basic"? allowed: basic, none, strict`}},
	{"error types", "root: {error: {types: [time_out], type_weights: {timeouts: 1}}, retry: {enabled: false, retryable_errors: [x], success_rate_per_attempt: [2]}}\n", []string{
		`a.yaml:1:24: root.error.types[0]: unknown error type "time_out"; did you mean "timeout"? allowed: ` + errorTypeList,
		`a.yaml:1:50: unknown key "timeouts"; did you mean "timeout"? allowed: ` + errorTypeList,
		`a.yaml:1:108: root.retry.retryable_errors[0]: unknown error type "x"; allowed: ` + errorTypeList,
		"a.yaml:1:139: root.retry.success_rate_per_attempt[0]: 2 is not between 0 and 1"}},
	{"weights of error types", `root:
  children:
    - {type: planner, error: {types: [timeout, timeout]}}
    - {type: planner, error: {types: [timeout, tool_error], type_weights: {timeout: 1, unavailable: 2}}}
    - {type: planner, error: {types: [timeout], type_weights: {timeout: 0}}}
    - {type: planner, error: {types: []}}
    - {type: planner, error: {type_weights: {timeout: heavy}}}
    - {type: planner, error: {rate: 0.5, base_rate: 0.5, propagation: {from_parent: 1.5, cascade_to_sibling: 0.5}}}
`, []string{
		`a.yaml:3:48: root.children[0].error.types[1]: "timeout" is there twice; type_weights makes a type more frequent`,
		`a.yaml:4:75: root.children[1].error.type_weights: no weight for "tool_error"; every type needs one`,
		`a.yaml:4:88: type_weights: "unavailable" is none of the types`,
		"a.yaml:5:63: root.children[2].error.type_weights: all weights are zero",
		"a.yaml:6:38: root.children[3].error.types: no error types; leave the key out, or name one",
		`a.yaml:7:55: root.children[4].error.type_weights.timeout: found string "heavy", want a number`,
		"a.yaml:8:53: warning: root.children[5].error.base_rate: has no effect beside rate",
		"a.yaml:8:85: root.children[5].error.propagation.from_parent: 1.5 is not between 0 and 1",
		`a.yaml:8:90: unknown key "cascade_to_sibling"; did you mean "cascade_to_siblings"? allowed: cascade_to_siblings, from_parent`}},
	{"retries", `root:
  children:
    - {type: llm.call, retry: {max_attempts: 0}}
    - {type: llm.call, retry: {max_attempts: 2, success_rate_per_attempt: [0, 0.5, 1]}, error: 0.5}
    - {type: llm.call, retry: {retryable_errors: [timeout], retryable_types: [timeout]}}
    - {type: llm.call, retry: true}
    - {type: llm.call, parallel: true}
`, []string{
		"a.yaml:3:46: root.children[0].retry.max_attempts: 0 is not between 1 and 100",
		"a.yaml:4:75: warning: root.children[1].retry.success_rate_per_attempt: 3 rates for 2 attempts; the further ones have no effect",
		"a.yaml:4:75: warning: root.children[1].retry.success_rate_per_attempt: decides every attempt, so the rate of error has no effect",
		`a.yaml:5:50: root.children[2].retry.retryable_errors: means the same as "retryable_types"; write one of them`,
		"a.yaml:6:31: root.children[3].retry: found boolean true, want a mapping",
		"a.yaml:7:34: warning: root.children[4].parallel: has no effect: it is about children, and there are none"}},
	{"a tree beside a workflow", ctx + "data_plane: {workflow: file_claim}\nroot: {type: planner}\n", []string{
		"a.yaml:3:7: warning: root: has no effect beside a workflow"}},
	{"steps that are none", "context: {tenant: tarnmere, agent: desk-1, mcp_server: handset, correct_flow: {step: []}}\n", []string{
		"a.yaml:1:79: context.correct_flow.steps: missing",
		`a.yaml:1:80: unknown key "step"; did you mean "steps"?`}},
	{"a step that is blank or a number", "context: {tenant: tarnmere, agent: desk-1, mcp_server: handset, correct_flow: [' ', 5]}\n", []string{
		"a.yaml:1:80: context.correct_flow[0]: empty",
		"a.yaml:1:85: context.correct_flow[1]: found integer 5, want a string (quote it)"}},
	{"a goal of nothing is none", ctx + "simulation_goal: ''\ndata_plane: {workflow: file_claim, simulation_goal: wrong_division}\n", nil},
	{"two goals", ctx + "simulation_goal: wrong_division\ndata_plane: {workflow: file_claim, simulation_goal: ungrounded_response}\n", []string{
		"a.yaml:3:53: warning: data_plane.simulation_goal: has no effect beside the simulation_goal of the scenario"}},
	{"a goal of a request that runs nothing", ctx + "data_plane: {workflow: file_claim, simulation_goal: wrong_division}\ncontrol_plane: {template: error, response_template: allowed}\n", []string{
		`a.yaml:2:53: warning: data_plane.simulation_goal: has no effect: a request with the template "error" runs nothing`,
		`a.yaml:3:53: warning: control_plane.response_template: has no effect: a request with the template "error" has no response validation`}},
	{"goals that the steps cannot miss", ctx[:len(ctx)-2] + ", correct_flow: [planner]}\nsimulation_goal: wrong_division\n", []string{
		"a.yaml:2:18: simulation_goal: wrong_division needs a tool call, and none of the steps is one"}},
	{"an answer that the steps do not have", ctx[:len(ctx)-2] + ", correct_flow: [planner]}\nsimulation_goal: ungrounded_response\n", []string{
		"a.yaml:2:18: simulation_goal: ungrounded_response needs the step response_compose"}},
	{"overrides that are about something else", ctx + `data_plane: {workflow: file_claim, simulation_goal: partial_workflow}
realistic_overrides: {step_index_for_4xx: 1, wrong_division_target: handsets, mcp_server_key: appliance, actual_steps: [planner, Book_Visit], skip_steps: [1]}
`, []string{
		"a.yaml:3:43: warning: realistic_overrides.step_index_for_4xx: has no effect: it is about simulation_goal 4xx_invalid_arguments",
		"a.yaml:3:43: realistic_overrides.step_index_for_4xx: 1 is out of range: tool calls count from 0, and the steps hold 1",
		"a.yaml:3:69: warning: realistic_overrides.wrong_division_target: has no effect: it is about simulation_goal wrong_division",
		"a.yaml:3:95: warning: realistic_overrides.mcp_server_key: has no effect: it is about simulation_goal wrong_division",
		`a.yaml:3:130: realistic_overrides.actual_steps[1]: unknown step or tool "Book_Visit"; allowed: ` + stepList,
		"a.yaml:3:155: warning: realistic_overrides.skip_steps: has no effect beside actual_steps"}},
	{"a division that is no other", ctx + "data_plane: {workflow: file_claim, simulation_goal: wrong_division}\nrealistic_overrides: {wrong_division_target: handsets}\n", []string{
		`a.yaml:3:46: realistic_overrides.wrong_division_target: "handset" is the division that the scenario is about; name another`}},
	{"a server that is named twice", ctx + "data_plane: {workflow: file_claim, simulation_goal: wrong_division}\nrealistic_overrides: {mcp_server_key: appliance}\n", []string{
		`a.yaml:3:39: warning: realistic_overrides.mcp_server_key: has no effect: the scenario names the mcp_server "handset"`}},
	{"steps that are skipped", ctx + "data_plane: {workflow: book_visit, simulation_goal: partial_workflow}\nmcp_server: appliance\nrealistic_overrides: {skip_steps: [0, 0, one, -1]}\n", []string{
		`a.yaml:2:24: workflow "book_visit": mcp_server "handset": unknown tool "Book_Visit"; allowed: claim_status, file_claim`,
		"a.yaml:4:39: realistic_overrides.skip_steps[1]: 0 is there twice",
		`a.yaml:4:42: realistic_overrides.skip_steps[2]: found string "one", want an integer`,
		"a.yaml:4:47: realistic_overrides.skip_steps[3]: -1 is out of range: steps count from 0, and there are 3"}},
	{"every step skipped", ctx[:len(ctx)-2] + ", correct_flow: [planner]}\nsimulation_goal: partial_workflow\nrealistic_overrides: {skip_steps: [0]}\n", []string{
		"a.yaml:3:35: realistic_overrides.skip_steps: skips every step; leave one"}},
	{"error patterns", ctx[:len(ctx)-2] + ", error_pattern: random, error_config: {rate: 1.5, step_index: 1}}\ndata_plane: {workflow: file_claim, simulation_goal: ungrounded_response}\n", []string{
		"a.yaml:1:80: warning: context.error_pattern: has no effect beside simulation_goal ungrounded_response",
		"a.yaml:1:109: context.error_config.rate: 1.5 is not between 0 and 1",
		"a.yaml:1:126: context.error_config.step_index: 1 is out of range: tool calls count from 0, and the steps hold 1"}},
	{"settings of patterns that have none", ctx[:len(ctx)-2] + ", error_pattern: cascade, error_config: {step_index: 0}}\n", []string{
		"a.yaml:1:116: warning: context.error_config.step_index: has no effect: it is about error_pattern single_tool_failure"}},
	{"settings of no pattern", ctx[:len(ctx)-2] + ", error_config: {rate: 0.5, step_index: random}}\n", []string{
		"a.yaml:1:79: warning: context.error_config: has no effect: nothing fails by error_pattern happy_path"}},
	{"settings of steps", ctx + `data_plane:
  workflow: file_claim
  steps:
    planer: {latency: 5}
    planner: {retry: {}}
    Planning: {error: 0.5}
    task: {latency: fast, errors: 1}
    claim_status: {}
`, []string{
		`a.yaml:5:5: unknown step of the workflow "planer"; did you mean "planner"? allowed: file_claim, planner, response_compose, task, tools_recommend`,
		"a.yaml:6:22: data_plane.steps.planner.retry: nothing to try again here; retries belong to llm.call, mcp.tool.execute, mcp.tool.execute.attempt",
		`a.yaml:7:5: duplicate step "planner"; the first is at a.yaml:6:5`,
		`a.yaml:8:21: data_plane.steps.task.latency: found string "fast", want a number`,
		`a.yaml:8:27: unknown key "errors"; did you mean "error"? allowed: error, latency, model, retry`,
		`a.yaml:9:5: unknown step of the workflow "claim_status"; allowed: file_claim, planner, response_compose, task, tools_recommend`}},
	{"settings of steps beside a tree", ctx + "data_plane: {steps: {planner: {latency: 5}}}\nroot: {type: planner}\n", []string{
		"a.yaml:2:21: data_plane.steps: there are no steps beside a root; write latency, error and retry at its nodes"}},
	{"spikes that never come, and wrong ones", "root: {latency: {mean: 5, spike_rate: 0}, children: [{type: planner, latency: {mean: 5, spike_multiplier: 0.5}}]}\n", []string{
		"a.yaml:1:107: root.children[0].latency.spike_multiplier: 0.5 is not between 1 and 1000"}},
	{"extends is misspelt", "extend: shop\n", []string{`a.yaml:1:1: unknown key "extend"; did you mean "extends"? allowed: ` + listed(topKeys)}},
	{"broken YAML", "name: [\n", []string{"a.yaml:2:1: broken YAML: did not find expected node content"}},
	{"a duplicate key", "name: x\nname: y\n", []string{`a.yaml:2:1: duplicate key "name"; the first is in line 1`}},
	{"no mapping", "- name: x\n", []string{"a.yaml:1:1: found a list, want a mapping"}},
	{"an empty name", "name: ' '\n", []string{"a.yaml:1:7: name: empty"}},
}

func TestEveryProblemOfAScenario(t *testing.T) {
	for _, row := range flawed {
		t.Run(row.why, func(t *testing.T) {
			_, got := parse(t, row.text)
			checkLines(t, got, row.want...)
		})
	}
}
