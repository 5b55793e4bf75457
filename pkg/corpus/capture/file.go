package capture

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

// MaxMessage bounds one message of a file, compressed or not, in bytes.
const MaxMessage = 64 << 20

// ErrCut says that a file ends within a message: it was cut off, or is still being
// written. It is io.ErrUnexpectedEOF too.
var ErrCut = fmt.Errorf("the file ends within it: %w", io.ErrUnexpectedEOF)

// cutError is ErrCut by what it is, not by its words: of a compressed stream.
type cutError struct{ error }

func (e cutError) Unwrap() error        { return e.error }
func (e cutError) Is(target error) bool { return target == ErrCut }

// Options says how to read a file. The zero value is right for most.
type Options struct {
	// Refuse, if set, is told what the path is before it is opened, which the
	// writer of a pipe would notice. Its error is that of Open. It is called in
	// another goroutine.
	Refuse func(os.FileInfo) error
	// Signal is what every message is; nil: Each finds out from each.
	Signal *otlp.Signal
	// Arrivals has Each tell when messages arrived, of a file that has such times
	// beside it: see Writer.
	Arrivals bool
}

// File reads the messages of one file, or of a pipe, in bounded memory. One
// goroutine uses it.
type File struct {
	in     *input
	o      Options
	whole  codec.Compression // of the file's content as a whole
	stream io.ReadCloser     // of that content
	r      *bufio.Reader
	dec    *codec.Decoder // of single messages, made for the first that is compressed
	lines  bool           // JSON lines; otherwise each message has a length
	ended  bool           // the last line ended in a newline
	number uint64         // of the message at hand, from 1
	blob   []byte
	buf    []byte // of Each
	notes  []Note
	times  *arrivals // beside the file; nil: none
}

// Open opens a file and finds out its form. It waits for the writer of a pipe, until
// ctx ends. What is neither a file nor a pipe, and what no exporter of OTLP
// writes, is an error that says so. The caller closes the file.
func Open(ctx context.Context, path string, o Options) (*File, error) {
	in, err := openInput(ctx, path, o.Refuse)
	if err != nil {
		return nil, err
	}
	f := &File{in: in, o: o, r: bufio.NewReaderSize(in, inputBlock)}
	if err := f.detect(); err != nil {
		return nil, errors.Join(fmt.Errorf("read %s: %w", path, f.torn(err)), f.Close())
	}
	if o.Arrivals {
		if f.times, err = openArrivals(path + arrivalsSuffix); err != nil {
			return nil, errors.Join(err, f.Close())
		}
	}
	return f, nil
}

// Path returns the name that f was opened by.
func (f *File) Path() string { return f.in.path }

// Info returns what f was when it was opened.
func (f *File) Info() os.FileInfo { return f.in.info }

// Pipe reports whether f can be read only once.
func (f *File) Pipe() bool { return IsPipe(f.in.info) }

// Ready reports whether Next would return without waiting for the writer of a
// pipe, as far as can be told: it may have written only a part of a message.
func (f *File) Ready() bool { return !f.Pipe() || f.r.Buffered() > 0 || f.in.ready() }

func (f *File) detect() error {
	head, err := f.r.Peek(4)
	if err != nil && err != io.EOF {
		return err
	}
	switch {
	case isZstd(head):
		f.whole = codec.Zstd
	case bytes.HasPrefix(head, gzipMagic):
		f.whole = codec.Gzip
	}
	if f.whole != codec.None {
		if f.stream, err = codec.NewReader(f.r, f.whole); err != nil {
			return err
		}
		f.r = bufio.NewReaderSize(interruptible{f.in, f.stream}, inputBlock)
	}
	return f.detectContent()
}

