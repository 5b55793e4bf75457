package otlp

import "math/bits"

// varintLen returns the number of bytes of x as a protobuf varint.
func varintLen(x uint64) int {
	// Seven bits a byte: (9n+64)/64 is n/7 rounded up for n from 1 to 64.
	return (bits.Len64(x|1)*9 + 64) / 64
}

// appendVarint appends x as a protobuf varint.
func appendVarint(dst []byte, x uint64) []byte {
	for x >= 0x80 {
		dst = append(dst, byte(x)|0x80)
		x >>= 7
	}
	return append(dst, byte(x))
}

// OpenLength makes room for the length of a protobuf message whose length is not
// known yet, width bytes of it, and returns where the message begins. The guess is
// right nearly always; CloseLength puts it right when it was not.
func OpenLength(dst []byte, width int) ([]byte, int) {
	for range width {
		dst = append(dst, 0)
	}
	return dst, len(dst)
}

// CloseLength writes the length of the message dst[start:] into the width
// bytes before it, moving the message when its length needs more or fewer.
func CloseLength(dst []byte, start, width int) []byte {
	n := len(dst) - start
	w := varintLen(uint64(n))
	if w != width {
		for range w - width {
			dst = append(dst, 0)
		}
		copy(dst[start-width+w:], dst[start:start+n])
		dst = dst[:start-width+w+n]
	}
	at := start - width
	x := uint64(n)
	for x >= 0x80 {
		dst[at] = byte(x) | 0x80
		x >>= 7
		at++
	}
	dst[at] = byte(x)
	return dst
}
