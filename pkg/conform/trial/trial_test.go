package trial_test

import (
	"bytes"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/otelsim/otelsim/config"
	"github.com/otelsim/otelsim/definitions"
	"github.com/otelsim/otelsim/pkg/build"
	"github.com/otelsim/otelsim/pkg/build/input"
	"github.com/otelsim/otelsim/pkg/conform/trial"
)

// bundled reads the inputs that come with the program, of the definitions those
// that are named, or all.
func bundled(t testing.TB, names ...string) build.Inputs {
	t.Helper()
	read := func(files fs.FS, name string) input.File {
		data, err := fs.ReadFile(files, name)
		if err != nil {
			t.Fatal(err)
		}
		return input.File{Name: name, Data: data}
	}
	in := build.Inputs{
		Config: read(config.FS, "config.yaml"), Resource: read(config.FS, "resource.yaml"), Semconv: read(config.FS, "semconv.yaml"),
		Bundled: len(names) == 0,
	}
	if len(names) == 0 {
		var err error
		if names, err = fs.Glob(definitions.FS, "*.yaml"); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range names {
		in.Definitions = append(in.Definitions, read(definitions.FS, name))
	}
	return in
}

// held validates inputs, holds them to the rules, and returns what is said.
func held(t *testing.T, in build.Inputs) string {
	t.Helper()
	var p input.Problems
	c := build.Validate(in, "", &p)
	if c == nil {
		t.Fatal(p.Err())
	}
	trial.Hold(&p, c.Plans...)
	var lines []string
	for _, problem := range p.All() {
		lines = append(lines, problem.String())
	}
	return strings.Join(lines, "\n")
}

// TestBundledInputsBreakNoRule says once what no validate of a user finds out again.
func TestBundledInputsBreakNoRule(t *testing.T) {
	for _, conventions := range []string{"semconv.yaml", "semconv-genai.yaml"} {
		in := bundled(t)
		data, err := fs.ReadFile(config.FS, conventions)
		if err != nil {
			t.Fatal(err)
		}
		in.Semconv = input.File{Name: conventions, Data: data}
		if got := held(t, in); got != "" {
			t.Errorf("%s: got\n%s", conventions, got)
		}
	}
}

// rare is a scenario in which what is wrong happens once in 10^12 iterations.
const rare = `name: rare
context: {tenant: brackenwell, agent: care-assistant-01, mcp_server: phone}
root:
  type: a2a.orchestrate
  children:
    - type: llm.call
      attributes: {gen_ai.request.model: gpt-4o}
      error: {rate: 0.000000000001, types: [timeout]}
    - type: mcp.tool.execute
      probability: 0.000000000001
      attributes:
        gen_ai.tool.name: new_claim
    - type: tools.recommend
      attributes:
        vendor.mcp.tools.selected.count: {distribution: normal, mean: 3, stddev: 0.4}
    - type: llm.call
`

// Each row breaks one rule by the files alone, and is told where it is broken.
func TestWhatVerifyWouldFindIsToldAtLoad(t *testing.T) {
	for _, row := range []struct {
		why      string
		file     string // of the change
		from, to string
		want     []string
	}{
		{"a resource without a required attribute", "resource.yaml", "    deployment.environment.name: production\n    module: data-plane\n", "    module: data-plane\n",
			[]string{"resource.yaml:22:3: warning: verify would find: resource-missing: attribute deployment.environment.name is required; semconv.yaml:"}},
		{"a template without what its step needs", "config.yaml", "        policy.engine: content_guard\n", "",
			[]string{`warning: span vendor.validation.policy: verify would find: attribute-missing: attribute vendor.policy.engine is required`}},
		{"an outcome that the conventions do not allow", "semconv.yaml", "allowed_values: [success, fail, skipped]", "allowed_values: [fine, fail, skipped]",
			[]string{`verify would find: attribute-value: attribute vendor.step.outcome has the value "success"`, "defines it"}},
		{"a failure that is next to impossible", "semconv.yaml", "timeout", "time_out", []string{"verify would find: attribute-value: attribute error.type has the value \"timeout\""}},
		{"a branch that is next to impossible", "semconv.yaml", "  vendor.mcp.tool.uuid:\n    type: string\n", "  vendor.mcp.tool.uuid:\n    type: int\n",
			[]string{"rare.yaml:9:13: warning: span vendor.mcp.tool.execute: verify would find: attribute-type: attribute vendor.mcp.tool.uuid is not of type int; semconv.yaml:"}},
		{"nothing", "rare.yaml", "name: rare", "name: rare", nil},
		{"a number that is drawn", "rare.yaml", "{distribution: normal, mean: 3, stddev: 0.4}", "{distribution: normal, mean: 8, stddev: 1}",
			[]string{"rare.yaml:13:13: warning: span vendor.tools.recommend: verify would find: tools-selected"}},
		{"the name of a tool on a model", "rare.yaml", "gen_ai.request.model: gpt-4o}", "gen_ai.request.model: gpt-4o, gen_ai.tool.name: pay}",
			[]string{`rare.yaml:6:13: warning: span vendor.llm.call: verify would find: tool-name: the name of tool "pay"`}},
		{"messages that are none", "rare.yaml", "gen_ai.request.model: gpt-4o}", "gen_ai.request.model: gpt-4o, gen_ai.output.messages: Hello}",
			[]string{"rare.yaml:6:13: warning: span vendor.llm.call: verify would find: messages: gen_ai.output.messages: no JSON list"}},
		{"more of a cache than there is", "rare.yaml", "gen_ai.request.model: gpt-4o}", "gen_ai.request.model: gpt-4o, gen_ai.usage.cache_read.input_tokens: 1000000000}",
			[]string{"rare.yaml:6:13: warning: span vendor.llm.call: verify would find: tokens-cached: "}},
	} {
		t.Run(row.why, func(t *testing.T) {
			in := bundled(t, "request_blocked_rate_limited.yaml", "new_claim_phone.yaml")
			in.Definitions = append(in.Definitions, input.File{Name: "rare.yaml", Data: []byte(rare)})
			done := false
			for _, f := range []*input.File{&in.Config, &in.Resource, &in.Semconv, &in.Definitions[2]} {
				if f.Name == row.file {
					done = bytes.Contains(f.Data, []byte(row.from))
					f.Data = bytes.ReplaceAll(f.Data, []byte(row.from), []byte(row.to))
				}
			}
			if !done {
				t.Fatalf("%s does not hold %q", row.file, row.from)
			}
			got := held(t, in)
			if len(row.want) == 0 && got != "" {
				t.Errorf("got\n%s", got)
			}
			for _, want := range row.want {
				if !strings.Contains(got, want) {
					t.Errorf("got\n%s\nwant %s", got, want)
				}
			}
		})
	}
}

// What an attribute has that spans, metrics and log records carry is told of spans.
func TestAFaultIsToldOnce(t *testing.T) {
	in := bundled(t, "new_claim_phone.yaml", "with_rag.yaml")
	in.Semconv.Data = bytes.ReplaceAll(in.Semconv.Data, []byte("allowed_values: [success, fail, skipped]"), []byte("allowed_values: [fine, fail, skipped]"))
	if got := held(t, in); strings.Contains(got, "find: log ") || strings.Contains(got, "find: metric ") || !strings.Contains(got, "span vendor.") {
		t.Errorf("got\n%s", got)
	}
}

var full = flag.Bool("full", false, "try inputs as large as they can be")

// The largest scenarios that load are tried in a time that a user can wait; without
// -full they are a tenth as large.
func TestTrialsOfHugeInputsAreBounded(t *testing.T) {
	turns, scenarios := 2, 6
	if *full {
		turns, scenarios = 20, 60
	}
	huge := strings.Replace(rare, "root:", "conversation:\n  turns:\n"+strings.Repeat("    - {user_input: a, llm_response: b}\n", turns)+"root:", 1) +
		"    - type: planner\n      count: 1000\n      children: [{type: task.execute, count: 3}]\n"
	many := make([]input.File, 0, scenarios)
	for i := range scenarios {
		name := fmt.Sprintf("s%03d", i)
		many = append(many, input.File{Name: name + ".yaml", Data: []byte(strings.Replace(rare, "name: rare", "name: "+name, 1))})
	}
	for why, files := range map[string][]input.File{"one": {{Name: "huge.yaml", Data: []byte(huge)}}, "many": many} {
		in := bundled(t, "with_rag.yaml")
		in.Definitions = files
		start := time.Now()
		var p input.Problems
		c := build.Validate(in, "", &p)
		if c == nil {
			t.Fatal(p.Err())
		}
		compiled := time.Now()
		trial.Hold(&p, c.Plans...)
		t.Logf("%s: %v to compile, %v to try", why, compiled.Sub(start), time.Since(compiled))
		if took := time.Since(compiled); took > time.Minute {
			t.Errorf("%s: it took %v", why, took)
		}
	}
}

// FuzzHold tries what people could write as a scenario. It neither fails nor
// takes long, whatever they say.
func FuzzHold(f *testing.F) {
	in := bundled(f, "with_rag.yaml")
	f.Add([]byte(rare))
	for _, d := range bundled(f).Definitions {
		f.Add(d.Data)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		one := in
		one.Definitions = []input.File{{Name: "f.yaml", Data: text}}
		var p input.Problems
		if c := build.Validate(one, "", &p); c != nil {
			trial.Hold(&p, c.Plans...)
		}
		for _, problem := range p.All() {
			if problem.Pos.File == "" {
				t.Errorf("a problem without a place: %s", problem)
			}
		}
	})
}

