package otlp

import (
	"encoding/binary"
	"errors"
	"fmt"
	"unicode/utf8"
)

// Wire types of protobuf.
const (
	wireVarint  = 0
	wireFixed64 = 1
	wireBytes   = 2
	wireFixed32 = 5
)

var (
	errField = errors.New("malformed protobuf field")
	errUTF8  = errors.New("string is not UTF-8")
)

// field is one field of a protobuf message: its number and its wire type, and its
// value, in bytes for wireBytes and in num otherwise.
type field struct {
	bytes  []byte
	num    uint64
	tag    uint32 // number<<3 | wire type
	padded bool   // some number of it, or of one before, has more bytes than it takes
}

func (f *field) number() int { return int(f.tag >> 3) }
func (f *field) wire() int   { return int(f.tag & 7) }

// read reads the first field of b, which is not empty, into f and returns what follows
// it. Groups, which OTLP has never had, are errors. Loops over the messages that there
// are most of call it, others eachField.
func (f *field) read(b []byte) (rest []byte, err error) {
	tag, ok := uint64(b[0]), b[0] < 0x80
	if ok {
		b = b[1:]
	} else {
		tag, b, ok = f.varint(b)
	}
	if !ok || tag>>3 == 0 || tag>>3 > 1<<29-1 {
		return nil, fmt.Errorf("%w: tag", errField)
	}
	f.tag, f.num, f.bytes = uint32(tag), 0, nil
	switch tag & 7 {
	case wireVarint:
		f.num, b, ok = f.varint(b)
	case wireFixed64:
		if ok = len(b) >= 8; ok {
			f.num, b = binary.LittleEndian.Uint64(b), b[8:]
		}
	case wireFixed32:
		if ok = len(b) >= 4; ok {
			f.num, b = uint64(binary.LittleEndian.Uint32(b)), b[4:]
		}
	case wireBytes:
		var n uint64
		if len(b) > 0 && b[0] < 0x80 {
			n, b = uint64(b[0]), b[1:]
		} else {
			n, b, ok = f.varint(b)
		}
		if ok = ok && n <= uint64(len(b)); ok {
			f.bytes, b = b[:n:n], b[n:]
		}
	default:
		ok = false
	}
	if !ok {
		return nil, fmt.Errorf("%w: number %d, wire type %d", errField, f.number(), f.wire())
	}
	return b, nil
}

// varint is readVarint, and notes whether that has more bytes than it takes.
func (f *field) varint(b []byte) (x uint64, rest []byte, ok bool) {
	x, rest, ok = readVarint(b)
	if n := len(b) - len(rest); n > 1 && b[n-1] == 0 {
		f.padded = true
	}
	return x, rest, ok
}

// readVarint reads a varint of at most ten bytes that fits 64 bits.
func readVarint(b []byte) (x uint64, rest []byte, ok bool) {
	for i := 0; i < len(b) && i < 10; i++ {
		c := b[i]
		if i == 9 && c > 1 {
			return 0, b, false
		}
		x |= uint64(c&0x7f) << (7 * i)
		if c < 0x80 {
			return x, b[i+1:], true
		}
	}
	return 0, b, false
}

// is reports whether f is the field of that number and type. A known number
// with another wire type is an unknown field, as protobuf has it.
func (f *field) is(number, wire uint32) bool { return f.tag == number<<3|wire }

// eachField calls visit with each field of b, a message whose fields have that order.
// The field goes by value: what a function value gets a pointer to, the heap holds.
func (d *Decoder) eachField(b []byte, o *order, visit func(f field) error) error {
	last := uint8(0)
	for len(b) > 0 {
		var f field
		rest, err := f.read(b)
		if err != nil {
			return err
		}
		last = o.after(last, &f)
		if err := visit(f); err != nil {
			return err
		}
		b = rest
	}
	d.like(last)
	return nil
}

// name interns the string of f. What came after the name before the last two times is
// looked at first: names come in the same order again and again.
func (d *Decoder) name(f *field) (StringID, error) {
	after := &d.after[d.latest]
	if d.strings.String(after[0]) == string(f.bytes) {
		d.latest = after[0]
		return after[0], nil
	}
	if id := after[1]; d.strings.String(id) == string(f.bytes) {
		after[0], after[1], d.latest = id, after[0], id
		return id, nil
	}
	if !utf8.Valid(f.bytes) {
		return 0, fmt.Errorf("%w: field %d", errUTF8, f.number())
	}
	id := d.strings.idOf(f.bytes)
	after[0], after[1], d.latest = id, after[0], id
	for int(id) >= len(d.after) {
		d.after = append(d.after, [2]StringID{})
	}
	return id, nil
}
