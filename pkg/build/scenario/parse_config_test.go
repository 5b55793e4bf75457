package scenario

import (
	"maps"
	"reflect"
	"strings"
	"testing"

	"github.com/otelsim/otelsim/pkg/build/input"
	"github.com/otelsim/otelsim/pkg/build/vocab"
)

// latencies are durations of the types that the config gives one, in the order
// of the reference's config, beside those that it gives none.
func latencies(ms ...float64) Latencies {
	out := Latencies{vocab.Call: 100, vocab.Augment: 100, vocab.Retrieve: 100, vocab.Bridge: 100, vocab.Tool: 0, vocab.Unified: 0}
	for i, class := range []string{vocab.Orchestrate, vocab.Planner, vocab.Task, vocab.LLM, vocab.Recommend, vocab.Attempt, vocab.Compose,
		vocab.Request, vocab.Payload, vocab.Policy, vocab.Augmentation, vocab.Response} {
		out[class] = ms[i]
	}
	return out
}

func TestConfigWithEveryKey(t *testing.T) {
	c := fixture(t)
	if want := (IDFormats{"sess_{hex:12}", "sess_{hex:12}", "req_{tenant_id}_{hex:14}", "call_{hex:12}"}); c.IDFormats != want {
		t.Errorf("id formats: got %+v", c.IDFormats)
	}
	want := latencies(1200, 200, 0, 300.5, 40, 150, 60, 38, 9, 17, 12, 44)
	if !maps.Equal(c.Latencies, want) {
		t.Errorf("latencies: got %v, want %v (zero stays zero, control_plane.latencies_ms wins)", c.Latencies, want)
	}
	if want := []Tenant{{"brackenwell", "t-100"}, {"tarnmere", "t-200"}}; !reflect.DeepEqual(c.Tenants, want) {
		t.Errorf("tenants: got %v", c.Tenants)
	}
	if want := []string{"desk-1", "desk-2"}; !reflect.DeepEqual(c.Agents, want) {
		t.Errorf("agents: got %v", c.Agents)
	}
	if s := c.Server("appliance"); s == nil || len(s.Tools) != 2 || s.Tools[1].Name != "Book_Visit" || s.UUID[:8] != "19dbb112" {
		t.Errorf("server: got %+v", s)
	}
	if want := []Division{{"handsets", "handset"}, {"home_appliances", "appliance"}}; !reflect.DeepEqual(c.Divisions, want) {
		t.Errorf("divisions: got %v", c.Divisions)
	}
	if e := c.ErrorTemplates[1]; e.Goal != "4xx_invalid_arguments" || e.ErrorType != "invalid_arguments" || len(e.HTTPStatusCodes) != 2 {
		t.Errorf("error template: got %+v", e)
	}
	if len(c.Samples) != 3 || c.Samples[1].Workflow != "upload" || c.Samples[0].Samples[0].User != "My phone fell." {
		t.Errorf("samples: got %+v", c.Samples)
	}
	if got := steps(c.Workflow("claim_status").Steps); got != "planner llm tools claim_status llm compose" {
		t.Errorf("steps: got %s", got)
	}
	if got := steps(c.Workflow("book_visit").Steps); got != "planner Book_Visit compose" {
		t.Errorf("steps: got %s", got)
	}
}

func steps(list []Step) string {
	var out []string
	for _, s := range list {
		if s.Kind == StepTool {
			out = append(out, s.Tool)
		} else {
			out = append(out, []string{"planner", "llm", "tools", "", "compose"}[s.Kind])
		}
	}
	return strings.Join(out, " ")
}

