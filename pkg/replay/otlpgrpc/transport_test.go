package otlpgrpc

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/stats"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/internal/codec"
	"github.com/otelsim/otelsim/pkg/replay"
	"github.com/otelsim/otelsim/pkg/replay/endpoint"
	"github.com/otelsim/otelsim/pkg/replay/response"
)

func TestEveryCodeHasItsClass(t *testing.T) {
	retryable := map[codes.Code]bool{ // the specification's table
		codes.Canceled: true, codes.DeadlineExceeded: true, codes.Aborted: true,
		codes.OutOfRange: true, codes.Unavailable: true, codes.DataLoss: true,
	}
	for c := codes.Canceled; c <= codes.Unauthenticated; c++ {
		for _, delay := range []time.Duration{-1, 0, 1500 * time.Millisecond} {
			s := status.New(c, "why")
			if delay >= 0 {
				var err error
				s, err = s.WithDetails(&errdetails.ErrorInfo{}, &errdetails.RetryInfo{RetryDelay: durationpb.New(delay)})
				if err != nil {
					t.Fatal(err)
				}
			}
			want := replay.Result{Class: replay.Permanent, Reason: "grpc " + c.String(), Message: "why"}
			if retryable[c] || c == codes.ResourceExhausted && delay >= 0 {
				want.Class = replay.Retryable
				want.RetryAfter = max(delay, 0)
				want.Throttled = c == codes.ResourceExhausted || c == codes.Unavailable && delay > 0
			}
			if got := classify(context.Background(), s, true, nil); got != want {
				t.Errorf("%v, delay %v: got %+v, want %+v", c, delay, got, want)
			}
		}
	}
}

// The end of a stream that the library has no status for is nobody's refusal.
func TestAnErrorThatIsNoStatusIsALostConnection(t *testing.T) {
	c := &conn{dialer: &dialer{first: new(firstBytes)}, refusal: new(refusal)}
	for _, sent := range []bool{false, true} {
		m := &call{sent: sent}
		got := m.failure(context.Background(), io.EOF, c)
		want := replay.Result{Class: replay.Retryable, Reason: "grpc Unavailable", Message: "connection lost: EOF", Open: sent, Unsent: !sent}
		if got != want {
			t.Errorf("got %+v, want %+v", got, want)
		}
	}
}

// A receiver that ran out of time may have done all that it was asked to.
func TestAReceiverThatRanOutOfTimeLeavesItOpen(t *testing.T) {
	c := &conn{dialer: &dialer{first: new(firstBytes)}, refusal: new(refusal)}
	for code, open := range map[codes.Code]bool{
		codes.DeadlineExceeded: true, codes.Canceled: true, codes.Unavailable: false, codes.Internal: false,
	} {
		m := &call{sent: true, answered: true}
		if got := m.failure(context.Background(), status.Error(code, "why"), c); got.Open != open || got.Unsent {
			t.Errorf("%v: got %+v, want open %v", code, got, open)
		}
	}
}

func TestSuccessSaysWhatTheReceiverSays(t *testing.T) {
	rows := []struct {
		why  string
		body []byte
		want replay.Result
	}{
		{"all taken", nil, replay.Result{}},
		{"some rejected", response.Append(nil, response.Partial{Rejected: 3, Message: "why"}),
			replay.Result{Class: replay.Partial, Rejected: 3, Reason: "partial success", Message: "why"}},
		{"a warning is no rejection", response.Append(nil, response.Partial{Message: "careful"}), replay.Result{Reason: "warning", Message: "careful"}},
		{"a negative count is told", response.Append(nil, response.Partial{Rejected: -3}), replay.Result{Reason: "warning", Message: "rejected -3"}},
		{"an answer that is not one is no OK", []byte{0x80},
			replay.Result{Class: replay.Unknown, Reason: "unreadable answer", Message: "parse export response: malformed message"}},
	}
	for _, r := range rows {
		if got := success(r.body); got != r.want {
			t.Errorf("%s: got %+v, want %+v", r.why, got, r.want)
		}
	}
}

// seen is what a server was sent.
type seen struct {
	method string
	md     metadata.MD
	body   []byte
}

// coding notes how requests are compressed.
type coding struct{ last atomic.Value }

func (c *coding) TagRPC(ctx context.Context, _ *stats.RPCTagInfo) context.Context   { return ctx }
func (c *coding) TagConn(ctx context.Context, _ *stats.ConnTagInfo) context.Context { return ctx }
func (c *coding) HandleConn(context.Context, stats.ConnStats)                       {}
func (c *coding) HandleRPC(_ context.Context, s stats.RPCStats) {
	if h, ok := s.(*stats.InHeader); ok {
		c.last.Store(h.Compression)
	}
}

// serve runs a server that knows no service and answers OK.
func serve(t *testing.T, o ...grpc.ServerOption) (addr string, requests <-chan seen) {
	t.Helper()
	RegisterCompressors()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ch := make(chan seen, 16)
	o = append(o, grpc.ForceServerCodecV2(Codec{}), grpc.UnknownServiceHandler(func(_ any, stream grpc.ServerStream) error {
		var r seen
		var p Payload
		if err := stream.RecvMsg(&p); err != nil {
			return err
		}
		r.body = p.Bytes
		r.method, _ = grpc.MethodFromServerStream(stream)
		r.md, _ = metadata.FromIncomingContext(stream.Context())
		ch <- r
		return stream.SendMsg(&Payload{})
	}))
	s := grpc.NewServer(o...)
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = s.Serve(l)
	}()
	t.Cleanup(func() {
		s.Stop()
		<-done
	})
	return l.Addr().String(), ch
}

