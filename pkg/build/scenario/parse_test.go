package scenario

import (
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/otelsim/otelsim/pkg/build/dist"
	"github.com/otelsim/otelsim/pkg/build/input"
	"github.com/otelsim/otelsim/pkg/build/vocab"
)

func textOf(v Value) string {
	switch v.Kind {
	case Int:
		return strconv.FormatInt(v.Int, 10)
	case Double:
		return strconv.FormatFloat(v.Double, 'g', -1, 64)
	case Bool:
		return strconv.FormatBool(v.Bool)
	}
	return v.Str
}

// all reads the scenarios of testdata.
func all(t testing.TB, registry bool) map[string]Definition {
	t.Helper()
	var p input.Problems
	list := Parse(scenarioFiles(t), fixture(t), ParseOptions{Prefixes: prefixes, Registry: registry}, &p)
	if registry { // one of the files is there to win over it
		checkLines(t, lines(&p), `config.yaml:124:5: warning: request scenario "turned_away": has no effect: `+
			`scenarios/override.yaml defines it, with workload_weight 1 and template "error"`)
	} else {
		checkLines(t, lines(&p))
	}
	out := make(map[string]Definition)
	for i, d := range list {
		out[d.Name] = d
		if i > 0 && list[i-1].Name >= d.Name {
			t.Errorf("not sorted: %s after %s", d.Name, list[i-1].Name)
		}
	}
	return out
}

func TestWorkflowStyle(t *testing.T) {
	d := all(t, false)["claim_all_keys"]
	if d.Description != "A claim with every key of the workflow style." || !reflect.DeepEqual(d.Tags, []string{"Data-Plane", "multi"}) {
		t.Errorf("got %q and %q", d.Description, d.Tags)
	}
	if d.Weight != 0 || d.RepeatCount != 5 || *d.Interval != 100 || *d.Deviation != 50.5 || d.EmitMetrics || d.EmitLogs {
		t.Errorf("got %+v", d)
	}
	if *d.Context != (Context{Tenant: "brackenwell", Agent: "desk-2", ErrorPattern: "none", ErrorRate: 0.1, ErrorStep: -1}) || d.Server != "handset" || d.Workflow != "file_claim" || d.Goal != "" {
		t.Errorf("got %+v, server %s, workflow %s, goal %s", d.Context, d.Server, d.Workflow, d.Goal)
	}
	if got := steps(d.Steps); got != "planner llm tools file_claim llm compose" {
		t.Errorf("data_plane.workflow wins over correct_flow, got %s", got)
	}
	if d.Template != "allowed" || d.Redaction != "none" || d.Pos.String() != "scenarios/workflow.yaml:2:7" {
		t.Errorf("got %s, %s, %v", d.Template, d.Redaction, d.Pos)
	}
	if want := []Sample{{User: "One.", Assistant: "Two."}, {User: "Three.", Assistant: "Four."}}; !reflect.DeepEqual(d.Turns, want) {
		t.Errorf("got %v", d.Turns)
	}
	if want := (&dist.Spec{Kind: dist.LogNormal, Mean: 4000, CV: 0.3}); !reflect.DeepEqual(d.ThinkTime, want) {
		t.Errorf("got %+v", d.ThinkTime)
	}
}

func TestMessagesStyle(t *testing.T) {
	d, ok := all(t, false)["messages"]
	if !ok {
		t.Fatal("a file without a name is called after itself")
	}
	if want := []Sample{{User: "One.", Assistant: "Two."}, {User: "Three.", Assistant: "Four."}}; !reflect.DeepEqual(d.Turns, want) {
		t.Errorf("got %v", d.Turns)
	}
	if got := steps(d.Steps); got != "planner compose" || d.Template != "blocked_invalid_context" {
		t.Errorf("got %s and %s", got, d.Template)
	}
	if d.Weight != 1 || d.RepeatCount != 1 || d.Interval != nil || !d.EmitLogs || d.Context.ErrorPattern != "happy_path" {
		t.Errorf("defaults: got %+v", d)
	}
}

