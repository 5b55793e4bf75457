package codec

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// maxWindow is the largest zstd window that is accepted: what the zstd command
// accepts without being told otherwise. A window is memory that a frame of a
// few bytes can claim.
const maxWindow = 128 << 20

// A zstd frame says how long its content is. The claim is believed, and the
// memory taken at once, when it is below plausibleBase plus plausibleRatio
// times the frame's length, which is what most telemetry comes to; beyond,
// memory grows with what is really there.
const (
	plausibleBase  = 1 << 20
	plausibleRatio = 64
)

// Plausible reports whether a file of so many bytes, compressed or not, may be
// believed when it claims to hold so many: memory for them may be taken before
// they are there.
func Plausible(content uint64, file int64) bool {
	return content <= plausibleBase+plausibleRatio*uint64(file)
}

// Content of more than bombBase bytes that is more than bombRatio times as long
// as its file is a bomb: the most regular telemetry, metrics in JSON every tenth
// of a second, comes to a few times less.
const (
	bombBase  = 32 << 20
	bombRatio = 400
)

// Bomb reports whether Append refuses a file for what its content comes to.
func Bomb(content, file int) bool {
	return content > bombBase && uint64(content) > bombRatio*uint64(file)
}

// readChunk is by how much a buffer grows, at least, while it is not known how
// long the content is.
const readChunk = 64 << 10

// Decoder opens whole files. It is not safe for concurrent use.
type Decoder struct {
	whole  *zstd.Decoder // bounded by the capacity of what it appends to
	stream *zstd.Decoder
	gzip   *gzip.Reader
}

// NewDecoder returns a decoder of every compression.
func NewDecoder() (*Decoder, error) {
	whole, err := zstd.NewReader(nil,
		zstd.WithDecoderConcurrency(1),
		zstd.WithDecoderMaxWindow(maxWindow),
		zstd.WithDecodeAllCapLimit(true))
	if err != nil {
		return nil, fmt.Errorf("create zstd decoder: %w", err)
	}
	stream, err := newZstdStream(nil)
	if err != nil {
		return nil, err
	}
	return &Decoder{whole: whole, stream: stream}, nil
}

// newZstdStream returns a synchronous decoder: it starts no goroutines.
func newZstdStream(r io.Reader) (*zstd.Decoder, error) {
	d, err := zstd.NewReader(r,
		zstd.WithDecoderConcurrency(1),
		zstd.WithDecoderLowmem(true),
		zstd.WithDecoderMaxWindow(maxWindow))
	if err != nil {
		return nil, fmt.Errorf("create zstd decoder: %w", err)
	}
	return d, nil
}

// Append appends the content of src, a whole file of compression c, to dst.
// Content of more than limit bytes is ErrLimit, anything that is not a whole
// file is ErrCorrupt; dst is then returned as it was. Memory is bounded by
// limit and, beyond a fixed part, by a multiple of the length of src: content
// for which Bomb reports true is ErrLimit too.
func (d *Decoder) Append(dst, src []byte, c Compression, limit int64) ([]byte, error) {
	if limit < 0 {
		return dst, fmt.Errorf("open %v: %w of %d bytes", c, ErrLimit, limit)
	}
	switch c {
	case None:
		if int64(len(src)) > limit {
			return dst, fmt.Errorf("open %v: %w of %d bytes", c, ErrLimit, limit)
		}
		return append(dst, src...), nil
	case Zstd:
		return d.appendZstd(dst, src, limit)
	case Gzip:
		return d.appendGzip(dst, src, limit)
	}
	return dst, fmt.Errorf("open: unknown %v", c)
}

func (d *Decoder) appendZstd(dst, src []byte, limit int64) ([]byte, error) {
	if len(src) == 0 {
		return dst, fmt.Errorf("open %v: %w: empty file", Zstd, ErrCorrupt)
	}
	var h zstd.Header
	if err := h.Decode(src); err != nil {
		return dst, corrupt(Zstd, err)
	}
	if h.HasFCS && !h.Skippable {
		if h.FrameContentSize > uint64(limit) {
			return dst, fmt.Errorf("open %v: %w of %d bytes: claims %d", Zstd, ErrLimit, limit, h.FrameContentSize)
		}
		if Plausible(h.FrameContentSize, int64(len(src))) {
			grown := slices.Grow(dst, int(h.FrameContentSize))
			// The capacity is the decoder's bound, so it must be exact; the caller gets
			// back all that there is, which the next file may fit into.
			out, err := d.whole.DecodeAll(src, grown[:len(dst):len(dst)+int(h.FrameContentSize)])
			if err == nil {
				return grown[:len(out)], nil
			}
			if !errors.Is(err, zstd.ErrDecoderSizeExceeded) {
				return dst, corrupt(Zstd, err)
			}
			// More frames than one: the stream takes them all.
		}
	}
	if err := d.stream.Reset(bytesReader{bytes.NewReader(src)}); err != nil {
		return dst, corrupt(Zstd, err)
	}
	out, err := appendBounded(dst, d.stream, Zstd, len(src), limit)
	if rerr := d.stream.Reset(nil); err == nil && rerr != nil {
		err = corrupt(Zstd, rerr)
	}
	return out, err
}

// bytesReader hides all but Read, which keeps the decoder from treating small
// inputs in another way.
type bytesReader struct{ io.Reader }

func (d *Decoder) appendGzip(dst, src []byte, limit int64) ([]byte, error) {
	if d.gzip == nil {
		d.gzip = new(gzip.Reader)
	}
	if err := d.gzip.Reset(bytes.NewReader(src)); err != nil {
		return dst, corrupt(Gzip, err)
	}
	return appendBounded(dst, d.gzip, Gzip, len(src), limit)
}

// appendBounded appends what r holds, which is the content of a file of so many
// bytes, to dst: in steps that double, up to limit bytes, and to a byte more of
// memory.
func appendBounded(dst []byte, r io.Reader, c Compression, file int, limit int64) ([]byte, error) {
	start := len(dst)
	out := dst
	for {
		if cap(out)-len(out) == 0 {
			have := len(out) - start
			step := max(readChunk, have)
			if left := limit - int64(have) + 1; int64(step) > left {
				step = int(left)
			}
			out = slices.Grow(out, step)
		}
		n, err := r.Read(out[len(out):cap(out)])
		out = out[:len(out)+n]
		if int64(len(out)-start) > limit {
			return dst, fmt.Errorf("open %v: %w of %d bytes", c, ErrLimit, limit)
		}
		if Bomb(len(out)-start, file) {
			return dst, fmt.Errorf("open %v: %w: %d bytes or more in a file of %d", c, ErrLimit, len(out)-start, file)
		}
		if err == io.EOF {
			return out, nil
		}
		if err != nil {
			return dst, corrupt(c, err)
		}
	}
}

// corrupt wraps an error that says what is wrong with bytes of compression c.
func corrupt(c Compression, err error) error {
	return fmt.Errorf("open %v: %w: %w", c, ErrCorrupt, err)
}
