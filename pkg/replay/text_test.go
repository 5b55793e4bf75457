package replay

import (
	"bytes"
	"strings"
	"testing"
)

func TestTextReportGroupsDigitsAndKnowsOne(t *testing.T) {
	r := &Report{Records: Ledger{Due: 1234567, Accepted: 1234566, Failed: 1}, LostRecords: 1, LostItems: 2345,
		Reasons: []Reason{{Outcome: "failed", Reason: "timeout", Records: 1, Items: 2345}}}
	var b bytes.Buffer
	if err := r.WriteText(&b); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"1,234,567   1,234,566", "lost: 1 record, 2,345 items", " 1         2,345  \"timeout\""} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %q in:\n%s", want, &b)
		}
	}
	if got := r.Failures(nil); len(got) != 1 || got[0] != "1 of 1,234,567 records lost (2,345 items)" {
		t.Errorf("got %q", got)
	}
}
