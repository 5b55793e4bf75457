package build

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

const goalHead = statHead + "data_plane: {workflow: buy_insurance}\n"

// missed is what a test sees of a request that missed its goal.
type missed struct {
	failed   []int // tool calls, by position
	attempts []spanView
	tools    []string
	servers  []any
	compose  *spanView
	turn     spanView
	response any
}

func missedGoals(t *testing.T, definition string, n uint64) []missed {
	t.Helper()
	var out []missed
	eachRequest(t, bundled(t), definition, n, func(_ uint64, spans []spanView) {
		var m missed
		for _, s := range spans {
			switch s.class {
			case "mcp.tool.execute":
				if s.Status == otlp.StatusError {
					m.failed = append(m.failed, len(m.tools))
					m.servers = append(m.servers, s.attrs["vendor.mcp.server.uuid"])
				}
				m.tools = append(m.tools, fmt.Sprint(s.attrs["gen_ai.tool.name"]))
			case "mcp.tool.execute.attempt":
				if s.Status == otlp.StatusError {
					m.attempts = append(m.attempts, s)
				}
			case "response.compose":
				m.compose = &s
			case "a2a.orchestrate":
				m.turn = s
			case "response.validation":
				m.response = s.attrs["vendor.response.outcome"]
			}
		}
		out = append(out, m)
	})
	return out
}

func TestGoalOfWrongArguments(t *testing.T) {
	calls, codes := [3]int{}, map[any]int{}
	const n = 6_000
	for i, m := range missedGoals(t, goalHead+"simulation_goal: 4xx_invalid_arguments\n", n) {
		if len(m.failed) != 1 || len(m.attempts) != 1 || len(m.tools) != 3 {
			t.Fatalf("iteration %d: calls %v failed in %d attempts", i, m.failed, len(m.attempts))
		}
		calls[m.failed[0]]++
		a := m.attempts[0].attrs
		codes[a["http.response.status_code"]]++
		if a["error.type"] != "invalid_arguments" || a["vendor.mcp.attempt.outcome"] != "fail" || a["vendor.error.category"] != "validation" {
			t.Fatalf("iteration %d: attempt %v", i, a)
		}
		if m.turn.attrs["vendor.a2a.outcome"] != "partial" || m.compose.Status != otlp.StatusUnset || m.response != "allowed" {
			t.Fatalf("iteration %d: turn %v, response %v", i, m.turn.attrs["vendor.a2a.outcome"], m.response)
		}
	}
	for i := range calls {
		checkShare(t, fmt.Sprintf("failures of call %d", i), calls[i], n, 1.0/3)
	}
	for _, code := range []int64{400, 404, 422} {
		checkShare(t, fmt.Sprintf("status %d", code), codes[code], n, 1.0/3)
	}
	for i, m := range missedGoals(t, goalHead+"simulation_goal: 4xx_invalid_arguments\nrealistic_overrides: {step_index_for_4xx: 1}\n", 50) {
		if !slices.Equal(m.failed, []int{1}) {
			t.Errorf("iteration %d: with a fixed step, calls %v failed", i, m.failed)
		}
	}
}

func TestGoalOfTheWrongDivision(t *testing.T) {
	servers := map[any]int{}
	const n = 6_000
	for i, m := range missedGoals(t, goalHead+"simulation_goal: wrong_division\n", n) {
		if len(m.failed) != 1 {
			t.Fatalf("iteration %d: calls %v failed", i, m.failed)
		}
		servers[m.servers[0]]++
		a := m.attempts[0].attrs
		if a["error.type"] != "tool_error" || m.turn.attrs["vendor.a2a.outcome"] != "partial" || m.response != "allowed" {
			t.Fatalf("iteration %d: %v, turn %v", i, a["error.type"], m.turn.attrs["vendor.a2a.outcome"])
		}
	}
	if len(servers) != 2 {
		t.Fatalf("calls went to %v", servers)
	}
	for id, hits := range servers {
		checkShare(t, fmt.Sprint("calls to ", id), hits, n, 0.5)
	}
	for _, m := range missedGoals(t, goalHead+"simulation_goal: wrong_division\nrealistic_overrides: {wrong_division_target: home_appliances}\n", 20) {
		if m.servers[0] != "19dbb112-1be0-42b9-99a7-4b5722be3cff" {
			t.Errorf("the call went to %v", m.servers[0])
		}
	}
}

