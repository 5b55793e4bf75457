package otlp

import (
	"encoding/binary"
	"math/bits"
	"unicode/utf8"
	"unsafe"
)

const hexDigits = "0123456789abcdef"

// AppendJSONString appends s to dst as a JSON string, quotes included. Control
// characters, quotes and backslashes are escaped, nothing else is, and each
// byte that is not UTF-8 becomes U+FFFD.
func AppendJSONString(dst []byte, s string) []byte {
	// The bytes are only read, which is what makes the view of s safe.
	return AppendJSONText(dst, unsafe.Slice(unsafe.StringData(s), len(s)))
}

// AppendJSONText is AppendJSONString for bytes, which may be those of dst.
func AppendJSONText(dst, s []byte) []byte {
	dst = append(dst, '"')
	clean := 0 // s[clean:i] stands for itself
	for i := 0; i < len(s); {
		if i+8 <= len(s) {
			special := special8(binary.LittleEndian.Uint64(s[i:]))
			if special == 0 {
				i += 8
				continue
			}
			i += bits.TrailingZeros64(special) / 8
		}
		c := s[i]
		if c >= utf8.RuneSelf {
			r, n := utf8.DecodeRune(s[i:])
			if r == utf8.RuneError && n == 1 {
				dst = append(dst, s[clean:i]...)
				dst = append(dst, "\ufffd"...)
				clean = i + 1
			}
			i += n
			continue
		}
		if c < 0x20 || c == '"' || c == '\\' {
			dst = append(dst, s[clean:i]...)
			dst = appendEscape(dst, c)
			clean = i + 1
		}
		i++
	}
	dst = append(dst, s[clean:]...)
	return append(dst, '"')
}

// special8 is 0 when all eight bytes of x are ASCII that JSON takes as it is.
// Else its lowest bit is in the first byte, the lowest one, that is not. A
// subtraction borrows only out of a byte that is itself not plain, so neither
// answer is ever wrong; what stands above that bit may be.
func special8(x uint64) uint64 {
	const ones, highs = 0x0101010101010101, 0x8080808080808080
	return (x | (x - 0x20*ones) | (x ^ '"'*ones - ones) | (x ^ '\\'*ones - ones)) & highs
}

// appendEscape appends the shortest escape of the ASCII character c.
func appendEscape(dst []byte, c byte) []byte {
	switch c {
	case '"', '\\':
		return append(dst, '\\', c)
	case '\n':
		return append(dst, '\\', 'n')
	case '\r':
		return append(dst, '\\', 'r')
	case '\t':
		return append(dst, '\\', 't')
	case '\b':
		return append(dst, '\\', 'b')
	case '\f':
		return append(dst, '\\', 'f')
	}
	return append(dst, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
}
