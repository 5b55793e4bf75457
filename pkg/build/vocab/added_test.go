package vocab_test

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

const (
	addedRow = `	{
		Name: "memory.recall", Kind: client, Component: "retrieval", Latency: 30, Failure: "timeout",
		Carries: []string{"step.outcome"},
		Log: Log{
			Story: Ended, Event: "memory.recall", Noun: "recall of memories", About: "* memory.store",
			Copy: "* memory.store  * step.outcome",
		},
	},
`
	addedSpan = `  vendor.memory.recall:
    span_kind: CLIENT
    parent: vendor.planner
`
	addedSection = `
memory_recall_attributes:
  vendor.span.class: {type: string, required: true, allowed_values: [memory.recall]}
  vendor.step.outcome: {type: string, required: true, allowed_values: [success, fail]}
  vendor.memory.store: {type: string, required: true, allowed_values: [notebook]}
`
	addedScenario = `name: remembering
workload_weight: 1
context: {tenant: tarnmere, agent: sales-assistant-01}
root:
  children:
    - type: planner
      children:
        - {type: memory.recall, error: {rate: 0.5}}
`
)

// A span type is a row of the table and an entry of the conventions: with both,
// the program generates, shows, judges and logs it, and no other file of Go code
// has changed.
func TestATypeIsARowAndItsConventions(t *testing.T) {
	if testing.Short() {
		t.Skip("builds a program")
	}
	p := buildWithRow(t)
	p.write("definitions/remembering.yaml", addedScenario)
	p.write("semconv.yaml", conventions(t, addedSpan, addedSection))
	inputs := []string{"--semconv", "semconv.yaml", "--definitions", "definitions"}

	p.run(0, append(inputs, "-n", "200", "--seed", "42", "-o", "corpus")...)
	shown := p.run(0, "show", "corpus", "--iteration", "0-199")
	for _, want := range []string{"vendor.memory.recall", "recall of memories notebook succeeded", "recall of memories notebook failed: timeout"} {
		if !strings.Contains(shown, want) {
			t.Errorf("nothing shown says %q", want)
		}
	}
	p.run(0, append([]string{"verify", "corpus", "--regenerate"}, inputs...)...)

	// The judge looks at it: by the conventions, and by its class.
	for _, row := range []struct{ name, from, to, finding string }{
		{"value", "type: memory.recall", "type: memory.recall, attributes: {vendor.memory.store: shelf}", `vendor.memory.store has the value "shelf"`},
		{"outcome", "type: memory.recall, error: {rate: 0.5}", "type: memory.recall, attributes: {vendor.step.outcome: fail}", `vendor.step.outcome is "fail" and the status UNSET`},
		{"class", "type: memory.recall", "type: memory.recall, attributes: {vendor.span.class: planner}", `span.class is "planner" on a span of type memory.recall`},
	} {
		p.write(row.name+"/remembering.yaml", strings.Replace(addedScenario, row.from, row.to, 1))
		p.run(0, "--semconv", "semconv.yaml", "--definitions", row.name, "-n", "20", "-o", row.name+".corpus")
		if got := p.run(1, "verify", row.name+".corpus"); !strings.Contains(got, row.finding) {
			t.Errorf("%s: nothing says that %s:\n%s", row.name, row.finding, got)
		}
	}
}

// program is an otelsim-gen with a row more, in a directory of its own.
type program struct {
	t   *testing.T
	dir string
}

func buildWithRow(t *testing.T) *program {
	p := &program{t, t.TempDir()}
	table, err := os.ReadFile("table.go")
	if err != nil {
		t.Fatal(err)
	}
	const next = "\t{\n\t\tName: Planner,"
	if !bytes.Contains(table, []byte(next)) {
		t.Fatalf("the table has no row that begins with %q", next)
	}
	p.write("table.go", strings.Replace(string(table), next, addedRow+next, 1))
	here, err := filepath.Abs("table.go")
	if err != nil {
		t.Fatal(err)
	}
	overlay, err := json.Marshal(map[string]map[string]string{"Replace": {here: filepath.Join(p.dir, "table.go")}})
	if err != nil {
		t.Fatal(err)
	}
	p.write("overlay.json", string(overlay))
	build := exec.Command("go", "build", "-overlay", filepath.Join(p.dir, "overlay.json"), "-o", p.dir, "../../../cmd/otelsim-gen")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	return p
}

func (p *program) write(name, text string) {
	p.t.Helper()
	path := filepath.Join(p.dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		p.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		p.t.Fatal(err)
	}
}

// run runs the program and returns its output. code is the exit code it should
// have.
func (p *program) run(code int, args ...string) string {
	p.t.Helper()
	c := exec.Command(filepath.Join(p.dir, "otelsim-gen"), args...)
	c.Dir = p.dir
	out, _ := c.CombinedOutput()
	if got := c.ProcessState.ExitCode(); got != code {
		p.t.Fatalf("otelsim-gen %s: exit code %d, want %d\n%s", strings.Join(args, " "), got, code, out)
	}
	return string(out)
}

// conventions are the bundled ones with one type more.
func conventions(t *testing.T, span, section string) string {
	text, err := os.ReadFile("../../../config/semconv.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return strings.Replace(string(text), "\nspan_names:\n", "\nspan_names:\n"+span, 1) + section
}
