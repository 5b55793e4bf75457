package findings

import (
	"encoding/json"
	"encoding/xml"
	"slices"
	"strings"
	"testing"

	"github.com/otelsim/otelsim/internal/documented"
)

// TestFieldsAreDocumented: the page has every field, in the order of the code.
func TestFieldsAreDocumented(t *testing.T) {
	for mark, want := range map[string][]string{
		"finding": documented.Fields[Finding](), "where": documented.Fields[Where](), "example": documented.Fields[Example](),
	} {
		if got := documented.Names(t, "commands.md", mark); !slices.Equal(got, want) {
			t.Errorf("%s: docs/commands.md has %q, want %q", mark, got, want)
		}
	}
}

// What strangers wrote must not end a text, close a tag or move a cursor.
const hostile = "a\x1b[2J\"</failure>]]>\xff\u202e&\n"

func TestWriteJSON(t *testing.T) {
	list := []Finding{{
		Rule: "span-id", Level: Violation, Count: 2, Message: hostile, Where: Where{File: hostile, Segment: Number(0), Iteration: Number(int64(-1))},
		Examples: []Example{{Where{Service: hostile}, hostile, hostile, hostile}},
	}}
	var b strings.Builder
	if err := WriteJSON(&b, Clean(list)); err != nil {
		t.Fatal(err)
	}
	if strings.ContainsAny(b.String(), "\x1b\u202e\xff") {
		t.Errorf("got %q", b.String())
	}
	var got []map[string]any
	if err := json.Unmarshal([]byte(b.String()), &got); err != nil {
		t.Fatal(err)
	}
	where := got[0]["where"].(map[string]any)
	if got[0]["rule"] != "span-id" || where["segment"] != 0.0 || len(where) != 2 {
		t.Errorf("got %v", got)
	}
	if list[0].Message != hostile || list[0].Examples[0].Message != hostile {
		t.Error("the findings themselves were changed")
	}
	b.Reset()
	if err := WriteJSON(&b, Clean(nil)); err != nil || b.String() != "[]\n" {
		t.Errorf("no findings are %q, %v", b.String(), err)
	}
}

func TestWriteJUnit(t *testing.T) {
	var b strings.Builder
	err := WriteJUnit(&b, "check", []Case{{Name: "kept"}, {Name: "broken", Failures: 5, Message: hostile, Details: []string{hostile, "b"}}})
	if err != nil {
		t.Fatal(err)
	}
	var got suites
	if err := xml.Unmarshal([]byte(b.String()), &got); err != nil {
		t.Fatalf("%v in %s", err, b.String())
	}
	if got.Tests != 2 || got.Failures != 1 || len(got.Suites) != 1 || len(got.Suites[0].Cases) != 2 {
		t.Fatalf("got %+v", got)
	}
	s := got.Suites[0]
	if s.Name != "check" || s.Tests != 2 || s.Failures != 1 || s.Cases[0].Failure != nil {
		t.Errorf("got %+v", s)
	}
	const clean = `a\x1b[2J"</failure>]]>\xff\u202e&\n`
	f := s.Cases[1].Failure
	if f == nil || f.Message != "5 findings: "+clean || f.Text != clean+"\nb\nand 3 more" {
		t.Errorf("got %+v", f)
	}
}
