package form

import (
	"encoding/binary"
	"fmt"

	"github.com/cespare/xxhash/v2"

	"github.com/otelsim/otelsim/pkg/corpus/wire"
)

// maxDepth is how deep values of attributes may nest, as in package wire.
const maxDepth = 64

// A digest is a sum over fields of numbers as good as random, so that their order
// does not matter. Each is a bijection of what stands in the field, told apart by
// the field's salt; what stands in lists is chained, which order matters to.

const golden = 0x9e3779b97f4a7c15

// finish is the finalizer of SplitMix64 (Steele, Lea, Flood 2014), a bijection.
func finish(x uint64) uint64 {
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// Digest returns a number that is equal for messages that mean the same. The order
// of fields and of attributes does not matter, nor do defaults that are written,
// empty messages, packing, ids of zeros, and fields that come later again. The order
// of events, links, exemplars, buckets and the values of an array does, and so do
// unknown fields, the bits of floats, and whether a value or an optional field is
// there, even when it is zero. It allocates nothing, but for messages that have a
// field twice that should be there once.
func Digest(m Message, b []byte) (uint64, error) {
	if m >= numExported {
		return 0, fmt.Errorf("digest of message %d: no such message", m)
	}
	h, err := digest(m, b, 0)
	if err != nil {
		return 0, fmt.Errorf("digest of %v of %d bytes: %w", m, len(b), err)
	}
	return finish(h + uint64(m+1)*golden), nil
}

// AttributesDigest is Digest for nothing but the attributes of a message: of a data
// point they say which series it is of.
func AttributesDigest(m Message, b []byte) (uint64, error) {
	h := uint64(0)
	for i := 0; i < len(b); {
		tag, value, _, after := read(b, i)
		if after < 0 {
			return 0, fmt.Errorf("digest of attributes of %v: %w", m, cut(b, i))
		}
		if n := tag >> 3; tag&7 == wireBytes && n <= maxNumber {
			if a := &byNumber[m][n]; a.label == set {
				kv, err := attributeDigest(value, 0)
				if err != nil {
					return 0, fmt.Errorf("digest of attributes of %v: %w", m, err)
				}
				h += finish(kv + a.salt)
			}
		}
		i = after
	}
	return finish(h), nil
}

// RestDigest is Digest for all but the attributes of a message.
func RestDigest(m Message, b []byte) (uint64, error) {
	rest := make([]byte, 0, len(b))
	for i := 0; i < len(b); {
		tag, _, _, after := read(b, i)
		if after < 0 {
			return 0, fmt.Errorf("digest of the rest of %v: %w", m, cut(b, i))
		}
		if n := tag >> 3; tag&7 != wireBytes || n > maxNumber || byNumber[m][n].label != set {
			rest = append(rest, b[i:after]...)
		}
		i = after
	}
	return Digest(m, rest)
}

// cut says that b ends within the field at i, or that the field is damaged.
func cut(b []byte, i int) error {
	return fmt.Errorf("%w: field %d bytes before the end of its message", ErrMalformed, len(b)-i)
}

// enter returns the depth within a message that stands at depth.
func enter(next Message, depth int) (int, error) {
	if next != msgArrayValue && next != msgMapValue {
		return depth, nil // only lists nest without end
	}
	if depth++; depth > maxDepth {
		return 0, fmt.Errorf("%w: values nest deeper than %d", ErrMalformed, maxDepth)
	}
	return depth, nil
}

// nested prepares a message of those that nest without end: digestTwice, later, would
// do what lies in it over at each level.
func nested(m Message, b []byte, depth int) ([]byte, int, error) {
	depth, err := enter(m, depth)
	if err == nil && (m == msgKeyValue || m == msgAnyValue) {
		b, err = settle(m, b)
	}
	return b, depth, err
}

// digest returns the digest of a message, 0 for one that is empty.
func digest(m Message, b []byte, depth int) (total uint64, err error) {
	if m >= msgKeyValue {
		if b, depth, err = nested(m, b, depth); err != nil {
			return 0, err
		}
	}
	actions := &byNumber[m]
	var seen, filled uint32
	var lists [maxLists]uint64
	for i := 0; i < len(b); {
		tag, value, word, after := uint64(b[i]), []byte(nil), uint64(0), 0
		// Nearly all fields are short and have a length, or are times.
		if tag&0x87 == wireBytes && i+1 < len(b) && b[i+1] < 0x80 && i+2+int(b[i+1]) <= len(b) && tag >= 8 {
			after = i + 2 + int(b[i+1])
			value = b[i+2 : after : after]
		} else if tag&0x87 == wireFixed64 && i+9 <= len(b) && tag >= 8 {
			after = i + 9
			word = binary.LittleEndian.Uint64(b[i+1:])
		} else if tag, value, word, after = read(b, i); after < 0 {
			return 0, cut(b, i)
		}
		i = after
		number := tag >> 3
		if number > maxNumber || actions[number].wire != uint8(tag&7) && (tag&7 != wireBytes || !actions[number].packable()) {
			total += unknownDigest(tag, value, word)
			continue
		}
		a := &actions[number]
		if a.label == list {
			if a.wire == uint8(tag&7) {
				word, _, err = fieldDigest(a, value, word, depth)
				lists[a.slot] = chain(lists[a.slot], word)
			} else {
				lists[a.slot], err = packed(a, value, lists[a.slot])
			}
			if lists[a.slot] != 0 {
				filled |= 1 << number
			}
		} else {
			if a.label != set {
				if seen&(1<<a.group) != 0 {
					return digestTwice(m, b, depth)
				}
				seen |= 1 << a.group
			}
			h, zero := uint64(0), false
			if h, zero, err = fieldDigest(a, value, word, depth); !zero || a.label != single {
				total += finish(h + a.salt)
			}
		}
		if err != nil {
			return 0, err
		}
	}
	if filled != 0 {
		total += listsDigest(actions, &lists, filled)
	}
	return total, nil
}

// fieldDigest returns the digest of what stands in a field, and whether that is the
// zero of its type.
func fieldDigest(a *action, value []byte, word uint64, depth int) (h uint64, zero bool, err error) {
	switch {
	case a.label == set:
		h, err = attributeDigest(value, depth)
		return h, false, err
	case a.kind == kindMessage:
		h, err = digest(a.next, value, depth)
		return h, h == 0, err
	case a.wire == wireBytes:
		return xxhash.Sum64(value), len(value) == 0 || a.kind >= kindTraceID && isZero(a.kind, value), nil
	}
	h = scalar(a.kind, word)
	return h, h == 0, nil
}

// listsDigest is the part of the digest of a message that its lists are.
func listsDigest(actions *[maxNumber + 1]action, lists *[maxLists]uint64, filled uint32) (total uint64) {
	for n := range actions {
		if filled&(1<<n) != 0 {
			total += finish(lists[actions[n].slot] + actions[n].salt)
		}
	}
	return total
}

// chain adds an element to the digest of a list.
func chain(list, h uint64) uint64 { return finish(list+golden) + finish(h+^uint64(golden)) }

// packed adds numbers that stand in one field to the digest of a list.
func packed(a *action, b []byte, list uint64) (uint64, error) {
	for i := 0; i < len(b); {
		word, after := element(a, b, i)
		if after < 0 {
			return 0, cut(b, i)
		}
		list = chain(list, scalar(a.kind, word))
		i = after
	}
	return list, nil
}

// element reads a packed number at b[i:].
func element(a *action, b []byte, i int) (word uint64, after int) {
	switch {
	case a.wire == wireVarint:
		return wire.Uvarint(b, i)
	case a.wire == wireFixed64 && len(b)-i >= 8:
		return binary.LittleEndian.Uint64(b[i:]), i + 8
	case a.wire == wireFixed32 && len(b)-i >= 4:
		return uint64(binary.LittleEndian.Uint32(b[i:])), i + 4
	}
	return 0, -1
}

// scalar returns what a number means, whatever the bits that its type does not have.
func scalar(k kind, word uint64) uint64 {
	switch k {
	case kindBool:
		if word != 0 {
			return 1
		}
	case kindInt32, kindUint32, kindSint32, kindEnum:
		return uint64(uint32(word))
	}
	return word
}

// isZero reports whether an id is that of nothing.
func isZero(k kind, id []byte) bool {
	switch {
	case k == kindTraceID && len(id) == 16:
		return binary.LittleEndian.Uint64(id)|binary.LittleEndian.Uint64(id[8:]) == 0
	case k == kindSpanID && len(id) == 8:
		return binary.LittleEndian.Uint64(id) == 0
	}
	return false
}

// unknownDigest is the digest of a field that OTLP does not have.
func unknownDigest(tag uint64, value []byte, word uint64) uint64 {
	if tag&7 == wireBytes {
		word = xxhash.Sum64(value)
	}
	return finish(finish(tag+1) + word)
}

// digestTwice is digest for a message that has a field twice that it should have once.
func digestTwice(m Message, b []byte, depth int) (uint64, error) {
	b, err := settle(m, b)
	if err != nil {
		return 0, err
	}
	return digest(m, b, depth)
}
