// Package otlpgrpc sends OTLP over gRPC: bytes from the caller to the socket,
// with no message in between.
//
// After a request that was accepted the library holds nothing of its payload
// that matters: a receiver that has answered has read it, or does not care.
//
// Every retry is the caller's: the library's own are off but for those that
// are invisible by nature, a request that provably never reached a receiver.
package otlpgrpc

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/internal/codec"
	"github.com/otelsim/otelsim/pkg/replay"
	"github.com/otelsim/otelsim/pkg/replay/endpoint"
)

// Methods are the export methods, indexed by Signal.
var Methods = [otlp.NumSignals]string{
	"/opentelemetry.proto.collector.trace.v1.TraceService/Export",
	"/opentelemetry.proto.collector.metrics.v1.MetricsService/Export",
	"/opentelemetry.proto.collector.logs.v1.LogsService/Export",
}

// Options says where and how. Of Settings all but Protocol and Timeout apply.
type Options struct {
	Settings    endpoint.Settings
	Connections int    // to each target; 0 is 1
	UserAgent   string // "name/version"
}

// writeBuffer in bytes is what a connection gathers before it writes. A large
// record in one write instead of many wakes the receiver less often, which is a
// good part of what sending costs. What is small is written at once as before.
const writeBuffer = 1 << 20

// Transport is a replay.Transport. Requests go to the connections in turn:
// the first of every target, then the second of every target.
type Transport struct {
	conns []conn
	next  atomic.Uint64
	calls sync.Pool // of *call
	opts  []grpc.CallOption
}

type conn struct {
	*grpc.ClientConn
	refusal *refusal
}

// call is the memory of one request.
type call struct{ request, answer Payload }

// New returns a transport. It connects when there is something to send; errors
// are of the options.
func New(o Options) (*Transport, error) {
	RegisterCompressors()
	config, err := o.Settings.TLS()
	if err != nil {
		return nil, err
	}
	t := &Transport{
		calls: sync.Pool{New: func() any { return new(call) }},
		opts:  []grpc.CallOption{grpc.ForceCodecV2(Codec{}), grpc.StaticMethod()},
	}
	if o.Settings.Compression != codec.None {
		t.opts = append(t.opts, grpc.UseCompressor(o.Settings.Compression.String()))
	}
	for range max(o.Connections, 1) {
		for _, target := range o.Settings.Targets {
			c, err := connect(target, config, o)
			if err != nil {
				return nil, errors.Join(err, t.Close())
			}
			t.conns = append(t.conns, c)
		}
	}
	if len(t.conns) == 0 {
		return nil, errors.New("create gRPC transport: no endpoint")
	}
	return t, nil
}

func connect(target endpoint.Target, config *tls.Config, o Options) (conn, error) {
	c := conn{refusal: new(refusal)}
	creds := insecure.NewCredentials()
	if target.Secure {
		creds = newTLS(config, c.refusal)
	}
	opts := []grpc.DialOption{
		grpc.WithTransportCredentials(creds),
		grpc.WithContextDialer(dial),
		grpc.WithDisableRetry(),
		grpc.WithDisableServiceConfig(),
		grpc.WithUserAgent(o.UserAgent),
		// A receiver that comes back is found soon: the caller's backoff is
		// what spares it.
		grpc.WithConnectParams(grpc.ConnectParams{
			Backoff:           backoff.Config{BaseDelay: 100 * time.Millisecond, Multiplier: 1.6, Jitter: 0.2, MaxDelay: time.Second},
			MinConnectTimeout: 5 * time.Second,
		}),
		grpc.WithIdleTimeout(0),
		grpc.WithWriteBufferSize(writeBuffer),
	}
	if len(o.Settings.Headers) > 0 {
		opts = append(opts, grpc.WithPerRPCCredentials(newHeaders(o.Settings.Headers)))
	}
	var err error
	if c.ClientConn, err = grpc.NewClient(target.Addr, opts...); err != nil {
		return conn{}, fmt.Errorf("create connection to %s: %w", target, err)
	}
	return c, nil
}

// headers adds the same metadata to every request without copying it.
type headers map[string]string

func newHeaders(list []endpoint.Header) headers {
	h := make(headers, len(list))
	for _, e := range list {
		h[e.Key] = e.Value
	}
	return h
}

// GetRequestMetadata implements credentials.PerRPCCredentials.
func (h headers) GetRequestMetadata(context.Context, ...string) (map[string]string, error) {
	return h, nil
}

// RequireTransportSecurity implements credentials.PerRPCCredentials. Headers
// are the user's to send wherever the user says.
func (h headers) RequireTransportSecurity() bool { return false }

var _ credentials.PerRPCCredentials = headers(nil)

// Send implements replay.Transport.
func (t *Transport) Send(ctx context.Context, sig otlp.Signal, payload []byte) replay.Result {
	n := t.next.Add(1) - 1
	c := &t.conns[n%uint64(len(t.conns))]
	m := t.calls.Get().(*call)
	m.request.Bytes = payload
	err := c.Invoke(ctx, Methods[sig], &m.request, &m.answer, t.opts...)
	m.request.Bytes = nil
	var r replay.Result
	if err != nil {
		r = failure(ctx, err, c.refusal)
	} else {
		r = success(m.answer.Bytes)
	}
	t.calls.Put(m)
	return r
}

// Close closes the connections. Requests under way end as canceled.
func (t *Transport) Close() error {
	var errs []error
	for _, c := range t.conns {
		errs = append(errs, c.ClientConn.Close())
	}
	return errors.Join(errs...)
}
