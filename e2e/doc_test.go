// Package e2e runs otelsim against what its users run: the OpenTelemetry
// Collector and Jaeger, built from their modules. It is a module of its own so
// that their dependencies stay out of the product's go.mod.
package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// shared is a folder for what several tests use.
var shared string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "otelsim-e2e")
	if err != nil {
		panic(err)
	}
	shared = dir
	code := m.Run()
	os.RemoveAll(dir)
	os.Exit(code)
}

// generate runs the generator with the arguments of a golden case and more, and
// returns the corpus.
func generate(t *testing.T, args []string, more ...string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "corpus")
	args = append(append(args[:len(args):len(args)], more...), "--quiet", "-o", dir)
	if out, err := exec.Command(program(t, "otelsim-gen"), args...).CombinedOutput(); err != nil {
		t.Fatalf("otelsim-gen %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return dir
}

// cases returns the arguments of every golden case, by name, without the
// output and format flags.
func cases(t *testing.T) map[string][]string {
	t.Helper()
	files, err := filepath.Glob("../golden/*/cmd")
	if err != nil || len(files) == 0 {
		t.Fatalf("no golden cases: %v", err)
	}
	out := make(map[string][]string)
	for _, f := range files {
		data, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		var line string
		for l := range strings.Lines(string(data)) {
			if l = strings.TrimSpace(l); l != "" && !strings.HasPrefix(l, "#") {
				line = l
			}
		}
		var args []string
		words := strings.Fields(line)
		for i, word := range words {
			switch {
			case word == "otelsim-gen", strings.HasPrefix(word, "--format"), strings.HasPrefix(word, "--compression"):
			case words[max(i-1, 0)] == "--format", words[max(i-1, 0)] == "--compression": // its value
			case strings.HasPrefix(word, "input/"): // files of the case
				args = append(args, filepath.Join(filepath.Dir(f), word))
			default:
				args = append(args, word)
			}
		}
		out[filepath.Base(filepath.Dir(f))] = args
	}
	return out
}

// records returns the records of all files of one signal of a corpus, in order.
func records(t *testing.T, dir, signal string) [][]byte {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, signal, "*"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%s: no files of %s: %v", dir, signal, err)
	}
	var out [][]byte
	for _, f := range files {
		form := protoFrames
		if strings.HasSuffix(f, ".jsonl") {
			form = jsonLines
		}
		out = append(out, form.messages(t, f)...)
	}
	return out
}
