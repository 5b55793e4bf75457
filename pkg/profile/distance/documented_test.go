package distance

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/otelsim/otelsim/internal/documented"
)

var update = flag.Bool("update", false, "write the table of measures of docs/commands.md")

// TestFieldsAreDocumented: the page has every field of the JSON.
func TestFieldsAreDocumented(t *testing.T) {
	for mark, fields := range map[string][]string{
		"compare": documented.Fields[envelope](), "compare side": documented.Fields[amount](),
		"measure": documented.Fields[Measure](), "worst": documented.Fields[Worst](), "outlier": documented.Fields[Outlier](),
	} {
		if got := documented.Names(t, "commands.md", mark); !slices.Equal(got, fields) {
			t.Errorf("%s: docs/commands.md has %v, want %v", mark, got, fields)
		}
	}
}

// TestMeasuresAreDocumented: the page has every measure as it is.
func TestMeasuresAreDocumented(t *testing.T) {
	var b strings.Builder
	b.WriteString("| measure | group | target | what |\n|---|---|---|---|\n")
	for i := range measures {
		d := &measures[i]
		fmt.Fprintf(&b, "| `%s` | %s | %v | %s |\n", d.name, d.group, d.target, d.what)
	}
	page := documented.Page(t, "commands.md")
	const begin, end = "<!-- measures: held by a test -->\n", "<!-- end -->"
	head, rest, ok := strings.Cut(page, begin)
	table, tail, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		t.Fatal("docs/commands.md has no table of measures")
	}
	if table == b.String() {
		return
	}
	if !*update {
		t.Fatalf("docs/commands.md: got\n%s\nwant\n%s", table, b.String())
	}
	if err := os.WriteFile("../../../docs/commands.md", []byte(head+begin+b.String()+end+tail), 0o666); err != nil {
		t.Fatal(err)
	}
}

// TestGroupsAreInOrder: each group is one that is known, and measures stand by group.
func TestGroupsAreInOrder(t *testing.T) {
	last := 0
	for i := range measures {
		at := slices.Index(groups, measures[i].group)
		if at < last {
			t.Errorf("%s: group %s", measures[i].name, measures[i].group)
		}
		last = at
	}
}
