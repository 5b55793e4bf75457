// Package captures writes messages in every form that the Collector's file exporter
// has, for the tests of what reads them.
//
//	for name, data := range captures.Forms(t, messages) {
//		read(captures.File(t, data))
//	}
package captures

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/internal/codec"
)

// Compress returns data compressed as a whole.
func Compress(t testing.TB, c codec.Compression, data []byte) []byte {
	t.Helper()
	e, err := codec.NewEncoder(c, codec.Default)
	if err != nil {
		t.Fatal(err)
	}
	out, err := e.Append(nil, data)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// Framed returns messages with a big-endian length before each.
func Framed(messages [][]byte) (out []byte) {
	for _, m := range messages {
		out = otlp.AppendFrame(out, m, otlp.FormatProto)
	}
	return out
}

// Lines returns messages with the end of a line behind each.
func Lines(messages [][]byte) []byte {
	return append(bytes.Join(messages, []byte("\n")), '\n')
}

// Forms writes messages in every form of their format.
func Forms(t testing.TB, messages [][]byte) map[string][]byte {
	plain, kind := Framed(messages), "proto"
	if slices.ContainsFunc(messages, func(m []byte) bool { return bytes.HasPrefix(m, []byte("{")) }) {
		plain, kind = Lines(messages), "json"
	}
	var blobs [][]byte
	for _, m := range messages {
		blobs = append(blobs, Compress(t, codec.Zstd, m))
	}
	// With rotation every batch is a frame of its own, and one reader sees all.
	half := len(plain) / 2
	frames := append(Compress(t, codec.Zstd, plain[:half]), Compress(t, codec.Zstd, plain[half:])...)
	return map[string][]byte{
		kind:                           plain,
		kind + ", zstd per message":    Framed(blobs),
		kind + ", zstd stream":         Compress(t, codec.Zstd, plain),
		kind + ", zstd stream, frames": frames,
		kind + ", gzip":                Compress(t, codec.Gzip, plain),
	}
}

// File writes data to a file of a folder of the test, and returns its path.
func File(t testing.TB, data []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, data, 0o666); err != nil {
		t.Fatal(err)
	}
	return path
}
