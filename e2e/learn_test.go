package e2e

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"testing"

	"go.opentelemetry.io/collector/pdata/ptrace"
)

var keepCaptures = flag.String("keep-captures", "", "write what TestLearnRealCaptures captures to `DIR` too")

// realCaptures are programs at work, each of which tells a receiver what it does.
var realCaptures = []struct {
	name string
	work func(t *testing.T, told *collector)
}{
	{"collector", collectorAtWork},
	{"jaeger", jaegerAtWork},
}

// TestLearnRealCaptures learns from traces that real programs make of their own work
// under load, as a Collector's file exporter wrote them, generates as much from what was
// learnt, and compares that with what was captured.
func TestLearnRealCaptures(t *testing.T) {
	for _, c := range realCaptures {
		t.Run(c.name, func(t *testing.T) {
			to := start(t, setup{forms: []form{protoFrames}})
			c.work(t, to)
			to.stop(t)
			paths := to.paths(t, protoFrames, "traces")
			if *keepCaptures != "" {
				keepFiles(t, filepath.Join(*keepCaptures, c.name), paths)
			}
			learnt(t, paths)
		})
	}
}

// keepFiles copies files into a folder.
func keepFiles(t *testing.T, dir string, paths []string) {
	t.Helper()
	if err := os.MkdirAll(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, filepath.Base(path)), data, 0o666); err != nil {
			t.Fatal(err)
		}
	}
}

// collectorAtWork has a Collector process, write and forward a corpus that comes over
// gRPC and HTTP at once, to a receiver that is slow and fails now and then.
func collectorAtWork(t *testing.T, told *collector) {
	behind := freeAddress(t)
	r := sinkThat(t, behind, "--delay", "2ms", "--fail", "0.04", "--throttle", "0.01", "--retry-after", "100ms")
	c := start(t, setup{
		forms: []form{protoFrames, jsonLines}, forward: "http://" + behind, own: "http://" + told.http,
		names: []string{"attributes", "redaction", "memory_limiter"},
		procs: object{
			"attributes":     object{"actions": []object{{"key": "deployment", "value": "test", "action": "insert"}}},
			"redaction":      object{"allow_all_keys": true, "blocked_values": []string{"[0-9]{16}"}},
			"memory_limiter": object{"check_interval": "1s", "limit_mib": 2000},
		},
	})
	var all sync.WaitGroup
	for i, l := range []link{{"grpc", "gzip"}, {"http/protobuf", "gzip"}} {
		s := corpus(t, "proto", []string{"200", "1000"}[i])
		all.Go(func() {
			replay(t, append(l.flags(c, false), "--rps", "150", "--connections", "3", "--duration", "15s", s.dir)...).wait(t)
		})
	}
	all.Wait()
	c.stop(t)
	r.stop(t)
}

// sinkThat runs a receiver that misbehaves.
func sinkThat(t *testing.T, address string, flags ...string) *receiver {
	t.Helper()
	r := &receiver{}
	args := append([]string{"sink", "--quiet", "--http-listen", address, "--grpc-listen", ""}, flags...)
	r.launch(t, exec.Command(program(t, "otelsim-replay"), args...))
	r.await(t, address)
	return r
}

// jaegerAtWork has Jaeger store a corpus and answer questions about it, some of which
// have no answer.
func jaegerAtWork(t *testing.T, told *collector) {
	const questions, askers = 3000, 3
	s := corpus(t, "proto", "200")
	c := startJaegerTelling(t, told)
	replay(t, append(link{"grpc", "gzip"}.flags(c, false), "--rps", "100", "--signals", "traces", s.dir)...).wait(t).all(t)
	e := expect(t, s)
	var services, traces []string
	for service, of := range e.services {
		services = append(services, service)
		for id := range of {
			traces = append(traces, id)
		}
	}
	slices.Sort(services)
	slices.Sort(traces)
	var all sync.WaitGroup
	for asker := range askers {
		r := rand.New(rand.NewPCG(1, uint64(asker)))
		all.Go(func() {
			for range questions / askers {
				c.ask(t, question(r, services, traces))
			}
		})
	}
	all.Wait()
	c.stop(t)
}

// question draws what someone might want to know.
func question(r *rand.Rand, services, traces []string) string {
	service := url.QueryEscape(services[r.IntN(len(services))])
	switch n := r.IntN(100); {
	case n < 10:
		return "services"
	case n < 30:
		return "operations?service=" + service
	case n < 75:
		return "traces/" + traces[r.IntN(len(traces))]
	case n < 80:
		return fmt.Sprintf("traces/%032x", 1+r.Uint64())
	case n < 83:
		return "traces?limit=a"
	case n < 85:
		return "traces/none"
	case n < 97:
		return "traces?limit=5&start=1&end=4000000000000000&service=" + service
	}
	return "dependencies?endTs=1800000000000&lookback=3600000"
}

func (c *collector) ask(t *testing.T, path string) {
	resp, err := http.Get("http://" + c.http + "/api/" + path)
	if err != nil {
		t.Error(err)
		return
	}
	defer resp.Body.Close()
	if _, err := io.Copy(io.Discard, resp.Body); err != nil {
		t.Error(err)
	}
}

// compared is what the test reads of the answer of compare.
type compared struct {
	Measures []struct {
		Name, Group     string
		Value, Baseline float64
		N               uint64
	}
	Verdict string
}

// learnt learns from files, generates from that and prints how far the two are apart.
// Sessions, which neither program has, are traces of their own.
func learnt(t *testing.T, paths []string) {
	t.Helper()
	dir := t.TempDir()
	model, made := filepath.Join(dir, "model"), filepath.Join(dir, "made")
	run := func(fine int, args ...string) []byte {
		t.Helper()
		cmd := exec.Command(program(t, "otelsim-gen"), append(args, "--quiet")...)
		var errs bytes.Buffer
		cmd.Stderr = &errs
		out, err := cmd.Output()
		if err != nil && cmd.ProcessState.ExitCode() != fine {
			t.Fatalf("otelsim-gen %v: %v\n%s", args, err, errs.Bytes())
		}
		return out
	}
	traces := tracesIn(t, paths)
	if traces < 2000 {
		t.Errorf("%d traces, want several thousand", traces)
	}
	run(0, append([]string{"learn", "-o", model}, paths...)...)
	run(0, "--project", filepath.Join(model, "project.yaml"), "--seed", "2", "-n", strconv.Itoa(traces), "-o", made)
	var got compared
	if err := json.Unmarshal(run(1, "compare", "--json", filepath.Dir(paths[0]), made), &got); err != nil {
		t.Fatal(err)
	}
	t.Logf("%d traces: %s", traces, got.Verdict)
	for _, m := range got.Measures {
		t.Logf("%-28s %8.4f  baseline %8.4f  n %d", m.Name, m.Value, m.Baseline, m.N)
	}
}

// tracesIn counts the traces of files.
func tracesIn(t *testing.T, paths []string) int {
	t.Helper()
	ids := map[string]bool{}
	for _, path := range paths {
		for _, m := range protoFrames.messages(t, path) {
			d, err := (&ptrace.ProtoUnmarshaler{}).UnmarshalTraces(m)
			if err != nil {
				t.Fatal(err)
			}
			eachSpan(d, func(_ string, s ptrace.Span) { ids[s.TraceID().String()] = true })
		}
	}
	return len(ids)
}
