package form

import "github.com/otelsim/otelsim/pkg/corpus/wire"

// Wire types of protobuf. Groups, which OTLP has never had, are malformed.
const (
	wireVarint  = 0
	wireFixed64 = 1
	wireBytes   = 2
	wireFixed32 = 5
)

// wireTypes are the wire types of the kinds.
var wireTypes = func() (t [numKinds]uint8) {
	for k := range t {
		switch k := kind(k); {
		case k == unknown:
			t[k] = 7 // no field has it
		case k <= kindSpanID:
			t[k] = wireBytes
		case k <= kindEnum:
			t[k] = wireVarint
		case k <= kindDouble:
			t[k] = wireFixed64
		default:
			t[k] = wireFixed32
		}
	}
	return t
}()

// maxNumber is the highest field number in the schema.
const maxNumber = 16

// action is what walks need to know of a field, in few bytes.
type action struct {
	number uint8
	kind   kind
	label  label
	wire   uint8 // its wire type
	next   Message
	group  uint8  // of single fields: which of them exclude each other, from 0
	slot   uint8  // of lists: which of them it is in its message
	index  uint8  // in the schema of its message
	salt   uint64 // for digests
}

// packable reports whether the numbers of a list may stand in one field.
func (a *action) packable() bool { return a.label == list && a.wire != wireBytes }

// maxLists is how many lists a message has at most.
const maxLists = 3

// byNumber is the schema by field number; the kind is unknown where there is nothing.
var byNumber = func() (t [numMessages][maxNumber + 1]action) {
	for m := range t {
		for n := range t[m] {
			t[m][n].wire = wireTypes[unknown]
		}
		lists := uint8(0)
		for i, f := range schema[m] {
			a := action{number: f.number, kind: f.kind, label: f.label, wire: wireTypes[f.kind], next: f.next, index: uint8(i),
				group: f.number, salt: finish(uint64(f.number) * golden)}
			switch f.label {
			case oneOf:
				a.group = 0
			case list:
				a.slot = lists
				lists++
			}
			t[m][f.number] = a
		}
	}
	return t
}()

// read reads the field at b[i:]: its tag, the bytes of one with a length or else its
// number, and where the next field begins, a negative index where it is malformed.
func read(b []byte, i int) (tag uint64, value []byte, word uint64, after int) {
	tag, value, after = wire.Next(b, i)
	if after < 0 {
		return 0, nil, 0, -1
	}
	switch tag & 7 {
	case wireBytes:
		return tag, value, 0, after
	case wireVarint:
		_, at := wire.Uvarint(b, i)
		word, _ = wire.Uvarint(b, at)
	default:
		for j := len(value) - 1; j >= 0; j-- {
			word = word<<8 | uint64(value[j])
		}
	}
	return tag, nil, word, after
}
