package e2e

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

// sources says where each program comes from. The Collector and Jaeger are in
// modules of their own: they need other versions of the same modules.
var sources = map[string]struct{ dir, pkg string }{
	"otelsim-gen":    {"..", "./cmd/otelsim-gen"},
	"otelsim-replay": {"..", "./cmd/otelsim-replay"},
	"collector":      {"collector", "."},
	"goreleaser":     {"goreleaser", "."},
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

// process is a program at work.
type process struct {
	cmd    *exec.Cmd
	out    bytes.Buffer
	exited chan struct{} // closed when it has ended
	err    error         // of its end
}

// launch starts a program, which is killed at the end of the test.
func (p *process) launch(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	p.cmd, p.exited = cmd, make(chan struct{})
	cmd.Stdout, cmd.Stderr = &p.out, &p.out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		p.err = cmd.Wait()
		close(p.exited)
	}()
	t.Cleanup(func() {
		cmd.Process.Kill()
		<-p.exited
	})
}

// await waits until something listens at an address.
func (p *process) await(t *testing.T, address string) {
	t.Helper()
	deadline := time.Now().Add(time.Minute)
	for {
		conn, err := net.Dial("tcp", address)
		if err == nil {
			conn.Close()
			return
		}
		select {
		case <-p.exited:
			t.Fatalf("ended at once: %v", p.err)
		case <-time.After(20 * time.Millisecond):
		}
		if time.Now().After(deadline) {
			t.Fatalf("nothing listens after a minute: %v", err)
		}
	}
}

// end sends a signal and waits until the program has ended.
func (p *process) end(t *testing.T, sig os.Signal) {
	t.Helper()
	if err := p.cmd.Process.Signal(sig); err != nil {
		t.Fatal(err)
	}
	<-p.exited
}
