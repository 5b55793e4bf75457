package otelsimtest

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/otelsim/otelsim/pkg/otelsim"
	"github.com/otelsim/otelsim/pkg/replay/sink"
)

func TestAllThatIsSentArrives(t *testing.T) {
	for _, protocol := range []Protocol{HTTPProtobuf, HTTPJSON, GRPC} {
		s, err := sink.Start(sink.Options{GRPCListen: "127.0.0.1:0", HTTPListen: "127.0.0.1:0"})
		if err != nil {
			t.Fatal(err)
		}
		addr := s.HTTPAddr()
		if protocol == GRPC {
			addr = s.GRPCAddr()
		}
		sent := Send(t, Receiver{URL: "http://" + addr.String(), Protocol: protocol}, 42, 20)
		if err := s.Stop(context.Background()); err != nil {
			t.Error(err)
		}
		counts := s.Snapshot().Signals
		got := Counts{
			uint64(counts[otelsim.Traces].Items), uint64(counts[otelsim.Metrics].Items), uint64(counts[otelsim.Logs].Items),
		}
		if got != sent.Counts || sent.Spans == 0 || sent.Points == 0 || sent.LogRecords == 0 {
			t.Errorf("%s: got %+v, sent %+v", protocol, got, sent.Counts)
		}
	}
}

// A receiver that does not accept all fails the test, with its reason.
func TestRefusalsAreErrors(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadRequest) }))
	defer server.Close()
	_, err := send(t.Context(), Receiver{URL: server.URL}, otelsim.Options{Count: 2})
	if err == nil || !strings.Contains(err.Error(), "400") || !strings.Contains(err.Error(), "records lost") {
		t.Errorf("got %v", err)
	}
}

// TestPage holds the code of docs/go.md to the test that it is.
func TestPage(t *testing.T) {
	page, err := os.ReadFile("../../../docs/go.md")
	if err != nil {
		t.Fatal(err)
	}
	code, err := os.ReadFile("example_test.go")
	if err != nil {
		t.Fatal(err)
	}
	_, want, _ := strings.Cut(string(code), "\nfunc TestReceiver")
	if !strings.Contains(string(page), "```go\nfunc TestReceiver"+want+"```\n") {
		t.Error("docs/go.md has other code than example_test.go")
	}
}
