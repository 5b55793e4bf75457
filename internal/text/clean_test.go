package text

import (
	"testing"
	"unicode/utf8"
)

func TestClean(t *testing.T) {
	for _, c := range []struct{ why, in, want string }{
		{"nothing to do", `C:\dir "a" é 世界 😀`, `C:\dir "a" é 世界 😀`},
		{"a colour", "a\x1b[31mred", `a\x1b[31mred`},
		{"lines", "a\nb\tc\r", `a\nb\tc\r`},
		{"DEL and NUL", "\x7f\x00", `\x7f\x00`},
		{"C1 as a character: CSI of eight bits", "\u009b31m", `\u009b31m`},
		{"C1 as a byte, which is no UTF-8", "\x9b31m", `\x9b31m`},
		{"turned writing", "gpj.\u202eexe", `gpj.\u202eexe`},
		{"separators", "a\u2028b\u2029", `a\u2028b\u2029`},
		{"no shape, beyond 16 bits", "\U000e0001", `\U000e0001`},
		{"a replacement character that was written", "a\ufffdb", "a\ufffdb"},
	} {
		if got := Clean(c.in); got != c.want {
			t.Errorf("%s: got %s, want %s", c.why, got, c.want)
		}
	}
}

func TestLine(t *testing.T) {
	for _, c := range []struct {
		in    string
		limit int
		want  string
	}{
		{"short", 5, "short"},
		{"longer", 5, "longe..."},
		{"aé", 2, "a..."},
		{"\x9b\x9b\x9b\x9b\x9b\x9b", 4, `...`},
	} {
		if got := Line(c.in, c.limit); got != c.want {
			t.Errorf("%q to %d: got %q, want %q", c.in, c.limit, got, c.want)
		}
	}
}

func FuzzClean(f *testing.F) {
	f.Add("a\x1b]0;x\x07")
	f.Fuzz(func(t *testing.T, s string) {
		got := Clean(s)
		if !utf8.ValidString(got) {
			t.Fatalf("%q: %q is no UTF-8", s, got)
		}
		for _, r := range got {
			if r < 0x20 || r >= 0x7f && r < 0xa0 {
				t.Fatalf("%q: %q has %U", s, got, r)
			}
		}
		if again := Clean(got); again != got {
			t.Fatalf("%q: cleaned twice %q, once %q", s, again, got)
		}
	})
}
