package scenario

import (
	"strings"
	"testing"

	"github.com/otelsim/otelsim/pkg/build/input"
)

// turnsHead is a scenario whose turns may have steps of their own.
const turnsHead = "context: {tenant: tarnmere, agent: desk-1, mcp_server: handset}\n"

func TestTurnsHaveSteps(t *testing.T) {
	for _, row := range []struct{ why, text, want string }{
		{"a workflow", "conversation: {turns: [{user_input: a, llm_response: b, workflow: File_Claim}]}", "planner llm tools file_claim llm compose"},
		{"steps", "conversation: {turns: [{user_input: a, llm_response: b, steps: [task, claim_status, task]}]}", "llm claim_status llm"},
		{"steps in a mapping", "conversation: {turns: [{user_input: a, llm_response: b, steps: {steps: [task]}}]}", "llm"},
		{"of messages, that of the user", "conversation: {turns: [{role: user, text: a, steps: [task]}, {role: assistant, text: b}]}", "llm"},
		{"none", "conversation: {turns: [{user_input: a, llm_response: b}]}", ""},
	} {
		d, problems := parse(t, turnsHead+row.text+"\n")
		checkLines(t, problems)
		if len(d.Turns) != 1 {
			t.Fatalf("%s: got %d turns", row.why, len(d.Turns))
		}
		if got := steps(d.Turns[0].Steps); got != row.want || (row.want == "") != (d.Turns[0].Steps == nil) {
			t.Errorf("%s: got %q, want %q", row.why, got, row.want)
		}
	}
}

// A step of a turn can have a setting as one of the scenario has.
func TestSettingsAreAboutStepsOfTurns(t *testing.T) {
	d, problems := parse(t, turnsHead+"data_plane: {workflow: file_claim, steps: {claim_status: {latency: 5}}}\n"+
		"conversation: {turns: [{user_input: a, llm_response: b}, {user_input: c, llm_response: d, workflow: claim_status}]}\n")
	checkLines(t, problems)
	if len(d.Settings) != 1 || d.Settings[0].Step.Tool != "claim_status" {
		t.Errorf("got %+v", d.Settings)
	}
}

func TestMistakesInStepsOfTurns(t *testing.T) {
	turn := func(more string) string {
		return "conversation:\n  turns:\n    - {user_input: a, llm_response: b, " + more + "}\n"
	}
	other := "    - {user_input: c, llm_response: d}\n"
	for _, row := range []struct{ why, text, want string }{
		{"a workflow", turn("workflow: file_claims"),
			`a.yaml:4:50: conversation.turns[0].workflow: unknown workflow "file_claims"; did you mean "file_claim"? allowed: book_visit, claim_status, file_claim`},
		{"a workflow with a tool that the server lacks", turn("workflow: book_visit"),
			`a.yaml:4:50: workflow "book_visit": mcp_server "handset": unknown tool "Book_Visit"; allowed: claim_status, file_claim`},
		{"a tool", turn("steps: [task, file_clam]"),
			`a.yaml:4:54: conversation.turns[0].steps[1]: unknown step or tool "file_clam"; did you mean "file_claim"? allowed: ` + stepList},
		{"no steps", turn("steps: []"),
			"a.yaml:4:47: conversation.turns[0].steps: no steps; a workflow needs at least one"},
		{"an answer before its tools", turn("steps: [task, file_claim]"),
			"a.yaml:4:48: warning: conversation.turns[0].steps[0]: " + answersFirst},
		{"both", turn("workflow: file_claim, steps: [task]"),
			"a.yaml:4:69: warning: conversation.turns[0].steps: has no effect beside workflow"},
		{"a workflow of the scenario that no turn runs", "data_plane: {workflow: file_claim}\n" + turn("workflow: claim_status"),
			"a.yaml:2:24: warning: data_plane.workflow: has no effect: every turn has steps of its own"},
		{"one that a turn runs", "data_plane: {workflow: file_claim}\n" + turn("workflow: claim_status") + other, ""},
		{"a tree that no turn runs", "root: {children: [{type: planner}]}\n" + turn("workflow: claim_status"),
			"a.yaml:2:7: warning: root: has no effect: every turn has steps of its own"},
		{"a tree that a turn runs", "root: {children: [{type: planner}]}\n" + turn("workflow: claim_status") + other, ""},
		{"a goal that no turn can miss", "data_plane: {workflow: file_claim, simulation_goal: wrong_division}\n" + turn("workflow: claim_status"),
			"a.yaml:2:24: warning: data_plane.workflow: has no effect: every turn has steps of its own\n" +
				"a.yaml:2:53: data_plane.simulation_goal: wrong_division needs a turn without steps of its own"},
		{"steps of a request that is not let in", "control_plane: {template: blocked_rate_limited}\n" + turn("steps: [task]"),
			"a.yaml:5:5: warning: conversation.turns: their steps have no effect: template blocked_rate_limited lets no request through"},
		{"what models are given of a request that is not let in", "control_plane: {template: blocked_rate_limited}\nconversation: {history: call, compact_at: 2048, turns: [{user_input: a, llm_response: b}]}\n",
			"a.yaml:3:25: warning: conversation.history: has no effect: template blocked_rate_limited lets no request through\n" +
				"a.yaml:3:43: warning: conversation.compact_at: has no effect: template blocked_rate_limited lets no request through"},
		{"of the agent's message", "conversation: {turns: [{role: user, text: a}, {role: assistant, text: b, steps: [task]}]}\n",
			"a.yaml:2:81: conversation.turns[1].steps: belongs to the message of the user, which begins the turn"},
	} {
		_, problems := parse(t, turnsHead+row.text)
		if got := strings.Join(problems, "\n"); got != row.want {
			t.Errorf("%s: got\n%s\nwant\n%s", row.why, got, row.want)
		}
	}
}

