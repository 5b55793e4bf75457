package build

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/otelsim/otelsim/pkg/build/input"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// callsOf returns the attributes of the model calls in some iterations of the
// scenario own, and their durations in nanoseconds under the key duration.
func callsOf(t *testing.T, in Inputs, text string) (calls []map[string]any) {
	t.Helper()
	each(t, in, text, func(a map[string]any, s *otlp.Span, _ *otlp.Traces) {
		if a["vendor.span.class"] == "llm.call" {
			a["duration"], a["failed"] = int64(s.End-s.Start), s.Status == otlp.StatusError
			calls = append(calls, a)
		}
	})
	if len(calls) == 0 {
		t.Fatalf("%s: no call", text)
	}
	return calls
}

// The model that answers, its provider and its address are those of the model
// that is asked, wherever and however that is said.
func TestTheModelThatIsAskedAnswers(t *testing.T) {
	in := bundled(t)
	const (
		mini   = "gpt-4.1-mini gpt-4.1-mini-2025-04-14 openai api.openai.com:443"
		haiku  = "claude-haiku-4-5 claude-haiku-4-5-20251001 anthropic api.anthropic.com:443"
		sonnet = "claude-sonnet-4-5 claude-sonnet-4-5-20250929 anthropic api.anthropic.com:443"
		medium = "mistral-medium-2508 mistral-medium-2508 mistral_ai api.mistral.ai:443"
		call   = who + "root: {children: [{type: llm.call, attributes: {%s}}]}\n"
	)
	for _, row := range []struct {
		what, text string
		want       []string
	}{
		{"a scenario", "model: claude-haiku-4-5\n" + who + "data_plane: {workflow: new_claim}\n", []string{haiku}},
		{"a scenario of two", who[:len(who)-2] + ", model: [claude-haiku-4-5, gpt-4.1-mini]}\ndata_plane: {workflow: new_claim}\n", []string{haiku, mini}},
		{"a step", "model: gpt-4.1-mini\n" + who + "data_plane: {workflow: new_claim, steps: {task: {model: claude-haiku-4-5}}}\n", []string{haiku}},
		{"a step of two", who + "data_plane: {workflow: new_claim, steps: {task: {model: [claude-haiku-4-5, claude-sonnet-4-5]}}}\n", []string{haiku, sonnet}},
		{"a span", "model: gpt-4.1-mini\n" + who + "root: {children: [{type: llm.call, model: claude-haiku-4-5}]}\n", []string{haiku}},
		{"a span above", who + "root: {model: gpt-4.1-mini, children: [{type: llm.call, model: claude-haiku-4-5}, {type: llm.call}]}\n", []string{haiku, mini}},
		{"a model that is drawn", fmt.Sprintf(call, "gen_ai.request.model: {distribution: categorical, values: {gpt-4.1-mini: 1, claude-haiku-4-5: 3}}"), []string{haiku, mini}},
		{"a provider", fmt.Sprintf(call, "gen_ai.provider.name: mistral_ai"), []string{medium}},
		{"a provider that is drawn", fmt.Sprintf(call, "gen_ai.provider.name: {distribution: categorical, values: {mistral_ai: 1, openai: 1}}"), []string{medium, mini}},
		{"a provider that is drawn for a model", fmt.Sprintf(call, "gen_ai.request.model: claude-x, gen_ai.provider.name: {distribution: categorical, values: {anthropic: 1, aws.bedrock: 1}}"),
			[]string{"claude-x claude-x anthropic api.anthropic.com:443", "claude-x claude-x aws.bedrock bedrock-runtime.us-east-1.amazonaws.com:443"}},
		{"an answer", fmt.Sprintf(call, "gen_ai.response.model: claude-sonnet-4-5-20250929"), []string{sonnet}},
		{"an answer that is drawn", fmt.Sprintf(call, "gen_ai.request.model: gpt-x, gen_ai.response.model: {distribution: categorical, values: {gpt-x-2026: 1, gpt-x-2027: 1}}"),
			[]string{"gpt-x gpt-x-2026 openai api.openai.com:443", "gpt-x gpt-x-2027 openai api.openai.com:443"}},
		{"an address", fmt.Sprintf(call, "server.address: api.mistral.ai"), []string{medium}},
		{"an address of nobody", fmt.Sprintf(call, "server.address: models.example.com, gen_ai.request.model: claude-x"), []string{"claude-x claude-x anthropic models.example.com:443"}},
		{"a model of nobody", fmt.Sprintf(call, "gen_ai.request.model: house-1, gen_ai.provider.name: openai"), []string{"house-1 house-1 openai api.openai.com:443"}},
	} {
		seen := make(map[string]bool)
		for _, a := range callsOf(t, in, row.text) {
			if a["failed"] == true {
				continue
			}
			got := fmt.Sprintf("%v %v %v %v:%v", a["gen_ai.request.model"], a["gen_ai.response.model"], a["gen_ai.provider.name"], a["server.address"], a["server.port"])
			if seen[got] = true; !slices.Contains(row.want, got) {
				t.Errorf("%s: got %s, want one of %s", row.what, got, strings.Join(row.want, " | "))
			}
		}
		if len(seen) < len(row.want) {
			t.Errorf("%s: got %v, want all of %s", row.what, seen, strings.Join(row.want, " | "))
		}
	}
}

