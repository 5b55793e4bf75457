package input

import (
	"fmt"
	"slices"
	"strings"

	"github.com/otelsim/otelsim/internal/text"
)

// Unknown returns the text of the problem that a name is none of the allowed:
// what it is a name of, the nearest, and all that are allowed in byte order.
func Unknown(what, name string, allowed []string) string {
	problem := fmt.Sprintf("unknown %s %s", what, Quote(name))
	if near, ok := text.Nearest(name, allowed); ok {
		problem += fmt.Sprintf("; did you mean %q?", near)
		if len(allowed) > 1 {
			problem += " allowed: " + list(allowed)
		}
		return problem
	}
	if len(allowed) == 0 {
		return problem + "; none is defined"
	}
	return problem + "; allowed: " + list(allowed)
}

// DidYouMean is the end of a message about a name that is not there: the nearest one,
// if there is any that is near.
func DidYouMean(near string, ok bool) string {
	if !ok {
		return ""
	}
	return "; did you mean " + Quote(near) + "?"
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
func Quote(s string) string { return text.Quote(s, maxQuoted) }
