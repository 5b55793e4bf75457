package profile

import (
	"bytes"
)

// Lengths, in bytes, after which texts are cut.
const (
	maxName  = 200
	maxText  = 400
	maxAside = 100 // outcomes and addresses
)

// Name returns a name of spans or an address with placeholders for what looks like an
// id: {uuid}; {hex} for 8 hex digits or more with a decimal one among them; {ip};
// {digits} for 4 digits or more, and for a segment of a path that is nothing but digits;
// {id} for 12 letters and digits or more that take turns four times. Dates of the years
// 1900 to 2099 stay, since versions are told by them. It depends on nothing but the text,
// and a name that it returned stays as it is.
func Name(text string) string { return string(appendName(nil, []byte(text), false, maxName)) }

// Template returns a text likewise, with {digits} for each number that stands alone.
func Template(text string) string { return string(appendName(nil, []byte(text), true, maxText)) }

// appendName appends a text with placeholders, cut after so many bytes.
func appendName(dst, text []byte, numbers bool, most int) []byte {
	begin := len(dst)
	for i := 0; i < len(text) && len(dst)-begin <= most; {
		if !alnum(text[i]) {
			if n := placeholder(text[i:]); n > 0 {
				dst = append(dst, text[i:i+n]...)
				i += n
			} else {
				dst = append(dst, text[i])
				i++
			}
			continue
		}
		if n := uuid(text[i:]); n > 0 {
			dst = append(dst, "{uuid}"...)
			i += n
			continue
		}
		if n := ipv4(text, i); n > 0 {
			dst = append(dst, "{ip}"...)
			i += n
			continue
		}
		end := i
		for end < len(text) && alnum(text[end]) {
			end++
		}
		dst = appendWord(dst, text, i, end, numbers)
		i = end
	}
	return cut(dst, begin, most)
}

// cut shortens what was appended, to whole words and placeholders where there is more
// than one of them: half a word may look like what the whole does not.
func cut(dst []byte, begin, most int) []byte {
	if len(dst)-begin <= most {
		return dst
	}
	end := begin + most
	for back := 0; end > begin && back < 3 && dst[end]&0xc0 == 0x80; back++ {
		end--
	}
	word := end
	for word > begin && alnum(dst[word-1]) && alnum(dst[end]) {
		word--
	}
	if at := bytes.LastIndexByte(dst[begin:end], '{'); at >= 0 {
		if n := placeholder(dst[begin+at:]); n > 0 && begin+at+n > end {
			word = begin + at
		}
	}
	if word > begin {
		end = word
	}
	return dst[:end]
}

var placeholders = [...]string{"{uuid}", "{hex}", "{digits}", "{ip}", "{id}"}

// placeholder returns how long the placeholder is that a text begins with; 0: none.
func placeholder(text []byte) int {
	if text[0] == '{' {
		for _, p := range placeholders {
			if len(text) >= len(p) && string(text[:len(p)]) == p {
				return len(p)
			}
		}
	}
	return 0
}

func digit(c byte) bool    { return c-'0' < 10 }
func hexDigit(c byte) bool { return digit(c) || c|0x20 >= 'a' && c|0x20 <= 'f' }
func alnum(c byte) bool    { return digit(c) || c|0x20 >= 'a' && c|0x20 <= 'z' }

// uuid returns how long the UUID is that a text begins with; 0: none.
func uuid(text []byte) int {
	const form = 36
	if len(text) < form || len(text) > form && alnum(text[form]) {
		return 0
	}
	for i, c := range text[:form] {
		if i == 8 || i == 13 || i == 18 || i == 23 {
			if c != '-' {
				return 0
			}
		} else if !hexDigit(c) {
			return 0
		}
	}
	return form
}

// ipv4 returns how long the IPv4 address is that stands at a place; 0: none.
func ipv4(text []byte, at int) int {
	if !digit(text[at]) || at > 0 && text[at-1] == '.' {
		return 0
	}
	i, parts := at, 0
	for parts < 4 {
		n, v := 0, 0
		for i < len(text) && digit(text[i]) && n < 4 {
			v = v*10 + int(text[i]-'0')
			n, i = n+1, i+1
		}
		if n == 0 || n > 3 || v > 255 {
			return 0
		}
		if parts++; parts < 4 {
			if i == len(text) || text[i] != '.' {
				return 0
			}
			i++
		}
	}
	if i < len(text) && (alnum(text[i]) || text[i] == '.' && i+1 < len(text) && alnum(text[i+1])) {
		return 0
	}
	return i - at
}

// appendWord appends letters and digits that stand together.
func appendWord(dst, text []byte, at, end int, numbers bool) []byte {
	word := text[at:end]
	digits, hexes, turns := 0, 0, 0
	for i, c := range word {
		if digit(c) {
			digits++
		}
		if hexDigit(c) {
			hexes++
		}
		if i > 0 && digit(c) != digit(word[i-1]) {
			turns++
		}
	}
	switch {
	case digits == 0:
		return append(dst, word...)
	case digits == len(word):
		if date(text, at, end) || len(word) < 4 && !numbers && !segment(text, at, end) {
			return append(dst, word...)
		}
		return append(dst, "{digits}"...)
	case hexes == len(word) && len(word) >= 8:
		return append(dst, "{hex}"...)
	case len(word) >= 12 && turns >= 4:
		return append(dst, "{id}"...)
	}
	return appendRuns(dst, word)
}

// appendRuns appends a word with placeholders for the long runs of digits in it, and for
// what between them looks like an id.
func appendRuns(dst, word []byte) []byte {
	from := 0
	for i := 0; i < len(word); {
		end := i
		for end < len(word) && digit(word[end]) {
			end++
		}
		if end-i >= 4 {
			if from < i {
				dst = appendWord(dst, word, from, i, false)
			}
			dst, from = append(dst, "{digits}"...), end
		}
		i = max(end, i+1)
	}
	if from == 0 {
		return append(dst, word...)
	}
	if from < len(word) {
		dst = appendWord(dst, word, from, len(word), false)
	}
	return dst
}

// segment reports whether a word is all of a segment of a path.
func segment(text []byte, at, end int) bool {
	return at > 0 && text[at-1] == '/' && (end == len(text) || text[end] == '/' || text[end] == '?')
}

// date reports whether digits are a date, or the year that one begins with.
func date(text []byte, at, end int) bool {
	two := func(i int) int { return int(text[i]-'0')*10 + int(text[i+1]-'0') }
	number := func(i int) bool { return i+2 <= len(text) && digit(text[i]) && digit(text[i+1]) }
	century := func() bool { return two(at) == 19 || two(at) == 20 }
	switch end - at {
	case 4:
		return century() && end+3 <= len(text) && text[end] == '-' && number(end+1) && two(end+1) >= 1 && two(end+1) <= 12
	case 8:
		return century() && uint(two(at+4)-1) < 12 && uint(two(at+6)-1) < 31
	}
	return false
}
