package otlphttp

import (
	"runtime"
	"sync"

	"github.com/otelsim/otelsim/pkg/internal/codec"
)

// encoders compress bodies. Each takes a megabyte, so there are as many as can work at
// a time, however many requests are under way.
type encoders struct {
	compression codec.Compression
	idle        chan *codec.Encoder // nil ones are yet to be made
	bodies      sync.Pool           // of *compressed
}

// compressed is a body.
type compressed struct{ bytes []byte }

func newEncoders(c codec.Compression) *encoders {
	e := &encoders{compression: c, idle: make(chan *codec.Encoder, runtime.GOMAXPROCS(0))}
	for range cap(e.idle) {
		e.idle <- nil
	}
	e.bodies.New = func() any { return new(compressed) }
	return e
}

// encode compresses payload. The caller gives the body back to bodies when it is no
// longer read.
func (e *encoders) encode(payload []byte) (*compressed, error) {
	encoder := <-e.idle
	defer func() { e.idle <- encoder }()
	if encoder == nil {
		var err error
		if encoder, err = codec.NewEncoder(e.compression, codec.Fastest); err != nil {
			return nil, err
		}
	}
	body := e.bodies.Get().(*compressed)
	var err error
	body.bytes, err = encoder.Append(body.bytes[:0], payload)
	return body, err
}
