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

// TestCompilerSaysWhatItCannotRun: what only shows once a scenario is put
// together has a position, too.
func TestCompilerSaysWhatItCannotRun(t *testing.T) {
	const head = "name: own\ncontext: {tenant: brackenwell, agent: care-assistant-01, mcp_server: phone}\n"
	for _, row := range []struct{ what, text, want string }{
		{"a default workflow without a server to run its tools",
			"name: own\ncontext: {tenant: brackenwell, agent: care-assistant-01}\n",
			`own.yaml:2:10: workflow "claim_status" calls the tool "claim_status", and no mcp_server is named; allowed: phone, appliances, electronics, coding, research`},
		{"more spans than a trace may have",
			head + "root: {type: a2a.orchestrate, children: [{type: planner, count: 10000}]}\n",
			"own.yaml:1:7: scenario own: a trace may have over 10000 spans"},
		{"spans that multiply over nested counts",
			head + "root: {type: a2a.orchestrate, children: [{type: task.execute, count: 200, children: [{type: rag.retrieve, count: 200}]}]}\n",
			"own.yaml:1:7: scenario own: a trace may have over 10000 spans"},
		{"a latency that no trace can hold",
			head + "root: {type: a2a.orchestrate, latency: {distribution: constant, value_ms: 1e10}}\n",
			"own.yaml:3:14: latency: may be over 100 hours"},
		{"an iteration that outlives the calendar",
			head + "conversation: {turns: [{user_input: a, llm_response: b}, {user_input: a, llm_response: b}]}\n" +
				"root: {type: a2a.orchestrate, children: [{type: planner, count: 8999, latency: {distribution: constant, value_ms: 341607000}}]}\n",
			"own.yaml:1:7: scenario own: an iteration may last over 3650 days"},
		{"a tool call without anybody to ask",
			"name: own\ncontext: {tenant: brackenwell, agent: care-assistant-01}\nroot: {type: a2a.orchestrate, children: [{type: mcp.tool.execute}]}\n",
			"own.yaml:3:49: scenario own: a tool call needs an mcp_server, or a vendor.mcp.tool.uuid of its own"},
		{"a drawn tool whose uuid cannot follow",
			head + "root: {type: a2a.orchestrate, children: [{type: mcp.tool.execute, attributes: {gen_ai.tool.name: {distribution: categorical, values: {new_claim: 1, claim_status: 1}}}}]}\n",
			"own.yaml:3:80: attribute gen_ai.tool.name is drawn: give vendor.mcp.tool.uuid too, since it cannot follow"},
		{"a model that is no name",
			head + "root: {type: a2a.orchestrate, children: [{type: llm.call, attributes: {gen_ai.request.model: 99999999}}]}\n",
			"own.yaml:3:72: attribute gen_ai.request.model: want a name, or a choice of names"},
	} {
		var p input.Problems
		if Compile(withDefinition(bundled(t), "own.yaml", row.text), Options{}, &p) != nil {
			t.Errorf("%s: compiled", row.what)
		}
		var got []string
		for _, problem := range p.All() {
			got = append(got, problem.String())
		}
		if !slices.Contains(got, row.want) {
			t.Errorf("%s: got\n%s\nwant\n%s", row.what, strings.Join(got, "\n"), row.want)
		}
	}
}

func TestSelectionSaysWhatIsWrong(t *testing.T) {
	var none input.Problems
	defined := len(Validate(bundled(t), "", &none).Scenarios)
	for _, row := range []struct {
		what, want string
		o          Options
	}{
		{"a scenario that nobody defines", `--scenario: unknown scenario "new_claim_phne"; did you mean "new_claim_phone"?`,
			Options{Scenarios: []string{"new_claim_phne"}}},
		{"tags that no scenario has", fmt.Sprintf("scenarios: nothing to run: %d defined, none selected with a weight above 0", defined),
			Options{Tags: []string{"no-such-tag"}}},
	} {
		var p input.Problems
		if Compile(bundled(t), row.o, &p) != nil {
			t.Errorf("%s: compiled", row.what)
		}
		if err := p.Err(); err == nil || !strings.HasPrefix(err.Error(), row.want) {
			t.Errorf("%s: got %v, want %s", row.what, err, row.want)
		}
	}
}

func digests(t *testing.T, in Inputs) (string, map[string]string) {
	t.Helper()
	p := compiled(t, in, Options{})
	of := map[string]string{}
	for _, s := range p.Scenarios() {
		of[s.Name] = s.Digest
	}
	return p.Digest(), of
}

