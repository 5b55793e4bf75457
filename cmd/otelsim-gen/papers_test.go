package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/otelsim/otelsim/internal/cmdline"
	"github.com/otelsim/otelsim/internal/shells"
)

// printed returns what a run prints that ends well.
func printed(t *testing.T, args ...string) string {
	t.Helper()
	var out, errOut bytes.Buffer
	if code := run(context.Background(), args, &out, &errOut); code != exitDone || errOut.Len() > 0 {
		t.Fatalf("%q: exit %d: %s", args, code, errOut.String())
	}
	return out.String()
}

// described returns the command with its verbs.
func described(t *testing.T) cmdline.Command {
	t.Helper()
	var o options
	c, err := describeCommand(newFlags(&o))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestCompletion completes verbs, flags and values in the shells themselves.
func TestCompletion(t *testing.T) {
	for _, v := range variables {
		t.Setenv(v.name, "")
	}
	dir := t.TempDir()
	own := filepath.Join(dir, "own")
	if err := os.MkdirAll(own, 0o777); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile("../../definitions/tool_retry.yaml")
	if err != nil {
		t.Fatal(err)
	}
	data = bytes.Replace(data, []byte("name: tool_retry"), []byte("name: tool_of_ours"), 1)
	if err := os.WriteFile(filepath.Join(own, "own.yaml"), data, 0o666); err != nil {
		t.Fatal(err)
	}
	verbs := append(verbNames(), verbHelp)
	var tools []string
	for _, name := range described(t).Verbs[0].Groups[1].Flags[0].Values {
		if strings.HasPrefix(name, "tool") {
			tools = append(tools, name)
		}
	}
	cases := map[string][]string{
		"":                     verbs,
		"v":                    {"validate", "verify"},
		"--seed 3 v":           {"validate", "verify"},
		"help s":               {"seal", "show", "stats"},
		"--interv":             {"--interval", "--interval-deviation"},
		"show --con":           {"--config", "--content"},
		"--seed 1 show --it":   {"--iteration"},
		"seal --it":            nil,
		"--format ":            {"json", "proto"},
		"--format=p":           {"proto"},
		"--signals ":           {"logs", "metrics", "traces"},
		"--signals traces,me":  {"metrics"},
		"--signals=traces,me":  {"metrics"},
		"verify --report ju":   {"junit"},
		"--semconv ge":         {"genai"},
		"--scenario tool":      tools,
		"show --scenario=tool": tools,
		"--definitions " + own + " --scenario tool": {"tool_of_ours"},
		"--definitions=" + own + " --scenario tool": {"tool_of_ours"},
		"--completion z": {"zsh"},
		// Paths, where a flag or a verb takes them, and nowhere else.
		"--config " + dir + "/ow":  {own},
		"--semconv " + dir + "/ow": {own},
		"verify " + dir + "/ow":    {own},
		"--seed " + dir + "/ow":    nil,
		"list " + dir + "/ow":      nil,
	}
	shells.Check(t, cmdline.Shells, "otelsim-gen ", own, cases, func(shell string) string { return printed(t, "--completion", shell) })
}

// TestCompletedValuesAreTaken: no flag refuses a word that completes it.
func TestCompletedValuesAreTaken(t *testing.T) {
	for _, v := range variables {
		t.Setenv(v.name, "")
	}
	known := 0
	for _, v := range described(t).Verbs {
		for _, g := range v.Groups {
			for _, f := range g.Flags {
				for _, value := range f.Values {
					var o options
					flags := newFlags(&o)
					o.verb = v.Name
					if err := flags.set.Parse([]string{"--" + f.Name, value}); err != nil || flags.problems.Err() != nil {
						t.Errorf("%s --%s %s: %v, %v", v.Name, f.Name, value, err, flags.problems.Err())
					}
					known++
				}
			}
		}
	}
	if known < 100 {
		t.Errorf("only %d values complete", known)
	}
	for _, args := range [][]string{{"--completion", "csh"}, {"--completion="}} {
		if code := run(context.Background(), args, &bytes.Buffer{}, &bytes.Buffer{}); code != exitUsage {
			t.Errorf("%q: exit %d", args, code)
		}
	}
}

// TestManual: the page is sound, and has every verb and every flag.
func TestManual(t *testing.T) {
	shells.CheckManual(t, described(t), printed(t, "--manual"))
}
