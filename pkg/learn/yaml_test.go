package learn

import (
	"strings"
	"testing"

	"github.com/otelsim/otelsim/pkg/build/input"
)

// TestTextIsReadBack: any text comes back from a file as it was, as text.
func TestTextIsReadBack(t *testing.T) {
	for _, s := range []string{
		"plain", "GET /cart/{id}", "true", "No", "404", "1e3", "-", "a: b", "a #b", "[x]", "it's", `"q"`, "\t", "ä\u2028\x00", "", " x ", "null", "~", "*a", "&a", "!t",
		"%YAML", "? x", "- x", "a\nb", "bad \xff utf", "x,y", "a  b", "0x1F", "2026-01-01", ".inf", "=",
	} {
		m := mapping()
		m.put(s+"k", word(s))
		m.put("in", list(word(s), mapping().set("deep", word(s))))
		text := string(m.file("a test"))
		var p input.Problems
		n := input.Load(input.File{Name: "t.yaml", Data: []byte(text)}, &p)
		if p.Errors() > 0 {
			t.Errorf("%q: %v in\n%s", s, p.All(), text)
			continue
		}
		want := strings.ToValidUTF8(s, "\ufffd")
		read, _ := n.Map(&p)
		e := read.Entries()
		if v, ok := e[0].Value.Str(&p); !ok || v != want || e[0].Key != want+"k" {
			t.Errorf("%q came back as %q: %q in\n%s", s, e[0].Key, v, text)
		}
	}
}

// TestLayout: what is short stands in a line, and comments where they belong.
func TestLayout(t *testing.T) {
	m := mapping()
	a := m.put("a", mapping())
	a.above = "first\nsecond"
	x := list(word("one"), mapping().set("call", word("two")).set("count", raw("3")))
	x.items[1].beside = "9 spans"
	a.put("calls", x)
	a.put("short", mapping().set("k", raw("1")))
	a.put("long", list(mapping().set("k", word(strings.Repeat("x", 120))), mapping().set("k", list(raw("1"), raw("2")))))
	want := `# first
# second
a:
  calls:
    - one
    - {call: two, count: 3} # 9 spans
  short: {k: 1}
  long:
    - k: ` + strings.Repeat("x", 120) + `
    - {k: [1, 2]}
`
	if got := string(m.file("")); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
