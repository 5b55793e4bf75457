package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
)

// sources says where each program comes from. The Collector and Jaeger are in
// modules of their own: they need other versions of the same modules.
var sources = map[string]struct{ dir, pkg string }{
	"otelsim-gen":    {"..", "./cmd/otelsim-gen"},
	"otelsim-replay": {"..", "./cmd/otelsim-replay"},
	"collector":      {"collector", "."},
	"jaeger":         {"jaeger", "github.com/jaegertracing/jaeger/cmd/jaeger"},
}

var builds = struct {
	sync.Mutex
	done map[string]error
}{done: map[string]error{}}

// program returns the path of a program. It is built into bin, where the go
// command leaves alone what is up to date.
func program(t *testing.T, name string) string {
	t.Helper()
	path, err := filepath.Abs(filepath.Join("bin", name))
	if err != nil {
		t.Fatal(err)
	}
	builds.Lock()
	defer builds.Unlock()
	err, done := builds.done[name]
	if !done {
		from := sources[name]
		// Two at a time: some packages of the Collector take a gigabyte to compile.
		build := exec.Command("go", "build", "-p", "2", "-o", path, from.pkg)
		build.Dir = from.dir
		build.Env = append(os.Environ(), "CGO_ENABLED=0")
		if out, e := build.CombinedOutput(); e != nil {
			err = fmt.Errorf("build %s: %w\n%s", name, e, out)
		}
		builds.done[name] = err
	}
	if err != nil {
		t.Fatal(err)
	}
	return path
}
