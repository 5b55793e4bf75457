package form

import (
	"strconv"
	"strings"
)

// bare marks what attribute keys may consist of that stand in paths as they are. None
// of it follows a key in a path, where it would belong to what is in the value.
var bare = func() (t [256]bool) {
	for _, c := range "_-./:@$*+0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ" {
		t[c] = true
	}
	return t
}()

// bareLen returns how much of s is bare.
func bareLen(s string) int {
	for i := range len(s) {
		if !bare[s[i]] {
			return i
		}
	}
	return len(s)
}

// appendKey appends an attribute's key as it stands in paths.
func appendKey(dst []byte, key []byte) []byte {
	for _, c := range key {
		if !bare[c] {
			return strconv.AppendQuote(dst, string(key))
		}
	}
	if len(key) == 0 {
		return append(dst, `""`...)
	}
	return append(dst, key...)
}

// AttributePath returns the path of an attribute among fields: of the attributes at
// prefix, "attributes", "resource.attributes" or "events[0].attributes".
func AttributePath(prefix, key string) string {
	return prefix + "." + string(appendKey(nil, []byte(key)))
}

// AttributeKey is the inverse of AttributePath for one prefix: the key of the
// attribute that the path leads to or into; false for other paths.
func AttributeKey(prefix, path string) (key string, ok bool) {
	rest, ok := strings.CutPrefix(path, prefix)
	if !ok || len(rest) < 2 || rest[0] != '.' {
		return "", false
	}
	rest = rest[1:]
	if rest[0] != '"' {
		n := bareLen(rest)
		return rest[:n], n > 0
	}
	quoted, err := strconv.QuotedPrefix(rest)
	if err != nil {
		return "", false
	}
	key, err = strconv.Unquote(quoted)
	return key, err == nil
}

// AnyIndex returns a path with [] for each [N], so that the elements of a list are one
// field.
func AnyIndex(path string) string {
	var b strings.Builder
	for {
		open := strings.IndexByte(path, '[')
		if open < 0 {
			return b.String() + path
		}
		end := open + 1
		for end < len(path) && path[end] >= '0' && path[end] <= '9' {
			end++
		}
		if end > open+1 && end < len(path) && path[end] == ']' {
			b.WriteString(path[:open] + "[]")
			path = path[end+1:]
			continue
		}
		b.WriteString(path[:open+1])
		path = path[open+1:]
	}
}

// Change is a difference of one field: Before is nil when it was added, After when it
// is gone.
type Change struct {
	Path          string
	Before, After *Value
}

// Diff returns how two lists that are sorted by path differ, sorted likewise. The values are
// parts of the lists.
func Diff(a, b []Field) []Change {
	var changes []Change
	for len(a) > 0 || len(b) > 0 {
		order := 0
		switch {
		case len(a) == 0:
			order = 1
		case len(b) == 0:
			order = -1
		default:
			order = strings.Compare(a[0].Path, b[0].Path)
		}
		switch {
		case order < 0:
			changes = append(changes, Change{Path: a[0].Path, Before: &a[0].Value})
			a = a[1:]
		case order > 0:
			changes = append(changes, Change{Path: b[0].Path, After: &b[0].Value})
			b = b[1:]
		default:
			if a[0].Value != b[0].Value {
				changes = append(changes, Change{Path: a[0].Path, Before: &a[0].Value, After: &b[0].Value})
			}
			a, b = a[1:], b[1:]
		}
	}
	return changes
}
