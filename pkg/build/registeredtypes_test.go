package build

import (
	"strings"
	"testing"

	"github.com/otelsim/otelsim/pkg/build/input"
	"github.com/otelsim/otelsim/pkg/build/registry"
)

// teamTypes is a registry with types that ask for what cannot be filled in.
const teamTypes = `file_format: definition/2
attributes:
  - {key: team.header, type: "template[string]", brief: b, stability: stable, examples: [x]}
  - {key: team.list, type: "int[]", brief: b, stability: stable}
  - {key: team.size, type: int, brief: b, stability: stable, examples: [7, 8]}
spans:
  - {type: team.headed.client, kind: client, name: {note: n}, brief: b, stability: stable, attributes: [{ref: team.header, requirement_level: required}]}
  - {type: team.listed.internal, kind: internal, name: {note: n}, brief: b, stability: stable, attributes: [{ref: team.list, requirement_level: required}]}
  - {type: team.sized.server, kind: server, name: {note: n}, brief: b, stability: stable, attributes: [{ref: team.size, requirement_level: required}]}
  - {type: team.old.server, kind: server, name: {note: n}, brief: b, stability: stable, deprecated: {reason: renamed, renamed_to: team.sized.server}, attributes: [{ref: team.size}]}
`

// teamRegistry reads a registry and lays it over the bundled ones.
func teamRegistry(t *testing.T, text string) *registry.Registry {
	t.Helper()
	return registry.Layer(registry.Bundled(), ownRegistry(t, text))
}

func ownRegistry(t *testing.T, text string) *registry.Registry {
	t.Helper()
	var p input.Problems
	r := registry.Load(registry.Source{Name: "team", Files: []input.File{
		{Name: "team/manifest.yaml", Data: []byte("schema_url: https://team.example/schemas/team/1.0.0\ndependencies: [{schema_url: https://opentelemetry.io/schemas/1.45.0}]\n")},
		{Name: "team/team.yaml", Data: []byte(text)},
	}}, nil, &p)
	if p.Errors() > 0 {
		t.Fatal(p.Err())
	}
	return r
}

// toldOf compiles inputs, and returns what is said of them, a line each.
func toldOf(in Inputs) string {
	var p input.Problems
	Compile(in, Options{}, &p)
	var told []string
	for _, x := range p.All() {
		told = append(told, x.String())
	}
	return strings.Join(told, "\n")
}

func TestEntitiesOfServicesAreLookedUp(t *testing.T) {
	for _, row := range []struct{ entities, want string }{
		{"[host, hots]", `a.yaml:4:22: entities: the registry has no entity "hots"; did you mean "host"?`},
		{"[host, host]", `a.yaml:4:22: services.web.entities[1]: "host" is there twice`},
		{"os", ""},
		{"[k8s.pod, process, service]", ""},
	} {
		in := alone(t, "a.yaml", "services:\n  web:\n    protocol: none\n    entities: "+row.entities+"\n    operations: {work: {}}\n")
		if all := toldOf(in); !strings.Contains(all, row.want) || row.want == "" && all != "" {
			t.Errorf("%s:\n%s\nwant %s", row.entities, all, row.want)
		}
	}
}

func TestTypesOfSpansAreLookedUp(t *testing.T) {
	for _, row := range []struct{ operation, want string }{
		{"{type: faas.servr}", `a.yaml:5:20: type: the registry has no span type "faas.servr"; did you mean "faas.server"?`},
		{"{type: faas.server, kind: client}", `a.yaml:5:20: type: spans of type "faas.server" are of kind server, and the operation of kind client; leave its kind out`},
		{"{type: team.old.server}", `a.yaml:5:20: warning: type: span type "team.old.server" is deprecated; use "team.sized.server"`},
		{"{type: team.headed.client}", ``},
		{"{type: team.listed.internal}", `warning: type: spans of type "team.listed.internal" require team.list, and systems write no lists of other than text`},
		{"{type: team.sized.server}", ``},
		{"{logs: [{event: session.begin, fill: opt_in}]}", `a.yaml:5:21: fill: the registry has no event "session.begin"; did you mean "session.`},
		{"{calls: [{span: x, logs: [{event: session.begin, fill: opt_in}]}]}", `fill: the registry has no event "session.begin"`},
		{"{logs: [{event: session.start, fill: opt_in}]}", ``},
		{"{logs: [{body: x, fill: opt_in}]}", `it is about what the registry gives an event; say which event it is`},
		{"{fill: opt_in}", `warning: services.web.operations.work.fill: has no effect: it is about what the registry gives the type of the span, and it has none`},
		{"{type: faas.server, fill: opt-in}", `opt_in`},
		{"{type: http.server, protocol: http}", `want a method and a route`},
		{"{type: http.server, protocol: grpc}", `services.web.operations.work.type: belongs to operations of protocol none: those of protocol grpc are of the type that it has in the registry`},
	} {
		in := bundled(t)
		in.Registry, in.Bundled = teamRegistry(t, teamTypes), false
		in.Definitions = []input.File{{Name: "a.yaml", Data: []byte("services:\n  web:\n    protocol: none\n    operations:\n      work: " + row.operation + "\n")}}
		if all := toldOf(in); !strings.Contains(all, row.want) || row.want == "" && all != "" {
			t.Errorf("%s:\n%s\nwant %s", row.operation, all, row.want)
		}
	}
}

// TestTheRegistryHoldsServicesOfAConfig as those of a system: types, entities, what tools
// do within a span of their own, and what makes very many series.
func TestTheRegistryHoldsServicesOfAConfig(t *testing.T) {
	const config = `extends: bundled
services:
  desk: {instances: 2}
  plan:
    protocol: none
    entities: [hots]
    operations:
      think: {type: gen_ai.pln.internal}
      work: {type: faas.server}
      wait: {type: faas.server, kind: client}
  web: {operations: {GET /: {attributes: {http.route: {pattern: "/{hex:4}"}}}}}
mcp_servers:
  desk:
    mcp_server_uuid: 0c8f6f2e-0f0f-4b7a-9a51-6d1c2b3e4f50
    service: desk
    tools:
      - {name: look, tool_uuid: 12c38143-7aa8-4786-b39f-087259bc6309, calls: [plan.think, plan.work, plan.wait, web.GET /, {span: x, logs: [{event: session.begin, fill: opt_in}]}]}
`
	in := bundled(t)
	base := in.Config
	in.Config = input.File{Name: "config.yaml", Data: []byte(config), Base: &base}
	all := toldOf(in)
	for _, want := range []string{
		`config.yaml:6:16: entities: the registry has no entity "hots"; did you mean "host"?`,
		`config.yaml:8:21: type: the registry has no span type "gen_ai.pln.internal"; did you mean "gen_ai.plan.internal"?`,
		`config.yaml:10:20: type: spans of type "faas.server" are of kind server, and the operation of kind client; leave its kind out`,
		`fill: the registry has no event "session.begin"`,
	} {
		if !strings.Contains(all, want) {
			t.Errorf("%s\nwant %s", all, want)
		}
	}
	in.Config.Data = []byte(strings.NewReplacer("hots", "host", "pln", "plan", ", kind: client", "", "session.begin", "session.start").Replace(config))
	if all := toldOf(in); !strings.Contains(all, "config.yaml:11:43: warning: attribute http.route: it has 65,536 values, and http.server.request.duration has a series for each") {
		t.Errorf("told:\n%s", all)
	}
}
