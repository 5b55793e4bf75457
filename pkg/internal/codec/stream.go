package codec

import (
	"fmt"
	"io"
	"sync"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// streamWindow is the largest zstd window of a message: what RFC 9659 lets the
// sender of an HTTP body use, so that every receiver has room for it.
const streamWindow = 8 << 20

// Stream compresses and opens messages of one compression for protocols that
// want a writer and a reader each time; its methods are those that gRPC asks
// of a compressor. It keeps what it made for the next message, starts no
// goroutines, and is safe for concurrent use.
type Stream struct {
	compression Compression
	writers     sync.Pool
	readers     sync.Pool
}

// NewStream returns the stream of c, which must be Zstd or Gzip.
func NewStream(c Compression) (*Stream, error) {
	if c != Zstd && c != Gzip {
		return nil, fmt.Errorf("create stream: no stream of %v", c)
	}
	return &Stream{compression: c}, nil
}

// Name returns the content coding's name.
func (s *Stream) Name() string { return s.compression.String() }

// resettable is what the writers of both compressions have in common.
type resettable interface {
	io.WriteCloser
	Reset(io.Writer)
}

// streamWriter gives its writer back to the pool when it is closed.
type streamWriter struct {
	resettable
	pool *sync.Pool
}

var _ io.WriteCloser = (*streamWriter)(nil)

// Compress returns a writer that compresses to w. It must be closed, and not
// be used afterwards.
func (s *Stream) Compress(w io.Writer) (io.WriteCloser, error) {
	if v, ok := s.writers.Get().(*streamWriter); ok {
		v.Reset(w)
		return v, nil
	}
	if s.compression == Gzip {
		g, err := gzip.NewWriterLevel(w, gzip.BestSpeed)
		if err != nil {
			return nil, fmt.Errorf("create gzip writer: %w", err)
		}
		return &streamWriter{g, &s.writers}, nil
	}
	z, err := zstd.NewWriter(w,
		zstd.WithEncoderLevel(zstd.SpeedFastest),
		zstd.WithEncoderConcurrency(1),
		zstd.WithWindowSize(1<<20),
		zstd.WithLowerEncoderMem(true))
	if err != nil {
		return nil, fmt.Errorf("create zstd writer: %w", err)
	}
	return &streamWriter{z, &s.writers}, nil
}

// Close writes what is left.
func (w *streamWriter) Close() error {
	err := w.resettable.Close()
	w.Reset(nil) // let go of the destination
	w.pool.Put(w)
	return err
}

// streamReader gives its reader back to the pool when it is closed.
type streamReader struct {
	io.Reader
	reset func(io.Reader) error
	pool  *sync.Pool
	idle  bool // in the pool: closing it again does nothing
}

// Decompress returns a reader of the content of r, which is an io.Closer too.
// How much it yields is for the caller to bound.
func (s *Stream) Decompress(r io.Reader) (io.Reader, error) {
	v, ok := s.readers.Get().(*streamReader)
	if !ok {
		v = s.newReader()
	}
	if err := v.reset(r); err != nil {
		s.readers.Put(v)
		return nil, corrupt(s.compression, err)
	}
	v.idle = false
	return v, nil
}

func (s *Stream) newReader() *streamReader {
	v := &streamReader{pool: &s.readers}
	if s.compression == Gzip {
		g := new(gzip.Reader)
		v.Reader, v.reset = g, g.Reset
		return v
	}
	z, err := zstd.NewReader(nil,
		zstd.WithDecoderConcurrency(1),
		zstd.WithDecoderLowmem(true),
		zstd.WithDecoderMaxWindow(streamWindow))
	if err != nil {
		// Only options can be wrong, and these are constants.
		v.reset = func(io.Reader) error { return err }
		return v
	}
	v.Reader, v.reset = z, z.Reset
	return v
}

// Close makes the reader available for another message.
func (v *streamReader) Close() error {
	if v.idle {
		return nil
	}
	v.idle = true
	v.pool.Put(v)
	return nil
}
