package codec

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"time"

	"github.com/cespare/xxhash/v2"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// Encoder compresses whole files. It is not safe for concurrent use.
type Encoder struct {
	compression Compression
	zstd        *zstd.Encoder
	gzip        *gzip.Writer
}

// NewEncoder returns an encoder of compression c at level l. Level has no
// effect on None.
func NewEncoder(c Compression, l Level) (*Encoder, error) {
	e := &Encoder{compression: c}
	var err error
	switch c {
	case None:
	case Zstd:
		e.zstd, err = zstd.NewWriter(nil,
			zstd.WithEncoderLevel(zstdLevel(l)),
			// One goroutine: more would not change EncodeAll, but would hold
			// the memory of as many encoders.
			zstd.WithEncoderConcurrency(1),
			// Frames have one: see checksummed.
			zstd.WithEncoderCRC(false))
	case Gzip:
		e.gzip, err = gzip.NewWriterLevel(nil, gzipLevel(l))
	default:
		err = fmt.Errorf("unknown %v", c)
	}
	if err != nil {
		return nil, fmt.Errorf("create %v encoder: %w", c, err)
	}
	return e, nil
}

func zstdLevel(l Level) zstd.EncoderLevel {
	switch l {
	case Default:
		return zstd.SpeedDefault
	case Better:
		return zstd.SpeedBetterCompression
	}
	return zstd.SpeedFastest
}

func gzipLevel(l Level) int {
	switch l {
	case Default:
		return gzip.DefaultCompression
	case Better:
		return gzip.BestCompression
	}
	return gzip.BestSpeed
}

// Append appends src, compressed as one file, to dst: one zstd frame with its
// content size and checksum, or one gzip member without name and time. Src is
// not kept.
func (e *Encoder) Append(dst, src []byte) ([]byte, error) {
	sum := uint64(0)
	if e.compression == Zstd {
		sum = xxhash.Sum64(src)
	}
	return e.AppendSummed(dst, src, sum)
}

// AppendSummed is Append for a caller who has the XXH64 of src: zstd ends a frame with
// the low half of that, so nothing reads src once more for it.
func (e *Encoder) AppendSummed(dst, src []byte, sum uint64) ([]byte, error) {
	switch e.compression {
	case Zstd:
		if len(src) == 0 {
			// EncodeAll writes nothing for nothing, which no tool opens.
			return appendEmptyFrame(dst), nil
		}
		return checksummed(e.zstd.EncodeAll(src, dst), len(dst), sum), nil
	case Gzip:
		w := bytes.NewBuffer(dst)
		e.gzip.Reset(w)
		// 0 in the header says that there is no time; the zero Time does not.
		e.gzip.ModTime = time.Unix(0, 0)
		if _, err := e.gzip.Write(src); err != nil {
			return dst, fmt.Errorf("compress gzip: %w", err)
		}
		if err := e.gzip.Close(); err != nil {
			return dst, fmt.Errorf("compress gzip: %w", err)
		}
		return w.Bytes(), nil
	}
	return append(dst, src...), nil
}

// checksummed gives the frame dst[at:], which has no checksum, one: the bit of its
// descriptor, which follows the magic, and four bytes at its end.
func checksummed(dst []byte, at int, sum uint64) []byte {
	dst[at+4] |= 1 << 2
	return binary.LittleEndian.AppendUint32(dst, uint32(sum))
}

// appendEmptyFrame appends the zstd frame of no content: magic, a header that
// says single segment with checksum, size 0, one empty last block, and the
// low half of the XXH64 of nothing.
func appendEmptyFrame(dst []byte) []byte {
	return append(dst, 0x28, 0xb5, 0x2f, 0xfd, 0x24, 0x00, 0x01, 0x00, 0x00, 0x99, 0xe9, 0xd8, 0x51)
}
