package text

import "strings"

// MaxSuggested is the longest name that gets a suggestion. Longer ones are not
// typing mistakes, and the comparison is quadratic.
const MaxSuggested = 64

// Nearest returns the candidate that name was most likely meant to be: the one
// with the fewest typing mistakes (insertions, deletions, replacements and
// swaps of neighbours, upper and lower case alike), at most one for every
// three characters. Ties go to the first in byte order, so the answer does not
// depend on the order of candidates.
func Nearest(name string, candidates []string) (string, bool) {
	if name == "" || len(name) > MaxSuggested {
		return "", false
	}
	best, bestDistance := "", -1
	lower := strings.ToLower(name)
	for _, candidate := range candidates {
		if len(candidate) > MaxSuggested {
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