// Sessions that nobody says anything of take a model of the config and keep it.
func TestASessionKeepsItsModel(t *testing.T) {
	models := make(map[any]map[any]bool)
	sessions := make(map[any]any)
	for _, a := range callsOf(t, bundled(t), who+"root: {children: [{type: llm.call, count: 3}]}\n") {
		if was, ok := sessions[a["vendor.session.id"]]; ok && was != a["gen_ai.request.model"] {
			t.Errorf("a session calls %v and %v", was, a["gen_ai.request.model"])
		}
		sessions[a["vendor.session.id"]] = a["gen_ai.request.model"]
		if models[a["gen_ai.request.model"]] == nil {
			models[a["gen_ai.request.model"]] = make(map[any]bool)
		}
		models[a["gen_ai.request.model"]][a["gen_ai.response.model"]] = true
	}
	if len(models) < 3 || !models["gpt-4.1-mini"]["gpt-4.1-mini-2025-04-14"] {
		t.Errorf("got %v", models)
	}
	for asked, answers := range models {
		if len(answers) != 1 {
			t.Errorf("%v is answered by %v", asked, answers)
		}
	}
}

func TestWhatDoesNotFitAModelIsAnError(t *testing.T) {
	const call = who + "root: {children: [{type: llm.call, attributes: {%s}}]}\n"
	in := bundled(t)
	for _, row := range []struct{ attributes, want string }{
		{"gen_ai.request.model: gpt-x, gen_ai.response.model: claude-x", `own.yaml:3:78: the model "claude-x" does not answer for "gpt-x": it is another maker's`},
		{"gen_ai.request.model: gpt-x, gen_ai.provider.name: anthropic", `own.yaml:3:78: provider "anthropic" does not serve the model "gpt-x"; want one of: openai, azure.ai.openai, azure.ai.inference`},
		{"gen_ai.request.model: house-1, gen_ai.response.model: claude-x, gen_ai.provider.name: openai",
			`own.yaml:3:80: the model "claude-x" does not answer for provider "openai"; want one of: anthropic, aws.bedrock, gcp.vertex_ai, azure.ai.inference`},
		{"gen_ai.provider.name: anthropic, server.address: api.openai.com", `own.yaml:3:82: "api.openai.com" is an address of openai, and the provider is "anthropic"`},
		{"gen_ai.request.model: claude-x, server.address: api.openai.com", `own.yaml:3:81: "api.openai.com" is an address of openai, and the provider is "anthropic"`},
		{"gen_ai.request.model: {distribution: categorical, values: {gpt-x: 1, claude-x: 1}}, gen_ai.provider.name: openai",
			`own.yaml:3:133: provider "openai" does not serve the model "claude-x"; want one of: anthropic, aws.bedrock, gcp.vertex_ai, azure.ai.inference`},
		{"gen_ai.request.model: {distribution: categorical, values: {gpt-x: 1, claude-x: 1}}, gen_ai.provider.name: {distribution: categorical, values: {openai: 1, anthropic: 1}}",
			"own.yaml:3:133: attribute gen_ai.provider.name is drawn beside gen_ai.request.model, and need not fit it: draw one of them, and the other follows"},
		{"gen_ai.request.model: {distribution: uniform, low: 1, high: 2}, gen_ai.provider.name: openai", "own.yaml:3:49: attribute gen_ai.request.model: want a name, or a choice of names"},
	} {
		var p input.Problems
		if Compile(withDefinition(in, "own.yaml", "name: own\n"+fmt.Sprintf(call, row.attributes)), Options{}, &p) != nil {
			t.Errorf("%s: compiled", row.attributes)
		}
		if err := fmt.Sprint(p.Err()); !strings.Contains(err, row.want) {
			t.Errorf("%s: got\n%s\nwant\n%s", row.attributes, err, row.want)
		}
	}
}