func TestTreeStyle(t *testing.T) {
	d := all(t, false)["tree_all_keys"]
	if d.Root == nil || *d.Interval != 0 || d.Template != "allowed" || d.Context != nil {
		t.Fatalf("got %+v", d)
	}
	root := d.Root
	if root.Type != "a2a.orchestrate" || !reflect.DeepEqual(root.Error, &ErrorModel{}) || root.Retry != nil || root.Count != nil || root.Probability != 1 || root.Pos.Line != 6 {
		t.Errorf("got %+v", root)
	}
	logNormal := &dist.Spec{Kind: dist.LogNormal, Median: 1500, Sigma: 0.4}
	if !reflect.DeepEqual(root.Latency, logNormal) {
		t.Errorf("got %+v", root.Latency)
	}
	half := 0.5
	for i, want := range []Node{
		{Type: "planner", Latency: &dist.Spec{Kind: dist.LogNormal, Mean: 250, CV: 0.3}},
		{Type: "a2a.call", Latency: constant(50), Count: &Count{}},
		{Type: "rag.retrieve", Latency: constant(0), Probability: 0.3},
		{Type: "context.augment", Latency: &dist.Spec{Kind: dist.Mixture, Components: []dist.Spec{
			{Kind: dist.LogNormal, Mean: 80, CV: half, Weight: 0.75}, {Kind: dist.LogNormal, Mean: 160, CV: half, Weight: 0.25}}},
			Count: &Count{Min: 2, Max: 2}},
		{Type: "tools.recommend", Latency: constant(12), Count: &Count{Min: 1, Max: 3}},
		{Type: "mcp.tool.execute", Latency: &dist.Spec{Kind: dist.Exponential, Mean: 90},
			Count: &Count{Min: 0, Max: -1, Dist: &dist.Spec{Kind: dist.Poisson, Mean: 4}}},
		{Type: "mcp.tool.execute.attempt", Latency: &dist.Spec{Kind: dist.Uniform, Low: 5, High: 9},
			Count: &Count{Min: 1, Max: 4, Dist: &dist.Spec{Kind: dist.Uniform, Low: 1, High: 4}}},
		{Type: "llm.call", Latency: &dist.Spec{Kind: dist.LogNormal, Mean: 400, CV: 0.3}, Count: &Count{Min: 2, Max: 2}, Error: &ErrorModel{}},
		{Type: "task.execute", Latency: &dist.Spec{Kind: dist.LogNormal, Median: 100, Sigma: 0.8},
			Count: &Count{Min: 0, Max: 6, Dist: &dist.Spec{Kind: dist.Geometric, P: 0.25}}},
		{Type: "llm.tool.response.bridge", Latency: &dist.Spec{Kind: dist.Normal, Mean: 50, Stddev: 15},
			Count: &Count{Min: 0, Max: -1, Dist: &dist.Spec{Kind: dist.Bernoulli, P: half}}},
		{Type: "request.validation", Latency: &dist.Spec{Kind: dist.Poisson, Mean: 20}},
		{Type: "response.validation", Latency: constant(1)},
		{Type: "validation.payload", Latency: &dist.Spec{Kind: dist.Bernoulli, P: half}},
		{Type: "validation.policy", Latency: &dist.Spec{Kind: dist.Mixture, Components: []dist.Spec{
			{Kind: dist.Constant, Value: 10, Weight: 1}, {Kind: dist.Constant, Value: 20.5, Weight: 3}}}},
		{Type: "augmentation"},
		{Type: "cp.request", Latency: constant(30)},
		{Type: "response.compose", Latency: &dist.Spec{Kind: dist.Mixture, Components: []dist.Spec{
			{Kind: dist.Constant, Value: 5, Weight: 3},
			{Kind: dist.Mixture, Weight: 1, Components: []dist.Spec{{Kind: dist.Exponential, Mean: 100, Weight: 1}}}}}},
	} {
		got := root.Children[i]
		got.Pos = input.Pos{}
		if want.Probability == 0 {
			want.Probability = 1
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("child %d: got  %+v %+v %+v\nwant %+v %+v %+v", i, got, got.Latency, got.Count, want, want.Latency, want.Count)
		}
	}
}

func TestAttributesOfATree(t *testing.T) {
	root := all(t, false)["tree_all_keys"].Root
	var got []string
	for _, a := range root.Attributes {
		value := textOf(a.Value)
		for i, c := range a.Choices {
			value += textOf(c) + ":" + strconv.FormatFloat(a.Weights[i], 'g', -1, 64) + " "
		}
		if a.Dist != nil {
			value = "drawn"
		}
		got = append(got, a.Key+"="+strings.TrimSpace(value))
	}
	checkLines(t, got,
		"vendor.turn.status.code=SUCCESS", "bracken.turn.index=3", "gen_ai.request.temperature=0.25", "vendor.flag=true", "vendor.score=drawn",
		"vendor.choice=7:0.75 a:0.25", "vendor.weighted=x:1 true:0 1.5:3", "vendor.even=x:1 y:1")
	if want := (&dist.Spec{Kind: dist.Normal, Mean: -3, Stddev: 2}); !reflect.DeepEqual(root.Attributes[4].Dist, want) {
		t.Errorf("got %+v", root.Attributes[4].Dist)
	}
	if v := root.Attributes[5].Choices[0]; v.Kind != Int || v.Int != 7 {
		t.Errorf("a key keeps its type, got %+v", v)
	}
}

