package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestBadInputWritesNothing gives the command one mistake at a time: it says
// where it is and what is allowed, exits with 2 and leaves no corpus behind.
func TestBadInputWritesNothing(t *testing.T) {
	const head = "name: own\ncontext: {tenant: brackenwell, agent: care-assistant-01, mcp_server: phone}\n"
	const tree = head + "root: {type: a2a.orchestrate, children: [%]}\n"
	in := func(child string) string { return strings.Replace(tree, "%", child, 1) }
	bomb := "x0: &x0 [a, a, a, a, a, a, a, a, a, a]\n"
	for i := '1'; i <= '8'; i++ {
		before := string(i - 1)
		bomb += "x" + string(i) + ": &x" + string(i) + " [" + strings.Repeat("*x"+before+", ", 9) + "*x" + before + "]\n"
	}
	for what, row := range map[string]struct{ text, want string }{
		"an unknown key":         {head + "wieght: 3\n", `own.yaml:3:1: unknown key "wieght"`},
		"an unknown span type":   {in("{type: plannr}"), `own.yaml:3:49: root.children[0].type: unknown span type "plannr"; did you mean "planner"?`},
		"an unknown tool":        {in("{type: mcp.tool.execute, attributes: {gen_ai.tool.name: new_clam}}"), `did you mean "new_claim"?`},
		"a wrong type":           {head + "workload_weight: heavy\n", `own.yaml:3:18: workload_weight: found string "heavy", want a number`},
		"a second name":          {"name: new_claim_phone\n" + strings.TrimPrefix(head, "name: own\n"), `own.yaml:1:7: duplicate scenario "new_claim_phone"; the first is at `},
		"a probability of 1.5":   {in("{type: planner, probability: 1.5}"), `own.yaml:3:71: root.children[0].probability: 1.5 is not between 0 and 1`},
		"a negative latency":     {in("{type: planner, latency: -1}"), `own.yaml:3:67: root.children[0].latency: -1 is negative`},
		"no turns":               {head + "conversation: {turns: []}\n", `own.yaml:3:23: conversation.turns: no turns; a conversation needs at least one`},
		"broken YAML":            {head + "root: {type: [\n", `own.yaml:4:1: broken YAML: `},
		"an alias bomb":          {head + bomb, `own.yaml:8:10: more than 200000 values after expanding aliases`},
		"deep nesting":           {head + "root: " + strings.Repeat("[", 200) + strings.Repeat("]", 200) + "\n", `own.yaml:3:106: nested deeper than 100 levels`},
		"a key twice":            {head + "name: again\n", `own.yaml:3:1: duplicate key "name"; the first is in line 1`},
		"bytes that are no text": {head + "description: \xff\xfe\n", `own.yaml:3:14: byte 0xff is not UTF-8`},
		"a file of 5 MiB":        {head + strings.Repeat("# filler\n", 5<<20/9), `own.yaml: file is larger than the limit`},
	} {
		t.Run(what, func(t *testing.T) {
			dir := t.TempDir()
			definitions := filepath.Join(dir, "definitions")
			if err := os.CopyFS(definitions, os.DirFS("../../definitions")); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(definitions, "own.yaml"), []byte(row.text), 0o600); err != nil {
				t.Fatal(err)
			}
			var stdout, stderr bytes.Buffer
			code := run(context.Background(), []string{"--definitions", definitions, "-o", filepath.Join(dir, "corpus")}, &stdout, &stderr)
			if code != exitUsage || !strings.Contains(stderr.String(), row.want) {
				t.Errorf("exit %d, said\n%s\nwant %d and %q", code, stderr.String(), exitUsage, row.want)
			}
			if _, err := os.Stat(filepath.Join(dir, "corpus")); err == nil {
				t.Error("a corpus was written")
			}
		})
	}
}

// Conventions that are neither bundled nor a file: the name may be misspelt, the
// path may be wrong.
func TestConventionsThatAreNotThere(t *testing.T) {
	for name, want := range map[string]string{
		"gnai":      `gnai: no such file, and unknown name of bundled conventions "gnai"; did you mean "genai"?`,
		"gnai.yaml": "gnai.yaml: read file: ",
		"a/genai":   "a/genai: read file: ",
	} {
		var stdout, stderr bytes.Buffer
		dir := filepath.Join(t.TempDir(), "corpus")
		code := run(context.Background(), []string{"--semconv", name, "-n", "1", "-o", dir}, &stdout, &stderr)
		if code != exitUsage || !strings.HasPrefix(stderr.String(), want) {
			t.Errorf("--semconv %s: exit %d, said\n%s\nwant %d and %q", name, code, stderr.String(), exitUsage, want)
		}
		if _, err := os.Stat(dir); err == nil {
			t.Errorf("--semconv %s: a corpus was written", name)
		}
	}
}
