package otlpgrpc

import (
	"fmt"
	"io"
	"os"
	"sync"

	"google.golang.org/grpc/encoding"
	"google.golang.org/grpc/grpclog"
	"google.golang.org/grpc/mem"

	"github.com/otelsim/otelsim/pkg/internal/codec"
)

// Payload is a message that Codec passes through: its bytes are what stands on
// the wire. They are sent from where they are, and the library may hold them
// for longer than a call lasts: a call whose context ends leaves its message
// in the queue of the connection. See Transport of package replay for who may
// change them when.
type Payload struct{ Bytes []byte }

// Codec is the identity on Payload. It calls itself "proto", since that is what
// the bytes are to the peer. It is the one place that touches the parts of the
// library that are still experimental.
type Codec struct{}

var _ encoding.CodecV2 = Codec{}

// Name implements encoding.CodecV2.
func (Codec) Name() string { return "proto" }

// Marshal implements encoding.CodecV2.
func (Codec) Marshal(v any) (mem.BufferSlice, error) {
	p, ok := v.(*Payload)
	if !ok {
		return nil, fmt.Errorf("marshal %T: want *otlpgrpc.Payload", v)
	}
	return mem.BufferSlice{mem.SliceBuffer(p.Bytes)}, nil
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

// logVariable sets how much the library logs. Without it the library's errors go
// to stderr by themselves, one for each goodbye of a receiver that is in trouble:
// what matters of them is in the results.
const logVariable = "GRPC_GO_LOG_SEVERITY_LEVEL"

// RegisterCompressors makes gzip and zstd known to the library, and has it log
// only where the environment asks for that, once. It must be called before the
// first connection or server of the process, which New and package sink do: what
// it sets is global and has no lock.
var RegisterCompressors = sync.OnceFunc(func() {
	if os.Getenv(logVariable) == "" {
		grpclog.SetLoggerV2(grpclog.NewLoggerV2(io.Discard, io.Discard, io.Discard))
	}
	for _, c := range []codec.Compression{codec.Gzip, codec.Zstd} {
		s, err := codec.NewStream(c)
		if err != nil { // which these two compressions never give
			panic(err)
		}
		encoding.RegisterCompressor(s)
	}
})
