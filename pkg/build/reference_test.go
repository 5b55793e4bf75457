package build_test

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/otelsim/otelsim/pkg/build"
	"github.com/otelsim/otelsim/pkg/build/input"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// foreign reads the inputs of testdata/reference: files as they were written
// for the program that this one takes after.
func foreign(t *testing.T) build.Inputs {
	t.Helper()
	const dir = "testdata/reference"
	read := func(name string) input.File {
		data, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		return input.File{Name: filepath.ToSlash(name), Data: data}
	}
	in := build.Inputs{Config: read("config.yaml"), Resource: read("resource.yaml"), Semconv: read("semconv.yaml"), Bundled: true}
	names, err := filepath.Glob(filepath.Join(dir, "definitions", "*.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		in.Definitions = append(in.Definitions, read(filepath.Join("definitions", filepath.Base(name))))
	}
	return in
}

// foreignNames are what the definitions and the registry come to: a file wins
// over the registry, and the example is there to be read.
const foreignNames = "appointment_skips_steps new_claim_4xx_invalid_arguments new_claim_partial_workflow new_claim_phone " +
	"new_claim_phone_multi_turn new_claim_ungrounded_response new_claim_wrong_division request_allowed_audit_flagged " +
	"request_blocked_by_policy request_blocked_invalid_context request_blocked_invalid_context_augment_exception " +
	"request_blocked_invalid_payload request_blocked_invalid_payload_multi request_blocked_policy_fail_closed " +
	"request_blocked_rate_limited request_error_policy_runtime request_error_policy_unavailable status_by_messages with_rag"

// answersFirst is said of the workflows and trees of those files, whose model calls
// all come before the tools.
const answersFirst = "answers before its tools have run: have a model call after the last of them"

// foreignWarnings are ids that repeat, steps that are skipped, entries that
// files hide, values that the files' own conventions do not allow, and a rate
// that another key overrules.
var foreignWarnings = []string{
	"config.yaml:7:15: warning: id_formats.request_id: 24 random bits: ids will be there twice; have at least 48, such as {hex:12}",
	"config.yaml:114:26: warning: realistic_scenarios.workflow_templates.new_claim[1]: " + answersFirst,
	"config.yaml:117:9: warning: realistic_scenarios.workflow_templates.update_appointment[1]: " + answersFirst,
	"config.yaml:121:20: warning: realistic_scenarios.workflow_templates.pay[1]: " + answersFirst,
	"config.yaml:195:9: warning: control_plane.request_validation_templates.blocked_invalid_payload.policy: all but step.outcome has no effect: a step that is skipped leaves no span",
	"config.yaml:199:9: warning: control_plane.request_validation_templates.blocked_invalid_payload.augmentation: all but step.outcome has no effect: a step that is skipped leaves no span",
	"config.yaml:237:9: warning: control_plane.request_validation_templates.blocked_request_policy.augmentation: all but step.outcome has no effect: a step that is skipped leaves no span",
	"config.yaml:260:9: warning: control_plane.request_validation_templates.blocked_request_policy_fail_closed.augmentation: all but step.outcome has no effect: a step that is skipped leaves no span",
	"config.yaml:337:9: warning: control_plane.request_validation_templates.error_policy_runtime.augmentation: all but step.outcome has no effect: a step that is skipped leaves no span",
	`config.yaml:357:5: warning: request scenario "request_allowed_audit_flagged": has no effect: definitions/request_allowed_audit_flagged.yaml defines it, with workload_weight 5 and template "allowed_but_flagged"`,
	`config.yaml:360:5: warning: request scenario "request_blocked_rate_limited": has no effect: definitions/request_blocked_rate_limited.yaml defines it, with workload_weight 1 and template "blocked_rate_limited"`,
	"definitions/goal_partial.yaml:7:27: warning: realistic_overrides.actual_steps[1]: " + answersFirst,
	"definitions/messages.yaml:10:23: warning: context.correct_flow.steps[1]: " + answersFirst,
	"definitions/with_rag.yaml:35:19: warning: llm.call: " + answersFirst,
	"definitions/with_rag.yaml:50:37: warning: root[0].children[3].retry.success_rate_per_attempt: decides every attempt, so the rate of error has no effect",
	`resource.yaml:7:5: warning: attribute deployment.environment.name: "prod" is not among the values that the conventions allow: development, staging, production`,
	`resource.yaml:9:5: warning: attribute component: "gateway-ext" is not among the values that the conventions allow: orchestrator, planning, retrieval, llm, mcp_client, tool_recommender`,
	`resource.yaml:16:5: warning: attribute deployment.environment.name: "prod" is not among the values that the conventions allow: development, staging, production`,
}

// compileForeign fails unless the inputs compile with the warnings above.
func compileForeign(t *testing.T, o build.Options) *build.Plan {
	t.Helper()
	var p input.Problems
	plan := build.Compile(foreign(t), o, &p)
	var got []string
	for _, problem := range p.All() {
		got = append(got, problem.String())
	}
	if got, want := strings.Join(got, "\n"), strings.Join(foreignWarnings, "\n"); got != want {
		t.Errorf("prefix %s: got\n%s\nwant\n%s", o.Vendor, got, want)
	}
	if plan == nil {
		t.Fatal("no plan")
	}
	return plan
}

func TestForeignInputsLoadUnmodified(t *testing.T) {
	for _, prefix := range []string{"vendor", "gentoro", "acme"} {
		for _, shape := range []string{build.ShapeSeparate, build.ShapeUnified} {
			plan := compileForeign(t, build.Options{Vendor: prefix, TraceShape: shape, EachOnce: true})
			var names []string
			for _, s := range plan.Scenarios() {
				names = append(names, s.Name)
			}
			if got := strings.Join(names, " "); got != foreignNames {
				t.Errorf("got  %s\nwant %s", got, foreignNames)
			}
			checkNamespace(t, plan, prefix)
		}
	}
}

// checkNamespace fails when what a plan emits carries another namespace than
// the prefix: that of the conventions, or that of the definitions.
func checkNamespace(t *testing.T, plan *build.Plan, prefix string) {
	t.Helper()
	seen := make(map[string]bool)
	eachForeign(t, plan, func(_ string, tr *otlp.Traces) {
		for _, s := range tr.Spans {
			seen[tr.Strings.String(s.Name)] = true
		}
		for _, e := range tr.Events {
			seen[tr.Strings.String(e.Name)] = true
		}
		for _, a := range tr.Attrs {
			seen[tr.Strings.String(a.Key)] = true
		}
	})
	for _, name := range slices.Sorted(maps.Keys(seen)) {
		for _, other := range []string{"vendor", "gentoro", "acme"} {
			if other != prefix && strings.HasPrefix(name, other+".") {
				t.Errorf("prefix %s: %s", prefix, name)
			}
		}
	}
	for _, name := range []string{"rag.retrieve", "a2a.call", prefix + ".mcp.tool.execute.attempt", prefix + ".validation.error", prefix + ".turn.status.code"} {
		if !seen[name] {
			t.Errorf("prefix %s: nothing is called %s", prefix, name)
		}
	}
}

// eachForeign runs every scenario of a plan some times.
func eachForeign(t *testing.T, plan *build.Plan, record func(scenario string, tr *otlp.Traces)) {
	t.Helper()
	names := strings.Fields(foreignNames)
	const rounds = 10
	g, err := build.NewGenerator(plan, build.Run{
		Seed: 1, Count: uint64(rounds * len(names)), SegmentIterations: 1000,
		Start: time.Unix(1_700_000_000, 0), Interval: time.Second,
	})
	if err != nil {
		t.Fatal(err)
	}
	for i := range uint64(rounds * len(names)) {
		want := names[i%uint64(len(names))]
		if info := g.Iteration(i, func(tr *otlp.Traces) { record(want, tr) }); info.Scenario != want {
			t.Fatalf("iteration %d: got %s, want %s", i, info.Scenario, want)
		}
	}
}

// What the files ask for happens: a sample of it, by the words that spans of
// each scenario and of no other carry.
func TestForeignInputsMeanTheSame(t *testing.T) {
	plan := compileForeign(t, build.Options{Vendor: "gentoro", EachOnce: true})
	words := make(map[string]map[string]bool)
	eachForeign(t, plan, func(scenario string, tr *otlp.Traces) {
		if words[scenario] == nil {
			words[scenario] = make(map[string]bool)
		}
		for _, a := range tr.Attrs {
			if a.Kind == otlp.KindString {
				words[scenario][tr.Strings.String(a.Key)+"="+tr.Strings.String(otlp.StringID(a.Word))] = true
			}
		}
	})
	for word, scenarios := range map[string]string{
		"exception.type=PolicyEngineUnavailable":                       "request_error_policy_unavailable",
		"exception.type=AugmentationBindError":                         "request_blocked_invalid_context_augment_exception",
		"gentoro.policy.fail_mode=closed":                              "request_blocked_policy_fail_closed",
		"gentoro.policy.decision=allow_with_audit":                     "request_allowed_audit_flagged",
		"gentoro.validation.error.code=too_few_items":                  "request_blocked_invalid_payload_multi",
		"gentoro.mcp.server.uuid=22222222-2222-4eec-8002-000000000002": "new_claim_wrong_division",
		"gentoro.mcp.server.uuid=33333333-3333-4eec-8003-000000000003": "appointment_skips_steps",
		"error.type=invalid_arguments":                                 "new_claim_4xx_invalid_arguments request_blocked_invalid_payload request_blocked_invalid_payload_multi",
		"gen_ai.tool.name=claim_status":                                "status_by_messages",
		"gentoro.retry.policy=exponential_jitter":                      "with_rag",
		"gentoro.request.outcome=error":                                "request_error_policy_runtime request_error_policy_unavailable",
		"gentoro.block.reason=request_policy":                          "request_blocked_by_policy request_blocked_policy_fail_closed",
		"gentoro.mcp.tool.uuid=11111111-1111-4eec-8001-000000000019":   "new_claim_partial_workflow with_rag",
		"gentoro.tenant.id=9cafa427-504f-4bb7-a09f-ec1f5524facf":       foreignNames,
		"gentoro.mcp.server.uuid=11111111-2222-3333-4444-555555555555": "",
	} {
		var got []string
		for _, scenario := range strings.Fields(foreignNames) {
			if words[scenario][word] {
				got = append(got, scenario)
			}
		}
		if got := strings.Join(got, " "); got != scenarios {
			t.Errorf("%s: got %s\nwant %s", word, got, scenarios)
		}
	}
}

// Loading them is no leniency: one letter too many is found in each kind of
// file.
func TestForeignInputsAreRead(t *testing.T) {
	for _, row := range []struct {
		old, new, want string
		file           func(*build.Inputs) *input.File
	}{
		{"display_name: Toro", "display_nme: Toro", `config.yaml:24:5: unknown key "display_nme"; did you mean "display_name"? allowed: description, display_name, id`,
			func(in *build.Inputs) *input.File { return &in.Config }},
		{"otel.source: propagated", "otel.source: 5", "resource.yaml:10:18: control_plane.attributes.otel.source: found integer 5, want a string (quote it)",
			func(in *build.Inputs) *input.File { return &in.Resource }},
		{"span_kind: SERVER", "span_kind: SERVED", `semconv.yaml:25:16: span_names.gentoro.a2a.orchestrate.span_kind: unknown span kind "SERVED"; did you mean "SERVER"? allowed: CLIENT, CONSUMER, INTERNAL, PRODUCER, SERVER`,
			func(in *build.Inputs) *input.File { return &in.Semconv }},
		{"description:", "descripton:", "", func(in *build.Inputs) *input.File { return &in.Definitions[0] }},
	} {
		in := foreign(t)
		f := row.file(&in)
		f.Data = []byte(strings.Replace(string(f.Data), row.old, row.new, 1))
		var p input.Problems
		build.Compile(in, build.Options{}, &p)
		var errors []string
		for _, problem := range p.All() {
			if !problem.Warning {
				errors = append(errors, problem.String())
			}
		}
		if len(errors) != 1 || row.want != "" && errors[0] != row.want || !strings.HasPrefix(errors[0], f.Name+":") {
			t.Errorf("got %q, want %q", errors, row.want)
		}
	}
}