func TestGoalOfThePartialWorkflow(t *testing.T) {
	for overrides, want := range map[string]string{
		"": "choose_insurance buy_insurance, composed",
		"realistic_overrides: {skip_steps: [3]}\n":                                      "buy_insurance pay, composed",
		"realistic_overrides: {actual_steps: [planner, task, pay, response_compose]}\n": "pay, composed",
		"realistic_overrides: {actual_steps: [planner, task, pay]}\n":                   "pay, not composed",
	} {
		for i, m := range missedGoals(t, goalHead+"simulation_goal: partial_workflow\n"+overrides, 10) {
			got := strings.Join(m.tools, " ") + ", composed"
			if m.compose == nil {
				got = strings.Join(m.tools, " ") + ", not composed"
			} else if m.compose.attrs["error.type"] != "tool_error" || m.compose.attrs["vendor.step.outcome"] != "fail" {
				t.Errorf("%q: compose %v", overrides, m.compose.attrs)
			}
			if got != want || m.turn.attrs["vendor.a2a.outcome"] != "error" || m.turn.attrs["error.type"] != "tool_error" || m.response != "error" {
				t.Errorf("%q, iteration %d: %s; turn %v with %v, response %v", overrides, i, got,
					m.turn.attrs["vendor.a2a.outcome"], m.turn.attrs["error.type"], m.response)
			}
		}
	}
}

func TestGoalOfTheUngroundedResponse(t *testing.T) {
	for i, m := range missedGoals(t, goalHead+"simulation_goal: ungrounded_response\n", 10) {
		if m.compose.attrs["error.type"] != "unavailable" || m.turn.attrs["error.type"] != "unavailable" || m.response != "error" || len(m.failed) > 0 {
			t.Errorf("iteration %d: compose %v, turn %v, response %v, calls %v", i,
				m.compose.attrs["error.type"], m.turn.attrs["error.type"], m.response, m.failed)
		}
	}
}

func TestErrorPatternsFailTheirCalls(t *testing.T) {
	for _, row := range []struct {
		pattern string
		config  string
		want    [3]float64 // how often each call fails
	}{
		{"happy_path", "", [3]float64{}},
		{"first_tool_failure", "rate: 0.5", [3]float64{0.5, 0, 0}},
		{"last_tool_failure", "rate: 0.5", [3]float64{0, 0, 0.5}},
		{"single_tool_failure", "rate: 0.9, step_index: 1", [3]float64{0, 0.9, 0}},
		{"single_tool_failure", "rate: 0.9", [3]float64{0.3, 0.3, 0.3}},
		{"random", "rate: 0.4", [3]float64{0.4, 0.4, 0.4}},
		{"cascade", "rate: 0.5", [3]float64{0.5, 0.5, 0.5}},
	} {
		const n = 6_000
		definition := strings.Replace(goalHead, "mcp_server: phone}", "mcp_server: phone, error_pattern: "+row.pattern+", error_config: {"+row.config+"}}", 1)
		var failed [3]int
		for _, m := range missedGoals(t, definition, n) {
			for _, k := range m.failed {
				failed[k]++
			}
			if row.pattern == "cascade" && len(m.failed)%3 != 0 {
				t.Fatalf("cascade: calls %v failed, want all or none", m.failed)
			}
		}
		for k, want := range row.want {
			if want == 0 {
				if failed[k] > 0 {
					t.Errorf("%s: call %d failed %d times", row.pattern, k, failed[k])
				}
				continue
			}
			checkShare(t, fmt.Sprintf("%s %s: call %d", row.pattern, row.config, k), failed[k], n, want)
		}
	}
}

// A step of a template that fails now and then ends the request when it does.
func TestChanceFailuresStopTheRequest(t *testing.T) {
	in := configured(t, bundled(t), "    allowed_but_flagged:\n      root:\n        request.outcome: allowed\n",
		"    shaky:\n      error_rate: {policy: 0.3}\n      root:\n        request.outcome: allowed\n")
	in = withDefinition(in, "own.yaml", statHead+"data_plane: {workflow: buy_insurance}\ncontrol_plane: {template: shaky}\n")
	const n = 4_000
	for _, shape := range []string{ShapeSeparate, ShapeUnified} {
		g := generator(t, compiledWithWarnings(t, in, Options{Scenarios: []string{"own"}, TraceShape: shape}), run(n))
		failed := 0
		for i := range uint64(n) {
			g.Iteration(i, func(r *otlp.Traces) {
				outcome, status, went := any(nil), uint8(0), false
				for _, s := range r.Spans {
					a := attrsOf(r, s.Attrs)
					switch a["vendor.span.class"] {
					case "request.validation":
						outcome, status = a["vendor.request.outcome"], s.Status
					case "a2a.orchestrate", "response.validation":
						went = true
					}
				}
				if (outcome == "error") != (status == otlp.StatusError) || (outcome == "allowed") != went {
					t.Fatalf("%s, iteration %d: outcome %v, status %d, went on: %v", shape, i, outcome, status, went)
				}
				if !went {
					failed++
				}
			})
		}
		checkShare(t, shape+": requests that end early", failed, n, 0.3)
	}
}
