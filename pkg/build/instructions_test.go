package build

import (
	"strings"
	"testing"

	"github.com/otelsim/otelsim/pkg/build/input"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// The model of an agent is told that agent's instructions: below a call those of the
// agent that is called, and the general ones where the config has none. Who hides
// what is said hides them.
func TestModelsAreToldTheInstructionsOfTheirAgent(t *testing.T) {
	const head = "context: {tenant: brackenwell, agent: care-assistant-01}\n"
	const tree = "root: {children: [{type: llm.call}, {type: a2a.call, attributes: {vendor.a2a.agent.target.id: %s}, children: [{type: llm.call}]}]}\n"
	in := bundled(t)
	for _, row := range []struct{ head, called, want string }{
		{head, "claims-assistant-01", "the care assistant|the claims assistant"},
		{head, "fraud-check-agent", "the care assistant|an assistant of the company"},
		{head + "redaction_applied: basic\n", "claims-assistant-01", "|"},
	} {
		of, below, _ := strings.Cut(row.want, "|")
		seen := 0
		called := make(map[otlp.SpanID]bool)
		each(t, in, row.head+strings.Replace(tree, "%s", row.called, 1), func(a map[string]any, s *otlp.Span, _ *otlp.Traces) {
			called[s.SpanID] = called[s.ParentID] || a["vendor.span.class"] == "a2a.call"
			if a["vendor.span.class"] != "llm.call" {
				return
			}
			seen++
			want := of
			if called[s.ParentID] {
				want = below
			}
			got, ok := a["gen_ai.system_instructions"].(string)
			if ok != (want != "") || !strings.Contains(got, `"content":"You are `+want) && ok {
				t.Errorf("called %t, for %s: got %q, want those of %q", called[s.ParentID], row.called, got, want)
			}
		})
		if seen == 0 || seen%2 != 0 {
			t.Errorf("%s: %d calls", row.called, seen)
		}
	}
}

// What an agent's model is told is part of what a corpus is made of, and of how long
// it can become.
func TestInstructionsArePartOfAPlan(t *testing.T) {
	only := Options{Scenarios: []string{"sub_agent"}}
	usual := compiled(t, bundled(t), only)
	longer := func(n int) *Plan {
		in := bundled(t)
		data := strings.Replace(string(in.Config.Data), "instructions: >-\n", "instructions: >-\n      "+strings.Repeat("x", n)+"\n", 1)
		in.Config = input.File{Name: in.Config.Name, Data: []byte(data)}
		return compiled(t, in, only)
	}
	if a, b := usual.plan.Digest, longer(1).plan.Digest; a == b {
		t.Error("the digest says nothing of instructions")
	}
	if a, b := usual.plan.Scenarios[0].MaxBytes, longer(5000).plan.Scenarios[0].MaxBytes; b < a+2*5000 {
		t.Errorf("the worst case is %d bytes, and %d with 5,000 more in each of two calls", a, b)
	}
}
