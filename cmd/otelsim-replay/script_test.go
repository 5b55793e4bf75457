package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/otelsim/otelsim/pkg/corpus"
	"github.com/otelsim/otelsim/pkg/corpus/ids"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/replay"
	"github.com/otelsim/otelsim/pkg/replay/sink"
)

var update = flag.Bool("update", false, "write what the command prints now into the scripts")

func TestMain(m *testing.M) {
	testscript.Main(tidy{m}, map[string]func(){"otelsim-replay": main})
}

// tidy removes after all tests what they share.
type tidy struct{ m *testing.M }

func (t tidy) Run() int {
	code := t.m.Run()
	if built {
		os.RemoveAll(filepath.Dir(buildGenerator().path))
	}
	return code
}

// generated is the command that writes corpora, as it was built.
type generated struct {
	path string
	err  error
}

var (
	built          bool
	buildGenerator = sync.OnceValue(func() generated {
		built = true
		dir, err := os.MkdirTemp("", "otelsim-replay-test-")
		if err != nil {
			return generated{"", err}
		}
		path := filepath.Join(dir, "otelsim-gen")
		if out, err := exec.Command("go", "build", "-o", path, "../otelsim-gen").CombinedOutput(); err != nil {
			return generated{path, fmt.Errorf("build generator: %w: %s", err, out)}
		}
		return generated{path, nil}
	})
)

// generatorOf returns the path of the command that writes corpora, which is
// built once.
func generatorOf(t *testing.T) string {
	t.Helper()
	g := buildGenerator()
	if g.err != nil {
		t.Fatal(g.err)
	}
	return g.path
}

// TestScripts runs the command as its users do, against receivers of the test.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		UpdateScripts:       *update,
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"corpus":   writeCorpus,
			"flip":     flip,
			"receiver": receiver,
			"received": received,
			"field":    field,
			"await":    await,
			"idle":     idle,
			"captured": captured,
			"plant":    plant,
			"agrees":   agrees,
			"cut":      cut,
		},
	})
}

// writeCorpus writes traces of one request an iteration, three spans each, in
// segments of 16: corpus DIR ITERATIONS FORMAT [SHARD [stopped]], where a shard is
// I/N, and a stopped one is not finished.
func writeCorpus(ts *testscript.TestScript, _ bool, args []string) {
	n, err := strconv.ParseUint(args[1], 10, 64)
	ts.Check(err)
	o := corpus.Options{Count: n, SegmentIterations: 16, Signals: []string{"traces"}, Format: args[2],
		TraceShape: "separate", Content: "scenario", Start: firstStart}
	zeros := strings.Repeat("0", 64)
	var shard corpus.Shard
	if len(args) > 3 {
		s, err := replay.ParseShard(args[3])
		ts.Check(err)
		shard = corpus.Shard{Index: s.Index, Count: s.Of}
	}
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	progress := func(uint64, uint64, uint64) {}
	if len(args) > 4 {
		progress = func(uint64, uint64, uint64) { stop() }
	}
	_, err = corpus.Write(ctx, corpus.WriteOptions{
		Shard: shard, Progress: progress,
		Dir: ts.MkAbs(args[0]), Workers: 1, Compression: corpus.CompressionZstd,
		Header: corpus.Header{Revision: 1, Seed: 7, PlanDigest: zeros, Prefix: "vendor", Options: o,
			Scenarios: []corpus.Scenario{{Name: "test", Weight: 1, Digest: zeros}}},
		Conventions: []byte("version: 1\n"), BuildInfo: []byte("{}\n"),
		NewFill: func() (corpus.Fill, error) {
			e := &otlp.Encoder{Format: o.OTLPFormat()}
			return func(segment uint64, seg *otlp.Segment) error {
				first, count := o.Iterations(segment)
				for i := first; i < first+count; i++ {
					if err := e.AppendRecord(&seg.Blocks[otlp.SignalTraces], request(i)); err != nil {
						return err
					}
				}
				return nil
			}, nil
		},
	})
	if len(args) > 4 && errors.Is(err, context.Canceled) {
		return
	}
	ts.Check(err)
}

const firstStart = 1767225600e9

