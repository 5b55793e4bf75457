package scenario

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/otelsim/otelsim/pkg/build/input"
)

// parseFiles reads scenarios of several files, given as name and text in turn.
func parseFiles(texts ...string) (map[string]Definition, []string) {
	var p input.Problems
	var files []input.File
	for i := 0; i < len(texts); i += 2 {
		files = append(files, input.File{Name: texts[i], Data: []byte(texts[i+1])})
	}
	out := make(map[string]Definition)
	for _, d := range Parse(files[:1], nil, ParseOptions{Own: files[1:]}, &p) {
		out[d.Name] = d
	}
	var lines []string
	for _, problem := range p.All() {
		lines = append(lines, problem.String())
	}
	return out, lines
}

// base is what the systems below are laid over.
const base = `name: base
description: What others are laid over.
tags: [systems]
in_mix: false
interval_ms: 70
values: {user: {pattern: "u-{hex:4}"}}
services:
  web: {operations: {GET /: {own: 5, attributes: {user.id: {use: user}}, calls: [{call: db.GET, timeout: 1s}]}}}
  db: {protocol: db, system: redis, operations: {GET: {latency: 2}}}
session: [web.GET /]
`

func TestASystemIsLaidOverAnother(t *testing.T) {
	out, lines := parseFiles("b.yaml", base, "a.yaml", `extends: base
name: changed
session: [web.GET /, web.GET /]
values: {spare: 1}
services:
  web: {operations: {GET /: {own: , latency: 9}, GET /more: {}}}
  db: {system: }
phases: [{name: gone, services: db, error_rate: 1}]
`, "own/c.yaml", "extends: changed\nservices: {web: {version: 2.0.0, operations: {GET /more: }}}\n")
	// What is idle is told where it stands, and not again of who takes it over.
	checkLines(t, lines, `a.yaml:4:10: warning: values.spare: has no effect: nothing uses it`, `a.yaml:6:50: warning: operation "web.GET /more": no request comes to it`)
	if len(out) != 3 {
		t.Fatalf("%d scenarios", len(out))
	}
	changed, further := out["changed"], out["c"]
	web, db := &changed.System.Services[0], &changed.System.Services[1]
	say := func(v ...any) string { return strings.TrimSpace(fmt.Sprintln(v...)) }
	for _, row := range []struct{ what, got, want string }{
		{"head", say(changed.Name, changed.Description == "", changed.Tags, changed.Apart, *changed.Interval), "changed true [systems] true 70"},
		{"place", changed.Pos.String(), "a.yaml:2:7"},
		{"lists are replaced", say(len(changed.System.Session)), "2"},
		{"a time in place of another", say(web.Operations[0].Own, web.Operations[0].Latency.Mean), "false 9"},
		{"what is not mentioned stays", say(web.Operations[0].Attributes[0].Use, web.Operations[0].Calls[0].Timeout.Value), "user 1000"},
		{"a new operation", say(len(web.Operations), web.Operations[1].Name), "2 GET /more"},
		{"a key that is taken away", db.System, "postgresql"},
		{"phases", say(changed.System.Phases[0].Services, changed.System.Phases[0].ErrorType), "[db] unavailable"},
		{"over one that is over another", say(further.System.Services[0].Attributes[1].Value.Str, len(further.System.Services[0].Operations),
			len(further.System.Session), len(further.System.Phases)), "2.0.0 1 2 1"},
	} {
		if row.got != row.want {
			t.Errorf("%s: got %q, want %q", row.what, row.got, row.want)
		}
	}
	if b := out["base"].System; len(b.Session) != 1 || !b.Services[0].Operations[0].Own || len(b.Phases) > 0 {
		t.Errorf("what was extended has changed: %+v", b)
	}
}

func TestMistakesInWhatIsExtended(t *testing.T) {
	agents := "name: agents\ntags: [x]\n"
	for _, row := range []struct {
		why, text string
		want      []string
	}{
		{"a name is misspelt", "extends: bas\n", []string{`x.yaml:1:10: extends: unknown scenario "bas"; did you mean "base"? (--definitions bundled adds those that come with the program)`}},
		{"no name", "extends:\n", []string{`x.yaml:1:1: extends: missing`}},
		{"a list", "extends: [base]\n", []string{`x.yaml:1:10: extends: found a list, want a string`}},
		{"itself", "extends: x\n", []string{`x.yaml:1:10: extends: comes back to itself: x > x`}},
		{"a scenario of agents", "extends: agents\n", []string{`x.yaml:1:10: extends: scenario "agents" has no services; only systems can be extended`}},
		{"a mistake of its own", "extends: base\nservices: {web: {verson: 1}}\n", []string{`x.yaml:2:18: unknown key "verson"; did you mean "version"? allowed: ` + listed(memberKeys)}},
		{"a mistake where both meet", "extends: base\nservices: {web: {operations: {GET /: {latency: 4}}}}\n", []string{
			`x.yaml:2:48: services.web.operations.GET /.latency: beside own: one of them says how long it takes, latency all in all, own without its calls`}},
		{"nothing to take away", "extends: base\nservices: {wep: }\n", []string{
			`x.yaml:2:12: warning: nothing to take away: unknown key "wep"; did you mean "web"? allowed: db, web`,
			`x.yaml:2:17: services.wep.operations: no operations; a service needs at least one`}},
	} {
		_, lines := parseFiles("b.yaml", base, "agents.yaml", agents, "x.yaml", row.text)
		var got []string
		for _, line := range lines {
			if !strings.HasPrefix(line, "agents.yaml") {
				got = append(got, line)
			}
		}
		t.Run(row.why, func(t *testing.T) { checkLines(t, got, row.want...) })
	}
}

