package conform

import (
	"slices"
	"strconv"
	"strings"

	"github.com/otelsim/otelsim/pkg/build/semconv"
)

// allows reports whether an attribute of a log record may be a value: a string,
// int64, bool or float64; nil for all others, of which nothing is known.
func allows(v *semconv.LogValue, value any) bool {
	if v.Pattern != "" {
		s, ok := value.(string)
		return ok && hasForm(s, v.Pattern)
	}
	return v.Is == nil || slices.ContainsFunc(v.Is, func(is string) bool { return isLiteral(value, is) })
}

// isLiteral reports whether a value is what a literal says.
func isLiteral(value any, literal string) bool {
	switch value := value.(type) {
	case string:
		text, err := strconv.Unquote(literal)
		return err == nil && text == value
	case int64:
		return literal == strconv.FormatInt(value, 10)
	case bool:
		return literal == strconv.FormatBool(value)
	case float64:
		n, err := strconv.ParseFloat(literal, 64)
		return err == nil && n == value && strings.ContainsAny(literal, ".eEnN")
	}
	return true
}

// The characters of random parts.
const (
	digitsOnly = "0123456789"
	hexDigits  = digitsOnly + "abcdef"
	letters    = digitsOnly + "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
)

// hasForm reports whether a text is one of a pattern: its parts have lengths of their
// own, so there is one way to read it.
func hasForm(s, pattern string) bool {
	for pattern != "" {
		if part, rest, ok := randomPart(pattern); ok {
			if len(s) < len(part) {
				return false
			}
			for i, of := range part {
				if !strings.Contains(of, s[i:i+1]) {
					return false
				}
			}
			s, pattern = s[len(part):], rest
			continue
		}
		if s == "" || s[0] != pattern[0] {
			return false
		}
		s, pattern = s[1:], pattern[1:]
	}
	return s == ""
}

// maxPart is the longest random part.
const maxPart = 64

// randomPart returns which characters each place of the random part may have that a
// pattern begins with, and what comes after it.
func randomPart(pattern string) (part []string, rest string, ok bool) {
	inside, rest, closed := strings.Cut(pattern, "}")
	if !closed || !strings.HasPrefix(inside, "{") {
		return nil, "", false
	}
	kind, size, _ := strings.Cut(inside[1:], ":")
	if kind == "uuid" && size == "" {
		for i := range 36 {
			of := hexDigits
			if i == 8 || i == 13 || i == 18 || i == 23 {
				of = "-"
			}
			part = append(part, of)
		}
		return part, rest, true
	}
	of := map[string]string{"hex": hexDigits, "digits": digitsOnly, "word": letters}[kind]
	n, err := strconv.Atoi(size)
	if of == "" || err != nil || n < 1 || n > maxPart {
		return nil, "", false
	}
	return slices.Repeat([]string{of}, n), rest, true
}
