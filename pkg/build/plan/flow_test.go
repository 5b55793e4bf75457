package plan

import (
	"slices"
	"strings"
	"testing"

	"github.com/otelsim/otelsim/pkg/build/input"
	"github.com/otelsim/otelsim/pkg/build/scenario"
	"github.com/otelsim/otelsim/pkg/build/vocab"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// own compiles one scenario against the bundled config.
func own(t *testing.T, text string, unified bool) *Scenario {
	t.Helper()
	in, _ := bundled()
	in.Unified = unified
	var p input.Problems
	in.Definitions = scenario.Parse([]input.File{{Name: "a.yaml", Data: []byte(text)}}, in.Config, scenario.ParseOptions{Prefixes: []string{"vendor"}}, &p)
	out := Compile(in, &p)
	if p.Errors() > 0 || p.Warnings() > 0 {
		t.Fatal(p.All())
	}
	return out.Scenarios[0]
}

// flowHead is a scenario with a workflow, idleHead one that leaves that to its turns.
const (
	idleHead = "name: own\ncontext: {tenant: brackenwell, agent: care-assistant-01, mcp_server: phone}\n"
	flowHead = idleHead + "data_plane: {workflow: new_claim}\n"
)

// turnsOf is a conversation of turns with what each has beside its words.
func turnsOf(more ...string) string {
	var b strings.Builder
	b.WriteString("conversation:\n  turns:\n")
	for _, m := range more {
		b.WriteString("    - {user_input: Hello., llm_response: Hi." + m + "}\n")
	}
	return b.String()
}

// toolsOf lists the tools that a flow calls, in order.
func toolsOf(f *Flow, name func(*Node) string) []string {
	var out []string
	for i := range f.Parts {
		walk(&f.Parts[i].Root, func(n *Node) {
			if n.Class == vocab.Tool {
				out = append(out, name(n))
			}
		})
	}
	return out
}

func TestTurnsGoThroughFlowsOfTheirOwn(t *testing.T) {
	in, _ := bundled()
	for _, unified := range []bool{false, true} {
		in.Unified = unified
		var p input.Problems
		text := flowHead + turnsOf("", ", workflow: claim_status", ", steps: [planner, task, response_compose]", "", ", steps: [planner, task, tools_recommend, claim_status, task, response_compose]")
		in.Definitions = scenario.Parse([]input.File{{Name: "a.yaml", Data: []byte(text)}}, in.Config, scenario.ParseOptions{Prefixes: []string{"vendor"}}, &p)
		plan := Compile(in, &p)
		if p.Errors() > 0 {
			t.Fatal(p.All())
		}
		s := plan.Scenarios[0]
		name := func(n *Node) string {
			for _, a := range n.Attrs {
				if plan.Strings.String(a.Key) == toolName {
					return plan.Strings.String(otlp.StringID(a.Word))
				}
			}
			return ""
		}
		var got []string
		for turn := range s.Requests() {
			got = append(got, strings.Join(toolsOf(s.Flow(uint32(turn)), name), "+"))
		}
		if want := []string{"new_claim", "claim_status", "", "new_claim", "claim_status"}; !slices.Equal(got, want) {
			t.Errorf("unified %v: tools by turn: got %q, want %q", unified, got, want)
		}
		if len(s.Flows) != 3 {
			t.Errorf("unified %v: %d flows, want 3: turns with the same steps share one", unified, len(s.Flows))
		}
	}
}

// What is worked out of a session is that of its turns, each with its own flow.
func TestTheExtentOfASessionIsThatOfItsFlows(t *testing.T) {
	const long, short = ", workflow: buy_insurance", ", steps: [planner]" // one of them composes a response
	const slow = "data_plane: {steps: {response_compose: {latency: {distribution: constant, value: 1000000}}}}\n"
	alone := func(more ...string) *Scenario {
		if slices.Contains(more, long) {
			return own(t, idleHead+slow+turnsOf(more...), false)
		}
		return own(t, idleHead+turnsOf(more...), false)
	}
	a, b, c := alone(long, long), alone(short, short), alone(long, short)
	if a.MaxSpans != c.MaxSpans || c.MaxSpans <= b.MaxSpans {
		t.Errorf("spans of a trace: got %d, want the %d of the long one, and more than %d", c.MaxSpans, a.MaxSpans, b.MaxSpans)
	}
	if c.MaxBytes*2 != a.MaxBytes+b.MaxBytes {
		t.Errorf("bytes: got %d, want half of %d and %d", c.MaxBytes, a.MaxBytes, b.MaxBytes)
	}
	if !(b.MaxDuration < c.MaxDuration && c.MaxDuration < a.MaxDuration) || !(b.Likely < c.Likely && c.Likely < a.Likely) {
		t.Errorf("durations: got %d and likely %d, want them between %d, %d and %d, %d", c.MaxDuration, c.Likely, b.MaxDuration, b.Likely, a.MaxDuration, a.Likely)
	}
	if c.Traces() != 6 {
		t.Errorf("traces: got %d, want 6", c.Traces())
	}
}

// The digest says which turn goes through which flow.
func TestTheDigestFollowsTheFlows(t *testing.T) {
	digests := map[string]string{}
	for _, turns := range [][]string{
		{"", ""}, {"", ", workflow: pay"}, {", workflow: pay", ""}, {"", ", workflow: claim_status"}, {", workflow: pay", ", workflow: pay"},
	} {
		d := own(t, idleHead+turnsOf(turns...), false).Digest
		key := strings.Join(turns, "|")
		if other, ok := digests[d]; ok {
			t.Errorf("%q and %q have the same digest", key, other)
		}
		digests[d] = key
	}
}

// A goal is missed by the turns that do what the scenario does, in a number of
// alternatives of their own.
func TestGoalsAreAboutTurnsOfTheScenario(t *testing.T) {
	text := strings.Replace(flowHead, "{workflow: new_claim}", "{workflow: buy_insurance, simulation_goal: 4xx_invalid_arguments}", 1)
	s := own(t, text+turnsOf("", ", workflow: claim_status"), false)
	failing := func(f *Flow) (n int) {
		for i := range f.Parts {
			walk(&f.Parts[i].Root, func(n2 *Node) {
				if n2.Class == vocab.Attempt && n2.Fail != nil {
					n++
				}
			})
		}
		return n
	}
	if first, second := s.Flow(0), s.Flow(1); failing(first) != 3 || first.Selections != 3 || failing(second) != 0 || second.Selections != 0 {
		t.Errorf("got %d of %d and %d of %d, want 3 of 3 and none", failing(first), first.Selections, failing(second), second.Selections)
	}
}
