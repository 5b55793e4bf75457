package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/replay"
	"github.com/otelsim/otelsim/pkg/replay/endpoint"
	"github.com/otelsim/otelsim/pkg/replay/otlpgrpc"
)

// cpuTime returns the processor time that this process has used.
func cpuTime(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// startSink runs the sink in a process of its own, so that its work does not
// count as the client's, and returns a transport to it.
func startSink(b *testing.B) replay.Transport {
	cmd := exec.Command("otelsim-replay", "sink", "--quiet", "--grpc-listen", "127.0.0.1:0", "--http-listen", "")
	stderr, err := cmd.StderrPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGINT)
		_ = cmd.Wait()
	})
	line, err := bufio.NewReader(stderr).ReadString('\n')
	if err != nil {
		b.Fatal(err)
	}
	_, addr, _ := strings.Cut(strings.TrimSpace(line), "gRPC on ")
	settings, err := endpoint.Resolve(endpoint.Flags{Endpoints: []string{"http://" + addr}}, func(string) string { return "" })
	if err != nil {
		b.Fatal(err)
	}
	t, err := otlpgrpc.New(otlpgrpc.Options{Settings: settings[0], Connections: 4, UserAgent: "bench"})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = t.Close() })
	return t
}

// bare sends one constant payload n times and nothing else.
func bare(t replay.Transport, payload []byte, n int64, workers int) (failed int64) {
	var next, bad atomic.Int64
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			for next.Add(1) <= n {
				if t.Send(context.Background(), otlp.SignalTraces, payload).Class != replay.Accepted {
					bad.Add(1)
				}
			}
		})
	}
	wg.Wait()
	return bad.Load()
}

// BenchmarkReplayAgainstBareClient reports the processor time per record of an
// unpaced replay, from a file to the socket, and of a client that has its one
// payload ready, both through the same transport to the same sink. One
// iteration is a whole file.
func BenchmarkReplayAgainstBareClient(b *testing.B) {
	const workers = 32
	for _, row := range []struct {
		spans   int
		records uint64
	}{{16, 4000}, {512, 200}} {
		b.Run(fmt.Sprintf("%d spans", row.spans), func(b *testing.B) {
			t := startSink(b)
			payload := bytes.Clone(benchRequest(1, row.spans))
			path := filepath.Join(b.TempDir(), "traces.pb")
			writeFrames(b, path, row.spans, row.records)
			if bare(t, payload, 200, workers) > 0 { // connects
				b.Fatal("the sink refuses")
			}
			b.SetBytes(2 * int64(len(payload)) * int64(row.records))
			var bareCPU, replayCPU time.Duration
			for b.Loop() {
				start := cpuTime(b)
				bare(t, payload, int64(row.records), workers)
				bareCPU += cpuTime(b) - start
				start = cpuTime(b)
				replayOnce(b, t, path, workers)
				replayCPU += cpuTime(b) - start
			}
			records := float64(b.N) * float64(row.records)
			b.ReportMetric(float64(bareCPU)/records/1e3, "bare-cpu-us/record")
			b.ReportMetric(float64(replayCPU)/records/1e3, "replay-cpu-us/record")
			b.ReportMetric(float64(replayCPU)/float64(bareCPU), "ratio")
		})
	}
}

func replayOnce(b *testing.B, t replay.Transport, path string, workers int) {
	src, err := replay.OpenFiles([]string{path}, replay.FilesOptions{})
	if err != nil {
		b.Fatal(err)
	}
	rep, err := replay.Run(b.Context(), src, replay.Options{Pacer: replay.Unpaced{}, Transport: t, MaxInFlight: workers})
	if err = errors.Join(err, src.Close()); err != nil || rep.LostRecords > 0 {
		b.Fatal(err, rep.Reasons)
	}
}

// benchRequest is a request of spans of some 600 bytes.
func benchRequest(iteration uint64, spans int) []byte {
	t := request(iteration)
	for len(t.Spans) < spans {
		s := t.Spans[len(t.Spans)-1]
		n := binary.BigEndian.Uint64(s.SpanID[:]) + 1
		binary.BigEndian.PutUint64(s.SpanID[:], n)
		s.Attrs.Start = uint32(len(t.Attrs))
		for i := range 12 {
			value := t.Strings.ID(fmt.Sprintf("value %d of some length", n%97))
			t.Attrs = append(t.Attrs, otlp.Attr{Key: t.Strings.ID(fmt.Sprintf("vendor.attribute.%d", i)), Word: uint64(value)})
		}
		s.Attrs.End = uint32(len(t.Attrs))
		t.Spans = append(t.Spans, s)
	}
	return otlp.AppendTraces(nil, t, otlp.FormatProto)
}

func writeFrames(b *testing.B, path string, spans int, n uint64) {
	var data []byte
	for i := range n {
		p := benchRequest(i, spans)
		data = append(binary.BigEndian.AppendUint32(data, uint32(len(p))), p...)
	}
	if err := os.WriteFile(path, data, 0o666); err != nil {
		b.Fatal(err)
	}
}
