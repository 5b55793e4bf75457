package scenario

import (
	"strings"
	"testing"
)

func TestStepsThatAnswerBeforeTheirTools(t *testing.T) {
	const head = "context: {tenant: tarnmere, agent: desk-1, mcp_server: handset, correct_flow: ["
	const at = "a.yaml:1:"
	for _, row := range []struct{ steps, want string }{
		{"planner, task, tools_recommend, file_claim, task, response_compose", ""},
		{"task, file_claim, task, claim_status, file_claim, task", ""},
		{"file_claim, task", ""}, // nobody has chosen it, and it is known when the model answers
		{"planner, file_claim", ""},
		{"planner, task", ""},
		{"planner, task, file_claim", at + "89: warning: context.correct_flow[1]: " + answersFirst},
		{"task, file_claim, task, claim_status", at + "98: warning: context.correct_flow[2]: " + answersFirst},
		{"task, task, file_claim, response_compose", at + "86: warning: context.correct_flow[1]: " + answersFirst},
	} {
		_, problems := parse(t, head+row.steps+"]}\n")
		if got := strings.Join(problems, "\n"); got != row.want {
			t.Errorf("%s: got\n%s\nwant\n%s", row.steps, got, row.want)
		}
	}
}

func TestTreesThatAnswerBeforeTheirTools(t *testing.T) {
	const model, tool, at = "{type: llm.call}", "{type: mcp.tool.execute}", "a.yaml:2:"
	task := func(children ...string) string {
		return "{type: task.execute, children: [" + strings.Join(children, ", ") + "]}"
	}
	for _, row := range []struct {
		why      string
		children string
		want     []string
	}{
		{"the loop", task(model) + ", " + task(tool) + ", " + task(tool, tool) + ", " + model, nil},
		{"two rounds", model + ", " + tool + ", " + model + ", " + tool + ", " + model, nil},
		{"one of several", model + ", {one_of: [" + tool + ", {type: rag.retrieve}]}, " + model, nil},
		{"one of several at the end", model + ", {one_of: [" + tool + ", {type: rag.retrieve}]}", []string{
			at + "21: warning: llm.call: " + answersFirst}},
		{"a model call or a tool", model + ", {one_of: [" + tool + ", " + model + "]}, " + model, nil},
		{"no tools", model + ", " + model, nil},
		{"no model", tool, nil},
		{"tools that nobody has chosen", tool + ", " + model, nil},
		{"a tool at the end", "{type: planner}, " + task(model) + ", " + task(tool), []string{
			at + "70: warning: llm.call: " + answersFirst}},
		{"a tool below the model call", "{type: llm.call, children: [" + tool + ", " + tool + "]}", []string{
			at + "21: warning: llm.call: " + answersAbove}},
		{"further below", "{type: llm.call, children: [" + task(tool) + "]}, " + model, []string{
			at + "21: warning: llm.call: " + answersAbove}},
		{"an agent below has its own order", model + ", {type: a2a.call, children: [" + model + ", " + tool + ", " + model + "]}", nil},
		{"and its own answer", model + ", " + tool + ", {type: a2a.call, children: [" + model + ", " + tool + "]}, " + model, []string{
			at + "93: warning: llm.call: " + answersFirst}},
		{"a call that says nothing of the other agent", model + ", {type: a2a.call}, " + model, nil},
		{"an orchestration below another", model + ", {type: a2a.orchestrate, children: [" + model + ", " + tool + "]}", []string{
			at + "74: warning: llm.call: " + answersFirst}},
	} {
		t.Run(row.why, func(t *testing.T) {
			_, problems := parse(t, "root:\n  children: ["+row.children+"]\n")
			var got []string
			for _, p := range problems {
				if strings.Contains(p, "run:") {
					got = append(got, p)
				}
			}
			checkLines(t, got, row.want...)
		})
	}
}
