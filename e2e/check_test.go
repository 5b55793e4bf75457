package e2e

import (
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// checked is what the tests read of check's report.
type checked struct {
	Verdict        string
	Undecided      []string
	Sent, Received struct {
		Spans, Points uint64
		LogRecords    uint64 `json:"log_records"`
	}
	Totals   checkTotals
	Findings []json.RawMessage
	Losses   *struct {
		Clock, First, Last, Summary string
		Requests                    uint64
	}
}

// checkTotals are counts by class. Those of late are left out: no arrival times are
// known of what the Collector writes.
type checkTotals struct {
	Lost, Duplicated, Altered, Moved, Reordered, Refused uint64

	LostUnknown      uint64 `json:"lost_unknown"`
	MadeUp           uint64 `json:"made_up"`
	SplitTraces      uint64 `json:"split_traces"`
	IncompleteTraces uint64 `json:"incomplete_traces"`
}

// has reports whether some finding is of a kind and speaks of all words.
func (c *checked) has(kind string, words ...string) bool {
	words = append([]string{`"kind": "` + kind + `"`}, words...)
	return slices.ContainsFunc(c.Findings, func(f json.RawMessage) bool {
		return !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(string(f), w) })
	})
}

// check runs the verb over what was received, with rules unless they are empty.
func check(t *testing.T, rules string, args ...string) (c checked) {
	t.Helper()
	args = append([]string{"check", "--report", "json", "--quiet"}, args...)
	if rules != "" {
		path := filepath.Join(t.TempDir(), "rules.yaml")
		if err := os.WriteFile(path, []byte(rules), 0o644); err != nil {
			t.Fatal(err)
		}
		args = append(args, "--rules", path)
	}
	cmd := exec.Command(program(t, "otelsim-replay"), args...)
	out, err := cmd.Output()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	if err := json.Unmarshal(out, &c); err != nil {
		t.Fatalf("%v: %v\n%s", cmd.Args, err, exit.Stderr)
	}
	want := map[string]int{"as expected": 0, "findings": 1, "undecided": 2}
	if code, known := want[c.Verdict]; !known || code != cmd.ProcessState.ExitCode() {
		t.Errorf("%v: verdict %q with exit code %d", cmd.Args, c.Verdict, cmd.ProcessState.ExitCode())
	}
	return c
}

// fault is what rules that do not hold must find: a kind of finding, and words of it.
type fault struct {
	rules string
	kind  string
	words []string
}

// tailSampler says what the tail sampler does beside sampling: it builds traces anew,
// and leaves out the schema URLs of their resources.
const tailSampler = "fields: {where: {signal: traces}, delete: [resource.schema_url]}\n"

