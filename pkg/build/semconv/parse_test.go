package semconv

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/otelsim/otelsim/pkg/build/input"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// fixture has every shape that conventions files come in: sections that are
// not read, kinds as a list, parents with alternatives, levels as words and as
// booleans, empty sections, and lists where definitions are expected.
const fixture = `
schema_version: "2.1.0"
lineage: {copied_from: [a, b]}
emission_policy:
  must: [x]
span_names:
  bracken.a2a.orchestrate:
    description: One turn.
    span_kind: SERVER
    is_root: true
    note: free text
  bracken.planner: {span_kind: INTERNAL, parent: bracken.a2a.orchestrate}
  bracken.task.execute: {parent: bracken.planner | vendor.a2a.orchestrate}
  bracken.llm.call: {span_kind: [CLIENT, INTERNAL], parent: bracken.task.execute}
  rag.retrieve:
resource_attributes:
  service.name: {type: string, required: true, category: first_class, examples: [cover-desk]}
common_attributes:
  bracken.session.id:
    type: string
    required: true
    category: first_class
    applies_to: [a2a.orchestrate, bracken.llm.call]
  bracken.everywhere: {applies_to: []}
  bracken.listed: {applies_to: "a2a.orchestrate, planner"}
llm_call_attributes:
  bracken.llm.turn.count: {type: int, required: recommended, examples: [1, 4]}
  gen_ai.request.model: {type: string, allowed_values: [small]}
llm_inference_attributes:
  gen_ai.request.model: {type: string, required: true, allowed_values: [small, large]}
  gen_ai.usage.input_tokens: {type: int}
  gen_ai.response.finish_reasons: {type: "string[]"}
llm_content_capture_attributes:
  bracken.llm.content.capture.enabled: {type: boolean, default: false}
  gen_ai.input.messages: {type: any, sensitive: true, examples: [[a], {b: c}, plain]}
llm_tool_response_bridge_attributes:
a2a_orchestration_attributes:
  bracken.a2a.outcome: {allowed_values: [success, partial, error]}
  bracken.step.outcome: {allowed_values: [success, fail, skipped]}
cp_request_attributes:
  bracken.policy.decision: {type: string, allowed_values: [allow, block]}
  bracken.step.outcome.cp: {type: string, allowed_values: [pass, block, skip]}
  attribute_consistency:
  resource: [service.name]
  metrics_attributes: [bracken.policy.decision]
  bracken.latency: {type: double}
odd_attributes: [not, a, mapping]
status_schema: {applies_to: ["outcome (a2a.orchestrate)"]}
canonical_metrics:
  bracken.llm.count:
    type: counter
    unit: "1"
    description: Calls.
    dimensions: [bracken.tenant.id, gen_ai.request.model]
    emitted_by: data-plane
    aligns_with_span: bracken.llm.call
  bracken.llm.tokens: {type: histogram, unit: ms, value_attribute: gen_ai.usage.input_tokens}
`

func parse(t *testing.T, text string) (*Conventions, []string) {
	t.Helper()
	var p input.Problems
	c := Parse(input.File{Name: "a.yaml", Data: []byte(text)}, &p)
	var lines []string
	for _, problem := range p.All() {
		lines = append(lines, problem.String())
	}
	return c, lines
}

func usable(t *testing.T) *Conventions {
	t.Helper()
	c, problems := parse(t, fixture)
	if len(problems) > 0 {
		t.Fatalf("got problems:\n%s", strings.Join(problems, "\n"))
	}
	return c
}

func TestSpanTypes(t *testing.T) {
	c := usable(t)
	if c.Version != "2.1.0" || c.Namespace != "bracken" {
		t.Errorf("got version %s and namespace %s", c.Version, c.Namespace)
	}
	for _, want := range []SpanType{
		{Name: "bracken.a2a.orchestrate", Bare: "a2a.orchestrate", Description: "One turn.", Kinds: []uint8{otlp.SpanKindServer}, Root: true},
		{Name: "bracken.planner", Bare: "planner", Kinds: []uint8{otlp.SpanKindInternal}, Parents: []string{"a2a.orchestrate"}},
		{Name: "bracken.task.execute", Bare: "task.execute", Kinds: []uint8{otlp.SpanKindInternal}, Parents: []string{"planner", "a2a.orchestrate"}},
		{Name: "bracken.llm.call", Bare: "llm.call", Kinds: []uint8{otlp.SpanKindClient, otlp.SpanKindInternal}, Parents: []string{"task.execute"}},
		{Name: "rag.retrieve", Bare: "rag.retrieve", Kinds: []uint8{otlp.SpanKindInternal}},
	} {
		got, ok := c.Span(want.Bare)
		got.Pos = input.Pos{}
		if !ok || !reflect.DeepEqual(got, want) {
			t.Errorf("got %+v, want %+v", got, want)
		}
	}
	if _, ok := c.Span("bracken.planner"); ok {
		t.Error("spans are found by bare names only")
	}
}

