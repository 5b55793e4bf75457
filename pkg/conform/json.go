package conform

import (
	"bytes"
	"encoding/json"
	"unicode/utf8"
)

// jsonText reads JSON where it stands, value by value, without a tree and
// without memory of its own: messages are long, and each call repeats those
// before it.
type jsonText struct {
	b     []byte
	at    int
	depth int
}

// maxDepth is how far values may be nested in what is judged.
const maxDepth = 100

// space skips what stands between tokens and returns the next byte, 0 at the end.
func (j *jsonText) space() byte {
	for j.at < len(j.b) {
		switch c := j.b[j.at]; c {
		case ' ', '\t', '\n', '\r':
			j.at++
		default:
			return c
		}
	}
	return 0
}

// take skips a token of one byte, if it comes next.
func (j *jsonText) take(c byte) bool {
	if j.space() != c {
		return false
	}
	j.at++
	return true
}

// items goes through a list, or with keys through an object, and calls f before
// each value, which f must read. It reports whether all was well-formed.
func (j *jsonText) items(open, end byte, f func(key []byte) bool) bool {
	if !j.take(open) || j.depth == maxDepth {
		return false
	}
	if j.take(end) {
		return true
	}
	j.depth++
	for {
		var key []byte
		if open == '{' {
			k, ok := j.str()
			if !ok || !j.take(':') {
				return false
			}
			key = k
		}
		if !f(key) {
			return false
		}
		if j.take(',') {
			continue
		}
		j.depth--
		return j.take(end)
	}
}

// str reads a string and returns what is between its quotes, as it is spelt.
func (j *jsonText) str() ([]byte, bool) {
	if !j.take('"') {
		return nil, false
	}
	from := j.at
	for j.at < len(j.b) {
		switch c := j.b[j.at]; {
		case c == '"':
			j.at++
			return j.b[from : j.at-1], true
		case c < 0x20:
			return nil, false
		case c == '\\':
			if !j.escape() {
				return nil, false
			}
		default:
			j.at++
		}
	}
	return nil, false
}

// escape skips an escaped character.
func (j *jsonText) escape() bool {
	if j.at+1 >= len(j.b) {
		return false
	}
	switch j.b[j.at+1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		j.at += 2
		return true
	case 'u':
		if j.at+6 > len(j.b) {
			return false
		}
		for _, c := range j.b[j.at+2 : j.at+6] {
			if !(c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F') {
				return false
			}
		}
		j.at += 6
		return true
	}
	return false
}

// value reads any value and returns its text.
func (j *jsonText) value() ([]byte, bool) {
	c := j.space()
	from := j.at
	ok := false
	switch {
	case c == '{', c == '[':
		ok = j.nested()
	case c == '"':
		_, ok = j.str()
	case c == 't':
		ok = j.word("true")
	case c == 'f':
		ok = j.word("false")
	case c == 'n':
		ok = j.word("null")
	default:
		ok = j.number()
	}
	return j.b[from:j.at], ok
}

// nested reads a list or an object of whatever it holds, without recursion.
func (j *jsonText) nested() bool {
	var open [maxDepth]byte
	depth := 0
	for {
		// Before a value, or the end of what is empty.
		switch c := j.space(); c {
		case '{', '[':
			if j.depth+depth == maxDepth {
				return false
			}
			j.at++
			open[depth] = c + 2 // what ends it
			depth++
			if j.take(open[depth-1]) {
				depth--
				break
			}
			if c == '{' && !j.key() {
				return false
			}
			continue
		default:
			if _, ok := j.value(); !ok {
				return false
			}
		}
		// After a value.
		for depth > 0 && j.take(open[depth-1]) {
			depth--
		}
		switch {
		case depth == 0:
			return true
		case !j.take(','), open[depth-1] == '}' && !j.key():
			return false
		}
	}
}

// key skips a key and its colon.
func (j *jsonText) key() bool {
	_, ok := j.str()
	return ok && j.take(':')
}

func (j *jsonText) word(w string) bool {
	if !bytes.HasPrefix(j.b[j.at:], []byte(w)) {
		return false
	}
	j.at += len(w)
	return true
}

// number reads a number: an integer, a fraction, a power of ten.
func (j *jsonText) number() bool {
	if j.at < len(j.b) && j.b[j.at] == '-' {
		j.at++
	}
	if j.at < len(j.b) && j.b[j.at] == '0' {
		j.at++
	} else if !j.digits() {
		return false
	}
	if j.at < len(j.b) && j.b[j.at] == '.' {
		j.at++
		if !j.digits() {
			return false
		}
	}
	if j.at < len(j.b) && (j.b[j.at] == 'e' || j.b[j.at] == 'E') {
		j.at++
		if j.at < len(j.b) && (j.b[j.at] == '+' || j.b[j.at] == '-') {
			j.at++
		}
		return j.digits()
	}
	return true
}

func (j *jsonText) digits() bool {
	from := j.at
	for j.at < len(j.b) && j.b[j.at] >= '0' && j.b[j.at] <= '9' {
		j.at++
	}
	return j.at > from
}

// isJSON reports whether a text is one value and nothing else.
func isJSON(b []byte) bool {
	j := jsonText{b: b}
	_, ok := j.value()
	return ok && j.space() == 0 && j.at == len(b) && utf8.Valid(b)
}

// plain is what a string says that is spelt so between its quotes.
func plain(spelt []byte) []byte {
	if bytes.IndexByte(spelt, '\\') < 0 {
		return spelt
	}
	var s string
	quoted := append(append([]byte{'"'}, spelt...), '"')
	if json.Unmarshal(quoted, &s) != nil {
		return spelt
	}
	return []byte(s)
}

// sameJSON reports whether two texts are the same JSON but for space between
// tokens.
func sameJSON(a, b []byte) bool {
	if bytes.Equal(a, b) {
		return true
	}
	x, y := jsonText{b: a}, jsonText{b: b}
	for {
		c, d := x.space(), y.space()
		if c != d || x.at == len(a) || y.at == len(b) {
			return x.at == len(a) && y.at == len(b)
		}
		if c != '"' {
			x.at++
			y.at++
			continue
		}
		s, ok := x.str()
		t, both := y.str()
		if !ok || !both || !bytes.Equal(s, t) {
			return false
		}
	}
}