func TestErrorPatternsThatNoTurnCanHave(t *testing.T) {
	text := strings.Replace(turnsHead, "mcp_server: handset", "mcp_server: handset, error_pattern: random", 1)
	_, problems := parse(t, text+"conversation: {turns: [{user_input: a, llm_response: b, workflow: claim_status}]}\n")
	checkLines(t, problems, "a.yaml:1:80: warning: context.error_pattern: has no effect: every turn has steps of its own")
}

// Samples of tools that are not called are told.
func TestSamplesOfToolsThatNothingCalls(t *testing.T) {
	c, _ := equippedConfig(t, equipped)
	const call = "tools: {file_claim: {arguments: {device: tap}, result: {claim: A}}}"
	const samples = "tools: {file_claim: {samples: [{arguments: {device: tap}, result: {claim: A}}]}}\n"
	const head = "context: {tenant: one, agent: desk, mcp_server: handset}\n"
	turn := func(more string) string {
		return "conversation: {turns: [{user_input: a, llm_response: b, " + more + "}]}\n"
	}
	const scenario, ofTurn = "a.yaml:2:9: warning: tools.file_claim: has no effect: the scenario does not call it",
		"a.yaml:2:65: warning: tools.file_claim: has no effect: the turn does not call it"
	tool := func(attributes string) string {
		return "root: {children: [{type: mcp.tool.execute" + attributes + "}]}\n"
	}
	for _, row := range []struct{ why, text, want string }{
		{"by the default workflow", samples, ""},
		{"by a workflow", samples + "data_plane: {workflow: plan}\n", ""},
		{"by a tree without it", samples + "root: {children: [{type: planner}]}\n", scenario},
		{"by a tree", samples + tool(", attributes: {gen_ai.tool.name: file_claim}"), ""},
		{"by a tree that may call it", samples + tool(""), ""},
		{"by a turn alone", samples + "root: {children: [{type: planner}]}\n" + turn("workflow: plan"), "a.yaml:3:7: warning: root: has no effect: every turn has steps of its own"},
		{"by no turn", samples + turn("steps: [planner]"), scenario},
		{"by the turn", turn(call), ""},
		{"by the steps of the turn", turn(call + ", workflow: plan"), ""},
		{"by another turn", turn(call + ", steps: [planner]"), ofTurn},
	} {
		var p input.Problems
		Parse([]input.File{{Name: "a.yaml", Data: []byte(head + row.text)}}, c, ParseOptions{}, &p)
		if got := strings.Join(lines(&p), "\n"); got != row.want {
			t.Errorf("%s: got\n%s\nwant\n%s", row.why, got, row.want)
		}
	}
}
