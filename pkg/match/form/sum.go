package form

import (
	"encoding/binary"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// Sum is the digest of an item that attributes and fields can be taken out of and put
// into. A digest is a sum over fields, so nothing else of the item is looked at.
//
//	sum := form.NewSum(m, digest)
//	h, err := form.AttributeSum(raw)
//	sum.Take(h)
//	sum.Digest() // of the item without that attribute
type Sum struct {
	message Message
	total   uint64
}

// setSalts are the salts of the attributes of messages.
var setSalts = func() (t [numMessages]uint64) {
	for m := range byNumber {
		for n := range byNumber[m] {
			if a := &byNumber[m][n]; a.kind != unknown && a.label == set {
				t[m] = a.salt
			}
		}
	}
	return t
}()

// NewSum makes the sum of an item that has this Digest.
func NewSum(m Message, digest uint64) Sum {
	return Sum{message: m, total: unfinish(digest) - uint64(m+1)*golden}
}

// Take takes an attribute out, of which AttributeSum is h.
func (s *Sum) Take(h uint64) { s.total -= finish(h + setSalts[s.message]) }

// Put puts an attribute in, of which AttributeSum is h.
func (s *Sum) Put(h uint64) { s.total += finish(h + setSalts[s.message]) }

// TakeField takes a field out, of which Scan.FieldSum or FieldSum is h.
func (s *Sum) TakeField(h uint64) { s.total -= h }

// PutField puts such a field in.
func (s *Sum) PutField(h uint64) { s.total += h }

// Digest returns the Digest of the item with what was taken and put.
func (s *Sum) Digest() uint64 { return finish(s.total + uint64(s.message+1)*golden) }

// AttributeSum returns what Sum needs to know of a KeyValue. An error wraps
// ErrMalformed.
func AttributeSum(raw []byte) (uint64, error) { return attributeDigest(raw, 0) }

// FieldSum returns what Sum needs to know of a field that stands in the item itself and
// is there once: 0 where it is absent. There is false where the item has no such field
// or its zero. It is not ok where nothing but the fields themselves can tell.
func (s *Scan) FieldSum(name string) (h uint64, there, ok bool) {
	d := named(s.message, name)
	if d == nil || d.label != single || s.repeated&(1<<d.number) != 0 {
		return 0, false, false
	}
	if s.at[d.number].to == 0 {
		return 0, false, true
	}
	a := &byNumber[s.message][d.number]
	value, word := s.value(d)
	h, zero, err := fieldDigest(a, value, word, 0)
	if err != nil || zero {
		return 0, false, err == nil
	}
	return finish(h + a.salt), true, true
}

// FieldSum returns what Sum needs to know of a field of an item with some value: a
// text, or the name of an enum's value. It is false for other fields, and for zeros.
func FieldSum(m Message, name string, v Value) (h uint64, ok bool) {
	d := named(m, name)
	if d == nil || d.label != single {
		return 0, false
	}
	a := &byNumber[m][d.number]
	var word uint64
	var value []byte
	switch {
	case d.kind == kindString && v.Kind == otlp.KindText:
		value = []byte(v.Text)
	case d.kind == kindEnum && v.Kind == otlp.KindInt:
		i := slices.Index(d.enum, v.Text)
		if i < 1 {
			return 0, false
		}
		word = uint64(i - 1)
	default:
		return 0, false
	}
	h, zero, err := fieldDigest(a, value, word, 0)
	return finish(h + a.salt), err == nil && !zero
}

// Has reports whether an item has a field by that name, in itself or in one of its
// fields.
func Has(m Message, path string) bool {
	name, _, _ := strings.Cut(path, ".")
	return m < numExported && named(m, name) != nil
}

// unfinish is the inverse of finish.
func unfinish(x uint64) uint64 {
	x = (x ^ x>>31 ^ x>>62) * 0x319642b2d24d8ec3
	x = (x ^ x>>27 ^ x>>54) * 0x96de1b173f119089
	return x ^ x>>30 ^ x>>60
}

// AppendText appends an AnyValue that is a string.
func AppendText(dst, text []byte) []byte { return appendBytes(dst, 1, text) }

// AppendAnyValue appends a string, a bool, an integer or a float, which is false for
// other values and for what is none of its kind.
func AppendAnyValue(dst []byte, v Value) ([]byte, bool) {
	switch v.Kind {
	case otlp.KindText, otlp.KindString:
		dst = AppendText(dst, []byte(v.Text))
	case otlp.KindBool:
		b, err := strconv.ParseBool(v.Text)
		if err != nil {
			return dst, false
		}
		dst = append(dst, tagBool, 0)
		if b {
			dst[len(dst)-1] = 1
		}
	case otlp.KindInt:
		n, err := strconv.ParseInt(v.Text, 10, 64)
		if err != nil {
			return dst, false
		}
		dst = binary.AppendUvarint(append(dst, tagInt), uint64(n))
	case otlp.KindDouble:
		f, err := strconv.ParseFloat(v.Text, 64)
		if err != nil {
			return dst, false
		}
		dst = binary.LittleEndian.AppendUint64(append(dst, tagDouble), math.Float64bits(f))
	default:
		return dst, false
	}
	return dst, true
}