// request is one trace of three spans, 100 ms long, every 10 ms.
func request(iteration uint64) *otlp.Traces {
	t := &otlp.Traces{Strings: otlp.NewStrings(), Resources: make([]otlp.Resource, 1), Scopes: make([]otlp.Scope, 1)}
	key := ids.New(7)
	trace := otlp.TraceID(key.TraceID(ids.Origin{Iteration: iteration}, iteration+1))
	start := firstStart + iteration*10e6
	for i := range uint64(3) {
		s := otlp.Span{TraceID: trace, SpanID: key.SpanKey(trace).SpanID(i + 1), Name: t.Strings.ID("work"),
			Start: start + i*1e6, End: start + 100e6 - i*1e6}
		if i > 0 {
			s.ParentID = t.Spans[i-1].SpanID
		}
		t.Spans = append(t.Spans, s)
	}
	return t
}

// flip changes one bit in the middle of a file: flip FILE.
func flip(ts *testscript.TestScript, _ bool, args []string) {
	path := ts.MkAbs(args[0])
	data, err := os.ReadFile(path)
	ts.Check(err)
	data[len(data)/2] ^= 1
	ts.Check(os.WriteFile(path, data, 0o666))
}

// receiver starts a sink that misbehaves as told and sets GRPC and HTTP to its
// URLs: receiver [fail=0.1 ...].
func receiver(ts *testscript.TestScript, _ bool, args []string) {
	o := sink.Options{GRPCListen: "127.0.0.1:0", HTTPListen: "127.0.0.1:0"}
	for _, arg := range args {
		name, value, _ := strings.Cut(arg, "=")
		share, err := strconv.ParseFloat(value, 64)
		ts.Check(err)
		switch name {
		case "fail":
			o.Behaviour.Fail = share
		case "reject":
			o.Behaviour.Partial, o.Behaviour.PartialItems = share, 1
		case "hang":
			o.Behaviour.Hang = share
		default:
			ts.Fatalf("receiver cannot %s", name)
		}
	}
	s, err := sink.Start(o)
	ts.Check(err)
	running.Store(ts, s)
	ts.Defer(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		_ = s.Stop(ctx) // a hanging request makes this an error, which is not the point
		running.Delete(ts)
	})
	ts.Setenv("GRPC", fmt.Sprintf("http://%v", s.GRPCAddr()))
	ts.Setenv("HTTP", fmt.Sprintf("http://%v", s.HTTPAddr()))
}

// running has the receiver of each script. Scripts run in parallel.
var running sync.Map

// received checks what the receiver took: received REQUESTS ITEMS.
func received(ts *testscript.TestScript, _ bool, args []string) {
	s, ok := running.Load(ts)
	if !ok {
		ts.Fatalf("no receiver")
	}
	total := s.(*sink.Sink).Snapshot().Total()
	if got := fmt.Sprint(total.Requests, total.Items); got != strings.Join(args, " ") {
		ts.Fatalf("received %s (requests, items), want %s", got, strings.Join(args, " "))
	}
}

// field checks a value of a JSON report: field FILE PATH VALUE.
func field(ts *testscript.TestScript, _ bool, args []string) {
	var v any
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(args[0])), &v))
	for _, name := range strings.Split(args[1], ".") {
		m, ok := v.(map[string]any)
		if !ok || m[name] == nil {
			ts.Fatalf("%s has no %s", args[0], args[1])
		}
		v = m[name]
	}
	if got := fmt.Sprint(v); got != args[2] {
		ts.Fatalf("%s is %s, want %s", args[1], got, args[2])
	}
}

// idle opens a connection to the address that a line of a file ends in, and says
// nothing on it: idle FILE TEXT.
func idle(ts *testscript.TestScript, _ bool, args []string) {
	_, rest, _ := strings.Cut(ts.ReadFile(args[0]), args[1])
	addr, _, _ := strings.Cut(rest, "\n")
	c, err := net.Dial("tcp", strings.TrimSpace(addr))
	ts.Check(err)
	ts.Defer(func() { c.Close() })
}

// await waits until a file has a line that contains a text: await FILE TEXT.
func await(ts *testscript.TestScript, _ bool, args []string) {
	path := ts.MkAbs(args[0])
	for range 500 {
		if data, err := os.ReadFile(path); err == nil && strings.Contains(string(data), args[1]) {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	ts.Fatalf("%s never says %q", filepath.Base(path), args[1])
}
