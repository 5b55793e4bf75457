package scenario

import (
	"reflect"
	"testing"

	"github.com/otelsim/otelsim/pkg/build/dist"
	"github.com/otelsim/otelsim/pkg/build/input"
)

// child parses a tree of one child, which is the given mapping.
func child(t *testing.T, mapping string) Node {
	t.Helper()
	d, problems := parse(t, "root: {children: ["+mapping+"]}\n")
	checkLines(t, problems)
	return d.Root.Children[0]
}

func TestErrorsOfANode(t *testing.T) {
	for _, row := range []struct {
		why, text string
		want      *ErrorModel
	}{
		{"nothing is said", "", nil},
		{"a rate", ", error: 0.25", &ErrorModel{Rate: 0.25}},
		{"zero is zero, and said", ", error: 0", &ErrorModel{}},
		{"a mapping without a rate never fails by itself", ", error: {types: timeout}", &ErrorModel{Types: []string{"timeout"}}},
		{"zero wins over everything", ", error: {rate: 0, propagation: {from_parent: 0, cascade_to_siblings: 0}}", &ErrorModel{}},
		{"the defaults of propagation", ", error: {base_rate: 0.1, propagation: {}}", &ErrorModel{Rate: 0.1, FromParent: 0.8, CascadeToSiblings: 0.3}},
		{"one key of propagation leaves the other its default", ", error: {propagation: {from_parent: 0.5}}", &ErrorModel{FromParent: 0.5, CascadeToSiblings: 0.3}},
		{"types and their weights, in the order of the types", ", error: {rate: 1, types: [Tool_Error, timeout], type_weights: {timeout: 3, tool_error: 1}, retryable_types: [tool_error]}",
			&ErrorModel{Rate: 1, Types: []string{"tool_error", "timeout"}, Weights: []float64{1, 3}, RetryableTypes: []string{"tool_error"}}},
		{"weights alone name the types, in an order of their own", ", error: {rate: 1, type_weights: {protocol_error: 3, timeout: 0}}",
			&ErrorModel{Rate: 1, Types: []string{"timeout", "protocol_error"}, Weights: []float64{0, 3}}},
	} {
		t.Run(row.why, func(t *testing.T) {
			if got := child(t, "{type: planner"+row.text+"}").Error; !reflect.DeepEqual(got, row.want) {
				t.Errorf("got %+v, want %+v", got, row.want)
			}
		})
	}
}

func TestRetriesOfANode(t *testing.T) {
	usual := Retry{MaxAttempts: 3, BackoffBase: 100, BackoffMultiplier: 2, BackoffJitter: 0.2}
	guide := usual
	guide.ForceInitialFailure, guide.SuccessRates = true, []float64{0, 0.75, 0.92}
	all := Retry{MaxAttempts: 5, SuccessRates: []float64{1}, RetryableTypes: []string{"tool_error", "timeout"}}
	for _, row := range []struct {
		why, text string
		want      *Retry
	}{
		{"nothing is said", "", nil},
		{"an empty mapping asks for the defaults", ", retry: {}", &usual},
		{"switched off", ", retry: {enabled: false, max_attempts: 9}", nil},
		{"forced, with rates per attempt", ", retry: {enabled: true, max_attempts: 3, force_initial_failure: true, success_rate_per_attempt: [0.0, 0.75, 0.92]}", &guide},
		{"zero is zero", ", retry: {max_attempts: 5, backoff_base_ms: 0, backoff_multiplier: 0, backoff_jitter: 0, success_rate_per_attempt: [1], retryable_errors: [tool_error, timeout]}", &all},
		{"the other name of retryable_errors", ", retry: {max_attempts: 5, backoff_base_ms: 0, backoff_multiplier: 0, backoff_jitter: 0, success_rate_per_attempt: [1], retryable_types: [tool_error, timeout]}", &all},
	} {
		t.Run(row.why, func(t *testing.T) {
			for _, typ := range retried {
				if got := child(t, "{type: "+typ+row.text+"}").Retry; !reflect.DeepEqual(got, row.want) {
					t.Errorf("%s: got %+v, want %+v", typ, got, row.want)
				}
			}
		})
	}
}

func TestParallelChildren(t *testing.T) {
	if n := child(t, "{type: planner, parallel: yes, children: [{type: planner}]}"); !n.Parallel || n.Children[0].Parallel {
		t.Errorf("got %+v", n)
	}
}

func TestSettingsOfSteps(t *testing.T) {
	d, problems := parse(t, ctx+`data_plane:
  workflow: file_claim
  steps:
    Planning: {latency: {distribution: constant, value: 5}}
    task: {retry: {max_attempts: 2}, error: 0}
    FILE_CLAIM: {error: {rate: 0.5, types: [timeout]}, retry: {enabled: false}}
    response_compose:
`)
	checkLines(t, problems)
	for i := range d.Settings {
		d.Settings[i].Step.Pos = input.Pos{}
	}
	want := []StepSetting{
		{Step: Step{Kind: StepPlanner}, Latency: constant(5)},
		{Step: Step{Kind: StepLLM}, Error: &ErrorModel{}, Retry: &Retry{MaxAttempts: 2, BackoffBase: 100, BackoffMultiplier: 2, BackoffJitter: 0.2}},
		{Step: Step{Kind: StepTool, Tool: "file_claim"}, Error: &ErrorModel{Rate: 0.5, Types: []string{"timeout"}}},
		{Step: Step{Kind: StepCompose}},
	}
	if !reflect.DeepEqual(d.Settings, want) {
		t.Errorf("got  %+v\nwant %+v", d.Settings, want)
	}
}

