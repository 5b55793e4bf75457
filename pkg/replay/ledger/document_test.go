package ledger

import (
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// documented returns the names in the first column of a marked table of the page
// about replays.
func documented(t *testing.T, mark string) (names []string) {
	t.Helper()
	page, err := os.ReadFile("../../../docs/replay.md")
	if err != nil {
		t.Fatal(err)
	}
	part := regexp.MustCompile(`(?s)<!-- ` + mark + `: held by a test -->\n(.*?)<!-- end -->`).FindSubmatch(page)
	if part == nil {
		t.Fatalf("docs/replay.md has no %s", mark)
	}
	for row := range strings.SplitSeq(string(part[1]), "\n") {
		if first, _, ok := strings.Cut(strings.TrimPrefix(row, "|"), "|"); ok {
			for _, name := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(first, -1) {
				names = append(names, name[1])
			}
		}
	}
	return names
}

// fields returns the names of a struct's fields in JSON.
func fields(v any) (names []string) {
	for f := range reflect.TypeOf(v).NumField() {
		name, _, _ := strings.Cut(reflect.TypeOf(v).Field(f).Tag.Get("json"), ",")
		names = append(names, name)
	}
	return names
}

func TestThePageHasEveryFieldOfALedger(t *testing.T) {
	if got := documented(t, "ledger columns"); !slices.Equal(got, Columns) {
		t.Errorf("the page has columns %q, a ledger %q", got, Columns)
	}
	got, want := documented(t, "ledger header"), fields(Header{})
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("the page has fields %q of the header, a ledger %q", got, want)
	}
	page, err := os.ReadFile("../../../docs/replay.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range append(fields(Corpus{}), fields(Footer{})...) {
		if !strings.Contains(string(page), "`"+name+"`") {
			t.Errorf("the page has no %s", name)
		}
	}
}
