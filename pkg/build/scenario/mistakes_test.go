package scenario

import "testing"

// mistakes are what people get wrong first, in files as they write them, with
// all that is said about each: where it is, what is wrong, and what to write.
var mistakes = []struct {
	why, text string
	want      string
}{
	{"a key is misspelt", `name: own
root:
  type: a2a.orchestrate
  children:
    - type: planner
      lattency: 200
`, `a.yaml:6:7: unknown key "lattency"; did you mean "latency"? allowed: ` + nodeKeyList},
	{"a latency has a unit", `root:
  type: planner
  latency: 200ms
`, `a.yaml:3:12: root.latency: found string "200ms", want a number; did you mean 200, in milliseconds?`},
	{"a median is text", `root:
  type: planner
  latency:
    distribution: log_normal
    median_ms: "200"
`, `a.yaml:5:16: root.latency.median_ms: found string "200", want a number; did you mean 200, without quotes?`},
	{"an interval is in seconds", `name: own
interval_ms: 2s
`, `a.yaml:2:14: interval_ms: found string "2s", want a number; did you mean 2000, in milliseconds?`},
	{"a weight is text", `name: own
workload_weight: high
`, `a.yaml:2:18: workload_weight: found string "high", want a number`},
	{"a probability is in percent", `root:
  type: a2a.orchestrate
  children:
    - type: rag.retrieve
      probability: 30%
`, `a.yaml:5:20: root.children[0].probability: found string "30%", want a number; did you mean 0.3?`},
	{"a probability is above 1", `root:
  type: a2a.orchestrate
  children:
    - type: rag.retrieve
      probability: 1.5
`, `a.yaml:5:20: root.children[0].probability: 1.5 is not between 0 and 1`},
	{"a latency is negative", `root:
  type: planner
  latency: -200
`, `a.yaml:3:12: root.latency: -200 is negative`},
	{"a count ends before it begins", `root:
  type: a2a.orchestrate
  children:
    - type: planner
      count:
        min: 3
        max: 1
`, `a.yaml:6:9: root.children[0].count: min 3 is above max 1`},
	{"a tool that the server does not have", `context:
  tenant: tarnmere
  agent: desk-1
  mcp_server: handset
  correct_flow: [planner, claim_state, response_compose]
`, `a.yaml:5:27: context.correct_flow[1]: unknown step or tool "claim_state"; did you mean "claim_status"? allowed: ` + stepList},
	{"a workflow that does not exist", `context:
  tenant: tarnmere
  agent: desk-1
  mcp_server: handset
data_plane:
  workflow: file_claims
`, `a.yaml:6:13: data_plane.workflow: unknown workflow "file_claims"; did you mean "file_claim"? allowed: book_visit, claim_status, file_claim`},
	{"a tenant that does not exist", `context:
  tenant: tarnmeer
  agent: desk-1
  mcp_server: handset
`, `a.yaml:2:11: context.tenant: unknown tenant "tarnmeer"; did you mean "tarnmere"? allowed: brackenwell, tarnmere`},
	{"an agent that does not exist", `context:
  tenant: tarnmere
  agent: desk1
  mcp_server: handset
`, `a.yaml:3:10: context.agent: unknown agent "desk1"; did you mean "desk-1"? allowed: desk-1, desk-2`},
	{"a server that does not exist", `context:
  tenant: tarnmere
  agent: desk-1
  mcp_server: handsets
control_plane:
  template: error
`, `a.yaml:4:15: context.mcp_server: unknown mcp_server "handsets"; did you mean "handset"? allowed: appliance, handset`},
	{"a span type that does not exist", `root:
  type: a2a.orchestrate
  children:
    - type: llm.cal
`, `a.yaml:4:13: root.children[0].type: unknown span type "llm.cal"; did you mean "llm.call"? allowed: ` + spanTypeList},
	{"a turn without a reply", `conversation:
  turns:
    - user_input: Hello?
    - user_input: Anybody?
      llm_response: Yes.
`, `a.yaml:3:7: conversation.turns[0].llm_response: missing`},
	{"messages without the last reply", `conversation:
  turns:
    - role: user
      text: Hello?
`, `a.yaml:3:7: conversation.turns[0]: a user message without an answer`},
	{"a tab indents", "root:\n\ttype: planner\n",
		`a.yaml:2:1: broken YAML: a tab in the indentation; indent with spaces`},
	{"a line is indented too deep", `root:
  type: planner
   latency: 200
`, `a.yaml:3:4: broken YAML: mapping values are not allowed in this context: indented deeper than the line before, or a text with a colon, which needs quotes`},
	{"a space is missing after a colon", `name: own
root:
  type:planner
`, `a.yaml:3:3: root: found string "type:planner", want a mapping; did you mean "type: planner"?`},
	{"a dash is missing before a child", `root:
  type: a2a.orchestrate
  children:
    type: planner
`, `a.yaml:4:5: root.children: found a mapping, want a list (items begin with a dash)`},
	{"a key is there twice", `name: own
tags: [a]
name: other
`, `a.yaml:3:1: duplicate key "name"; the first is in line 1`},
	{"a goal has no workflow", `context:
  tenant: tarnmere
  agent: desk-1
  mcp_server: handset
simulation_goal: wrong_division
`, `a.yaml:5:18: simulation_goal: wrong_division needs steps: a data_plane.workflow or a context.correct_flow`},
	{"a goal that does not exist", `context:
  tenant: tarnmere
  agent: desk-1
  mcp_server: handset
data_plane:
  workflow: file_claim
  simulation_goal: wrong_devision
`, `a.yaml:7:20: data_plane.simulation_goal: unknown value "wrong_devision"; did you mean "wrong_division"? allowed: ` + goalList},
	{"a distribution that does not exist", `root:
  type: planner
  latency:
    distribution: gaussian
    mean_ms: 200
`, `a.yaml:4:19: root.latency.distribution: unknown distribution "gaussian"; allowed: ` + distributionList},
	{"a mixture without components", `root:
  type: planner
  latency:
    distribution: mixture
`, `a.yaml:4:5: root.latency.components: no components; a mixture needs at least one`},
	{"a retry of what cannot be tried again", `root:
  type: a2a.orchestrate
  retry:
    max_attempts: 3
`, `a.yaml:4:5: root.retry: nothing to try again here; retries belong to llm.call, mcp.tool.execute, mcp.tool.execute.attempt`},
	{"an error type that does not exist", `root:
  type: llm.call
  error:
    rate: 0.1
    types: [time_out]
`, `a.yaml:5:13: root.error.types[0]: unknown error type "time_out"; did you mean "timeout"? allowed: ` + errorTypeList},
	{"a response template that does not exist", `context:
  tenant: tarnmere
  agent: desk-1
  mcp_server: handset
control_plane:
  response_template: block
`, `a.yaml:6:22: control_plane.response_template: unknown response validation template "block"; did you mean "blocked"? allowed: ` +
		`allowed, allowed_but_flagged, blocked, error, error_that_is_none, passed_on`},
	{"a step to skip that is past the last", `context:
  tenant: tarnmere
  agent: desk-1
  mcp_server: handset
data_plane:
  workflow: file_claim
simulation_goal: partial_workflow
realistic_overrides:
  skip_steps: [6]
`, `a.yaml:9:16: realistic_overrides.skip_steps[0]: 6 is out of range: steps count from 0, and there are 6`},
	{"an empty file", "", `a.yaml:1:1: empty document`},
	{"a file of comments", "# name: own\n", `a.yaml:1:1: empty document`},
}

func TestMistakesAreNamedAndPlaced(t *testing.T) {
	for _, row := range mistakes {
		t.Run(row.why, func(t *testing.T) {
			_, got := parse(t, row.text)
			checkLines(t, got, row.want)
		})
	}
}
