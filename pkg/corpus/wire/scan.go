package wire

import "bytes"

// The scanner knows of JSON what it takes to tell members from text: strings
// with their escapes and nested brackets. What it steps over it does not check
// further. Indices that it returns are negative when b ends too early.

// space returns the index of the first byte at or behind i that is not white
// space.
func space(b []byte, i int) int {
	for i < len(b) && (b[i] == ' ' || b[i] == '\n' || b[i] == '\r' || b[i] == '\t') {
		i++
	}
	return i
}

// text returns the index behind the string that begins with the quote b[i].
func text(b []byte, i int) int {
	for i++; ; i++ {
		n := bytes.IndexByte(b[i:], '"')
		if n < 0 {
			return -1
		}
		start := i
		i += n
		slashes := 0
		for i-1-slashes >= start && b[i-1-slashes] == '\\' {
			slashes++
		}
		if slashes%2 == 0 {
			return i + 1
		}
	}
}

// skip returns the index behind the value that begins at b[i].
func skip(b []byte, i int) int {
	if i >= len(b) {
		return -1
	}
	switch b[i] {
	case '"':
		return text(b, i)
	case '{', '[':
		return skipNested(b, i)
	}
	start := i
	for i < len(b) && literal[b[i]] {
		i++
	}
	if i == start {
		return -1
	}
	return i
}

// skipNested is skip for an object or an array.
func skipNested(b []byte, i int) int {
	depth := 0
	for i < len(b) {
		switch b[i] {
		case '"':
			if i = text(b, i); i < 0 {
				return -1
			}
			continue
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				return i + 1
			}
		}
		i++
	}
	return -1
}

// literal marks the bytes of numbers, true, false and null.
var literal = func() (t [256]bool) {
	for _, c := range "+-.0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ" {
		t[c] = true
	}
	return t
}()

// member reads the member of an object at b[i:], where i is behind the opening
// brace or behind a value. It returns its name without quotes, escapes as they
// stand, and where its value begins. An empty name with value >= 0 is the end
// of the object, and value is behind the brace; a member that is named "" has a
// name that is not nil.
func member(b []byte, i int) (name []byte, value int) {
	i = space(b, i)
	if i < len(b) && b[i] == ',' {
		i = space(b, i+1)
	}
	if i >= len(b) {
		return nil, -1
	}
	if b[i] == '}' {
		return nil, i + 1
	}
	if b[i] != '"' {
		return nil, -1
	}
	end := text(b, i)
	if end < 0 {
		return nil, -1
	}
	name = b[i+1 : end-1 : end-1]
	if i = space(b, end); i >= len(b) || b[i] != ':' {
		return nil, -1
	}
	if i = space(b, i+1); i >= len(b) {
		return nil, -1
	}
	return name, i
}

// find returns where the value of the named member of the object at b[i] begins,
// 0 when there is none.
func find(b []byte, i int, name string) int {
	found := 0
	for i++; ; {
		n, value := member(b, i)
		if value < 0 {
			return -1
		}
		if n == nil {
			return found
		}
		if string(n) == name {
			found = value
		}
		if i = skip(b, value); i < 0 {
			return -1
		}
	}
}
