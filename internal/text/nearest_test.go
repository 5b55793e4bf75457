package text

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