func TestRequestsCarryMethodHeadersAndAgent(t *testing.T) {
	var how coding
	addr, requests := serve(t, grpc.StatsHandler(&how))
	for _, c := range codec.Compressions {
		tr, err := New(Options{UserAgent: "otelsim-replay/1.2", Settings: endpoint.Settings{
			Targets: []endpoint.Target{{Addr: addr}}, Compression: c,
			Headers: []endpoint.Header{{Key: "authorization", Value: "Bearer x"}, {Key: "x-team", Value: "a,b"}},
		}})
		if err != nil {
			t.Fatal(err)
		}
		for sig := range otlp.Signal(otlp.NumSignals) {
			body := bytes.Repeat([]byte(sig.String()), 1000)
			if r := tr.Send(context.Background(), sig, body); r != (replay.Result{}) {
				t.Fatalf("%v: got %+v", sig, r)
			}
			r := <-requests
			if r.method != Methods[sig] || !bytes.Equal(r.body, body) {
				t.Errorf("%v: got %s with %d bytes", sig, r.method, len(r.body))
			}
			want := c.String()
			if c == codec.None {
				want = ""
			}
			if got := how.last.Load(); got != want {
				t.Errorf("%v: compressed with %q, want %q", sig, got, want)
			}
			if got := strings.Join(append(r.md["authorization"], r.md["x-team"]...), "|"); got != "Bearer x|a,b" {
				t.Errorf("%v: got headers %q", sig, got)
			}
			if got := r.md["user-agent"]; len(got) != 1 || !strings.HasPrefix(got[0], "otelsim-replay/1.2 ") {
				t.Errorf("%v: got user agent %q", sig, got)
			}
			if got := r.md["content-type"]; len(got) != 1 || got[0] != "application/grpc+proto" && got[0] != "application/grpc" {
				t.Errorf("%v: got content type %q", sig, got)
			}
		}
		if err := tr.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestUnixSocketIsATarget(t *testing.T) {
	dir, err := os.MkdirTemp("", "otlp") // t.TempDir may be too long a path for a socket
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "s")
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	s := grpc.NewServer(grpc.ForceServerCodecV2(Codec{}), grpc.UnknownServiceHandler(func(any, grpc.ServerStream) error {
		return status.Error(codes.DataLoss, "here")
	}))
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = s.Serve(l)
	}()
	tr, err := New(Options{Settings: endpoint.Settings{Targets: []endpoint.Target{{Addr: "unix://" + path}}}})
	if err != nil {
		t.Fatal(err)
	}
	if r := tr.Send(context.Background(), otlp.SignalLogs, nil); r.Message != "here" {
		t.Errorf("got %+v", r)
	}
	if err := tr.Close(); err != nil {
		t.Error(err)
	}
	s.Stop()
	<-done
}

func TestSendAfterCloseFails(t *testing.T) {
	addr, _ := serve(t)
	tr, err := New(Options{Settings: endpoint.Settings{Targets: []endpoint.Target{{Addr: addr}}}})
	if err != nil {
		t.Fatal(err)
	}
	if err := tr.Close(); err != nil {
		t.Fatal(err)
	}
	if r := tr.Send(context.Background(), otlp.SignalLogs, nil); r.Class == replay.Accepted {
		t.Errorf("got %+v", r)
	}
}

func TestBadOptionsAreErrors(t *testing.T) {
	for why, s := range map[string]endpoint.Settings{
		"no endpoint":  {},
		"no such file": {Targets: []endpoint.Target{{Addr: "c:1", Secure: true}}, CACert: endpoint.File{Path: "/nonexistent", Source: "--ca-cert"}},
	} {
		if tr, err := New(Options{Settings: s}); err == nil {
			t.Errorf("%s: no error", why)
			tr.Close()
		}
	}
}

func TestCodecTakesPayloadsOnly(t *testing.T) {
	if _, err := (Codec{}).Marshal([]byte("x")); err == nil {
		t.Error("marshalled bytes")
	}
	if err := (Codec{}).Unmarshal(nil, new([]byte)); err == nil {
		t.Error("unmarshalled into bytes")
	}
	p := []byte("payload")
	b, err := Codec{}.Marshal(&Payload{p})
	if err != nil || b.Len() != len(p) || &b[0].ReadOnlyData()[0] != &p[0] {
		t.Errorf("got %q, %v: want the very bytes", b.Materialize(), err)
	}
}

func TestWriteThatTakesNothingEnds(t *testing.T) {
	a, b := net.Pipe()
	defer b.Close()
	c := &stallConn{Conn: a, timeout: 10 * time.Millisecond}
	if _, err := c.Write([]byte("x")); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("got %v", err)
	}
	var read atomic.Int64
	done := make(chan struct{})
	go func() {
		defer close(done)
		n, _ := b.Read(make([]byte, 8))
		read.Store(int64(n))
	}()
	if n, err := c.Write([]byte("ab")); n != 2 || err != nil {
		t.Errorf("after a stall: got %d, %v", n, err)
	}
	<-done
	if read.Load() != 2 {
		t.Errorf("read %d bytes", read.Load())
	}
}

// A peer that reads slowly is not one that hangs, however much is written at once.
func TestWriteThatTakesLittleGoesOn(t *testing.T) {
	a, b := net.Pipe()
	defer b.Close()
	const size = 20
	c := &stallConn{Conn: a, timeout: 40 * time.Millisecond}
	read := make(chan int, 1)
	go func() {
		total := 0
		for buf := make([]byte, 1); total < size; total++ {
			time.Sleep(10 * time.Millisecond)
			if _, err := b.Read(buf); err != nil {
				break
			}
		}
		read <- total
	}()
	if n, err := c.Write(make([]byte, size)); n != size || err != nil {
		t.Errorf("got %d, %v", n, err)
	}
	if n := <-read; n != size {
		t.Errorf("read %d bytes", n)
	}
}
