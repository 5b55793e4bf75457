package rules

import (
	"crypto/md5" //nolint:gosec // what pipelines use is what is looked for
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha3"
	"crypto/sha512"
	"encoding/binary"
	"encoding/hex"
	"maps"
	"math"
	"slices"
	"strconv"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/match/form"
)

// hasher appends the digest of some bytes to dst.
type hasher func(dst, b []byte) []byte

var hashes = map[string]hasher{
	"sha256":   func(dst, b []byte) []byte { h := sha256.Sum256(b); return append(dst, h[:]...) },
	"sha512":   func(dst, b []byte) []byte { h := sha512.Sum512(b); return append(dst, h[:]...) },
	"sha3_256": func(dst, b []byte) []byte { h := sha3.Sum256(b); return append(dst, h[:]...) },
	"sha1":     func(dst, b []byte) []byte { h := sha1.Sum(b); return append(dst, h[:]...) },
	"md5":      func(dst, b []byte) []byte { h := md5.Sum(b); return append(dst, h[:]...) },
}

func hashNames() []string { return slices.Sorted(maps.Keys(hashes)) }

// of returns the hash of a value in hex, as the Collector's attributes processor makes
// it: of a text's bytes, of one byte of a boolean, of the eight bytes of a number,
// the lowest first. Of all else it makes an empty text.
func (h hasher) of(v form.Value) form.Value {
	var b []byte
	switch v.Kind {
	case otlp.KindText, otlp.KindString:
		b = []byte(v.Text)
	case otlp.KindBool:
		b = []byte{0}
		if v.Text == "true" {
			b[0] = 1
		}
	case otlp.KindInt:
		n, _ := strconv.ParseInt(v.Text, 10, 64)
		b = binary.LittleEndian.AppendUint64(nil, uint64(n))
	case otlp.KindDouble:
		f, _ := strconv.ParseFloat(v.Text, 64)
		b = binary.LittleEndian.AppendUint64(nil, math.Float64bits(f))
	default:
		return form.Value{Kind: otlp.KindText}
	}
	return form.Value{Kind: otlp.KindText, Text: h.hex(string(b))}
}

func (h hasher) hex(s string) string { return hex.EncodeToString(h(nil, []byte(s))) }
