package form

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"unicode/utf16"
	"unicode/utf8"
)

// space skips white space.
func (j *reader) space() {
	for j.i < len(j.b) && (j.b[j.i] == ' ' || j.b[j.i] == '\n' || j.b[j.i] == '\r' || j.b[j.i] == '\t') {
		j.i++
	}
}

// peek returns the next byte that is not white space, 0 at the end.
func (j *reader) peek() byte {
	if j.i < len(j.b) && j.b[j.i] > ' ' {
		return j.b[j.i]
	}
	if j.space(); j.i < len(j.b) {
		return j.b[j.i]
	}
	return 0
}

// literal reads a word.
func (j *reader) literal(word string) error {
	if !bytes.HasPrefix(j.b[j.i:], []byte(word)) {
		return j.bad("no value")
	}
	j.i += len(word)
	return nil
}

// quoted reads the string at the next byte, which is a quote, and returns it without
// quotes, and where its first escape is, -1 for none.
func (j *reader) quoted() (s []byte, escape int, err error) {
	b := j.b[j.i+1:]
	n := bytes.IndexByte(b, '"')
	if n < 0 {
		return nil, 0, j.bad("string without end")
	}
	escape = bytes.IndexByte(b[:n], '\\')
	if escape >= 0 {
		for n = escape; n < len(b) && b[n] != '"'; n++ {
			if b[n] == '\\' {
				n++
			}
		}
		if n >= len(b) {
			return nil, 0, j.bad("string without end")
		}
	}
	j.i += n + 2
	return b[:n:n], escape, nil
}

// name reads a string whose text is wanted at once.
func (j *reader) name() ([]byte, error) {
	s, escape, err := j.quoted()
	if err != nil || escape < 0 {
		return s, err
	}
	text, ok := appendUnescaped(nil, s, escape)
	if !ok {
		return nil, j.bad("string with a bad escape before it")
	}
	return text, nil
}

// appendUnescaped appends a string whose first escape is at a place. Half of a pair of
// surrogates is U+FFFD, as in encoding/json.
func appendUnescaped(dst, s []byte, escape int) ([]byte, bool) {
	for escape >= 0 {
		dst = append(dst, s[:escape]...)
		s = s[escape:]
		c := s[1] // there is one: quoted has stepped over it
		s = s[2:]
		switch c {
		case '"', '\\', '/':
			dst = append(dst, c)
		case 'b':
			dst = append(dst, '\b')
		case 'f':
			dst = append(dst, '\f')
		case 'n':
			dst = append(dst, '\n')
		case 'r':
			dst = append(dst, '\r')
		case 't':
			dst = append(dst, '\t')
		case 'u':
			r := hex4(s)
			if r < 0 {
				return dst, false
			}
			s = s[4:]
			if utf16.IsSurrogate(r) {
				pair := rune(utf8.RuneError)
				if len(s) >= 6 && s[0] == '\\' && s[1] == 'u' {
					pair = utf16.DecodeRune(r, hex4(s[2:]))
				}
				if r = pair; r != utf8.RuneError {
					s = s[6:]
				}
			}
			dst = utf8.AppendRune(dst, r)
		default:
			return dst, false
		}
		escape = bytes.IndexByte(s, '\\')
	}
	return append(dst, s...), true
}

// hex4 reads four hex digits, -1 where there are none.
func hex4(s []byte) rune {
	var b [2]byte
	if len(s) < 4 {
		return -1
	}
	if _, err := hex.Decode(b[:], s[:4]); err != nil {
		return -1
	}
	return rune(b[0])<<8 | rune(b[1])
}

// skip steps over a value, which compact has to look at.
func (j *reader) skip() error {
	depth := 0
	for {
		switch c := j.peek(); c {
		case 0:
			return j.bad("value without end")
		case '"':
			if _, _, err := j.quoted(); err != nil {
				return err
			}
		case '{', '[':
			depth++
			j.i++
		case '}', ']':
			if depth--; depth < 0 {
				return j.bad("no value")
			}
			j.i++
		case ',', ':':
			if depth == 0 {
				return j.bad("no value")
			}
			j.i++
		default:
			if len(j.number()) == 0 {
				return j.bad("no value")
			}
		}
		if depth == 0 {
			return nil
		}
	}
}

// number reads the bytes of a number or a word.
func (j *reader) number() []byte {
	start := j.i
	for j.i < len(j.b) && inNumber[j.b[j.i]] {
		j.i++
	}
	return j.b[start:j.i]
}

// inNumber marks the bytes of numbers and words.
var inNumber = func() (t [256]bool) {
	for _, c := range "+-.0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ" {
		t[c] = true
	}
	return t
}()

// compact returns a value without white space, false where it is no JSON.
func compact(value []byte) ([]byte, bool) {
	var out bytes.Buffer
	if err := json.Compact(&out, value); err != nil {
		return nil, false
	}
	return out.Bytes(), true
}
