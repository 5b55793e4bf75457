package sink_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"

	trace "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/proto"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/replay/endpoint"
	"github.com/otelsim/otelsim/pkg/replay/otlpgrpc"
	"github.com/otelsim/otelsim/pkg/replay/sink"
)

// benchServer is the variable that makes this binary a receiver, so that the
// benchmark's process is the sender alone.
const benchServer = "OTELSIM_BENCH_SERVER"

func serveBenchmark() {
	s, err := sink.Start(sink.Options{GRPCListen: "127.0.0.1:0"})
	if err != nil {
		fmt.Println("error", err)
		return
	}
	fmt.Println(s.GRPCAddr())
	_, _ = io.Copy(io.Discard, os.Stdin) // until the sender is gone
	_ = s.Stop(context.Background())
}

// benchReceiver starts a receiver in a process of its own.
func benchReceiver(b *testing.B) string {
	b.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), benchServer+"=1")
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		in.Close()
		_ = cmd.Wait()
	})
	addr, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		b.Fatal(err)
	}
	return strings.TrimSpace(addr)
}

// BenchmarkSend compares CPU time for each request, unpaced, four connections
// and 32 requests at a time: a bare client of the library that sends one
// constant payload, one that marshals a message as generated code does, and
// this transport.
func BenchmarkSend(b *testing.B) {
	addr := benchReceiver(b)
	sizes := []struct {
		name        string
		items, text int
	}{{"request-10KB", 10, 900}, {"512-items-500KB", 512, 900}}
	for _, size := range sizes {
		payload := protoPayload(b, otlp.SignalTraces, 1, size.items, size.text)
		var message trace.TracesData
		if err := proto.Unmarshal(payload, &message); err != nil {
			b.Fatal(err)
		}
		conns := make([]*grpc.ClientConn, 4)
		for i := range conns {
			c, err := grpc.NewClient(addr, grpc.WithTransportCredentials(insecure.NewCredentials()))
			if err != nil {
				b.Fatal(err)
			}
			defer c.Close()
			conns[i] = c
		}
		method := otlpgrpc.Methods[otlp.SignalTraces]
		b.Run(size.name+"/bare", func(b *testing.B) {
			benchmark(b, len(payload), func(n int) error {
				request := &otlpgrpc.Payload{Bytes: payload}
				return conns[n%4].Invoke(context.Background(), method, request, &otlpgrpc.Payload{}, grpc.ForceCodecV2(otlpgrpc.Codec{}))
			})
		})
		b.Run(size.name+"/generated", func(b *testing.B) {
			benchmark(b, len(payload), func(n int) error {
				return conns[n%4].Invoke(context.Background(), method, &message, &trace.TracesData{})
			})
		})
		tr, err := otlpgrpc.New(otlpgrpc.Options{Connections: 4, Settings: endpoint.Settings{Targets: []endpoint.Target{{Addr: addr}}}})
		if err != nil {
			b.Fatal(err)
		}
		b.Run(size.name+"/transport", func(b *testing.B) {
			benchmark(b, len(payload), func(int) error {
				if r := tr.Send(context.Background(), otlp.SignalTraces, payload); r.Class != 0 {
					return fmt.Errorf("%+v", r)
				}
				return nil
			})
		})
		if err := tr.Close(); err != nil {
			b.Error(err)
		}
	}
}

func benchmark(b *testing.B, size int, send func(int) error) {
	b.SetBytes(int64(size))
	b.ReportAllocs()
	var wg sync.WaitGroup
	jobs := make(chan int, 64)
	for range 32 {
		wg.Go(func() {
			for n := range jobs {
				if err := send(n); err != nil {
					b.Error(err)
				}
			}
		})
	}
	before := cpu(b)
	b.ResetTimer()
	for n := range b.N {
		jobs <- n
	}
	close(jobs)
	wg.Wait()
	b.ReportMetric(float64(cpu(b)-before)/float64(b.N)/1000, "cpu-us/op")
}