func TestControlPlane(t *testing.T) {
	c := fixture(t)
	cp := c.ControlPlane
	if cp.DefaultWorkflow != "claim_status" || cp.Flow != [3]Flow{{true, true, true}, {Request: true}, {Request: true}} {
		t.Errorf("got %q and %v", cp.DefaultWorkflow, cp.Flow)
	}
	if got := strings.Join(c.requestTemplateIDs(), " "); got != "allowed flagged_visit blocked_rate_limited blocked_invalid_payload blocked_invalid_context error odd_one_out bare_allowed" {
		t.Errorf("templates: got %s", got)
	}
	for id, want := range map[string]Outcome{
		"allowed": Allowed, "flagged_visit": Allowed, "blocked_rate_limited": Blocked, "error": Failed, "odd_one_out": Blocked, "bare_allowed": Allowed,
	} {
		if got := c.RequestTemplate(id).Outcome; got != want {
			t.Errorf("%s: got outcome %d, want %d", id, got, want)
		}
	}
	for _, row := range []struct {
		why  string
		part TemplatePart
		want string
	}{
		{"defaults come first, nothing takes one away, values keep their types", c.RequestTemplate("flagged_visit").Policy,
			"step.outcome=pass policy.decision=allow_with_audit policy.rule.id=207 policy.score=0.5"},
		{"a template of nothing is the defaults", c.RequestTemplate("bare_allowed").Payload, "step.outcome=pass validation.result=valid"},
		{"the root", c.RequestTemplate("flagged_visit").Root, "request.outcome=allowed request.audit.flag=true request.audit.source=policy"},
		{"validation errors are no attributes", c.RequestTemplate("blocked_invalid_payload").Payload, "step.outcome=fail validation.result=invalid"},
		{"nor is the exception", c.RequestTemplate("blocked_invalid_context").Augmentation, "step.outcome=fail"},
	} {
		t.Run(row.why, func(t *testing.T) {
			if got := attributes(row.part.Attributes); got != row.want {
				t.Errorf("got  %s\nwant %s", got, row.want)
			}
		})
	}
	payload := c.RequestTemplate("blocked_invalid_payload").Payload
	if payload.ErrorRate != 1 || len(payload.Errors) != 2 || payload.Errors[1] != (ValidationError{"$.items", "minItems", "too_few_items"}) {
		t.Errorf("payload: got %+v", payload)
	}
	limited := c.RequestTemplate("blocked_rate_limited")
	if limited.IncludePolicy || limited.IncludeAugmentation || !c.RequestTemplate("allowed").IncludePolicy {
		t.Error("parts are included unless left out")
	}
	if e := c.RequestTemplate("error").Policy.Exception; e == nil || *e != (Exception{"EngineTimeout", "engine_timeout"}) {
		t.Errorf("exception: got %+v", e)
	}
	if r := c.ResponseTemplate("allowed"); r == nil || attributes(r.Policy.Attributes) != "step.outcome=pass" {
		t.Errorf("response template: got %+v", r)
	}
	for id, want := range map[string]Outcome{"allowed": Allowed, "allowed_but_flagged": Allowed, "blocked": Blocked, "error": Failed, "error_that_is_none": Allowed} {
		if r := c.ResponseTemplate(id); r == nil || r.Outcome != want {
			t.Errorf("response template %s: got %+v, want outcome %v", id, r, want)
		}
	}
	blocked := c.ResponseTemplate("blocked")
	if e := blocked.Policy.Exception; e == nil || *e != (Exception{"EngineTimeout", "engine_timeout"}) || blocked.Policy.ErrorRate != 1 {
		t.Errorf("response template: got %+v", blocked.Policy)
	}
	if got := attributes(blocked.Root.Attributes); got != "response.outcome=Blocked block.reason=response_policy" {
		t.Errorf("response template: got %s", got)
	}
	if s := cp.RequestScenarios[0]; s.Name != "turned_away" || s.Template != "blocked_rate_limited" || s.Weight != 0.5 || s.Description != "Too many requests" {
		t.Errorf("request scenario: got %+v", s)
	}
}

func attributes(list []Attribute) string {
	var out []string
	for _, a := range list {
		out = append(out, a.Key+"="+textOf(a.Value))
	}
	return strings.Join(out, " ")
}

