package plan

import (
	"fmt"
	"strings"
	"testing"
)

// TestResourcesOfAServiceAreBounded, by the values of all attributes together and what
// spans say of theirs.
func TestResourcesOfAServiceAreBounded(t *testing.T) {
	text := func(pool, operations int) string {
		out := fmt.Sprintf(`
name: many
values:
  a: {pattern: "{hex:8}", pool: %d, per: session}
  b: [x, y]
services:
  web:
    attributes: {a: {use: a}, b: {use: b}, again: {use: a}}
    operations:
`, pool)
		for i := range operations {
			out += fmt.Sprintf("      GET /%d: {resource: {part: p%d}}\n", i, i)
		}
		return out
	}
	for _, c := range []struct {
		pool, operations int
		many             bool
	}{{500, 1, false}, {501, 1, true}, {50, 10, false}, {50, 11, true}} {
		_, problems := systems(t, text(c.pool, c.operations))
		got := fmt.Sprint(problems.All())
		if many := strings.Contains(got, `a.yaml:7:3: service "web": each of its instances has over 1000 different resources`); many != c.many || problems.Errors() > 1 {
			t.Errorf("a pool of %d and %d operations: %s", c.pool, c.operations, got)
		}
	}
}
