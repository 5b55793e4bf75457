package replay

import (
	"bytes"
	"strings"
	"testing"
)

func TestNumbersReadAsPeopleWriteThem(t *testing.T) {
	for n, want := range map[uint64]string{0: "0 records", 1: "1 record", 2: "2 records", 999: "999 records",
		1000: "1,000 records", 1234567: "1,234,567 records"} {
		if got := Counted(n, "record"); got != want {
			t.Errorf("%d: got %q, want %q", n, got, want)
		}
	}
	for v, want := range map[float64]string{0: "0", 0.0004: "0", 0.5: "0.5", 100: "100", 999.9996: "1,000",
		1000: "1,000", 4999.6: "4,999.6", 1e6: "1,000,000", 1234567.125: "1,234,567.125"} {
		if got := number(v); got != want {
			t.Errorf("%v: got %q, want %q", v, got, want)
		}
	}
}

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
