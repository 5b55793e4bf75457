package input

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

func TestProblemsAreSortedAndCounted(t *testing.T) {
	var p Problems
	if p.Err() != nil || p.Errors() != 0 || p.Warnings() != 0 {
		t.Fatal("a fresh list is not empty")
	}
	p.Warnf(Pos{"b.yaml", 1, 1}, "late")
	if p.Err() != nil {
		t.Error("a warning is not an error")
	}
	p.Errorf(Pos{"a.yaml", 10, 1}, "line %d", 10)
	p.Errorf(Pos{"a.yaml", 9, 12}, "second column")
	p.Errorf(Pos{"a.yaml", 9, 2}, "one")
	p.Errorf(Pos{"a.yaml", 9, 2}, "another")
	p.Errorf(Pos{"a.yaml", 9, 2}, "one")
	p.Errorf(Pos{File: "a.yaml"}, "the file")
	if p.Errors() != 5 || p.Warnings() != 1 {
		t.Errorf("got %d errors and %d warnings, want 5 and 1", p.Errors(), p.Warnings())
	}
	const want = `a.yaml: the file
a.yaml:9:2: one
a.yaml:9:2: another
a.yaml:9:12: second column
a.yaml:10:1: line 10
b.yaml:1:1: warning: late`
	err := p.Err()
	var all *Error
	if !errors.As(err, &all) || err.Error() != want {
		t.Errorf("got:\n%v\nwant:\n%s", err, want)
	}
}

func TestAllIsACopy(t *testing.T) {
	var p Problems
	p.Errorf(Pos{"a.yaml", 1, 1}, "kept")
	p.All()[0].Text = "changed"
	checkLines(t, lines(&p), "a.yaml:1:1: kept")
}

// A file can be wrong everywhere. What is said of it stays short, and says how
// much more there is.
func TestProblemsAreCappedWithACount(t *testing.T) {
	var p Problems
	for i := range 50_000 {
		p.Warnf(Pos{"a.yaml", i + 1, 1}, "early")
		p.Errorf(Pos{"b.yaml", i + 1, 1}, "late")
		p.Errorf(Pos{"b.yaml", i + 1, 1}, "late")
	}
	if p.Warnings() != 50_000 || p.Errors() < 50_000 {
		t.Errorf("counted %d warnings and %d errors", p.Warnings(), p.Errors())
	}
	if len(p.list) > 2*maxKept || len(p.seen) > 2*maxKept {
		t.Errorf("%d problems were kept", len(p.list))
	}
	shown, more := p.First(10)
	if len(shown) != 10 || more != p.Errors()+p.Warnings()-10 {
		t.Errorf("got %d and %d more", len(shown), more)
	}
	if shown[0].Warning || shown[9].Pos.Line != 10 {
		t.Errorf("warnings hide errors: %v", shown)
	}
	if text := p.Err().Error(); len(text) > 100_000 || !strings.HasSuffix(text, " more") {
		t.Errorf("%d bytes: ...%q", len(text), text[len(text)-20:])
	}

	var few Problems
	few.Errorf(Pos{"a.yaml", 1, 1}, "one")
	few.Warnf(Pos{"a.yaml", 2, 1}, "two")
	few.Warnf(Pos{"a.yaml", 3, 1}, "three")
	if shown, more := few.First(2); len(shown) != 2 || more != 1 || shown[0].Text != "one" || shown[1].Text != "two" {
		t.Errorf("got %v and %d more", shown, more)
	}
	if shown, more := few.First(3); len(shown) != 3 || more != 0 {
		t.Errorf("got %v and %d more", shown, more)
	}
}

func TestProblemsAreFitForATerminal(t *testing.T) {
	got := Problem{Pos: Pos{"a\x1b[31m.yaml", 1, 2}, Text: "x\u202ey" + strings.Repeat("z", 5000)}.String()
	if want := `a\x1b[31m.yaml:1:2: x\u202ey` + strings.Repeat("z", maxLine-5) + "..."; got != want {
		t.Errorf("got %q", got)
	}
}

// Long keys, and many of them, do not make messages costly.
func TestMessagesOfLongNamesAreBounded(t *testing.T) {
	n, _ := load("? " + strings.Repeat("k", 100_000) + "\n: {a: [" + strings.Repeat("x, ", 20_000) + "]}\n")
	var p Problems
	m, _ := n.Map(&p)
	inner, _ := m.Entries()[0].Value.Map(&p)
	for _, item := range inner.List("a") {
		item.Int(&p)
	}
	if size := len(p.Err().Error()); size > maxKept*200 {
		t.Errorf("%d bytes of messages", size)
	}
	var names []string
	for i := range 10_000 {
		names = append(names, fmt.Sprintf("name%d", i))
	}
	if got := Unknown("name", "other", names); len(got) > 1000 || !strings.HasSuffix(got, " and 9950 more") {
		t.Errorf("got %s", got)
	}
}

func TestJoinCountsWhatIsNotKept(t *testing.T) {
	var p, other Problems
	p.Errorf(Pos{"a.yaml", 1, 1}, "mine")
	for i := range 2 * maxKept {
		other.Errorf(Pos{"b.yaml", i + 1, 1}, "theirs")
		other.Warnf(Pos{"b.yaml", i + 1, 1}, "theirs")
	}
	p.Join(&other)
	if p.Errors() != 2*maxKept+1 || p.Warnings() != 2*maxKept {
		t.Errorf("counted %d errors and %d warnings", p.Errors(), p.Warnings())
	}
}
