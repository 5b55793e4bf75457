package scenario

import (
	"fmt"
	"strings"
	"testing"
)

// helpdesk asks the agents of another file.
const helpdesk = `name: a
services:
  desk:
    operations:
      POST /tickets:
        calls:
          - agent: helper
            timeout: 20s
            retry: {max_attempts: 2}
            network: 4
            attributes: {desk.queue: first}
            optional: true
`

// helper are the agents of that file.
const helper = "name: helper\nroot: {type: a2a.orchestrate}\n"

func TestAServiceAsksAgents(t *testing.T) {
	out, got := parseFiles("a.yaml", helpdesk, "b.yaml", helper)
	checkLines(t, got)
	if out["a"].System == nil {
		t.Fatal("no system")
	}
	c := out["a"].System.Services[0].Operations[0].Calls[0]
	say := strings.TrimSpace(fmt.Sprintln(c.Agent, c.Timeout.Value, c.Retry.MaxAttempts, c.Network.Mean, c.Attributes[0].Key, c.Optional, c.To))
	if want := "helper 20000 2 4 desk.queue true []"; say != want {
		t.Errorf("got %s, want %s", say, want)
	}
}

func TestMistakesInCallsOfAgents(t *testing.T) {
	for _, row := range []struct {
		why, was, is string
		want         []string
	}{
		{"a scenario that is not there", "agent: helper", "agent: helpr", []string{
			`a.yaml:7:20: services.desk.operations.POST /tickets.calls[0].agent: unknown scenario "helpr"; did you mean "helper"? (--definitions bundled adds those that come with the program)`}},
		{"itself", "agent: helper", "agent: a", []string{
			`a.yaml:7:20: services.desk.operations.POST /tickets.calls[0].agent: scenario "a" has services; call one of their operations, or name a scenario of agents`}},
		{"nobody", "agent: helper", "agent: ", []string{
			`a.yaml:7:13: services.desk.operations.POST /tickets.calls[0].agent: missing`}},
		{"agents asked by the session", "name: a\n", "name: a\nsession: [{agent: helper}]\n", []string{
			`a.yaml:2:19: session[0].agent: a session asks services; let an operation of one call the agents`}},
		{"a call beside it", "optional: true", "call: desk.POST /tickets", []string{
			`a.yaml:12:19: services.desk.operations.POST /tickets.calls[0].call: beside agent; an item is one of call, agent, one_of, span, all`}},
		{"a key of messages", "optional: true", "queue: 3", []string{
			`a.yaml:12:13: unknown key "queue"; allowed: ` + listed(agentCallKeys)}},
		{"attempts that are decided otherwise", "{max_attempts: 2}", "{max_attempts: 2, success_rate_per_attempt: [0.5]}", []string{
			`a.yaml:9:20: services.desk.operations.POST /tickets.calls[0].retry: success_rate_per_attempt and force_initial_failure do not belong to calls of agents: whether those fail is what their scenario says`}},
	} {
		t.Run(row.why, func(t *testing.T) {
			_, got := parseFiles("a.yaml", strings.Replace(helpdesk, row.was, row.is, 1), "b.yaml", helper)
			checkLines(t, got, row.want...)
		})
	}
}
