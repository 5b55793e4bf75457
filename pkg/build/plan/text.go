package plan

import "github.com/otelsim/otelsim/pkg/build/rng"

const hexDigits = "0123456789abcdef"

// AppendHex appends the low n hex digits of w, n at most 16.
func AppendHex(dst []byte, w uint64, n int) []byte {
	for i := n - 1; i >= 0; i-- {
		dst = append(dst, hexDigits[w>>(4*uint(i))&15])
	}
	return dst
}

// AppendDigits appends n random hex digits.
func AppendDigits(dst []byte, n int, s *rng.Stream) []byte {
	for ; n > 16; n -= 16 {
		dst = AppendHex(dst, s.Uint64(), 16)
	}
	return AppendHex(dst, s.Uint64(), n)
}

// Append appends an identifier in the format, but for the values of the system in it.
func (f IDFormat) Append(dst []byte, s *rng.Stream) []byte {
	for i := range f {
		p := &f[i]
		switch {
		case p.UUID:
			dst = appendUUID(dst, s)
		case p.Word > 0:
			dst = appendWord(dst, p.Word, s)
		case p.Hex > 0:
			dst = AppendDigits(dst, p.Hex, s)
		case p.Digits > 0:
			for range p.Digits {
				dst = append(dst, '0'+byte(s.Below(10)))
			}
		default:
			dst = append(dst, p.Literal...)
		}
	}
	return dst
}

// appendUUID appends a random UUID, version 4 of RFC 9562.
func appendUUID(dst []byte, s *rng.Stream) []byte {
	hi := s.Uint64()&^0xf000 | 0x4000
	lo := s.Uint64()&^(3<<62) | 2<<62
	dst = append(AppendHex(dst, hi>>32, 8), '-')
	dst = append(AppendHex(dst, hi>>16, 4), '-')
	dst = append(AppendHex(dst, hi, 4), '-')
	dst = append(AppendHex(dst, lo>>48, 4), '-')
	return AppendHex(dst, lo, 12)
}

const lettersAndDigits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

// appendWord appends n random letters and digits.
func appendWord(dst []byte, n int, s *rng.Stream) []byte {
	for range n {
		dst = append(dst, lettersAndDigits[s.Below(uint64(len(lettersAndDigits)))])
	}
	return dst
}