func TestWhatDoesNotFitInTheConfigIsAnError(t *testing.T) {
	for _, row := range []struct{ old, new, want string }{
		{"response_model: gpt-4.1-mini-2025-04-14", "response_model: claude-x", `the model "claude-x" does not answer for "gpt-4.1-mini": it is another maker's`},
		{"provider: mistral_ai", "provider: openai", `provider "openai" does not serve the model "mistral-medium-2508"; want one of: mistral_ai, aws.bedrock, gcp.vertex_ai, azure.ai.inference`},
		{"server: api.mistral.ai", "server: api.openai.com", `"api.openai.com" is an address of openai, and the provider is "mistral_ai"`},
		{"latency: {first_chunk_ms: 400, ms_per_token: 12}", "latency: 1e10", "latency: may be over 100 hours"},
	} {
		in := bundled(t)
		before, after, ok := bytes.Cut(in.Config.Data, []byte(row.old))
		if !ok {
			t.Fatalf("nothing says %s", row.old)
		}
		line := 1 + bytes.Count(before, []byte("\n"))
		in.Config.Data = slices.Concat(before, []byte(row.new), after)
		var p input.Problems
		Compile(in, Options{}, &p)
		if err := fmt.Sprint(p.Err()); !strings.Contains(err, row.want) || !strings.Contains(err, "config.yaml:") ||
			!strings.Contains(row.new, "latency") && !strings.Contains(err, fmt.Sprintf("config.yaml:%d:", line)) {
			t.Errorf("%s: got\n%s\nwant\n%s at line %d", row.new, err, row.want, line)
		}
	}
}

// Answers have ids of their own, streamed ones a first chunk within the call, and
// requests what the config says of their model.
func TestWhatCallsOfModelsCarry(t *testing.T) {
	in := bundled(t)
	ids := make(map[any]bool)
	streamed, failed := 0, 0
	for _, a := range callsOf(t, in, who+"root: {model: [gpt-4.1-mini, claude-haiku-4-5], children: [{type: llm.call, count: 6, error: 0.3, retry: {max_attempts: 2}}]}\n") {
		id, has := a["gen_ai.response.id"]
		if has == (a["failed"] == true) || ids[id] && has {
			t.Fatalf("a call that failed: %v has the id %v", a["failed"], id)
		}
		begin := map[any]string{"gpt-4.1-mini": "chatcmpl-", "claude-haiku-4-5": "msg_01"}[a["gen_ai.request.model"]]
		if has && (!strings.HasPrefix(id.(string), begin) || len(id.(string)) < 24) {
			t.Errorf("%v answers with the id %v", a["gen_ai.request.model"], id)
		}
		ids[id] = true
		first, chunks := a["gen_ai.response.time_to_first_chunk"]
		streams := a["gen_ai.request.stream"] == true
		if chunks != (streams && a["failed"] != true) || chunks && int64(first.(float64)*1e9) > a["duration"].(int64) {
			t.Errorf("streamed %v, first chunk after %v s of %v ns, failed %v", a["gen_ai.request.stream"], first, a["duration"], a["failed"])
		}
		if streams {
			streamed++
		}
		if a["failed"] == true {
			failed++
		}
		want := map[any]string{"gpt-4.1-mini": "0.2 2048", "claude-haiku-4-5": "0.3 4096"}[a["gen_ai.request.model"]]
		if got := fmt.Sprint(a["gen_ai.request.temperature"], " ", a["gen_ai.request.max_tokens"]); got != want || a["gen_ai.request.top_p"] != nil {
			t.Errorf("%v is asked with %s and top_p %v, want %s", a["gen_ai.request.model"], got, a["gen_ai.request.top_p"], want)
		}
		if a["gen_ai.output.type"] != "text" {
			t.Errorf("output is %v", a["gen_ai.output.type"])
		}
	}
	if streamed == 0 || failed == 0 || len(ids) < 40 {
		t.Errorf("%d streamed, %d failed, %d ids", streamed, failed, len(ids))
	}
}

