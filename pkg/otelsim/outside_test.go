package otelsim_test

import (
	"crypto/sha256"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/otelsim/otelsim/pkg/otelsim"
)

const module = "github.com/otelsim/otelsim"

// A module of a stranger that requires this one gets by with the face: a program
// and a test in it build, without network, and make the same bytes as here.
func TestModuleOutsideUsesTheFaceOnly(t *testing.T) {
	tree, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	copyFile(t, filepath.Join(dir, "main.go"), "testdata/outside/main.go")
	copyFile(t, filepath.Join(dir, "main_test.go"), "testdata/outside/main_test.go")
	copyFile(t, filepath.Join(dir, "go.sum"), filepath.Join(tree, "go.sum"))
	writeFile(t, filepath.Join(dir, "go.mod"), outsideModule(t, tree))

	plan, err := otelsim.New(otelsim.Options{Seed: 42, Count: 20})
	if err != nil {
		t.Fatal(err)
	}
	records, digest := 0, sha256.New()
	for r, err := range plan.Records() {
		if err != nil {
			t.Fatal(err)
		}
		records++
		digest.Write(r.Payload)
	}
	want := fmt.Sprintf("%d records, %x\n", records, digest.Sum(nil))
	if got := goIn(t, dir, "run", "."); got != want {
		t.Errorf("go run: got %s, want %s", got, want)
	}
	goIn(t, dir, "test", ".")
}

// outsideModule is a go.mod that requires the tree, where it lies, and what it
// requires, in the versions that are here.
func outsideModule(t *testing.T, tree string) []byte {
	t.Helper()
	mod, err := os.ReadFile(filepath.Join(tree, "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Replace(string(mod), "module "+module+"\n", "module example.com/outside\n", 1)
	return fmt.Appendf(nil, "%s\nrequire %s v0.0.0\n\nreplace %s => %q\n", text, module, module, tree)
}

// goIn runs the go command in a module and returns what it prints on stdout.
func goIn(t *testing.T, dir string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", args...)
	cmd.Dir = dir
	// The variables of this module's own build must not decide.
	cmd.Env = append(os.Environ(), "GOFLAGS=-mod=mod", "GOPROXY=off", "GOWORK=off")
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go %s: %v\n%s%s", strings.Join(args, " "), err, out, &stderr)
	}
	return string(out)
}

func copyFile(t *testing.T, to, from string) {
	t.Helper()
	data, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(data)) {
		if path := strings.TrimSpace(line); strings.HasPrefix(path, `"`+module+"/") && !strings.HasPrefix(path, `"`+module+"/pkg/otelsim") {
			t.Errorf("%s imports %s, which is not the face", from, path)
		}
	}
	writeFile(t, to, data)
}

func writeFile(t *testing.T, name string, data []byte) {
	t.Helper()
	if err := os.WriteFile(name, data, 0o644); err != nil {
		t.Fatal(err)
	}
}
