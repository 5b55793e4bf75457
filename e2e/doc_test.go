// Package e2e reads what otelsim writes with the OpenTelemetry Collector's own
// code. It is a module of its own so that the Collector's dependencies stay
// out of the product's go.mod.
package e2e

import (
	"bytes"
	"encoding/binary"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// generator is the program under test, built once.
var generator string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "otelsim-e2e")
	if err != nil {
		panic(err)
	}
	generator = filepath.Join(dir, "otelsim-gen")
	build := exec.Command("go", "build", "-o", generator, "./cmd/otelsim-gen")
	build.Dir = ".."
	if out, err := build.CombinedOutput(); err != nil {
		panic("build the generator: " + err.Error() + "\n" + string(out))
	}
	code := m.Run()
	os.RemoveAll(dir)
	os.Exit(code)
}

// generate runs the generator with the arguments of a golden case, in another
// format when given, without compression, and returns the corpus.
func generate(t *testing.T, args []string, more ...string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "corpus")
	args = append(append(args[:len(args):len(args)], more...), "--quiet", "-o", dir)
	if out, err := exec.Command(generator, args...).CombinedOutput(); err != nil {
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
		for _, word := range strings.Fields(line) {
			switch {
			case word == "otelsim-gen", strings.HasPrefix(word, "--format"), strings.HasPrefix(word, "--compression"):
			default:
				args = append(args, word)
			}
		}
		out[filepath.Base(filepath.Dir(f))] = args
	}
	return out
}

// records returns the records of all traces files of a corpus, in order.
func records(t *testing.T, dir string) [][]byte {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "traces", "*"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%s: no trace files: %v", dir, err)
	}
	var out [][]byte
	for _, f := range files {
		data, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(f, ".jsonl") {
			out = append(out, bytes.Split(bytes.TrimSuffix(data, []byte("\n")), []byte("\n"))...)
			continue
		}
		for len(data) > 0 {
			n := binary.BigEndian.Uint32(data)
			out = append(out, data[4:4+n])
			data = data[4+n:]
		}
	}
	return out
}
