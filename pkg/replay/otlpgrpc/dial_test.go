package otlpgrpc

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/replay"
	"github.com/otelsim/otelsim/pkg/replay/endpoint"
)

// accept has f called with each connection to a port of its own.
func accept(t *testing.T, address string, f func(net.Conn)) string {
	t.Helper()
	l, err := net.Listen("tcp", address)
	if err != nil {
		t.Skip(err) // machines without the address
	}
	var others sync.WaitGroup
	others.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			others.Go(func() {
				defer c.Close()
				f(c)
			})
		}
	})
	t.Cleanup(func() {
		l.Close()
		others.Wait()
	})
	return l.Addr().String()
}

func sendTo(t *testing.T, o Options, timeout time.Duration) replay.Result {
	t.Helper()
	tr, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	defer tr.Close()
	ctx, cancel := context.WithTimeout(t.Context(), timeout)
	defer cancel()
	return tr.Send(ctx, otlp.SignalTraces, make([]byte, 5000))
}

// A receiver that says goodbye to every connection is not asked thousands of
// times a second, and nothing that it never looked at fails for good.
func TestAReceiverThatSaysGoodbyeIsSpared(t *testing.T) {
	var conns atomic.Int64
	addr := accept(t, "127.0.0.1:0", func(c net.Conn) {
		conns.Add(1)
		_, _ = c.Write([]byte("\x00\x00\x00\x04\x00\x00\x00\x00\x00" + "\x00\x00\x08\x07\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"))
		_, _ = io.Copy(io.Discard, c)
	})
	tr, err := New(Options{Settings: endpoint.Settings{Targets: []endpoint.Target{{Addr: addr}}}})
	if err != nil {
		t.Fatal(err)
	}
	defer tr.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 800*time.Millisecond)
	defer cancel()
	var others sync.WaitGroup
	for range 8 {
		others.Go(func() {
			for ctx.Err() == nil {
				if r := tr.Send(ctx, otlp.SignalTraces, []byte("payload")); r.Class != replay.Retryable || r.Open {
					t.Errorf("got %+v, want what can be sent again and has not arrived", r)
					return
				}
			}
		})
	}
	others.Wait()
	// 50, 100, 200 and 400 ms apart; some 3,000 without waits.
	if n := conns.Load(); n > 8 {
		t.Errorf("%d connections in 0.8 s", n)
	}
}

// goodProxy connects to whatever it is asked for, and notes what that was.
func goodProxy(t *testing.T, to string, asked chan<- string) string {
	return accept(t, "127.0.0.1:0", func(c net.Conn) {
		in := bufio.NewReader(c)
		req, err := http.ReadRequest(in)
		if err != nil {
			return
		}
		asked <- req.Method + " " + req.Host + " " + req.Header.Get("Proxy-Authorization")
		up, err := net.Dial("tcp", to)
		if err != nil {
			return
		}
		defer up.Close()
		fmt.Fprint(c, "HTTP/1.1 200 Connection established\r\n\r\n")
		done := make(chan struct{})
		go func() {
			defer close(done)
			_, _ = io.Copy(c, up)
			c.Close()
		}()
		_, _ = io.Copy(up, in)
		up.Close()
		<-done
	})
}

