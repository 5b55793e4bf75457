//go:build unix

package bench

import (
	"bufio"
	"bytes"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/otelsim/otelsim/pkg/corpus"
)

// cost is what a process took.
type cost struct {
	cpu, wall time.Duration
	memory    uint64 // most resident bytes
	out       string
}

// place is where programs and corpora of a measurement are.
type place struct {
	t   *testing.T
	dir string
}

// newPlace builds the two commands.
func newPlace(t *testing.T) *place {
	p := &place{t: t, dir: t.TempDir()}
	build := exec.Command("go", "build", "-o", p.dir+string(filepath.Separator), "../../../cmd/...")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return p
}

func (p *place) path(name string) string { return filepath.Join(p.dir, name) }

// run runs one of the commands.
func (p *place) run(program string, args ...string) cost {
	p.t.Helper()
	return p.measure(exec.Command(p.path(program), args...))
}

// mode runs one of the programs that the commands are measured against.
func (p *place) mode(words ...string) cost {
	p.t.Helper()
	c := exec.Command(os.Args[0])
	c.Env = append(os.Environ(), modeVariable+"="+strings.Join(words, " "))
	return p.measure(c)
}

func (p *place) measure(c *exec.Cmd) cost {
	p.t.Helper()
	var out, errors bytes.Buffer
	c.Stdout, c.Stderr = &out, &errors
	start := time.Now()
	if err := c.Run(); err != nil {
		p.t.Fatalf("%v: %v\n%s%s", c.Args, err, out.Bytes(), errors.Bytes())
	}
	wall := time.Since(start)
	u := c.ProcessState.SysUsage().(*syscall.Rusage)
	return cost{
		cpu: time.Duration(u.Utime.Nano() + u.Stime.Nano()), wall: wall,
		memory: uint64(u.Maxrss) << 10, out: out.String(), // Linux counts it in KiB
	}
}

// together is how long some processes take that generate n sessions each, at the same time and
// with a processor each. It is the most that a machine lets workers gain.
func (p *place) together(processes int, n string) time.Duration {
	p.t.Helper()
	var all []*exec.Cmd
	start := time.Now()
	for i := range processes {
		c := exec.Command(p.path("otelsim-gen"), "--seed", "1", "-n", n, "--workers", "1", "--force", "--quiet", "-o", p.path("together_"+strconv.Itoa(i)))
		c.Env = append(os.Environ(), "GOMAXPROCS=1")
		if err := c.Start(); err != nil {
			p.t.Fatal(err)
		}
		all = append(all, c)
	}
	for _, c := range all {
		if err := c.Wait(); err != nil {
			p.t.Fatalf("%v: %v", c.Args, err)
		}
	}
	return time.Since(start)
}

// corpus writes a corpus once.
func (p *place) corpus(name string, flags ...string) string {
	p.t.Helper()
	dir := p.path(name)
	if _, err := os.Stat(dir); err != nil {
		p.run("otelsim-gen", append(flags, "--seed", "1", "--quiet", "-o", dir)...)
	}
	return dir
}

// receiver starts what drops all that it gets, and returns its addresses.
func (p *place) receiver() (overGRPC, overHTTP string) {
	p.t.Helper()
	c := exec.Command(os.Args[0])
	c.Env = append(os.Environ(), modeVariable+"=discard")
	in, err := c.StdinPipe()
	if err != nil {
		p.t.Fatal(err)
	}
	out, err := c.StdoutPipe()
	if err != nil {
		p.t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(func() { _ = in.Close(); _ = c.Wait() })
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		p.t.Fatal(err)
	}
	overGRPC, overHTTP, _ = strings.Cut(strings.TrimSpace(line), " ")
	return overGRPC, overHTTP
}

// perByte is the processor time of writing a corpus by the bytes that are in it.
func perByte(p *place, name string, c cost) float64 {
	p.t.Helper()
	m, err := corpus.ReadManifest(p.path(name))
	if err != nil {
		p.t.Fatal(err)
	}
	var bytes uint64
	for _, s := range m.Totals {
		bytes += s.Bytes
	}
	return float64(c.cpu) / float64(bytes)
}

// sinkRatio is what sink costs, by what the replay to it does, over a protocol.
func sinkRatio(p *place, protocol, dir string) float64 {
	p.t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		p.t.Fatal(err)
	}
	addr := l.Addr().String()
	_ = l.Close()
	listen, not := "--grpc-listen", "--http-listen"
	if protocol != "grpc" {
		listen, not = not, listen
	}
	sink := exec.Command(p.path("otelsim-replay"), "sink", listen, addr, not, "", "--quiet")
	if err := sink.Start(); err != nil {
		p.t.Fatal(err)
	}
	for range 100 {
		conn, err := net.Dial("tcp", addr)
		if err == nil {
			_ = conn.Close()
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	sender := p.run("otelsim-replay", "--max", "--quiet", "--protocol", protocol, "--endpoint", "http://"+addr, dir)
	if err := sink.Process.Signal(os.Interrupt); err != nil {
		p.t.Fatal(err)
	}
	_ = sink.Wait() // it says by its code that it was interrupted, which it was
	u := sink.ProcessState.SysUsage().(*syscall.Rusage)
	return ratio(time.Duration(u.Utime.Nano()+u.Stime.Nano()), sender.cpu)
}
