package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"
)

// raw is text that a terminal would obey: it changes colours and the title,
// clears lines, in seven and eight bits, and turns the direction of writing.
const raw = "x\x1b[31m\x1b]0;title\x07\rx\u009b31mx\u202ex\x7f"

// TestNothingRawReachesTheTerminal gives raw text to everything that people
// and files can name, and looks for it in all that is printed.
func TestNothingRawReachesTheTerminal(t *testing.T) {
	dir := t.TempDir()
	odd := filepath.Join(dir, raw)
	definitions := filepath.Join(odd, "definitions")
	write := func(path, text string, args ...any) string {
		t.Helper()
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, fmt.Appendf(nil, text, args...), 0o666); err != nil {
			t.Fatal(err)
		}
		return path
	}
	escaped := strings.NewReplacer("\x1b", `\x1b`, "\x07", `\x07`, "\r", `\r`, "\u009b", `\x9b`, "\u202e", `\u202e`, "\x7f", `\x7f`).Replace(raw)
	write(filepath.Join(definitions, "a.yaml"), "name: \"%s\"\ndescription: \"%[1]s\"\ntags: [\"%[1]s\"]\n"+
		"context: {tenant: brackenwell, agent: care-assistant-01, mcp_server: phone}\n"+
		"root: {type: a2a.orchestrate, attributes: {\"%[1]s\": \"%[1]s\"}}\n", escaped)
	bad := write(filepath.Join(odd, "bad.yaml"), "\"%s\": \"%[1]s\"\n", escaped)
	notYAML := write(filepath.Join(odd, "broken.yaml"), "a: [\n\x01%s", raw)
	corpus := filepath.Join(odd, "corpus")
	for _, args := range [][]string{
		{"--definitions", definitions, "-n", "3", "-o", corpus},
		{"--definitions", definitions, "-n", "3", "-o", corpus},
		{"list", "--definitions", definitions},
		{"validate", "--definitions", definitions},
		{"validate", "--strict", "--definitions", definitions},
		{"validate", "--definitions", bad}, {"validate", "--config", bad}, {"validate", "--semconv", bad},
		{"validate", "--config", notYAML}, {"validate", "--semconv", notYAML},
		{"--definitions", definitions, "--dry-run", "-n", "3"},
		{"--definitions", definitions, "--dry-run", "-n", "3", "--show-full-spans"},
		{"show", "--definitions", definitions, "--full"},
		{"show", "--definitions", definitions, "--scenario", raw},
		{"show", corpus, "--full"}, {"show", corpus, "--iteration", "9"}, {"show", corpus, "--scenario", "nobody"},
		{"show", corpus, "--scenario", raw + "x"}, {"show", corpus, "--trace-id", strings.Repeat("1", 32)},
		{"show", corpus, "--html", filepath.Join(odd, "no", raw)},
		{"verify", corpus}, {"verify", odd}, {"seal", corpus}, {"seal", odd}, {"show", odd}, {"show", bad},
		{"-n", raw, "-o", raw}, {"--" + raw}, {"-" + raw}, {raw}, {"help", raw}, {"--seed=" + raw}, {"--tags", raw}, {"--tags", `"` + raw},
		{"--scenario", raw, "-o", corpus + "2"}, {"--start", raw, "-o", "a"}, {"--format", raw}, {"--shard", raw}, {"--vendor", raw, "list"},
		{"--name", raw, "run", "-o", raw}, {"--config", raw, "list"}, {"-o", odd, "-n", "3"}, {"--trace-id", raw, "show"}, {"--quiet=" + raw},
		{"--seed", raw, "--seed", raw}, {"--signals", raw},
	} {
		o := execute(t, args...)
		for stream, text := range map[string]string{"stdout": o.stdout, "stderr": o.stderr} {
			if at := strings.IndexFunc(text, func(r rune) bool { return r != '\n' && !unicode.IsGraphic(r) }); at >= 0 {
				t.Errorf("otelsim-gen %q: %s has %q", args, stream, text[max(0, at-60):min(len(text), at+20)])
			}
		}
	}
}
