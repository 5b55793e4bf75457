package replay

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/internal/codec"
)

// The Collector's file exporter writes six forms of file, told apart by their
// first bytes:
//
//	{                        JSON lines
//	28 b5 2f fd              one zstd stream of JSON lines or of framed protobuf
//	.. .. .. .. 28 b5 2f fd  a big-endian length and a zstd frame per message,
//	                         of JSON without a newline or of protobuf
//	otherwise                a big-endian length and protobuf per message
//
// and gzip (1f 8b) of the plain ones. A zstd stream may begin with frames that
// are to be skipped (5. 2a 4d 18), and JSON with a byte order mark and white
// space. No length below the limit on a message begins with any of these bytes,
// and no message of protobuf with those of a frame.
var (
	zstdMagic = []byte{0x28, 0xb5, 0x2f, 0xfd}
	zstdSkip  = []byte{0x2a, 0x4d, 0x18} // behind 50 to 5f
	gzipMagic = []byte{0x1f, 0x8b}
	utf8Mark  = []byte{0xef, 0xbb, 0xbf}
)

// maxMessage bounds one message of a file, compressed or not.
const maxMessage = 64 << 20

// errCut says that a file ends within a message.
var errCut = fmt.Errorf("the file ends within it: %w", io.ErrUnexpectedEOF)

// messages reads the messages of one file, in bounded memory.
type messages struct {
	*input
	stream io.ReadCloser // of the file's content, when that is compressed as a whole
	r      *bufio.Reader
	dec    *codec.Decoder // of single messages, made for the first that is compressed
	lines  bool           // JSON lines; otherwise each message has a length
	ended  bool           // the last line ended in a newline
	blob   []byte
}

// openMessages opens a file and finds out its form.
func openMessages(ctx context.Context, path string, check func(os.FileInfo) error) (*messages, error) {
	in, err := openInput(ctx, path, check)
	if err != nil {
		return nil, err
	}
	m := &messages{input: in, r: bufio.NewReaderSize(in, inputBlock)}
	if err := m.detect(); err != nil {
		return nil, errors.Join(fmt.Errorf("read %s: %w", path, err), m.close())
	}
	return m, nil
}

func (m *messages) detect() error {
	head, err := m.r.Peek(4)
	if err != nil && err != io.EOF {
		return err
	}
	whole := codec.None
	switch {
	case isZstd(head):
		whole = codec.Zstd
	case bytes.HasPrefix(head, gzipMagic):
		whole = codec.Gzip
	}
	if whole != codec.None {
		if m.stream, err = codec.NewReader(m.r, whole); err != nil {
			return err
		}
		m.r = bufio.NewReaderSize(interruptible{m.input, m.stream}, inputBlock)
	}
	return m.detectContent()
}

// detectContent tells lines from framed messages.
func (m *messages) detectContent() error {
	head, err := m.r.Peek(sniffed)
	if err != nil && err != io.EOF && len(head) == 0 {
		return err // what stands before damage is read first
	}
	if bytes.HasPrefix(head, utf8Mark) {
		_, _ = m.r.Discard(len(utf8Mark)) // was peeked: no error
		head = head[len(utf8Mark):]
		m.lines = true // nothing else has such a mark
	}
	text := bytes.TrimLeft(head, " \t\r\n")
	if len(text) == 0 && len(head) > 0 || len(text) > 0 && text[0] == '{' && !bytes.HasPrefix(text, []byte("{\x00")) {
		m.lines = true
		return nil
	}
	if why := foreign(head); why != "" {
		return errors.New(why)
	}
	return nil
}

// isZstd reports whether b begins like a frame of zstd.
func isZstd(b []byte) bool {
	return bytes.HasPrefix(b, zstdMagic) || len(b) >= 4 && b[0]&0xf0 == 0x50 && bytes.Equal(b[1:4], zstdSkip)
}

// next appends the next message to dst. It returns io.EOF after the last; a
// file that ends within a message is io.ErrUnexpectedEOF.
func (m *messages) next(dst []byte) ([]byte, error) {
	if m.lines {
		return m.nextLine(dst)
	}
	var length [4]byte
	if _, err := io.ReadFull(m.r, length[:]); err == io.ErrUnexpectedEOF {
		return dst, errCut
	} else if err != nil {
		return dst, err // io.EOF only between messages
	}
	n := binary.BigEndian.Uint32(length[:])
	if n > maxMessage {
		return dst, fmt.Errorf("message of %d bytes: over the limit of %d, or not a file of the Collector's file exporter", n, maxMessage)
	}
	start := len(dst)
	dst, err := appendN(dst, m.r, int(n))
	if err != nil || !isZstd(dst[start:]) {
		return dst, err
	}
	m.blob, dst = append(m.blob[:0], dst[start:]...), dst[:start]
	if m.dec == nil {
		if m.dec, err = codec.NewDecoder(); err != nil {
			return dst, err
		}
	}
	return m.dec.Append(dst, m.blob, codec.Zstd, maxMessage)
}

// appendN appends exactly n bytes of r, growing as they arrive: a length alone
// allocates nothing.
func appendN(dst []byte, r *bufio.Reader, n int) ([]byte, error) {
	for n > 0 {
		if r.Buffered() == 0 {
			if _, err := r.Peek(1); err != nil {
				if err == io.EOF {
					err = errCut
				}
				return dst, err
			}
		}
		part, _ := r.Peek(min(n, r.Buffered()))
		dst = append(dst, part...)
		n -= len(part)
		_, _ = r.Discard(len(part)) // buffered: no error
	}
	return dst, nil
}

// nextLine appends the next line that is not empty, without its end.
func (m *messages) nextLine(dst []byte) ([]byte, error) {
	start := len(dst)
	for {
		part, err := m.r.ReadSlice('\n')
		dst = append(dst, part...)
		if len(dst)-start > maxMessage {
			return dst[:start], fmt.Errorf("line over the limit of %d bytes", maxMessage)
		}
		switch {
		case err == bufio.ErrBufferFull:
			continue
		case err != nil && err != io.EOF:
			return dst[:start], err
		}
		m.ended = err == nil
		line := bytes.TrimSpace(dst[start:])
		if len(line) > 0 {
			// Cut at both ends: leading space is not part of the message either.
			n := copy(dst[start:], line)
			return dst[:start+n], nil
		}
		dst = dst[:start]
		if err == io.EOF {
			return dst, io.EOF
		}
	}
}

// close closes the file. That a stream ended badly was said when it was read.
func (m *messages) close() error {
	if m.stream != nil {
		_ = m.stream.Close()
	}
	return m.input.close()
}

// formatOf tells the formats apart by the first byte of a message: none in
// protobuf begins with the byte of an opening brace, a group of field 15.
func formatOf(message []byte) otlp.Format {
	if len(message) > 0 && message[0] == '{' {
		return otlp.FormatJSON
	}
	return otlp.FormatProto
}
