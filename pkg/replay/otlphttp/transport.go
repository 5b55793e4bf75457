// Package otlphttp sends OTLP over HTTP, as protobuf or as JSON. The payload is
// the body: it is not read, nor converted.
//
//	settings, err := endpoint.Resolve(flags, os.Getenv) // flags say the protocol
//	t, err := otlphttp.New(otlphttp.Options{Settings: settings[otlp.SignalTraces]})
//	defer t.Close()
//	result := t.Send(ctx, otlp.SignalTraces, payload)
//
// Each connection carries one request at a time (HTTP/1.1), so as many are
// open as requests are in flight, up to Options.Connections.
package otlphttp

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/internal/codec"
	"github.com/otelsim/otelsim/pkg/replay"
	"github.com/otelsim/otelsim/pkg/replay/endpoint"
	"github.com/otelsim/otelsim/pkg/replay/response"
)

// maxAnswer is how much of an answer is read; a receiver that says more loses
// its connection.
const maxAnswer = 64 << 10

// Options says where and how. Of Settings all but Timeout apply; Protocol says
// what the payloads are.
type Options struct {
	Settings    endpoint.Settings
	Connections int    // to each target at most; 0 is no limit
	UserAgent   string // "name/version"
}

// Transport is a replay.Transport. Requests go to the targets in turn.
type Transport struct {
	http     *http.Transport
	urls     [otlp.NumSignals][]*url.URL
	header   http.Header // of every request; never changed
	json     bool
	next     atomic.Uint64
	encoders *encoders // nil: no compression
	answers  sync.Pool // of *bytes.Buffer
	secure   bool      // some target
	redact   func(string) string
}

// New returns a transport. It connects when there is something to send; errors
// are of the options.
func New(o Options) (*Transport, error) {
	config, err := o.Settings.TLS()
	if err != nil {
		return nil, err
	}
	dialer := &net.Dialer{Timeout: 10 * time.Second, KeepAlive: 15 * time.Second}
	t := &Transport{
		json:    o.Settings.Protocol == endpoint.HTTPJSON,
		answers: sync.Pool{New: func() any { return new(bytes.Buffer) }},
		http: &http.Transport{
			Proxy:                  proxy,
			DialContext:            dialer.DialContext,
			TLSClientConfig:        config,
			TLSHandshakeTimeout:    handshakeTimeout, // through a proxy
			MaxConnsPerHost:        o.Connections,
			MaxIdleConns:           0, // all that were needed stay open
			MaxIdleConnsPerHost:    max(o.Connections, 1024),
			IdleConnTimeout:        90 * time.Second,
			DisableCompression:     true, // answers are a few bytes
			MaxResponseHeaderBytes: maxAnswer,
			WriteBufferSize:        64 << 10,
			Protocols:              http1(),
		},
		redact: o.Settings.Redactor(),
	}
	t.secure = config != nil
	if config != nil {
		t.http.DialTLSContext = (&dialTLS{dialer, config}).dial
	}
	for sig := range otlp.Signal(otlp.NumSignals) {
		for _, target := range o.Settings.Targets {
			u, err := url.Parse(target.SignalURL(sig))
			if err != nil {
				if ue, ok := errors.AsType[*url.Error](err); ok {
					err = ue.Err // without the URL, which may have a secret
				}
				return nil, fmt.Errorf("create HTTP transport: endpoint is no URL: %w", err)
			}
			t.urls[sig] = append(t.urls[sig], u)
		}
	}
	if len(t.urls[0]) == 0 {
		return nil, errors.New("create HTTP transport: no endpoint")
	}
	t.header = header(o)
	if o.Settings.Compression != codec.None {
		t.encoders = newEncoders(o.Settings.Compression)
	}
	return t, nil
}

// http1 returns the one version of HTTP that is spoken.
func http1() *http.Protocols {
	p := new(http.Protocols)
	p.SetHTTP1(true)
	return p
}

