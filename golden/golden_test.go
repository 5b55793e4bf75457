// Package golden holds corpora that must not change: see README.md.
package golden

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/otelsim/otelsim/pkg/build"
	"github.com/otelsim/otelsim/pkg/corpus"
)

var update = flag.Bool("update", false, "write what the generator makes now to want.txt, dump.txt and revisions.txt")

// The environment variable names the generator to test, as a program and its
// arguments, so that one built for another architecture can run under an
// emulator. Without it the generator is built from the tree.
const generatorVariable = "OTELSIM_GEN"

// generator returns the words that run the generator.
func generator(t *testing.T) []string {
	t.Helper()
	if words := strings.Fields(os.Getenv(generatorVariable)); len(words) > 0 {
		return words
	}
	program, err := buildGenerator()
	if err != nil {
		t.Fatal(err)
	}
	return []string{program}
}

// workplace holds what tests of the package share, until all are done.
var workplace string

func TestMain(m *testing.M) { os.Exit(runInWorkplace(m)) }

func runInWorkplace(m *testing.M) int {
	dir, err := os.MkdirTemp("", "otelsim-golden-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	workplace = dir
	return m.Run()
}

var buildGenerator = sync.OnceValues(func() (string, error) {
	program := filepath.Join(workplace, "otelsim-gen")
	build := exec.Command("go", "build", "-o", program, "../cmd/otelsim-gen")
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build generator: %w\n%s", err, out)
	}
	return program, nil
})

// Cases of systems begin with this. The opinions, which are about agents, leave them out.
const ofSystems = "system-"

// ofAgents returns the names of the cases whose corpora are of agents.
func ofAgents(t *testing.T) []string {
	return slices.DeleteFunc(cases(t), func(name string) bool { return strings.HasPrefix(name, ofSystems) })
}

// cases returns the names of the cases: the folders with a cmd.
func cases(t *testing.T) []string {
	files, err := filepath.Glob("*/cmd")
	if err != nil || len(files) == 0 {
		t.Fatalf("list cases: %d found, %v", len(files), err)
	}
	var names []string
	for _, f := range files {
		names = append(names, filepath.Dir(f))
	}
	return names
}

