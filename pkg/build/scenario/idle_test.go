package scenario

import (
	"strings"
	"testing"

	"github.com/otelsim/otelsim/pkg/build/input"
)

func TestWeakIDFormatsAreTold(t *testing.T) {
	for _, row := range []struct {
		formats string
		want    []string
	}{
		{"{session_id: 's{hex:12}', request_id: 'r{uuid}', mcp_tool_call_id: '{hex:6}{hex:6}'}", nil},
		{"{session_id: 's{hex:11}', request_id: 'r{tenant_id}', mcp_tool_call_id: 'c{hex:3}'}", []string{
			"a.yaml:1:26: warning: id_formats.session_id: 44 random bits: ids will be there twice; have at least 48, such as {hex:12}",
			"a.yaml:1:51: warning: id_formats.request_id: 0 random bits: ids will be there twice; have at least 48, such as {hex:12}",
			"a.yaml:1:85: warning: id_formats.mcp_tool_call_id: 12 random bits: ids will be there twice; have at least 48, such as {hex:12}"}},
		{"{session_id: 's{uuid}', conversation_id: 's{uuid}', request_id: 'r{uuid}', mcp_tool_call_id: 'c{uuid}'}", nil},
		{"{session_id: 's{uuid}', conversation_id: 'v{hex:2}', request_id: 'r{uuid}', mcp_tool_call_id: 'c{uuid}'}", []string{
			`a.yaml:1:54: warning: id_formats.conversation_id: has no effect: a conversation has the id of its session; leave it out, or say "s{uuid}" as session_id does`}},
	} {
		text := strings.Replace(small, "{session_id: 's{uuid}', request_id: 'r{uuid}', mcp_tool_call_id: 'c{uuid}'}", row.formats, 1)
		var p input.Problems
		ParseConfig(input.File{Name: "a.yaml", Data: []byte(text)}, &p)
		checkLines(t, lines(&p), row.want...)
	}
}

func TestIdlePartsOfTemplatesAreTold(t *testing.T) {
	const head = "control_plane: {request_validation_templates: {_defaults: {policy: {error.type: timeout}}, t: {"
	const at, path = "a.yaml:3:", ": warning: control_plane.request_validation_templates.t."
	for _, row := range []struct{ template, want string }{
		{"payload: {step.outcome: pass}", ""},
		{"root: {request.outcome: blocked, error.type: timeout}", at + "141" + path + "root.error.type: has no effect: the outcome is no error"},
		{"root: {request.outcome: error, error.type: timeout}", ""},
		{"payload: {error.type: timeout}", at + "118" + path + "payload.error.type: has no effect: the step does not fail"},
		{"payload: {error.type: timeout}, error_rate: {payload: 0.1}", ""},
		{"payload: {error.type: timeout, step.outcome: fail}", ""},
		{"payload: {error.type: timeout, validation.result: invalid}", ""},
		{"policy: {exception: {type: X}}", at + "116" + path + "policy.exception: has no effect: the step does not fail"},
		{"augmentation: {error.category: runtime}", at + "127" + path + "augmentation.error.category: has no effect: the step does not fail"},
		{"policy: {policy.engine: x}, include_policy: false", at + "104" + path + "policy: has no effect: include_policy is false"},
		{"include_augmentation: false, augmentation: {step.outcome: pass}", at + "139" + path + "augmentation: has no effect: include_augmentation is false"},
		{"policy: {step.outcome: skipped, policy.engine: x}", at + "104" + path + "policy: all but step.outcome has no effect: a step that is skipped leaves no span"},
		{"policy: {step.outcome: skip}", ""},
	} {
		var p input.Problems
		ParseConfig(input.File{Name: "a.yaml", Data: []byte(strings.Replace(small, "agents:", head+row.template+"}}}\nagents:", 1))}, &p)
		if got := strings.Join(lines(&p), "\n"); got != row.want {
			t.Errorf("%s: got\n%s\nwant\n%s", row.template, got, row.want)
		}
	}
}

func TestIdleResourceAttributesAreTold(t *testing.T) {
	var p input.Problems
	ParseResource(input.File{Name: "r.yaml", Data: []byte(`control_plane: {attributes: {service.name: a, vendor.session.id: x}}
data_plane: {attributes: {service.name: b, tenant.id: y, service.tenancy: z}}
`)}, &p)
	checkLines(t, lines(&p),
		"r.yaml:1:66: warning: control_plane.attributes.vendor.session.id: has no effect: each request gives its own",
		"r.yaml:2:55: warning: data_plane.attributes.tenant.id: has no effect: each request gives its own")
}

// The weight of an entry of the registry says nothing when a file has its name.
func TestHiddenRegistryScenariosAreTold(t *testing.T) {
	c := fixture(t)
	for _, row := range []struct{ text, want string }{
		{"control_plane: {template: blocked_rate_limited}\nworkload_weight: 0.5\n", ""},
		{"control_plane: {template: blocked_rate_limited}\n",
			`config.yaml:124:5: warning: request scenario "turned_away": has no effect: d.yaml defines it, with workload_weight 1 and template "blocked_rate_limited"`},
		{"control_plane: {template: allowed}\nworkload_weight: 0.5\n",
			`config.yaml:124:5: warning: request scenario "turned_away": has no effect: d.yaml defines it, with workload_weight 0.5 and template "allowed"`},
	} {
		for _, registry := range []bool{true, false} {
			var p input.Problems
			Parse([]input.File{{Name: "d.yaml", Data: []byte("name: turned_away\n" + row.text)}}, c, ParseOptions{Registry: registry}, &p)
			if got := strings.Join(lines(&p), "\n"); registry && got != row.want || !registry && got != "" {
				t.Errorf("registry %t, %q: got %q, want %q", registry, row.text, got, row.want)
			}
		}
	}
}

func TestUnusedTemplatesAreTold(t *testing.T) {
	c := fixture(t)
	var p input.Problems
	WarnUnused(c, []Definition{{Template: "allowed", ResponseTemplate: "allowed"}, {Template: "blocked_invalid_payload", ResponseTemplate: "blocked"}}, &p)
	got := strings.Join(lines(&p), "\n")
	for id, used := range map[string]bool{"allowed": true, "blocked": true, "blocked_rate_limited": true, "flagged_visit": true,
		"blocked_invalid_payload": true, "blocked_invalid_context": true, "odd_one_out": false, "passed_on": false} {
		if told := strings.Contains(got, `template "`+id+`": no scenario uses it`); told == used {
			t.Errorf("%s: told %t\n%s", id, told, got)
		}
	}
}
