package intake

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"

	"github.com/otelsim/otelsim/internal/foreign"
	"github.com/otelsim/otelsim/pkg/internal/codec"
)

// headBytes is how much of a file is looked at to tell what it is.
const headBytes = 64 << 10

// members are the names in objects that Jaeger and Tempo export, and how the file is
// read that has one first.
var members = func() map[string]bool {
	names := make(map[string]bool)
	for _, name := range []string{
		"data", "total", "limit", "offset", "errors", "traceID", "spans", "processes", "warnings", "result", // Jaeger
		"batches", "trace", "traces", "metrics", "status", "message", "resource", "scopeSpans", "instrumentationLibrarySpans", // Tempo
	} {
		names[name] = true
	}
	return names
}()

// stream is a file as it is when it is opened, without the compression of the whole.
type stream struct {
	file   *os.File
	opened io.ReadCloser // nil: it is not compressed
	*bufio.Reader
}

// close closes the file. What ends the decompressor says again is what reading has told.
func (s *stream) close() error {
	if s.opened != nil {
		_ = s.opened.Close()
	}
	return s.file.Close()
}

// openStream opens a file, whose size it returns too.
func openStream(path string) (s *stream, size int64, err error) {
	f, size, err := foreign.Open(path)
	if err != nil {
		return nil, 0, err
	}
	s = &stream{file: f, Reader: bufio.NewReaderSize(f, headBytes)}
	head, _ := s.Peek(4)
	var how codec.Compression
	switch {
	case bytes.HasPrefix(head, []byte{0x1f, 0x8b}):
		how = codec.Gzip
	case bytes.HasPrefix(head, []byte{0x28, 0xb5, 0x2f, 0xfd}):
		how = codec.Zstd
	default:
		return s, size, nil
	}
	if s.opened, err = codec.NewReader(s.Reader, how); err != nil {
		return nil, 0, errors.Join(err, s.close())
	}
	s.Reader = bufio.NewReaderSize(s.opened, headBytes)
	return s, size, nil
}

// sniff reports whether a file is a JSON document of Jaeger or Tempo, rather than
// messages of the Collector, and how long it is. What is wrong with it is found when it
// is read.
func sniff(path string) (document bool, size int64, err error) {
	s, size, err := openStream(path)
	if err != nil {
		return false, 0, err
	}
	head, _ := s.Peek(headBytes)
	return isDocument(head), size, s.close()
}

// isDocument is sniff for the beginning of a file.
func isDocument(head []byte) bool {
	head = bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\xef\xbb\xbf")), " \t\r\n")
	if len(head) < 2 || head[0] != '{' {
		return len(head) > 1 && head[0] == '['
	}
	rest, ok := bytes.CutPrefix(bytes.TrimLeft(head[1:], " \t\r\n"), []byte{'"'})
	end := bytes.IndexByte(rest, '"')
	if !ok || end < 0 {
		return false
	}
	switch string(rest[:end]) {
	case "resourceSpans", "resourceMetrics", "resourceLogs":
		// An object a line is for who reads captures; one over several lines is not.
		line, _, several := bytes.Cut(head, []byte{'\n'})
		return several && !json.Valid(line)
	}
	return members[string(rest[:end])]
}
