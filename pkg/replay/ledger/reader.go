package ledger

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/otelsim/otelsim/internal/text"
	"github.com/otelsim/otelsim/pkg/internal/codec"
)

// longestLine bounds the lines of a file that claims to be a ledger, and so the
// memory of its reader.
const longestLine = 64 << 10

// Reader reads a ledger. It is not safe for concurrent use.
type Reader struct {
	stream io.ReadCloser
	r      *bufio.Reader
	header Header
	footer *Footer
	line   uint64 // of what was read last, from 1
}

// NewReader reads the header. A file that is none is ErrNone, one of another
// version ErrVersion, one that ends before ErrCut, one that is damaged
// ErrMalformed; other errors are those of r. Close lets go of memory, and does
// not close r.
func NewReader(r io.Reader) (*Reader, error) {
	in := bufio.NewReader(r)
	if head, err := in.Peek(4); len(head) == 0 {
		if err != io.EOF {
			return nil, fmt.Errorf("read ledger: %w", err)
		}
		return nil, fmt.Errorf("read ledger: empty file: %w", ErrCut)
	} else if !bytes.HasPrefix([]byte{0x28, 0xb5, 0x2f, 0xfd}, head) {
		return nil, fmt.Errorf("read ledger: %w: no zstd", ErrNone)
	}
	stream, err := codec.NewReader(in, codec.Zstd)
	if err != nil {
		return nil, fmt.Errorf("read ledger: %w", blame(err))
	}
	l := &Reader{stream: stream, r: bufio.NewReaderSize(stream, longestLine)}
	if err := l.readHeader(); err != nil {
		return nil, errors.Join(err, stream.Close())
	}
	return l, nil
}

// blame says what an error of the stream means for the ledger.
func blame(err error) error {
	switch {
	case errors.Is(err, codec.ErrCorrupt) && errors.Is(err, io.ErrUnexpectedEOF):
		return ErrCut
	case errors.Is(err, codec.ErrCorrupt):
		return fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	return err
}

// next returns the next line without its end, io.EOF after the last.
func (l *Reader) next() ([]byte, error) {
	line, err := l.r.ReadSlice('\n')
	switch {
	case err == nil:
		l.line++
		return line[:len(line)-1], nil
	case err == bufio.ErrBufferFull:
		return nil, fmt.Errorf("line %d: %w: longer than %d bytes", l.line+1, ErrMalformed, longestLine)
	case err == io.EOF && len(line) > 0:
		return nil, ErrCut
	case err == io.EOF:
		return nil, err
	}
	return nil, blame(err)
}

func (l *Reader) readHeader() error {
	line, err := l.next()
	switch {
	case err == io.EOF:
		return fmt.Errorf("read ledger: no header: %w", ErrCut)
	case errors.Is(err, ErrMalformed) && l.line == 0:
		return fmt.Errorf("read ledger: %w: %w", ErrNone, err)
	case err != nil:
		return fmt.Errorf("read ledger: %w", err)
	}
	var name struct {
		Ledger  string `json:"ledger"`
		Version int    `json:"version"`
	}
	if err := json.Unmarshal(line, &name); err != nil || name.Ledger != Name {
		return fmt.Errorf("read ledger: %w: its first line is no header", ErrNone)
	}
	if name.Version != Version {
		return fmt.Errorf("read ledger: %w: %d, this program reads %d", ErrVersion, name.Version, Version)
	}
	if err := json.Unmarshal(line, &l.header); err != nil {
		return fmt.Errorf("read ledger: line 1: %w: %s", ErrMalformed, text.Line(err.Error(), 300))
	}
	if err := l.header.check(); err != nil {
		return fmt.Errorf("read ledger: line 1: %w: %w", ErrMalformed, err)
	}
	return nil
}

// Header returns the header. It is the reader's.
func (l *Reader) Header() *Header { return &l.header }

// Footer returns the last line, nil before Each has come to it.
func (l *Reader) Footer() *Footer { return l.footer }

// Each calls visit once with every entry that is left, whose memory is the
// reader's. It returns the first error of visit as it is. When the ledger ends
// before its last line the error is ErrCut, and visit has seen what there is; a
// line that is none is ErrMalformed with its number; lines that do not come to
// the sums of the last are ErrSums.
func (l *Reader) Each(visit func(*Entry) error) error {
	var e Entry
	var records, items Totals
	for {
		line, err := l.next()
		if err == io.EOF {
			err = ErrCut
		}
		if err != nil {
			return fmt.Errorf("read ledger: %w", err)
		}
		if bytes.HasPrefix(line, []byte{'{'}) {
			return l.end(line, records, items)
		}
		if err := e.parse(line); err != nil {
			return fmt.Errorf("read ledger: line %d: %w: %w", l.line, ErrMalformed, err)
		}
		e.add(&records, &items)
		if err := visit(&e); err != nil {
			return err
		}
	}
}

// end reads the last line, and checks that it is that, and that it is true.
func (l *Reader) end(line []byte, records, items Totals) error {
	at := l.line
	f := new(Footer)
	if err := json.Unmarshal(line, f); err != nil {
		return fmt.Errorf("read ledger: line %d: %w: %s", at, ErrMalformed, text.Line(err.Error(), 300))
	}
	if f.End != Complete && f.End != Interrupted && f.End != Broken {
		return fmt.Errorf("read ledger: line %d: %w: end is %.30q: want complete, interrupted or broken", at, ErrMalformed, f.End)
	}
	if f.Records != records || f.Items != items {
		return fmt.Errorf("read ledger: line %d: %w: %s", at, ErrSums, differ(f, records, items))
	}
	if _, err := l.next(); err != io.EOF {
		return fmt.Errorf("read ledger: line %d: %w: it goes on behind its last line", at+1, ErrMalformed)
	}
	l.footer = f
	return nil
}

// differ names the first sum that is not what the lines come to.
func differ(f *Footer, records, items Totals) string {
	for _, c := range []struct {
		what      string
		said, has Totals
	}{{"records", f.Records, records}, {"items", f.Items, items}} {
		for _, n := range []struct {
			what      string
			said, has uint64
		}{
			{"due", c.said.Due, c.has.Due}, {"accepted", c.said.Accepted, c.has.Accepted}, {"rejected", c.said.Rejected, c.has.Rejected},
			{"failed", c.said.Failed, c.has.Failed}, {"unknown", c.said.Unknown, c.has.Unknown},
		} {
			if n.said != n.has {
				return fmt.Sprintf("%s %s %d, but the lines have %d", c.what, n.what, n.said, n.has)
			}
		}
	}
	return ""
}

// Close lets go of the memory.
func (l *Reader) Close() error { return l.stream.Close() }
