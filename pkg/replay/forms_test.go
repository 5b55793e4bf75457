package replay

import (
	"bytes"
	"encoding/binary"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/otelsim/otelsim/pkg/internal/codec"
)

func compress(t testing.TB, c codec.Compression, data []byte) []byte {
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

func framed(messages [][]byte) (out []byte) {
	for _, m := range messages {
		out = binary.BigEndian.AppendUint32(out, uint32(len(m)))
		out = append(out, m...)
	}
	return out
}

func lines(messages [][]byte) []byte {
	return append(bytes.Join(messages, []byte("\n")), '\n')
}

// forms writes messages in every form of their format.
func forms(t testing.TB, messages [][]byte) map[string][]byte {
	plain, kind := framed(messages), "proto"
	if slices.ContainsFunc(messages, func(m []byte) bool { return bytes.HasPrefix(m, []byte("{")) }) {
		plain, kind = lines(messages), "json"
	}
	var blobs [][]byte
	for _, m := range messages {
		blobs = append(blobs, compress(t, codec.Zstd, m))
	}
	// With rotation every batch is a frame of its own, and one reader sees all.
	half := len(plain) / 2
	frames := append(compress(t, codec.Zstd, plain[:half]), compress(t, codec.Zstd, plain[half:])...)
	return map[string][]byte{
		kind:                           plain,
		kind + ", zstd per message":    framed(blobs),
		kind + ", zstd stream":         compress(t, codec.Zstd, plain),
		kind + ", zstd stream, frames": frames,
		kind + ", gzip":                compress(t, codec.Gzip, plain),
	}
}

func writeFile(t testing.TB, data []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, data, 0o666); err != nil {
		t.Fatal(err)
	}
	return path
}
