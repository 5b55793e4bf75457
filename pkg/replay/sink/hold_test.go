package sink_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/replay"
	"github.com/otelsim/otelsim/pkg/replay/otlpgrpc"
	"github.com/otelsim/otelsim/pkg/replay/sink"
)

// connect opens a connection that is closed when the test ends, and writes text.
func connect(t *testing.T, addr net.Addr, text string) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", addr.String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	if _, err := io.WriteString(c, text); err != nil {
		t.Fatal(err)
	}
	if err := c.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	return c
}

// claim begins a request with a body of n bytes and returns when the sink waits
// for it.
func claim(t *testing.T, s *sink.Sink, n int) net.Conn {
	t.Helper()
	c := connect(t, s.HTTPAddr(), fmt.Sprintf("POST /v1/logs HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-protobuf\r\n"+
		"Content-Length: %d\r\nExpect: 100-continue\r\n\r\n", n))
	line, err := bufio.NewReader(c).ReadString('\n')
	if err != nil || !strings.Contains(line, " 100 ") {
		t.Fatalf("got %q, %v, want to be asked for the body", line, err)
	}
	return c
}

// checkServes sends a request by every protocol.
func checkServes(t *testing.T, s *sink.Sink) {
	t.Helper()
	for _, w := range protocols {
		if r := send(t, dial(t, s, w), otlp.SignalTraces, payload(t, w, otlp.SignalTraces, 1)); r.Class != replay.Accepted {
			t.Errorf("%v: got %+v", w, r)
		}
	}
}

func heap() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapSys
}

// Requests that claim 16 MiB each and send nothing cost what they sent.
func TestClaimedLengthsCostNoMemory(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(100)) // the heap grows as it does for users
	s := start(t, sink.Options{})
	before := heap()
	const requests, claimed = 40, 16 << 20
	for range requests {
		claim(t, s, claimed)
	}
	if grown := int64(heap() - before); grown > claimed*4 {
		t.Errorf("%d claims of %d bytes cost %d bytes", requests, claimed, grown)
	}
	checkServes(t, s)
}

// A request that does not arrive is not waited for without end: its connection
// is cut, and those of others are not.
func TestBodiesHaveATimeLimit(t *testing.T) {
	s := start(t, sink.Options{BodyTimeout: 100 * time.Millisecond})
	c := claim(t, s, 1000)
	if answer, err := io.ReadAll(c); err != nil || !strings.Contains(string(answer), " 408 ") {
		t.Errorf("HTTP: got %q, %v", answer, err)
	}
	conn, err := grpc.NewClient("passthrough:///"+s.GRPCAddr().String(), grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	stream, err := conn.NewStream(ctx, &grpc.StreamDesc{ClientStreams: true}, otlpgrpc.Methods[otlp.SignalLogs], grpc.ForceCodecV2(otlpgrpc.Codec{}))
	if err != nil {
		t.Fatal(err)
	}
	if err := stream.RecvMsg(new(otlpgrpc.Payload)); err == nil || ctx.Err() != nil {
		t.Errorf("gRPC: got %v, %v", err, ctx.Err())
	}
	if n := s.Snapshot().Malformed; n != 0 {
		t.Errorf("%d requests are malformed: they did not arrive", n)
	}
	checkServes(t, s)
}

// A request that waits for its answer longer than one may take to arrive is
// answered.
func TestAnswersMayTakeLongerThanBodies(t *testing.T) {
	s := start(t, sink.Options{BodyTimeout: 20 * time.Millisecond, Behaviour: sink.Behaviour{Delay: 200 * time.Millisecond}})
	checkServes(t, s)
}

// What comes beyond the limit is closed at once, and there is a place again when
// one of the others goes.
func TestConnectionsHaveALimit(t *testing.T) {
	s := start(t, sink.Options{MaxConnections: 4})
	held := []net.Conn{connect(t, s.HTTPAddr(), "P"), connect(t, s.GRPCAddr(), "P"), connect(t, s.HTTPAddr(), "P"), connect(t, s.HTTPAddr(), "P")}
	// The two listeners accept side by side: without this wait, one that is to be
	// refused may come before one that is to be held.
	for end := time.Now().Add(20 * time.Second); s.Open() < int64(len(held)); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%d of %d connections are open", s.Open(), len(held))
		}
	}
	for _, addr := range []net.Addr{s.HTTPAddr(), s.GRPCAddr()} {
		c := connect(t, addr, "")
		if _, err := c.Read(make([]byte, 1)); err == nil {
			t.Errorf("%v: there was something to read", addr)
		}
	}
	if n := s.Snapshot().Refused; n != 2 {
		t.Errorf("got %d refused connections, want 2", n)
	}
	for _, c := range held {
		c.Close()
	}
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(time.Millisecond) {
		c := connect(t, s.HTTPAddr(), "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
		if answer, err := io.ReadAll(c); err == nil && strings.Contains(string(answer), " 404 ") {
			return
		}
	}
	t.Error("there is no place although all others have gone")
}

// Connections on which nothing happens, or nothing more, delay the end by a
// second and no request is lost by it; who is in a hurry does not wait for them.
func TestIdleConnectionsDoNotDelayTheEnd(t *testing.T) {
	if took := endWithIdleConnections(t, false); took > 5*time.Second {
		t.Errorf("it took %v", took)
	}
	// On a busy machine anything can take a second, but hardly each time.
	least := time.Hour
	for range 3 {
		least = min(least, endWithIdleConnections(t, true))
	}
	if least > 900*time.Millisecond {
		t.Errorf("in a hurry it took %v", least)
	}
}

// endWithIdleConnections returns how long a sink takes to stop on which there are
// connections that do not end by themselves.
func endWithIdleConnections(t *testing.T, hurried bool) time.Duration {
	t.Helper()
	s, err := sink.Start(sink.Options{GRPCListen: "127.0.0.1:0", HTTPListen: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	for _, addr := range []net.Addr{s.GRPCAddr(), s.HTTPAddr()} {
		connect(t, addr, "")
		connect(t, addr, "P")
	}
	connect(t, s.GRPCAddr(), "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
	claim(t, s, 1000)
	checkServes(t, s)
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if hurried {
		cancel()
	}
	began := time.Now()
	if err := s.Stop(ctx); err != nil {
		t.Errorf("hurried %v: %v", hurried, err)
	}
	took := time.Since(began)
	if n := s.Snapshot().Total().Requests; n != int64(len(protocols)) {
		t.Errorf("hurried %v: got %d requests", hurried, n)
	}
	return took
}