func TestPolicyExceptionKeepsWhatItDoesNotSay(t *testing.T) {
	d := all(t, false)["turned_away"]
	if d.PolicyException == nil || *d.PolicyException != (Exception{"EngineTimeout", "engine_gone"}) {
		t.Errorf("got %+v", d.PolicyException)
	}
}

func TestResponseTemplate(t *testing.T) {
	for id, want := range map[string]string{"": "allowed", "response_template: Blocked, ": "blocked", "response_template: ~, ": "allowed"} {
		d, problems := parse(t, ctx+"control_plane: {"+id+"template: allowed}\n")
		checkLines(t, problems)
		if d.ResponseTemplate != want {
			t.Errorf("%q: got %s, want %s", id, d.ResponseTemplate, want)
		}
	}
	if d := all(t, true)["looked_at"]; d.ResponseTemplate != "allowed" {
		t.Errorf("a registered scenario has %q", d.ResponseTemplate)
	}
}

func TestRegistryBelongsToTheBundledFiles(t *testing.T) {
	own, bundled := all(t, false), all(t, true)
	if _, ok := own["looked_at"]; ok {
		t.Error("the registry is in use with own files")
	}
	if _, ok := own["example_scenario"]; !ok {
		t.Error("an own example_scenario is missing")
	}
	if !bundled["example_scenario"].Hidden || own["example_scenario"].Hidden {
		t.Error("the bundled example is to be hidden, an own one not")
	}
	if d := bundled["turned_away"]; d.Template != "error" {
		t.Errorf("a file must win over the registry, got template %s", d.Template)
	}
	d := bundled["looked_at"]
	if d.Template != "flagged_visit" || *d.Context != (Context{"brackenwell", "desk-1", "happy_path", 0.1, -1}) || d.Server != "handset" ||
		!reflect.DeepEqual(d.Tags, []string{"control-plane"}) || d.Weight != 1 || d.RepeatCount != 2 || *d.Interval != 50 || d.Redaction != "none" {
		t.Errorf("got %+v", d)
	}
}

func TestDuplicateScenarioNames(t *testing.T) {
	var p input.Problems
	out := Parse([]input.File{
		{Name: "b.yaml", Data: []byte("description: x\nname: same\n")},
		{Name: "same.yaml", Data: []byte("description: x\n")},
		{Name: "a.yaml", Data: []byte("name: same\n")},
	}, fixture(t), ParseOptions{}, &p)
	checkLines(t, lines(&p),
		`b.yaml:2:7: duplicate scenario "same"; the first is at a.yaml:1:7`,
		`same.yaml:1:1: duplicate scenario "same"; the first is at a.yaml:1:7`)
	if len(out) != 1 {
		t.Errorf("got %d scenarios", len(out))
	}
}

// Files beside the bundled ones add scenarios, may be called as the example is, and
// take no name that is taken.
func TestOwnFilesBesideTheBundledOnes(t *testing.T) {
	own := []input.File{
		{Name: "own/b.yaml", Data: []byte("name: looked_at\n")},
		{Name: "own/a.yaml", Data: []byte("name: turned_away\n")},
		{Name: "own/example_scenario.yaml", Data: []byte("name: mine\n")},
	}
	var p input.Problems
	out := Parse(scenarioFiles(t), fixture(t), ParseOptions{Prefixes: prefixes, Registry: true, Own: own}, &p)
	got := slices.DeleteFunc(lines(&p), func(line string) bool { return strings.Contains(line, "warning") })
	for i, want := range []string{`own/a.yaml:1:7: duplicate scenario "turned_away"; the first is at `, `own/b.yaml:1:7: duplicate scenario "looked_at"; the first is at config.yaml:`} {
		if len(got) != 2 || !strings.HasPrefix(got[i], want) {
			t.Fatalf("got\n%s", strings.Join(got, "\n"))
		}
	}
	i := slices.IndexFunc(out, func(d Definition) bool { return d.Name == "mine" })
	if i < 0 || out[i].Hidden {
		t.Errorf("a file of one's own is hidden: %d", i)
	}
}

func TestWithoutAConfigNamesAreNotChecked(t *testing.T) {
	var p input.Problems
	Parse([]input.File{{Name: "a.yaml", Data: []byte(`
context: {tenant: x, agent: y, mcp_server: z, workflow: w, correct_flow: [planner, q]}
data_plane: {workflow: v}
control_plane: {template: u}
root: {typ: planner}
`)}}, nil, ParseOptions{Registry: true}, &p)
	checkLines(t, lines(&p), "a.yaml:5:7: warning: root: has no effect beside a workflow",
		`a.yaml:5:8: unknown key "typ"; did you mean "type"? allowed: attributes, children, count, description, error, latency, model, one_of, parallel, probability, report, retry, task, type`)
}

