package text

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Quote returns s in Go's quotes; of more than limit bytes, it is cut at a
// character and "..." follows the quotes.
func Quote(s string, limit int) string {
	if len(s) <= limit {
		return fmt.Sprintf("%q", s)
	}
	return fmt.Sprintf("%q...", strings.ToValidUTF8(s[:limit], ""))
}

// Clip returns a text of its own, which keeps no longer one in memory; of more than
// limit bytes, it is cut at a character, what is no UTF-8 is left out and "..." follows.
func Clip(s string, limit int) string {
	if len(s) <= limit {
		return strings.Clone(s)
	}
	return strings.ToValidUTF8(s[:limit], "") + "..."
}

// QuotedLine is Line between double quotes, for what a message names: nothing
// within is escaped for their sake.
func QuotedLine(s string, limit int) string { return `"` + Line(s, limit) + `"` }

// Differing returns two texts without most of what they begin with in common,
// "..." in its place, where a limit in bytes would cut one of them before they
// differ or soon after.
func Differing(a, b string, limit int) (string, string) {
	if len(a) <= limit && len(b) <= limit {
		return a, b
	}
	common := 0
	for common < len(a) && common < len(b) && a[common] == b[common] {
		common++
	}
	if common <= limit/2 {
		return a, b
	}
	for common -= limit / 4; common > 0 && !utf8.RuneStart(a[common]); {
		common--
	}
	return "..." + a[common:], "..." + b[common:]
}

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
