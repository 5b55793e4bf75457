package e2e

import (
	"bytes"
	"encoding/binary"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/klauspost/compress/zstd"
)

// form is one of the six forms in which the Collector's file exporter writes.
type form struct {
	name   string
	format string
	zstd   bool
	stream bool // compressed as a whole, not message by message
}

var (
	jsonLines   = form{name: "json", format: "json"}
	protoFrames = form{name: "proto", format: "proto"}
	forms       = []form{
		jsonLines, protoFrames,
		{name: "json-zstd", format: "json", zstd: true},
		{name: "proto-zstd", format: "proto", zstd: true},
		{name: "json-zstd-stream", format: "json", zstd: true, stream: true},
		{name: "proto-zstd-stream", format: "proto", zstd: true, stream: true},
	}
)

// formsBy returns the forms that one run of the Collector can write: a feature
// gate decides between the two kinds of compression.
func formsBy(stream bool) (out []form) {
	for _, f := range forms {
		if f.stream == stream {
			out = append(out, f)
		}
	}
	return out
}

// paths returns the files of one form that hold signal, rotated ones and the
// last; without signal, those that hold all.
func (c *collector) paths(t *testing.T, f form, signal string) []string {
	t.Helper()
	if signal == "" {
		signal = "all"
	}
	paths, err := filepath.Glob(filepath.Join(c.dir, f.name, signal+"*.data"))
	if err != nil {
		t.Fatal(err)
	}
	return paths
}

// messages reads one file with nothing but the form's definition.
func (f form) messages(t *testing.T, path string) (out [][]byte) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	dec, err := zstd.NewReader(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer dec.Close()
	expand := func(data []byte) []byte {
		out, err := dec.DecodeAll(data, nil)
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		return out
	}
	if f.stream {
		data = expand(data)
	}
	if f.format == "json" && (!f.zstd || f.stream) {
		return slices.DeleteFunc(bytes.Split(data, []byte("\n")), func(line []byte) bool { return len(line) == 0 })
	}
	for len(data) > 0 {
		if len(data) < 4 || len(data)-4 < int(binary.BigEndian.Uint32(data)) {
			t.Fatalf("%s: ends within a message", path)
		}
		n := 4 + binary.BigEndian.Uint32(data)
		m := data[4:n]
		if f.zstd && !f.stream {
			m = expand(m)
		}
		out, data = append(out, m), data[n:]
	}
	return out
}

// written returns the items of one signal that are in the files of one form,
// and the number of messages that they came in.
func (c *collector) written(t *testing.T, f form, signal string) (b *basket, messages int) {
	t.Helper()
	b = newBasket(signal)
	for _, path := range c.paths(t, f, signal) {
		for _, m := range f.messages(t, path) {
			b.add(t, m)
			messages++
		}
	}
	return b, messages
}