func names(list []Attribute) string {
	var out []string
	for _, a := range list {
		out = append(out, a.Name)
	}
	return strings.Join(out, " ")
}

func TestSpanAttributes(t *testing.T) {
	c := usable(t)
	for _, row := range []struct{ why, span, want string }{
		{"common ones first, then the section under its own name", "a2a.orchestrate",
			"bracken.session.id bracken.everywhere bracken.listed bracken.a2a.outcome bracken.step.outcome"},
		{"a span without a section has the common ones", "planner", "bracken.everywhere bracken.listed"},
		{"a model call has three sections", "llm.call", "bracken.session.id bracken.everywhere bracken.llm.turn.count gen_ai.request.model " +
			"gen_ai.usage.input_tokens gen_ai.response.finish_reasons bracken.llm.content.capture.enabled gen_ai.input.messages"},
		{"what is no definition is no attribute", "cp.request",
			"bracken.everywhere bracken.policy.decision bracken.step.outcome.cp bracken.latency"},
		{"the control plane has no sections of its own", "validation.policy", "bracken.everywhere"},
		{"an empty section", "llm.tool.response.bridge", "bracken.everywhere"},
	} {
		t.Run(row.why, func(t *testing.T) {
			if got := names(c.SpanAttributes(row.span)); got != row.want {
				t.Errorf("got  %s\nwant %s", got, row.want)
			}
		})
	}
	model := c.SpanAttributes("llm.call")[3]
	if model.Level != Required || len(model.Allowed) != 2 {
		t.Errorf("the later section must win, got %+v", model)
	}
}

func TestAttributeFields(t *testing.T) {
	c := usable(t)
	d := c.Dictionary()
	for _, want := range []Attribute{
		{Name: "service.name", Type: String, Level: Required, FirstClass: true, Examples: []string{"cover-desk"}},
		{Name: "bracken.llm.turn.count", Type: Int, Level: Recommended, Examples: []string{"1", "4"}},
		{Name: "bracken.llm.content.capture.enabled", Type: Boolean, Default: "false", HasDefault: true},
		{Name: "gen_ai.input.messages", Type: Any, Sensitive: true, Examples: []string{"plain"}},
		{Name: "gen_ai.response.finish_reasons", Type: StringArray},
		{Name: "bracken.latency", Type: Double},
	} {
		got, ok := d.Lookup(want.Name)
		got.Pos = input.Pos{}
		if !ok || !reflect.DeepEqual(got, want) {
			t.Errorf("got  %+v\nwant %+v", got, want)
		}
	}
	if got, _ := d.Lookup("service.name"); got.Pos.String() != "a.yaml:17:3" {
		t.Errorf("got position %v", got.Pos)
	}
}

func TestDictionary(t *testing.T) {
	c := usable(t)
	d := c.Dictionary("acme")
	allowed := func(span, name string) string {
		a, ok := d.OnSpan(span, name)
		if !ok {
			return "unknown"
		}
		return strings.Join(a.Allowed, " ")
	}
	for _, row := range []struct{ why, span, name, want string }{
		{"the namespace of the file", "a2a.orchestrate", "bracken.a2a.outcome", "success partial error"},
		{"vendor stands for it", "a2a.orchestrate", "vendor.a2a.outcome", "success partial error"},
		{"so does the prefix", "a2a.orchestrate", "acme.a2a.outcome", "success partial error"},
		{"another word does not", "a2a.orchestrate", "other.a2a.outcome", "unknown"},
		{"the bare name is another name", "a2a.orchestrate", "a2a.outcome", "unknown"},
		{"other sections help out", "planner", "acme.a2a.outcome", "success partial error"},
		{"the control plane has its dictionary", "validation.policy", "acme.policy.decision", "allow block"},
		{"and its own outcomes of steps", "validation.policy", "acme.step.outcome", "pass block skip"},
		{"which the data plane has not", "planner", "acme.step.outcome", "success fail skipped"},
	} {
		t.Run(row.why, func(t *testing.T) {
			if got := allowed(row.span, row.name); got != row.want {
				t.Errorf("got %s, want %s", got, row.want)
			}
		})
	}
}

