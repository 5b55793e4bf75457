package terminal

import "testing"

func TestFitCountsCharacters(t *testing.T) {
	for _, c := range []struct {
		line    string
		columns int
		want    string
	}{{"abc", 5, "abc"}, {"abc", 3, "abc"}, {"abc", 2, "ab"}, {"\u00e9\u00e9\u00e9", 2, "\u00e9\u00e9"}, {"abc", 0, ""}, {"abc", -1, ""}} {
		if got := fit(c.line, c.columns); got != c.want {
			t.Errorf("%q to %d: got %q", c.line, c.columns, got)
		}
	}
}