func TestProxiesAreAskedAsTheEnvironmentSays(t *testing.T) {
	server, requests := serve(t)
	asked := make(chan string, 1)
	proxy := goodProxy(t, server, asked)
	through := func(p *url.URL, err error) *Transport {
		tr, nerr := New(Options{Settings: endpoint.Settings{Targets: []endpoint.Target{{Addr: "collector.invalid:4317"}}}})
		if nerr != nil {
			t.Fatal(nerr)
		}
		t.Cleanup(func() { tr.Close() })
		tr.conns[0].dialer.proxy = func(r *http.Request) (*url.URL, error) {
			if r.URL.String() != "https://collector.invalid:4317" {
				t.Errorf("asked for %v", r.URL)
			}
			return p, err
		}
		return tr
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	r := through(&url.URL{Scheme: "http", Host: proxy, User: url.UserPassword("u", "pw")}, nil).Send(ctx, otlp.SignalTraces, []byte("payload"))
	if r.Class != replay.Accepted {
		t.Fatalf("got %+v", r)
	}
	if got := <-requests; string(got.body) != "payload" {
		t.Errorf("the receiver got %q", got.body)
	}
	if got := <-asked; got != "CONNECT collector.invalid:4317 Basic dTpwdw==" {
		t.Errorf("the proxy was asked %q", got)
	}
	r = through(nil, errors.New("invalid proxy address http://u:pw@x")).Send(ctx, otlp.SignalTraces, []byte("payload"))
	if r.Class != replay.Retryable || !r.Unsent || strings.Contains(r.Message, "pw") || !strings.Contains(r.Message, "proxy") {
		t.Errorf("a proxy that is none: got %+v", r)
	}
	r = through(&url.URL{Scheme: "socks5", Host: "x"}, nil).Send(ctx, otlp.SignalTraces, []byte("payload"))
	if !r.Unsent || !strings.Contains(r.Message, "want http") {
		t.Errorf("a proxy of another kind: got %+v", r)
	}
}

// A proxy is a receiver as good or bad as any.
func TestHostileProxies(t *testing.T) {
	for why, row := range map[string]struct {
		answer string
		want   string
	}{
		"refuses":         {"HTTP/1.1 407 No\r\nContent-Length: 0\r\n\r\n", "http 407"},
		"moves terminals": {"HTTP/1.1 502 \x1b[31m\r\n\r\n", "http 502"},
		"is none":         {"220 smtp\r\n", "proxy"},
		"closes":          {"", "proxy"},
		"never ends":      {"HTTP/1.1 200 OK\r\nX: " + strings.Repeat("x", maxProxyAnswer), "too long"},
	} {
		addr := accept(t, "127.0.0.1:0", func(c net.Conn) {
			if _, err := http.ReadRequest(bufio.NewReader(c)); err == nil {
				_, _ = io.WriteString(c, row.answer)
			}
		})
		d := &dialer{first: new(firstBytes), proxy: http.ProxyURL(&url.URL{Scheme: "http", Host: addr})}
		c, err := d.dial(t.Context(), "collector.invalid:4317")
		if err == nil {
			c.Close()
			t.Errorf("%s: connected", why)
		} else if !strings.Contains(err.Error(), row.want) || strings.Contains(err.Error(), "\x1b") {
			t.Errorf("%s: got %q, want %q in it", why, err, row.want)
		}
	}
	// One that says nothing costs the time that there is.
	addr := accept(t, "127.0.0.1:0", func(c net.Conn) { _, _ = io.Copy(io.Discard, c) })
	d := &dialer{first: new(firstBytes), proxy: http.ProxyURL(&url.URL{Scheme: "http", Host: addr})}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := d.dial(ctx, "collector.invalid:4317"); !errors.Is(err, context.DeadlineExceeded) && !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("silent: got %v", err)
	}
}

func TestTargetsOfTheLibrary(t *testing.T) {
	for in, want := range map[string]string{
		"collector:4317":            "passthrough:///collector:4317",
		"[::1]:4317":                "passthrough:///%5B::1%5D:4317",
		"[fe80::1%eth0]:4317":       "passthrough:///%5Bfe80::1%25eth0%5D:4317",
		"unix:///run/x":             "unix:///run/x",
		"passthrough:///a:1":        "passthrough:///a:1",
		"dns:///collector:4317":     "passthrough:///collector:4317",
		"dns:///collector":          "dns:///collector",
		"dns://1.2.3.4/collector:1": "dns://1.2.3.4/collector:1",
	} {
		if got := dialTarget(in); got != want {
			t.Errorf("%s: got %s, want %s", in, got, want)
		}
	}
}

func TestAddressesWithZones(t *testing.T) {
	l, err := net.Listen("tcp", "[::1]:0")
	if err != nil {
		t.Skip(err)
	}
	l.Close()
	server := accept(t, l.Addr().String(), func(c net.Conn) {
		b := make([]byte, 1)
		_, _ = c.Read(b)
	})
	_, port, _ := net.SplitHostPort(server)
	d := &dialer{first: new(firstBytes), proxy: http.ProxyFromEnvironment}
	c, err := d.dial(t.Context(), "[::1%lo]:"+port)
	if err != nil {
		t.Fatal(err)
	}
	c.Close()
	// The library finds its way from a target to the dialer, and names nobody's
	// zone to the receiver.
	r := sendTo(t, Options{Settings: endpoint.Settings{Targets: []endpoint.Target{{Addr: "[::1%lo]:" + port}}}}, 2*time.Second)
	if strings.Contains(r.Message, "resolve") || strings.Contains(r.Message, "parse") {
		t.Errorf("got %+v", r)
	}
	if got, zone := cutZone("[fe80::1%eth0]:4317"); got != "[fe80::1]:4317" || !zone {
		t.Errorf("got %s, %v", got, zone)
	}
}

func TestOneUserAgent(t *testing.T) {
	addr, requests := serve(t)
	for _, row := range []struct{ header, want string }{{"", "otelsim-replay/1"}, {"mine", "mine"}} {
		s := endpoint.Settings{Targets: []endpoint.Target{{Addr: addr}}}
		if row.header != "" {
			s.Headers = []endpoint.Header{{Key: "user-agent", Value: row.header}}
		}
		if r := sendTo(t, Options{Settings: s, UserAgent: "otelsim-replay/1"}, 10*time.Second); r.Class != replay.Accepted {
			t.Fatalf("got %+v", r)
		}
		if got := (<-requests).md["user-agent"]; len(got) != 1 || !strings.HasPrefix(got[0], row.want+" ") {
			t.Errorf("got %q, want one that begins %q", got, row.want)
		}
	}
}