// detectContent tells lines from framed messages.
func (f *File) detectContent() error {
	head, err := f.r.Peek(sniffed)
	if err != nil && err != io.EOF && len(head) == 0 {
		return err // what stands before damage is read first
	}
	if bytes.HasPrefix(head, utf8Mark) {
		_, _ = f.r.Discard(len(utf8Mark)) // was peeked: no error
		head = head[len(utf8Mark):]
		f.lines = true // nothing else has such a mark
	}
	text := bytes.TrimLeft(head, " \t\r\n")
	if len(text) == 0 && len(head) > 0 || len(text) > 0 && text[0] == '{' && !bytes.HasPrefix(text, []byte("{\x00")) {
		f.lines = true
		return nil
	}
	if why := stranger(head); why != "" {
		return errors.New(why)
	}
	return nil
}

// isZstd reports whether b begins like a frame of zstd.
func isZstd(b []byte) bool {
	return bytes.HasPrefix(b, zstdMagic) || len(b) >= 4 && b[0]&0xf0 == 0x50 && bytes.Equal(b[1:4], zstdSkip)
}

// Next appends the next message to dst, opened when it was compressed. It returns
// io.EOF after the last, and ErrCut where the file ends within a message. It
// ends soon after ctx does. Errors have no place in them: see Fault.
func (f *File) Next(ctx context.Context, dst []byte) ([]byte, error) {
	f.in.ctx = ctx
	f.number++
	dst, err := f.next(dst)
	if err == io.EOF {
		f.number--
	}
	return dst, f.torn(err)
}

// torn marks the error of a compressed stream that ends too early.
func (f *File) torn(err error) error {
	if err != nil && f.whole != codec.None && errors.Is(err, io.ErrUnexpectedEOF) {
		return cutError{err}
	}
	return err
}

// Fault returns an error of the message that Next gave last, or could not give,
// with its place.
func (f *File) Fault(err error) error {
	return fmt.Errorf("read %s: message %d: %w", f.in.path, f.number, err)
}

func (f *File) next(dst []byte) ([]byte, error) {
	if f.lines {
		return f.nextLine(dst)
	}
	var length [4]byte
	if _, err := io.ReadFull(f.r, length[:]); err == io.ErrUnexpectedEOF {
		return dst, ErrCut
	} else if err != nil {
		return dst, err // io.EOF only between messages
	}
	n := binary.BigEndian.Uint32(length[:])
	if n > MaxMessage {
		return dst, fmt.Errorf("message of %d bytes: over the limit of %d, or not a file of the Collector's file exporter", n, MaxMessage)
	}
	start := len(dst)
	dst, err := appendN(dst, f.r, int(n))
	if err != nil || !isZstd(dst[start:]) {
		return dst, err
	}
	f.blob, dst = append(f.blob[:0], dst[start:]...), dst[:start]
	if f.dec == nil {
		if f.dec, err = codec.NewDecoder(); err != nil {
			return dst, err
		}
	}
	return f.dec.Append(dst, f.blob, codec.Zstd, MaxMessage)
}

// appendN appends exactly n bytes of r, growing as they arrive: a length alone
// allocates nothing.
func appendN(dst []byte, r *bufio.Reader, n int) ([]byte, error) {
	for n > 0 {
		if r.Buffered() == 0 {
			if _, err := r.Peek(1); err != nil {
				if err == io.EOF {
					err = ErrCut
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
func (f *File) nextLine(dst []byte) ([]byte, error) {
	start := len(dst)
	for {
		part, err := f.r.ReadSlice('\n')
		dst = append(dst, part...)
		if len(dst)-start > MaxMessage {
			return dst[:start], fmt.Errorf("line over the limit of %d bytes", MaxMessage)
		}
		switch {
		case err == bufio.ErrBufferFull:
			continue
		case err != nil && err != io.EOF:
			return dst[:start], err
		}
		f.ended = err == nil
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

// Close closes the file. That a stream ended badly was said when it was read.
func (f *File) Close() error {
	if f.stream != nil {
		_ = f.stream.Close()
	}
	var err error
	if f.times != nil {
		err = f.times.file.Close()
	}
	return errors.Join(err, f.in.close())
}
