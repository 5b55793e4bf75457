package otlphttp

import (
	"errors"
	"net"
	"strings"
	"testing"

	"github.com/otelsim/otelsim/pkg/replay"
	"github.com/otelsim/otelsim/pkg/replay/endpoint"
)

// A receiver that speaks HTTP/2 only, as those of gRPC do, begins with its
// settings whatever it is sent.
func TestAServerOfGRPCIsTheWrongProtocol(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		for {
			c, err := l.Accept()
			if errors.Is(err, net.ErrClosed) {
				return
			}
			_, _ = c.Read(make([]byte, 4096))
			_, _ = c.Write([]byte("\x00\x00\x06\x04\x00\x00\x00\x00\x00\x00\x05\x00\x00@\x00"))
			c.Close()
		}
	}()
	tr, err := New(Options{Settings: endpoint.Settings{Protocol: endpoint.HTTPProtobuf,
		Targets: []endpoint.Target{{URL: "http://" + l.Addr().String() + "/"}}}})
	if err != nil {
		t.Fatal(err)
	}
	defer tr.Close()
	// net/http may notice that its connection is gone before it knows why, and
	// such a request is sent again.
	r := send(t, tr, "payload")
	for n := 0; n < 100 && r.Class == replay.Retryable; n++ {
		r = send(t, tr, "payload")
	}
	if r.Class != replay.Permanent || r.Reason != "wrong protocol" || !strings.Contains(r.Message, "4318") {
		t.Errorf("got %+v", r)
	}
}
