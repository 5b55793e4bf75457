package gen_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/otelsim/otelsim/pkg/build/gen"
	"github.com/otelsim/otelsim/pkg/build/plan"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// faults are what can be wrong with the work of an agent: each breaks the rule
// of its name, and maybe others.
var faults = []struct {
	rule  string
	plant func(x *agentTurn, choice, tool, next *step)
}{
	{"request", func(_ *agentTurn, _, tool, _ *step) { tool.id += "0" }},
	{"request", func(_ *agentTurn, _, tool, _ *step) { tool.arguments = `{"device":"none"}` }},
	{"request", func(_ *agentTurn, _, tool, _ *step) { tool.name = "pay" }},
	{"responses", func(_ *agentTurn, _, _, next *step) { next.input = next.input[:len(next.input)-1] }},
	{"responses", func(_ *agentTurn, _, _, next *step) {
		next.input[len(next.input)-1] = strings.Replace(next.input[len(next.input)-1], "call_", "call-", 1)
	}},
	{"response", func(_ *agentTurn, _, tool, _ *step) { tool.result = `{"status":"lost"}` }},
	{"failure", func(_ *agentTurn, _, tool, _ *step) { tool.failed, tool.result = true, "" }},
	{"result", func(_ *agentTurn, _, tool, _ *step) { tool.result = "" }},
	{"verbatim", func(_ *agentTurn, _, _, next *step) { next.input[0] = strings.Replace(next.input[0], "It", "That", 1) }},
	{"verbatim", func(_ *agentTurn, choice, _, _ *step) {
		choice.output[0] = strings.Replace(choice.output[0], "{", "{ ", 1)
	}},
	{"chosen", func(_ *agentTurn, choice, _, _ *step) { choice.finish = "stop" }},
	{"chosen", func(_ *agentTurn, choice, _, _ *step) { choice.asked++ }},
	{"request", func(_ *agentTurn, choice, _, next *step) { choice.output = next.output }},
	{"order", func(_ *agentTurn, choice, tool, _ *step) { tool.start = choice.end - 1 }},
	{"order", func(_ *agentTurn, _, tool, next *step) { tool.end = next.start + 1 }},
	{"tokens grow", func(_ *agentTurn, choice, _, next *step) { next.in = choice.in }},
	{"cache", func(_ *agentTurn, choice, _, next *step) { next.read = choice.in + 1 }},
	{"cache", func(_ *agentTurn, choice, _, _ *step) { choice.read = 1 }},
	{"cache", func(_ *agentTurn, choice, _, next *step) { next.asks, next.read = "another", 1 }},
	{"reasoning", func(_ *agentTurn, choice, _, _ *step) { choice.reasoning = choice.out + 1 }},
	{"failed call", func(_ *agentTurn, choice, _, _ *step) { choice.failed = true }},
	{"goes on", func(_ *agentTurn, choice, _, _ *step) {
		choice.failed, choice.output, choice.finish, choice.out = true, nil, "error", 0
	}},
	{"attempts", func(x *agentTurn, _, _, next *step) {
		failed := step{model: true, failed: true, finish: "error", start: next.start, end: next.start, input: next.input[:1], in: next.in}
		x.steps = slices.Insert(x.steps, 2, failed)
	}},
	{"composed without an answer", func(_ *agentTurn, _, _, next *step) {
		next.failed, next.output, next.finish, next.out = true, nil, "error", 0
	}},
	{"answer", func(_ *agentTurn, choice, _, next *step) { next.output = choice.output }},
	{"answer", func(_ *agentTurn, _, _, next *step) { next.finish = "tool_call" }},
	{"opening", func(_ *agentTurn, choice, _, next *step) { choice.input = next.input }},
	{"id twice", func(x *agentTurn, _, tool, _ *step) { x.steps = slices.Insert(x.steps, 1, *tool) }},
}

func TestFaultsOfLoopsAreFound(t *testing.T) {
	p := planOf(t, "one", loops["one"])
	for _, f := range faults {
		found := false
		eachAgent(t, p, func(x *agentTurn) {
			if broken := judge(x); len(x.steps) != 3 || broken != nil {
				t.Fatalf("%d steps, breaks %v before anything is planted", len(x.steps), broken)
			}
			f.plant(x, &x.steps[0], &x.steps[1], &x.steps[2])
			found = slices.Contains(judge(x), f.rule)
		})
		if !found {
			t.Errorf("what breaks the rule %q is not found", f.rule)
		}
	}
}

