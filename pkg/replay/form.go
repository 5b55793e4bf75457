package replay

import (
	"bufio"
	"bytes"
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
// and gzip (1f 8b) of the plain ones. No length below the limit on a message
// begins with any of these bytes.
var zstdMagic = []byte{0x28, 0xb5, 0x2f, 0xfd}

// maxMessage bounds one message of a file, compressed or not.
const maxMessage = 64 << 20

// messages reads the messages of one file, in bounded memory.
type messages struct {
	path   string
	file   *os.File
	stream io.ReadCloser // of the file's content, when that is compressed as a whole
	r      *bufio.Reader
	dec    *codec.Decoder // of single messages, when those are compressed
	lines  bool           // JSON lines; otherwise each message has a length
	blob   []byte
}

// openMessages opens a file and finds out its form.
func openMessages(path string) (*messages, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	m := &messages{path: path, file: f, r: bufio.NewReaderSize(f, 64<<10)}
	if err := m.detect(); err != nil {
		return nil, errors.Join(fmt.Errorf("read %s: %w", path, err), m.close())
	}
	return m, nil
}

func (m *messages) detect() error {
	head, err := m.r.Peek(8)
	if err != nil && err != io.EOF {
		return err
	}
	whole := codec.None
	switch {
	case bytes.HasPrefix(head, zstdMagic):
		whole = codec.Zstd
	case bytes.HasPrefix(head, []byte{0x1f, 0x8b}):
		whole = codec.Gzip
	case len(head) == 8 && bytes.Equal(head[4:], zstdMagic):
		m.dec, err = codec.NewDecoder()
		return err
	}
	if whole != codec.None {
		if m.stream, err = codec.NewReader(m.r, whole); err != nil {
			return err
		}
		m.r = bufio.NewReaderSize(m.stream, 64<<10)
		if head, err = m.r.Peek(1); err != nil && err != io.EOF {
			return err
		}
	}
	m.lines = len(head) > 0 && head[0] == '{'
	return nil
}

// next appends the next message to dst. It returns io.EOF after the last; a
// file that ends within a message is io.ErrUnexpectedEOF.
func (m *messages) next(dst []byte) ([]byte, error) {
	if m.lines {
		return m.nextLine(dst)
	}
	var length [4]byte
	if _, err := io.ReadFull(m.r, length[:]); err != nil {
		return dst, err // io.EOF only between messages
	}
	n := binary.BigEndian.Uint32(length[:])
	if n > maxMessage {
		return dst, fmt.Errorf("message of %d bytes: over the limit of %d, or not a file of the Collector's file exporter", n, maxMessage)
	}
	if m.dec == nil {
		return appendN(dst, m.r, int(n))
	}
	var err error
	if m.blob, err = appendN(m.blob[:0], m.r, int(n)); err != nil {
		return dst, err
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
					err = io.ErrUnexpectedEOF
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

func (m *messages) close() error {
	var err error
	if m.stream != nil {
		err = m.stream.Close()
	}
	return errors.Join(err, m.file.Close())
}

// formatOf tells the formats apart by the first byte of a message: none in
// protobuf begins with the byte of an opening brace, a group of field 15.
func formatOf(message []byte) otlp.Format {
	if len(message) > 0 && message[0] == '{' {
		return otlp.FormatJSON
	}
	return otlp.FormatProto
}
