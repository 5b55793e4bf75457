package input

import (
	"strings"
	"testing"
	"time"
)

func TestZZHostile(t *testing.T) {
	n := 4<<20
	for name, s := range map[string]string{
		"flowa": "[" + strings.Repeat("a,", n/2-2) + "]",
		"dash": strings.Repeat("- ", 5000),
		"dashlines": strings.Repeat("- a\n", n/4),
		"open": strings.Repeat("[", n),
		"openbr": strings.Repeat("{", n),
		"comments": strings.Repeat("#\n", n/2),
		"commentsa": strings.Repeat("a:\n#\n", n/5),
		"quest": strings.Repeat("? ", n/2),
		"questl": strings.Repeat("?\n", n/2),
		"colon": strings.Repeat("a: ", n/3),
		"anchors": strings.Repeat("&a ", n/3),
		"anchorlist": strings.Repeat("- &a a\n- *a\n", n/12),
		"pct": strings.Repeat("%", n),
		"docs": strings.Repeat("---\n", n/4),
		"quote": "\"" + strings.Repeat("a", n-10),
		"quotenl": "\"" + strings.Repeat("\n", n-10),
		"long": strings.Repeat("a", n),
		"keys": strings.Repeat("aa:\n", n/4),
		"bang": strings.Repeat("!", n),
		"literal": "a: |\n" + strings.Repeat(" \n", n/2-10),
		"tabs": strings.Repeat("\t", n),
		"indent": func() string { var b strings.Builder; for i := 0; b.Len() < n-3000; i++ { b.WriteString(strings.Repeat(" ", i)); b.WriteString("a:\n") }; return b.String() }(),
		"flowmap": "{" + strings.Repeat("a,", n/2-2) + "}",
		"flowcmt": "[" + strings.Repeat("a, #b\n", n/6-2) + "]",
		"seqcmt":  strings.Repeat("- a #b\n#c\n\n#d\n", n/14-2),
	} {
		var p Problems
		t0 := time.Now()
		Load(File{name, []byte(s)}, &p)
		m := ""
		if p.Err() != nil { m = p.Err().Error() }
		if len(m) > 150 { m = m[:150] }
		t.Log(name, time.Since(t0).Round(time.Millisecond), m)
	}
}
