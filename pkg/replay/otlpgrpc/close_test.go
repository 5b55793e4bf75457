package otlpgrpc

import (
	"context"
	"io"
	"net"
	"testing"
	"time"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/replay/endpoint"
)

// A receiver that asks for much and reads nothing keeps every connection writing.
// Closing waits for none of them, however many there are.
func TestCloseDoesNotWaitForReceiversThatDoNotRead(t *testing.T) {
	end := make(chan struct{})
	addr := accept(t, "127.0.0.1:0", func(c net.Conn) {
		// A window of 2 GB for each stream, and for all.
		_, _ = io.WriteString(c, "\x00\x00\x06\x04\x00\x00\x00\x00\x00\x00\x04\x7f\xff\xff\xff"+
			"\x00\x00\x04\x08\x00\x00\x00\x00\x00\x7f\xff\x00\x00")
		if _, err := io.ReadFull(c, make([]byte, 24)); err == nil {
			<-end
		}
	})
	t.Cleanup(func() { close(end) })
	const connections = 4
	tr, err := New(Options{Connections: connections, Settings: endpoint.Settings{Targets: []endpoint.Target{{Addr: addr}}}})
	if err != nil {
		t.Fatal(err)
	}
	payload := make([]byte, 32<<20) // more than sockets hold
	for range connections {
		ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
		if r := tr.Send(ctx, otlp.SignalTraces, payload); !r.Held {
			t.Errorf("got %+v: want a request that is still being written", r)
		}
		cancel()
	}
	start := time.Now()
	if err := tr.Close(); err != nil {
		t.Error(err)
	}
	// The library alone takes 5 s for each.
	if took := time.Since(start); took > 4*time.Second {
		t.Errorf("closing took %v", took)
	}
}
