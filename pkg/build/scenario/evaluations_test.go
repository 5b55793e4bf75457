package scenario

import (
	"strings"
	"testing"
)

func TestEvaluations(t *testing.T) {
	d, problems := parse(t, ctx+`root: {children: [{type: llm.call}]}
evaluations:
  - name: tone
    of: bracken.llm.call
    score: {distribution: uniform, low: 0.2, high: 1}
    labels: {bad: 0, good: 0.5}
    probability: 0.3
    explanations: {good: [Friendly., Clear.], bad: Rude.}
  - {name: length, score: 0.5, explanations: Short.}
`)
	checkLines(t, problems)
	list := d.Evaluations
	if len(list) != 2 || list[0].Of != "llm.call" || list[0].Probability != 0.3 || list[1].Of != "" || list[1].Probability != 1 {
		t.Fatalf("got %+v", list)
	}
	if l := list[0].Labels; len(l) != 2 || l[0].Name != "good" || l[0].From != 0.5 || strings.Join(l[0].Explanations, " ") != "Friendly. Clear." || l[1].Explanations[0] != "Rude." {
		t.Errorf("got %+v", l)
	}
	if e := list[1]; e.Labels != nil || len(e.Explanations) != 1 || e.Score.Value != 0.5 {
		t.Errorf("got %+v", e)
	}
}

func TestMistakesInEvaluations(t *testing.T) {
	for _, row := range []struct{ why, text, want string }{
		{"no name", "{score: 1}", "evaluations[0].name: missing"},
		{"no score", "{name: a}", "evaluations[0].score: missing"},
		{"a score", "{name: a, score: 4}", "evaluations[0].score: 4 is not between 0 and 1"},
		{"a name twice", "{name: a, score: 1}, {name: a, score: 1}", `duplicate evaluation "a"; the first is at a.yaml:3:22`},
		{"a type", "{name: a, score: 1, of: llm.cal}", `evaluations[0].of: unknown span type "llm.cal"; did you mean "llm.call"?`},
		{"a type of the control plane", "{name: a, score: 1, of: request.validation}", "evaluations[0].of: request.validation checks a request, and is not judged itself"},
		{"a threshold", "{name: a, score: 1, labels: {x: 2}}", "evaluations[0].labels.x: 2 is not between 0 and 1"},
		{"a threshold twice", "{name: a, score: 1, labels: {x: 0.5, y: 0.5}}", "evaluations[0].labels.y: another label begins at 0.5, too"},
		{"a label of explanations", "{name: a, score: 1, labels: {good: 0}, explanations: {god: [x]}}", `unknown label "god"; did you mean "good"?`},
		{"a key", "{name: a, score: 1, lables: {}}", `unknown key "lables"; did you mean "labels"?`},
		{"an explanation", "{name: a, score: 1, explanations: '" + strings.Repeat("x", maxSaid+1) + "'}", "text of 65537 bytes is longer than the limit of 65536"},
	} {
		_, problems := parse(t, ctx+"root: {children: [{type: llm.call}]}\nevaluations: ["+row.text+"]\n")
		if len(problems) != 1 || !strings.Contains(problems[0], row.want) {
			t.Errorf("%s: got %q, want %q", row.why, problems, row.want)
		}
	}
	_, problems := parse(t, ctx+"emit_logs: false\nroot: {children: [{type: llm.call}]}\nevaluations: [{name: a, score: 1}]\n")
	checkLines(t, problems, "a.yaml:4:14: warning: evaluations: has no effect: emit_logs is false")
}
