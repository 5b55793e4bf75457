package e2e

import (
	"encoding/xml"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// example is a copy of the folder that users copy, with addresses of its own.
type example struct {
	dir string
	env []string
}

func newExample(t *testing.T) *example {
	t.Helper()
	e := &example{dir: filepath.Join(t.TempDir(), "pipeline")}
	if err := os.CopyFS(e.dir, os.DirFS("../examples/pipeline")); err != nil {
		t.Fatal(err)
	}
	address := freeAddress(t)
	e.edit(t, "collector.yaml", "127.0.0.1:4317", address)
	e.env = append(os.Environ(), "MAKEFLAGS=", "ENDPOINT=http://"+address, "GEN="+program(t, "otelsim-gen"),
		"REPLAY="+program(t, "otelsim-replay"), "COLLECTOR="+program(t, "collector"))
	return e
}

// edit replaces a text, which must be in the file, wherever it is.
func (e *example) edit(t *testing.T, file, old, new string) {
	t.Helper()
	path := filepath.Join(e.dir, file)
	data, err := os.ReadFile(path)
	if err != nil || !strings.Contains(string(data), old) {
		t.Fatalf("%s has no %q: %v", file, old, err)
	}
	if err := os.WriteFile(path, []byte(strings.ReplaceAll(string(data), old, new)), 0o644); err != nil {
		t.Fatal(err)
	}
}

// make makes a target, which must end well if it is to be green. It returns the names of
// the test cases of check.xml, each with whether it failed.
func (e *example) make(t *testing.T, target string, green bool) map[string]bool {
	t.Helper()
	cmd := exec.Command("make", target)
	cmd.Dir, cmd.Env = e.dir, e.env
	if out, err := cmd.CombinedOutput(); (err == nil) != green {
		t.Fatalf("make %s: %v\n%s", target, err, out)
	}
	var suites struct {
		Cases []struct {
			Name    string    `xml:"name,attr"`
			Failure *struct{} `xml:"failure"`
		} `xml:"testsuite>testcase"`
	}
	data, err := os.ReadFile(filepath.Join(e.dir, "build/check.xml"))
	if err != nil {
		t.Fatal(err)
	}
	if err := xml.Unmarshal(data, &suites); err != nil {
		t.Fatalf("%v\n%s", err, data)
	}
	cases := map[string]bool{}
	for _, c := range suites.Cases {
		cases[c.Name] = c.Failure != nil
	}
	return cases
}

// TestExample makes what users copy green, then red by a processor of which no rule
// speaks, then green again by the rule.
func TestExample(t *testing.T) {
	e := newExample(t)
	cases := e.make(t, "check", true)
	for _, name := range []string{"decided", "lost", "altered"} {
		if failed, known := cases[name]; !known || failed {
			t.Errorf("a pipeline that does as it is told, %s: there %v, failed %v", name, known, failed)
		}
	}

	e.edit(t, "collector.yaml", "processors:\n", "processors:\n  probabilistic_sampler: {mode: proportional, sampling_percentage: 50}\n")
	e.edit(t, "collector.yaml", "traces: {receivers: [otlp], processors: [", "traces: {receivers: [otlp], processors: [probabilistic_sampler, ")
	cases = e.make(t, "check", false)
	if cases["decided"] || !cases["lost"] {
		t.Errorf("a pipeline that drops half of the traces: %v", cases)
	}

	e.edit(t, "rules.yaml", "attributes:\n", "sample: {rate: 0.5, consistent: {mode: proportional}}\nattributes:\n")
	if cases = e.make(t, "judge", true); cases["lost"] {
		t.Errorf("rules that tell of the sampler: %v", cases)
	}
}
