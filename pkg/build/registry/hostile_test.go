package registry

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/otelsim/otelsim/pkg/build/input"
)

// TestHostile: files that are wrong everywhere, or that multiply, are read in time
// and memory that follow their size.
func TestHostile(t *testing.T) {
	const n = 1_500
	repeat := func(head, line string) string {
		var b strings.Builder
		b.WriteString(head)
		for i := range n {
			fmt.Fprintf(&b, line, i, (i+1)%n)
		}
		return b.String()
	}
	for name, file := range map[string]string{
		"references to nothing":               repeat("groups:\n", "- {id: g.%d, type: attribute_group, brief: G., extends: x.%d}\n"),
		"a circle of groups":                  repeat("groups:\n", "- {id: g.%d, type: attribute_group, brief: G., extends: g.%d}\n"),
		"a row of groups, the last one first": row(n, true),
		"a row of groups":                     row(n, false),
	} {
		var p input.Problems
		r := Load(Source{Name: name, Files: []input.File{{Name: "x.yaml", Data: []byte(file)}}}, nil, &p)
		if p.Errors() == 0 {
			t.Errorf("%s: it is read", name)
		}
		Lint(r, Bundled(), &p)
	}
}

// row returns groups of which each extends the one before and adds an attribute.
func row(n int, backwards bool) string {
	lines := []string{"- {id: g.0, type: attribute_group, brief: G., attributes: [{id: a.0, type: int, brief: A.}]}\n"}
	for i := 1; i < n; i++ {
		lines = append(lines, fmt.Sprintf("- {id: g.%d, type: attribute_group, brief: G., extends: g.%d, attributes: [{id: a.%d, type: int, brief: A.}]}\n", i, i-1, i))
	}
	if backwards {
		slices.Reverse(lines)
	}
	return "groups:\n" + strings.Join(lines, "")
}
