package input

import (
	"math"
	"testing"
)

func TestScalars(t *testing.T) {
	n, got := load(`
str: text
quoted: "5"
int: -42
hex: 0x1F
octal: 0o17
underscored: 1_000
big: 9223372036854775807
toobig: 9223372036854775808
zeros: 010
float: 1.5e3
third: 0.1
nan: .nan
inf: -.inf
huge: 1e999
yes: yes
no: "no"
date: 2026-01-01
empty:
list: [1]
map: {a: 1}
`)
	checkLines(t, got)
	var none Problems
	m, _ := n.Map(&none)
	type result struct {
		str string
		i   int64
		f   float64
		b   bool
	}
	for key, want := range map[string]result{
		"str": {str: "text"}, "quoted": {str: "5"}, "int": {i: -42, f: -42}, "hex": {i: 31, f: 31}, "octal": {i: 15, f: 15},
		"underscored": {i: 1000, f: 1000}, "big": {i: math.MaxInt64, f: math.MaxInt64}, "toobig": {f: 9223372036854775808},
		"float": {f: 1500}, "third": {f: 0.1}, "yes": {str: "yes", b: true}, "no": {str: "no"}, "date": {str: "2026-01-01"},
		"zeros": {}, "nan": {}, "inf": {}, "huge": {str: "1e999"}, "list": {}, "map": {},
	} {
		value := m.Get(key)
		var p Problems
		var got result
		got.str, _ = value.Str(&p)
		got.i, _ = value.Int(&p)
		got.f, _ = value.Float(&p)
		got.b, _ = value.Bool(&p)
		if got != want {
			t.Errorf("%s: got %+v, want %+v", key, got, want)
		}
	}
	if m.Get("empty") != nil || !m.Has("empty") || m.Get("absent") != nil || m.Has("absent") {
		t.Error("a key without a value is there, its value is not")
	}
}

func TestWrongTypesSayWhatWasFound(t *testing.T) {
	n, _ := load(`
a: [1]
b: {c: true}
d: text
e: .nan
f: 99999999999999999999
g: 18446744073709551615
h: 007
i: 1.5
`)
	var p Problems
	m, _ := n.Map(&p)
	m.Str("a", "")
	m.Map("a")
	inner, _ := m.Map("b")
	inner.Str("c", "")
	inner.List("c")
	m.Float("d", 0, 0, 1)
	m.Bool("d", false)
	m.Float("e", 0, 0, 1)
	m.Int("f", 0, 0, 1)
	m.Int("g", 0, 0, 1)
	m.Int("h", 0, 0, 1)
	m.Int("i", 0, 0, 1)
	checkLines(t, lines(&p),
		`a.yaml:2:4: a: found a list, want a string`,
		`a.yaml:2:4: a: found a list, want a mapping`,
		`a.yaml:3:8: b.c: found boolean true, want a string (quote it)`,
		`a.yaml:3:8: b.c: found boolean true, want a list`,
		`a.yaml:4:4: d: found string "text", want a number`,
		`a.yaml:4:4: d: found string "text", want true or false`,
		`a.yaml:5:4: e: found number .nan, want a finite number`,
		`a.yaml:6:4: f: found number 99999999999999999999, want an integer`,
		`a.yaml:7:4: g: integer "18446744073709551615" does not fit 64 bits`,
		`a.yaml:8:4: h: found integer 007, want an integer (without leading zeros)`,
		`a.yaml:9:4: i: found number 1.5, want an integer`,
	)
}

