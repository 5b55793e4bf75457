package otlpgrpc

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync/atomic"

	"google.golang.org/grpc"
	"google.golang.org/grpc/mem"
	"google.golang.org/grpc/status"
)

// call is one request and what is known of it. The library's goroutines may
// touch it for longer than the request lasts, so it serves no other.
type call struct {
	payload []byte
	answer  Payload

	// freed says that the library has let go of the payload. Until then it may
	// stand in the queue of a connection, whatever became of the request.
	freed atomic.Bool
	// sent says that the whole request was given to a connection, answered that
	// the receiver has ended the stream with an error of its own.
	sent, answered bool
}

// Get and Put make a call a pool of one buffer, whose return says that the
// payload is free.

// Get implements mem.BufferPool.
func (c *call) Get(length int) *[]byte {
	b := make([]byte, length)
	return &b
}

// Put implements mem.BufferPool.
func (c *call) Put(*[]byte) { c.freed.Store(true) }

var _ mem.BufferPool = (*call)(nil)

// message returns the payload as the library wants it. What is small it counts
// no references of, so it gets a copy.
func (c *call) message() mem.BufferSlice {
	if mem.IsBelowBufferPoolingThreshold(cap(c.payload)) {
		c.freed.Store(true)
		return mem.BufferSlice{mem.SliceBuffer(bytes.Clone(c.payload))}
	}
	return mem.BufferSlice{mem.NewBuffer(&c.payload, c)}
}

// requests is Codec for a client: what it sends is a *call.
type requests struct{ Codec }

// Marshal implements encoding.CodecV2.
func (requests) Marshal(v any) (mem.BufferSlice, error) {
	c, ok := v.(*call)
	if !ok {
		return nil, fmt.Errorf("marshal %T: want a call", v)
	}
	return c.message(), nil
}

// exchange is a stream of one message in each direction. ClientConn.Invoke is
// the same but for a stream that ends before the request is sent: it returns
// io.EOF, and what the receiver said is lost.
func (c *call) exchange(ctx context.Context, cc *grpc.ClientConn, method string, opts []grpc.CallOption) error {
	s, err := cc.NewStream(ctx, &unary, method, opts...)
	if err != nil {
		return err
	}
	err = s.SendMsg(c)
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	c.sent = err == nil
	if err = s.RecvMsg(&c.answer); err != nil {
		c.answered = ctx.Err() == nil && ownStatus(s, err)
	}
	return err
}

var unary = grpc.StreamDesc{}

// ownStatus reports whether the error of a stream is a status that the receiver
// sent, not one that the library made of what happened to the stream. A stream
// that has but one frame of headers, the usual one of an error, has them as
// trailer. Where there were headers before, the trailer has only what the library
// does not show, and its own words tell.
func ownStatus(s grpc.ClientStream, err error) bool {
	if len(s.Trailer()) > 0 {
		return true
	}
	if header, herr := s.Header(); herr != nil || len(header) == 0 {
		return false
	}
	text := status.Convert(err).Message()
	return !slices.ContainsFunc(libraryWords, func(w string) bool { return strings.Contains(text, w) })
}

// libraryWords are in what the library says of a stream that ends after its
// headers and before its trailer.
var libraryWords = []string{
	"stream terminated by RST_STREAM", "error reading from server", "connection error", "transport is closing",
	"connection is draining", draining, "without sending trailers", "received message larger than max",
	"malformed header:", "HEADERS frame", "header list size exceeded", "transport: ",
	"unexpected EOF", "grpc: compressed flag set", "grpc: Decompressor is not installed", "grpc: failed to decompress",
}