// loops are trees that the bundled scenarios do not have.
var loops = map[string]string{
	"one": `
conversation: {turns: [{user_input: It does not switch on, llm_response: I have filed a claim}]}
root:
  type: a2a.orchestrate
  children:
    - {type: llm.call}
    - {type: mcp.tool.execute}
    - {type: llm.call}
    - {type: response.compose}
`,
	"rounds": `
root:
  type: a2a.orchestrate
  children:
    - type: task.execute
      count: {min: 1, max: 9}
      children:
        - {type: llm.call, error: {rate: 0.2}, retry: {max_attempts: 2}}
        - {type: mcp.tool.execute, count: {min: 0, max: 3}, error: {rate: 0.2}, retry: {max_attempts: 2}}
    - {type: llm.call, error: {rate: 0.1}}
    - {type: response.compose}
`,
	"agents": `
root:
  type: a2a.orchestrate
  children:
    - {type: llm.call}
    - type: task.execute
      parallel: true
      children:
        - {type: mcp.tool.execute, count: 2}
        - type: a2a.call
          count: 2
          children:
            - {type: llm.call}
            - {type: mcp.tool.execute}
            - {type: llm.call, error: {rate: 0.3}}
    - {type: llm.call}
    - {type: mcp.tool.execute}
    - {type: llm.call}
    - {type: response.compose}
`,
	"models": `
conversation: {turns: [{user_input: a, llm_response: b}, {user_input: c, llm_response: d}]}
root:
  type: a2a.orchestrate
  children:
    - {type: llm.call, count: 9, attributes: {gen_ai.request.model: {distribution: categorical, values: {gpt-5: 1, claude-haiku-4-5: 1, gpt-4.1-mini: 1}}}}
    - {type: response.compose}
`,
	"nobody's choice": `
root:
  type: a2a.orchestrate
  children:
    - {type: mcp.tool.execute, error: {rate: 0.2}}
    - {type: llm.call, error: {rate: 0.2}, retry: {max_attempts: 2}}
    - {type: llm.call}
    - {type: response.compose}
`,
	"alone": `
root:
  type: a2a.orchestrate
  children:
    - {type: llm.call}
    - {type: mcp.tool.execute}
    - type: task.execute
      parallel: true
      children:
        - {type: llm.call, probability: 0.8}
    - {type: mcp.tool.execute}
    - {type: llm.call}
    - {type: response.compose}
`,
	"turns": `
conversation:
  history: full
  compact_at: 4096
  turns:
    - {user_input: "It is about claim CLM-44120, of Anna Meyer", llm_response: "It is in repair"}
    - {user_input: When is it done, llm_response: On Thursday}
    - {user_input: Can it be on Wednesday, llm_response: No}
    - {user_input: A pity, llm_response: Yes}
root:
  type: a2a.orchestrate
  children:
    - {type: llm.call, error: {rate: 0.1}}
    - {type: mcp.tool.execute, count: {min: 0, max: 4}}
    - {type: llm.call, error: {rate: 0.1}}
    - {type: response.compose}
`,
}

// eachAgent calls f with what each agent does in some iterations of a plan.
func eachAgent(t *testing.T, p *plan.Plan, f func(x *agentTurn)) {
	t.Helper()
	eachRequestOf(t, p, func() func(*gen.Generator, *request) {
		var before *agentTurn
		iteration := ^uint64(0)
		return func(_ *gen.Generator, r *request) {
			if r.iteration != iteration {
				iteration, before = r.iteration, nil
			}
			for _, x := range told(r) {
				if x.turn {
					x.before = before
					before = x
				}
				f(x)
			}
		}
	}())
}

func TestAgentsWorkInLoops(t *testing.T) {
	list := plans()
	for name, tree := range loops {
		for _, redaction := range []string{"none", "strict"} {
			list = append(list, planOf(t, name, "redaction_applied: "+redaction+"\n"+tree))
		}
	}
	rounds, failed, cut := 0, 0, 0
	for _, p := range list {
		eachAgent(t, p, func(x *agentTurn) {
			if broken := judge(x); broken != nil {
				t.Errorf("%s: breaks %v: %s", x.scenario, broken, describe(x))
			}
			for i := range x.steps {
				s := &x.steps[i]
				switch {
				case s.model && s.failed:
					failed++
				case s.model && s.finish == "tool_call":
					rounds++
				}
				if s.model && s.input != nil && compacted(s.input) {
					cut++
				}
			}
		})
	}
	if rounds == 0 || failed == 0 || cut == 0 {
		t.Errorf("%d rounds, %d failed model calls, %d inputs cut: nothing was judged", rounds, failed, cut)
	}
}

