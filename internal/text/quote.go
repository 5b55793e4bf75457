package text

import (
	"fmt"
	"strings"
)

// Quote returns s in Go's quotes; of more than limit bytes, it is cut at a
// character and "..." follows the quotes.
func Quote(s string, limit int) string {
	if len(s) <= limit {
		return fmt.Sprintf("%q", s)
	}
	return fmt.Sprintf("%q...", strings.ToValidUTF8(s[:limit], ""))
}

// QuotedLine is Line between double quotes, for what a message names: nothing
// within is escaped for their sake.
func QuotedLine(s string, limit int) string { return `"` + Line(s, limit) + `"` }

// ShellWord returns one word for a POSIX shell. One that a terminal would obey
// is spelt for bash, ksh and zsh.
func ShellWord(word string) string {
	if Clean(word) != word {
		return "$'" + octal(word) + "'"
	}
	plain := word != ""
	for _, r := range word {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9':
		case r == '-' || r == '_' || r == '.' || r == '/' || r == ',' || r == ':' || r == '=' || r == '+' || r == '@':
		default:
			plain = false
		}
	}
	if plain {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

// octal returns a word with every byte as three octal digits that is more than
// plain text between $' and '.
func octal(word string) string {
	var b strings.Builder
	for i := range len(word) {
		if c := word[i]; c < ' ' || c > '~' || c == '\'' || c == '\\' {
			fmt.Fprintf(&b, `\%03o`, c)
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}
