package ledger

import (
	"slices"
	"strings"
	"testing"

	"github.com/otelsim/otelsim/internal/documented"
)

func TestThePageHasEveryFieldOfALedger(t *testing.T) {
	if got := documented.Names(t, "replay.md", "ledger columns"); !slices.Equal(got, Columns) {
		t.Errorf("the page has columns %q, a ledger %q", got, Columns)
	}
	got, want := documented.Names(t, "replay.md", "ledger header"), documented.Fields[Header]()
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("the page has fields %q of the header, a ledger %q", got, want)
	}
	page := documented.Page(t, "replay.md")
	for _, name := range append(documented.Fields[Corpus](), documented.Fields[Footer]()...) {
		if !strings.Contains(page, "`"+name+"`") {
			t.Errorf("the page has no %s", name)
		}
	}
}
