package build

import (
	"bytes"
	"strings"
	"testing"

	"github.com/otelsim/otelsim/pkg/build/input"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// each calls f with every span of some iterations of the scenario own.
func each(t *testing.T, in Inputs, text string, f func(a map[string]any, s *otlp.Span, r *otlp.Traces)) {
	t.Helper()
	in = withDefinition(in, "own.yaml", "name: own\n"+text)
	g := generator(t, compiledWithWarnings(t, in, Options{Scenarios: []string{"own"}}), run(24))
	for i := range uint64(24) {
		g.Iteration(i, func(r *otlp.Traces) {
			for k := range r.Spans {
				f(attrsOf(r, r.Spans[k].Attrs), &r.Spans[k], r)
			}
		})
	}
}

// Whatever a tree says of its model, the rest of it fits.
func TestWhatIsSaidOfAModelFits(t *testing.T) {
	const asked, answers, by = "gen_ai.request.model", "gen_ai.response.model", "gen_ai.provider.name"
	for attributes, want := range map[string]string{
		"{" + asked + ": claude-x}":                           "claude-x claude-x anthropic",
		"{" + asked + ": claude-x, " + by + ": aws.bedrock}":  "claude-x claude-x aws.bedrock",
		"{" + answers + ": gemini-9}":                         "gemini-9 gemini-9 gcp.gemini",
		"{" + asked + ": gpt-x, " + answers + ": gpt-x-2026}": "gpt-x gpt-x-2026 openai",
		"{gen_ai.system: anthropic, " + asked + ": claude-x}": "claude-x claude-x anthropic",
		"{" + asked + ": maker/GPT-X}":                        "maker/GPT-X maker/GPT-X openai",
		"{" + asked + ": region.anthropic.claude-x:0}":        "region.anthropic.claude-x:0 region.anthropic.claude-x:0 aws.bedrock",
		"{" + by + ": mistral_ai}":                            "mistral-medium-2508 mistral-medium-2508 mistral_ai",
	} {
		seen := 0
		each(t, bundled(t), who+"root: {type: a2a.orchestrate, children: [{type: llm.call, attributes: "+attributes+"}]}\n",
			func(a map[string]any, _ *otlp.Span, _ *otlp.Traces) {
				if a["vendor.span.class"] == "llm.call" {
					seen++
					if got := texts(a[asked]) + " " + texts(a[answers]) + " " + texts(a[by]); got != want {
						t.Fatalf("%s: got %s, want %s", attributes, got, want)
					}
				}
			})
		if seen == 0 {
			t.Errorf("%s: no call", attributes)
		}
	}
	// A drawn model answers as it was asked.
	each(t, bundled(t), who+"root: {type: a2a.orchestrate, children: [{type: llm.call, attributes: {gen_ai.provider.name: openai, gen_ai.request.model: {distribution: categorical, values: [gpt-a, gpt-b]}}}]}\n",
		func(a map[string]any, _ *otlp.Span, _ *otlp.Traces) {
			if a["vendor.span.class"] == "llm.call" && a[asked] != a[answers] {
				t.Fatalf("asked %v, and %v answers", a[asked], a[answers])
			}
		})
}

// HTTP codes of a goal are emitted under conventions that define none.
func TestCodesOfAGoalNeedNoConvention(t *testing.T) {
	in := withoutCodes(t)
	plan := compiledWithWarnings(t, in, Options{Scenarios: []string{"new_claim_4xx_invalid_arguments"}})
	codes := map[string]int{}
	g := generator(t, plan, run(40))
	for i := range uint64(40) {
		g.Iteration(i, func(r *otlp.Traces) {
			for k := range r.Spans {
				a := attrsOf(r, r.Spans[k].Attrs)
				if code, ok := a["http.response.status_code"]; ok {
					codes[texts(code)]++
					if (r.Spans[k].Status == otlp.StatusError) != (texts(code) != "200") {
						t.Fatalf("code %v on a span of status %d", code, r.Spans[k].Status)
					}
				}
			}
		})
	}
	if codes["400"] == 0 || codes["404"] == 0 || codes["422"] == 0 {
		t.Errorf("got codes %v", codes)
	}
}

// Conventions that list the classes have no word for the bare types.
func TestBareTypesHaveNoClassWhereTheListIsClosed(t *testing.T) {
	in := bundled(t)
	for _, c := range []string{"rag.retrieve", "a2a.call"} {
		in.Semconv.Data = bytes.ReplaceAll(in.Semconv.Data, []byte("allowed_values: ["+c+"]"), []byte("allowed_values: [planner, llm.call]"))
	}
	bare := 0
	each(t, in, who+"root: {type: a2a.orchestrate, children: [{type: rag.retrieve}, {type: a2a.call}]}\n",
		func(a map[string]any, s *otlp.Span, r *otlp.Traces) {
			class, has := a["vendor.span.class"]
			switch name := r.Strings.String(s.Name); name {
			case "rag.retrieve", "a2a.call":
				bare++
				if has {
					t.Fatalf("%s has the class %v", name, class)
				}
			default:
				if !has {
					t.Fatalf("%s has no class", name)
				}
			}
		})
	if bare != 48 {
		t.Errorf("%d spans of the bare types", bare)
	}
}

func TestAnAgentDoesNotCallItself(t *testing.T) {
	in := bundled(t)
	in.Config.Data = bytes.Replace(in.Config.Data, []byte("  - {id: claims-assistant-01, description: Files claims and says where they stand}\n"), nil, 1)
	own, other := "", ""
	each(t, in, "root: {type: a2a.orchestrate, children: [{type: a2a.call}]}\n", func(a map[string]any, s *otlp.Span, r *otlp.Traces) {
		id := texts(a["vendor.a2a.agent.target.id"])
		switch r.Strings.String(s.Name) {
		case "a2a.call":
			other = id
		case "vendor.a2a.orchestrate":
			own = id
		}
	})
	if own == "" || other == "" || own == other {
		t.Errorf("the agent %q calls %q", own, other)
	}
}

// Planners and recommendations say what they came to in every style.
func TestPlanningIsToldInTreesAndDefaultWorkflows(t *testing.T) {
	for _, text := range []string{
		who + "data_plane: {workflow: new_claim}\n",
		who,
		"",
		who + "root: {type: a2a.orchestrate, children: [{type: planner}, {type: llm.call}, {type: tools.recommend}, {type: mcp.tool.execute, count: {min: 0, max: 3}}]}\n",
	} {
		planned, recommended := 0, 0
		each(t, bundled(t), text, func(a map[string]any, s *otlp.Span, r *otlp.Traces) {
			for _, e := range r.Events[s.Events.Start:s.Events.End] {
				x := attrsOf(r, e.Attrs)
				switch r.Strings.String(e.Name) {
				case "vendor.planning.result":
					planned++
				case "vendor.tools.recommended":
					recommended++
					list := texts(x["vendor.tools.list"])
					if n := int64(strings.Count(list, `"`) / 2); x["vendor.tools.count"] != n || a["vendor.mcp.tools.selected.count"] != n {
						t.Fatalf("%q: list %s, count %v, selected %v", text, list, x["vendor.tools.count"], a["vendor.mcp.tools.selected.count"])
					}
				}
			}
		})
		if planned != 24 || recommended != 24 {
			t.Errorf("%q: %d plans, %d recommendations", text, planned, recommended)
		}
	}
}

// Logs of a beginning say nothing of an end.
func TestBeginningsDoNotKnowTheEnd(t *testing.T) {
	in := withDefinition(bundled(t), "own.yaml", "name: own\n"+who+`root:
  type: a2a.orchestrate
  error: 0.5
  children: [{type: mcp.tool.execute, error: 1, retry: {max_attempts: 3}}]
`)
	g := generator(t, compiledWithWarnings(t, in, Options{Scenarios: []string{"own"}}), run(16))
	seen := map[string]int{}
	for i := range uint64(16) {
		g.IterationLogs(i, func(_ *otlp.Traces, l *otlp.Logs) {
			for _, x := range l.Records {
				name := l.Strings.String(x.EventName)
				seen[name]++
				if name != "vendor.turn.start" && name != "vendor.tool.retry" {
					continue
				}
				for _, a := range l.Attrs[x.Attrs.Start:x.Attrs.End] {
					switch key := l.Strings.String(a.Key); key {
					case "error.type", "vendor.error.category", "vendor.a2a.outcome", "vendor.mcp.attempt.outcome", "http.response.status_code", "vendor.step.outcome":
						t.Fatalf("%s has %s", name, key)
					}
				}
			}
		})
	}
	if seen["vendor.turn.start"] != 16 || seen["vendor.tool.retry"] == 0 {
		t.Errorf("got %v", seen)
	}
}

// Scenarios as short as a reader of a guide would write them run for the first
// tenant, agent and tool server.
func TestShortScenariosNeedNoContext(t *testing.T) {
	for name, text := range map[string]string{
		"a stub":         "description: reads before it answers\nrepeat_count: 100\ninterval_ms: 500\nroot:\n  type: vendor.a2a.orchestrate\n  # spans go here\n",
		"a weight":       "tags: [data-plane, happy-path]\nworkload_weight: 5.0\n",
		"a retry":        "root:\n  type: a2a.orchestrate\n  children:\n    - type: mcp.tool.execute\n      retry:\n        enabled: true\n        max_attempts: 3\n        force_initial_failure: true\n        success_rate_per_attempt: [0.0, 0.75, 0.92]\n",
		"a retried root": "root:\n  type: mcp.tool.execute\n  retry: {enabled: true, max_attempts: 3, force_initial_failure: true, success_rate_per_attempt: [0.0, 0.75, 0.92]}\n",
	} {
		in := withDefinition(bundled(t), "own.yaml", "name: own\n"+text)
		var p input.Problems
		plan := Compile(in, Options{Scenarios: []string{"own"}}, &p)
		if plan == nil || p.Errors()+p.Warnings() > 0 {
			t.Errorf("%s: %v", name, p.All())
			continue
		}
		tools := 0
		for _, r := range collect(generator(t, plan, run(1)), 0) {
			for k := range r.Spans {
				a := attrsOf(&r, r.Spans[k].Attrs)
				if a["vendor.span.class"] == "mcp.tool.execute" && a["vendor.mcp.server.uuid"] != nil && a["gen_ai.tool.name"] != nil {
					tools++
				}
			}
		}
		if tools == 0 {
			t.Errorf("%s: calls no tool", name)
		}
	}
}

func TestErrorTypesOfGoalsAreKnown(t *testing.T) {
	in := bundled(t)
	in.Config.Data = bytes.Replace(in.Config.Data, []byte("      error_type: invalid_arguments\n"), []byte("      error_type: weird\n"), 1)
	var p input.Problems
	Compile(in, Options{}, &p)
	if all := p.All(); len(all) != 1 || !strings.Contains(all[0].String(), `error_type: unknown value "weird"`) {
		t.Errorf("got %v", all)
	}
}

// withoutCodes are the bundled inputs with conventions that know no HTTP, and a
// scenario by the name that the other inputs have for it.
func withoutCodes(t *testing.T) Inputs {
	t.Helper()
	in := bundled(t)
	in.Semconv.Data = bytes.ReplaceAll(in.Semconv.Data, []byte("http.response.status_code"), []byte("http.response.other"))
	return withDefinition(in, "own.yaml", "name: new_claim_4xx_invalid_arguments\n"+who+"data_plane: {workflow: new_claim, simulation_goal: 4xx_invalid_arguments}\n")
}
