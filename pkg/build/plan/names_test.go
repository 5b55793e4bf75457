package plan

import (
	"io/fs"
	"slices"
	"strings"
	"testing"

	"github.com/otelsim/otelsim/config"
	"github.com/otelsim/otelsim/pkg/build/input"
	"github.com/otelsim/otelsim/pkg/build/scenario"
	"github.com/otelsim/otelsim/pkg/build/semconv"
)

// naming compiles a tree by the bundled conventions of OpenTelemetry's words, with
// one text in place of another.
func naming(t *testing.T, old, new, tree string) (*Plan, []string) {
	t.Helper()
	data, err := fs.ReadFile(config.FS, "semconv-genai.yaml")
	if err != nil || !strings.Contains(string(data), old) {
		t.Fatalf("the conventions do not say %q: %v", old, err)
	}
	text := strings.Replace(string(data), old, new, 1)
	text = strings.Replace(text, "\nllm_inference_attributes:\n", "\nllm_inference_attributes:\n  vendor.flavor: {type: string}\n", 1) // which nothing emits
	in, _ := bundled()
	var p input.Problems
	in.Conventions = semconv.Parse(input.File{Name: "s.yaml", Data: []byte(text)}, &p)
	file := input.File{Name: "a.yaml", Data: []byte("name: a\nworkload_weight: 1\ncontext: {tenant: brackenwell, agent: care-assistant-01, mcp_server: phone}\n" + tree)}
	in.Definitions = scenario.Parse([]input.File{file}, in.Config, scenario.ParseOptions{Prefixes: []string{"vendor"}}, &p)
	out := Compile(in, &p)
	var problems []string
	for _, problem := range p.All() {
		problems = append(problems, problem.String())
	}
	return out, problems
}

// namesOf lists what spans of a class may be called.
func namesOf(p *Plan, class string) (out []string) {
	for part := range p.Scenarios[0].Parts() {
		walk(&part.Root, func(n *Node) {
			if n.Class != class {
				return
			}
			if n.Names == nil {
				out = append(out, p.Strings.String(n.Name))
				return
			}
			for _, x := range n.Names.All {
				out = append(out, p.Strings.String(x.Name))
			}
		})
	}
	slices.Sort(out)
	return slices.Compact(out)
}

const modelTree = "root: {children: [{type: llm.call, attributes: {gen_ai.request.model: {distribution: categorical, values: {gpt-5-mini: 1, gpt-4.1-mini: 2}}, vendor.llm.turn.count: 3, gen_ai.provider.name: openai}}]}\n"

func TestNamesAreATable(t *testing.T) {
	const chat = `name: ["chat {gen_ai.request.model}"]`
	for _, row := range []struct {
		why, old, new, tree, class string
		want                       []string
	}{
		{"a constant", chat, chat, "root: {children: [{type: mcp.tool.execute, attributes: {gen_ai.tool.name: claim_status}}]}\n", "mcp.tool.execute", []string{"execute_tool claim_status"}},
		{"a choice", chat, chat, modelTree, "llm.call", []string{"chat gpt-4.1-mini", "chat gpt-5-mini"}},
		{"two attributes", chat, `name: "{gen_ai.provider.name}/{gen_ai.request.model}"`, modelTree, "llm.call", []string{"openai/gpt-4.1-mini", "openai/gpt-5-mini"}},
		{"an attribute that is never there", chat, `name: ["chat {vendor.flavor}", "chat {gen_ai.request.model}"]`, modelTree, "llm.call", []string{"chat gpt-4.1-mini", "chat gpt-5-mini"}},
		{"no attribute", chat, `name: chat`, modelTree, "llm.call", []string{"chat"}},
		{"the namespace", chat, `name: vendor.chat`, modelTree, "llm.call", []string{"vendor.chat"}},
	} {
		p, problems := naming(t, row.old, row.new, row.tree)
		if len(problems) > 0 {
			t.Errorf("%s: %q", row.why, problems)
			continue
		}
		if got := namesOf(p, row.class); !slices.Equal(got, row.want) {
			t.Errorf("%s: got %q, want %q", row.why, got, row.want)
		}
	}
}

// TestTheLongestNameIsReckonedWith: what a span may take follows from all its names.
func TestTheLongestNameIsReckonedWith(t *testing.T) {
	const chat = `name: ["chat {gen_ai.request.model}"]`
	tree := func(other string) string { return strings.Replace(modelTree, "gpt-4.1-mini", other, 1) }
	long := "gpt-4.1-" + strings.Repeat("x", 1000)
	with, problems := naming(t, chat, chat, tree(long))
	without, more := naming(t, chat, "name: chat", tree(long))
	if len(problems)+len(more) > 0 {
		t.Fatal(problems, more)
	}
	if got := with.Scenarios[0].MaxBytes - without.Scenarios[0].MaxBytes; got < 1000 {
		t.Errorf("a name of 1000 bytes more adds %d", got)
	}
}

func TestNamesOfAnySpanAreMistakes(t *testing.T) {
	const chat = `name: ["chat {gen_ai.request.model}"]`
	for _, row := range []struct{ why, name, want string }{
		{"an id", `name: "chat {session.id}"`, "{session.id}: it can have any value, and names are few"},
		{"a number", `name: "chat {vendor.llm.turn.count}"`, "{vendor.llm.turn.count}: it is not of type string"},
		{"an attribute that such spans lack", `name: "chat {vendor.flavor}"`, "{vendor.flavor}: spans of the type llm.call may lack it: give a name without it, too"},
	} {
		_, problems := naming(t, chat, row.name, modelTree)
		if !slices.ContainsFunc(problems, func(p string) bool {
			return strings.HasPrefix(p, "s.yaml:") && strings.Contains(p, ": span_names.vendor.llm.call.name: "+row.want)
		}) {
			t.Errorf("%s: got %q, want %q", row.why, problems, row.want)
		}
		if len(problems) != 1 {
			t.Errorf("%s: said %d times: %q", row.why, len(problems), problems)
		}
	}
}