func TestSectionsThatDisagreeAllowWhatAnyOfThemAllows(t *testing.T) {
	c, _ := parse(t, `
span_names: {x.planner: {}}
a_attributes:
  x.outcome: {type: string, required: true, allowed_values: [success, fail]}
  x.free: {allowed_values: [one]}
  x.mixed: {type: int}
b_attributes:
  vendor.outcome: {type: string, allowed_values: [fail, skip]}
  x.free: {}
  x.mixed: {type: string}
`)
	d := c.Dictionary()
	outcome, _ := d.Lookup("x.outcome")
	if got := strings.Join(outcome.Allowed, " "); got != "success fail skip" || outcome.Level != Optional {
		t.Errorf("got %s, level %d", got, outcome.Level)
	}
	if !outcome.Allows("skip") || outcome.Allows("other") {
		t.Error("skip is allowed, other is not")
	}
	if free, _ := d.Lookup("x.free"); !free.Allows("anything") {
		t.Error("a section that does not limit the values must win")
	}
	if mixed, _ := d.Lookup("x.mixed"); mixed.Type != Any {
		t.Errorf("got type %v, want any", mixed.Type)
	}
	if got := c.Section("a_attributes")[0].Allowed; len(got) != 2 {
		t.Errorf("the section itself changed: %v", got)
	}
}

func TestRename(t *testing.T) {
	c := usable(t)
	for _, row := range []struct{ why, name, want string }{
		{"the namespace", "bracken.a2a.outcome", "acme.a2a.outcome"},
		{"vendor", "vendor.a2a.outcome", "acme.a2a.outcome"},
		{"standards stay", "gen_ai.system", "gen_ai.system"},
		{"a longer word is another word", "brackenwell.x", "brackenwell.x"},
		{"the namespace alone is no name", "bracken", "bracken"},
		{"nor is one in the middle", "a.bracken.b", "a.bracken.b"},
		{"nothing", "", ""},
	} {
		t.Run(row.why, func(t *testing.T) {
			if got := c.Rename(row.name, "acme"); got != row.want {
				t.Errorf("got %s, want %s", got, row.want)
			}
		})
	}
}

func TestNamespaceIsThatOfMostSpans(t *testing.T) {
	for _, row := range []struct{ why, spans, want string }{
		{"most of them", "a2a.call: {}, x.planner: {}, x.llm.call: {}", "x"},
		{"the first of equals", "y.planner: {}, x.planner: {}", "y"},
		{"names without one do not count", "planner: {}, task: {}, x.planner: {}", "x"},
		{"none at all", "planner: {}", ""},
	} {
		t.Run(row.why, func(t *testing.T) {
			c, problems := parse(t, "span_names: {"+row.spans+"}")
			if c.Namespace != row.want || len(problems) > 0 {
				t.Errorf("got %q and %v, want %q", c.Namespace, problems, row.want)
			}
		})
	}
}

func TestMetrics(t *testing.T) {
	c := usable(t)
	want := []Metric{
		{Name: "bracken.llm.count", Type: "counter", Unit: "1", Description: "Calls.",
			Dimensions: []string{"bracken.tenant.id", "gen_ai.request.model"}, EmittedBy: "data-plane", Span: "llm.call"},
		{Name: "bracken.llm.tokens", Type: "histogram", Unit: "ms", EmittedBy: "data-plane", ValueAttribute: "gen_ai.usage.input_tokens"},
	}
	for i := range c.Metrics {
		c.Metrics[i].Pos = input.Pos{}
	}
	if !reflect.DeepEqual(c.Metrics, want) {
		t.Errorf("got  %+v\nwant %+v", c.Metrics, want)
	}
}

// The numbers of definitions per span type of a file with the sections, and
// the numbers of entries in them, that files of this format have in practice.
func TestSectionsOfAFullFile(t *testing.T) {
	var b strings.Builder
	b.WriteString("span_names: {x.planner: {}, x.llm.call: {}}\ncommon_attributes:\n")
	for i := range 6 {
		fmt.Fprintf(&b, "  x.common%d: {applies_to: [a2a.orchestrate, llm.tool.response.bridge, context.augment]}\n", i)
	}
	for _, s := range []struct {
		key string
		n   int
	}{
		{"a2a_call", 25}, {"response_compose", 3}, {"a2a_orchestration", 2}, {"task_execute", 6}, {"mcp_tool_attempt", 5}, {"mcp_tool", 10},
		{"context_augment", 8}, {"tools_recommend", 7}, {"llm_inference", 9}, {"llm_call", 4}, {"llm_content_capture", 7}, {"cp_request", 28},
	} {
		fmt.Fprintf(&b, "%s_attributes:\n", s.key)
		for i := range s.n {
			fmt.Fprintf(&b, "  x.%s.%d: {}\n", s.key, i)
		}
	}
	c, problems := parse(t, b.String())
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	for span, want := range map[string]int{
		"a2a.orchestrate": 8, "response.compose": 3, "planner": 0, "task.execute": 6, "context.augment": 14, "llm.call": 20, "tools.recommend": 7,
		"mcp.tool.execute": 10, "mcp.tool.execute.attempt": 5, "request.validation": 0, "llm.tool.response.bridge": 6, "a2a.call": 25,
		"cp.request": 28, "rag.retrieve": 0,
	} {
		if got := len(c.SpanAttributes(span)); got != want {
			t.Errorf("%s: got %d attributes, want %d", span, got, want)
		}
	}
}

