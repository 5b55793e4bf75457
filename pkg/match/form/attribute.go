package form

import (
	"encoding/binary"

	"github.com/cespare/xxhash/v2"

	"github.com/otelsim/otelsim/pkg/corpus/wire"
)

// Tags of the fields of a KeyValue and of the values that are scalars.
const (
	tagKey    = 1<<3 | wireBytes
	tagValue  = 2<<3 | wireBytes
	tagString = 1<<3 | wireBytes
	tagBool   = 2<<3 | wireVarint
	tagInt    = 3<<3 | wireVarint
	tagDouble = 4<<3 | wireFixed64
)

// attributeDigest is digest for a KeyValue. A short key with a short scalar has one
// encoding that is the shortest and in order, and the digest is a hash of that: most
// of what is compared are such attributes, and most encoders write them so.
func attributeDigest(b []byte, depth int) (uint64, error) {
	if len(b) > 4 && b[0] == tagKey && b[1] < 0x80 && b[1] > 0 {
		if n := 2 + int(b[1]); n+2 < len(b) && b[n] == tagValue && int(b[n+1]) == len(b)-n-2 && b[n+1] < 0x80 && isShortest(b[n+2:]) {
			return xxhash.Sum64(b), nil
		}
	}
	return attributeSlow(b, depth)
}

// attributeSlow is attributeDigest for what is written otherwise.
func attributeSlow(b []byte, depth int) (uint64, error) {
	var buf [shortAttribute]byte
	if n := shortest(&buf, b); n > 0 {
		return xxhash.Sum64(buf[:n]), nil
	}
	return digest(msgKeyValue, b, depth)
}

// shortAttribute is the most that the shortest encoding takes: a key and a value,
// each with a tag and a length of one byte.
const shortAttribute = 2 + 0x7f + 2 + 0x7f

// isShortest reports whether v is the shortest encoding of an AnyValue that is a
// string, a bool, an int or a float.
func isShortest(v []byte) bool {
	if len(v) < 2 {
		return false
	}
	switch v[0] {
	case tagString:
		return int(v[1]) == len(v)-2 && v[1] < 0x80
	case tagBool:
		return len(v) == 2 && v[1] <= 1
	case tagInt:
		_, after := wire.Uvarint(v, 1)
		return after == len(v) && (v[after-1] != 0 || after == 2)
	case tagDouble:
		return len(v) == 9
	}
	return false
}

// shortest writes the shortest encoding of a KeyValue to buf and returns its length,
// 0 where it has none: the key or the value is too long or missing, or no scalar, or
// there are other fields. However the message is encoded, one meaning has one answer.
func shortest(buf *[shortAttribute]byte, b []byte) int {
	key, value, ok := simple(b)
	if !ok || len(key) == 0 || len(key) > 0x7f {
		return 0
	}
	tag, text, word, ok := lastScalar(value)
	if !ok || len(text) > 0x7f-2 {
		return 0
	}
	n := copy(buf[2:], key) + 2
	buf[0], buf[1] = tagKey, byte(len(key))
	v := append(buf[n+2:n+2:len(buf)], byte(tag))
	switch tag {
	case tagString:
		v = append(append(v, byte(len(text))), text...)
	case tagBool:
		v = append(v, byte(scalar(kindBool, word)))
	case tagInt:
		v = binary.AppendUvarint(v, word)
	case tagDouble:
		v = binary.LittleEndian.AppendUint64(v, word)
	}
	buf[n], buf[n+1] = tagValue, byte(len(v))
	return n + 2 + len(v)
}

// simple returns the key and the AnyValue of a KeyValue; not ok is one that has other
// fields too, or that is damaged.
func simple(b []byte) (key, value []byte, ok bool) {
	index := uint64(0)
	for i := 0; i < len(b); {
		tag, v, word, after := read(b, i)
		switch {
		case after < 0:
			return nil, nil, false
		case tag == tagKey:
			key = v
		case tag == tagValue && value != nil:
			// Messages that come twice are one, of the fields of both.
			if b, err := settle(msgKeyValue, b); err == nil {
				return simple(b)
			}
			return nil, nil, false
		case tag == tagValue:
			value = v
		case tag == 3<<3|wireVarint:
			index = scalar(kindInt32, word)
		default:
			return nil, nil, false
		}
		i = after
	}
	return key, value, index == 0
}

// lastScalar returns the value of an AnyValue, which is its last one; not ok is one
// that is no scalar, or that has other fields too.
func lastScalar(b []byte) (tag uint64, text []byte, word uint64, ok bool) {
	for i := 0; i < len(b); {
		t, v, w, after := read(b, i)
		if after < 0 || t>>3 > maxNumber || byNumber[msgAnyValue][t>>3].wire != uint8(t&7) {
			return 0, nil, 0, false
		}
		tag, text, word, i = t, v, w, after
	}
	return tag, text, word, tag == tagString || tag == tagBool || tag == tagInt || tag == tagDouble
}
