package otlp

import "encoding/binary"

// Tags of AnyValue.
const (
	tagStringValue = 0x0a
	tagBoolValue   = 0x10
	tagIntValue    = 0x18
	tagDoubleValue = 0x21
	tagArrayValue  = 0x2a
	tagMapValue    = 0x32
	tagBytesValue  = 0x3a
)

// appendAttrs appends the attributes of r, each as a KeyValue under tag.
func appendAttrs(dst []byte, v *values, tag byte, r Range) []byte {
	entries := v.entries
	for i := r.Start; i < r.End; i++ {
		a := &v.attrs[i]
		key := entries[a.Key].protoKey()
		dst = append(dst, tag)
		if a.Kind == KindString {
			value := entries[a.Word].protoValue()
			dst = appendVarint(dst, uint64(len(key)+len(value)))
			dst = append(dst, key...)
			dst = append(dst, value...)
			continue
		}
		if n := scalarLen(a); n >= 0 {
			dst = appendVarint(dst, uint64(len(key)+1+varintLen(uint64(n))+n))
			dst = append(dst, key...)
			dst = appendValue(dst, v, 0x12, a)
			continue
		}
		var start int
		dst, start = OpenLength(dst, 2)
		dst = append(dst, key...)
		dst = appendValue(dst, v, 0x12, a)
		dst = CloseLength(dst, start, 2)
	}
	return dst
}

// scalarLen returns the length of the AnyValue of a, or -1 for a string of
// the table, an array or a map.
func scalarLen(a *Attr) int {
	switch a.Kind {
	case KindInt:
		return 1 + varintLen(a.Word)
	case KindBool:
		return 2
	case KindDouble:
		return 9
	case KindText, KindBytes:
		n := UnpackRange(a.Word).Len()
		return 1 + varintLen(uint64(n)) + n
	case KindEmpty:
		return 0
	}
	return -1
}

// appendValue appends the value of a as an AnyValue under tag.
func appendValue(dst []byte, v *values, tag byte, a *Attr) []byte {
	dst = append(dst, tag)
	switch a.Kind {
	case KindString:
		return append(dst, v.entries[a.Word].protoValue()[1:]...)
	case KindArray:
		return appendList(dst, v, tagArrayValue, a)
	case KindMap:
		return appendList(dst, v, tagMapValue, a)
	}
	dst = appendVarint(dst, uint64(scalarLen(a)))
	switch a.Kind {
	case KindInt:
		dst = appendVarint(append(dst, tagIntValue), a.Word)
	case KindBool:
		dst = append(dst, tagBoolValue, byte(a.Word))
	case KindDouble:
		dst = binary.LittleEndian.AppendUint64(append(dst, tagDoubleValue), a.Word)
	case KindText:
		dst = appendText(append(dst, tagStringValue), v, a)
	case KindBytes:
		dst = appendText(append(dst, tagBytesValue), v, a)
	}
	return dst
}

// appendText appends the text or bytes of a with its length.
func appendText(dst []byte, v *values, a *Attr) []byte {
	r := UnpackRange(a.Word)
	dst = appendVarint(dst, uint64(r.Len()))
	return append(dst, v.text[r.Start:r.End]...)
}

// appendList appends the length and content of the AnyValue of an array or a
// map: one field, whose message holds the elements as field 1.
func appendList(dst []byte, v *values, tag byte, a *Attr) []byte {
	dst, outer := OpenLength(dst, 1)
	dst = append(dst, tag)
	dst, inner := OpenLength(dst, 1)
	r := UnpackRange(a.Word)
	if a.Kind == KindMap {
		dst = appendAttrs(dst, v, 0x0a, r)
	} else {
		for i := r.Start; i < r.End; i++ {
			dst = appendValue(dst, v, 0x0a, &v.attrs[i])
		}
	}
	dst = CloseLength(dst, inner, 1)
	return CloseLength(dst, outer, 1)
}
