package otlpgrpc

import (
	"fmt"
	"sync"

	"google.golang.org/grpc/encoding"
	"google.golang.org/grpc/mem"

	"github.com/otelsim/otelsim/pkg/internal/codec"
)

// Payload is a message that Codec passes through: its bytes are what stands on
// the wire.
//
// What is sent by reference must not change while the library holds it, which
// may be longer than the call lasts: a call whose context ends leaves its
// message in the queue of the connection. So a message is sent by reference
// only if ByReference says so, and as a copy otherwise.
type Payload struct {
	Bytes       []byte
	ByReference bool
}

// Codec is the identity on Payload. It calls itself "proto", since that is what
// the bytes are to the peer. It is the one place that touches the parts of the
// library that are still experimental.
type Codec struct{}

// Name implements encoding.CodecV2.
func (Codec) Name() string { return "proto" }

// Marshal implements encoding.CodecV2.
func (Codec) Marshal(v any) (mem.BufferSlice, error) {
	p, ok := v.(*Payload)
	if !ok {
		return nil, fmt.Errorf("marshal %T: want *otlpgrpc.Payload", v)
	}
	if p.ByReference || len(p.Bytes) == 0 {
		return mem.BufferSlice{mem.SliceBuffer(p.Bytes)}, nil
	}
	b := copies.Get(len(p.Bytes))
	copy(*b, p.Bytes)
	return mem.BufferSlice{mem.NewBuffer(b, copies)}, nil
}

// Unmarshal implements encoding.CodecV2. It reuses the memory of p.Bytes.
func (Codec) Unmarshal(data mem.BufferSlice, v any) error {
	p, ok := v.(*Payload)
	if !ok {
		return fmt.Errorf("unmarshal %T: want *otlpgrpc.Payload", v)
	}
	p.Bytes = p.Bytes[:0]
	for _, b := range data {
		p.Bytes = append(p.Bytes, b.ReadOnlyData()...)
	}
	return nil
}

// copies holds the memory of messages on their way. The library gives each
// buffer back when its last reference is gone; one that it forgets, as those
// queued on a connection that broke, is left to the garbage collector.
var copies = new(copyPool)

// minCopy is over the size below which the library does not return a buffer.
const minCopy = 4 << 10

// copyPool has one pool for each power of two, so that a small message does
// not occupy the memory of a large one.
type copyPool struct{ classes [32]sync.Pool }

// class returns the number of the smallest class that holds n bytes.
func class(n int) int {
	c := 0
	for minCopy<<c < n {
		c++
	}
	return c
}

// Get implements mem.BufferPool.
func (p *copyPool) Get(n int) *[]byte {
	c := class(n)
	if b, ok := p.classes[c].Get().(*[]byte); ok {
		*b = (*b)[:n]
		return b
	}
	b := make([]byte, n, minCopy<<c)
	return &b
}

// Put implements mem.BufferPool.
func (p *copyPool) Put(b *[]byte) {
	if c := class(cap(*b)); minCopy<<c == cap(*b) {
		p.classes[c].Put(b)
	}
}

// RegisterCompressors makes gzip and zstd known to the library, once. It must
// be called before the first connection or server of the process, which New
// and package sink do: the library's registry is global and has no lock.
var RegisterCompressors = sync.OnceFunc(func() {
	for _, c := range []codec.Compression{codec.Gzip, codec.Zstd} {
		s, err := codec.NewStream(c)
		if err != nil { // which these two compressions never give
			panic(err)
		}
		encoding.RegisterCompressor(s)
	}
})
