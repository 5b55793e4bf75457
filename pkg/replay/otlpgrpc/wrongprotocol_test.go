package otlpgrpc

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/replay"
	"github.com/otelsim/otelsim/pkg/replay/endpoint"
)

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
		// Until the answer is there the library only knows that it is not
		// connected.
		var r replay.Result
		for range 100 {
			ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
			r = tr.Send(ctx, otlp.SignalTraces, nil)
			cancel()
			if r.Reason == row.reason {
				break
			}
			time.Sleep(10 * time.Millisecond)
		}
		if r.Class != row.class || r.Reason != row.reason || row.reason == "wrong protocol" && !strings.Contains(r.Message, "4317") {
			t.Errorf("%s: got %+v", row.why, r)
		}
		if err := tr.Close(); err != nil {
			t.Error(err)
		}
		server.Close()
	}
}