// The duration of a call is what comes first: its own, its model's when that is
// named, the config's, that of the model that was drawn.
func TestHowLongACallOfAModelLasts(t *testing.T) {
	exact := func(in Inputs) Inputs {
		in.Config.Data = bytes.Replace(in.Config.Data, []byte("\nhappy_path_latencies_ms:\n"), []byte("\nhappy_path_latencies_ms:\n  llm_call: 0\n"), 1)
		for _, old := range []string{"{first_chunk_ms: 420, ms_per_token: 9}", "{first_chunk_ms: 380, ms_per_token: 7}"} {
			in.Config.Data = bytes.Replace(in.Config.Data, []byte(old), []byte("{first_chunk_ms: {distribution: constant, value: 5000}, ms_per_token: 0}"), 1)
		}
		return in
	}
	const millis = int64(1e6)
	for _, row := range []struct {
		what, text string
		in         Inputs
		least      int64
		most       int64
	}{
		{"its own", "model: gpt-4.1-mini\n" + who + "root: {children: [{type: llm.call, latency: {distribution: constant, value: 7}}]}\n", exact(bundled(t)), 7 * millis, 7 * millis},
		{"its step's", "model: gpt-4.1-mini\n" + who + "data_plane: {workflow: new_claim, steps: {task: {latency: {distribution: constant, value: 7}}}}\n", exact(bundled(t)), 7 * millis, 7 * millis},
		{"that of the model of the scenario", "model: gpt-4.1-mini\n" + who + "data_plane: {workflow: new_claim}\n", exact(bundled(t)), 5000 * millis, 5000 * millis},
		{"that of the model of the span", who + "root: {children: [{type: llm.call, attributes: {gen_ai.request.model: claude-haiku-4-5}}]}\n", exact(bundled(t)), 5000 * millis, 5000 * millis},
		{"the config's", who + "root: {children: [{type: llm.call}]}\n", exact(bundled(t)), 0, 0},
		{"that of the model that is drawn", who + "root: {children: [{type: llm.call}]}\n", bundled(t), 120 * millis, 60_000 * millis},
	} {
		for _, a := range callsOf(t, row.in, row.text) {
			if d := a["duration"].(int64); d < row.least || d > row.most {
				t.Errorf("%s: lasts %d ns", row.what, d)
				break
			}
		}
	}
}

// Sessions call the models of the config that the conventions allow.
func TestConventionsDecideWhichModelsAreCalled(t *testing.T) {
	for _, row := range []struct{ allowed, want string }{
		{"[openai, azure.ai.openai]", "gpt-4.1-mini gpt-5-mini"},
		{"[groq]", "gpt-4.1-mini gpt-5-mini claude-haiku-4-5 claude-sonnet-4-5 gemini-2.5-flash gemini-2.5-pro mistral-medium-2508"}, // by the conventions
	} {
		in := bundled(t)
		before, rest, _ := strings.Cut(string(in.Semconv.Data), "  gen_ai.provider.name:\n")
		_, after, _ := strings.Cut(rest, "    description:")
		in.Semconv.Data = []byte(before + "  gen_ai.provider.name:\n    type: string\n    required: true\n    allowed_values: " + row.allowed + "\n    description:" + after)
		for _, a := range callsOf(t, in, who+"root: {children: [{type: llm.call}]}\n") {
			if name, by := texts(a["gen_ai.request.model"]), texts(a["gen_ai.provider.name"]); !strings.Contains(row.want, name) || !strings.Contains(row.allowed, by) {
				t.Errorf("%s: %s of %s is called", row.allowed, name, by)
			}
		}
	}
}

// Whoever calls an agent that works with a model says who serves that: the first
// of the models that it calls, or the session's.
func TestACallOfAnAgentNamesTheProvider(t *testing.T) {
	in, _ := inVocabulary(t, "semconv-genai.yaml")
	for _, row := range []struct{ below, want string }{
		{"", "gcp.gemini"},
		{", children: [{type: task.execute, children: [{type: llm.call}]}, {type: llm.call, model: gpt-5}]", "gcp.gemini"},
		{", children: [{type: task.execute, children: [{type: llm.call, model: claude-haiku-4-5}]}, {type: llm.call}]", "anthropic"},
		{", children: [{type: a2a.call, children: [{type: llm.call, model: gpt-5}]}, {type: llm.call, model: claude-haiku-4-5}]", "openai anthropic"},
	} {
		calls := 0
		each(t, in, "context: {tenant: brackenwell, agent: care-assistant-01, model: gemini-2.5-pro}\nroot: {children: [{type: a2a.call"+row.below+"}]}\n",
			func(a map[string]any, _ *otlp.Span, _ *otlp.Traces) {
				if a["vendor.span.class"] != "a2a.call" {
					return
				}
				calls++
				if by := texts(a["gen_ai.provider.name"]); !strings.Contains(row.want, by) {
					t.Errorf("%s: got %s, want %s", row.below, by, row.want)
				}
			})
		if calls == 0 {
			t.Errorf("%s: no agent is called", row.below)
		}
	}
}
