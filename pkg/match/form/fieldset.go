package form

import (
	"bytes"
	"cmp"
	"encoding/hex"
	"math"
	"slices"
	"strconv"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// set walks over the pairs noted since base, and forgets them.
func (f *walker) set(m Message, d *field, base, depth int) error {
	n := len(f.path)
	defer func() { f.path, f.pairs = f.path[:n], f.pairs[:base] }()
	list := f.pairs[base:]
	slices.SortStableFunc(list, func(a, b pair) int { return bytes.Compare(a.key, b.key) })
	if m != msgMapValue {
		f.push(d.name)
	}
	at := len(f.path)
	for i := 0; i < len(list); {
		end := i + 1
		for end < len(list) && bytes.Equal(list[end].key, list[i].key) {
			end++
		}
		if err := sortAlike(list[i:end], depth); err != nil {
			return err
		}
		for j := i; j < end; j++ {
			if m == msgMapValue {
				f.path = append(appendKey(append(f.path[:at], '{'), list[j].key), '}')
			} else {
				f.path = appendKey(append(f.path[:at], '.'), list[j].key)
			}
			if j > i {
				f.path = strconv.AppendInt(append(f.path, '#'), int64(j-i+1), 10)
			}
			if err := f.attribute(list[j].raw, depth); err != nil {
				return err
			}
			list = f.pairs[base : base+len(list)] // which may have moved
		}
		i = end
	}
	return nil
}

// sortAlike gives pairs of one key an order that does not depend on how they stand.
func sortAlike(list []pair, depth int) (err error) {
	if len(list) < 2 {
		return nil
	}
	for i := range list {
		if list[i].digest, err = attributeDigest(list[i].raw, depth); err != nil {
			return err
		}
	}
	slices.SortStableFunc(list, func(a, b pair) int { return cmp.Compare(a.digest, b.digest) })
	return nil
}

// attribute walks over a KeyValue whose path is at hand.
func (f *walker) attribute(raw []byte, depth int) error {
	before, at := len(f.found), len(f.path)
	for i := 0; i < len(raw); {
		tag, value, word, after := read(raw, i)
		if after < 0 {
			return cut(raw, i)
		}
		i = after
		switch tag {
		case tagKey:
		case tagValue:
			if err := f.message(msgAnyValue, value, "#value", depth); err != nil {
				return err
			}
		case 3<<3 | wireVarint:
			if scalar(kindInt32, word) != 0 {
				f.path = append(f.path, "#entry.key_strindex"...)
				f.scalar(kindInt32, nil, nil, word)
				f.path = f.path[:at]
			}
		default:
			f.unknown(tag, value, word, "#entry")
		}
	}
	if len(f.found) == before {
		f.emit(otlp.KindEmpty)
	}
	return nil
}

// scalar emits a string, bytes or a number.
func (f *walker) scalar(k kind, enum []string, value []byte, word uint64) {
	var as otlp.Kind
	f.texts, as = printScalar(f.texts, k, enum, value, word)
	f.emit(as)
}

// printScalar appends the text of a string, bytes or a number, and returns its kind.
func printScalar(dst []byte, k kind, enum []string, value []byte, word uint64) ([]byte, otlp.Kind) {
	switch k {
	case kindString:
		return append(dst, value...), otlp.KindText
	case kindBytes, kindTraceID, kindSpanID:
		return hex.AppendEncode(dst, value), otlp.KindBytes
	case kindBool:
		return strconv.AppendBool(dst, word != 0), otlp.KindBool
	case kindDouble:
		return appendFloat(dst, word), otlp.KindDouble
	}
	return appendInt(dst, k, enum, word), otlp.KindInt
}

// appendInt appends an integer or the name of an enum's value.
func appendInt(dst []byte, k kind, enum []string, word uint64) []byte {
	switch k {
	case kindInt32:
		return strconv.AppendInt(dst, int64(int32(word)), 10)
	case kindSint32:
		return strconv.AppendInt(dst, int64(int32(uint32(word)>>1)^-int32(word&1)), 10)
	case kindInt64, kindSfixed64:
		return strconv.AppendInt(dst, int64(word), 10)
	case kindEnum:
		if n := int(int32(word)); n >= 0 && n+1 < len(enum) {
			return append(dst, enum[n+1]...)
		}
		return strconv.AppendInt(dst, int64(int32(word)), 10)
	}
	return strconv.AppendUint(dst, scalar(k, word), 10)
}

// appendFloat appends a float so that no integer and no other float looks like it.
func appendFloat(dst []byte, word uint64) []byte {
	x := math.Float64frombits(word)
	at := len(dst)
	dst = strconv.AppendFloat(dst, x, 'g', -1, 64)
	switch {
	case math.IsNaN(x):
		if word != math.Float64bits(math.NaN()) {
			dst = append(strconv.AppendUint(append(dst, "(0x"...), word, 16), ')')
		}
	case !bytes.ContainsAny(dst[at:], ".eI"):
		dst = append(dst, ".0"...)
	}
	return dst
}

// unknown emits a field that OTLP does not have.
func (f *walker) unknown(tag uint64, value []byte, word uint64, beside string) {
	n := len(f.path)
	f.path = append(f.path, beside...)
	f.push("unknown[")
	k := otlp.KindInt
	if name, raw, ok := strange(tag, value); ok {
		f.path = strconv.AppendQuote(f.path, string(name))
		f.texts, k = append(f.texts, raw...), otlp.KindText
	} else {
		f.path = strconv.AppendUint(f.path, tag>>3, 10)
		switch tag & 7 {
		case wireBytes:
			f.texts, k = hex.AppendEncode(f.texts, value), otlp.KindBytes
		case wireVarint:
			f.texts = strconv.AppendUint(f.texts, word, 10)
		case wireFixed64:
			f.texts = strconv.AppendUint(append(f.texts, "fixed64 "...), word, 10)
		default:
			f.texts = strconv.AppendUint(append(f.texts, "fixed32 "...), word, 10)
		}
	}
	f.path = append(f.path, ']')
	f.emit(k)
	f.path = f.path[:n]
}
