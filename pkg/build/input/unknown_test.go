package input

import (
	"strings"
	"testing"
)

func TestUnknown(t *testing.T) {
	for _, row := range []struct {
		why, name string
		allowed   []string
		want      string
	}{
		{"a neighbour and the rest", "maen", []string{"mean", "max"}, `unknown key "maen"; did you mean "mean"? allowed: max, mean`},
		{"no neighbour", "colour", []string{"b", "a", "b"}, `unknown key "colour"; allowed: a, b`},
		{"a neighbour that is the only choice", "step", []string{"steps"}, `unknown key "step"; did you mean "steps"?`},
		{"nothing to choose from", "x", nil, `unknown key "x"; none is defined`},
		{"a long name is cut between characters", strings.Repeat("\u00e4", 40), []string{"a"},
			`unknown key "` + strings.Repeat("\u00e4", 30) + `"...; allowed: a`},
	} {
		t.Run(row.why, func(t *testing.T) {
			if got := Unknown("key", row.name, row.allowed); got != row.want {
				t.Errorf("got  %s\nwant %s", got, row.want)
			}
		})
	}
}