// TestDigestIsOfMeaning: comments, key order and files that are not used do
// not count; anything that can be emitted does.
func TestDigestIsOfMeaning(t *testing.T) {
	plan, scenarios := digests(t, bundled(t))

	same := bundled(t)
	same.Config.Data = append([]byte("# a comment\n"), same.Config.Data...)
	same.Config.Name = "elsewhere/config.yaml"
	slices.Reverse(same.Definitions)
	if got, _ := digests(t, same); got != plan {
		t.Error("comments, names or the order of files change the digest")
	}

	more, after := digests(t, withDefinition(bundled(t), "joining.yaml", joining))
	if more == plan {
		t.Error("another scenario leaves the plan's digest")
	}
	for name, d := range scenarios {
		if after[name] != d {
			t.Errorf("scenario %s: another scenario changes its digest", name)
		}
	}

	changed, after := digests(t, edited(t, bundled(t), "diagnose_device.yaml", "median_ms: 280, sigma: 0.35", "median_ms: 280, sigma: 0.36"))
	if changed == plan || after["diagnose_device"] == scenarios["diagnose_device"] {
		t.Error("another latency leaves the digest")
	}
	if after["new_claim_phone"] != scenarios["new_claim_phone"] {
		t.Error("a latency of one scenario changes the digest of another")
	}
}

// TestBatchesMergeWholeRequests: the same spans in the same order, in fewer
// records of at least so many items.
func TestBatchesMergeWholeRequests(t *testing.T) {
	p := bundledPlan(t)
	r := run(16)
	single := segment(t, generator(t, p, r), 0)
	r.BatchItems = 50
	g := generator(t, p, r)
	merged := segment(t, g, 0)
	if merged.Items != single.Items || merged.Records >= single.Records {
		t.Fatalf("%d items in %d records, unmerged %d in %d", merged.Items, merged.Records, single.Items, single.Records)
	}
	data := merged.Data
	var decoder otlp.Decoder
	var all []otlp.SpanID
	for n := uint64(1); len(data) > 0; n++ {
		payload, rest, err := otlp.NextFrame(data, otlp.FormatProto)
		if err != nil {
			t.Fatal(err)
		}
		var tr otlp.Traces
		if err := decoder.Traces(&tr, payload, otlp.FormatProto); err != nil {
			t.Fatal(err)
		}
		if len(tr.Spans) < 50 && n < merged.Records {
			t.Errorf("record %d has %d spans", n, len(tr.Spans))
		}
		for _, s := range tr.Spans {
			all = append(all, s.SpanID)
		}
		data = rest
	}
	if slices.SortFunc(all, compareIDs); uint64(len(slices.Compact(all))) != single.Items {
		t.Error("merging lost or repeated spans")
	}
}

func compareIDs(a, b otlp.SpanID) int { return bytes.Compare(a[:], b[:]) }

// TestValuesOutsideTheirSetAreWarnings: such a value may be the point of a
// test, so it is emitted, but never without a word.
func TestValuesOutsideTheirSetAreWarnings(t *testing.T) {
	in := edited(t, bundled(t), "diagnose_device.yaml", "vendor.rag.source: vector_db", "vendor.rag.source: card_index")
	in.Resource.Data = bytes.Replace(in.Resource.Data, []byte("production"), []byte("prod"), 1)
	var p input.Problems
	if Compile(in, Options{}, &p) == nil {
		t.Fatal(p.Err())
	}
	var got []string
	for _, problem := range p.All() {
		got = append(got, problem.String())
	}
	for _, want := range []string{
		`: warning: attribute vendor.rag.source: "card_index" is not among the values that the conventions allow: vector_db`,
		`: warning: attribute deployment.environment.name: "prod" is not among the values that the conventions allow: development`,
	} {
		if !slices.ContainsFunc(got, func(s string) bool { return strings.Contains(s, want) }) {
			t.Errorf("got\n%s\nwant %s", strings.Join(got, "\n"), want)
		}
	}
}

func TestWhatHasNoEffectSaysSo(t *testing.T) {
	for text, want := range map[string]string{
		"name: own\ncontrol_plane: {request_outcome: blocked, block_reason: request_policy}\nroot: {type: planner}\n":                                                        "own.yaml:3:14: warning: root: has no effect: template blocked_request_policy lets no request through",
		"name: own\ncontext: {tenant: brackenwell, agent: care-assistant-01, mcp_server: phone}\nconversation: {turns: [{user_input: a, llm_response: b}], think_time: 5}\n": "own.yaml:1:7: warning: scenario own: conversation.think_time has no effect without a second turn",
		"name: own\ncontrol_plane: {template: blocked_rate_limited, policy_exception: {type: A, message: b}}\n":                                                              "own.yaml:1:7: warning: scenario own: policy_exception has no effect: the policy of template blocked_rate_limited does not fail",
	} {
		var p input.Problems
		Compile(withDefinition(bundled(t), "own.yaml", text), Options{Scenarios: []string{"own"}}, &p)
		if got := p.All(); len(got) != 1 || got[0].String() != want {
			t.Errorf("got %v, want %s", got, want)
		}
	}
}
