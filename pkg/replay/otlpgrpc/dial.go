package otlpgrpc

import (
	"bufio"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// A connection that ended within shortLife of being made, without one answer,
// makes the next one wait, longer each time. The library makes the next at once,
// and a receiver that says goodbye to everybody would be asked thousands of
// times a second. Requests wait for it meanwhile, as for any connection.
const (
	shortLife = 2 * time.Second
	firstWait = 50 * time.Millisecond
	longWait  = time.Second
)

// dialer opens the connections of one grpc.ClientConn.
type dialer struct {
	proxy func(*http.Request) (*url.URL, error)
	good  atomic.Bool // the connection in use has had an answer
	first *firstBytes // of what the receiver sends

	mu    sync.Mutex
	last  time.Time // when a connection was made; zero: none
	wait  time.Duration
	open  map[*stallConn]bool
	ended bool
}

// dial opens a connection. Addresses are host:port, as the target has them, or
// the path of a Unix socket.
func (d *dialer) dial(ctx context.Context, addr string) (net.Conn, error) {
	if err := d.pause(ctx); err != nil {
		return nil, err
	}
	raw, err := d.connect(ctx, addr)
	if err != nil {
		return nil, err
	}
	d.first.reset()
	c := &stallConn{Conn: raw, timeout: StallTimeout, first: d.first, closed: d.forget}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.last = time.Now()
	if d.open == nil {
		d.open = make(map[*stallConn]bool)
	}
	d.open[c] = true
	if d.ended {
		c.end()
	}
	return c, nil
}

func (d *dialer) forget(c *stallConn) {
	d.mu.Lock()
	delete(d.open, c)
	d.mu.Unlock()
}

// end ends what connections still write: nobody waits for an answer any more.
func (d *dialer) end() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.ended = true
	for c := range d.open {
		c.end()
	}
}

// pause waits when the connection before was of no use.
func (d *dialer) pause(ctx context.Context) error {
	d.mu.Lock()
	if d.good.Swap(false) || d.last.IsZero() || time.Since(d.last) > shortLife+d.wait {
		d.wait = 0
	} else {
		d.wait = min(max(2*d.wait, firstWait), longWait)
	}
	wait := d.wait
	d.mu.Unlock()
	if wait == 0 {
		return nil
	}
	t := time.NewTimer(wait)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (d *dialer) connect(ctx context.Context, addr string) (net.Conn, error) {
	var n net.Dialer
	if path, found := strings.CutPrefix(addr, "unix:"); found {
		return n.DialContext(ctx, "unix", strings.TrimPrefix(path, "//"))
	}
	proxy, err := d.proxyFor(addr)
	if err != nil {
		return nil, err
	}
	if proxy == nil {
		return n.DialContext(ctx, "tcp", addr)
	}
	return connectThrough(ctx, &n, proxy, addr)
}

// proxyFor returns the proxy for an address, nil for none. As everywhere in
// gRPC, HTTPS_PROXY and NO_PROXY decide, with TLS or without: to a proxy, a
// connection is a tunnel.
func (d *dialer) proxyFor(addr string) (*url.URL, error) {
	proxy, err := d.proxy(&http.Request{URL: &url.URL{Scheme: "https", Host: addr}})
	if err != nil {
		// It may have a password.
		return nil, errors.New("proxy of the environment: not a URL of a proxy")
	}
	if proxy != nil && proxy.Scheme != "http" {
		return nil, fmt.Errorf("proxy of the environment: scheme %q: want http", proxy.Scheme)
	}
	return proxy, nil
}

// connectThrough has a proxy connect to addr.
func connectThrough(ctx context.Context, n *net.Dialer, proxy *url.URL, addr string) (net.Conn, error) {
	host := proxy.Host
	if proxy.Port() == "" {
		host = net.JoinHostPort(proxy.Hostname(), "80")
	}
	raw, err := n.DialContext(ctx, "tcp", host)
	if err != nil {
		return nil, fmt.Errorf("proxy: %w", err)
	}
	stop := context.AfterFunc(ctx, func() { _ = raw.SetDeadline(time.Unix(1, 0)) })
	c, err := askProxy(raw, proxy.User, addr)
	if !stop() && err == nil {
		err = ctx.Err()
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("proxy: %w", err), raw.Close())
	}
	return c, nil
}

// askProxy asks on a connection to a proxy for one to addr.
func askProxy(raw net.Conn, user *url.Userinfo, addr string) (net.Conn, error) {
	req := &http.Request{Method: http.MethodConnect, URL: &url.URL{Host: addr}, Host: addr, Header: http.Header{}}
	if user != nil {
		password, _ := user.Password()
		req.Header.Set("Proxy-Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(user.Username()+":"+password)))
	}
	if err := req.Write(raw); err != nil {
		return nil, err
	}
	in := bufio.NewReader(&limited{raw, maxProxyAnswer})
	resp, err := http.ReadResponse(in, req)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("CONNECT %s: http %d", addr, resp.StatusCode)
	}
	if in.Buffered() == 0 {
		return raw, nil
	}
	// A receiver of gRPC without TLS may speak first.
	early, err := in.Peek(in.Buffered())
	return &earlyConn{Conn: raw, early: early}, err
}

// maxProxyAnswer bounds what a proxy says before it is connected, in bytes.
const maxProxyAnswer = 64 << 10

// limited is a reader that ends with an error.
type limited struct {
	net.Conn
	left int
}

// Read implements io.Reader.
func (l *limited) Read(b []byte) (int, error) {
	if l.left <= 0 {
		return 0, errors.New("the answer is too long")
	}
	n, err := l.Conn.Read(b[:min(len(b), l.left)])
	l.left -= n
	return n, err
}

// earlyConn has what was read beyond the answer of a proxy.
type earlyConn struct {
	net.Conn
	early []byte
}

// Read implements net.Conn.
func (c *earlyConn) Read(b []byte) (int, error) {
	if len(c.early) > 0 {
		n := copy(b, c.early)
		c.early = c.early[n:]
		return n, nil
	}
	return c.Conn.Read(b)
}

// firstBytes are the first bytes that came on the last connection: they tell
// what a peer speaks, which the library's errors do not.
type firstBytes struct {
	mu   sync.Mutex
	data [5]byte
	n    int
}

func (f *firstBytes) reset() {
	f.mu.Lock()
	f.n = 0
	f.mu.Unlock()
}

func (f *firstBytes) add(b []byte) {
	f.mu.Lock()
	f.n += copy(f.data[f.n:], b)
	f.mu.Unlock()
}

// isTLS reports whether the peer sent a record of TLS: an alert to what it did
// not understand.
func (f *firstBytes) isTLS() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.n >= 2 && f.data[0] == 0x15 && f.data[1] == 3
}

// isHTTP1 reports whether the peer answered as a server of HTTP/1 does.
func (f *firstBytes) isHTTP1() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.n == len(f.data) && string(f.data[:]) == "HTTP/"
}
