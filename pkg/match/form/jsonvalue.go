package form

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"math"
	"strconv"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/corpus/wire"
)

// scalar reads a value that is no message, which begins with c, and writes it with
// its tag or, in a packed list, without.
func (j *reader) scalar(f *member, name []byte, c byte, tagged bool) error {
	switch f.kind {
	case kindString, kindBytes, kindTraceID, kindSpanID:
		return j.bytes(f, c)
	case kindBool:
		word, value := "false", uint64(0)
		if c == 't' {
			word, value = "true", 1
		}
		if err := j.literal(word); err != nil {
			return err
		}
		j.varint(f, value, tagged)
		return nil
	case kindEnum:
		if c == '"' {
			return j.enum(f, name)
		}
	}
	var digits []byte
	if c == '"' {
		var err error
		if digits, err = j.name(); err != nil {
			return err
		}
	} else {
		digits = j.number()
	}
	word, ok := parse(f.kind, digits)
	if !ok {
		return j.bad("value out of range or of another type before it")
	}
	if f.wire == wireVarint {
		j.varint(f, word, tagged)
		return nil
	}
	if tagged && word == 0 && f.label == single {
		return nil
	}
	if tagged {
		j.tag(f, f.wire)
	}
	if f.wire == wireFixed32 {
		j.dst = binary.LittleEndian.AppendUint32(j.dst, uint32(word))
	} else {
		j.dst = binary.LittleEndian.AppendUint64(j.dst, word)
	}
	return nil
}

// varint writes a number, unless it is a zero that means nothing.
func (j *reader) varint(f *member, word uint64, tagged bool) {
	if tagged {
		if word == 0 && f.label == single {
			return
		}
		j.tag(f, wireVarint)
	}
	j.dst = binary.AppendUvarint(j.dst, word)
}

// bytes reads a string and writes what it means.
func (j *reader) bytes(f *member, c byte) error {
	if c != '"' {
		return j.bad("no string")
	}
	s, escape, err := j.quoted()
	if err != nil {
		return err
	}
	if len(s) == 0 && f.label == single {
		return nil
	}
	j.tag(f, wireBytes)
	if escape < 0 && f.kind == kindString {
		j.dst = binary.AppendUvarint(j.dst, uint64(len(s)))
		j.dst = append(j.dst, s...)
		return nil
	}
	dst, start := otlp.OpenLength(j.dst, 1)
	ok := true
	if f.kind != kindString && escape >= 0 {
		s, ok = appendUnescaped(nil, s, escape)
	}
	if !ok {
		return j.bad("string with a bad escape before it")
	}
	switch f.kind {
	case kindString:
		dst, ok = appendUnescaped(dst, s, escape)
	case kindBytes:
		dst, ok = appendBase64(dst, s)
	default:
		dst, err = hex.AppendDecode(dst, s)
		ok = err == nil
	}
	if !ok {
		return j.bad("string that does not say what it should before it")
	}
	j.dst = otlp.CloseLength(dst, start, 1)
	return nil
}

// appendBase64 appends bytes in either alphabet, padded or not.
func appendBase64(dst, text []byte) ([]byte, bool) {
	text = bytes.TrimRight(text, "=")
	enc := base64.RawStdEncoding
	if bytes.ContainsAny(text, "-_") {
		enc = base64.RawURLEncoding
	}
	out, err := enc.AppendDecode(dst, text)
	return out, err == nil
}

// enum reads the name of an enum's value. A name that OTLP does not have is kept.
func (j *reader) enum(f *member, name []byte) error {
	start := j.i
	text, err := j.name()
	if err != nil {
		return err
	}
	if rest, ok := bytes.CutPrefix(text, []byte(f.enum[0])); ok {
		for n, v := range f.enum[1:] {
			if string(rest) == v {
				j.varint(f, uint64(n), true)
				return nil
			}
		}
	}
	if word, ok := parse(kindEnum, text); ok {
		j.varint(f, word, true)
		return nil
	}
	return j.strange(name, j.b[start:j.i])
}

// parse returns the number that digits mean as a kind, as it stands on the wire.
func parse(k kind, digits []byte) (word uint64, ok bool) {
	if k == kindDouble {
		return parseFloat(digits)
	}
	negative := len(digits) > 0 && digits[0] == '-'
	n := digits
	if negative {
		n = digits[1:]
	}
	x, ok := wire.Decimal(n)
	if !ok {
		if x, ok = whole(n); !ok {
			return 0, false
		}
	}
	most := uint64(math.MaxUint64)
	switch k {
	case kindInt32, kindSint32, kindEnum:
		most = math.MaxInt32
	case kindInt64, kindSfixed64:
		most = math.MaxInt64
	case kindUint32, kindFixed32:
		most = math.MaxUint32
	}
	if !negative {
		if k == kindSint32 {
			return x << 1, x <= most
		}
		return x, x <= most
	}
	if k == kindUint32 || k == kindUint64 || k == kindFixed32 || k == kindFixed64 || k == kindTime {
		return 0, x == 0
	}
	if k == kindSint32 && x > 0 {
		return x<<1 - 1, x <= most+1
	}
	return -x, x <= most+1
}

// whole reads an unsigned integer that is written as floats are, 1.50e2 for 150.
func whole(text []byte) (v uint64, ok bool) {
	mantissa, exponent := text, 0
	if i := bytes.IndexAny(text, "eE"); i >= 0 {
		var err error
		if exponent, err = strconv.Atoi(string(text[i+1:])); err != nil || exponent > 400 || exponent < -400 {
			return 0, false
		}
		mantissa = text[:i]
	}
	before, after, point := bytes.Cut(mantissa, []byte("."))
	if len(before) == 0 || point && len(after) == 0 {
		return 0, false
	}
	digits := append(bytes.Clone(before), after...)
	for exponent -= len(after); exponent < 0 && len(digits) > 1 && digits[len(digits)-1] == '0'; exponent++ {
		digits = digits[:len(digits)-1]
	}
	digits = append(bytes.TrimLeft(digits[:len(digits)-1], "0"), digits[len(digits)-1])
	if string(digits) == "0" {
		return 0, true
	}
	if exponent < 0 || len(digits)+exponent > 20 {
		return 0, false
	}
	return wire.Decimal(append(digits, bytes.Repeat([]byte("0"), exponent)...))
}

// parseFloat reads a float or its name.
func parseFloat(text []byte) (word uint64, ok bool) {
	switch string(text) {
	case "NaN":
		return math.Float64bits(math.NaN()), true
	case "Infinity":
		return math.Float64bits(math.Inf(1)), true
	case "-Infinity":
		return math.Float64bits(math.Inf(-1)), true
	}
	for _, c := range text {
		if c != '+' && c != '-' && c != '.' && c != 'e' && c != 'E' && (c < '0' || c > '9') {
			return 0, false
		}
	}
	f, err := strconv.ParseFloat(string(text), 64)
	return math.Float64bits(f), err == nil
}
