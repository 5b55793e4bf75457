package otlpgrpc

import (
	"context"
	"crypto/tls"
	"encoding/pem"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/replay"
	"github.com/otelsim/otelsim/pkg/replay/endpoint"
)

// untilSaid sends until a result has the reason, or for a while: the library
// knows only after a moment why it is not connected.
func untilSaid(t *testing.T, tr *Transport, reason, words string) replay.Result {
	t.Helper()
	var r replay.Result
	for range 100 {
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		r = tr.Send(ctx, otlp.SignalTraces, nil)
		cancel()
		if r.Reason == reason && strings.Contains(r.Message, words) {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	return r
}

// TLS that does not offer HTTP/2 has no gRPC behind it, ever: some say so, some
// go on as if they had not been asked.
func TestTLSWithoutHTTP2IsTheWrongProtocol(t *testing.T) {
	server := httptest.NewTLSServer(http.NotFoundHandler())
	defer server.Close()
	ca := endpoint.File{Path: filepath.Join(t.TempDir(), "ca.pem"), Source: "--ca-cert"}
	block := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	if err := os.WriteFile(ca.Path, block, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, offered := range [][]string{nil, {"http/1.1"}} {
		addr := accept(t, "127.0.0.1:0", func(c net.Conn) {
			secure := tls.Server(c, &tls.Config{Certificates: server.TLS.Certificates, NextProtos: offered})
			_, _ = io.Copy(io.Discard, secure)
		})
		tr, err := New(Options{Settings: endpoint.Settings{Targets: []endpoint.Target{{Addr: addr, Secure: true}}, CACert: ca}})
		if err != nil {
			t.Fatal(err)
		}
		if r := untilSaid(t, tr, "wrong protocol", "4317"); r.Class != replay.Permanent || r.Reason != "wrong protocol" {
			t.Errorf("offered %q: got %+v", offered, r)
		}
		if err := tr.Close(); err != nil {
			t.Error(err)
		}
	}
}

// A server of TLS that is written by the same library closes a connection that
// begins without, and says nothing. It may also be a proxy with nothing behind
// it, so that the request is sent again.
func TestAServerThatClosesMayHaveTLS(t *testing.T) {
	addr := accept(t, "127.0.0.1:0", func(c net.Conn) { _, _ = io.ReadFull(c, make([]byte, 5)) })
	tr, err := New(Options{Settings: endpoint.Settings{Targets: []endpoint.Target{{Addr: addr}}}})
	if err != nil {
		t.Fatal(err)
	}
	defer tr.Close()
	if r := untilSaid(t, tr, "grpc Unavailable", "https://"); r.Class != replay.Retryable || !strings.Contains(r.Message, "https://") {
		t.Errorf("got %+v", r)
	}
}

// A receiver that speaks HTTP only refuses at once, and the hint says so. One
// behind a proxy that has nothing behind it is asked again.
func TestAServerOfPlainHTTPIsTheWrongProtocol(t *testing.T) {
	for _, row := range []struct {
		why    string
		http2  bool
		code   int
		class  replay.Class
		reason string
	}{
		{"HTTP/1 only", false, 404, replay.Permanent, "wrong protocol"},
		{"HTTP/2 without gRPC", true, 404, replay.Permanent, "wrong protocol"},
		{"HTTP/2 that wants another type", true, 415, replay.Permanent, "wrong protocol"},
		{"a proxy with nothing behind it", true, 503, replay.Retryable, "grpc Unavailable"},
	} {
		server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/plain")
			w.WriteHeader(row.code)
		}))
		if row.http2 {
			server.Config.Protocols = new(http.Protocols)
			server.Config.Protocols.SetUnencryptedHTTP2(true)
		}
		server.Start()
		tr, err := New(Options{Settings: endpoint.Settings{Targets: []endpoint.Target{{Addr: server.Listener.Addr().String()}}}})
		if err != nil {
			t.Fatal(err)
		}
		r := untilSaid(t, tr, row.reason, "")
		if r.Class != row.class || r.Reason != row.reason || row.reason == "wrong protocol" && !strings.Contains(r.Message, "4317") {
			t.Errorf("%s: got %+v", row.why, r)
		}
		if err := tr.Close(); err != nil {
			t.Error(err)
		}
		server.Close()
	}
}
