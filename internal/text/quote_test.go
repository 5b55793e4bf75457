package text

import (
	"strings"
	"testing"
)

func TestQuote(t *testing.T) {
	for _, c := range []struct {
		why, in, want string
	}{
		{"what fits", `a"b`, `"a\"b"`},
		{"cut between characters", strings.Repeat("\u00e4", 4), `"` + strings.Repeat("\u00e4", 2) + `"...`},
		{"control characters", "\x1b[m", `"\x1b[m"`},
	} {
		if got := Quote(c.in, 5); got != c.want {
			t.Errorf("%s: got %s, want %s", c.why, got, c.want)
		}
	}
}

func TestClip(t *testing.T) {
	for _, c := range []struct{ s, want string }{{"abcd", "abcd"}, {"\xff", "\xff"}, {"abcde", "abcd..."}, {"abc\u00e9", "abc..."}, {"a\xffbcd", "abc..."}} {
		if got := Clip(c.s, 4); got != c.want {
			t.Errorf("%q: got %q, want %q", c.s, got, c.want)
		}
	}
}

func TestQuotedLine(t *testing.T) {
	if got, want := QuotedLine("a \"b\x1b", 80), `"a "b\x1b"`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestShellWord(t *testing.T) {
	for word, want := range map[string]string{
		"corpus/a-b_c.1":       "corpus/a-b_c.1",
		"":                     "''",
		"two words":            "'two words'",
		"it's":                 `'it'\''s'`,
		"$HOME":                "'$HOME'",
		"2026-01-01T00:00:00Z": "2026-01-01T00:00:00Z",
		"\xffit's":             `$'\377it\047s'`, // a file name that is no text stays what it is
		"\x1b[31m":             `$'\033[31m'`,
	} {
		if got := ShellWord(word); got != want {
			t.Errorf("%q: got %s, want %s", word, got, want)
		}
	}
}

// TestDiffering: what differs is within the limit, wherever it is.
func TestDiffering(t *testing.T) {
	same := strings.Repeat("é", 500)
	for _, c := range []struct{ name, a, b, wantA, wantB string }{
		{"short", "abc", "abd", "abc", "abd"},
		{"early", "a" + same, "b" + same, "a" + same, "b" + same},
		{"late", same + "a", same + "b" + same, "..." + same[:26] + "a", "..." + same[:26] + "b" + same},
		{"one is the start of the other", same, same + "x", "..." + same[:26], "..." + same[:26] + "x"},
		{"short and long", "x", same, "x", same},
	} {
		if a, b := Differing(c.a, c.b, 100); a != c.wantA || b != c.wantB {
			t.Errorf("%s: got %q and %q", c.name, a, b)
		}
	}
}
