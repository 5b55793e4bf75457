package match

import "encoding/binary"

// field returns the last value of a field of bytes, nil when there is none or b is no
// message.
func field(b []byte, number uint64) (value []byte) {
	for len(b) > 0 {
		tag, v, rest, ok := nextField(b)
		if !ok {
			return nil
		}
		if tag == number<<3|2 {
			value = v
		}
		b = rest
	}
	return value
}

// nextField reads one field of a protobuf message. The value of fields that are no
// bytes is nil.
func nextField(b []byte) (tag uint64, value, rest []byte, ok bool) {
	tag, n := binary.Uvarint(b)
	if n <= 0 {
		return 0, nil, nil, false
	}
	b = b[n:]
	size := uint64(0)
	switch tag & 7 {
	case 0:
		_, n := binary.Uvarint(b)
		if n <= 0 {
			return 0, nil, nil, false
		}
		return tag, nil, b[n:], true
	case 1:
		size = 8
	case 5:
		size = 4
	case 2:
		var n int
		if size, n = binary.Uvarint(b); n <= 0 || size > uint64(len(b)-n) {
			return 0, nil, nil, false
		}
		b = b[n:]
		return tag, b[:size:size], b[size:], true
	default:
		return 0, nil, nil, false
	}
	if uint64(len(b)) < size {
		return 0, nil, nil, false
	}
	return tag, nil, b[size:], true
}
