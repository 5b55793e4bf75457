package verify

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"slices"

	"github.com/cespare/xxhash/v2"

	"github.com/otelsim/otelsim/pkg/corpus"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/internal/codec"
)

// maxJudgedRecord is the longest record that is decoded: some way beyond what
// any may have, so that one that is too long can still be told apart.
const maxJudgedRecord = 4 * otlp.MaxRecordBytes

// content reads a segment file record by record and digests it on the way: as
// written, and uncompressed. It holds a few records, not the file.
type content struct {
	ctx    context.Context
	file   io.ReadCloser
	opener codec.Opener
	open   io.ReadCloser // uncompressed
	sum    hash.Hash
	raw    io.Reader // the file, into sum
	digest *xxhash.Digest
	format otlp.Format

	buf   []byte // what is read and not taken
	start int    // of what is not taken
	size  uint64 // bytes so far, uncompressed
	most  uint64 // that are read
	head  []byte // the first bytes
	err   error  // at the end of buf
}

// openContent opens a segment file, of which at most most bytes are read
// uncompressed.
func (c *content) openContent(ctx context.Context, file io.ReadCloser, compression corpus.Compression, format otlp.Format, most uint64) error {
	*c = content{
		ctx: ctx, file: file, format: format, most: most, buf: c.buf[:0], head: c.head[:0], opener: c.opener,
		sum: sha256.New(), digest: xxhash.New(),
	}
	c.raw = io.TeeReader(file, c.sum)
	var err error
	c.open, err = c.opener.Open(c.raw, compression)
	if err != nil {
		c.open = io.NopCloser(bytes.NewReader(nil))
	}
	return err
}

// more reads on, and reports whether something came.
func (c *content) more() bool {
	if c.err != nil {
		return false
	}
	if c.start > 0 {
		c.buf = append(c.buf[:0], c.buf[c.start:]...)
		c.start = 0
	}
	c.buf = slices.Grow(c.buf, max(64<<10, len(c.buf)/2))
	n, err := c.open.Read(c.buf[len(c.buf):cap(c.buf)])
	fresh := c.buf[len(c.buf) : len(c.buf)+n]
	c.buf = c.buf[:len(c.buf)+n]
	if len(c.head) < headBytes {
		c.head = append(c.head, fresh[:min(n, headBytes-len(c.head))]...)
	}
	c.size += uint64(n)
	_, _ = c.digest.Write(fresh) // never fails
	if err == nil && c.size > c.most {
		err = fmt.Errorf("%w of %d bytes", codec.ErrLimit, c.most)
	}
	if err == nil {
		err = c.ctx.Err()
	}
	c.err = err
	return n > 0
}

// next returns the next record, which is valid until the next call. At the end
// the error is io.EOF, or what keeps the file from being read.
func (c *content) next() ([]byte, error) {
	for {
		// A record that ends further on is no error until the file does.
		for c.partial() && c.more() {
		}
		payload, rest, err := otlp.NextFrame(c.buf[c.start:], c.format)
		switch {
		case err == nil:
			c.start = len(c.buf) - len(rest)
			return payload, nil
		case !errors.Is(err, otlp.ErrTruncated) && err != io.EOF:
			return nil, err
		case len(c.buf)-c.start > maxJudgedRecord:
			return nil, fmt.Errorf("more than %d bytes: %w", maxJudgedRecord, otlp.ErrTooLong)
		case c.more():
		case c.err == nil: // a read of nothing
		case c.err != io.EOF:
			return nil, c.err
		default:
			return nil, err
		}
	}
}

// partial reports whether what was read ends within a record that may be judged.
func (c *content) partial() bool {
	if c.format != otlp.FormatProto {
		return false
	}
	b := c.buf[c.start:]
	if len(b) < frameHeader {
		return true
	}
	n := binary.BigEndian.Uint32(b)
	return n <= maxJudgedRecord && uint64(n) > uint64(len(b)-frameHeader)
}

// frameHeader is how many bytes say how long a record of protobuf is.
const frameHeader = 4

// finish reads what is left, to digest it, and closes the file. The error is
// what keeps the file from being read.
func (c *content) finish() error {
	for c.err == nil {
		c.start = len(c.buf)
		c.more()
	}
	err := c.err
	if err == io.EOF {
		err = nil
	}
	_, rerr := io.Copy(io.Discard, c.raw) // for the digest of the file as written
	return cmp.Or(err, errors.Join(rerr, c.open.Close(), c.file.Close()))
}

// sha256 returns the digest of the file as written, after finish.
func (c *content) sha256() string { return hex.EncodeToString(c.sum.Sum(nil)) }
