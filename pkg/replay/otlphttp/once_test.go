package otlphttp

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/replay"
	"github.com/otelsim/otelsim/pkg/replay/endpoint"
)

// listen has f called with each connection to a port of its own.
func listen(t *testing.T, address string, f func(net.Conn)) string {
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

func transportTo(t *testing.T, s endpoint.Settings, to string) *Transport {
	t.Helper()
	s.Protocol, s.Targets = endpoint.HTTPProtobuf, []endpoint.Target{{URL: to}}
	tr, err := New(Options{Settings: s})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { tr.Close() })
	return tr
}

// net/http sends requests with one of these headers again by itself where a
// connection that was used before ends without an answer.
func TestOneAttemptIsOneRequest(t *testing.T) {
	for _, key := range []string{"", "idempotency-key", "x-idempotency-key"} {
		var arrived atomic.Int64
		addr := listen(t, "127.0.0.1:0", func(c net.Conn) {
			in := bufio.NewReader(c)
			for n := 0; ; n++ {
				r, err := http.ReadRequest(in)
				if err != nil {
					return
				}
				_, _ = io.Copy(io.Discard, r.Body)
				arrived.Add(1)
				if key != "" && r.Header.Get(key) != "1234" {
					t.Errorf("%s is %q", key, r.Header.Get(key))
				}
				if n%2 == 1 {
					return
				}
				_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
			}
		})
		s := endpoint.Settings{}
		if key != "" {
			s.Headers = []endpoint.Header{{Key: key, Value: "1234"}}
		}
		tr := transportTo(t, s, "http://"+addr+"/")
		const requests = 40
		accepted := 0
		for range requests {
			switch r := send(t, tr, "payload"); {
			case r.Class == replay.Accepted:
				accepted++
			case r.Class != replay.Retryable || !r.Open:
				t.Errorf("%s: got %+v", key, r)
			}
		}
		if n := arrived.Load(); n != requests || accepted != requests/2 {
			t.Errorf("%q: %d requests arrived of %d, %d accepted", key, n, requests, accepted)
		}
	}
}

// A receiver that takes the connection over is no receiver, and no answer of
// its is waited for.
func TestSwitchingProtocolsEndsAnAttempt(t *testing.T) {
	closed := make(chan struct{})
	addr := listen(t, "127.0.0.1:0", func(c net.Conn) {
		if _, err := http.ReadRequest(bufio.NewReader(c)); err != nil {
			return
		}
		_, _ = io.WriteString(c, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n")
		_, _ = io.Copy(io.Discard, c)
		close(closed)
	})
	tr := transportTo(t, endpoint.Settings{}, "http://"+addr+"/")
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	r := tr.Send(ctx, otlp.SignalTraces, []byte("payload"))
	if r.Class != replay.Permanent || r.Reason != "http 101" {
		t.Errorf("got %+v", r)
	}
	select {
	case <-closed:
	case <-time.After(10 * time.Second):
		t.Error("the connection is still open")
	}
}

// The payload is the caller's again when Send returns, whoever still reads.
func TestThePayloadIsFreeAfterAnEarlyAnswer(t *testing.T) {
	release := make(chan struct{})
	addr := listen(t, "127.0.0.1:0", func(c net.Conn) {
		_, _ = c.Read(make([]byte, 100))
		_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
		<-release
		_, _ = io.Copy(io.Discard, c)
	})
	tr := transportTo(t, endpoint.Settings{}, "http://"+addr+"/")
	payload := make([]byte, 16<<20) // more than the buffers between
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	r := tr.Send(ctx, otlp.SignalTraces, payload)
	if r.Class != replay.Accepted || r.Held {
		t.Errorf("got %+v", r)
	}
	close(release)
	for range 20 { // with -race, a reader would be seen
		for i := 0; i < len(payload); i += 1000 {
			payload[i]++
		}
	}
}

func TestErrorsKeepSecrets(t *testing.T) {
	for _, u := range []string{"http://c:x/?key=s3cret", "http://u:s3cret@c:1\x7f/", "http://c/%zzs3cret"} {
		_, err := New(Options{Settings: endpoint.Settings{Targets: []endpoint.Target{{URL: u, AsIs: true}}}})
		if err == nil || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%q: got %v", u, err)
		}
	}
	tr := transportTo(t, endpoint.Settings{Headers: []endpoint.Header{{Key: "authorization", Value: "Bearer s3cret"}}}, "http://127.0.0.1:1/")
	tr.http.Proxy = func(*http.Request) (*url.URL, error) { return nil, errors.New("proxy has token s3cret") }
	if r := send(t, tr, "x"); !r.Unsent || strings.Contains(r.Message, "s3cret") {
		t.Errorf("got %+v", r)
	}
	t.Setenv("HTTP_PROXY", "http://u:s3cret@%zz")
	if _, err := proxy(&http.Request{URL: tr.urls[0][0]}); err != nil && strings.Contains(err.Error(), "s3cret") {
		t.Errorf("got %v", err)
	}
}

func TestAddressesWithZones(t *testing.T) {
	addr := listen(t, "[::1]:0", func(c net.Conn) {
		r, err := http.ReadRequest(bufio.NewReader(c))
		if err != nil {
			return
		}
		if strings.Contains(r.Host, "%") {
			t.Errorf("the receiver is called %s", r.Host)
		}
		_, _ = io.WriteString(c, "HTTP/1.1 204 No Content\r\n\r\n")
	})
	_, port, _ := net.SplitHostPort(addr)
	tr := transportTo(t, endpoint.Settings{}, "http://[::1%25lo]:"+port+"/")
	if r := send(t, tr, "x"); r.Class != replay.Accepted {
		t.Errorf("got %+v", r)
	}
}

// A receiver of TLS answers plain text with an alert, one of plain text has no
// handshake: what to do about it is said with the first record.
func TestMismatchesOfTLSAreTold(t *testing.T) {
	alert := listen(t, "127.0.0.1:0", func(c net.Conn) {
		// The whole request: an answer that comes before its last bytes are written is a
		// connection lost, and told with the next attempt.
		if r, err := http.ReadRequest(bufio.NewReader(c)); err == nil {
			_, _ = io.Copy(io.Discard, r.Body)
		}
		_, _ = c.Write([]byte("\x15\x03\x01\x00\x02\x02\x46"))
	})
	if r := send(t, transportTo(t, endpoint.Settings{}, "http://"+alert+"/"), "x"); r.Reason != wrongProtocol || !strings.Contains(r.Message, "https://") {
		t.Errorf("TLS: got %+v", r)
	}
	bare := listen(t, "127.0.0.1:0", func(c net.Conn) {
		_, _ = c.Read(make([]byte, 4096))
		_, _ = io.WriteString(c, "HTTP/1.1 400 Bad Request\r\n\r\n")
	})
	tr, err := New(Options{Settings: endpoint.Settings{Targets: []endpoint.Target{{URL: "https://" + bare + "/", Secure: true}}}})
	if err != nil {
		t.Fatal(err)
	}
	defer tr.Close()
	if r := send(t, tr, "x"); r.Class != replay.Permanent || !r.Unsent || !strings.Contains(r.Message, "http://") {
		t.Errorf("plain: got %+v", r)
	}
}