func TestDefaultsOfAConfig(t *testing.T) {
	var p input.Problems
	c := ParseConfig(input.File{Name: "a.yaml", Data: []byte(`
id_formats: {session_id: 's{uuid}', request_id: 'r{uuid}', mcp_tool_call_id: 'c{uuid}'}
tenants: {one: {id: "1"}}
agents: [{id: desk}]
realistic_scenarios: {workflow_templates: {plan: [planner]}}
control_plane: {request_validation_templates: {error_engine: {}, blocked: {}, blocked_x: {}, other: {}}}
`)}, &p)
	checkLines(t, lines(&p))
	if want := latencies(1500, 250, 80, 400, 50, 150, 60, 40, 20, 20, 20, 40); !maps.Equal(c.Latencies, want) {
		t.Errorf("got %v, want %v", c.Latencies, want)
	}
	if len(c.ErrorTemplates) != 5 || c.ErrorTemplates[4].ErrorType != "unavailable" {
		t.Errorf("error templates: got %+v", c.ErrorTemplates)
	}
	if c.ControlPlane.DefaultWorkflow != "plan" {
		t.Errorf("the first workflow is the default, got %q", c.ControlPlane.DefaultWorkflow)
	}
	for id, want := range map[string]Outcome{"error_engine": Failed, "blocked": Blocked, "blocked_x": Blocked, "other": Allowed} {
		if got := c.RequestTemplate(id).Outcome; got != want {
			t.Errorf("%s: got outcome %d, want %d by its id", id, got, want)
		}
	}
}

// small is a Config of one line per section, to put a mistake into.
const small = `id_formats: {session_id: 's{uuid}', request_id: 'r{uuid}', mcp_tool_call_id: 'c{uuid}'}
tenants: {one: {id: "1"}}
agents: [{id: desk}]
mcp_servers: {handset: {mcp_server_uuid: u, tools: [{name: file_claim, tool_uuid: t}]}}
realistic_scenarios: {workflow_templates: {plan: [planner, file_claim]}}
`

const configKeyList = "agents, arrivals, cardinality, control_plane, conversation_samples, happy_path_latencies_ms, id_formats, mcp_servers, models, phases, " +
	"realistic_scenarios, services, tenants, tools, values"

