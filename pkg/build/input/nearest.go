package input

import (
	"fmt"
	"slices"
	"strings"
)

// maxSuggested is the longest name that gets a suggestion. Longer ones are not
// typing mistakes, and the comparison is quadratic.
const maxSuggested = 64

// Nearest returns the candidate that name was most likely meant to be: the one
// with the fewest typing mistakes (insertions, deletions, replacements and
// swaps of neighbours, upper and lower case alike), at most one for every
// three characters. Ties go to the first in byte order, so the answer does not
// depend on the order of candidates.
func Nearest(name string, candidates []string) (string, bool) {
	if name == "" || len(name) > maxSuggested {
		return "", false
	}
	best, bestDistance := "", -1
	lower := strings.ToLower(name)
	for _, candidate := range candidates {
		if len(candidate) > maxSuggested {
			continue
		}
		limit := (max(len(name), len(candidate)) + 2) / 3
		d := distance(lower, strings.ToLower(candidate))
		if d > limit {
			continue
		}
		if bestDistance < 0 || d < bestDistance || d == bestDistance && candidate < best {
			best, bestDistance = candidate, d
		}
	}
	return best, bestDistance >= 0
}

// distance counts the typing mistakes between a and b, in bytes: the optimal
// string alignment distance.
func distance(a, b string) int {
	before := make([]int, len(b)+1)
	last := make([]int, len(b)+1)
	row := make([]int, len(b)+1)
	for j := range row {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			replace := last[j-1]
			if a[i-1] != b[j-1] {
				replace++
			}
			row[j] = min(replace, last[j]+1, row[j-1]+1)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}

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