// Inputs that were written for the program that this one takes after break no
// rule of their own conventions.
func TestForeignInputsBreakNoRule(t *testing.T) {
	files := os.DirFS("../../build/testdata/reference")
	read := func(name string) input.File {
		data, err := fs.ReadFile(files, name)
		if err != nil {
			t.Fatal(err)
		}
		return input.File{Name: name, Data: data}
	}
	in := build.Inputs{Config: read("config.yaml"), Resource: read("resource.yaml"), Semconv: read("semconv.yaml"), Bundled: true}
	names, err := fs.Glob(files, "definitions/*.yaml")
	if err != nil || len(names) == 0 {
		t.Fatal(names, err)
	}
	for _, name := range names {
		in.Definitions = append(in.Definitions, read(name))
	}
	if got := held(t, in); strings.Contains(got, "verify would find") {
		t.Errorf("got\n%s", got)
	}
}

// TestInstancesAreHeldToTheRulesToo: series of several instances are told apart.
func TestInstancesAreHeldToTheRulesToo(t *testing.T) {
	in := bundled(t, "new_claim_phone.yaml")
	in.Config.Data = append(bytes.Clone(in.Config.Data), "\ncardinality: {instances: 3}\n"...)
	if found := held(t, in); found != "" {
		t.Error(found)
	}
}