// A mistake in the file that is extended is told once; files that come back to each
// other, or are too many, are told.
func TestWhatIsExtendedHasMistakes(t *testing.T) {
	_, lines := parseFiles("base.yaml", "name: base\nservices: [\n", "x.yaml", "extends: base\n")
	if len(lines) != 1 || !strings.HasPrefix(lines[0], "base.yaml:") {
		t.Errorf("got %q, want the mistake of base.yaml alone", lines)
	}
	_, lines = parseFiles("a.yaml", "extends: b\n", "b.yaml", "extends: a\n")
	checkLines(t, lines, `a.yaml:1:10: extends: comes back to itself: b > a > b`, `b.yaml:1:10: extends: comes back to itself: a > b > a`)

	texts := []string{"s0.yaml", strings.Replace(base, "name: base\n", "", 1)}
	for i := 1; i <= maxLayers+1; i++ {
		texts = append(texts, fmt.Sprintf("s%d.yaml", i), fmt.Sprintf("extends: s%d\n", i-1))
	}
	if _, lines = parseFiles(texts[:len(texts)-2]...); len(lines) > 0 {
		t.Errorf("as many as there may be: %q", lines)
	}
	if _, lines = parseFiles(texts...); len(lines) == 0 || !strings.Contains(lines[0], "are more than the limit of 8") {
		t.Errorf("one more than there may be: %q", lines)
	}
}

func TestPhasesOfASystem(t *testing.T) {
	d, got := parse(t, hello+`phases:
  - {name: slow, from: 1m, to: 90, services: db, latency_factor: 3}
  - {name: broken, operations: [api.ListItems], error_rate: 0.2, error_type: ABORTED}
`)
	checkLines(t, got)
	p := d.System.Phases
	if got, want := fmt.Sprint(p[0].From, p[0].To, p[0].Services, p[0].LatencyFactor, p[1].Operations, p[1].ErrorRate, " ", p[1].ErrorType), "1m0s 1m30s [db] 3 [api.ListItems] 0.2 ABORTED"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if p[1].From != 0 || p[1].To < 100*365*24*time.Hour {
		t.Errorf("a phase without times is from %v to %v", p[1].From, p[1].To)
	}
	for _, row := range []struct{ why, text, want string }{
		{"a service that is not there", "{name: a, services: [ap], error_rate: 1}", `a.yaml:15:26: phases[0].services[0]: unknown service "ap"; did you mean "api"? allowed: api, db, web`},
		{"an operation that is not there", "{name: a, operations: [api.List], error_rate: 1}", `a.yaml:15:28: phases[0].operations[0]: service "api": unknown operation "List"; allowed: ListItems`},
		{"tools", "{name: a, tools: [x], error_rate: 1}", `a.yaml:15:15: unknown key "tools"; allowed: ` + listed(systemPhaseKeys)},
		{"backwards", "{name: a, from: 2m, to: 1m, error_rate: 1}", `a.yaml:15:29: phases[0].to: 1m0s is not after from, 2m0s`},
		{"nothing", "{name: a, from: 2m}", `a.yaml:15:5: warning: phases[0]: has no effect: it says no latency_factor or error_rate`},
		{"no name", "{error_rate: 1}", `a.yaml:15:5: phases[0].name: missing`},
		{"a rate", "{name: a, error_rate: 7}", `a.yaml:15:27: phases[0].error_rate: 7 is not between 0 and 1`},
		{"a status, of a service of gRPC", "{name: a, services: api, error_rate: 1, error_type: 503}",
			`a.yaml:15:57: phases[0].error_type: 503: want the name of a gRPC code; the phase is about "api.ListItems", of protocol grpc`},
		{"a status, of all", `{name: a, error_rate: 1, error_type: "503"}`,
			`a.yaml:15:42: phases[0].error_type: 503: want the name of a gRPC code; the phase is about "api.ListItems", of protocol grpc`},
		{"no status of a failure", "{name: a, services: web, error_rate: 1, error_type: 200}",
			`a.yaml:15:57: phases[0].error_type: 200 is no HTTP status of a failure, which are 400 to 599; the phase is about "web.GET /items", of protocol http`},
		{"no code", "{name: a, services: api, error_type: UNAVAILIBLE, error_rate: 1}",
			`a.yaml:15:42: phases[0].error_type: unknown gRPC code "UNAVAILIBLE"; did you mean "UNAVAILABLE"? allowed: ` + listed(grpcCodes[1:]) + `; the phase is about "api.ListItems", of protocol grpc`},
		{"nearly a word", "{name: a, services: db, error_type: time_out, error_rate: 1}",
			`a.yaml:15:41: warning: phases[0].error_type: "time_out" is an exception type of its own; did you mean "timeout"?`},
		{"a list", "{name: a, error_type: [timeout], error_rate: 1}", `a.yaml:15:27: phases[0].error_type: found a list, want a string`},
	} {
		_, got := parse(t, hello+"phases:\n  - "+row.text+"\n")
		t.Run(row.why, func(t *testing.T) { checkLines(t, got, row.want) })
	}
	d, got = parse(t, hello+"phases: [{name: a, services: web, error_rate: 1, error_type: 503}]\n")
	if checkLines(t, got); d.System.Phases[0].ErrorType != "503" {
		t.Errorf("got %q", d.System.Phases[0].ErrorType)
	}
}