func TestMistakesInAConfig(t *testing.T) {
	for _, row := range []struct {
		why, old, new string // new takes the place of old in small
		want          []string
	}{
		{"an unknown key", "agents:", "agentss: []\nagents:", []string{
			`a.yaml:3:1: unknown key "agentss"; did you mean "agents"? allowed: ` + configKeyList}},
		{"no ids", "id_formats: {session_id: 's{uuid}', request_id: 'r{uuid}', mcp_tool_call_id: 'c{uuid}'}", "", []string{"a.yaml:2:1: id_formats: missing"}},
		{"an id without a format", "request_id: 'r{uuid}', ", "", []string{"a.yaml:1:13: id_formats.request_id: missing"}},
		{"a placeholder", "session_id: 's{uuid}'", "session_id: 's_{hex:65}'", []string{
			`a.yaml:1:26: id_formats.session_id: unknown placeholder "{hex:65}"; allowed: {hex:1} to {hex:64}, {uuid}, {tenant_id}`}},
		{"no tenants", `tenants: {one: {id: "1"}}`, "", []string{"a.yaml:1:1: tenants: no tenants; at least one is required"}},
		{"a tenant without id", `{id: "1"}`, "{display_name: One}", []string{"a.yaml:2:16: tenants.one.id: missing"}},
		{"two tenants that differ in case", `one: {id: "1"}`, `one: {id: "1"}, ONE: {id: "2"}`, []string{
			`a.yaml:2:27: duplicate tenant "one"; the first is at a.yaml:2:11`}},
		{"an agent twice", "[{id: desk}]", "[{id: desk}, {id: desk}]", []string{`a.yaml:3:27: duplicate agent "desk"; the first is at a.yaml:3:15`}},
		{"instructions that are no text", "{id: desk}", "{id: desk, instructions: [be kind]}", []string{
			"a.yaml:3:35: agents[0].instructions: found a list, want a string"}},
		{"empty instructions", "{id: desk}", "{id: desk, instructions: ' '}", []string{"a.yaml:3:35: agents[0].instructions: empty"}},
		{"long instructions", "{id: desk}", "{id: desk, instructions: " + strings.Repeat("x", 65537) + "}", []string{
			"a.yaml:3:35: agents[0].instructions: text of 65537 bytes is longer than the limit of 65536"}},
		{"a server without tools", "[{name: file_claim, tool_uuid: t}]", "[]", []string{
			"a.yaml:4:52: mcp_servers.handset.tools: no tools; a server needs at least one",
			`a.yaml:5:60: realistic_scenarios.workflow_templates.plan[1]: unknown step or tool "file_claim"; allowed: planner, response_compose, task, tools_recommend`}},
		{"a tool with the name of a step", "{name: file_claim,", "{name: file_claim, tool_uuid: t}, {name: Response,", []string{
			`a.yaml:4:94: mcp_servers.handset.tools[1].name: "Response" is the name of a step and cannot be a tool`}},
		{"a tool that no server has", "[planner, file_claim]", "[planner, file_clam]", []string{
			`a.yaml:5:60: realistic_scenarios.workflow_templates.plan[1]: unknown step or tool "file_clam"; did you mean "file_claim"? allowed: file_claim, planner, response_compose, task, tools_recommend`}},
		{"a workflow without steps", "[planner, file_claim]", "[]", []string{
			"a.yaml:5:50: realistic_scenarios.workflow_templates.plan: no steps; a workflow needs at least one"}},
		{"a negative latency", "agents:", "happy_path_latencies_ms: {planner: -5}\nagents:", []string{
			"a.yaml:3:36: happy_path_latencies_ms.planner: -5 is negative"}},
		{"a division of no server", "{workflow_templates", "{divisions: {phones: handsett}, workflow_templates", []string{
			`a.yaml:5:43: realistic_scenarios.divisions.phones: unknown mcp_server "handsett"; did you mean "handset"?`}},
		{"a goal", "{workflow_templates", "{error_templates: {wrong_divison: {}}, workflow_templates", []string{
			`a.yaml:5:41: unknown simulation goal "wrong_divison"; did you mean "wrong_division"? allowed: 4xx_invalid_arguments, happy_path, partial_workflow, ungrounded_response, wrong_division`}},
		{"a status", "{workflow_templates", "{error_templates: {wrong_division: {http_status_codes: [42]}}, workflow_templates", []string{
			`a.yaml:5:78: realistic_scenarios.error_templates.wrong_division.http_status_codes[0]: 42 is not an HTTP status`}},
		{"samples", "agents:", "conversation_samples: {plan: {samples: []}}\nagents:", []string{
			`a.yaml:3:40: conversation_samples.plan.samples: no samples; leave "plan" out or add one`}},
		{"a part of a request", "agents:", "control_plane: {trace_flow: {allowed: [data_plan], blocked: []}}\nagents:", []string{
			`a.yaml:3:40: control_plane.trace_flow.allowed[0]: unknown part of a request "data_plan"; did you mean "data_plane"? allowed: data_plane, incoming_validation, response_validation`,
			`a.yaml:3:61: control_plane.trace_flow.blocked: no parts; a request has at least one of incoming_validation, data_plane, response_validation`}},
		{"a default workflow", "agents:", "control_plane: {default_data_plane_workflow: plam}\nagents:", []string{
			`a.yaml:3:46: control_plane.default_data_plane_workflow: unknown workflow "plam"; did you mean "plan"?`}},
		{"a template of a request scenario", "agents:", "control_plane: {request_scenarios: {x: {template: y}, z: {}}}\nagents:", []string{
			`a.yaml:3:51: control_plane.request_scenarios.x.template: unknown request validation template "y"; none is defined`,
			`a.yaml:3:58: control_plane.request_scenarios.z.template: missing`}},
		{"an attribute that is a list", "agents:", "control_plane: {request_validation_templates: {t: {root: {a: [1]}}}}\nagents:", []string{
			"a.yaml:3:62: control_plane.request_validation_templates.t.root.a: found a list, want a string, a number or a boolean"}},
		{"an outcome", "agents:", "control_plane: {request_validation_templates: {t: {root: {request.outcome: allow}}}}\nagents:", []string{
			`a.yaml:3:76: control_plane.request_validation_templates.t.root.request.outcome: unknown value "allow"; did you mean "allowed"? allowed: allowed, blocked, error`}},
		{"rates", "agents:", "control_plane: {request_validation_templates: {t: {error_rate: {payload: 1.5, policy: 0.5}}}}\nagents:", []string{
			"a.yaml:3:74: control_plane.request_validation_templates.t.error_rate.payload: 1.5 is not between 0 and 1"}},
		{"a response template", "agents:", "control_plane: {response_validation_templates: {t: {root: {response.outcome: allow}, payload: {}, error_rate: {payload: 1}}}}\nagents:", []string{
			`a.yaml:3:78: control_plane.response_validation_templates.t.root.response.outcome: unknown value "allow"; did you mean "allowed"? allowed: allowed, blocked, error`,
			`a.yaml:3:86: unknown key "payload"; allowed: description, error_rate, policy, root`,
			`a.yaml:3:112: unknown key "payload"; allowed: policy, root`}},
		{"a mistake in the defaults is one mistake", "agents:", "control_plane: {request_validation_templates: {_defaults: {include_policy: 5}, a: {}, b: {}}}\nagents:", []string{
			"a.yaml:3:76: control_plane.request_validation_templates._defaults.include_policy: found integer 5, want true or false"}},
		{"several at once, in the order of the file", "agents: [{id: desk}]", "agents: [5]\ntenant: {}", []string{
			"a.yaml:3:10: agents[0]: found integer 5, want a mapping",
			`a.yaml:4:1: unknown key "tenant"; did you mean "tenants"? allowed: ` + configKeyList}},
	} {
		t.Run(row.why, func(t *testing.T) {
			text := strings.Replace(small, row.old, row.new, 1)
			if text == small {
				t.Fatal("the row changes nothing")
			}
			var p input.Problems
			ParseConfig(input.File{Name: "a.yaml", Data: []byte(text)}, &p)
			checkLines(t, lines(&p), row.want...)
		})
	}
}

