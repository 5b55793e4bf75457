package scenario

import (
	"strings"
	"testing"

	"github.com/otelsim/otelsim/pkg/build/input"
)

// behind has tool servers that are services, and whom their tools call.
const behind = `
values: {account: {pattern: "{digits:6}"}}
services:
  tools: {instances: 2}
  billing: {operations: {"GET /accounts/{account}": {calls: [db.SELECT accounts]}}}
  db: {protocol: db, operations: {SELECT accounts: , SELECT claims: }}
mcp_servers:
  claims:
    mcp_server_uuid: 11111111-1111-4111-8111-111111111111
    service: tools
    tools:
      - {name: find, tool_uuid: 22222222-2222-4222-8222-222222222222, calls: [db.SELECT claims, {call: "billing.GET /accounts/{account}", timeout: 1s}]}
      - {name: close, tool_uuid: 33333333-3333-4333-8333-333333333333}
`

// withBehind is the bundled config with other tool servers.
func withBehind(t testing.TB, text string) string {
	t.Helper()
	var out []string
	keep := true
	for _, line := range strings.SplitAfter(string(file(t, "config.yaml").Data), "\n") {
		if line != "" && line[0] != ' ' && line[0] != '#' && line[0] != '\n' {
			key, _, _ := strings.Cut(line, ":")
			keep = key != "mcp_servers" && key != "realistic_scenarios" && key != "tools" && key != "conversation_samples" && key != "phases" && key != "control_plane"
		}
		if keep {
			out = append(out, line)
		}
	}
	return strings.Join(out, "") + text
}

func TestServicesOfAConfig(t *testing.T) {
	var p input.Problems
	c := ParseConfig(input.File{Name: "a.yaml", Data: []byte(withBehind(t, behind))}, &p)
	for _, problem := range p.All() {
		if !strings.Contains(problem.Text, "control_plane") {
			t.Error(problem)
		}
	}
	s := c.Servers[0]
	if s.Service.Member != 1 || s.Service.Address != "tools" || len(s.Tools[0].Calls) != 2 || s.Tools[1].Calls != nil {
		t.Errorf("got %+v", s)
	}
	if got := c.Services.Services[s.Tools[0].Calls[1].To[0].Service].Name; got != "billing" || s.Tools[0].Calls[1].Timeout == nil {
		t.Errorf("the second call is of %s: %+v", got, s.Tools[0].Calls[1])
	}
}

func TestMistakesInServicesOfAConfig(t *testing.T) {
	for _, row := range []struct{ from, to, want string }{
		{"db.SELECT claims,", "db.SELECT claim,", `service "db": unknown operation "SELECT claim"; did you mean "SELECT claims"?`},
		{"service: tools", "service: tool", `mcp_servers.claims.service: unknown service "tool"; did you mean "tools"?`},
		{"service: tools", "service: db", `service "db" is a db, which has no spans of its own`},
		{"service: tools", "service: {name: tools}", "calls: mcp_server \"claims\" is none of the services that could call others"},
		{"    service: tools\n", "", "calls: mcp_server \"claims\" is none of the services that could call others"},
		{"    service: tools\n", "    service: 5\n", "found integer 5"},
		{"tools: {instances: 2}", "tools: {instances: 2}\n  idle: {version: \"1\"}", "services.idle: no operations, and no mcp_server is it"},
		{"tools: {instances: 2}", "tools: {instanses: 2}", `unknown key "instanses"; did you mean "instances"?`},
		{"SELECT accounts: ,", "SELECT accounts: , SELECT more: ,", `operation "db.SELECT more": no tool comes to it`},
		{"values: {", "values: {idle: 5, ", "values.idle: has no effect: nothing uses it"},
		{"calls: [db.SELECT accounts]", "calls: [\"billing.GET /accounts/{account}\"]", "comes to call itself"},
		{"timeout: 1s", "timeout: 1s, queue: 4", "queue: belongs to calls of operations of protocol messaging"},
		{"[db.SELECT claims,", "[{agent: clerk},", "agent: what tools of agents call asks no agents"},
	} {
		text := withBehind(t, strings.Replace(behind, row.from, row.to, 1))
		var p input.Problems
		ParseConfig(input.File{Name: "a.yaml", Data: []byte(text)}, &p)
		found := false
		var all []string
		for _, problem := range p.All() {
			all = append(all, problem.String())
			found = found || strings.Contains(problem.String(), row.want)
		}
		if !found {
			t.Errorf("%s instead of %s: want %s, got\n%s", row.to, row.from, row.want, strings.Join(all, "\n"))
		}
	}
	var p input.Problems
	ParseConfig(input.File{Name: "a.yaml", Data: []byte(withBehind(t, behind[strings.Index(behind, "mcp_servers"):]))}, &p)
	if text := p.Err().Error(); !strings.Contains(text, "the config has no services") {
		t.Errorf("without services: %s", text)
	}
}
