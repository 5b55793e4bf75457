package definitions_test

import (
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/otelsim/otelsim/config"
	"github.com/otelsim/otelsim/definitions"
	"github.com/otelsim/otelsim/pkg/build/input"
	"github.com/otelsim/otelsim/pkg/build/scenario"
)

// load parses the bundled scenarios against the bundled configuration.
// Warnings fail the test as errors do.
func load(t *testing.T) []scenario.Definition {
	t.Helper()
	read := func(from fs.FS, name string) input.File {
		data, err := fs.ReadFile(from, name)
		if err != nil {
			t.Fatal(err)
		}
		return input.File{Name: name, Data: data}
	}
	names, err := fs.Glob(definitions.FS, "*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var files []input.File
	for _, name := range names {
		files = append(files, read(definitions.FS, name))
	}
	var p input.Problems
	c := scenario.ParseConfig(read(config.FS, "config.yaml"), &p)
	list := scenario.Parse(files, c, scenario.ParseOptions{Prefixes: []string{"vendor"}, Registry: true}, &p)
	for _, problem := range p.All() {
		t.Error(problem)
	}
	if t.Failed() {
		t.FailNow()
	}
	return list
}

// fromTheGuide are the scenarios that users know by name.
var fromTheGuide = []string{
	"new_claim_phone", "new_claim_phone_multi_turn", "with_rag",
	"request_allowed_audit_flagged", "request_blocked_by_policy", "request_blocked_invalid_context",
	"request_blocked_invalid_context_augment_exception", "request_blocked_invalid_payload",
	"request_blocked_invalid_payload_multi", "request_blocked_policy_fail_closed", "request_blocked_rate_limited",
	"request_error_policy_runtime", "request_error_policy_unavailable",
}

func TestTheScenariosOfTheGuideAreThere(t *testing.T) {
	var got []string
	for _, d := range load(t) {
		if got = append(got, d.Name); d.Name == "example_scenario" && !d.Hidden {
			t.Error("example_scenario is part of the mix")
		}
	}
	for _, name := range fromTheGuide {
		if !slices.Contains(got, name) {
			t.Errorf("scenario %s: missing from %v", name, got)
		}
	}
	if _, err := fs.Stat(definitions.FS, "example_scenario.yaml"); err != nil {
		t.Error(err)
	}
}

func TestScenariosAreFoundByTheirName(t *testing.T) {
	for _, d := range load(t) {
		if d.Pos.File == "config.yaml" { // of request_scenarios
			continue
		}
		if d.Pos.File != d.Name+".yaml" {
			t.Errorf("scenario %s is in %s, want %s.yaml", d.Name, d.Pos.File, d.Name)
		}
	}
}

func TestScenariosTeach(t *testing.T) {
	for _, d := range load(t) {
		if len(d.Description) < 30 || len(d.Tags) == 0 || d.Weight <= 0 {
			t.Errorf("scenario %s: got description %q, tags %v, weight %v; want all three", d.Name, d.Description, d.Tags, d.Weight)
		}
		if d.Pos.File == "config.yaml" {
			continue
		}
		data, err := definitions.FS.ReadFile(d.Name + ".yaml")
		if err != nil {
			t.Fatal(err)
		}
		if comments := strings.Count("\n"+string(data), "\n#"); comments < 3 {
			t.Errorf("scenario %s: got %d lines of comment at the margin, want at least 3", d.Name, comments)
		}
	}
}

func TestMostOfTheMixIsHappy(t *testing.T) {
	happy, all := 0.0, 0.0
	for _, d := range load(t) {
		if d.Apart {
			continue // it is in no mix
		}
		all += d.Weight
		if slices.Contains(d.Tags, "happy-path") {
			happy += d.Weight
		}
	}
	if share := happy / all; share < 0.7 || share > 0.9 {
		t.Errorf("share of happy scenarios: got %.2f, want 0.7 to 0.9", share)
	}
}

func TestEveryGoalTemplateAndServerIsShown(t *testing.T) {
	goals, templates, responses := map[string]bool{}, map[string]bool{}, map[string]bool{}
	servers, redactions := map[string]bool{}, map[string]bool{}
	for _, d := range load(t) {
		goals[d.Goal], templates[d.Template], responses[d.ResponseTemplate] = true, true, true
		servers[d.Server], redactions[d.Redaction] = true, true
	}
	check := func(what string, got map[string]bool, want ...string) {
		for _, w := range want {
			if !got[w] {
				t.Errorf("%s: no scenario for %q", what, w)
			}
		}
	}
	check("goal", goals, "", "4xx_invalid_arguments", "wrong_division", "partial_workflow", "ungrounded_response")
	check("redaction", redactions, "none", "basic", "strict")
	check("server", servers, "phone", "electronics", "appliances")
	check("response template", responses, "allowed", "allowed_but_flagged", "blocked", "error")
	check("request template", templates, "allowed", "allowed_but_flagged", "blocked_rate_limited", "blocked_invalid_payload",
		"blocked_invalid_payload_multi", "blocked_request_policy", "blocked_request_policy_fail_closed",
		"blocked_invalid_context", "blocked_invalid_context_augment_exception", "error_policy_runtime")
}

// walk calls visit for a node and everything below it.
func walk(n *scenario.Node, visit func(*scenario.Node)) {
	if n == nil {
		return
	}
	visit(n)
	for i := range n.Children {
		walk(&n.Children[i], visit)
	}
}

func TestTreesShowTheFeaturesOfTrees(t *testing.T) {
	parallel, retried, cascades := 0, map[string]bool{}, 0
	types := map[string]bool{}
	for _, d := range load(t) {
		for _, s := range d.Settings {
			if s.Retry != nil {
				retried[s.Step.Tool] = true
			}
		}
		walk(d.Root, func(n *scenario.Node) {
			types[n.Type] = true
			if n.Parallel {
				parallel++
			}
			if n.Retry != nil {
				retried[n.Type] = true
			}
			if n.Error != nil && n.Error.CascadeToSiblings > 0 {
				cascades++
			}
		})
	}
	if parallel == 0 || cascades == 0 || !retried["llm.call"] || !retried["update_appointment"] {
		t.Errorf("parallel nodes %d, cascades %d, retried %v; want some, some, a model call and a tool", parallel, cascades, retried)
	}
	for _, want := range []string{"a2a.call", "rag.retrieve", "context.augment", "llm.tool.response.bridge", "mcp.tool.execute"} {
		if !types[want] {
			t.Errorf("span type %s: in no tree", want)
		}
	}
}

// rounds are the numbers of tools that run after each model call; the first entry
// is of those before all of them.
type rounds []int

// roundsOf lists the tools of a tree, of one agent, by the model call that they
// come after.
func roundsOf(root *scenario.Node) rounds {
	out := rounds{0}
	walk(root, func(n *scenario.Node) {
		switch n.Type {
		case "llm.call":
			out = append(out, 0)
		case "mcp.tool.execute":
			out[len(out)-1]++
		}
	})
	return out
}

// What the bundled scenarios do is told in order: a model call chooses tools, they
// run, and another one answers. That none answers before is a warning, which fails
// all tests here.
func TestToolsAreChosenByAModelCall(t *testing.T) {
	several, parallel := 0, 0
	for _, d := range load(t) {
		r := rounds{0}
		for _, s := range d.Steps {
			switch s.Kind {
			case scenario.StepLLM:
				r = append(r, 0)
			case scenario.StepTool:
				r[len(r)-1]++
			}
		}
		if d.Root != nil {
			r = roundsOf(d.Root)
		}
		if r[0] > 0 {
			t.Errorf("scenario %s: %d tools run before any model call", d.Name, r[0])
		}
		if last := r[len(r)-1]; last > 0 {
			t.Errorf("scenario %s: %d tools run after the last model call", d.Name, last)
		}
		choosing := 0
		for _, tools := range r {
			choosing += min(tools, 1)
		}
		if choosing > 1 {
			several++
		}
		walk(d.Root, func(n *scenario.Node) {
			if n.Parallel && len(roundsOf(n)) == 1 && roundsOf(n)[0] > 1 {
				parallel++
			}
		})
	}
	if several == 0 || parallel == 0 {
		t.Errorf("scenarios with several rounds: %d, nodes with parallel calls: %d; want some of both", several, parallel)
	}
}

var claim = regexp.MustCompile(`CLM-[0-9]{5}`)

// The turns of conversations name claims that their tools name, too, where they call
// any.
func TestTurnsFitWhatTheirToolsSay(t *testing.T) {
	checked := 0
	for _, d := range load(t) {
		for _, turn := range d.Turns {
			var json strings.Builder
			for _, calls := range turn.Tools {
				for _, x := range calls.Samples {
					json.WriteString(x.Arguments + x.Result)
				}
			}
			if json.Len() == 0 {
				continue
			}
			for _, name := range claim.FindAllString(turn.User+turn.Assistant, -1) {
				if checked++; !strings.Contains(json.String(), name) {
					t.Errorf("scenario %s: %q: no call names %s", d.Name, turn.User, name)
				}
			}
		}
	}
	if checked == 0 {
		t.Error("no turn names a claim")
	}
}

// known matches what a model can only pass when it has read it.
var known = regexp.MustCompile(`\b[A-Z]{2,3}-[0-9]{4,5}\b|"amount":[0-9.]+`)

// A model that is given its turn alone cannot name a claim of the turn before.
func TestTurnsPassOnlyWhatWasSaid(t *testing.T) {
	for _, d := range load(t) {
		said := ""
		for _, turn := range d.Turns {
			if d.History != scenario.HistoryFull {
				said = ""
			}
			said += turn.User
			for _, calls := range turn.Tools {
				for _, x := range calls.Samples {
					for _, name := range known.FindAllString(x.Arguments, -1) {
						if !strings.Contains(said, strings.TrimPrefix(name, `"amount":`)) {
							t.Errorf("scenario %s: %q: %s is called with %s, which nobody has said", d.Name, turn.User, calls.Tool, name)
						}
					}
				}
			}
			said += turn.Assistant
		}
	}
}

// example parses a text in place of the example scenario, alone.
func example(t *testing.T, text string) scenario.Definition {
	t.Helper()
	data, err := config.FS.ReadFile("config.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var p input.Problems
	c := scenario.ParseConfig(input.File{Name: "config.yaml", Data: data}, &p)
	files := []input.File{{Name: "example_scenario.yaml", Data: []byte(text)}}
	list := scenario.Parse(files, c, scenario.ParseOptions{Prefixes: []string{"vendor"}}, &p)
	for _, problem := range p.All() {
		t.Error(problem)
	}
	if len(list) != 1 {
		t.Fatalf("got %d scenarios, want 1", len(list))
	}
	return list[0]
}

func TestTheExampleIsValidInBothStyles(t *testing.T) {
	data, err := definitions.FS.ReadFile("example_scenario.yaml")
	if err != nil {
		t.Fatal(err)
	}
	text := string(data)
	if d := example(t, text); d.Steps == nil || d.Root != nil || len(d.Settings) != 3 {
		t.Errorf("as it is: got %d steps, root %v, %d settings; want steps alone", len(d.Steps), d.Root, len(d.Settings))
	}

	// The commented tree takes the place of the steps.
	begin, end := strings.Index(text, "\ndata_plane:"), strings.Index(text, "\n# How request and response")
	tree := text[:begin] + text[end:]
	for _, gone := range []string{"  correct_flow:", "  error_pattern:", "  error_config:", "    rate: 0.05", "    step_index:"} {
		tree = strings.Replace(tree, "\n"+gone, "\n#"+gone, 1)
	}
	tree = strings.NewReplacer("\n#| ", "\n", "\n#|", "\n").Replace(tree)
	if d := example(t, tree); d.Root == nil || len(d.Root.Children) != 7 {
		t.Errorf("with the tree: got root %v, want one of seven children", d.Root)
	}
}
