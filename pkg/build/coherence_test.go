package build

import (
	"bytes"
	"strings"
	"testing"

	"github.com/otelsim/otelsim/pkg/build/input"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// compiledWithWarnings compiles inputs that must be without errors.
func compiledWithWarnings(t *testing.T, in Inputs, o Options) *Plan {
	t.Helper()
	var p input.Problems
	plan := Compile(without(in, o.Scenarios), o, &p)
	if plan == nil {
		t.Fatal(p.Err())
	}
	return plan
}

// spansOf returns the attributes of the spans of a class in one request of an
// own scenario, in order.
func spansOf(t *testing.T, text, class string) []map[string]any {
	t.Helper()
	in := withDefinition(bundled(t), "own.yaml", text)
	g := generator(t, compiledWithWarnings(t, in, Options{Scenarios: []string{"own"}}), run(8))
	var out []map[string]any
	g.Iteration(0, func(r *otlp.Traces) {
		for _, s := range r.Spans {
			if a := attrsOf(r, s.Attrs); a["vendor.span.class"] == class {
				out = append(out, a)
			}
		}
	})
	return out
}

const ownHead = "name: own\ncontext: {tenant: tarnmere, agent: care-assistant-01, mcp_server: phone}\n"

// TestNobodySaysThatItWorkedWhenAToolFailed: what a model is told of its tools is
// what it answers by.
func TestNobodySaysThatItWorkedWhenAToolFailed(t *testing.T) {
	for rate, want := range map[string]bool{"0": false, "1": true} {
		calls := spansOf(t, ownHead+`
root:
  type: a2a.orchestrate
  children:
    - {type: llm.call}
    - {type: mcp.tool.execute, error: {rate: `+rate+`, types: [timeout]}}
    - {type: llm.call}
`, "llm.call")
		said, _ := calls[len(calls)-1]["gen_ai.output.messages"].(string)
		if got := strings.Contains(said, "that did not work"); got != want || said == "" {
			t.Errorf("after a tool with the error rate %s, the model says %s", rate, said)
		}
	}
}

// TestModelCallsTellOneStory: all but the last ask for tools, the last
// answers, and a model that the tree names comes from someone who serves it.
func TestModelCallsTellOneStory(t *testing.T) {
	calls := spansOf(t, ownHead+`
root:
  type: a2a.orchestrate
  children:
    - {type: llm.call, attributes: {gen_ai.request.model: mistral-large}}
    - {type: mcp.tool.execute, count: 2}
    - {type: llm.call}
`, "llm.call")
	if len(calls) != 2 {
		t.Fatalf("%d model calls", len(calls))
	}
	first, last := calls[0], calls[1]
	if first["gen_ai.provider.name"] != "mistral_ai" || first["gen_ai.response.model"] != "mistral-large" {
		t.Errorf("mistral-large is served by %v, answers as %v", first["gen_ai.provider.name"], first["gen_ai.response.model"])
	}
	for key, want := range map[string][2]any{
		"gen_ai.response.finish_reasons": {"[tool_call]", "[stop]"},
		"vendor.llm.tool.request.count":  {"2", "0"},
	} {
		if got := [2]any{texts(first[key]), texts(last[key])}; got != want {
			t.Errorf("%s: %v, want %v", key, got, want)
		}
	}
	if s := first["gen_ai.output.messages"].(string); !strings.Contains(s, `"tool_call"`) {
		t.Errorf("a call that asks for tools says %s", s)
	}
	if s := last["gen_ai.output.messages"].(string); !strings.Contains(s, `"type":"text"`) {
		t.Errorf("the call that answers says %s", s)
	}
}

// TestExplicitAttemptsAreNumberedAndCounted: 1..N, and N-1 retries.
func TestExplicitAttemptsAreNumberedAndCounted(t *testing.T) {
	const tree = ownHead + `
root:
  type: a2a.orchestrate
  children:
    - type: mcp.tool.execute
      children: [{type: mcp.tool.execute.attempt}, {type: mcp.tool.execute.attempt}, {type: mcp.tool.execute.attempt}]
`
	tool := spansOf(t, tree, "mcp.tool.execute")[0]
	if texts(tool["vendor.retry.count"]) != "2" || tool["vendor.retry.policy"] != "fixed" {
		t.Errorf("retry count %v, policy %v", tool["vendor.retry.count"], tool["vendor.retry.policy"])
	}
	for i, a := range spansOf(t, tree, "mcp.tool.execute.attempt") {
		if a["vendor.mcp.attempt.index"] != int64(i+1) || a["vendor.mcp.tool.call.id"] != tool["vendor.mcp.tool.call.id"] {
			t.Errorf("attempt %d: index %v, call %v of %v", i+1, a["vendor.mcp.attempt.index"], a["vendor.mcp.tool.call.id"], tool["vendor.mcp.tool.call.id"])
		}
	}
	alone := spansOf(t, ownHead+"root: {type: a2a.orchestrate, children: [{type: mcp.tool.execute}]}\n", "mcp.tool.execute")[0]
	if alone["vendor.retry.count"] != int64(0) || alone["vendor.retry.policy"] != "none" {
		t.Errorf("one attempt: retry count %v, policy %v", alone["vendor.retry.count"], alone["vendor.retry.policy"])
	}
}

func TestSelectedIsNeverAboveAvailable(t *testing.T) {
	a := spansOf(t, ownHead+"root: {type: a2a.orchestrate, children: [{type: tools.recommend}, {type: mcp.tool.execute, count: 30}]}\n", "tools.recommend")[0]
	if a["vendor.mcp.tools.selected.count"] != a["vendor.mcp.tools.available.count"] {
		t.Errorf("%v selected of %v available, 30 calls", a["vendor.mcp.tools.selected.count"], a["vendor.mcp.tools.available.count"])
	}
}

// TestOnlyStepsThatNeedATaskGetOne: a tree that has its task already, or has
// the model call its tools, is left as it is.
func TestOnlyStepsThatNeedATaskGetOne(t *testing.T) {
	in := withDefinition(bundled(t), "own.yaml", ownHead+`
root:
  type: a2a.orchestrate
  children:
    - {type: llm.call, children: [{type: mcp.tool.execute}]}
    - {type: task.execute, children: [{type: tools.recommend}]}
    - {type: tools.recommend}
`)
	const want = `vendor.a2a.orchestrate server 0
  vendor.task.execute internal 0
    vendor.llm.call client 0
      vendor.mcp.tool.execute client 0
        vendor.mcp.tool.execute.attempt client 0
          vendor.mcp.tool.serve server 0
  vendor.task.execute internal 0
    vendor.tools.recommend internal 0
  vendor.task.execute internal 0
    vendor.tools.recommend internal 0
`
	var p input.Problems
	plan := Compile(in, Options{Scenarios: []string{"own"}}, &p)
	if plan == nil || p.Warnings() != 1 { // the model call answers before its tool
		t.Fatal(p.All())
	}
	r := collect(generator(t, plan, run(8)), 3)[0]
	if got := outline(&r); !strings.Contains(got, want) {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

func TestTreesOfOtherRootsHaveNoResponse(t *testing.T) {
	r := sessionOf(t, withDefinition(bundled(t), "own.yaml", ownHead+"root: {type: planner}\n"), "own")[0]
	if got := outline(&r); strings.Contains(got, "response.validation") || !strings.Contains(got, "\nvendor.planner internal 0\n") {
		t.Errorf("got\n%s", got)
	}
	last := attrsOf(&r, r.Spans[len(r.Spans)-1].Attrs)
	if last["vendor.cp.incoming_trace_id"] == nil {
		t.Error("the root does not name the trace that let it in")
	}
}

func TestTenantIsTheScenarios(t *testing.T) {
	r := sessionOf(t, withDefinition(bundled(t), "own.yaml", ownHead+"root: {type: planner}\n"), "own")[0]
	tenant := attrsOf(&r, r.Spans[0].Attrs)["vendor.tenant.id"]
	other := sessionOf(t, bundled(t), "diagnose_device")[0]
	if tenant == attrsOf(&other, other.Spans[0].Attrs)["vendor.tenant.id"] {
		t.Error("two tenants share an id")
	}
	for _, res := range r.Resources {
		if got := attrsOf(&r, res.Attrs)["vendor.tenant.id"]; got != tenant {
			t.Errorf("resource of tenant %v, spans of %v", got, tenant)
		}
	}
}

// TestKeyOrderDecidesNothing swaps the keys of every kind of mapping.
func TestKeyOrderDecidesNothing(t *testing.T) {
	const one = ownHead + `
root:
  type: a2a.orchestrate
  children:
    - type: rag.retrieve
      attributes: {vendor.b: 1, vendor.a: {distribution: categorical, values: {x: 1, y: 1}}}
`
	const two = `root:
  children:
    - attributes: {vendor.a: {values: {y: 1, x: 1}, distribution: categorical}, vendor.b: 1}
      type: rag.retrieve
  type: a2a.orchestrate
context: {mcp_server: phone, agent: care-assistant-01, tenant: tarnmere}
name: own
`
	var digests []string
	var all [][]byte
	for _, text := range []string{one, two} {
		in := withDefinition(bundled(t), "own.yaml", text)
		p := compiledWithWarnings(t, in, Options{Scenarios: []string{"own"}})
		digests = append(digests, p.Digest())
		all = append(all, segment(t, generator(t, p, run(16)), 0).Data)
	}
	if digests[0] != digests[1] || !bytes.Equal(all[0], all[1]) {
		t.Errorf("digests %v, bytes equal: %v", digests, bytes.Equal(all[0], all[1]))
	}
}

// TestDigestFollowsTheBytes: for each edit, either both change or neither.
func TestDigestFollowsTheBytes(t *testing.T) {
	const base = ownHead + `
workload_weight: 2
conversation: {turns: [{user_input: a, llm_response: b}, {user_input: c, llm_response: d}], think_time: 4000}
root:
  type: a2a.orchestrate
  latency: 900
  children:
    - {type: planner, probability: 0.5, count: {min: 1, max: 3}}
    - {type: mcp.tool.execute}
    - {type: llm.call, attributes: {vendor.a: 1, vendor.b: {distribution: uniform, low: 0, high: 9}}}
`
	type result struct {
		digest string
		data   []byte
	}
	of := func(in Inputs) result {
		p := compiledWithWarnings(t, in, Options{Scenarios: []string{"own"}})
		return result{p.Digest(), segment(t, generator(t, p, run(16)), 0).Data}
	}
	own := func(old, new string) Inputs {
		if !strings.Contains(base, old) {
			t.Fatalf("no %q", old)
		}
		return withDefinition(bundled(t), "own.yaml", strings.Replace(base, old, new, 1))
	}
	config := func(old, new string) Inputs {
		in := own("name", "name")
		if !bytes.Contains(in.Config.Data, []byte(old)) {
			t.Fatalf("no %q in the config", old)
		}
		in.Config.Data = bytes.ReplaceAll(in.Config.Data, []byte(old), []byte(new))
		return in
	}
	before := of(own("name", "name"))
	for _, row := range []struct {
		what  string
		in    Inputs
		moves bool
	}{
		{"a latency", own("latency: 900", "latency: 901"), true},
		{"a probability", own("probability: 0.5", "probability: 0.6"), true},
		{"a count", own("max: 3", "max: 4"), true},
		{"a think time", own("think_time: 4000", "think_time: 4001"), true},
		{"a text", own("user_input: c", "user_input: e"), true},
		{"a constant", own("vendor.a: 1", "vendor.a: 2"), true},
		{"the type of a constant", own("vendor.a: 1", "vendor.a: '1'"), true},
		{"a distribution", own("high: 9", "high: 8"), true},
		{"a span type", own("type: planner", "type: rag.retrieve"), true},
		{"an id format", config(`"sess_{hex:16}"`, `"s-{hex:16}"`), true},
		{"a tenant", config("id: 4481c6f9", "id: 5481c6f9"), true},
		{"the weight of the only scenario", own("workload_weight: 2", "workload_weight: 3"), false},
		{"a description", own("name: own", "name: own\ndescription: words"), false},
		{"a sample that is never said", config("coffee", "tea"), false},
	} {
		after := of(row.in)
		if moved := !bytes.Equal(before.data, after.data); moved != row.moves {
			t.Errorf("%s: bytes moved: %v", row.what, moved)
		}
		if moved := before.digest != after.digest; moved != row.moves {
			t.Errorf("%s: digest moved: %v", row.what, moved)
		}
	}
}