// dependOnTree looks at the files that the generator is built from. What a test
// looks at decides whether its result may be taken from the cache, and the
// compiler that the test runs is not seen by it.
func dependOnTree(t *testing.T) {
	for _, dir := range []string{"../cmd", "../pkg", "../config", "../definitions"} {
		err := filepath.WalkDir(dir, func(path string, _ os.DirEntry, err error) error {
			if err == nil {
				_, err = os.Stat(path)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// TestGolden runs each case and compares what it wrote and printed.
func TestGolden(t *testing.T) {
	dependOnTree(t)
	words := generator(t)
	for _, name := range cases(t) {
		t.Run(name, func(t *testing.T) {
			of := written(t, words, read(t, name, "cmd"), filepath.Join(name, "input"))
			dump := append(slices.Clone(of.printed), runCommands(t, words, name, of.dir)...)
			data, err := os.ReadFile(filepath.Join(of.dir, "corpus", corpus.ManifestFile))
			if err != nil {
				t.Fatal(err)
			}
			m, err := corpus.ParseManifest(data)
			if err != nil {
				t.Fatal(err)
			}
			compare(t, filepath.Join(name, "want.txt"), digests(m))
			compare(t, filepath.Join(name, "dump.txt"), dump)
		})
	}
	t.Run("revisions", func(t *testing.T) { checkRevisions(t) })
}

// writing is what a command left and said.
type writing struct {
	dir     string // its corpus is in there, as corpus
	printed []byte
}

// writings are by command. What several tests look at is written once.
var writings = make(map[string]*writing)

// written runs a command that writes a corpus, unless it has been run. What it reads
// beside the bundled inputs is in the folder, if there is one. Nobody may change what it
// wrote.
func written(t *testing.T, words []string, line, input string) *writing {
	t.Helper()
	if w := writings[line]; w != nil {
		return w
	}
	dir, err := os.MkdirTemp(workplace, "")
	if err != nil {
		t.Fatal(err)
	}
	if exists(input) {
		if err := os.CopyFS(filepath.Join(dir, "input"), os.DirFS(input)); err != nil {
			t.Fatal(err)
		}
	}
	w := &writing{dir, runCommand(t, words, line+" --quiet -o corpus", dir)}
	writings[line] = w
	return w
}

// runCommands runs in dir what a case shows of its corpus, and a check. It returns
// what was printed.
func runCommands(t *testing.T, words []string, name, dir string) (printed []byte) {
	t.Helper()
	for _, line := range append(strings.Split(read(t, name, "show"), "\n"), "otelsim-gen verify --quiet corpus") {
		printed = append(printed, runCommand(t, words, line, dir)...)
	}
	return printed
}

// noVariables keeps the variables that the generator reads from it.
var noVariables = []string{"VENDOR=", "SEMCONV=", "SCENARIOS_DIR="}

// runCommand runs a line in dir and returns what it prints.
func runCommand(t *testing.T, words []string, line, dir string) []byte {
	t.Helper()
	args := strings.Fields(line)
	if len(args) < 2 || args[0] != "otelsim-gen" {
		t.Fatalf("line %q does not run otelsim-gen", line)
	}
	c := exec.Command(words[0], slices.Concat(words[1:], args[1:])...)
	c.Dir = dir
	c.Env = append(os.Environ(), noVariables...)
	var stderr bytes.Buffer
	c.Stderr = &stderr
	out, err := c.Output()
	if err != nil {
		t.Fatalf("%s: %v\n%s%s", line, err, out, stderr.Bytes())
	}
	return out
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

func read(t *testing.T, name, file string) string {
	text, err := os.ReadFile(filepath.Join(name, file))
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(text))
}

// digests returns the identity of a corpus as text: a line for each segment
// and signal.
func digests(m *corpus.Manifest) []byte {
	b := fmt.Appendf(nil, "revision %d\nplan %s\n", m.Revision, m.PlanDigest)
	for _, s := range m.Segments {
		for _, f := range s.Files {
			b = fmt.Appendf(b, "%06d %s iterations %d records %d items %d bytes %d splits %d xxh64 %s\n",
				s.Segment, f.Signal, s.Iterations, f.Records, f.Items, f.Bytes, f.Splits, cmp.Or(f.XXH64, "-"))
		}
	}
	return b
}

// compare compares got with a file, or writes it there.
func compare(t *testing.T, file string, got []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, got, 0o666); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	gotLines, wantLines := strings.Split(string(got), "\n"), strings.Split(string(want), "\n")
	for i := range max(len(gotLines), len(wantLines)) {
		g, w := "(end)", "(end)"
		if i < len(gotLines) {
			g = gotLines[i]
		}
		if i < len(wantLines) {
			w = wantLines[i]
		}
		if g != w {
			t.Errorf("%s:%d: content changed; README.md says when it may\n got %s\nwant %s", file, i+1, g, w)
			return
		}
	}
}

const revisionsFile = "revisions.txt"

// checkRevisions holds want.txt of every case against the sum that is on
// record for this revision. A sum on record is never replaced, which is what
// makes other content without another revision impossible.
func checkRevisions(t *testing.T) {
	if os.Getenv(generatorVariable) != "" && *update {
		t.Fatalf("update with %s set: only the tree's own generator decides", generatorVariable)
	}
	data, err := os.ReadFile(revisionsFile)
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	known := make(map[string]string) // sum by revision and case
	for _, line := range strings.Split(strings.TrimSpace(string(data)), "\n") {
		if i := strings.LastIndexByte(line, ' '); i > 0 {
			known[line[:i]] = line[i+1:]
		}
	}
	for _, name := range cases(t) {
		want, err := os.ReadFile(filepath.Join(name, "want.txt"))
		if err != nil {
			t.Fatal(err)
		}
		key, sum := fmt.Sprintf("%d %s", build.Revision, name), fmt.Sprintf("%x", sha256.Sum256(want))
		switch {
		case known[key] == sum:
		case known[key] == "" && *update:
			data = fmt.Appendf(data, "%s %s\n", key, sum)
		case known[key] == "":
			t.Errorf("%s: revision %d is not in %s; run make golden", name, build.Revision, revisionsFile)
		default:
			t.Errorf("%s: want.txt is not what revision %d is on record with: "+
				"other content needs another build.Revision", name, build.Revision)
		}
	}
	if *update && !t.Failed() {
		if err := os.WriteFile(revisionsFile, data, 0o666); err != nil {
			t.Fatal(err)
		}
	}
}