func TestMistakes(t *testing.T) {
	const spans = "span_names: {x.planner: {}}\n"
	for _, row := range []struct {
		why, text string
		want      []string
	}{
		{"no span names", "schema_version: '1'\n", []string{"a.yaml:1:1: span_names: no span names; the conventions need at least one"}},
		{"span names of the wrong type", "span_names: [a]\n", []string{
			"a.yaml:1:13: span_names: found a list, want a mapping",
			"a.yaml:1:13: span_names: no span names; the conventions need at least one"}},
		{"a list is no file of conventions", "- a\n", []string{"a.yaml:1:1: found a list, want a mapping"}},
		{"a span kind", "span_names: {x.planner: {span_kind: CLIENTS}}\n", []string{
			`a.yaml:1:37: span_names.x.planner.span_kind: unknown span kind "CLIENTS"; did you mean "CLIENT"? allowed: CLIENT, CONSUMER, INTERNAL, PRODUCER, SERVER`}},
		{"a span kind in a list", "span_names: {x.planner: {span_kind: [CLIENT, 5]}}\n", []string{
			`a.yaml:1:46: span_names.x.planner.span_kind[1]: found integer 5, want a string (quote it)`}},
		{"several mistakes at once, in order", spans + "a_attributes:\n  x.a: {type: integer, required: often}\n  x.b: {allowed_values: [1, ~]}\n", []string{
			`a.yaml:3:15: a_attributes.x.a.type: unknown value "integer"; allowed: any, boolean, double, int, string, string[]`,
			`a.yaml:3:34: a_attributes.x.a.required: found string "often", want true, false or recommended`,
			`a.yaml:4:29: a_attributes.x.b.allowed_values[1]: found nothing, want a single value`}},
		{"one name in two spellings", spans + "a_attributes:\n  x.a: {}\n  vendor.a: {}\n", []string{
			`a.yaml:4:3: attribute "vendor.a" is the same as "x.a": both have the namespace`}},
		{"a metric type", spans + "canonical_metrics: {x.m: {type: summary}}\n", []string{
			`a.yaml:2:33: canonical_metrics.x.m.type: unknown value "summary"; allowed: counter, exponential_histogram, gauge, histogram, updowncounter`}},
		{"broken YAML", "span_names: [\n", []string{"a.yaml:2:1: broken YAML: did not find expected node content"}},
	} {
		t.Run(row.why, func(t *testing.T) {
			_, got := parse(t, row.text)
			if strings.Join(got, "\n") != strings.Join(row.want, "\n") {
				t.Errorf("got:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(row.want, "\n"))
			}
		})
	}
}

func FuzzParseSemconv(f *testing.F) {
	f.Add(fixture)
	f.Add("span_names: {x.planner: {span_kind: [CLIENT]}}\nx_attributes: {x.a: {required: recommended}}\n")
	f.Fuzz(func(t *testing.T, text string) {
		var p input.Problems
		c := Parse(input.File{Name: "a.yaml", Data: []byte(text)}, &p)
		for _, problem := range p.All() {
			if problem.Pos.File != "a.yaml" || problem.Pos.Line < 1 && len(text) <= input.MaxBytes {
				t.Errorf("no position: %v", problem)
			}
		}
		if c == nil {
			if p.Errors() == 0 {
				t.Error("no conventions and no error")
			}
			return
		}
		d := c.Dictionary("acme")
		for _, s := range c.Spans {
			for _, a := range c.SpanAttributes(s.Bare) {
				if _, ok := d.OnSpan(s.Bare, a.Name); !ok {
					t.Errorf("%s on %s is not in the dictionary", a.Name, s.Bare)
				}
			}
		}
	})
}
