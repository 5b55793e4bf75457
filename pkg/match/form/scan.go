package form

import (
	"fmt"
	"strings"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// KeyValue is an attribute as it stands in a message. It shares the message's memory.
type KeyValue struct {
	Raw   []byte // all of it; nil: it has been taken away
	Key   []byte
	Value []byte // an AnyValue
	Plain bool   // there is nothing else in it
}

// NewKeyValue appends an attribute to dst and returns it: a key with an AnyValue as
// it stands elsewhere.
func NewKeyValue(dst, key, value []byte) ([]byte, KeyValue) {
	at := len(dst)
	dst = appendBytes(dst, 1, key)
	behind := len(dst) - at // the key
	dst = appendBytes(dst, 2, value)
	raw := dst[at:len(dst):len(dst)]
	return dst, KeyValue{Raw: raw, Key: raw[behind-len(key) : behind], Value: raw[len(raw)-len(value):], Plain: true}
}

// Scan is the outside of an item: its attributes and where its fields stand, without
// what lies in them. It is read in a fraction of the time that AppendFields takes,
// into memory that is used again, and shares the item's.
type Scan struct {
	Attributes []KeyValue // in their order

	message  Message
	b        []byte
	at       [maxNumber + 1]extent // of the last one of each field
	repeated uint32                // bit 1<<number: fields that are there twice
}

// extent is where the value of a field stands; to is 0 where there is none.
type extent struct{ from, to int }

// Read reads a message. An error wraps ErrMalformed; damage within fields is not
// seen.
func (s *Scan) Read(m Message, b []byte) error {
	s.Attributes, s.at, s.repeated = s.Attributes[:0], [maxNumber + 1]extent{}, 0
	s.message, s.b = m, b
	for i := 0; i < len(b); {
		tag, value, after := uint64(b[i]), []byte(nil), 0
		if tag&0x87 == wireBytes && i+1 < len(b) && b[i+1] < 0x80 && i+2+int(b[i+1]) <= len(b) && tag >= 8 {
			after = i + 2 + int(b[i+1])
			value = b[i+2 : after : after]
		} else if tag, value, _, after = read(b, i); after < 0 {
			return fmt.Errorf("outside of %v: %w", m, cut(b, i))
		}
		if n := tag >> 3; n <= maxNumber && byNumber[m][n].wire == uint8(tag&7) {
			if byNumber[m][n].label == set {
				s.Attributes = append(s.Attributes, keyValue(value))
			} else {
				if s.at[n].to != 0 {
					s.repeated |= 1 << n
				}
				s.at[n] = extent{after - len(value), after}
				if tag&7 != wireBytes {
					s.at[n].from = i
				}
			}
		}
		i = after
	}
	return nil
}

// keyValue takes an attribute apart.
func keyValue(raw []byte) KeyValue {
	if len(raw) > 4 && raw[0] == tagKey && raw[1] < 0x80 {
		if n := 2 + int(raw[1]); n+2 <= len(raw) && raw[n] == tagValue && int(raw[n+1]) == len(raw)-n-2 && raw[n+1] < 0x80 {
			return KeyValue{Raw: raw, Key: raw[2:n:n], Value: raw[n+2:], Plain: true}
		}
	}
	if raw == nil {
		raw = []byte{}
	}
	key, value, ok := simple(raw)
	return KeyValue{Raw: raw, Key: key, Value: value, Plain: ok}
}

// Find returns the place of the only attribute with a key; -1: there is none. It is
// false when there are several, or when not all is plain.
func (s *Scan) Find(key string) (at int, ok bool) {
	at = -1
	for i := range s.Attributes {
		a := &s.Attributes[i]
		if !a.Plain {
			return 0, false
		}
		if a.Raw != nil && string(a.Key) == key {
			if at >= 0 {
				return 0, false
			}
			at = i
		}
	}
	return at, true
}

// Text returns the value if it is a string.
func (a *KeyValue) Text() ([]byte, bool) {
	tag, text, _, ok := lastScalar(a.Value)
	return text, ok && tag == tagString
}

// List reports whether the value is an array or a map and nothing else.
func (a *KeyValue) List() bool {
	tag, _, _, after := uint64(0), []byte(nil), uint64(0), -1
	if len(a.Value) > 0 {
		tag, _, _, after = read(a.Value, 0)
	}
	return after == len(a.Value) && (tag == 5<<3|wireBytes || tag == 6<<3|wireBytes)
}

// There reports whether a field stands in the item, be it with its zero.
func (s *Scan) There(name string) bool {
	d := named(s.message, name)
	return d != nil && s.at[d.number].to != 0
}

// Append appends the text of the value as AppendFields prints it. It is false where it
// is no string, bool, integer or float.
func (a *KeyValue) Append(dst []byte) (text []byte, k otlp.Kind, ok bool) {
	return appendScalar(dst, a.Value)
}

func appendScalar(dst, value []byte) (text []byte, k otlp.Kind, ok bool) {
	tag, b, word, ok := lastScalar(value)
	if !ok {
		return dst, 0, false
	}
	d := &byNumber[msgAnyValue][tag>>3]
	dst, k = printScalar(dst, d.kind, nil, b, word)
	return dst, k, true
}

// Append appends the text of a field as AppendFields prints it: of a path such as name,
// status.code or body, not of attributes. There is false where the message has no such
// field or its zero; ok is false where nothing but the fields themselves can tell.
func (s *Scan) Append(dst []byte, path string) (text []byte, k otlp.Kind, there, ok bool) {
	name, below, nested := strings.Cut(path, ".")
	d := named(s.message, name)
	if d == nil || d.label >= list || d.label == oneOf || s.repeated&(1<<d.number) != 0 || nested != (d.kind == kindMessage && d.next != msgAnyValue) {
		return dst, 0, false, false
	}
	if s.at[d.number].to == 0 {
		return dst, 0, false, true
	}
	value, word := s.value(d)
	switch {
	case nested:
		var inner Scan
		if inner.Read(d.next, value) != nil {
			return dst, 0, false, false
		}
		return inner.Append(dst, below)
	case d.kind == kindMessage:
		dst, k, ok = appendScalar(dst, value)
		return dst, k, ok, ok
	}
	if defaulted(d, value, word) {
		return dst, 0, false, true
	}
	dst, k = printScalar(dst, d.kind, d.enum, value, word)
	return dst, k, true, true
}

// value returns what stands in a field that is there: the bytes of one with a length,
// or else its number.
func (s *Scan) value(d *field) (value []byte, word uint64) {
	at := s.at[d.number]
	if wireTypes[d.kind] == wireBytes {
		return s.b[at.from:at.to], 0
	}
	_, _, word, _ = read(s.b, at.from)
	return nil, word
}

// defaulted reports whether a single field has the value that it has when it is absent.
func defaulted(d *field, value []byte, word uint64) bool {
	if d.label != single {
		return false
	}
	if wireTypes[d.kind] == wireBytes {
		return len(value) == 0 || isZero(d.kind, value)
	}
	return scalar(d.kind, word) == 0
}

// named returns the field of a message with a name, nil when there is none.
func named(m Message, name string) *field {
	for i := range schema[m] {
		if schema[m][i].name == name {
			return &schema[m][i]
		}
	}
	return nil
}
