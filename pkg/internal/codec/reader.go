package codec

import (
	"fmt"
	"io"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// NewReader returns a reader of the content of r, which holds any number of
// frames or members of compression c one after another. Closing it does not
// close r. Its memory is bounded by the largest window accepted; how much it
// yields is for the caller to bound. Damage is ErrCorrupt; the errors of r are
// passed on as they are.
func NewReader(r io.Reader, c Compression) (io.ReadCloser, error) {
	s := &source{r: r}
	switch c {
	case None:
		return io.NopCloser(r), nil
	case Zstd:
		d, err := newZstdStream(s)
		if err != nil {
			return nil, s.blame(c, err)
		}
		return &reader{ReadCloser: d.IOReadCloser(), source: s, compression: c}, nil
	case Gzip:
		d, err := gzip.NewReader(s)
		if err != nil {
			return nil, s.blame(c, err)
		}
		return &reader{ReadCloser: d, source: s, compression: c}, nil
	}
	return nil, fmt.Errorf("open: unknown %v", c)
}

// Opener opens files one after the other, in memory that it keeps. It is not safe for
// concurrent use.
type Opener struct{ zstd *zstd.Decoder }

// Open is NewReader. The reader is valid until the next one is opened.
func (o *Opener) Open(r io.Reader, c Compression) (io.ReadCloser, error) {
	if c != Zstd {
		return NewReader(r, c)
	}
	s := &source{r: r}
	var err error
	if o.zstd == nil {
		o.zstd, err = newZstdStream(s)
	} else {
		err = o.zstd.Reset(s)
	}
	if err != nil {
		return nil, s.blame(c, err)
	}
	return &reader{ReadCloser: io.NopCloser(o.zstd), source: s, compression: c}, nil
}

// source remembers an error of the reader underneath, to tell it from damage.
type source struct {
	r   io.Reader
	err error
}

func (s *source) Read(p []byte) (int, error) {
	n, err := s.r.Read(p)
	if err != nil && err != io.EOF {
		s.err = err
	}
	return n, err
}

func (s *source) blame(c Compression, err error) error {
	if s.err != nil {
		return s.err
	}
	return corrupt(c, err)
}

type reader struct {
	io.ReadCloser
	source      *source
	compression Compression
}

func (r *reader) Read(p []byte) (int, error) {
	n, err := r.ReadCloser.Read(p)
	if err != nil && err != io.EOF {
		err = r.source.blame(r.compression, err)
	}
	return n, err
}
