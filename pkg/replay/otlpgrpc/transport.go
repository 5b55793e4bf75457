// Package otlpgrpc sends OTLP over gRPC: bytes from the caller to the socket,
// with no message in between.
//
//	settings, err := endpoint.Resolve(endpoint.Flags{Endpoints: []string{"http://127.0.0.1:4317"}}, os.Getenv)
//	t, err := otlpgrpc.New(otlpgrpc.Options{Settings: settings[otlp.SignalTraces]})
//	defer t.Close()
//	result := t.Send(ctx, otlp.SignalTraces, payload)
//
// The library counts references to the payload, so that a result can say whether
// one is left: see replay.Result.Held.
//
// Every retry is the caller's: one Send is one request. The library's own are
// off but for one that is invisible by nature, where not even the header of a
// request was written.
package otlpgrpc

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
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
	opts  []grpc.CallOption

	redact func(string) string
}

type conn struct {
	*grpc.ClientConn
	secure  bool
	dialer  *dialer
	refusal *refusal
}

// New returns a transport. It connects when there is something to send; errors
// are of the options.
func New(o Options) (*Transport, error) {
	RegisterCompressors()
	config, err := o.Settings.TLS()
	if err != nil {
		return nil, err
	}
	t := &Transport{
		redact: o.Settings.Redactor(),
		// No room to keep a request for another try: once it was written it is not
		// sent again, even where the receiver says that it did not look at it.
		opts: []grpc.CallOption{grpc.ForceCodecV2(requests{}), grpc.StaticMethod(), grpc.MaxRetryRPCBufferSize(0)},
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
	c := conn{secure: target.Secure, refusal: new(refusal), dialer: &dialer{proxy: http.ProxyFromEnvironment, first: new(firstBytes)}}
	creds := insecure.NewCredentials()
	if target.Secure {
		creds = newTLS(config, c.refusal)
	}
	opts := []grpc.DialOption{
		grpc.WithTransportCredentials(creds),
		grpc.WithContextDialer(c.dialer.dial),
		grpc.WithDisableRetry(),
		grpc.WithDisableServiceConfig(),
		grpc.WithUserAgent(userAgent(o)),
		// A receiver that comes back is found soon: the caller's backoff is
		// what spares it.
		grpc.WithConnectParams(grpc.ConnectParams{
			Backoff:           backoff.Config{BaseDelay: 100 * time.Millisecond, Multiplier: 1.6, Jitter: 0.2, MaxDelay: time.Second},
			MinConnectTimeout: 5 * time.Second,
		}),
		grpc.WithIdleTimeout(0),
		grpc.WithWriteBufferSize(writeBuffer),
	}
	if host, zone := cutZone(target.Addr); zone {
		opts = append(opts, grpc.WithAuthority(host))
	}
	if len(o.Settings.Headers) > 0 {
		opts = append(opts, grpc.WithPerRPCCredentials(newHeaders(o.Settings.Headers)))
	}
	var err error
	if c.ClientConn, err = grpc.NewClient(dialTarget(target.Addr), opts...); err != nil {
		return conn{}, fmt.Errorf("create connection to %s: %w", target, err)
	}
	return c, nil
}

// dialTarget returns the library's target for an address. Names are resolved by
// the dialer, or by a proxy, which may know names that we do not.
func dialTarget(addr string) string {
	if strings.HasPrefix(addr, "unix:") || strings.HasPrefix(addr, "passthrough:") {
		return addr
	}
	if rest, found := strings.CutPrefix(addr, "dns:"); found {
		addr = strings.TrimPrefix(rest, "///")
		if _, _, err := net.SplitHostPort(addr); err != nil || strings.Contains(addr, "/") {
			return "dns:" + rest // with a server of its own, or without a port
		}
	}
	return "passthrough:///" + url.PathEscape(addr)
}

// cutZone returns an address without its zone, which means something on this
// machine only, and whether it had one.
func cutZone(addr string) (string, bool) {
	host, after, found := strings.Cut(addr, "%")
	end := strings.IndexByte(after, ']')
	if !found || end < 0 {
		return addr, false
	}
	return host + after[end:], true
}

// userAgent returns what the library puts its own name behind. One that the user
// gives replaces ours and is not sent a second time as a header.
func userAgent(o Options) string {
	for _, h := range o.Settings.Headers {
		if h.Key == "user-agent" {
			return h.Value
		}
	}
	return o.UserAgent
}

// headers adds the same metadata to every request without copying it.
type headers map[string]string

func newHeaders(list []endpoint.Header) headers {
	h := make(headers, len(list))
	for _, e := range list {
		if e.Key != "user-agent" {
			h[e.Key] = e.Value
		}
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

var _ replay.Transport = (*Transport)(nil)

// Send implements replay.Transport.
func (t *Transport) Send(ctx context.Context, sig otlp.Signal, payload []byte) replay.Result {
	n := t.next.Add(1) - 1
	c := &t.conns[n%uint64(len(t.conns))]
	m := &call{payload: payload}
	err := m.exchange(ctx, c.ClientConn, Methods[sig], t.opts)
	var r replay.Result
	if err != nil {
		r = m.failure(ctx, err, c)
	} else {
		c.dialer.good.Store(true)
		r = success(m.answer.Bytes)
	}
	r.Held = !m.freed.Load()
	r.Message = t.redact(r.Message)
	return r
}

// Close closes the connections. Requests under way end as canceled. The library
// closes one after the other and waits seconds for each whose peer does not read,
// so all are told first that the time is short.
func (t *Transport) Close() error {
	for _, c := range t.conns {
		c.dialer.end()
	}
	var errs []error
	for _, c := range t.conns {
		errs = append(errs, c.ClientConn.Close())
	}
	return errors.Join(errs...)
}
