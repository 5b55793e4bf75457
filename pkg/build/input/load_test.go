package input

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

// load returns the document of a text and the problems, one string each.
func load(text string) (*Node, []string) {
	var p Problems
	n := Load(File{Name: "a.yaml", Data: []byte(text)}, &p)
	return n, lines(&p)
}

func lines(p *Problems) []string {
	var out []string
	for _, problem := range p.All() {
		out = append(out, problem.String())
	}
	return out
}

func checkLines(t *testing.T, got []string, want ...string) {
	t.Helper()
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// bomb is a document in which each anchor holds the one before ten times.
func bomb(levels int) string {
	var b strings.Builder
	b.WriteString("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n")
	for i := 1; i < levels; i++ {
		fmt.Fprintf(&b, "a%d: &a%d [%s]\n", i, i, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*a%d, ", i-1), 10), ", "))
	}
	return b.String()
}

func TestUnusableDocuments(t *testing.T) {
	for _, row := range []struct{ why, text, want string }{
		{"nothing at all", "", "a.yaml:1:1: empty document"},
		{"comments only", "# nothing\n", "a.yaml:1:1: empty document"},
		{"a file over the limit has no position", strings.Repeat("#", 5<<20), "a.yaml: file of 5242880 bytes is larger than the limit of 4194304"},
		{"a byte of Latin-1", "name: x\nnote: caf\xe9\n", "a.yaml:2:10: byte 0xe9 is not UTF-8"},
		{"columns count characters, not bytes", "\u00e4\u00f6: \xff\n", "a.yaml:1:5: byte 0xff is not UTF-8"},
		{"UTF-16 with its mark", "\xff\xfea\x00", "a.yaml:1:1: byte 0xff is not UTF-8"},
		{"a bell", "a: b\nc: \x07\n", "a.yaml:2:4: character U+0007 is not allowed"},
		{"broken in the first line", "a: b: c\n", "a.yaml:1:1: broken YAML: mapping values are not allowed in this context: indented deeper than the line before, or a text with a colon, which needs quotes"},
		{"a tab to indent", "a:\n\tb: 1\n", "a.yaml:2:1: broken YAML: a tab in the indentation; indent with spaces"},
		{"a tab after spaces", "a:\n  - b\n  \t- c\n", "a.yaml:3:3: broken YAML: a tab in the indentation; indent with spaces"},
		{"a tab that indents nothing", "a:\t1\nb: [\n", "a.yaml:3:1: broken YAML: did not find expected node content"},
		{"broken further down", "a: 1\nb:\n  - x\n  y: 2\n", "a.yaml:3:3: broken YAML: did not find expected '-' indicator"},
		{"a list that does not end", "a: [1, 2\n", "a.yaml:2:1: broken YAML: did not find expected ',' or ']'"},
		{"a brace in a text between brackets", "a: [/items/{id}]\n", "a.yaml:1:1: broken YAML: did not find expected ',' or ']': between brackets or braces, a text with a brace in it needs quotes"},
		{"an anchor that is not there", "a: 1\nb: *gone\n", "a.yaml:2:4: unknown anchor \"gone\""},
		{"two documents", "a: 1\n---\nb: 2\n", "a.yaml:2:1: second document; a file holds one"},
		{"brackets beyond the parser's own limit", strings.Repeat("[", 20000), "a.yaml:1:1: broken YAML: exceeded max depth of 10000"},
		{"lists beyond ours", strings.Repeat("[", 101) + strings.Repeat("]", 101), "a.yaml:1:101: nested deeper than 100 levels"},
		{"a billion laughs", bomb(10), "a.yaml:6:10: more than 200000 values after expanding aliases"},
		{"an anchor that contains itself", "a: &a\n  b: [*a]\n", "a.yaml:2:7: alias *a stands inside its own anchor"},
		{"too many values without any alias", "[" + strings.Repeat("1,", MaxNodes) + "]", "a.yaml:1:400000: more than 200000 values after expanding aliases"},
	} {
		t.Run(row.why, func(t *testing.T) {
			n, got := load(row.text)
			if n != nil {
				t.Error("got a document, want none")
			}
			checkLines(t, got, row.want)
		})
	}
}

func TestFlawedDocuments(t *testing.T) {
	for _, row := range []struct {
		why, text string
		want      []string
	}{
		{"a duplicate key says where the first is", "name: x\ntags: []\nname: y\n",
			[]string{`a.yaml:3:1: duplicate key "name"; the first is in line 1`}},
		{"every duplicate is reported, at any depth", "a: {b: 1, b: 2}\na: 3\n",
			[]string{`a.yaml:1:11: duplicate key "b"; the first is in line 1`, `a.yaml:2:1: duplicate key "a"; the first is in line 1`}},
		{"a list cannot be a key", "? [a]\n: b\n", []string{"a.yaml:1:3: found a list as a key, want a name"}},
		{"tags of other programs mean nothing here", "a: !secret x\n", []string{`a.yaml:1:4: tag "!secret" is not supported`}},
		{"a set is no mapping", "a: !!set {x}\n", []string{`a.yaml:1:4: tag "!!set" is not supported`}},
		{"a merge key of a text", "<<: x\na: 1\n", []string{`a.yaml:1:5: merge key << of string "x", want a mapping or a list of mappings`}},
	} {
		t.Run(row.why, func(t *testing.T) {
			n, got := load(row.text)
			if n == nil {
				t.Error("got no document, want what is left of it")
			}
			checkLines(t, got, row.want...)
		})
	}
}

func TestLimitsAreReached(t *testing.T) {
	for _, row := range []struct{ why, text string }{
		{"100 levels are fine", strings.Repeat("[", 100) + strings.Repeat("]", 100)},
		{"200,000 values are fine", "[" + strings.Repeat("1,", MaxNodes-1) + "]"},
		{"a file of 4 MiB is fine", strings.Repeat("#", 4<<20-2) + "\n1"},
		{"a byte order mark is fine", "\ufeffa: 1"},
		{"an end marker is no second document", "a: 1\n...\n"},
		{"a start marker is no second document", "---\na: 1\n"},
	} {
		t.Run(row.why, func(t *testing.T) {
			n, got := load(row.text)
			if n == nil {
				t.Error("got no document")
			}
			checkLines(t, got)
		})
	}
}

func TestAliasesAndMergeKeys(t *testing.T) {
	n, got := load(`
base: &base {a: 1, b: 2}
more: &more {b: 3, c: 4}
one: {<<: *base, b: 5}
two:
  <<: [*more, *base]
  d: 6
same: *base
`)
	checkLines(t, got)
	var p Problems
	m, _ := n.Map(&p)
	for key, want := range map[string]string{
		"one":  "b=5 a=1",
		"two":  "d=6 b=3 c=4 a=1",
		"same": "a=1 b=2",
	} {
		inner, _ := m.Map(key)
		var pairs []string
		for _, e := range inner.Entries() {
			pairs = append(pairs, e.Key+"="+e.Value.Text())
		}
		if got := strings.Join(pairs, " "); got != want {
			t.Errorf("%s: got %s, want %s", key, got, want)
		}
	}
	one, _ := m.Map("one")
	if got := one.Get("a").Path(); got != "one.a" {
		t.Errorf("path of a merged value: got %s, want one.a", got)
	}
}

func TestAProblemBehindAnAliasIsOneProblem(t *testing.T) {
	n, _ := load("x: &x {type: 5}\ny: *x\n")
	var p Problems
	m, _ := n.Map(&p)
	for _, e := range m.Entries() {
		inner, _ := e.Value.Map(&p, "type")
		inner.Str("type", "")
		_, _ = e.Value.Map(&p, "typ")
	}
	checkLines(t, lines(&p),
		`a.yaml:1:8: unknown key "type"; did you mean "typ"?`,
		`a.yaml:1:14: x.type: found integer 5, want a string (quote it)`,
		`a.yaml:1:14: y.type: found integer 5, want a string (quote it)`)
}

func TestAPanicOfTheParserIsAnError(t *testing.T) {
	err := guard(func() error { panic("index out of range") })
	if err == nil || err.Error() != "the YAML parser gave up: index out of range" {
		t.Errorf("got %v", err)
	}
	pos, text := syntaxError(File{Name: "a.yaml", Data: []byte("a: 1")}, err)
	if pos.String() != "a.yaml:1:1" || text != "broken YAML: the YAML parser gave up: index out of range" {
		t.Errorf("got %v: %s", pos, text)
	}
}

func TestSyntaxErrorsStayInsideTheFile(t *testing.T) {
	pos, _ := syntaxError(File{Name: "a.yaml", Data: []byte("a\n  b")}, errors.New("yaml: line 9: odd"))
	if pos.String() != "a.yaml:2:3" {
		t.Errorf("got %v, want a.yaml:2:3", pos)
	}
}

func FuzzLoad(f *testing.F) {
	f.Add("a: &a {b: [1, 2.5, yes, ~]}\nc: *a\n<<: *a\n")
	f.Add("a: |\n  text\n? b\n: 'c'\n")
	f.Add("a: [*x]\n")
	f.Add(bomb(4))
	f.Add("\ufeff# x\n%YAML 1.2 # y\n---\na: 1\n")
	f.Add("%YAML 1.1\n%TAG ! x:\n---\na: !y 1\n")
	f.Fuzz(func(t *testing.T, text string) {
		n, p := loadProblems(text)
		CheckPositions(t, p, text)
		if n != nil {
			walk(n)
		}
	})
}

func loadProblems(text string) (*Node, *Problems) {
	var p Problems
	return Load(File{Name: "a.yaml", Data: []byte(text)}, &p), &p
}

// CheckPositions fails when a problem has no place in its file.
func CheckPositions(t *testing.T, p *Problems, text string) {
	t.Helper()
	if len(text) > MaxBytes {
		return
	}
	for _, problem := range p.All() {
		if problem.Pos.Line < 1 || problem.Pos.Column < 1 || problem.Pos.File != "a.yaml" {
			t.Errorf("no position: %v", problem)
		}
	}
}

// walk reads everything that a node offers.
func walk(n *Node) {
	var p Problems
	n.Str(&p)
	n.Bool(&p)
	n.Int(&p)
	n.Float(&p)
	_ = n.Path() + n.Describe()
	m, _ := n.Map(&p)
	for _, e := range m.Entries() {
		walk(e.Value)
	}
	items, _ := n.List(&p)
	for _, item := range items {
		walk(item)
	}
}
