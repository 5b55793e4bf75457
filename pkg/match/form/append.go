package form

import "math/bits"

// varintLen returns the number of bytes of x as a protobuf varint.
func varintLen(x uint64) int { return (bits.Len64(x|1)*9 + 64) / 64 }

// open makes room for the length of a message whose length is not known yet, width
// bytes of it, and returns where the message begins. closeLength puts a wrong guess
// right.
func open(dst []byte, width int) ([]byte, int) {
	for range width {
		dst = append(dst, 0)
	}
	return dst, len(dst)
}

// closeLength writes the length of the message dst[start:] into the width bytes
// before it, moving the message when its length needs more or fewer.
func closeLength(dst []byte, start, width int) []byte {
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