func describe(x *agentTurn) string {
	var b strings.Builder
	for i := range x.steps {
		s := &x.steps[i]
		if s.model {
			fmt.Fprintf(&b, "\n  model failed=%v %s in=%d out=%d read=%d\n    %v\n    %v", s.failed, s.finish, s.in, s.out, s.read, s.input, s.output)
		} else {
			fmt.Fprintf(&b, "\n  tool failed=%v %s %s", s.failed, s.id, s.name)
		}
	}
	return b.String()
}

// What a call costs, and when its messages are cut, is the same however they are
// captured.
func TestCaptureMovesNoTokens(t *testing.T) {
	var want []int64
	for _, content := range []string{"raw", "redacted", "none"} {
		var got []int64
		eachAgent(t, planAs(t, content, "turns", "redaction_applied: strict\n"+loops["turns"]), func(x *agentTurn) {
			for i := range x.steps {
				got = append(got, x.steps[i].in, x.steps[i].out, x.steps[i].read)
			}
		})
		if want == nil {
			want = got
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", content, got, want)
		}
	}
}

// A session costs no memory that one before it has not cost, however long its
// messages are.
func TestLoopsAllocateNothing(t *testing.T) {
	for name, tree := range loops {
		if got := allocations(t, planOf(t, name, tree), 64); got > 0 {
			t.Errorf("%s: %v allocations", name, got)
		}
	}
}

// The worst case of a scenario is one: no session is longer in JSON.
func TestSessionsStayWithinTheirWorstCase(t *testing.T) {
	list := plans()
	for name, tree := range loops {
		list = append(list, planOf(t, name, tree), planAs(t, "redacted", name, "redaction_applied: strict\n"+tree))
	}
	for _, p := range list {
		e := otlp.Encoder{Format: otlp.FormatJSON}
		var b otlp.Block
		sum, of := 0, ^uint64(0)
		eachRequestOf(t, p, func(_ *gen.Generator, r *request) {
			if r.iteration != of {
				sum, of = 0, r.iteration
			}
			b.Reset()
			if err := e.AppendRecord(&b, r.traces); err != nil {
				t.Fatal(err)
			}
			if sum += len(b.Data); uint64(sum) > r.scenario.MaxBytes {
				t.Errorf("%s: iteration %d takes %d bytes, at most %d were expected", r.scenario.Name, r.iteration, sum, r.scenario.MaxBytes)
			}
		})
	}
}

// An agent that is called works on what it is told, and says what it reports.
func TestCalledAgentsAreToldTheirTask(t *testing.T) {
	tree := strings.Replace(loops["agents"], "count: 2\n          children:", "count: 2\n          task: Look at 7 claims\n          report: There are 3\n          children:", 1)
	seen := 0
	eachAgent(t, planOf(t, "agents", tree), func(x *agentTurn) {
		if x.turn || x.steps[len(x.steps)-1].failed {
			return
		}
		seen++
		in, out := partsOf(x.steps[0].input), partsOf(x.last().output)
		if in[0].Content != "Look at 7 claims" || out[0].Content != "There are 3" {
			t.Errorf("told %v, reports %v", in, out)
		}
	})
	if seen == 0 {
		t.Error("no agent was called")
	}
}

// What tools return beyond their texts counts in all calls after them.
func TestResultTokensCount(t *testing.T) {
	const more = "conversation: {result_tokens: {distribution: constant, value: 5000}}\n"
	_, tree, _ := strings.Cut(loops["one"], "\nroot:")
	eachAgent(t, planOf(t, "one", more+"root:"+tree), func(x *agentTurn) {
		first, next := &x.steps[0], &x.steps[2]
		if texts := next.in - first.in - first.out + first.reasoning - 5000; texts <= 0 || texts > 100 {
			t.Errorf("the input grows by %d tokens, of which %d are those of texts", next.in-first.in, texts)
		}
	})
}