// A scenario that names no steps runs the default workflow; one that does not
// keep to its workflow has the steps that it takes instead, too.
func TestSettingsOfStepsThatAreNotWritten(t *testing.T) {
	d, problems := parse(t, ctx+"data_plane: {steps: {claim_status: {latency: 5}}}\n")
	checkLines(t, problems)
	if len(d.Settings) != 1 || d.Settings[0].Step.Tool != "claim_status" || d.Settings[0].Latency.Kind != dist.LogNormal {
		t.Errorf("got %+v", d.Settings)
	}
	d, problems = parse(t, ctx+`data_plane: {workflow: file_claim, simulation_goal: partial_workflow, steps: {claim_status: {error: 1}}}
realistic_overrides: {actual_steps: [planner, claim_status]}
`)
	checkLines(t, problems)
	if len(d.Settings) != 1 || len(d.Goals.ActualSteps) != 2 || d.Goals.ActualSteps[1].Tool != "claim_status" {
		t.Errorf("got %+v and %+v", d.Settings, d.Goals)
	}
}

func TestGoals(t *testing.T) {
	const flow = "data_plane: {workflow: file_claim}\n"
	overrides := func(change func(*GoalOverrides)) GoalOverrides {
		o := nowhere
		change(&o)
		return o
	}
	for _, row := range []struct {
		why, text string
		goal      string
		want      GoalOverrides
	}{
		{"none", flow, "", nowhere},
		{"the happy path is none", flow + "simulation_goal: Happy_Path\n", "", nowhere},
		{"at the top level", flow + "simulation_goal: Wrong_Division\n", "wrong_division", nowhere},
		{"in data_plane", "data_plane: {workflow: file_claim, simulation_goal: ungrounded_response}\n", "ungrounded_response", nowhere},
		{"both the same", "simulation_goal: ungrounded_response\ndata_plane: {workflow: file_claim, simulation_goal: ungrounded_response}\n", "ungrounded_response", nowhere},
		{"the first tool call is 0", flow + "simulation_goal: 4xx_invalid_arguments\nrealistic_overrides: {step_index_for_4xx: 0}\n", "4xx_invalid_arguments",
			overrides(func(o *GoalOverrides) { o.Step4xx = 0 })},
		{"a division by its name", flow + "simulation_goal: wrong_division\nrealistic_overrides: {wrong_division_target: Home_Appliances, step_index_wrong_division: 0}\n", "wrong_division",
			overrides(func(o *GoalOverrides) { o.WrongServer, o.StepWrongDivision = "appliance", 0 })},
		{"a division by its server", flow + "simulation_goal: wrong_division\nrealistic_overrides: {wrong_division_target: appliance, mcp_server_key: handset}\n", "wrong_division",
			overrides(func(o *GoalOverrides) { o.WrongServer, o.RightServer = "appliance", "handset" })},
		{"skipped steps are sorted", flow + "simulation_goal: partial_workflow\nrealistic_overrides: {skip_steps: [3, 1]}\n", "partial_workflow",
			overrides(func(o *GoalOverrides) { o.SkipSteps = []int64{1, 3} })},
		{"no actual steps are none", flow + "simulation_goal: partial_workflow\nrealistic_overrides: {actual_steps: [], skip_steps: []}\n", "partial_workflow", nowhere},
	} {
		t.Run(row.why, func(t *testing.T) {
			d, problems := parse(t, ctx+row.text)
			checkLines(t, problems)
			if d.Goal != row.goal || !reflect.DeepEqual(d.Goals, row.want) {
				t.Errorf("got %s %+v, want %s %+v", d.Goal, d.Goals, row.goal, row.want)
			}
		})
	}
}

// Where nothing else says whose tools are called, the goal's own key does.
func TestTheRightServerOfAGoalIsTheServer(t *testing.T) {
	d, problems := parse(t, `context: {tenant: tarnmere, agent: desk-1}
data_plane: {workflow: file_claim, simulation_goal: wrong_division}
realistic_overrides: {mcp_server_key: handset}
`)
	checkLines(t, problems)
	if d.Server != "handset" || d.Goals.RightServer != "handset" {
		t.Errorf("got %q and %q", d.Server, d.Goals.RightServer)
	}
}

func TestErrorPatterns(t *testing.T) {
	base := ctx[:len(ctx)-2]
	for _, row := range []struct {
		text string
		want Context
	}{
		{"error_pattern: cascade", Context{ErrorPattern: "cascade", ErrorRate: 0.1, ErrorStep: -1}},
		{"error_pattern: random, error_config: {rate: 0}", Context{ErrorPattern: "random", ErrorRate: 0, ErrorStep: -1}},
		{"error_pattern: single_tool_failure, error_config: {rate: 1, step_index: 0}", Context{ErrorPattern: "single_tool_failure", ErrorRate: 1, ErrorStep: 0}},
		{"error_pattern: single_tool_failure, error_config: {step_index: Random}", Context{ErrorPattern: "single_tool_failure", ErrorRate: 0.1, ErrorStep: -1}},
	} {
		row.want.Tenant, row.want.Agent = "tarnmere", "desk-1"
		d, problems := parse(t, base+", "+row.text+"}\ndata_plane: {workflow: file_claim}\n")
		checkLines(t, problems)
		if *d.Context != row.want {
			t.Errorf("%s: got %+v, want %+v", row.text, *d.Context, row.want)
		}
	}
}
