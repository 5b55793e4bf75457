package input

import "testing"

func TestYAMLDirectivesAreRead(t *testing.T) {
	for _, row := range []struct{ why, text, want string }{
		{"none", "a: 1\n", ""},
		{"1.1", "%YAML 1.1\n---\na: 1\n", ""},
		{"1.2", "%YAML 1.2\n---\na: 1\n", ""},
		{"after a comment, a blank line, a byte order mark", "\ufeff# made by hand\n\n%YAML 1.2\n---\na: 1\n", ""},
		{"right after a byte order mark", "\ufeff%YAML 1.2\n---\na: 1\n", ""},
		{"with a comment, and lines that end as on Windows", "%YAML   1.2 # as said\r\n---\r\na: 1\r\n", ""},
		{"what looks like one in a text", "a: |\n  %YAML 3.0\n", ""},
		{"what looks like one after the start", "---\na: |\n  x\n", ""},
		{"a version of the future", "%YAML 2.0\n---\na: 1\n", `a.yaml:1:1: YAML directive "%YAML 2.0": want %YAML 1.1 or %YAML 1.2, or no such line`},
		{"no version", "# x\n%YAML\n---\na: 1\n", `a.yaml:2:1: YAML directive "%YAML": want %YAML 1.1 or %YAML 1.2, or no such line`},
		{"two", "%YAML 1.2\n%YAML 1.2\n---\na: 1\n", `a.yaml:2:1: second %YAML directive; a file has one`},
	} {
		t.Run(row.why, func(t *testing.T) {
			data := []byte(row.text)
			var p Problems
			n := Load(File{Name: "a.yaml", Data: data}, &p)
			if row.want != "" {
				checkLines(t, lines(&p), row.want)
				return
			}
			checkLines(t, lines(&p))
			if n == nil || n.Kind != Mapping || len(n.entries) != 1 || n.entries[0].Key != "a" {
				t.Fatalf("got %+v", n)
			}
			if string(data) != row.text {
				t.Error("the bytes that were given have changed")
			}
		})
	}
}

// A directive moves no position of what follows it.
func TestDirectivesMoveNoPosition(t *testing.T) {
	var p Problems
	n := Load(File{Name: "a.yaml", Data: []byte("%YAML 1.2\n---\na:\n  b: x\n")}, &p)
	m, _ := n.Map(&p)
	inner, _ := m.Map("a")
	inner.Int("b", 0, 0, 1)
	checkLines(t, lines(&p), `a.yaml:4:6: a.b: found string "x", want an integer`)
}
