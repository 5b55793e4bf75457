package input

import (
	"strings"
	"testing"
)

func TestNearest(t *testing.T) {
	names := []string{"planner", "llm.call", "task.execute", "tools.recommend", "happy_path", "ab"}
	for _, row := range []struct{ why, name, want string }{
		{"one letter too many", "plannner", "planner"},
		{"one letter missing", "planer", "planner"},
		{"two letters swapped", "lml.call", "llm.call"},
		{"another separator", "task_execute", "task.execute"},
		{"upper case is no mistake", "HAPPY_PATH", "happy_path"},
		{"short names allow one mistake", "a", "ab"},
		{"a different word has no neighbour", "database", ""},
		{"nothing has no neighbour", "", ""},
		{"a long text is no typing mistake", strings.Repeat("planner", 20), ""},
	} {
		t.Run(row.why, func(t *testing.T) {
			got, ok := Nearest(row.name, names)
			if got != row.want || ok != (row.want != "") {
				t.Errorf("got %q, %v, want %q", got, ok, row.want)
			}
		})
	}
}

func TestNearestDoesNotDependOnOrder(t *testing.T) {
	for _, candidates := range [][]string{{"cat", "bat"}, {"bat", "cat"}} {
		if got, _ := Nearest("rat", candidates); got != "bat" {
			t.Errorf("got %s, want bat", got)
		}
	}
}

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
