package definitions_test

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/otelsim/otelsim/config"
	"github.com/otelsim/otelsim/pkg/build/input"
	"github.com/otelsim/otelsim/pkg/build/scenario"
)

// systemsPage returns the page about systems.
func systemsPage(t *testing.T) string {
	t.Helper()
	data, err := os.ReadFile("../docs/systems.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

var (
	keyTable = regexp.MustCompile(`(?s)<!-- keys: ([^\n]*) -->\n(.*?)<!-- end -->`)
	firstKey = regexp.MustCompile("(?m)^\\| (`[^|]*`) \\|")
)

// TestThePageOfSystemsHasEveryKey: each table has the keys of its lists, no more
// and no less, and each list has a table.
func TestThePageOfSystemsHasEveryKey(t *testing.T) {
	page, lists := systemsPage(t), keyLists(t, "system_keys.go")
	told := []string{"systemConversationKeys"} // in the row of conversation
	for _, table := range keyTable.FindAllStringSubmatch(page, -1) {
		var want, got []string
		for _, name := range strings.Fields(table[1]) {
			if lists[name] == nil {
				t.Errorf("%s: no such list of keys", name)
			}
			want, told = append(want, lists[name]...), append(told, name)
		}
		for _, row := range firstKey.FindAllStringSubmatch(table[2], -1) {
			for _, key := range code.FindAllString(row[1], -1) {
				got = append(got, strings.Trim(key, "`"))
			}
		}
		slices.Sort(got)
		if want = slices.Compact(slices.Sorted(slices.Values(want))); !slices.Equal(got, want) {
			t.Errorf("table of %s: got\n%q, want\n%q", table[1], got, want)
		}
	}
	for name, words := range lists {
		if strings.HasSuffix(name, "Keys") && !slices.Contains(told, name) {
			t.Errorf("%s has no table", name)
		}
		for _, word := range words {
			listed := name == "HTTPMethods" || name == "grpcCodes" // those of the protocols, which need no telling
			if !listed && !strings.Contains(page, "`"+word+"`") && !strings.Contains(page, "{"+word+"}") && !strings.Contains(page, "{"+word+",") {
				t.Errorf("docs/systems.md does not name %s of %s", word, name)
			}
		}
	}
}

// TestTheExamplesOfSystemsAreValid reads each of them: without a problem, and
// without a warning.
func TestTheExamplesOfSystemsAreValid(t *testing.T) {
	bundled, err := config.FS.ReadFile("config.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var none input.Problems
	c := scenario.ParseConfig(input.File{Name: "config.yaml", Data: bundled}, &none)
	blocks := yamlBlock.FindAllStringSubmatch(systemsPage(t), -1)
	if len(blocks) < 5 {
		t.Fatalf("got %d examples, want at least 5", len(blocks))
	}
	for _, block := range blocks {
		var p input.Problems
		out := scenario.Parse([]input.File{{Name: "example.yaml", Data: []byte(block[1])}}, c, scenario.ParseOptions{}, &p)
		for _, problem := range p.All() {
			t.Errorf("%s\nof\n%s", problem, block[1])
		}
		if len(out) != 1 || out[0].System == nil {
			t.Errorf("no system:\n%s", block[1])
		}
	}
}

// TestTheDefaultsOfSystemsAreTold: the tables have the numbers that are filled in.
func TestTheDefaultsOfSystemsAreTold(t *testing.T) {
	const text = `services:
  a: {operations: {GET /: {error: 1, calls: [b.M, c.q, {span: s}]}}}
  b: {protocol: grpc, operations: {M: {error: 1}}}
  c: {protocol: messaging, operations: {q: {error: 1}}}
`
	var p input.Problems
	s := scenario.Parse([]input.File{{Name: "a.yaml", Data: []byte(text)}}, nil, scenario.ParseOptions{}, &p)[0].System
	if p.Errors() > 0 {
		t.Fatal(p.All())
	}
	a, b, c := &s.Services[0], &s.Services[1], &s.Services[2]
	op := &a.Operations[0]
	page := systemsPage(t)
	for _, row := range []string{
		fmt.Sprintf("| `own` | duration | %v |", op.Latency.Mean),
		fmt.Sprintf("| `latency`, `own` | duration | own time of %v |", op.Calls[2].Inner.Latency.Mean),
		fmt.Sprintf("| `network` | duration | %v |", op.Calls[0].Network.Mean),
		fmt.Sprintf("| `queue` | duration | %v |", op.Calls[1].Queue.Mean),
		fmt.Sprintf("| `instances` | 1 to 1000 | %d |", a.Instances),
		fmt.Sprintf("| http %d, grpc %d,", a.Port, b.Port),
		fmt.Sprintf("| `%s`, `postgresql`, `%s` |", b.System, c.System),
		fmt.Sprintf("| %s, %s, `%s` of all others |", op.Error.Types[0], b.Operations[0].Error.Types[0], c.Operations[0].Error.Types[0]),
	} {
		if !strings.Contains(page, row) {
			t.Errorf("docs/systems.md does not have %q", row)
		}
	}
}