// processorCases are processors with rules that say what they do, and with such
// that do not. Unless all is set, the processors stand in the pipeline of traces alone.
var processorCases = []struct {
	name   string
	procs  object
	all    bool
	rules  string
	faults []fault
}{
	{
		name: "batch", all: true,
		procs:  object{"batch": object{"send_batch_size": 50, "send_batch_max_size": 50, "timeout": "200ms"}},
		rules:  "split: allow\n", // it cuts requests where it likes
		faults: []fault{{"", "split_traces", nil}, {"split: allow\nattributes: {add: {a: b}}\n", "altered", []string{"attributes.a", "rules.yaml:2"}}},
	},
	{
		name:  "filter",
		procs: object{"filter": object{"error_mode": "propagate", "traces": object{"span": []string{`name == "vendor.planner"`}}}},
		rules: "filter:\n  drop:\n    - {signal: traces, name: vendor.planner}\n",
		faults: []fault{
			{"", "lost", []string{"traces"}},
			{"filter:\n  drop:\n    - {signal: traces, name: vendor.llm.call}\n", "not_dropped", []string{"rules.yaml:3"}},
		},
	},
	{
		name: "attributes",
		procs: object{"attributes": object{"actions": []object{
			{"key": "deployment.environment", "value": "test", "action": "insert"},
			{"key": "gen_ai.operation.name", "action": "delete"},
			{"key": "gen_ai.request.model", "action": "hash"},
		}}},
		rules: `attributes:
  - where: {signal: traces}
    add: {deployment.environment: test}
    delete: [gen_ai.operation.name]
    hash: [gen_ai.request.model]
`,
		faults: []fault{
			{"", "altered", []string{"attributes.deployment.environment", "added", `"test`}},
			{"", "altered", []string{"attributes.gen_ai.operation.name", "removed"}},
			{"attributes: {where: {signal: traces}, add: {deployment.environment: test}, hash: [gen_ai.request.model]}\n", "altered",
				[]string{"attributes.gen_ai.operation.name", "removed"}},
			{"attributes: {where: {signal: traces}, add: {deployment.environment: prod}}\n", "altered", []string{"rules.yaml:1"}},
		},
	},
	{
		name: "transform",
		procs: object{"transform": object{"error_mode": "propagate", "trace_statements": []string{
			`set(span.name, "model") where span.name == "vendor.llm.call"`,
			`truncate_all(span.attributes, 40)`,
		}}},
		rules: `fields:
  - {where: {signal: traces, name: vendor.llm.call}, set: {name: model}}
attributes:
  - {where: {signal: traces}, truncate: 40}
`,
		faults: []fault{
			{"", "altered", []string{`"name"`, "vendor.llm.call", "model"}},
			{"fields: {where: {signal: traces, name: vendor.llm.call}, set: {name: model}}\n", "altered", []string{"attributes."}},
		},
	},
	{
		name: "tail sampling",
		procs: object{"tail_sampling": object{"decision_wait": "2s", "policies": []object{
			{"name": "errors", "type": "status_code", "status_code": object{"status_codes": []string{"ERROR"}}},
			{"name": "some", "type": "probabilistic", "probabilistic": object{"sampling_percentage": 20}},
		}}},
		rules: "sample: {rate: 0.2, keep: [{status: error}]}\n" + tailSampler,
		faults: []fault{
			{"", "lost", []string{"traces"}},
			{"sample: {rate: 0.9, keep: [{status: error}]}\n" + tailSampler, "rate", nil},
			{"sample: {rate: 0.2, keep: [{min_spans: 1}]}\n" + tailSampler, "lost", []string{"traces"}},
		},
	},
	{
		name:  "probabilistic sampling",
		procs: object{"probabilistic_sampler": object{"mode": "hash_seed", "hash_seed": 22, "sampling_percentage": 30}},
		rules: "sample: {rate: 0.3, consistent: {mode: hash_seed, hash_seed: 22}}\n",
		faults: []fault{
			{"sample: {rate: 0.3, consistent: {mode: hash_seed, hash_seed: 23}}\n", "lost", []string{"traces"}},
			{"sample: {rate: 0.3, consistent: {mode: hash_seed, hash_seed: 23}}\n", "not_dropped", []string{"rules.yaml:1"}},
		},
	},
	{
		name:  "proportional sampling",
		procs: object{"probabilistic_sampler": object{"mode": "proportional", "sampling_percentage": 30}},
		rules: "sample: {rate: 0.3, consistent: {mode: proportional}}\n",
		faults: []fault{
			{"sample: {rate: 0.5, consistent: {mode: proportional}}\n", "lost", []string{"traces"}},
		},
	},
	{
		name:   "redaction",
		procs:  object{"redaction": object{"allow_all_keys": true, "blocked_key_patterns": []string{"gen_ai.request.model"}}},
		rules:  "attributes: {where: {signal: traces}, mask: {keys: [gen_ai.request.model]}}\n",
		faults: []fault{{"", "altered", []string{"attributes.gen_ai.request.model", "****"}}},
	},
}

// TestCheckProcessors sends a corpus through one processor after the other, and checks
// what comes out by rules that hold and by rules that do not.
func TestCheckProcessors(t *testing.T) {
	for _, p := range processorCases {
		t.Run(p.name, func(t *testing.T) {
			s := corpus(t, "proto", "200")
			set := setup{forms: []form{protoFrames}, procs: p.procs, only: map[string][]string{}}
			for name := range p.procs {
				set.only["traces"] = append(set.only["traces"], name)
			}
			if p.all {
				set.names, set.only = set.only["traces"], nil
			}
			c := start(t, set)
			ledger := filepath.Join(t.TempDir(), "ledger.zst")
			flags := append(link{"grpc", "none"}.flags(c, false), "--time", "now", "--rps", "300", "--laps", "2", "--ledger", ledger, s.dir)
			replay(t, flags...).wait(t).all(t)
			c.stop(t)
			what := []string{"--ledger", ledger, s.dir, filepath.Join(c.dir, protoFrames.name)}
			if got := check(t, p.rules, what...); got.Verdict != "as expected" {
				t.Errorf("rules that hold: %+v, %.2000s", got.Totals, got.Findings)
			} else if got.Received.Spans == 0 || got.Received.Points == 0 || got.Received.LogRecords == 0 {
				t.Errorf("nothing was judged: %+v", got.Received)
			}
			for _, f := range p.faults {
				if got := check(t, f.rules, what...); got.Verdict != "findings" || !got.has(f.kind, f.words...) {
					t.Errorf("rules %q: want a finding %s with %q, got %s, %.2000s", f.rules, f.kind, f.words, got.Verdict, got.Findings)
				}
			}
		})
	}
}