func FuzzParseScenario(f *testing.F) {
	for _, file := range scenarioFiles(f) {
		f.Add(string(file.Data))
	}
	for _, row := range flawed {
		f.Add(row.text)
	}
	for _, row := range mistakes {
		f.Add(row.text)
	}
	f.Add("context: {tenant: one, agent: desk, mcp_server: handset}\ntools: {file_claim: {samples: [{arguments: {device: tap}, result: {claim: A}}]}}\n" +
		"conversation: {turns: [{user_input: a, llm_response: b, workflow: plan, tools: {file_claim: [{arguments: {device: tap, address: {street: x}}, result: {claim: A}}]}}]}\n")
	c := fixture(f)
	tools, _ := equippedConfig(f, equipped)
	f.Fuzz(func(t *testing.T, text string) {
		for _, config := range []*Config{c, tools, nil} {
			var p input.Problems
			out := Parse([]input.File{{Name: "a.yaml", Data: []byte(text)}}, config, ParseOptions{Prefixes: prefixes}, &p)
			checkPositions(t, &p, text)
			if len(out) == 0 && p.Errors() == 0 {
				t.Error("no scenario and no error")
			}
			if config != nil && p.Errors() == 0 {
				checkUsable(t, config, &out[0])
			}
		}
	})
}

// checkUsable fails when a scenario that passed names what is not there.
func checkUsable(t *testing.T, c *Config, d *Definition) {
	t.Helper()
	if d.System != nil {
		checkSystem(t, d.System)
		return
	}
	if d.Name == "" || c.RequestTemplate(d.Template) == nil || c.ResponseTemplate(d.ResponseTemplate) == nil {
		t.Errorf("name %q, templates %q and %q", d.Name, d.Template, d.ResponseTemplate)
	}
	if d.Goal != "" && len(d.Steps) == 0 {
		t.Errorf("goal %q and no steps", d.Goal)
	}
	for _, at := range d.Goals.SkipSteps {
		if at < 0 || at >= int64(len(d.Steps)) && len(d.Steps) > 0 {
			t.Errorf("step %d of %d is skipped", at, len(d.Steps))
		}
	}
	if d.Context != nil {
		if _, ok := c.Tenant(d.Context.Tenant); !ok || d.Context.Agent == "" {
			t.Errorf("tenant %q, agent %q", d.Context.Tenant, d.Context.Agent)
		}
	}
	for _, s := range d.Steps {
		if s.Kind == StepTool && c.Server(d.Server) == nil {
			t.Errorf("a step calls %s and there is no server %q", s.Tool, d.Server)
		}
	}
	if d.Root != nil {
		checkNode(t, d.Root)
	}
}

func checkNode(t *testing.T, n *Node) {
	t.Helper()
	if _, ok := vocab.Find(n.Type); !ok || n.Probability < 0 || n.Probability > 1 {
		t.Errorf("got %+v", n)
	}
	if e := n.Error; e != nil && (e.Rate < 0 || e.Rate > 1 || e.Weights != nil && len(e.Weights) != len(e.Types)) {
		t.Errorf("got %+v", e)
	}
	if r := n.Retry; r != nil && (r.MaxAttempts < 1 || r.BackoffBase < 0 || !slices.Contains(retried, n.Type)) {
		t.Errorf("%s: got %+v", n.Type, r)
	}
	for _, a := range n.Attributes {
		if a.Key == "" || len(a.Choices) != len(a.Weights) {
			t.Errorf("got %+v", a)
		}
	}
	for i := range n.Children {
		checkNode(t, &n.Children[i])
	}
}

// A text that could not be written in a record is refused where it stands.
func TestTextsThatAreTooLong(t *testing.T) {
	long := strings.Repeat("x", maxSaid)
	for _, row := range []struct{ turns, want string }{
		{"[{user_input: " + long + ", llm_response: " + long + "}]", ""},
		{"[{user_input: " + long + "x, llm_response: y}]", "conversation.turns[0].user_input"},
		{"[{user_input: y, llm_response: " + long + "x}]", "conversation.turns[0].llm_response"},
		{"[{role: user, text: y}, {role: assistant, text: " + long + "x}]", "conversation.turns[1].text"},
	} {
		_, problems := parse(t, ctx+"conversation: {turns: "+row.turns+"}\n")
		got := strings.Join(problems, "\n")
		if row.want == "" && got != "" || !strings.Contains(got, row.want) || row.want != "" && !strings.HasSuffix(got, "text of 65537 bytes is longer than the limit of 65536") {
			t.Errorf("got %.300s, want %s", got, row.want)
		}
	}
}
