package semconv

import (
	"slices"
	"strings"
	"testing"

	"github.com/otelsim/otelsim/pkg/build/input"
)

// wordy has a vocabulary and names of spans.
const wordy = `
vocabulary:
  every_span: [span.class, session.id, enduser.id]
  names: {session.id: session.id, enduser.id: user.id, request.id: vendor.ask.id}
  without: [tenant.id]
span_names:
  vendor.a2a.orchestrate: {span_kind: INTERNAL, name: ["invoke {gen_ai.agent.name}", invoke]}
  vendor.llm.call: {span_kind: CLIENT, name: "chat {gen_ai.request.model}", without: [step.outcome]}
  vendor.planner: {span_kind: INTERNAL}
a2a_orchestrate_attributes:
  gen_ai.agent.name: {type: string}
llm_call_attributes:
  gen_ai.request.model: {type: string}
canonical_metrics:
  vendor.llm.latency: {type: histogram, unit: s, aligns_with_span: vendor.llm.call, buckets: [0.5, 1, 2]}
`

func parsed(t *testing.T, text string) (*Conventions, []string) {
	t.Helper()
	var p input.Problems
	c := Parse(input.File{Name: "a.yaml", Data: []byte(text)}, &p)
	var all []string
	for _, problem := range p.All() {
		all = append(all, problem.String())
	}
	return c, all
}

func TestAVocabularyIsReadBothWays(t *testing.T) {
	c, problems := parsed(t, wordy)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	if want := []string{"span.class", "session.id", "enduser.id"}; !slices.Equal(c.Vocabulary.Every, want) {
		t.Errorf("on every span: got %v, want %v", c.Vocabulary.Every, want)
	}
	for _, row := range []struct{ known, name string }{{"session.id", "session.id"}, {"enduser.id", "user.id"}, {"request.id", "vendor.ask.id"}} {
		if name, ok := c.Renamed(row.known); !ok || name != row.name || c.Known(name) != row.known {
			t.Errorf("%s: got %q (%t), and back %q", row.known, name, ok, c.Known(name))
		}
	}
	if _, ok := c.Renamed("task.id"); ok || c.Known("vendor.task.id") != "task.id" {
		t.Error("what has no other name has one")
	}
	for _, row := range []struct {
		span, known string
		want        bool
	}{{"planner", "tenant.id", true}, {"llm.call", "step.outcome", true}, {"planner", "step.outcome", false}} {
		if got := c.LeavesOut(row.span, row.known); got != row.want {
			t.Errorf("%s leaves out %s: got %t", row.span, row.known, got)
		}
	}
	s, _ := c.Span("a2a.orchestrate")
	if got := len(s.Template.Alternatives); got != 2 || s.Template.String() != "invoke {gen_ai.agent.name}" {
		t.Errorf("got %d names, the first %q", got, s.Template)
	}
	if got := c.Metrics[0].Buckets; !slices.Equal(got, []float64{0.5, 1, 2}) {
		t.Errorf("buckets: got %v", got)
	}
}

func TestWithoutASectionNamesAreTheVendors(t *testing.T) {
	c, problems := parsed(t, wordy[strings.Index(wordy, "span_names"):])
	if len(problems) > 0 || !slices.Equal(c.Vocabulary.Every, vendorEvery) {
		t.Errorf("got %v, %v", c.Vocabulary.Every, problems)
	}
	if _, ok := c.Renamed("session.id"); ok || c.LeavesOut("planner", "tenant.id") {
		t.Error("a file without the section renames or leaves out")
	}
}