// proxy returns the proxy of the environment for a request.
func proxy(req *http.Request) (*url.URL, error) {
	u, err := http.ProxyFromEnvironment(req)
	if err != nil {
		// It may have a password.
		return nil, errors.New("proxy of the environment: not a URL of a proxy")
	}
	return u, nil
}

// header returns what every request has. net/http takes a request with one of
// the Idempotency-Keys for one that it may send again by itself, of which nobody
// would hear: it does not find them under a name that is not in its own form,
// and on the wire case does not matter.
func header(o Options) http.Header {
	h := http.Header{}
	for _, e := range o.Settings.Headers {
		switch http.CanonicalHeaderKey(e.Key) {
		case "Idempotency-Key", "X-Idempotency-Key":
			h[strings.ToLower(e.Key)] = []string{e.Value}
		default:
			h.Set(e.Key, e.Value)
		}
	}
	h.Set("Content-Type", "application/x-protobuf")
	if o.Settings.Protocol == endpoint.HTTPJSON {
		h.Set("Content-Type", "application/json")
	}
	if c := o.Settings.Compression; c != codec.None {
		h.Set("Content-Encoding", c.String())
	}
	if h.Get("User-Agent") == "" {
		h.Set("User-Agent", o.UserAgent)
	}
	return h
}

var _ replay.Transport = (*Transport)(nil)

// Send implements replay.Transport. The payload is never held: see lease.
func (t *Transport) Send(ctx context.Context, sig otlp.Signal, payload []byte) replay.Result {
	r := t.send(ctx, sig, payload)
	r.Message = t.redact(response.Said(r.Message))
	return r
}

func (t *Transport) send(ctx context.Context, sig otlp.Signal, payload []byte) replay.Result {
	if t.encoders != nil {
		out, err := t.encoders.encode(payload)
		if err != nil {
			return replay.Result{Class: replay.Permanent, Reason: "compress", Message: err.Error(), Unsent: true}
		}
		defer t.encoders.bodies.Put(out)
		payload = out.bytes
	}
	l := &lease{payload: payload}
	defer l.take()
	n := t.next.Add(1) - 1
	urls := t.urls[sig]
	req := &http.Request{
		Method:        http.MethodPost,
		URL:           urls[n%uint64(len(urls))],
		Header:        t.header,
		ContentLength: int64(len(payload)),
		GetBody:       l.open,
	}
	req.Body, _ = l.open()
	resp, err := t.http.RoundTrip(req.WithContext(ctx))
	if err == nil {
		return t.answer(ctx, resp)
	}
	r := t.broken(ctx, err)
	if r.Reason != wrongProtocol { // which is an answer of a kind
		r.Open = l.take() && r.Class == replay.Retryable
		r.Unsent = !r.Open
	}
	return r
}

// answer reads what the receiver says, leaving the connection fit for the next
// request.
func (t *Transport) answer(ctx context.Context, resp *http.Response) replay.Result {
	if resp.StatusCode == http.StatusSwitchingProtocols {
		// The body is the connection itself, which nobody asked for and no
		// context ends.
		_ = resp.Body.Close()
		return failure(resp, nil, time.Now())
	}
	b := t.answers.Get().(*bytes.Buffer)
	defer t.answers.Put(b)
	b.Reset()
	_, err := b.ReadFrom(io.LimitReader(resp.Body, maxAnswer+1))
	if cerr := resp.Body.Close(); err == nil {
		err = cerr
	}
	ok := resp.StatusCode >= 200 && resp.StatusCode < 300
	if err != nil && !ok {
		// The status is known, and says enough.
		b.Reset()
	} else if err != nil {
		r := t.broken(ctx, err)
		r.Open = true
		return r
	}
	if ok {
		return t.success(resp, b.Bytes())
	}
	return failure(resp, b.Bytes(), time.Now())
}

// Close closes the connections that are idle; those in use end with their
// requests, whose contexts are the caller's.
func (t *Transport) Close() error {
	t.http.CloseIdleConnections()
	return nil
}
