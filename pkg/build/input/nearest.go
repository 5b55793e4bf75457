package input

import (
	"fmt"
	"slices"
	"strings"

	"github.com/otelsim/otelsim/internal/text"
)

const maxSuggested = text.MaxSuggested

// Nearest is text.Nearest.
func Nearest(name string, candidates []string) (string, bool) { return text.Nearest(name, candidates) }

// Unknown returns the text of the problem that a name is none of the allowed:
// what it is a name of, the nearest, and all that are allowed in byte order.
func Unknown(what, name string, allowed []string) string {
	text := fmt.Sprintf("unknown %s %s", what, Quote(name))
	if near, ok := Nearest(name, allowed); ok {
		text += fmt.Sprintf("; did you mean %q?", near)
		if len(allowed) > 1 {
			text += " allowed: " + list(allowed)
		}
		return text
	}
	if len(allowed) == 0 {
		return text + "; none is defined"
	}
	return text + "; allowed: " + list(allowed)
}

// maxListed is how many allowed names a message shows.
const maxListed = 50

// list joins names in byte order, without repetitions, and counts those that
// are too many to read.
func list(names []string) string {
	names = slices.Clone(names)
	slices.Sort(names)
	names = slices.Compact(names)
	more := ""
	if n := len(names) - maxListed; n > 0 {
		names, more = names[:maxListed], fmt.Sprintf(" and %d more", n)
	}
	return strings.Join(names, ", ") + more
}

// maxQuoted is how many bytes of a value a message shows.
const maxQuoted = 60

// Quote returns a value for use in a message: quoted, and cut when it is long.
func Quote(s string) string {
	if len(s) <= maxQuoted {
		return fmt.Sprintf("%q", s)
	}
	return fmt.Sprintf("%q...", strings.ToValidUTF8(s[:maxQuoted], ""))
}
