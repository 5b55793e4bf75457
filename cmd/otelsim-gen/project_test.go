package main

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/otelsim/otelsim/pkg/build/input"
)

// commandLineOnly are the flags of generate that a project does not have: what they
// say is of one run.
var commandLineOnly = []string{
	"project", "output", "shard", "resume", "force", "dry-run", "workers",
	"show-spans", "show-full-spans", "quiet", "help", "version", "completion",
}

// A flag is a key of a project, or is said to be none: a new one is not forgotten.
func TestProjectsHaveTheFlagsOfGenerate(t *testing.T) {
	var keys []string
	for _, in := range projectInputs {
		keys = append(keys, in.flag)
	}
	keys = append(keys, projectOptions...)
	f := newFlags(new(options))
	for _, g := range f.groups {
		for _, h := range g.flags {
			if _, ok := f.lookup(h.name, verbGenerate); !ok {
				continue
			}
			if slices.Contains(keys, h.name) == slices.Contains(commandLineOnly, h.name) {
				t.Errorf("--%s: in a project, or of the command line only?", h.name)
			}
		}
	}
	for _, flag := range projectOptions {
		if _, ok := f.lookup(flag, verbGenerate); !ok {
			t.Errorf("generate has no --%s", flag)
		}
	}
}

// TestProjectsAreDocumented: the page has every key.
func TestProjectsAreDocumented(t *testing.T) {
	data, err := os.ReadFile("../../docs/projects.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range append(projectKeys(), projectOptions...) {
		if !strings.Contains(string(data), "`"+key+"`") {
			t.Errorf("docs/projects.md does not name %s", key)
		}
	}
}

// readText reads a project of a text.
func readText(t testing.TB, data string) (*project, *input.Problems) {
	t.Helper()
	name := t.TempDir() + "/p.yaml"
	if err := os.WriteFile(name, []byte(data), 0o666); err != nil {
		t.Fatal(err)
	}
	p := new(input.Problems)
	return readProject(name, p), p
}

// Values are written as flags take them, or as YAML has them.
func TestProjectValues(t *testing.T) {
	for _, row := range []struct{ text, flag, want string }{
		{"prefix: ' acme '", "vendor", "acme"},
		{"conventions: genai", "semconv", "genai"},
		{"config: bundled", "config", "bundled"},
		{"definitions: bundled", "definitions", "bundled"},
		{"options: {seed: 18446744073709551615}", "seed", "18446744073709551615"},
		{"options: {count: 10k}", "count", "10k"},
		{"options: {count: '10_000'}", "count", "10_000"},
		{"options: {count: 1e4}", "count", "1e4"},
		{"options: {start: 2026-02-03T04:05:06Z}", "start", "2026-02-03T04:05:06Z"},
		{"options: {signals: [logs, traces]}", "signals", "logs,traces"},
		{"options: {signals: 'logs, traces'}", "signals", "logs, traces"},
		{"options: {tags: [a, b]}", "tags", "a|b"},
		{"options: {scenario: one}", "scenario", "one"},
		{"options: {each-once: yes}", "each-once", "true"},
		{"options: {interval: 0s}", "interval", "0s"},
	} {
		out, p := readText(t, row.text+"\n")
		if p.Errors() > 0 || len(out.settings) != 1 {
			t.Errorf("%s: got %v, %v", row.text, out.settings, p.All())
			continue
		}
		if s := out.settings[0]; s.flag != row.flag || strings.Join(s.values, "|") != row.want {
			t.Errorf("%s: got %+v", row.text, s)
		}
	}
	for _, text := range []string{"prefix:", "options:", "options: {seed: }", "description: mine"} {
		if out, p := readText(t, text+"\n"); p.Errors() > 0 || len(out.settings) > 0 {
			t.Errorf("%s: got %v, %v, want nothing", text, out.settings, p.All())
		}
	}
}

// FuzzProject: no text makes the reader of projects panic, and what it keeps is what
// flags take.
func FuzzProject(f *testing.F) {
	f.Add("prefix: acme\nconfig: config.yaml\ndefinitions: [bundled, mine]\nconventions: genai\nregistries: x\n")
	f.Add("options: {seed: 7, count: 10k, tags: [a, 'b,c'], signals: [traces], start: 2026-02-03T04:05:06Z, each-once: yes}\n")
	f.Add("options: {metric-interval: 5s, signals: traces, interval: -1s}\nvendor: [{}]\n")
	f.Fuzz(func(t *testing.T, text string) {
		out, p := readText(t, text)
		if p.Errors() == 0 && out.file.Err != nil {
			t.Error("a file that was not read has no problems")
		}
		for _, s := range out.settings {
			if len(s.values) == 0 || len(s.values) != len(s.at) {
				t.Errorf("%s: %d values, %d places", s.key, len(s.values), len(s.at))
			}
		}
	})
}
