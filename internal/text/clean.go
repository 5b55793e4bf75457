// Package text makes text that people read: it is the one place where what a
// stranger wrote is made fit for a terminal, a log or a page, and where numbers,
// sizes and durations get the form in which they are read.
//
//	fmt.Fprintf(w, "%s: not a corpus file\n", text.Clean(name))
//	fmt.Fprintf(w, "%s, %s\n", text.Counted(n, "record"), text.Size(bytes)) // 12,345 records, 6.7 MB
//
// Foreign are file names, fields of manifests and records, names in scenario
// files, flags as typed and whatever a receiver answers.
package text

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Clean returns s with everything escaped that a terminal obeys or a reader is
// deceived by: control characters (C0, DEL, C1), bytes that are no UTF-8, the
// separators U+2028 and U+2029, and characters that have no shape of their own,
// such as those that turn the direction of writing. Escapes are those of Go:
// \n, \x1b, \u202e. All else, the backslash included, stays: for a form that
// can be read back, use strconv.QuoteToGraphic. It allocates only where it
// changes something.
func Clean(s string) string {
	at := strings.IndexFunc(s, unclean)
	if at < 0 {
		return s
	}
	var b strings.Builder
	b.Grow(len(s) + 16)
	b.WriteString(s[:at])
	for at < len(s) {
		r, n := utf8.DecodeRuneInString(s[at:])
		writeRune(&b, r, s[at:at+n])
		at += n
	}
	return b.String()
}

// Line is Clean with a limit: text of more than limit bytes is cut at the start
// of a character and ends in "...", which is not counted.
func Line(s string, limit int) string {
	if len(s) <= limit {
		return Clean(s)
	}
	cut := limit
	for cut > 0 && cut > limit-utf8.UTFMax && !utf8.RuneStart(s[cut]) {
		cut--
	}
	return Clean(s[:cut]) + "..."
}

// unclean reports whether Clean escapes r. The replacement character is
// escaped where it stands for bytes that are none; writeRune tells the two
// apart.
func unclean(r rune) bool {
	return r == utf8.RuneError || !unicode.IsGraphic(r)
}

func writeRune(b *strings.Builder, r rune, raw string) {
	switch {
	case r == utf8.RuneError && len(raw) == 1:
		fmt.Fprintf(b, `\x%02x`, raw[0])
	case r == utf8.RuneError || !unclean(r):
		b.WriteString(raw)
	case r == '\n':
		b.WriteString(`\n`)
	case r == '\t':
		b.WriteString(`\t`)
	case r == '\r':
		b.WriteString(`\r`)
	case r < 0x80:
		fmt.Fprintf(b, `\x%02x`, r)
	case r > 0xffff:
		fmt.Fprintf(b, `\U%08x`, r)
	default:
		fmt.Fprintf(b, `\u%04x`, r)
	}
}