func TestAConfigThatCannotBeRead(t *testing.T) {
	for _, row := range []struct{ why, text, want string }{
		{"broken YAML", "a: b: c", "a.yaml:1:1: broken YAML: mapping values are not allowed in this context: indented deeper than the line before, or a text with a colon, which needs quotes"},
		{"a list", "[]", "a.yaml:1:1: found a list, want a mapping"},
		{"nothing", "", "a.yaml:1:1: empty document"},
	} {
		t.Run(row.why, func(t *testing.T) {
			var p input.Problems
			f := input.File{Name: "a.yaml", Data: []byte(row.text)}
			if c := ParseConfig(f, &p); c != nil {
				t.Errorf("got %+v, want none", c)
			}
			if r := ParseResource(f, &p); r != nil {
				t.Errorf("got %+v, want none", r)
			}
			checkLines(t, lines(&p), row.want)
		})
	}
}

func TestResource(t *testing.T) {
	var p input.Problems
	r := ParseResource(file(t, "resource.yaml"), &p)
	checkLines(t, lines(&p))
	if r.SchemaURL != "https://example.com/cover/1" {
		t.Errorf("got %s", r.SchemaURL)
	}
	if got := attributes(r.ControlPlane); got != "service.name=cover-gateway module=control-plane otel.source=propagated" {
		t.Errorf("got %s", got)
	}
	if got := attributes(r.DataPlane); got != "service.name=cover-desk component=orchestrator" {
		t.Errorf("got %s", got)
	}
}

func TestMistakesInAResource(t *testing.T) {
	var p input.Problems
	ParseResource(input.File{Name: "a.yaml", Data: []byte("schema: x\ncontrol_plane: {attributes: {service.version: 1.5}}\n")}, &p)
	checkLines(t, lines(&p),
		`a.yaml:1:1: unknown key "schema"; did you mean "schema_url"? allowed: control_plane, data_plane, schema_url`,
		"a.yaml:1:1: data_plane: missing",
		"a.yaml:2:47: control_plane.attributes.service.version: found number 1.5, want a string (quote it)")
}

func FuzzParseConfig(f *testing.F) {
	f.Add(string(file(f, "config.yaml").Data))
	f.Add(small)
	f.Add(equipped)
	f.Add(withBehind(f, behind))
	f.Fuzz(func(t *testing.T, text string) {
		var p input.Problems
		c := ParseConfig(input.File{Name: "a.yaml", Data: []byte(text)}, &p)
		ParseResource(input.File{Name: "a.yaml", Data: []byte(text)}, &p)
		checkPositions(t, &p, text)
		if c != nil {
			Parse(scenarioFiles(t), c, ParseOptions{Prefixes: prefixes, Registry: true}, &p)
		}
	})
}

func checkPositions(t *testing.T, p *input.Problems, text string) {
	t.Helper()
	for _, problem := range p.All() {
		if problem.Pos.File != "a.yaml" || (problem.Pos.Line < 1 || problem.Pos.Column < 1) && len(text) <= input.MaxBytes {
			t.Errorf("no position: %v", problem)
		}
	}
}
