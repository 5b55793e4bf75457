package redact

import "strings"

// has needs a text that contains s.
func has(s string) func(text string) bool {
	return func(text string) bool { return strings.Contains(text, s) }
}

// linked is what links need: a slash, or what begins those that have none.
func linked(text string) bool { return strings.IndexByte(text, '/') >= 0 || hasFold(text, "www.") }

// atLeast needs so many digits and, where there are some, one of the words, in
// lower case, that may be written in any. No word has a k or an s: there are
// letters beyond ASCII that patterns take for those.
func atLeast(n int, words ...string) func(text string) bool {
	return func(text string) bool {
		found := 0
		for i := range len(text) {
			if c := text[i]; '0' <= c && c <= '9' {
				found++
			}
		}
		if found < n || len(words) == 0 {
			return found >= n
		}
		for _, w := range words {
			if hasFold(text, w) {
				return true
			}
		}
		return false
	}
}

// hasFold reports whether text contains a word, in lower case, in any case of
// its ASCII letters.
func hasFold(text, word string) bool {
	for i := range len(text) - len(word) + 1 {
		k := 0
		for k < len(word) && lower(text[i+k]) == word[k] {
			k++
		}
		if k == len(word) {
			return true
		}
	}
	return false
}

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		c += 'a' - 'A'
	}
	return c
}
