package capture

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/internal/codec"
)

// ErrNotEmpty says that a folder to be written holds something.
var ErrNotEmpty = errors.New("the folder is not empty")

// WriterOptions says how to write.
type WriterOptions struct {
	Zstd bool // compress: a file is one stream, in which every message is a frame
}

// Writer keeps messages in a folder, as the Collector's file exporter would: a
// file for each signal and format, traces.pb (a length of four bytes, the
// greatest first, before each message) or traces.jsonl (a line each), and with
// Zstd the same with .zst behind it. Beside each is a file of the times at which
// the messages arrived, with .arrivals behind its name: a line for each, in
// nanoseconds since the Unix epoch.
//
// It is safe for concurrent use, and needs memory for the messages being written.
type Writer struct {
	o        WriterOptions
	streams  [otlp.NumSignals][2]stream // by signal and format
	encoders sync.Pool                  // of *frameEncoder
}

// frameEncoder compresses single messages.
type frameEncoder struct {
	*codec.Encoder
	plain, frame []byte
}

// NewWriter makes a folder, which must be absent or empty, and nothing in it yet.
func NewWriter(dir string, o WriterOptions) (*Writer, error) {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return nil, err
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	if len(entries) > 0 {
		return nil, fmt.Errorf("write %s: %w", dir, ErrNotEmpty)
	}
	// Told now rather than with the first message.
	probe := filepath.Join(dir, "."+otlp.SignalTraces.String())
	if err := os.WriteFile(probe, nil, 0o666); err != nil {
		return nil, err
	}
	if err := os.Remove(probe); err != nil {
		return nil, err
	}
	w := &Writer{o: o}
	for sig := range otlp.Signal(otlp.NumSignals) {
		for format, ending := range map[otlp.Format]string{otlp.FormatProto: ".pb", otlp.FormatJSON: ".jsonl"} {
			s := &w.streams[sig][format]
			s.path = filepath.Join(dir, sig.String()+ending)
			if o.Zstd {
				s.path += codec.Zstd.Suffix()
			}
			s.pending = &group{}
		}
	}
	return w, nil
}

// Append keeps a message and when it arrived, in nanoseconds since the Unix epoch.
// When it returns, both are written to their files, in the order in which calls
// return, or neither is, and an error says why: the next message may fare better.
// The message, of at most MaxMessage bytes, is not kept beyond the call.
func (w *Writer) Append(sig otlp.Signal, format otlp.Format, message []byte, arrived int64) error {
	s := &w.streams[sig][format]
	if len(message) > MaxMessage {
		return fmt.Errorf("write %s: message of %d bytes, at most %d are read", s.path, len(message), MaxMessage)
	}
	if !w.o.Zstd {
		return s.append(func(dst []byte) []byte { return appendMessage(dst, format, message) }, arrived)
	}
	e, ok := w.encoders.Get().(*frameEncoder)
	if !ok {
		encoder, err := codec.NewEncoder(codec.Zstd, codec.Fastest)
		if err != nil {
			return err
		}
		e = &frameEncoder{Encoder: encoder}
	}
	defer w.encoders.Put(e)
	// Outside of any lock: it takes longer than writing.
	e.plain = appendMessage(e.plain[:0], format, message)
	var err error
	if e.frame, err = e.Encoder.Append(e.frame[:0], e.plain); err != nil {
		return err
	}
	return s.append(func(dst []byte) []byte { return append(dst, e.frame...) }, arrived)
}

// appendMessage appends a message as a file has it. JSON may come in several lines:
// their ends are space, since no string has them as they are.
func appendMessage(dst []byte, format otlp.Format, message []byte) []byte {
	if format == otlp.FormatProto {
		return otlp.AppendFrame(dst, message, format)
	}
	start := len(dst)
	dst = append(dst, bytes.TrimSpace(message)...)
	for _, end := range []byte("\n\r") {
		for b := dst[start:]; ; {
			i := bytes.IndexByte(b, end)
			if i < 0 {
				break
			}
			b[i], b = ' ', b[i+1:]
		}
	}
	return append(dst, '\n')
}

// Close closes the files. Messages that come later are an error.
func (w *Writer) Close() error {
	var errs []error
	for sig := range w.streams {
		for f := range w.streams[sig] {
			errs = append(errs, w.streams[sig][f].close())
		}
	}
	return errors.Join(errs...)
}

// stream is a file with its arrival times. Those who write at the same time are
// written together, by one of them.
type stream struct {
	path string

	mu      sync.Mutex // held shortly
	pending *group     // what nobody writes yet

	writing         sync.Mutex // held while files are written; before mu
	spare           buffers
	file, times     *os.File
	size, timesSize int64 // of what is whole
	broken          error // why nothing can be written any more
}

// group is what is written together.
type group struct {
	buffers
	written bool
	err     error
}

type buffers struct{ data, times []byte }

// maxSpare is how long a buffer may be that is kept for the next messages.
const maxSpare = 4 << 20

func (s *stream) append(message func(dst []byte) []byte, arrived int64) error {
	s.mu.Lock()
	g := s.pending
	g.data, g.times = message(g.data), appendTime(g.times, arrived)
	s.mu.Unlock()

	s.writing.Lock()
	defer s.writing.Unlock()
	if g.written { // by another, with theirs
		return g.err
	}
	s.mu.Lock()
	s.pending = &group{buffers: s.spare}
	s.mu.Unlock()
	g.written, g.err = true, s.write(g)
	s.spare = buffers{}
	if cap(g.data) <= maxSpare {
		s.spare = buffers{g.data[:0], g.times[:0]}
	}
	g.buffers = buffers{}
	return g.err
}

// write writes g, or takes back what was written of it.
func (s *stream) write(g *group) error {
	if s.broken != nil {
		return s.broken
	}
	if err := s.open(); err != nil {
		return err
	}
	n, err := s.file.Write(g.data)
	k := 0
	if err == nil {
		k, err = s.times.Write(g.times)
	}
	if err != nil {
		if s.broken = errors.Join(takeBack(s.file, n, s.size), takeBack(s.times, k, s.timesSize)); s.broken != nil {
			return errors.Join(err, s.broken)
		}
		return err
	}
	s.size += int64(len(g.data))
	s.timesSize += int64(len(g.times))
	return nil
}

// takeBack makes a file as long as it was before n bytes were written.
func takeBack(f *os.File, n int, size int64) error {
	if n == 0 {
		return nil
	}
	return f.Truncate(size)
}

// open creates the files with the first message of them.
func (s *stream) open() (err error) {
	// What is written is behind the end, wherever that is after an error.
	const flags = os.O_WRONLY | os.O_CREATE | os.O_EXCL | os.O_APPEND
	if s.file == nil {
		if s.file, err = create(s.path, flags); err != nil {
			return err
		}
	}
	if s.times == nil {
		s.times, err = create(s.path+arrivalsSuffix, flags)
	}
	return err
}

func create(path string, flags int) (*os.File, error) {
	f, err := os.OpenFile(path, flags, 0o666)
	if err != nil {
		return nil, err // not f, which is nil but of a type
	}
	return f, nil
}

func (s *stream) close() error {
	s.writing.Lock()
	defer s.writing.Unlock()
	s.broken = &fs.PathError{Op: "write", Path: s.path, Err: fs.ErrClosed}
	var errs []error
	for _, f := range []*os.File{s.file, s.times} {
		if f != nil {
			errs = append(errs, f.Close())
		}
	}
	s.file, s.times = nil, nil
	return errors.Join(errs...)
}