func TestSlipsInScalarsHaveSuggestions(t *testing.T) {
	n, _ := load(`
a: '5'
b: " 0.5"
c: 200ms
d: 1.5 s
e: 30%
f: 0.5%
g: 5 apples
h: {x: 1}
i: key:value
j: https://example.com
k: ['5']
l: "5%"
`)
	var p Problems
	m, _ := n.Map(&p)
	m.Int("a", 0, 0, 9)
	for _, key := range []string{"b", "c", "d", "e", "f", "g", "l"} {
		m.Float(key, 0, 0, 9)
	}
	m.Int("c", 0, 0, 9)
	m.List("h")
	m.Map("i")
	m.Map("j")
	m.Float("k", 0, 0, 9)
	checkLines(t, lines(&p),
		`a.yaml:2:4: a: found string "5", want an integer; did you mean 5, without quotes?`,
		`a.yaml:3:4: b: found string " 0.5", want a number; did you mean 0.5, without quotes?`,
		`a.yaml:4:4: c: found string "200ms", want a number; did you mean 200, in milliseconds?`,
		`a.yaml:4:4: c: found string "200ms", want an integer`,
		`a.yaml:5:4: d: found string "1.5 s", want a number; did you mean 1500, in milliseconds?`,
		`a.yaml:6:4: e: found string "30%", want a number; did you mean 0.3?`,
		`a.yaml:7:4: f: found string "0.5%", want a number; did you mean 0.005?`,
		`a.yaml:8:4: g: found string "5 apples", want a number`,
		`a.yaml:9:4: h: found a mapping, want a list (items begin with a dash)`,
		`a.yaml:10:4: i: found string "key:value", want a mapping; did you mean "key: value"?`,
		`a.yaml:11:4: j: found string "https://example.com", want a mapping`,
		`a.yaml:12:4: k: found a list, want a number`,
		`a.yaml:13:4: l: found string "5%", want a number; did you mean 0.05?`,
	)
}

func TestRanges(t *testing.T) {
	n, _ := load("a: -1\nb: 1.5\nc: 11\nd: -0.5\ne: 0\nf: ' '\n")
	var p Problems
	m, _ := n.Map(&p)
	m.Float("a", 0, 0, 10)
	m.Float("b", 0, 0, 1)
	m.Int("c", 0, 1, 10)
	m.Float("d", 0, 0, 1)
	m.Int("e", 0, 0, 1)
	m.Need("f")
	m.Need("g")
	m.OneOf("f", "", "x", "y")
	checkLines(t, lines(&p),
		`a.yaml:1:1: g: missing`,
		`a.yaml:1:4: a: -1 is negative`,
		`a.yaml:2:4: b: 1.5 is not between 0 and 1`,
		`a.yaml:3:4: c: 11 is not between 1 and 10`,
		`a.yaml:4:4: d: -0.5 is not between 0 and 1`,
		`a.yaml:6:4: f: empty`,
		`a.yaml:6:4: f: unknown value ""; allowed: x, y`,
	)
}

func TestPaths(t *testing.T) {
	n, _ := load("root:\n  children:\n    - type: x\n    - {a.b: 1}\n")
	var p Problems
	m, _ := n.Map(&p)
	root, _ := m.Map("root")
	items := root.List("children")
	last, _ := items[1].Map(&p)
	if got := last.Get("a.b").Path(); got != "root.children[1].a.b" {
		t.Errorf("got %s", got)
	}
	if got := last.At("a.b").String(); got != "a.yaml:4:13" {
		t.Errorf("got %s", got)
	}
	if got := last.At("absent").String(); got != "a.yaml:4:7" {
		t.Errorf("got %s", got)
	}
}

func TestMergeKeepsBothArguments(t *testing.T) {
	n, _ := load("base: {a: 1, b: {c: 2, d: 3}, e: [1, 2]}\nover: {b: {c: 9}, e: [3], f: ~}\n")
	var p Problems
	m, _ := n.Map(&p)
	merged := Merge(m.Get("base"), m.Get("over"))
	want := `{a: 1, b: {c: 9, d: 3}, e: [3], f: }`
	if got := dump(merged); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got := dump(m.Get("base")); got != `{a: 1, b: {c: 2, d: 3}, e: [1, 2]}` {
		t.Errorf("base became %s", got)
	}
	if got := dump(Merge(nil, m.Get("over"))); got != `{b: {c: 9}, e: [3], f: }` {
		t.Errorf("over became %s", got)
	}
}

func dump(n *Node) string {
	var p Problems
	out := ""
	switch n.Kind {
	case Mapping:
		m, _ := n.Map(&p)
		for i, e := range m.Entries() {
			if i > 0 {
				out += ", "
			}
			out += e.Key + ": " + dump(e.Value)
		}
		return "{" + out + "}"
	case List:
		items, _ := n.List(&p)
		for i, item := range items {
			if i > 0 {
				out += ", "
			}
			out += dump(item)
		}
		return "[" + out + "]"
	case Null:
		return ""
	}
	return n.Text()
}
