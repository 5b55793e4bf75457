// Package codec compresses segments and opens what others compressed: zstd,
// gzip, or nothing at all. It is the only package that knows the compression
// library, whose output may change with its version: compressed bytes are
// therefore never part of what a corpus is identified by.
//
//	e, err := codec.NewEncoder(codec.Zstd, codec.Default)
//	file, err := e.Append(nil, content)
//	d, err := codec.NewDecoder()
//	content, err = d.Append(nil, file, codec.Zstd, limit) // at most limit bytes
package codec

import (
	"errors"
	"fmt"
)

// Compression is a way in which a file is compressed.
type Compression uint8

// The compressions. The zero value is no compression.
const (
	None Compression = 0
	Zstd Compression = 1
	Gzip Compression = 2
)

// Compressions lists every compression.
var Compressions = [...]Compression{None, Zstd, Gzip}

// String returns the name that ParseCompression reads.
func (c Compression) String() string {
	switch c {
	case None:
		return "none"
	case Zstd:
		return "zstd"
	case Gzip:
		return "gzip"
	}
	return fmt.Sprintf("compression %d", uint8(c))
}

// Suffix returns what a compressed file's name ends with: "", ".zst" or ".gz".
func (c Compression) Suffix() string {
	switch c {
	case Zstd:
		return ".zst"
	case Gzip:
		return ".gz"
	}
	return ""
}

// ParseCompression returns the compression named s.
func ParseCompression(s string) (Compression, error) {
	for _, c := range Compressions {
		if s == c.String() {
			return c, nil
		}
	}
	return None, fmt.Errorf("unknown compression %q: want zstd, gzip or none", s)
}

// Level says how much work compressing may be. It never changes what is read
// back.
type Level uint8

// The levels. The zero value is the fastest.
const (
	Fastest Level = 0
	Default Level = 1
	Better  Level = 2
)

// String returns fastest, default or better.
func (l Level) String() string {
	switch l {
	case Fastest:
		return "fastest"
	case Default:
		return "default"
	case Better:
		return "better"
	}
	return fmt.Sprintf("level %d", uint8(l))
}

// ErrCorrupt says that the bytes are not a whole and undamaged file of their
// compression. It is distinct from the errors of the reader underneath, which
// say nothing about the bytes.
var ErrCorrupt = errors.New("corrupt compressed data")

// ErrLimit says that the content is longer than the caller allows, so that a
// few hostile bytes cannot claim all memory.
var ErrLimit = errors.New("content over its limit")
