// Package condition reads comparisons as people write them on a command line, such as
// p99>50ms or shape_tv <= 0.05.
package condition

import (
	"fmt"
	"strings"
)

// Comparison is a name, an operator and what stands behind it, which whoever knows the name
// can read.
type Comparison struct{ Name, Op, Value string }

// operators with two characters come first, so that they are not cut short.
var operators = []string{"<=", ">=", "==", "!=", "<", ">"}

// Parse takes a comparison apart.
func Parse(s string) (c Comparison, err error) {
	i := strings.IndexAny(s, "<>=!")
	if i < 0 {
		return c, fmt.Errorf("parse condition %q: no comparison", s)
	}
	for _, op := range operators {
		if strings.HasPrefix(s[i:], op) {
			return Comparison{strings.TrimSpace(s[:i]), op, strings.TrimSpace(s[i+len(op):])}, nil
		}
	}
	return c, fmt.Errorf("parse condition %q: unknown comparison, which is none of %s", s, strings.Join(operators, " "))
}

// Holds compares two numbers.
func Holds(op string, v, bound float64) bool {
	switch op {
	case "<":
		return v < bound
	case "<=":
		return v <= bound
	case ">":
		return v > bound
	case ">=":
		return v >= bound
	case "==":
		return v == bound
	}
	return v != bound
}
