package build

import (
	"fmt"
	"strings"
	"testing"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// failures describes the spans of a record that a validation template shapes:
// class, status, what went wrong and the events that say so.
func failures(t *otlp.Traces) string {
	var out []string
	for _, s := range t.Spans {
		a := attrsOf(t, s.Attrs)
		line := fmt.Sprintf("%v %d", a["vendor.span.class"], s.Status)
		for _, key := range []string{"vendor.request.outcome", "vendor.block.reason", "vendor.step.outcome", "error.type", "vendor.error.category"} {
			if v, ok := a[key]; ok {
				line += fmt.Sprint(" ", v)
			}
		}
		for _, e := range t.Events[s.Events.Start:s.Events.End] {
			ea := attrsOf(t, e.Attrs)
			line += fmt.Sprintf(" [%s %v%v]", t.Strings.String(e.Name), ea["exception.type"], ea["vendor.validation.error.code"])
		}
		out = append(out, line)
	}
	return strings.Join(out, "\n")
}

// TestEveryRequestTemplate runs each bundled template: status, outcome,
// error.type and events must tell one story.
func TestEveryRequestTemplate(t *testing.T) {
	for template, want := range map[string]string{
		"allowed_but_flagged": `request.validation 0 allowed
validation.payload 0 pass
validation.policy 0 pass
augmentation 0 pass`,
		"blocked_rate_limited": `request.validation 0 blocked rate_limited
validation.payload 0 pass`,
		"blocked_invalid_payload": `request.validation 0 blocked invalid_payload
validation.payload 2 fail invalid_arguments validation [vendor.validation.error <nil>missing_field]`,
		"blocked_invalid_payload_multi": `request.validation 0 blocked invalid_payload
validation.payload 2 fail invalid_arguments validation [vendor.validation.error <nil>too_few_items] [vendor.validation.error <nil>invalid_enum] [vendor.validation.error <nil>wrong_type]`,
		"blocked_request_policy": `request.validation 0 blocked request_policy
validation.payload 0 pass
validation.policy 0 block`,
		"blocked_request_policy_fail_closed": `request.validation 0 blocked request_policy
validation.payload 0 pass
validation.policy 2 fail timeout policy [exception PolicyEngineTimeout<nil>]`,
		"blocked_invalid_context": `request.validation 0 blocked invalid_context
validation.payload 0 pass
validation.policy 0 pass
augmentation 2 fail unavailable runtime [exception SimulatedError<nil>]`,
		"blocked_invalid_context_augment_exception": `request.validation 0 blocked invalid_context
validation.payload 0 pass
validation.policy 0 pass
augmentation 2 not_found fail unavailable runtime [exception AugmentationBindError<nil>]`,
		"error_policy_runtime": `request.validation 2 error timeout policy [exception PolicyEngineTimeout<nil>]
validation.payload 0 pass
validation.policy 2 fail timeout policy [exception PolicyEngineTimeout<nil>]`,
	} {
		text := "name: own\ncontrol_plane: {template: " + template + "}\n"
		if template == "allowed_but_flagged" {
			text += "context: {tenant: brackenwell, agent: care-assistant-01, mcp_server: phone}\n"
		}
		r := sessionOf(t, withDefinition(bundled(t), "own.yaml", text), "own")[0]
		got := failures(&r)
		if template == "allowed_but_flagged" {
			got = strings.Join(strings.Split(got, "\n")[:4], "\n")
		}
		if got != want {
			t.Errorf("%s: got\n%s\nwant\n%s", template, got, want)
		}
	}
}

func TestScenarioNamesThePolicyException(t *testing.T) {
	r := sessionOf(t, withDefinition(bundled(t), "own.yaml",
		"name: own\ncontrol_plane: {template: error_policy_runtime, policy_exception: {type: EngineGone, message: nobody home}}\n"), "own")[0]
	found := 0
	for _, e := range r.Events {
		a := attrsOf(&r, e.Attrs)
		if a["exception.type"] == "EngineGone" && a["exception.message"] == "nobody home" {
			found++
		}
	}
	if found != 2 {
		t.Errorf("found the exception %d times, want it on the policy step and on the root", found)
	}
}

// Redacted scenarios carry redacted text and no other, in every form.
func TestRedactedScenariosCarryRedactedTextOnly(t *testing.T) {
	const secret, number = "claims@example.com", "71856"
	for _, row := range []struct {
		level, content string // of the scenario, and asked for
		raw, redacted  bool
		gone           []string
	}{
		{"none", "scenario", true, false, nil},
		{"none", "", true, false, nil},
		{"none", "none", false, false, []string{secret, number, "laptop"}},
		{"none", "redacted", false, true, []string{secret}},
		{"basic", "scenario", false, true, []string{secret, "CLM-" + number}},
		{"basic", "raw", true, false, nil},
		{"strict", "scenario", false, true, []string{secret, number}},
		{"strict", "redacted", false, true, []string{secret, number}},
	} {
		in := withDefinition(bundled(t), "own.yaml", "name: own\nredaction_applied: "+row.level+`
context: {tenant: brackenwell, agent: care-assistant-01, mcp_server: phone}
root: {type: a2a.orchestrate, children: [{type: llm.call}, {type: response.compose}]}
conversation:
  turns:
    - {user_input: I sent my laptop to `+secret+`, llm_response: Claim CLM-`+number+` is open.}
`)
		g := generator(t, compiledWithWarnings(t, in, Options{Scenarios: []string{"own"}, Content: row.content}), run(8))
		calls := 0
		g.Iteration(0, func(r *otlp.Traces) {
			for _, s := range r.Spans {
				a := attrsOf(r, s.Attrs)
				if a["vendor.span.class"] != "llm.call" {
					continue
				}
				calls++
				if raw := a["gen_ai.input.messages"] != nil && a["gen_ai.output.messages"] != nil; raw != row.raw {
					t.Errorf("%v: raw messages: %v", row, raw)
				}
				if redacted := a["vendor.gen_ai.input.redacted"] != nil && a["vendor.gen_ai.output.redacted"] != nil; redacted != row.redacted {
					t.Errorf("%v: redacted messages: %v", row, redacted)
				}
				if a["vendor.llm.content.capture.enabled"] != (row.raw || row.redacted) || a["vendor.llm.content.redaction.enabled"] != row.redacted {
					t.Errorf("%v: flags %v, %v", row, a["vendor.llm.content.capture.enabled"], a["vendor.llm.content.redaction.enabled"])
				}
			}
			text := string(otlp.AppendTraces(nil, r, otlp.FormatJSON))
			for _, word := range row.gone {
				if strings.Contains(text, word) {
					t.Errorf("%v: %q is in the record", row, word)
				}
			}
		})
		if calls != 1 {
			t.Errorf("%v: %d calls of a model", row, calls)
		}
	}
}
