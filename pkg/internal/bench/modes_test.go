//go:build unix

package bench

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/mem"

	"github.com/otelsim/otelsim/pkg/corpus"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/internal/codec"
	"github.com/otelsim/otelsim/pkg/replay/otlpgrpc"
)

// modeVariable makes the binary of these tests one of the programs that the two commands
// are measured against. Its value is the mode and what that takes, apart by spaces.
const modeVariable = "OTELSIM_BENCH_MODE"

var modes = map[string]func(args []string) error{"discard": discard, "decode": decode, "encode": encode, "send": send, "tick": tick}

func TestMain(m *testing.M) {
	words := strings.Fields(os.Getenv(modeVariable))
	if len(words) == 0 {
		os.Exit(m.Run())
	}
	if err := modes[words[0]](words[1:]); err != nil {
		fmt.Fprintln(os.Stderr, words[0]+":", err)
		os.Exit(1)
	}
}

// nothing is a codec of messages that nobody looks at.
type nothing struct{}

func (nothing) Name() string                             { return "proto" }
func (nothing) Marshal(any) (mem.BufferSlice, error)     { return nil, nil }
func (nothing) Unmarshal(d mem.BufferSlice, _ any) error { return nil }

// discard receives requests over gRPC and HTTP, drops them, and prints its two addresses,
// until its input ends.
func discard([]string) error {
	overGRPC, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	overHTTP, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	s := grpc.NewServer(grpc.ForceServerCodecV2(nothing{}), grpc.UnknownServiceHandler(func(_ any, stream grpc.ServerStream) error {
		if err := stream.RecvMsg(nil); err != nil {
			return err
		}
		return stream.SendMsg(nil)
	}))
	go func() { _ = s.Serve(overGRPC) }()
	go func() {
		_ = http.Serve(overHTTP, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			w.Header().Set("Content-Type", r.Header.Get("Content-Type"))
			if strings.HasSuffix(r.Header.Get("Content-Type"), "json") {
				_, _ = io.WriteString(w, "{}")
			}
		}))
	}()
	fmt.Println(overGRPC.Addr(), overHTTP.Addr())
	_, err = io.Copy(io.Discard, os.Stdin)
	return err
}

// eachFile calls visit with the content of each file of a corpus; the buffer is used again
// when what visit returned is done.
func eachFile(dir string, visit func(sig otlp.Signal, content []byte) *sync.WaitGroup) error {
	c, err := corpus.Open(dir)
	if err != nil {
		return err
	}
	r, err := c.NewReader()
	if err != nil {
		return err
	}
	var buffers [2][]byte
	var busy [2]*sync.WaitGroup
	turn := 0
	for i, s := range c.Manifest().Segments {
		for sig := range otlp.Signal(otlp.NumSignals) {
			if s.Files[sig].Records == 0 {
				continue
			}
			if busy[turn] != nil {
				busy[turn].Wait()
			}
			if buffers[turn], err = r.AppendSegment(buffers[turn][:0], uint64(i), sig); err != nil {
				return err
			}
			busy[turn] = visit(sig, buffers[turn])
			turn = 1 - turn
		}
	}
	for _, w := range busy {
		if w != nil {
			w.Wait()
		}
	}
	return nil
}

// decode reads a corpus, and does nothing with it.
func decode(args []string) error {
	return eachFile(args[0], func(otlp.Signal, []byte) *sync.WaitGroup { return nil })
}

// encode compresses what is in a corpus without compression as writing one does, and prints
// how much processor time that alone took, in nanoseconds.
func encode(args []string) error {
	e, err := codec.NewEncoder(codec.Zstd, codec.Fastest)
	if err != nil {
		return err
	}
	var spent time.Duration
	var out []byte
	err = eachFile(args[0], func(_ otlp.Signal, content []byte) *sync.WaitGroup {
		start := processorTime()
		out, err = e.Append(out[:0], content)
		spent += processorTime() - start
		return nil
	})
	fmt.Println(spent.Nanoseconds())
	return err
}

func processorTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

const (
	connections = 4 // as replays have them by default
	inFlight    = 256
)

// request is a record on its way.
type request struct {
	sig  otlp.Signal
	data []byte
	done *sync.WaitGroup
}

// send sends a corpus as it is, with what the library of the protocol gives and nothing else:
// grpc ADDR DIR, http ADDR DIR or json ADDR DIR.
func send(args []string) error {
	protocol, addr, dir := args[0], args[1], args[2]
	one, err := sender(protocol, addr)
	if err != nil {
		return err
	}
	queue := make(chan request)
	failures := make(chan error, inFlight)
	var workers sync.WaitGroup
	for i := range inFlight {
		workers.Go(func() {
			for r := range queue {
				if err := one(i, r.sig, r.data); err != nil {
					select {
					case failures <- err:
					default:
					}
				}
				r.done.Done()
			}
		})
	}
	err = eachFile(dir, func(sig otlp.Signal, content []byte) *sync.WaitGroup {
		done := new(sync.WaitGroup)
		for len(content) > 0 {
			var data []byte
			if protocol == "json" {
				data, content, _ = bytes.Cut(content, []byte("\n"))
			} else {
				n := binary.BigEndian.Uint32(content)
				data, content = content[4:4+n], content[4+n:]
			}
			done.Add(1)
			queue <- request{sig, data, done}
		}
		return done
	})
	close(queue)
	workers.Wait()
	select {
	case failed := <-failures:
		return failed
	default:
		return err
	}
}

var paths = map[otlp.Signal]string{otlp.SignalTraces: "/v1/traces", otlp.SignalMetrics: "/v1/metrics", otlp.SignalLogs: "/v1/logs"}

func sender(protocol, addr string) (func(worker int, sig otlp.Signal, data []byte) error, error) {
	if protocol == "grpc" {
		var conns [connections]*grpc.ClientConn
		for i := range conns {
			var err error
			if conns[i], err = grpc.NewClient(addr, grpc.WithTransportCredentials(insecure.NewCredentials())); err != nil {
				return nil, err
			}
		}
		opts := []grpc.CallOption{grpc.ForceCodecV2(otlpgrpc.Codec{}), grpc.StaticMethod()}
		return func(worker int, sig otlp.Signal, data []byte) error {
			return conns[worker%connections].Invoke(context.Background(), otlpgrpc.Methods[sig], &otlpgrpc.Payload{Bytes: data}, &otlpgrpc.Payload{}, opts...)
		}, nil
	}
	kind := "application/x-protobuf"
	if protocol == "json" {
		kind = "application/json"
	}
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: inFlight, DisableCompression: true}}
	return func(_ int, sig otlp.Signal, data []byte) error {
		answer, err := client.Post("http://"+addr+paths[sig], kind, bytes.NewReader(data))
		if err != nil {
			return err
		}
		defer answer.Body.Close()
		if answer.StatusCode != http.StatusOK {
			return fmt.Errorf("answer %s", answer.Status)
		}
		_, err = io.Copy(io.Discard, answer.Body)
		return err
	}, nil
}
