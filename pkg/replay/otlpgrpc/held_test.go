package otlpgrpc

import (
	"context"
	"encoding/binary"
	"io"
	"net"
	"testing"
	"time"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/internal/codec"
	"github.com/otelsim/otelsim/pkg/replay"
	"github.com/otelsim/otelsim/pkg/replay/endpoint"
)

// early is a receiver that lets nothing but headers in, and answers those with
// what it is told.
func early(answer func(id uint32) string) func(net.Conn) {
	return func(c net.Conn) {
		_, _ = io.WriteString(c, "\x00\x00\x06\x04\x00\x00\x00\x00\x00\x00\x04\x00\x00\x00\x00") // no window
		if _, err := io.ReadFull(c, make([]byte, 24)); err != nil {
			return
		}
		for {
			head := make([]byte, 9)
			if _, err := io.ReadFull(c, head); err != nil {
				return
			}
			size := int64(head[0])<<16 | int64(head[1])<<8 | int64(head[2])
			if _, err := io.CopyN(io.Discard, c, size); err != nil {
				return
			}
			switch {
			case head[3] == 4 && head[4] == 0:
				_, _ = io.WriteString(c, "\x00\x00\x00\x04\x01\x00\x00\x00\x00")
			case head[3] == 1:
				_, _ = io.WriteString(c, answer(binary.BigEndian.Uint32(head[5:])))
			}
		}
	}
}

// trailers is an answer of one block of headers, with a status.
func trailers(id uint32, status string) string {
	block := "\x00\x07:status\x03200\x00\x0ccontent-type\x10application/grpc\x00\x0bgrpc-status" + string(rune(len(status))) + status
	return string([]byte{0, 0, byte(len(block)), 1, 5}) + string(binary.BigEndian.AppendUint32(nil, id)) + block
}

// Compressing takes a while, in which the stream has ended: what the receiver said
// must not be lost over that.
func TestAnAnswerBeforeTheRequestIsSentIsHeard(t *testing.T) {
	addr := accept(t, "127.0.0.1:0", early(func(id uint32) string { return trailers(id, "3") }))
	s := endpoint.Settings{Targets: []endpoint.Target{{Addr: addr}}, Compression: codec.Gzip}
	tr, err := New(Options{Settings: s})
	if err != nil {
		t.Fatal(err)
	}
	defer tr.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	if r := tr.Send(ctx, otlp.SignalTraces, make([]byte, 64<<20)); r.Reason != "grpc InvalidArgument" || r.Open || r.Unsent {
		t.Errorf("got %+v", r)
	}
}

func TestAPayloadIsFreeWhenNobodyRefersToIt(t *testing.T) {
	m := &call{payload: make([]byte, 5000)}
	b := m.message()
	b.Ref()
	b.Free()
	if m.freed.Load() {
		t.Error("free with a reference left")
	}
	if b.Free(); !m.freed.Load() {
		t.Error("held without a reference")
	}
	// What is small is copied, and free at once.
	m = &call{payload: make([]byte, 10, 100)}
	b = m.message()
	m.payload[0] = 1
	if !m.freed.Load() || b.Materialize()[0] != 0 {
		t.Error("a small payload is held, or not copied")
	}
}

// What is in the queue of a connection is held, whatever the answer, and what
// the receiver said before it had all is what counts.
func TestWhatTheLibraryStillHoldsIsTold(t *testing.T) {
	for status, want := range map[string]struct {
		class  replay.Class
		reason string
	}{
		"14": {replay.Retryable, "grpc Unavailable"},
		"3":  {replay.Permanent, "grpc InvalidArgument"},
		"0":  {replay.Unknown, "unreadable answer"}, // OK, and no message
	} {
		addr := accept(t, "127.0.0.1:0", early(func(id uint32) string { return trailers(id, status) }))
		tr, err := New(Options{Settings: endpoint.Settings{Targets: []endpoint.Target{{Addr: addr}}}})
		if err != nil {
			t.Fatal(err)
		}
		for range 50 {
			payload := make([]byte, 20000)
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
			r := tr.Send(ctx, otlp.SignalTraces, payload)
			cancel()
			if r.Class != want.class || r.Reason != want.reason || r.Open {
				t.Errorf("status %s: got %+v, want %v, %s", status, r, want.class, want.reason)
			}
			if !r.Held {
				for i := range payload { // with -race, a reader would be seen
					payload[i] = 1
				}
			}
		}
		if err := tr.Close(); err != nil {
			t.Error(err)
		}
	}
	// A receiver that reads all and answers leaves nothing behind.
	addr, requests := serve(t)
	tr, err := New(Options{Settings: endpoint.Settings{Targets: []endpoint.Target{{Addr: addr}}}})
	if err != nil {
		t.Fatal(err)
	}
	defer tr.Close()
	held := 0
	for range 50 {
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		if r := tr.Send(ctx, otlp.SignalTraces, make([]byte, 5000)); r.Held {
			held++
		}
		cancel()
		<-requests
	}
	if held > 25 {
		t.Errorf("%d of 50 payloads held", held)
	}
}