func TestMistakesInVocabulariesHaveTheirPlaces(t *testing.T) {
	for _, row := range []struct{ why, old, new, want string }{
		{"a key", "  without: [tenant.id]", "  withot: [tenant.id]", `a.yaml:5:3: unknown key "withot"; did you mean "without"?`},
		{"an attribute of every span", "[span.class, session.id", "[span.class, sesion.id", `a.yaml:3:28: vocabulary.every_span[1]: unknown attribute of the product "sesion.id"; did you mean "session.id"?`},
		{"a renamed one", "names: {session.id:", "names: {sessio.id:", `a.yaml:4:11: unknown attribute of the product "sessio.id"; did you mean "session.id"?`},
		{"a name of a standard", "enduser.id: user.id", "enduser.id: server.address", `a.yaml:4:47: vocabulary.names.enduser.id: "server.address" stands for something else in every vocabulary`},
		{"a name of an event", "enduser.id: user.id", "enduser.id: gen_ai.evaluation.name", `a.yaml:4:47: vocabulary.names.enduser.id: "gen_ai.evaluation.name" stands for something else in every vocabulary`},
		{"no new name", "enduser.id: user.id", "enduser.id: ''", `a.yaml:4:47: vocabulary.names.enduser.id: empty`},
		{"one that stays", "names: {session.id:", "names: {gen_ai.request.model:", `a.yaml:4:11: "gen_ai.request.model" has this name in every vocabulary`},
		{"one that is left out", "names: {session.id:", "names: {tenant.id: t, session.id:", `a.yaml:4:11: vocabulary.without leaves "tenant.id" out`},
		{"two of one name", "enduser.id: user.id", "enduser.id: session.id", `a.yaml:4:47: vocabulary.names.enduser.id: "session.id" stands for another attribute already`},
		{"on every span and on none", "[tenant.id]", "[session.id]", `a.yaml:5:12: vocabulary.without: session.id is what every span carries`},
		{"twice", "[span.class, ", "[span.class, span.class, ", `a.yaml:3:28: vocabulary.every_span[1]: "span.class" stands there twice`},
		{"what a type does without", "without: [step.outcome]", "without: [step.outcom]", `did you mean "step.outcome"?`},
		{"an attribute of a name", "{gen_ai.agent.name}\"", "{gen_ai.agent.nam}\"", `a.yaml:7:55: span_names.vendor.a2a.orchestrate.name: unknown attribute of a2a_orchestrate_attributes or common_attributes "gen_ai.agent.nam"; did you mean "gen_ai.agent.name"?`},
		{"an open brace", "\"invoke {gen_ai.agent.name}\"", "\"invoke {gen_ai.agent.name\"", `a.yaml:7:56: span_names.vendor.a2a.orchestrate.name[0]: a { without an attribute and a } after it`},
		{"a closed brace", "\"invoke {gen_ai.agent.name}\"", "\"invoke gen_ai.agent.name}\"", `a } without a { before it`},
		{"a name that is never used", "\"invoke {gen_ai.agent.name}\", invoke", "invoke, \"invoke {gen_ai.agent.name}\"", `is never used: the name before it needs no attribute`},
		{"no name", "[\"invoke {gen_ai.agent.name}\", invoke]", "\" \"", `span_names.vendor.a2a.orchestrate.name: empty`},
		{"a type that is misspelt", "vendor.planner:", "vendor.plannr:", `a.yaml:9:3: span_names.vendor.plannr: unknown span type; did you mean "vendor.planner"?`},
		{"bounds that fall", "[0.5, 1, 2]", "[0.5, 2, 1]", `canonical_metrics.vendor.llm.latency.buckets[2]: 1 is not above the bound before it`},
		{"a constant of nothing", "buckets: [0.5, 1, 2]", "dimensions: [a.b], constants: {a.c: x}", `unknown dimension of the metric "a.c"; did you mean "a.b"?`},
		{"a count of nothing", "buckets: [0.5, 1, 2]", "counts: vendor.llm.cal", `canonical_metrics.vendor.llm.latency.counts: unknown span type "llm.cal"; did you mean "llm.call"?`},
		{"two values", "buckets: [0.5, 1, 2]", "counts: vendor.llm.call, value_attribute: a.b", `canonical_metrics.vendor.llm.latency.counts: value_attribute says already what the values are`},
		{"bounds of a counter", "type: histogram", "type: counter", `canonical_metrics.vendor.llm.latency.buckets: a counter has none`},
	} {
		text := strings.Replace(wordy, row.old, row.new, 1)
		if text == wordy {
			t.Fatalf("%s: nothing is replaced", row.why)
		}
		_, problems := parsed(t, text)
		if !slices.ContainsFunc(problems, func(p string) bool { return strings.Contains(p, row.want) }) {
			t.Errorf("%s: got %q, want %q", row.why, problems, row.want)
		}
	}
}
