package definitions_test

import (
	"io/fs"
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

func TestBundledScenariosLoadWithoutProblems(t *testing.T) {
	var got []string
	for _, d := range load(t) {
		got = append(got, d.Name)
	}
	want := []string{"blocked_by_policy", "claim_conversation", "diagnose_device", "file_claim_handset"}
	if !slices.Equal(got, want) {
		t.Errorf("scenarios: got %v, want %v", got, want)
	}
}

func TestScenariosAreFoundByTheirName(t *testing.T) {
	for _, d := range load(t) {
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
		data, err := definitions.FS.ReadFile(d.Name + ".yaml")
		if err != nil {
			t.Fatal(err)
		}
		if comments := strings.Count("\n"+string(data), "\n#"); comments < 3 {
			t.Errorf("scenario %s: got %d lines of comment at the margin, want at least 3", d.Name, comments)
		}
	}
}

func TestTheFourScenariosShowFourFeatures(t *testing.T) {
	by := map[string]scenario.Definition{}
	for _, d := range load(t) {
		by[d.Name] = d
	}
	if d := by["file_claim_handset"]; len(d.Steps) != 5 || d.Server != "handset" || d.Template != "allowed" {
		t.Errorf("file_claim_handset: got %d steps on %q, template %q; want a workflow on handset, allowed", len(d.Steps), d.Server, d.Template)
	}
	if d := by["claim_conversation"]; len(d.Turns) < 3 || d.ThinkTime == nil {
		t.Errorf("claim_conversation: got %d turns, think time %v; want at least 3 and some", len(d.Turns), d.ThinkTime)
	}
	if d := by["blocked_by_policy"]; d.Template != "blocked_request_policy" || d.Steps != nil || d.Root != nil {
		t.Errorf("blocked_by_policy: got template %q, want blocked_request_policy and no work", d.Template)
	}
	if d := by["diagnose_device"]; d.Root == nil || len(d.Root.Children) < 5 || d.Steps != nil {
		t.Errorf("diagnose_device: got root %v, want a tree and no steps", d.Root)
	}
}
