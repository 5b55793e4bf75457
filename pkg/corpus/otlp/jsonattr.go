package otlp

import (
	"encoding/base64"
	"math"
	"strconv"
)

// appendAttrsJSON appends the attributes of r as a member that is an array of
// KeyValue objects, or nothing when there are none.
func appendAttrsJSON(dst []byte, name string, v *values, r Range) []byte {
	if r.Len() == 0 {
		return dst
	}
	dst = append(member(dst, name), '[')
	entries := v.entries
	for i := r.Start; i < r.End; i++ {
		a := &v.attrs[i]
		dst = comma(dst, i > r.Start)
		dst = append(dst, entries[a.Key].keyJSON()...)
		dst = appendValueJSON(dst, v, a)
		dst = append(dst, '}')
	}
	return append(dst, ']')
}

// appendValueJSON appends the value of a as an AnyValue object.
func appendValueJSON(dst []byte, v *values, a *Attr) []byte {
	switch a.Kind {
	case KindString:
		return append(dst, v.entries[a.Word].valueJSON()...)
	case KindText:
		r := UnpackRange(a.Word)
		dst = append(dst, jsonStringValue...)
		dst = AppendJSONText(dst, v.text[r.Start:r.End])
	case KindInt:
		dst = append(dst, `{"intValue":"`...)
		dst = strconv.AppendInt(dst, int64(a.Word), 10)
		dst = append(dst, '"')
	case KindBool:
		dst = append(dst, `{"boolValue":`...)
		dst = strconv.AppendBool(dst, a.Word != 0)
	case KindDouble:
		dst = append(dst, `{"doubleValue":`...)
		dst = appendDoubleJSON(dst, math.Float64frombits(a.Word))
	case KindArray, KindMap:
		dst = appendListJSON(dst, v, a)
	case KindBytes:
		r := UnpackRange(a.Word)
		dst = append(dst, `{"bytesValue":"`...)
		dst = base64.StdEncoding.AppendEncode(dst, v.text[r.Start:r.End])
		dst = append(dst, '"')
	default:
		dst = append(dst, '{')
	}
	return append(dst, '}')
}

// appendListJSON appends an array or a map without its closing brace. An
// empty one is an empty message, as protobuf JSON has it.
func appendListJSON(dst []byte, v *values, a *Attr) []byte {
	r := UnpackRange(a.Word)
	if a.Kind == KindMap {
		dst = append(dst, `{"kvlistValue":{`...)
		dst = appendAttrsJSON(dst, `"values":`, v, r)
		return append(dst, '}')
	}
	dst = append(dst, `{"arrayValue":{`...)
	if r.Len() > 0 {
		dst = append(dst, `"values":[`...)
		for i := r.Start; i < r.End; i++ {
			dst = comma(dst, i > r.Start)
			dst = appendValueJSON(dst, v, &v.attrs[i])
		}
		dst = append(dst, ']')
	}
	return append(dst, '}')
}

// appendDoubleJSON appends the shortest decimal that reads back as f, in the
// notation of encoding/json; what JSON has no number for is a string, as in
// protobuf JSON.
func appendDoubleJSON(dst []byte, f float64) []byte {
	switch {
	case math.IsNaN(f):
		return append(dst, `"NaN"`...)
	case math.IsInf(f, 1):
		return append(dst, `"Infinity"`...)
	case math.IsInf(f, -1):
		return append(dst, `"-Infinity"`...)
	}
	if abs := math.Abs(f); abs != 0 && (abs < 1e-6 || abs >= 1e21) {
		dst = strconv.AppendFloat(dst, f, 'e', -1, 64)
		if n := len(dst); dst[n-4] == 'e' && dst[n-3] == '-' && dst[n-2] == '0' {
			dst[n-2] = dst[n-1] // strconv pads a negative exponent to two digits
			dst = dst[:n-1]
		}
		return dst
	}
	return strconv.AppendFloat(dst, f, 'f', -1, 64)
}
